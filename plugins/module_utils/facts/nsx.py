# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What NSX has of an appliance's path: rules in their order, groups, services, segments, DNS."""

from __future__ import annotations

from ..clients.nsx import CLOUD, POLICY
from ..engine.findings import Untold
from ..errors import ApiError
from ..resources import nsx_group, nsx_rule
from ..resources.nsx_object import shown_address

SYSTEM = ("VCENTER", "ESXI")
CATEGORIES = ("Emergency", "Infrastructure", "Environment", "Application")
SECURITY_POLICIES = "/infra/domains/cgw/security-policies"
SEGMENTS = ("/infra/tier-1s/cgw/segments", "/infra/segments")
FORWARDER = "/infra/tier-1s/cgw/dns-forwarder"


def collect(nsx, told) -> dict:
    """``told`` reads what may be withheld."""
    rules = {domain: _in_order(nsx_rule.find(nsx, domain=domain)) for domain in ("mgw", "cgw")}
    distributed = told(lambda: _distributed(nsx))
    everything = [*rules["mgw"], *rules["cgw"], *([] if isinstance(distributed, Untold) else distributed)]
    return {
        "rules": rules,
        "distributed": distributed,
        "groups": _groups(nsx, everything, told),
        "services": _services(nsx, everything),
        "segments": [each for path in SEGMENTS for raw in nsx.list(path) for each in _segments(raw)],
        "forwarder": _forwarder(nsx),
        "public_address": told(lambda: _public_address(nsx)),
    }


def attachments(nsx) -> list[dict]:
    """The SDDC's groups, with their transit gateways."""
    return [{"tgw_id": raw.get("tgw_id")} for raw in nsx.cloud_list("/infra/associated-groups")]


def learned_routes(nsx) -> list[dict]:
    """The ways that Direct Connect and Transit Connect have taught the SDDC. Those of a VPN are not among them."""
    return [
        {
            "network": raw["destination"],
            "by": ", ".join(each.get("connectivity_type") or "?" for each in raw.get("connectivities") or []),
        }
        for raw in nsx.cloud_list("/infra/external/routes/learned", "routes", certain=True)
        if raw.get("destination")
    ]


def lookup(nsx, name: str) -> dict:
    """What the compute gateway's forwarder answers for a name."""
    answer = nsx.request("GET", f"{POLICY}{FORWARDER}/nslookup", params={"address": name})
    points = (answer or {}).get("dns_answer_per_enforcement_point") or []
    if not points:
        raise ApiError("it does not look names up", attempted=f"look up {name}", service="nsx")
    found = [
        each.get("address")
        for point in points
        for kind in ("authoritative_answers", "non_authoritative_answers")
        for each in point.get(kind) or []
    ]
    return {
        "addresses": sorted({address for address in found if address}),
        "text": "; ".join(point["raw_answer"] for point in points if point.get("raw_answer")),
    }


def _in_order(raw) -> list[dict]:
    return [nsx_rule.view(each) for each in sorted(raw, key=lambda rule: rule.get("sequence_number") or 0)]


def _distributed(nsx) -> list[dict]:
    """The rules of all its policies in the order in which they are looked at, each with where it applies."""
    policies = [raw for raw in nsx.list(SECURITY_POLICIES) if raw.get("category") in CATEGORIES]
    policies.sort(key=lambda raw: (CATEGORIES.index(raw["category"]), _place(raw)))
    found = []
    for policy in policies:
        for raw in sorted(nsx.list(f"{SECURITY_POLICIES}/{policy['id']}/rules"), key=_place):
            applied = _scope(policy) if _scope(raw) == ["ANY"] else _scope(raw)
            found.append({**nsx_rule.view(raw), "category": policy["category"], "applied_to": applied})
    return found


def _place(raw) -> int:
    return raw.get("internal_sequence_number") or raw.get("sequence_number") or 0


def _scope(raw) -> list[str]:
    return raw.get("scope") or ["ANY"]


def _groups(nsx, rules, told) -> dict:
    """The addresses of each group that a rule names; ``None`` where NSX does not tell them."""
    sides = ("source_groups", "destination_groups", "applied_to")
    paths = {path for rule in rules for side in sides for path in rule.get(side, ()) if path.startswith("/")}
    system = {nsx_group.group_path("mgw", name) for name in SYSTEM}
    # One list for each domain instead of one read for each group.
    listed = [told(lambda domain=domain: nsx_group.find(nsx, domain=domain)) for domain in ("mgw", "cgw")]
    known = {raw.get("path"): raw for each in listed if not isinstance(each, Untold) for raw in each}
    return {path: _members(nsx, path, known.get(path), told) for path in sorted(paths | system)}


def _members(nsx, path, raw, told):
    if raw is None:
        raw = told(lambda: nsx.get(path))
    if raw is None or isinstance(raw, Untold):
        return None
    found = nsx_group.addresses(raw)
    if found is None or (not found and nsx_group.is_system_defined(path, raw)):
        members = told(lambda: nsx.list(f"{path}/members/ip-addresses"))
        found = None if isinstance(members, Untold) else [shown_address(text) for text in members]
    return found


def _services(nsx, rules) -> dict:
    paths = {path for rule in rules for path in rule["services"] if path.startswith("/")}
    found = {path: nsx.get(path) for path in sorted(paths)}
    return {path: raw and (raw.get("service_entries") or []) for path, raw in found.items()}


def _segments(raw) -> list[dict]:
    connected = (raw.get("advanced_config") or {}).get("connectivity", "ON") == "ON"
    connected = connected and raw.get("admin_state", "UP") == "UP" and raw.get("type") != "DISCONNECTED"
    return [
        {
            "id": raw["id"],
            "path": raw.get("path"),
            "network": subnet.get("network") or subnet["gateway_address"],
            "connected": connected,
            "dns_servers": (subnet.get("dhcp_config") or {}).get("dns_servers") or [],
        }
        for subnet in raw.get("subnets") or []
    ]


def _forwarder(nsx) -> dict | None:
    raw = nsx.get(FORWARDER)
    if raw is None:
        return None
    paths = [raw.get("default_forwarder_zone_path"), *(raw.get("conditional_forwarder_zone_paths") or [])]
    zones = [nsx.get(path) for path in paths if path]
    return {
        "enabled": raw.get("enabled", True),
        "zones": [
            {"id": zone["id"], "domains": _domains(zone), "servers": zone.get("upstream_servers") or []}
            for zone in zones
            if zone
        ],
    }


def _domains(zone) -> list[str]:
    return [domain.strip(".") for domain in zone.get("dns_domain_names") or [] if domain.strip(".")]


def _public_address(nsx) -> str:
    """The address that the SDDC's workloads show to the outside."""
    config = nsx.request("GET", f"{CLOUD}/infra/sddc-user-config") or {}
    if not config.get("cgw_snat_ip"):
        raise ApiError("it names none", attempted="read the compute gateway's public address", service="nsx")
    return config["cgw_snat_ip"]
