# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What became of what earlier reports found."""

from __future__ import annotations

import json

from ..errors import Invalid
from .report import COVERAGE, VERSION, share

MOST = 30


def parsed(option: str, text: str) -> dict:
    """An earlier report. Invalid names the option where it is none."""
    try:
        told = json.loads(text)
        found = {
            "at": str(told["generated_at"]),
            "counts": dict(told["counts"]),
            "coverage": {word: int(told["coverage"][word]) for word in COVERAGE},
            "open": open_in(told),
            "digests": {host["host"]: host["digest"] for host in told["hosts"]},
        }
    except (ValueError, LookupError, TypeError, AttributeError):
        raise Invalid(option, "is no report in JSON.") from None
    if told.get("version") != VERSION:
        raise Invalid(option, f"is a report of version {told.get('version')}, and this is version {VERSION}.")
    return found


def open_in(told: dict) -> dict:
    """What is open in a report, by host and by what it is about."""
    return {
        (host["host"], finding["id"], finding["path"]): finding
        for host in told["hosts"]
        for finding in host["findings"]
        if finding["open"]
    }


def drops(told: dict, earlier: list) -> str:
    """A sentence where a smaller part of the fields is compared than the last time."""
    before = max(
        (each for each in earlier if each["at"] < told["generated_at"]), key=lambda each: each["at"], default=None
    )
    if before is None or share(told["coverage"]) >= share(before["coverage"]):
        return ""
    now, then = told["coverage"], before["coverage"]
    return (
        f"A smaller part of the fields is compared than on {before['at']}: {now['compared']} of {now['known']}, "
        f"where it was {then['compared']} of {then['known']}."
    )


def trend(told: dict, earlier: list) -> dict | None:
    """The counts of the reports up to this one, and what came and went since the last of them; ``None`` where there is none."""
    before = sorted((each for each in earlier if each["at"] < told["generated_at"]), key=lambda each: each["at"])[
        -MOST:
    ]
    if not before:
        return None
    now, then = open_in(told), before[-1]["open"]
    return {
        "since": before[-1]["at"],
        "points": [
            *({"at": each["at"], "counts": each["counts"]} for each in before),
            {"at": told["generated_at"], "counts": told["counts"]},
        ],
        "new": [now[key] for key in sorted(now.keys() - then.keys())],
        "gone": [then[key] for key in sorted(then.keys() - now.keys())],
    }
