# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A group of addresses of the management or the compute gateway."""

from __future__ import annotations

import re

from ..errors import Denied, Foreign, Invalid
from ..extent import Untold, reason_for, with_reason
from ..ownership import claim
from ..values import Unresolved, canonical, given
from .nsx_object import Stored, checked_address, checked_id, checked_reference, shown_address, tag_list, wanted_tag_list

SYSTEM_DEFINED = {"scope": "", "tag": "SYSTEM_DEFINED_GROUP"}
GROUP_OF_A_DOMAIN = re.compile(r"/infra/domains/[^/]+/groups/[^/]+")
KNOWN_SYSTEM_GROUPS = {"VCENTER", "ESXI", "NSX-MANAGER", "NSX-UA", "HCX", "hcx-ix-ips-public"}


class Group:
    kind = "group"
    immutable = ()
    may_be_denied = ("description",)

    def __init__(self, nsx, params: dict):
        self.params = params
        self.stored = Stored(nsx, group_path(params["domain"], checked_id("id", params["id"])), "Group", view)

    def observe(self):
        raw = self.stored.read()
        if raw is not None and is_system_defined(self.stored.path, raw):
            raise Foreign(f"The group {self.stored.path} is defined by the system. Choose another id.")
        return raw and claim(f"The group {self.stored.path}", view(raw), self.params, by="id", located=True)

    def want(self, have):
        want = given(self.params, "display_name", "description")
        if self.params["ip_addresses"] is not None:
            want["ip_addresses"] = _checked(self.params["ip_addresses"])
            want.update(self._reason(want, have))
        want["tags"] = wanted_tag_list(have, self.params)
        return want

    def create(self, want):
        self.stored.write(_body(want))

    def update(self, have, changes):
        self.stored.write(_body(changes))

    def delete(self, have):
        self.stored.remove()

    def _reason(self, want, have) -> dict:
        """The description of a group that is wide says why: a rule may have it as its source."""
        told = [text for text in want["ip_addresses"] if isinstance(text, str)]
        reason = reason_for("ip_addresses", told, self.params["allow_wide"])
        before = {**(have or {"description": ""}), **want}["description"]
        return {"description": with_reason(before, reason)} if reason else {}


class Groups:
    """The groups that a rule names, each read once."""

    def __init__(self, nsx):
        self.nsx = nsx
        self._read: dict = {}

    def get(self, path: str) -> dict | None:
        if path not in self._read:
            self._read[path] = self.nsx.get(path)
        return self._read[path]

    def sources(self, members) -> list:
        """What the members of a rule's source stand for: addresses, and Untold where that cannot be known.

        What is neither a group nor a segment cannot be known. A group of the management gateway that stands for vCenter and its like is no
        more than these; one that is not there yet is nobody.
        """
        return [source for member in members for source in self._sources(member, ())]

    def _sources(self, member: str, above: tuple) -> list:
        if not member.startswith("/"):
            return [member]
        if member in above or is_known_system_group(member):
            return []
        try:
            raw = self.get(member)
        except Denied:
            return [Untold(member, "cannot be read")]
        if not GROUP_OF_A_DOMAIN.fullmatch(member):
            return _networks(raw or {}) or [Untold(member, "is no group that can be read")]
        if raw is None:
            return []
        if raw.get("extended_expression"):
            return [Untold(member, "is made of more than addresses")]
        return self._parts(raw.get("expression") or [], member, (*above, member))

    def _parts(self, expression, member, above) -> list:
        """Parts that are joined by AND are counted as if it were OR: they are no more than that."""
        found: list = []
        for part in expression:
            kind = part.get("resource_type")
            if kind == "IPAddressExpression":
                found += part.get("ip_addresses") or []
            elif kind == "PathExpression":
                found += [source for path in part.get("paths") or [] for source in self._sources(path, above)]
            elif kind == "NestedExpression":
                found += self._parts(part.get("expressions") or [], member, above)
            elif kind != "ConjunctionOperator":
                found.append(Untold(member, "is made of more than addresses"))
        return found

    def resolved(self, member: str):
        """The member of a rule as it is, unless it is a group that does not exist."""
        if not member.startswith("/infra/domains/") or is_known_system_group(member):
            return member
        return member if self.get(member) is not None else Unresolved("group", member)


def _networks(raw: dict) -> list[str]:
    """Those of a segment."""
    found = [subnet.get("network") or subnet.get("gateway_address") for subnet in raw.get("subnets") or []]
    return [text for text in found if text]


def is_known_system_group(path: str) -> bool:
    """Whether a path is that of a group that every SDDC has for its own management."""
    return path in {group_path("mgw", name) for name in KNOWN_SYSTEM_GROUPS}


def group_path(domain: str, group_id: str) -> str:
    return f"/infra/domains/{domain}/groups/{group_id}"


def find(nsx, *, domain: str, id: str | None = None) -> list[dict]:
    if id is None:
        return nsx.list(f"/infra/domains/{domain}/groups")
    raw = nsx.get(group_path(domain, checked_reference("id", id)))
    return [] if raw is None else [raw]


def view(raw: dict) -> dict:
    """A group in option names. ``ip_addresses`` is ``None`` where the group is made of more than addresses."""
    return {
        "id": raw["id"],
        "display_name": raw.get("display_name") or raw["id"],
        "description": raw.get("description") or "",
        "ip_addresses": addresses(raw),
        "tags": tag_list(raw.get("tags")),
    }


def addresses(raw: dict) -> list[str] | None:
    expression = raw.get("expression") or []
    members = [part for part in expression if part.get("conjunction_operator") != "OR"]
    if raw.get("extended_expression") or any(part.get("resource_type") != "IPAddressExpression" for part in members):
        return None
    return canonical(shown_address(text) for part in members for text in part.get("ip_addresses") or [])


def is_system_defined(path: str, raw: dict) -> bool:
    """Whether the group at a path is not ours to change. Another gateway may well have one of the same id."""
    return is_known_system_group(path) or SYSTEM_DEFINED in tag_list(raw.get("tags"))


def _checked(ip_addresses) -> list[str]:
    wanted = []
    if ip_addresses == [""]:
        return [Unresolved("ip_addresses", "(an address to come)")]
    for text in ip_addresses:
        wanted.append(checked_address("ip_addresses", text))
        if wanted[-1] is None:
            raise Invalid("ip_addresses", f"{text!r} is neither an address, nor a network, nor a range.")
    if len({":" in text for text in wanted}) > 1:
        raise Invalid("ip_addresses", "IPv4 and IPv6 addresses cannot share a group.")
    return canonical(wanted)


def _body(fields) -> dict:
    body = dict(fields)
    if "ip_addresses" in body:
        wanted = body.pop("ip_addresses")
        body["expression"] = [{"resource_type": "IPAddressExpression", "ip_addresses": wanted}] if wanted else []
        body["extended_expression"] = None
    return body
