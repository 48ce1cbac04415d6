# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""By which way the appliances reach the endpoint's VPC, as the routes back say."""

from __future__ import annotations

from ...resources.security_group import PORTS
from .rules import Target
from .spans import covers, span

CONNECTED = "connected VPC"
TRANSIT = "VMware Transit Connect"
PRIVATE = "Direct Connect or VPN"
TIME = 123
LEADS_TO = {"tgw-": TRANSIT, "vgw-": PRIVATE}


def way(facts: dict) -> str | None:
    """The way to the endpoint's VPC; ``None``: there is none."""
    connected = connected_vpc(facts)
    if connected and connected["vpc_id"] == facts["endpoint"]["vpc_id"]:
        return CONNECTED
    found = [
        route_back(facts, subnet, source) for subnet in facts["endpoint"]["subnet_ids"] for source in sources(facts)
    ]
    ways = [LEADS_TO.get(route["target"][:4]) for route in found if route]
    return next((each for each in ways if each), None)


def connected_vpc(facts: dict) -> dict | None:
    """The SDDC's link, from the VMC API or, where that was not asked, from NSX."""
    sddc = facts["sddc"]
    if sddc:
        return sddc["connected_vpc"]
    return {"vpc_id": facts["link"]["vpc_id"], "state": None} if facts["link"] else None


def route_back(facts: dict, subnet_id: str, source) -> dict | None:
    """The route that answers from a subnet take: the narrowest that holds the source."""
    table = facts["vpc"]["route_tables"][subnet_id]
    fitting = [route for route in table["routes"] if covers(route["destination"], source)]
    return min(
        fitting, key=lambda route: span(route["destination"]).last - span(route["destination"]).first, default=None
    )


def sources(facts: dict) -> list:
    return [span(text) for text in facts["sources"]]


def addresses(facts: dict) -> list:
    """The endpoint's addresses."""
    return [each["private_ip_address"] for each in facts["endpoint"]["network_interfaces"]]


def endpoint_target(facts: dict) -> Target:
    return Target("the endpoint", tuple(map(span, addresses(facts))), PORTS)


def time_targets(servers) -> list:
    return [Target("the time server", (span(text),), (TIME,), protocol="UDP") for text in servers]
