# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What was accepted: a finding that somebody lives with, for a reason and until a day. It stays visible."""

from __future__ import annotations

import datetime
from typing import NamedTuple

from ..errors import Invalid

ALL = "all"
WORDS = ("id", "host", "reason", "approver", "expiry")


class Accepted(NamedTuple):
    """``host`` may be all of them. ``expiry`` is the last day, in UTC, on which it counts."""

    id: str
    host: str
    reason: str
    approver: str
    expiry: datetime.date

    def covers(self, finding: dict) -> bool:
        return self.id == finding["id"] and self.host in (ALL, finding["host"])

    def told(self) -> dict:
        return {"reason": self.reason, "approver": self.approver, "expiry": self.expiry.isoformat()}


def accepted(given) -> list[Accepted]:
    """The list of a user. Invalid names what is missing in it."""
    return [_one(place, dict(each)) for place, each in enumerate(given or ())]


def _one(place, given) -> Accepted:
    where = f"accept[{place}]"
    unknown = sorted(set(given) - set(WORDS))
    if unknown:
        raise Invalid(where, f"there is no {', '.join(unknown)}; there are: {', '.join(WORDS)}.")
    missing = [word for word in WORDS if not str(given.get(word) or "").strip()]
    if missing:
        raise Invalid(where, f"{', '.join(missing)} is missing.")
    text = str(given["expiry"]).strip()
    try:
        expiry = datetime.date.fromisoformat(text)
    except ValueError:
        raise Invalid(f"{where}.expiry", f"{text!r} is no date such as 2026-12-31.") from None
    return Accepted(*(str(given[word]).strip() for word in WORDS[:-1]), expiry)


def applied(findings: list, accept: list, today: datetime.date) -> list:
    """The findings, those that are accepted with by whom and why, and one more for each acceptance whose day has passed."""
    told, expired = [], {}
    for finding in findings:
        covering = [one for one in accept if one.covers(finding)] if finding["open"] else []
        valid = [one for one in covering if one.expiry >= today]
        if valid:
            told.append({**finding, "accepted": max(valid, key=lambda one: one.expiry).told(), "open": False})
        else:
            told.append(finding)
            expired.update((one, _expired(one, finding["host"])) for one in covering)
    return [*told, *expired.values()]


def _expired(one, host) -> dict:
    return {
        "id": f"acceptance/{one.id}",
        "subject": "acceptance",
        "host": host,
        "kind": "acceptance",
        "name": one.id,
        "thing": "",
        "path": "",
        "desired": None,
        "actual": None,
        "verdict": "broken",
        "class": "stale",
        "severity": "warning",
        "effect": "",
        "evidence": f"{one.approver} accepted it until {one.expiry.isoformat()}: {one.reason}",
        "change": "Mend it, or have it accepted anew.",
        "mended_by": "",
        "changed_by": "",
        "accepted": None,
        "open": True,
    }
