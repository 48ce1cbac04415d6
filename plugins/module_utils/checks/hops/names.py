# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The hops of names: who would be asked for them, and what the answers are."""

from __future__ import annotations

from ...engine.findings import Untold, broken, ok, unknown
from . import rules
from .gateways import segment_of, vcenter_target
from .spans import listed, span
from .way import addresses, sources

SWITCH = "Switch the vCenter Server FQDN resolution address to private (SDDC, Settings)."


def dns(facts):
    names = {facts["endpoint"]["dns_name"]: addresses(facts)}
    if facts["platform"] != "vmc":
        return unknown(
            " ".join(f"Only the appliance can ask its DNS servers for {name}.{_here(facts, name)}" for name in names)
        )
    names.update(dict.fromkeys(facts["esxi_names"]))
    if not _servers(facts):
        return broken(
            f"The segment names no DNS server, and the compute gateway's forwarder is off: {listed(names)} cannot be resolved.",
            "Switch the compute gateway's DNS forwarder on, or give the segment DNS servers.",
        )
    found = [_resolution(facts, name, expected) for name, expected in names.items()]
    for verdict in ("broken", "unknown"):
        told = [each for each in found if each["verdict"] == verdict]
        if told:
            return {**told[0], "evidence": " ".join(each["evidence"] for each in told)}
    return ok(" ".join(each["evidence"] for each in found))


def vcenter_name(facts):
    sddc = facts["sddc"]
    if not sddc or sddc["dns_with_management_vm_private_ip"] is None:
        return unknown("The VMC API was not asked: org_id and sddc_id say of which SDDC.")
    name, here = sddc["vcenter_hostname"], _here(facts, sddc["vcenter_hostname"])
    if sddc["dns_with_management_vm_private_ip"]:
        return ok(f"{name} is set to resolve to its private address {sddc['vcenter_management_ip']}.{here}")
    public = facts["public_address"]
    if isinstance(public, Untold):
        return unknown(f"{name} resolves to its public address, and NSX does not tell the SDDC's own: {public}", SWITCH)
    if (
        rules.judged(facts, facts["rules"]["mgw"], [span(public)], [vcenter_target(facts)], gateway="", change="")
        is None
    ):
        return ok(f"{name} resolves to its public address; the management gateway lets {public} in.{here}")
    return broken(
        f"{name} resolves to its public address {sddc['vcenter_public_ip']}. Traffic to it arrives from {public}, "
        f"which no rule of the management gateway lets in.{here}",
        SWITCH,
    )


def _servers(facts) -> list:
    """Who would be asked: the segment's own servers, else those behind the forwarder."""
    return _own_servers(facts) or [server for zone in _zones(facts) for server in zone["servers"]]


def _own_servers(facts) -> list:
    found = [segment_of(facts, source) for source in sources(facts)]
    return sorted({server for each in found if each for server in each["dns_servers"]})


def _zones(facts) -> list:
    forwarder = facts["forwarder"]
    return forwarder["zones"] if forwarder and forwarder["enabled"] else []


def _zone_for(facts, name):
    """The zone with the longest domain that the name lies in; the default one has none."""
    fitting = [
        (len(domain), zone)
        for zone in _zones(facts)
        for domain in zone["domains"] or [""]
        if not domain or f".{name}".endswith(f".{domain}")
    ]
    return max(fitting, key=lambda pair: pair[0])[1] if fitting else None


def _resolution(facts, name, expected) -> dict:
    here = _here(facts, name)
    own = _own_servers(facts)
    if own:
        return unknown(f"Only the appliance can ask {listed(own)}, its segment's DNS servers, for {name}.{here}")
    zone = _zone_for(facts, name)
    where = f"zone {zone['id']} ({listed(zone['servers'])})" if zone else "no zone"
    answer = facts["answers"].get(name)
    if answer is None or isinstance(answer, Untold):
        return unknown(
            f"The compute gateway would ask {where} for {name}; NSX does not tell the answer: {answer}{here}"
        )
    if not answer["addresses"] or (expected and not set(answer["addresses"]) <= set(expected)):
        said = listed(answer["addresses"]) or answer["text"] or "nothing"
        wanted = f", not {listed(expected)}" if expected else ""
        return broken(
            f"For {name} the compute gateway's {where} answers {said}{wanted}.{here}",
            "Let the zone ask DNS servers that resolve public names and pass on private addresses, such as a Route 53 inbound endpoint.",
        )
    return ok(f"For {name} the compute gateway's {where} answers {listed(answer['addresses'])}.")


def _here(facts, name) -> str:
    found = facts["here"].get(name)
    return "" if found is None else f" Asked from here: {listed(found) or 'no answer'}."
