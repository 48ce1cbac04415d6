# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is judged: checks in a table, verdicts on facts, and the findings that they become."""

from __future__ import annotations

from typing import Callable, NamedTuple

from ..errors import BadCredentials, Error, Invalid
from . import odd

SILENT = "it was asked, and did not say why it does not tell"
SEVERITY = {"ok": "info", "skipped": "info", "costly": "warning", "unknown": "warning", "broken": "critical"}


class Untold(str):
    """In the place of a fact that nobody was asked for, or that a service would not tell: the reason."""


class Check(NamedTuple):
    """One row of a table.

    ``ask(facts)`` answers with a verdict, or with None where there is nothing to say. The role that puts in order what it finds broken is
    ``mended_by``; without one a human does. What is ``necessary`` must not stay unknown. A ``severity`` is given where it is not the
    verdict's own.
    """

    id: str
    ask: Callable
    of: str = ""
    name: str = ""
    needs: tuple = ()
    mended_by: str = ""
    necessary: bool = False
    severity: str = ""


def told(read, *, refused: tuple = ()):
    """What a read brings, or why it is not told. Errors of the kinds in ``refused`` are raised."""
    try:
        with odd.as_error("What was asked for"):
            return read()
    except refused:
        raise
    except Error as failure:
        return Untold(str(failure).strip() or SILENT)


def told_unless_refused(read):
    """The same, but that credentials are refused is no such reason."""
    return told(read, refused=(BadCredentials,))


def verdict(ask, facts) -> dict | None:
    """What a check says of the facts. One that it cannot read is unknown, and stands in no other check's way."""
    said = told(lambda: ask(facts), refused=(BadCredentials, Invalid))
    return unknown(said) if isinstance(said, Untold) else said


def ok(evidence: str) -> dict:
    return _verdict("ok", evidence)


def broken(evidence: str, change: str = "") -> dict:
    return _verdict("broken", evidence, change)


def unknown(evidence: str, change: str = "") -> dict:
    return _verdict("unknown", evidence, change)


def skipped(evidence: str) -> dict:
    return _verdict("skipped", evidence)


def costly(evidence: str, change: str) -> dict:
    return _verdict("costly", evidence, change)


def _verdict(verdict, evidence, change="") -> dict:
    return {"verdict": verdict, "evidence": " ".join(evidence.split()), "change": change}


def finding(subject: str, check: Check, verdict: dict) -> dict:
    """A verdict as everything that is reported looks."""
    return {
        "id": check.id,
        "subject": subject,
        "kind": check.of or subject,
        "name": check.name or check.id,
        "severity": severity(check, verdict["verdict"]),
        "mended_by": check.mended_by,
        **verdict,
    }


def severity(check: Check, verdict: str) -> str:
    """How grave it is: what stands in the way is critical."""
    if verdict == "broken" and check.severity:
        return check.severity
    return "critical" if verdict == "unknown" and check.necessary else SEVERITY[verdict]


def sentence(found: dict) -> str:
    """A finding for people."""
    return f"{found['name']}: {found['evidence']} {found['change']}".strip()
