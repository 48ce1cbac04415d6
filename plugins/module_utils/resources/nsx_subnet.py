# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The subnet of a segment: its form, what it cannot be, and what can change while it is there. Pure functions."""

from __future__ import annotations

import ipaddress

from ..errors import Invalid
from ..values import canonical
from .nsx_object import checked_address, shown_address

LEASE_TIME = 86400
LEASE_TIMES = (60, 4294967295)
MOST_DNS_SERVERS = 2
LONGEST_PREFIX = 30
RESERVED = {
    "100.64.0.0/16": "VMware Cloud on AWS connects its gateways with",
    "169.254.0.0/16": "are link-local",
    "224.0.0.0/4": "are multicast",
}


def view(raw: dict) -> dict:
    """A subnet in option names. ``dhcp_config`` is empty where the segment leaves it to the gateway."""
    config = raw.get("dhcp_config")
    shown = config and {
        "dns_servers": config.get("dns_servers") or [],
        "lease_time": config.get("lease_time") or LEASE_TIME,
    }
    return {
        "gateway_address": raw.get("gateway_address"),
        "dhcp_ranges": canonical(_whole(shown_address(text)) for text in raw.get("dhcp_ranges") or []),
        "dhcp_config": shown or {},
    }


def wanted(given: dict, have: dict | None) -> dict:
    """The subnet asked for: what was given, else what is there."""
    have = have or {"dhcp_ranges": [], "dhcp_config": {}}
    gateway = _gateway(given["gateway_address"])
    want = {**have, "gateway_address": str(gateway)}
    if given.get("dhcp_ranges") is not None:
        want["dhcp_ranges"] = _ranges(gateway, given["dhcp_ranges"])
    if given.get("dhcp_config"):
        default = {"dns_servers": [], "lease_time": LEASE_TIME}
        want["dhcp_config"] = {**default, **have["dhcp_config"], **_config(given["dhcp_config"])}
    return want


def can_become(have: dict, want: dict) -> bool:
    """Whether NSX changes the one into the other: DHCP ranges can be added, but neither changed nor removed."""
    same_gateway = have["gateway_address"] == want["gateway_address"]
    return same_gateway and set(have["dhcp_ranges"]) <= set(want["dhcp_ranges"])


def network(subnet: dict) -> str:
    return str(ipaddress.ip_interface(subnet["gateway_address"]).network)


def overlap(one: str, other: str) -> bool:
    """Whether two addresses, ranges or networks share an address. What is none of them shares nothing."""
    try:
        (first, last), (begin, end) = _bounds(one), _bounds(other)
    except ValueError:
        return False
    return first.version == begin.version and first <= end and begin <= last


def _gateway(text: str):
    try:
        gateway = ipaddress.IPv4Interface(text)
    except ValueError:
        gateway = None
    if gateway is None or "/" not in text:
        raise _invalid("gateway_address", f"{text!r} is not an IPv4 address with a prefix length, like 10.30.5.1/24")
    within = gateway.network
    if within.prefixlen > LONGEST_PREFIX:
        raise _invalid("gateway_address", f"{text} leaves no address for a machine; the longest prefix is /30")
    if gateway.ip in (within[0], within[-1]):
        which = "broadcast" if gateway.ip == within[-1] else "network"
        example = f"{within[1]}/{within.prefixlen}"
        raise _invalid(
            "gateway_address", f"{text} is the {which} address of {within}; a gateway is one in it: {example}"
        )
    for taken, use in RESERVED.items():
        if overlap(str(within), taken):
            raise _invalid("gateway_address", f"{within} shares addresses with {taken}, which {use}")
    return gateway


def _ranges(gateway, texts) -> list[str]:
    ranges = canonical(_range(text) for text in texts)
    for text in ranges:
        first, last = _bounds(text)
        if first not in gateway.network or last not in gateway.network:
            raise _invalid("dhcp_ranges", f"{text} is outside the subnet, which is {gateway.network}")
        if first <= gateway.ip <= last:
            raise _invalid("dhcp_ranges", f"{text} holds the gateway's own address, {gateway.ip}")
        if first == gateway.network[0] or last == gateway.network[-1]:
            raise _invalid("dhcp_ranges", f"{text} holds the network or broadcast address of {gateway.network}")
    in_order = sorted(ranges, key=_bounds)
    for one, other in zip(in_order, in_order[1:]):
        if overlap(one, other):
            raise _invalid("dhcp_ranges", f"{one} and {other} overlap")
    return ranges


def _range(text: str) -> str:
    found = checked_address("subnets", text.replace(" ", ""))
    if found is None:
        raise _invalid("dhcp_ranges", f"{text!r} is neither a range, like 10.30.5.10-10.30.5.19, nor a network")
    return _whole(found)


def _whole(text: str) -> str:
    """One address as the range that it is."""
    return text if "-" in text or "/" in text else f"{text}-{text}"


def _config(given: dict) -> dict:
    servers = given.get("dns_servers") or []
    for text in servers:
        try:
            ipaddress.IPv4Address(text)
        except ValueError:
            raise _invalid("dns_servers", f"{text!r} is not an IPv4 address") from None
    if len(servers) > MOST_DNS_SERVERS or len(set(servers)) < len(servers):
        raise _invalid("dns_servers", f"at most {MOST_DNS_SERVERS} servers, each once")
    shortest, longest = LEASE_TIMES
    if not shortest <= given.get("lease_time", LEASE_TIME) <= longest:
        raise _invalid("lease_time", f"{given['lease_time']} is not from {shortest} to {longest} seconds")
    return given


def _bounds(text: str) -> tuple:
    if "-" in text:
        first, last = (ipaddress.ip_address(end.strip()) for end in text.split("-"))
        return first, last
    within = ipaddress.ip_network(text, strict=False)
    return within[0], within[-1]


def _invalid(part, text) -> Invalid:
    return Invalid("subnets", f"{part}: {text}.")
