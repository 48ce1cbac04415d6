# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One firewall rule of the management or the compute gateway."""

from __future__ import annotations

import re

from ..errors import Foreign, Invalid
from ..extent import reason_for, with_reason
from ..ownership import claim
from ..values import Unresolved, canonical, given, without_nulls
from .nsx_group import Groups, group_path
from .nsx_mgw_laws import ManagementGateway, obey
from .nsx_object import Stored, checked_address, checked_id, checked_reference, shown_address, tag_list, wanted_tag_list

PLAIN = (
    "display_name",
    "description",
    "action",
    "direction",
    "ip_protocol",
    "sequence_number",
    "logged",
    "disabled",
    "notes",
    "log_label",
)
FIELDS = {"log_label": "tag"}  # options that NSX calls otherwise
PROFILES = "/infra/context-profiles"
DEFAULTS = {"disabled": False, "sources_excluded": False, "description": ""}
AT_CREATION = {"mgw": {"action": "ALLOW", "scope": ["/infra/labels/mgw"]}, "cgw": {}}
LABELS = "/infra/labels/"
CGW_SCOPES = ("cgw-all", "cgw-cross-vpc", "cgw-direct-connect", "cgw-public", "cgw-vpn")
LAST = 2147483646  # after it come the gateway's own rules
MOST_PORTS = 15
NEEDED = ("source_groups", "destination_groups", "services", "action", "scope")


class Rule:
    kind = "rule"
    immutable = ()
    may_be_denied = ("description",)

    def __init__(self, nsx, domain: str, params: dict):
        self.nsx = nsx
        self.domain = domain
        self.params = params
        self.stored = Stored(nsx, f"{rules_path(domain)}/{checked_id('id', params['id'])}", "Rule", view)

    def observe(self):
        raw = self.stored.read()
        if raw is not None and raw.get("is_default"):
            raise Foreign(f"The rule {self.stored.path} is the gateway's own default rule. Choose another id.")
        return raw and claim(f"The rule {self.stored.path}", view(raw), self.params, by="id", located=True)

    def want(self, have):
        want = {**given(self.params, *PLAIN), **self._members(), **self._services(), **self._profiles()}
        if not 0 <= want.get("sequence_number", 0) <= LAST:
            raise Invalid("sequence_number", f"{want['sequence_number']} is not from 0 to {LAST}.")
        want["tags"] = wanted_tag_list(have, self.params)
        if have is None:
            want = {**AT_CREATION[self.domain], **want}
            for option in NEEDED:
                if option not in want:
                    raise Invalid(option, "is needed to create a rule.")
        groups = Groups(self.nsx)
        rule = {**(have or DEFAULTS), **want}
        if rule != have:
            want = self._judged(rule, want, groups)
        return {**want, **self._reason(rule, groups)}

    def create(self, want):
        self.stored.write(_body(want))

    def update(self, have, changes):
        self.stored.write(_body(changes))

    def delete(self, have):
        self.stored.remove()

    def ready(self, have):
        return self.stored.unrealized()

    def _reason(self, rule, groups) -> dict:
        """The description of a rule that lets wide sources in says why: looked at each time, since groups change behind a rule."""
        if rule["action"] != "ALLOW" or rule["disabled"]:
            return {}
        excluded = rule["sources_excluded"]
        sources = groups.sources(rule["source_groups"])
        reason = reason_for("source_groups", sources, self.params["allow_wide"], excluded=excluded)
        return {"description": with_reason(rule["description"], reason)} if reason else {}

    def _judged(self, rule, want, groups) -> dict:
        """A rule that is to be written: lawful, and with what does not exist yet marked as such."""
        if self.domain == "mgw":
            obey(rule, ManagementGateway(self.nsx, groups))
        else:
            self._check_scope(want.get("scope", []))
            if "services" in want:
                want = {**want, "services": list(map(self._known_service, want["services"]))}
        sides = {option: want[option] for option in ("source_groups", "destination_groups") if option in want}
        return {**want, **{option: list(map(groups.resolved, side)) for option, side in sides.items()}}

    def _check_scope(self, scope):
        for path in scope:
            label = path[len(LABELS) :] if path.startswith(LABELS) else None
            if label is None or label in CGW_SCOPES:
                continue
            if label == "mgw" or self.nsx.get(path) is None:
                raise Invalid(
                    "scope", f"{label} is no scope of the compute gateway; there are: {', '.join(CGW_SCOPES)}."
                )

    def _known_service(self, path):
        known = not path.startswith("/infra/services/") or self.nsx.get(path) is not None
        return path if known else Unresolved("service", path)

    def _members(self) -> dict:
        """Sources, destinations and scope. A negated side means all but what it names, so a given side is not negated."""
        members = {}
        for option, negation in (
            ("source_groups", "sources_excluded"),
            ("destination_groups", "destinations_excluded"),
        ):
            if self.params[option] is not None:
                members[option] = _set(option, [self._member(option, text) for text in self.params[option]])
                members[negation] = False
        if self.params["scope"] is not None:
            members["scope"] = _set("scope", [_path("scope", text, "/infra/labels") for text in self.params["scope"]])
        return members

    def _member(self, option, text) -> str:
        if text.startswith("/infra/domains/") and not text.startswith(group_path(self.domain, "")):
            raise Invalid(
                option, f"{text} is a group of another gateway; a rule takes groups of its own domain {self.domain}."
            )
        return checked_address(option, text) or _path(option, text, group_path(self.domain, "")[:-1])

    def _profiles(self) -> dict:
        wanted = self.params.get("profiles")
        return (
            {}
            if wanted is None
            else {"profiles": _set("profiles", [_path("profiles", text, PROFILES) for text in wanted])}
        )

    def _services(self) -> dict:
        """Named services and inline entries are one set: who gives one of the options gives the set."""
        services, entries = self.params["services"], self.params.get("service_entries")
        if services is None and entries is None:
            return {}
        wanted = [_path("services", text, "/infra/services") for text in services or []]
        for entry in entries or []:
            _check_ports(entry["destination_ports"])
        if "ANY" in wanted and entries:
            raise Invalid("services", "ANY leaves no room for service_entries.")
        return {
            "services": canonical(wanted) if entries else _set("services", wanted),
            "service_entries": _entries(without_nulls(entries or [])),
        }


def rules_path(domain: str) -> str:
    return f"/infra/domains/{domain}/gateway-policies/default/rules"


def find(nsx, *, domain: str, id: str | None = None) -> list[dict]:
    if id is None:
        return nsx.list(rules_path(domain))
    raw = nsx.get(f"{rules_path(domain)}/{checked_reference('id', id)}")
    return [] if raw is None else [raw]


def view(raw: dict) -> dict:
    """A rule in option names, with the server's defaults where it says nothing."""
    entries = _entries(raw.get("service_entries") or [])
    services = _shown(raw.get("services"))
    return {
        "id": raw["id"],
        "display_name": raw.get("display_name") or raw["id"],
        "description": raw.get("description") or "",
        "source_groups": _shown(raw.get("source_groups")),
        "sources_excluded": bool(raw.get("sources_excluded")),
        "destination_groups": _shown(raw.get("destination_groups")),
        "destinations_excluded": bool(raw.get("destinations_excluded")),
        # PUT rules: next to service_entries the server's default ANY stands for no named service
        "services": [] if entries and services == ["ANY"] else services,
        "service_entries": entries,
        "scope": _shown(raw.get("scope")),
        "action": raw.get("action"),
        "direction": raw.get("direction") or "IN_OUT",
        "ip_protocol": raw.get("ip_protocol") or "IPV4_IPV6",
        "sequence_number": raw.get("sequence_number") or 0,
        "logged": bool(raw.get("logged")),
        "disabled": bool(raw.get("disabled")),
        "notes": raw.get("notes") or "",
        "log_label": raw.get("tag") or "",
        "profiles": _shown(raw.get("profiles")),
        "path": raw.get("path"),
        "rule_id": raw.get("rule_id"),
        "unique_id": raw.get("unique_id"),
        "tags": tag_list(raw.get("tags")),
    }


def _shown(members) -> list[str]:
    return canonical("ANY" if text.upper() == "ANY" else shown_address(text) for text in members or ["ANY"])


def _set(option, members) -> list[str]:
    """Members as they are compared; nothing at all would mean everything, so it has to be said."""
    if not members:
        raise Invalid(option, "an empty list would mean ANY. Say ANY if that is meant.")
    if "ANY" in members and len(set(members)) > 1:
        raise Invalid(option, "ANY stands alone.")
    return canonical(members)


def _path(option, text, parent) -> str:
    """The path of an object that is given by id or path."""
    if text.upper() == "ANY":
        return "ANY"
    return text if text.startswith("/") else f"{parent}/{checked_reference(option, text)}"


def _check_ports(ports) -> None:
    if not 1 <= len(ports) <= MOST_PORTS:
        raise Invalid("service_entries", f"destination_ports must be 1 to {MOST_PORTS} ports or ranges.")
    for text in ports:
        ends = [int(end) for end in text.split("-")] if re.fullmatch(r"[0-9]+(-[0-9]+)?", text) else [0]
        if not 1 <= ends[0] <= ends[-1] <= 65535:
            raise Invalid("service_entries", f"{text} is neither a port from 1 to 65535 nor a range of them.")


def _entries(entries) -> list[dict]:
    return canonical(_entry(entry) for entry in entries)


def _entry(entry) -> dict:
    """An inline service by what it lets through, without the names that it was given."""
    named = ("id", "display_name", "description", "path", "relative_path", "parent_path", "unique_id", "realization_id")
    made = ("marked_for_delete", "overridden", "owner_id", "remote_path", "tags", "children")
    content = {key: value for key, value in entry.items() if not key.startswith("_") and key not in named + made}
    for key in ("destination_ports", "source_ports"):
        if key in content:
            content[key] = canonical(str(port) for port in content[key])
    return {key: content[key] for key in sorted(content) if content[key] != []}


def _body(fields) -> dict:
    """Empty services are left out; the server then puts its default beside the entries."""
    sent = {FIELDS.get(key, key): value for key, value in fields.items()}
    return {**sent, **{key: None for key in ("services", "service_entries") if fields.get(key) == []}}
