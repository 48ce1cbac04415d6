# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The hops between the SDDC and the VPC of the endpoint: the link, its zones, and the routes back."""

from __future__ import annotations

from ...engine.findings import Untold, broken, costly, ok, skipped, unknown
from ...resources.sddc import zone_ids
from .spans import covers, listed, span
from .way import CONNECTED, PRIVATE, TRANSIT, addresses, connected_vpc, route_back, sources, way

PRIVATE_GATEWAYS = ("tgw-", "vgw-", "eni-", "pcx-", "lgw-", "i-")
ROUTE_CHANGES = {
    CONNECTED: "Let the subnet use the VPC's main route table, which VMware keeps, or switch on the managed prefix list mode "
    "of the connected VPC; a network that no table has is not advertised."
}


def connection(facts):
    by, found = way(facts), connected_vpc(facts)
    vpc_id = facts["endpoint"]["vpc_id"]
    if by == CONNECTED:
        if found["state"] in (None, "ACTIVE"):
            return ok(f"The SDDC is linked to {vpc_id}.")
        return broken(
            f"The link of the SDDC to {vpc_id} is {found['state']}.",
            "Repair the link: the roles of VMware's stack in that account, or its network interfaces, were changed or removed.",
        )
    if facts["sddc"] is None and isinstance(facts["active_eni"], Untold):
        return unknown(f"NSX does not tell which VPC the SDDC is linked to: {facts['active_eni']}")
    linked = f"the SDDC is linked to {found['vpc_id']}" if found else "the SDDC is linked to no VPC"
    if by == TRANSIT:
        return _transit(facts, linked)
    if by == PRIVATE:
        return costly(
            f"The endpoint is in {vpc_id}, {linked}; answers leave {vpc_id} through a virtual private gateway.",
            "Direct Connect and VPN are paid by the hour and the gigabyte. Put the endpoint into the connected VPC.",
        )
    return broken(
        f"The endpoint is in {vpc_id}, {linked}, and no route of its subnets leads back to {listed(sources(facts))}.",
        "Put the endpoint into the connected VPC, or attach its VPC to the SDDC's group, with routes on both sides.",
    )


def availability_zone(facts):
    if way(facts) != CONNECTED:
        return skipped("Only for an endpoint in the connected VPC.")
    ours = set(zone_ids(facts["sddc"], _clusters(facts)) if facts["sddc"] else facts["link"]["availability_zone_ids"])
    theirs = set(facts["endpoint"]["availability_zone_ids"])
    if not ours:
        return unknown("The SDDC does not tell the id of its availability zone.")
    told = f"The endpoint is in {listed(sorted(theirs))}, the SDDC in {listed(sorted(ours))}."
    if not theirs & ours:
        return costly(
            f"{told} Every backup crosses zones, which is charged per gigabyte in both directions.",
            "Move the endpoint into a subnet of the SDDC's zone: vpce_backup.",
        )
    if theirs - ours:
        return costly(
            f"{told} Each further zone is charged by the hour, and its address may be the one that is used, across zones.",
            "Leave only a subnet of the SDDC's zone: vpce_backup.",
        )
    return ok(told)


def _clusters(facts) -> list:
    """Those of the appliances that are looked at, where vCenter tells of each of them."""
    wanted = set(facts["sources"])
    found = {each.get("guest_ip_address"): each.get("cluster") for each in facts["appliances"] or []}
    return sorted({found[address] for address in wanted}) if wanted <= set(found) and all(found.values()) else []


def primary_cidr(facts):
    if way(facts) != CONNECTED:
        return skipped("Only for an endpoint in the connected VPC.")
    block = facts["vpc"]["cidr_block"]
    outside = [address for address in addresses(facts) if not covers(block, span(address))]
    if outside:
        return broken(
            f"{listed(outside)} is outside {block}, the primary CIDR block of {facts['endpoint']['vpc_id']}, "
            "and the SDDC knows no other.",
            "Move the endpoint into a subnet of the primary CIDR block: vpce_backup.",
        )
    return ok(f"{listed(addresses(facts))} in the primary CIDR block {block}.")


def route_table(facts):
    on_vmc, by = facts["platform"] == "vmc", None
    if on_vmc:
        by = way(facts)
        if by is None:
            return skipped("There is no way to the endpoint's VPC at all, see connection.")
        if by == CONNECTED and isinstance(facts["active_eni"], Untold):
            return unknown(f"NSX does not tell the SDDC's active network interface: {facts['active_eni']}")
    wrong = [
        told
        for subnet in facts["endpoint"]["subnet_ids"]
        for source in sources(facts)
        for told in [_misled(facts, by, subnet, source)]
        if told
    ]
    if wrong:
        return broken("; ".join(wrong) + ".", ROUTE_CHANGES.get(by, "Route the appliances' network back to them."))
    return ok(f"Every subnet of the endpoint has a route back to {listed(sources(facts))}.")


def _transit(facts, linked):
    target = next(
        route["target"]
        for subnet in facts["endpoint"]["subnet_ids"]
        for source in sources(facts)
        for route in [route_back(facts, subnet, source)]
        if route and route["target"].startswith("tgw-")
    )
    told = f"The endpoint is in {facts['endpoint']['vpc_id']}, {linked}; answers leave through {target}"
    attachments = facts["attachments"]
    if isinstance(attachments, Untold):
        return unknown(f"{told}; NSX does not tell the SDDC's groups: {attachments}")
    if target not in [each["tgw_id"] for each in attachments]:
        return broken(
            f"{told}, which is not that of a group of the SDDC.",
            "Attach the VPC to the SDDC's group, and route the appliances' network to its transit gateway.",
        )
    return costly(
        f"{told}, that of the SDDC's group.",
        "Transit Connect is paid by the attachment and the gigabyte; the connected VPC is not. Put the endpoint there.",
    )


def _misled(facts, by, subnet, source) -> str | None:
    table = facts["vpc"]["route_tables"][subnet]
    route = route_back(facts, subnet, source)
    named = f"{table['id']} of {subnet}"
    if route is None:
        return f"{named} has no route to {source}"
    if route["state"] == "blackhole":
        return f"{named} sends {source} to {route['target']}, which is gone"
    if by == CONNECTED and route["target"] != facts["active_eni"]:
        return f"{named} sends {source} to {route['target']}, while {facts['active_eni']} is the SDDC's active network interface"
    if not route["target"].startswith(PRIVATE_GATEWAYS):
        return f"{named} sends {source} to {route['target']}"
    return None
