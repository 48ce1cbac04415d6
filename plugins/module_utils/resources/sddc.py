# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An SDDC, as far as it may be shown: its document also holds passwords."""

from __future__ import annotations

from urllib.parse import urlsplit

from ..clients.nsx import proxied_url
from ..errors import ApiError, BadCredentials
from ..values import canonical

STRETCHED = "MULTI_AZ"


def find(vmc, *, sddc_id: str | None = None, name: str | None = None) -> list[dict]:
    if sddc_id is None:
        return [raw for raw in vmc.sddcs() if name in (None, raw.get("name"))]
    raw = vmc.sddc(sddc_id)
    return [raw] if raw is not None and name in (None, raw.get("name")) else []


def describe(vmc, nsx_at, raw: dict) -> dict:
    """The view of an SDDC with its link to the customer's VPC. ``nsx_at`` makes the client of an NSX URL."""
    linked = nsx_at(proxied_url(raw)).cloud_list("/infra/linked-vpcs") if raw.get("sddc_state") == "READY" else []
    shown = view(raw, vmc.connections(raw["id"]), linked, accounts(vmc, raw))
    return {**shown, "maintenance_state": maintenance_state(vmc, raw["id"])}


def accounts(vmc, raw: dict) -> list[dict]:
    """The accounts that tell which zone of VMware's account is which of the customer's; asked where there are two zones only."""
    if (raw.get("resource_config") or {}).get("deployment_type") != STRETCHED:
        return []
    return _unless_refused(vmc.connected_accounts) or []


def maintenance_state(vmc, sddc_id: str) -> str | None:
    """RUNNING while the SDDC is being maintained or upgraded, else empty; ``None`` where nobody tells."""
    found = _unless_refused(vmc.reservations)  # GET reservations is deprecated, and may be gone
    if not isinstance(found, list):
        return None
    ours = [each for each in found if each.get("sddc_id") == sddc_id]
    # GET reservations: in_maintenance_window only says that the SDDC is inside its regular window.
    return "RUNNING" if any(each.get("in_maintenance_mode") for each in ours) else ""


def _unless_refused(read):
    """What a service tells; ``None`` where it does not want to."""
    try:
        return read()
    except BadCredentials:
        raise
    except ApiError as refused:
        if refused.retryable:
            raise
        return None


def zone_ids(sddc: dict, clusters=()) -> list[str]:
    """The zones in which appliances of these clusters run: all of the SDDC where there are none, or where that is not told of one of them."""
    of = {each["name"]: each["availability_zone_ids"] for each in sddc.get("clusters") or []}
    found = [of.get(name) for name in clusters]
    return canonical(zone for zones in found for zone in zones) if found and all(found) else _all_zones(sddc)


def _all_zones(sddc):
    linked = {each.get("availability_zone_id") for each in (sddc.get("connected_vpc") or {}).get("subnets") or []}
    return canonical(linked - {None, ""}) or list(sddc.get("availability_zone_ids") or [])


def subnet_ids(sddc: dict, clusters=()) -> list[str]:
    """The linked subnets for an endpoint of the appliances of these clusters."""
    subnets, zones = (sddc.get("connected_vpc") or {}).get("subnets") or [], zone_ids(sddc, clusters)
    near = [each["subnet_id"] for each in subnets if each.get("availability_zone_id") in zones]
    return near or [each["subnet_id"] for each in subnets]


def view(raw: dict, connections: list[dict], linked: list[dict], accounts: list[dict] = ()) -> dict:
    config = raw.get("resource_config") or {}
    manifest = config.get("sddc_manifest") or {}
    connected = _connected_vpc(connections, linked)
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
        "clusters": _clusters(config, connected, accounts),
        "vcenter_url": _base(config.get("vc_url")),
        "vcenter_hostname": urlsplit(config.get("vc_url") or "").hostname,
        "vcenter_management_ip": config.get("vc_management_ip"),
        "vcenter_public_ip": config.get("vc_public_ip"),
        "dns_with_management_vm_private_ip": config.get("dns_with_management_vm_private_ip"),
        "nsx_url": _base(proxied_url(raw)),
        "nsx_manager_url": _base(config.get("nsx_mgr_url")),
        "cloud_username": config.get("cloud_username"),
        "connected_vpc": connected,
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


def _clusters(config, connected, accounts) -> list[dict]:
    """Each with the ids of the zones that its hosts are in: one of a stretched SDDC need not be stretched. Empty where that is not told."""
    subnets = (connected or {}).get("subnets") or []
    ids = {each["availability_zone"]: each["availability_zone_id"] for each in subnets}
    if config.get("deployment_type") == STRETCHED:
        customers = _customers_names(config, ids, accounts)
    else:
        customers = dict.fromkeys(config.get("availability_zones") or [], next(iter(ids), None))
    found = []
    for cluster in config.get("clusters") or []:
        hosts = [each.get("availability_zone") for each in cluster.get("esx_host_list") or []]
        names = {name for name in cluster.get("availability_zones") or hosts if name}
        zones = {ids.get(customers.get(name)) for name in names}
        found.append(
            {
                "name": cluster.get("cluster_name"),
                "availability_zone_ids": [] if None in zones else canonical(zones),
            }
        )
    return found


def _customers_names(config, ids, accounts) -> dict:
    """Zone of VMware's account -> the customer's name for it, where that is told beyond doubt."""
    fitting = [names for _way, names in zone_maps(config, ids, accounts)]
    return fitting[0] if fitting and all(each == fitting[0] for each in fitting) else {}


def zone_maps(config: dict, linked, accounts: list[dict]) -> list[tuple[str, dict]]:
    """Each way in which an account's map of zones can be read, with the customer's names that it gives the zones of a stretched SDDC.

    Which way round it is told is UNCONFIRMED: it may be each in which the linked zones are those of the SDDC.
    """
    zones = set(config.get("availability_zones") or []) - {config.get("witness_availability_zone")}
    told = [
        mapping
        for account in accounts
        for region, mapping in (account.get("region_to_az_to_shadow_mapping") or {}).items()
        if _region(region) == _region(config.get("region")) and isinstance(mapping, dict)
    ]
    found = []
    for mapping in told:
        ways = {"to_shadow": {theirs: ours for ours, theirs in mapping.items()}, "from_shadow": mapping}
        found += [(way, {zone: names.get(zone) for zone in zones}) for way, names in ways.items()]
    return [(way, names) for way, names in found if zones and set(names.values()) == set(linked)]


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
