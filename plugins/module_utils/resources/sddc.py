# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An SDDC, as far as it may be shown: its document also holds passwords."""

from __future__ import annotations

from urllib.parse import urlsplit

from ..clients.nsx import proxied_url
from ..errors import ApiError, BadCredentials
from ..values import canonical


def find(vmc, *, sddc_id: str | None = None, name: str | None = None) -> list[dict]:
    if sddc_id is None:
        return [raw for raw in vmc.sddcs() if name in (None, raw.get("name"))]
    raw = vmc.sddc(sddc_id)
    return [raw] if raw is not None and name in (None, raw.get("name")) else []


def describe(vmc, nsx_at, raw: dict) -> dict:
    """The view of an SDDC with its link to the customer's VPC. ``nsx_at`` makes the client of an NSX URL."""
    linked = nsx_at(proxied_url(raw)).cloud_list("/infra/linked-vpcs") if raw.get("sddc_state") == "READY" else []
    return {**view(raw, vmc.connections(raw["id"]), linked), "maintenance_state": maintenance_state(vmc, raw["id"])}


def maintenance_state(vmc, sddc_id: str) -> str | None:
    """RUNNING while the SDDC is being maintained or upgraded, else empty; ``None`` where nobody tells."""
    try:
        found = vmc.reservations()
    except BadCredentials:
        raise
    except ApiError as refused:  # GET reservations is deprecated, and may be gone
        if refused.retryable:
            raise
        return None
    if not isinstance(found, list):
        return None
    ours = [each for each in found if each.get("sddc_id") == sddc_id]
    # GET reservations: in_maintenance_window only says that the SDDC is inside its regular window.
    return "RUNNING" if any(each.get("in_maintenance_mode") for each in ours) else ""


def view(raw: dict, connections: list[dict], linked: list[dict]) -> dict:
    config = raw.get("resource_config") or {}
    manifest = config.get("sddc_manifest") or {}
    return {
        "id": raw["id"],
        "name": raw.get("name"),
        "org_id": raw.get("org_id"),
        "sddc_state": raw.get("sddc_state"),
        "version": manifest.get("vmc_version"),
        "region": _region(config.get("region")),
        "availability_zones": canonical(config.get("availability_zones") or []),
        "availability_zone_ids": _zone_ids(linked),
        "witness_availability_zone": config.get("witness_availability_zone"),
        "deployment_type": config.get("deployment_type"),
        "vcenter_url": _base(config.get("vc_url")),
        "vcenter_hostname": urlsplit(config.get("vc_url") or "").hostname,
        "vcenter_management_ip": config.get("vc_management_ip"),
        "vcenter_public_ip": config.get("vc_public_ip"),
        "dns_with_management_vm_private_ip": config.get("dns_with_management_vm_private_ip"),
        "nsx_url": _base(proxied_url(raw)),
        "nsx_manager_url": _base(config.get("nsx_mgr_url")),
        "cloud_username": config.get("cloud_username"),
        "connected_vpc": _connected_vpc(connections, linked),
    }


def _connected_vpc(connections, linked) -> dict | None:
    """The living link, the first one where a stretched SDDC has two, with the subnets of all."""
    living = [link for link in connections if link.get("state") != "DELETED"]
    if not living:
        return None
    link = min(living, key=lambda link: (link.get("state") != "ACTIVE", link.get("connection_order") or 0))
    vpc = next((vpc for vpc in linked if vpc.get("linked_vpc_id") == link.get("vpc_id")), {})
    subnets = _linked_subnets([each for each in living if each.get("vpc_id") == link.get("vpc_id")], vpc)
    subnet = next(subnet for subnet in subnets if subnet["subnet_id"] == link.get("subnet_id"))
    return {
        "vpc_id": link.get("vpc_id"),
        **subnet,
        "subnets": subnets,
        "account_id": vpc.get("linked_account"),
        "cidr_block_vpc": link.get("cidr_block_vpc"),
        "state": link.get("state"),
    }


def _linked_subnets(links, vpc) -> list[dict]:
    """What is known of each: whether a stretched SDDC shows its second one as a link of its own is unknown."""
    found = {link.get("subnet_id"): (link.get("subnet_availability_zone"), None) for link in links}
    for subnet in _subnets([vpc]):
        found[_subnet_id(subnet)] = (subnet.get("availability_zone"), subnet.get("availability_zone_id"))
    return canonical(
        {"subnet_id": subnet_id, "availability_zone": zone, "availability_zone_id": zone_id}
        for subnet_id, (zone, zone_id) in found.items()
    )


def _zone_ids(linked) -> list[str]:
    """By the customer's subnets: zone names differ between the accounts, zone ids do not."""
    return canonical(
        subnet["availability_zone_id"] for subnet in _subnets(linked) if subnet.get("availability_zone_id")
    )


def _subnets(linked):
    return [subnet for vpc in linked for subnet in vpc.get("linked_vpc_subnets") or []]


def _subnet_id(subnet):
    return subnet.get("id") or subnet.get("subnet_id")


def _region(name):
    """US_WEST_2 as AWS writes it."""
    return name and name.lower().replace("_", "-")


def _base(url):
    return url and url.rstrip("/")
