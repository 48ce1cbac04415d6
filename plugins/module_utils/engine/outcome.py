# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a run of the engine found and did, field by field."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field

from ..values import plain

WRITE_ONLY = "(write-only)"
UNVERIFIABLE = "(unverifiable)"


@dataclass
class Change:
    """One field that differs. ``effect`` is one of create, in_place, replace, delete, kept, denied."""

    path: str
    desired: object
    actual: object
    effect: str


@dataclass
class Outcome:
    """What was, what is (or in check mode would be), and each field between."""

    before: dict | None
    after: dict | None
    changed: bool = False
    changes: list[Change] = field(default_factory=list)
    managed: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def as_records(self) -> list[dict]:
        return [plain(asdict(change)) for change in self.changes]


def compared(resource, have, want, fixed=()) -> list[Change]:
    """One record per field that differs, write-only keys included. Those that are fixed or immutable would have it replaced."""
    if have is None:
        return [
            *(Change(key, value, None, "create") for key, value in want.items()),
            *(Change(key, WRITE_ONLY, UNVERIFIABLE, "create") for key in resource.write_only),
        ]
    return [
        *fields(have, want, {*resource.immutable, *fixed}),
        *(Change(key, WRITE_ONLY, UNVERIFIABLE, "in_place") for key in secrets_due(resource)),
    ]


def fields(have, want, immutable) -> list[Change]:
    return [
        change
        for key, value in differing(have, want).items()
        for change in _descended(key, value, have.get(key), "replace" if key in immutable else "in_place")
    ]


def _descended(path, desired, actual, effect) -> list[Change]:
    """Descend where both sides are dictionaries, so that one tag is one record."""
    if not (isinstance(desired, dict) and isinstance(actual, dict)):
        return [Change(path, desired, actual, effect)]
    return [
        found
        for key in sorted({**actual, **desired}, key=str)
        if desired.get(key) != actual.get(key)
        for found in _descended(f"{path}.{key}", desired.get(key), actual.get(key), effect)
    ]


def differing(have, want) -> dict:
    """The wanted keys whose value is another."""
    return {key: value for key, value in want.items() if key not in have or value != have[key]}


def due(resource, have, want) -> dict:
    """What an apply would write: differing keys, and write-only keys that are due."""
    if have is None:
        return dict(want)
    return {**differing(have, want), **dict.fromkeys(secrets_due(resource), WRITE_ONLY)}


def secrets_due(resource) -> set:
    """The write-only keys that are to be written to a thing that is there."""
    return {key for key, now in resource.write_only.items() if now}
