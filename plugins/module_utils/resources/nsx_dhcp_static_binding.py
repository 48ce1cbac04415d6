# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The address that the DHCP server of a segment keeps for one MAC address."""

from __future__ import annotations

import ipaddress
import re

from ..errors import Error, Invalid, Missing
from ..ownership import claim
from ..values import Unresolved, given
from . import nsx_subnet
from .nsx_object import Stored, checked_id, checked_reference, tag_list, wanted_tag_list
from .nsx_segment import bindings_path, segment_path

RELAYS = "/infra/dhcp-relay-configs/"


class StaticBinding:
    kind = "static_binding"
    immutable = ()
    may_be_denied = ("description",)

    def __init__(self, nsx, params: dict):
        self.nsx = nsx
        self.params = params
        self.segment = checked_reference("segment", params["segment"])
        path = f"{bindings_path(self.segment)}/{checked_id('id', params['id'])}"
        self.stored = Stored(nsx, path, "DhcpV4StaticBindingConfig", view)

    def observe(self):
        raw = self.stored.read()
        return raw and claim(f"The static binding {self.stored.path}", view(raw), self.params, by="id", located=True)

    def want(self, have):
        want = given(self.params, "display_name", "description", "mac_address", "ip_address")
        for option, canonical_form in (("mac_address", _mac_address), ("ip_address", _ip_address)):
            if option in want:
                want[option] = canonical_form(want[option])
            elif have is None:
                raise Invalid(option, "is needed to create a static binding.")
        if "ip_address" in want and (have is None or want["ip_address"] != have["ip_address"]):
            segment = self.nsx.get(segment_path(self.segment)) or {}
            _check_dhcp(self.segment, segment)
            _check_place(want["ip_address"], segment)
        want["tags"] = wanted_tag_list(have, self.params)
        return want

    def create(self, want):
        if self.nsx.get(segment_path(self.segment)) is None:
            raise Missing([Unresolved("segment", self.segment)])
        self.stored.write(want)

    def update(self, have, changes):
        self.stored.write(changes)

    def delete(self, have):
        self.stored.remove()


def find(nsx, *, segment: str, id: str | None = None) -> list[dict]:
    if id is None:
        found = nsx.list(bindings_path(segment))
        if not found and nsx.get(segment_path(segment)) is None:
            raise Error(f"There is no segment {segment}.")
        return found
    raw = nsx.get(f"{bindings_path(segment)}/{checked_reference('id', id)}")
    return [] if raw is None else [raw]


def view(raw: dict) -> dict:
    return {
        "id": raw["id"],
        "display_name": raw.get("display_name") or raw["id"],
        "description": raw.get("description") or "",
        "mac_address": (raw.get("mac_address") or "").lower(),
        "ip_address": raw.get("ip_address"),
        "tags": tag_list(raw.get("tags")),
    }


def _mac_address(text) -> str:
    digits = re.sub(r"[:.-]", "", text).lower()
    if not re.fullmatch(r"[0-9a-f]{12}", digits):
        raise Invalid("mac_address", f"{text!r} is not a MAC address.")
    if int(digits[:2], 16) % 2:
        raise Invalid("mac_address", f"{text!r} is not the address of one adapter: it is not unicast.")
    return ":".join(digits[place : place + 2] for place in range(0, 12, 2))


def _ip_address(text) -> str:
    try:
        return str(ipaddress.IPv4Address(text))
    except ValueError:
        raise Invalid("ip_address", f"{text!r} is not an IPv4 address.") from None


def _check_dhcp(name: str, segment: dict) -> None:
    """Refuse a segment whose DHCP keeps no address for anybody."""
    relay = segment.get("dhcp_config_path") or ""
    if relay.startswith(RELAYS):
        asked = relay[len(RELAYS) :]
        raise Invalid(
            "segment", f"{name} hands DHCP on to servers elsewhere, by the relay {asked}. Bind the address there."
        )
    subnets = segment.get("subnets") or []
    if subnets and not relay and not any(subnet.get("dhcp_ranges") or subnet.get("dhcp_config") for subnet in subnets):
        raise Invalid(
            "segment", f"{name} has no DHCP, so that nobody would get the address. Give it dhcp_ranges first."
        )


def _check_place(address: str, segment: dict) -> None:
    """Refuse an address that the segment's network does not have to give."""
    subnets = segment.get("subnets") or []
    given = [subnet.get("gateway_address") for subnet in subnets]
    gateways = [ipaddress.ip_interface(text) for text in given if text]
    networks = [gateway.network for gateway in gateways]
    if networks and not any(ipaddress.ip_address(address) in network for network in networks):
        raise Invalid("ip_address", f"{address} is outside the segment, which is {', '.join(map(str, networks))}.")
    if address in [str(gateway.ip) for gateway in gateways]:
        raise Invalid("ip_address", f"{address} is the address of the segment's gateway.")
    if any(ipaddress.ip_address(address) in (network[0], network[-1]) for network in networks):
        raise Invalid("ip_address", f"{address} is the network or broadcast address of the segment.")
    for text in [text for subnet in subnets for text in subnet.get("dhcp_ranges") or []]:
        if nsx_subnet.overlap(address, text):
            raise Invalid("ip_address", f"{address} is inside the DHCP range {text}, which is given out to anybody.")
