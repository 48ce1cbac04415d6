# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pure functions on values: canonical forms, tags, references that have no id yet."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from . import secrets
from .errors import Invalid
from .printable import printable

OWNER_KEY = "managed-by"
OWNER_VALUE = "vmc-aws-backup"
OWNER_TAG = {OWNER_KEY: OWNER_VALUE}
MARKS = "vmc-aws-backup"  # with it begin the keys of all other marks
SITE_KEY = f"{MARKS}-site"
SITE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}")
# What AWS calls \p{L}, \p{N} and \p{Z}, the wide space of Japanese among them, and some signs.
TAG_TEXT = re.compile(r"[\w \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000.:/=+@-]*")
MOST_TAGS = 50
HOST = re.compile(r"[a-zA-Z0-9_.-]{1,253}|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*")


@dataclass(frozen=True)
class Noticed:
    """What was found on a thing of ours that nobody asked for: ``advice`` says what it means, and what can be done."""

    path: str
    desired: object
    actual: object
    advice: str


class Unresolved:
    """A reference by name to a thing that has no id yet: equal to nothing, printed as the name.

    Check mode predicts with it; an apply is refused before the first write.
    """

    __hash__ = None

    def __init__(self, kind: str, name: str):
        self.kind = kind
        self.name = name

    def __eq__(self, other):
        return False

    def __ne__(self, other):
        return True

    def __str__(self):
        return self.name

    __repr__ = __str__


def unresolved(value) -> list[Unresolved]:
    """Every Unresolved inside a value."""
    if isinstance(value, Unresolved):
        return [value]
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        return [found for item in value for found in unresolved(item)]
    return []


def plain(value):
    """The value as JSON can carry it and a terminal may show it: Unresolved becomes its name."""
    if isinstance(value, (str, Unresolved)):
        return printable(str(value))
    if isinstance(value, dict):
        return {plain(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value


def given(params: dict, *names: str) -> dict:
    """The named options that were given; nulls inside suboptions are stripped."""
    return {name: without_nulls(params[name]) for name in names if params.get(name) is not None}


def addresses_of(machine: dict) -> list[str]:
    """Every address that an appliance has reported; the prediction of a preview knows one at most."""
    one = machine.get("guest_ip_address")
    return machine.get("guest_ip_addresses") or ([one] if one else [])


def without_nulls(value):
    """The value without dictionary entries that are null."""
    if isinstance(value, dict):
        return {key: without_nulls(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [without_nulls(item) for item in value]
    return value


def canonical(values) -> list:
    """A list whose order means nothing, as it is compared: sorted by text, without doubles. Unresolved items stay."""
    out: list = []
    for value in sorted(values, key=str):
        if value not in out:
            out.append(value)
    return out


def is_reserved(key: str) -> bool:
    """Whether a tag's key is one of the collection's own marks, which nobody gives and nobody purges."""
    return key == OWNER_KEY or key.startswith(MARKS)


def checked_site(site_id: str | None) -> str | None:
    """The identity of a site, as it may stand in a tag and in its key."""
    if site_id and not SITE.fullmatch(site_id):
        raise Invalid(
            "site_id", f"{site_id!r} must be 1 to 64 letters, digits and any of _ . : -, the first a letter or digit."
        )
    return site_id


def marks(site_id: str | None) -> dict:
    """The tags that say whose a thing is: the collection's, and where it is made for one site, that site's."""
    return {**OWNER_TAG, **({SITE_KEY: checked_site(site_id)} if site_id else {})}


def wanted_tags(
    have: dict | None, tags: dict | None, *, purge: bool, ours: dict | None = None, any_case: bool = False
) -> dict:
    """The tags the thing shall carry: those asked for, our marks, and without purge those it has. Marks are never purged.

    With ``any_case`` the service takes keys that differ in case for one: what is asked for is spelled as the thing has it.
    """
    kept = {key: value for key, value in (have or {}).items() if not purge or is_reserved(key)}
    asked = checked_tags(tags or {})
    if any_case:
        asked = _spelled(asked, have or {})
    wanted = {**kept, **asked, **(OWNER_TAG if ours is None else ours)}
    if len(wanted) > MOST_TAGS:
        raise Invalid("tags", f"{len(wanted)} tags, ours and those that stay among them, are more than {MOST_TAGS}.")
    return wanted


def _spelled(asked: dict, have: dict) -> dict:
    """What is asked for under the keys that the thing has, in whatever case. Raises Invalid for what would be one key."""
    as_it_has = {key.lower(): key for key in have}
    given: dict = {}
    for key in asked:
        if is_reserved(key.lower()):
            raise Invalid(
                "tags",
                f"{key} is a mark of the collection itself, as case makes no other key here, and cannot be given.",
            )
        if key.lower() in given:
            raise Invalid(
                "tags", f"{given[key.lower()]} and {key} are one key here, where case makes no difference. Give one."
            )
        given[key.lower()] = key
    return {as_it_has.get(key.lower(), key): value for key, value in asked.items()}


def checked_tags(tags: dict, option: str = "tags") -> dict:
    """The tags as text, if AWS can take them."""
    allowed = "letters and digits of any script, spaces and any of _ . : / = + - @"
    for key, value in tags.items():
        name = str(key)
        if is_reserved(name):
            raise Invalid(option, f"{name} is a mark of the collection itself, and cannot be given.")
        if not (TAG_TEXT.fullmatch(name) and 1 <= len(name) <= 128) or name.lower().startswith("aws:"):
            raise Invalid(option, f"The key {name!r} must be 1 to 128 {allowed}, and must not begin with aws:.")
        if not isinstance(value, (str, int, float)) or not TAG_TEXT.fullmatch(str(value)) or len(str(value)) > 256:
            raise Invalid(option, f"The value of {name} must be text: at most 256 {allowed}.")
    return {str(key): str(value) for key, value in tags.items()}


def checked_host(option: str, text: str) -> str:
    secrets.checked_url(option, text)
    if not HOST.fullmatch(text):
        raise Invalid(option, f"{text!r} is not the name or address of a host.")
    return text


def checked_port(option: str, number: int) -> int:
    if not 1 <= number <= 65535:
        raise Invalid(option, f"{number} is not a port: 1 to 65535.")
    return number


def token(*parts) -> str:
    """An idempotency token: the same parts give the same token (SAFETY 20)."""
    return hashlib.sha256("\n".join(str(part) for part in parts).encode()).hexdigest()[:32]
