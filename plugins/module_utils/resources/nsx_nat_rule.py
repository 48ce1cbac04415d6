# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One NAT rule of the compute gateway."""

from __future__ import annotations

import ipaddress
import re

from ..errors import Invalid
from ..ownership import claim
from ..values import Unresolved, canonical, given
from .nsx_object import Stored, checked_address, checked_id, checked_reference, shown_address, tag_list, wanted_tag_list
from .nsx_rule import CGW_SCOPES, LABELS

NAT_RULES = "/infra/tier-1s/cgw/nat/USER/nat-rules"
PUBLIC_IPS = "/infra/public-ips"
SERVICES = "/infra/services/"
PLAIN = ("display_name", "description", "action", "firewall_match", "enabled", "logging", "sequence_number")
NETWORKS = ("source_network", "destination_network", "translated_network")
MAY_BE_PUBLIC = ("destination_network", "translated_network")
TEXTS = (*NETWORKS, "translated_ports", "service")
AT_CREATION = {"scope": [f"{LABELS}cgw-public"]}
LAST = 2147483647
NEEDS = {
    "REFLEXIVE": ("source_network", "translated_network"),
    "DNAT": ("destination_network", "translated_network"),
    "SNAT": ("translated_network",),
    "NO_DNAT": ("destination_network",),
    "NO_SNAT": ("source_network",),
}
EXCLUDES = {
    "REFLEXIVE": ("destination_network", "service", "translated_ports"),
    "DNAT": (),
    "SNAT": ("translated_ports",),
    "NO_DNAT": ("translated_network", "translated_ports"),
    "NO_SNAT": ("translated_network", "translated_ports"),
}


class NatRule:
    kind = "nat_rule"
    immutable = ()
    may_be_denied = ("description",)

    def __init__(self, nsx, params: dict):
        self.nsx = nsx
        self.params = params
        self.stored = Stored(nsx, f"{NAT_RULES}/{checked_id('id', params['id'])}", "PolicyNatRule", view)

    def observe(self):
        raw = self.stored.read()
        return raw and claim(f"The NAT rule {self.stored.path}", view(raw), self.params, by="id", located=True)

    def want(self, have):
        want = given(self.params, *PLAIN)
        if not 0 <= want.get("sequence_number", 0) <= LAST:
            raise Invalid("sequence_number", f"{want['sequence_number']} is not from 0 to {LAST}.")
        want.update({option: self._network(option, text) for option, text in given(self.params, *NETWORKS).items()})
        if self.params["scope"] is not None:
            want["scope"] = _scope(self.params["scope"])
        if self.params["service"] is not None:
            want["service"] = self._service(self.params["service"])
        if self.params["translated_ports"] is not None:
            want["translated_ports"] = _ports(self.params["translated_ports"])
        want["tags"] = wanted_tag_list(have, self.params)
        if have is None:
            want = {**AT_CREATION, **want}
            if "action" not in want:
                raise Invalid("action", "is needed to create a NAT rule.")
        rule = {**(have or dict.fromkeys(TEXTS, "")), **want}
        if rule != have:
            _judge(rule)
        return want

    def create(self, want):
        self.stored.write(_body(want))

    def update(self, have, changes):
        self.stored.write(_body(changes))

    def delete(self, have):
        self.stored.remove()

    def ready(self, have):
        return self.stored.unrealized()

    def _network(self, option, text):
        """An address or network as it is written; a public address may be given by its id."""
        if text == "":
            return text
        if text.upper() == "ANY":
            raise Invalid(option, "for any address leave it empty.")
        found = checked_address(option, text)
        if found is None and option in MAY_BE_PUBLIC:
            raw = self.nsx.cloud_get(f"{PUBLIC_IPS}/{checked_reference(option, text)}") or {}
            return raw.get("ip") or Unresolved("public IP", text)
        if found is None or "-" in found:
            raise Invalid(option, f"{text!r} is neither an address nor a network.")
        return found

    def _service(self, text):
        if text.upper() in ("", "ANY"):
            return ""
        path = text if text.startswith("/") else f"{SERVICES}{checked_reference('service', text)}"
        known = not path.startswith(SERVICES) or self.nsx.get(path) is not None
        return path if known else Unresolved("service", path)


def find(nsx, *, id: str | None = None) -> list[dict]:
    if id is None:
        return nsx.list(NAT_RULES)
    raw = nsx.get(f"{NAT_RULES}/{checked_reference('id', id)}")
    return [] if raw is None else [raw]


def view(raw: dict) -> dict:
    """A NAT rule in option names, with the server's defaults where it says nothing."""
    return {
        "id": raw["id"],
        "display_name": raw.get("display_name") or raw["id"],
        "description": raw.get("description") or "",
        "action": raw.get("action"),
        **{option: shown_address(raw.get(option) or "") for option in NETWORKS},
        "translated_ports": str(raw.get("translated_ports") or ""),
        "service": raw.get("service") or "",
        "scope": canonical(raw.get("scope") or []),
        "firewall_match": raw.get("firewall_match") or "MATCH_INTERNAL_ADDRESS",
        "enabled": raw.get("enabled", True),
        "logging": bool(raw.get("logging")),
        "sequence_number": raw.get("sequence_number") or 0,
        "tags": tag_list(raw.get("tags")),
    }


def networks(raw: dict) -> list[str]:
    """The addresses and networks that a rule names."""
    return [shown_address(raw[option]) for option in NETWORKS if raw.get(option)]


def _judge(rule: dict) -> None:
    """Refuse a rule that its action makes no sense of."""
    action = rule["action"]
    for option in NEEDS.get(action, ()):
        if rule[option] == "":
            raise Invalid(option, f"is needed for {action}.")
    for option in EXCLUDES.get(action, ()):
        if rule[option] != "":
            raise Invalid(option, f"has no meaning for {action}, and NSX refuses it. Leave it empty.")
    if action == "REFLEXIVE" and len({_size(rule["source_network"]), _size(rule["translated_network"])} - {None}) > 1:
        sides = f"{rule['translated_network']} for {rule['source_network']}"
        raise Invalid("translated_network", f"{sides}: REFLEXIVE is one for one, both must have the same size.")


def _size(network) -> int | None:
    """How many addresses these are; ``None`` for the lists of others, and for what has none yet."""
    try:
        return ipaddress.ip_network(str(network)).num_addresses
    except ValueError:
        return None


def _scope(members) -> list[str]:
    if not members:
        raise Invalid("scope", "an empty list would mean every uplink. Say cgw-all if that is meant.")
    wanted = [text if text.startswith("/") else f"{LABELS}{text}" for text in members]
    for path in wanted:
        if path.startswith(LABELS) and path[len(LABELS) :] not in CGW_SCOPES:
            known = ", ".join(CGW_SCOPES)
            raise Invalid("scope", f"{path[len(LABELS) :]} is no scope of the compute gateway; there are: {known}.")
    return canonical(wanted)


def _ports(text: str) -> str:
    ends = [int(end) for end in text.split("-")] if re.fullmatch(r"[0-9]+(-[0-9]+)?", text) else [0]
    if text and not 1 <= ends[0] <= ends[-1] <= 65535:
        raise Invalid("translated_ports", f"{text} is neither a port from 1 to 65535 nor a range of them.")
    return text


def _body(fields) -> dict:
    return {**fields, **{option: None for option in TEXTS if fields.get(option) == ""}}
