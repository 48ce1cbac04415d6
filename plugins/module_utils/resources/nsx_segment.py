# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A segment of the compute gateway, and the room that there is for one."""

from __future__ import annotations

import re

from ..errors import ApiError, Invalid
from ..ownership import claim
from ..values import given, without_nulls
from . import nsx_subnet
from .nsx_group import addresses, group_path
from .nsx_object import Stored, checked_id, checked_reference, tag_list, wanted_tag_list

SEGMENTS = "/infra/tier-1s/cgw/segments"
OF_OTHER_GATEWAYS = "/infra/segments"
AT_CREATION = {"type": "ROUTED"}
MANAGED = ("VCENTER", "ESXI", "NSX-MANAGER")
LABEL = r"[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
DOMAIN = re.compile(rf"(?!.{{254}}){LABEL}(\.{LABEL})*")


class Segment:
    kind = "segment"
    immutable = ("type",)
    may_be_denied = ("description",)

    def __init__(self, nsx, params: dict):
        self.nsx = nsx
        self.params = params
        self.id = checked_id("id", params["id"])
        self.stored = Stored(nsx, segment_path(self.id), "Segment", view)

    def observe(self):
        raw = self.stored.read()
        return raw and claim(f"The segment {self.stored.path}", view(raw), self.params, by="id", located=True)

    def want(self, have):
        want = given(self.params, "display_name", "description", "type")
        if self.params["domain_name"] is not None:
            want["domain_name"] = _domain_name(self.params["domain_name"])
        if self.params["subnets"] is not None:
            want["subnets"] = [_subnet(self.params["subnets"], have)]
        want["tags"] = wanted_tag_list(have, self.params)
        if have is None:
            want = {**AT_CREATION, **want}
            if "subnets" not in want:
                raise Invalid("subnets", "is needed to create a segment.")
            self._check_room(nsx_subnet.network(want["subnets"][0]))
        elif want.get("subnets", have["subnets"]) != have["subnets"] and "subnets" not in self.fixed(have, want):
            self._check_ranges(have["subnets"][0], want["subnets"][0])
        return want

    def fixed(self, have, want):
        fixed = {"type": "another type would cut off the machines on the segment"}
        wanted, (first, *others) = want.get("subnets"), have["subnets"] or [None]
        if (
            wanted
            and wanted != have["subnets"]
            and (others or not first or not nsx_subnet.can_become(first, wanted[0]))
        ):
            fixed["subnets"] = (
                "DHCP ranges can be added, but neither changed nor removed, and the gateway address stays"
            )
        return fixed

    def create(self, want):
        self.stored.write(self._body(want))

    def update(self, have, changes):
        self.stored.write(self._body(changes))

    def delete(self, have):
        self.stored.remove()

    def ready(self, have):
        return self.stored.unrealized()

    def held(self, have):
        bindings = [raw["id"] for raw in self.nsx.list(bindings_path(self.id))]
        if bindings:
            return f"it still has DHCP static bindings, {', '.join(bindings)}"
        ports = [raw.get("display_name") or raw["id"] for raw in self._ports()]
        return f"machines are still connected to it, through {', '.join(ports)}" if ports else None

    def _ports(self) -> list[dict]:
        try:
            return self.nsx.list(f"{self.stored.path}/ports")
        except ApiError:  # whether VMC answers this has not been seen; a segment in use is not deleted in any case
            return []

    def _check_ranges(self, have, want):
        for text in set(want["dhcp_ranges"]) - set(have["dhcp_ranges"]):
            for binding in self.nsx.list(bindings_path(self.id)):
                if binding.get("ip_address") and nsx_subnet.overlap(text, binding["ip_address"]):
                    bound = f"{binding['ip_address']}, which the static binding {binding['id']} keeps for one machine"
                    raise Invalid("subnets", f"dhcp_ranges: {text} holds {bound}.")

    def _check_room(self, network):
        for text, what in [*self._management(), *self._connected_vpcs(), *self._others()]:
            if nsx_subnet.overlap(network, text):
                raise Invalid("subnets", f"{network} overlaps {what}, {text}.")

    def _management(self):
        config = self._told(lambda: self.nsx.cloud_get("/infra/sddc-user-config")) or {}
        told = [(text, "the management network") for text in config.get("mgmt_subnets") or []]
        return told or [
            (text, f"the management network, in which {name} is")
            for name in MANAGED
            for text in addresses(self.nsx.get(group_path("mgw", name)) or {}) or []
        ]

    def _connected_vpcs(self):
        linked = self._told(lambda: self.nsx.cloud_list("/infra/linked-vpcs")) or []
        return [
            (text, f"the connected VPC {vpc.get('linked_vpc_id')}")
            for vpc in linked
            for text in vpc.get("linked_vpc_addresses") or []
        ]

    def _others(self):
        elsewhere = self._told(lambda: self.nsx.list(OF_OTHER_GATEWAYS)) or []
        for raw in self.nsx.list(SEGMENTS) + elsewhere:
            if raw.get("path") != self.stored.path:
                networks = [subnet.get("gateway_address") for subnet in raw.get("subnets") or []]
                yield from [(text, f"the segment {raw['id']}") for text in networks if text]

    def _told(self, ask):
        try:
            return ask()
        except ApiError:  # not every route and release answers; NSX itself refuses an overlap too
            return None

    def _body(self, fields) -> dict:
        """The subnet keeps what has no option: the DHCP server's own address, and DHCP options."""
        body = {**fields, **({"domain_name": None} if fields.get("domain_name") == "" else {})}
        if "subnets" in body:
            have = ((self.stored.raw or {}).get("subnets") or [{}])[0]
            subnet = {**have, **body["subnets"][0]}
            config = {**(have.get("dhcp_config") or {}), **subnet["dhcp_config"]}
            subnet["dhcp_config"] = config and {"resource_type": "SegmentDhcpV4Config", **config}
            body["subnets"] = [{key: value for key, value in subnet.items() if value and key != "network"}]
        return body


def segment_path(segment: str) -> str:
    return f"{SEGMENTS}/{segment}"


def bindings_path(segment: str) -> str:
    return f"{segment_path(segment)}/dhcp-static-binding-configs"


def find(nsx, *, id: str | None = None) -> list[dict]:
    if id is None:
        return nsx.list(SEGMENTS)
    raw = nsx.get(segment_path(checked_reference("id", id)))
    return [] if raw is None else [raw]


def view(raw: dict) -> dict:
    """A segment in option names."""
    return {
        "id": raw["id"],
        "display_name": raw.get("display_name") or raw["id"],
        "description": raw.get("description") or "",
        "type": raw.get("type") or "ROUTED",
        "subnets": [nsx_subnet.view(subnet) for subnet in raw.get("subnets") or []],
        "domain_name": raw.get("domain_name") or "",
        "tags": tag_list(raw.get("tags")),
    }


def _subnet(subnets, have) -> dict:
    if len(subnets) != 1:
        raise Invalid("subnets", f"a segment of VMware Cloud on AWS has one subnet, not {len(subnets)}.")
    there = have["subnets"][0] if have and have["subnets"] else None
    return nsx_subnet.wanted(without_nulls(subnets[0]), there)


def _domain_name(text: str) -> str:
    if text and not DOMAIN.fullmatch(text):
        raise Invalid("domain_name", f"{text!r} is not the name of a domain.")
    return text
