# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A report: findings of all hosts in one form and order, counted, with a digest of what is found, and what auditors ask for."""

from __future__ import annotations

import datetime
import hashlib
import json

from ..engine.outcome import UNVERIFIABLE
from ..values import plain
from .accepted import applied
from .severity import SEVERITIES, severity

VERSION = 1
WORDS = (
    "id",
    "subject",
    "host",
    "kind",
    "name",
    "thing",
    "path",
    "desired",
    "actual",
    "verdict",
    "class",
    "severity",
    "effect",
    "evidence",
    "change",
    "mended_by",
    "changed_by",
)
VALUES = ("desired", "actual")
IN_ORDER = ("ok", "skipped")
MAINTAINED = "sddc_quiet"  # the check after which what is seen may be another thing in a moment (SAFETY 9)
# Checks of what nobody planned.
UNEXPECTED = "management_unexposed nsx_objects_planned nsx_objects_uncopied gateways_planned gateways_known".split()
COVERAGE = ("compared", "known")
COMPARED = ("host", "kind", "name", "path", "desired", "actual")
CLASSES = {
    "create": "missing",
    "in_place": "changed",
    "replace": "changed",
    "delete": "unexpected",
    "kept": "unexpected",
    "denied": "changed",
}


def report(title: str, hosts: dict, *, accept=(), rows=(), now: datetime.datetime) -> dict:
    """``hosts`` has for each its ``findings`` and ``coverage``, as ``evidence`` what auditors ask for, and as ``incomplete`` why not all was looked at."""
    told = [_host(name, hosts[name], accept, rows, now) for name in sorted(hosts)]
    counts = {word: sum(each["counts"][word] for each in told) for word in _counts([])}
    coverage = {word: sum(each["coverage"][word] for each in told) for word in COVERAGE}
    counts["incomplete"] = sum(not each["complete"] for each in told)
    return {
        "version": VERSION,
        "title": plain(title),
        "generated_at": now.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "complete": bool(told) and not counts["incomplete"],
        "counts": counts,
        "coverage": coverage,
        "digest": _sum([[each["host"], each["digest"]] for each in told]),
        "hosts": told,
    }


def _host(name, given, accept, rows, now) -> dict:
    findings = [_finding(name, each, rows) for each in given.get("findings") or ()]
    if any(each["id"] == MAINTAINED and each["verdict"] == "broken" for each in findings):
        findings = [{**each, "class": "stale"} if each["open"] else each for each in findings]
    findings = sorted(applied(findings, accept, now.astimezone(datetime.timezone.utc).date()), key=_order)
    incomplete = str(given.get("incomplete") or "")
    return {
        "host": plain(name),
        "complete": not incomplete,
        "incomplete": plain(incomplete),
        "counts": _counts(findings),
        "coverage": {word: int((given.get("coverage") or {}).get(word) or 0) for word in COVERAGE},
        "digest": digest(findings, incomplete),
        "findings": findings,
        "evidence": plain(dict(given.get("evidence") or {})),
    }


def _finding(host, given, rows) -> dict:
    """A finding with every word, whichever of them it was given."""
    given = {**{word: given.get(word) for word in WORDS}, "host": host}
    told = {word: given[word] if word in VALUES else str(given[word] or "") for word in WORDS}
    told = plain(told)
    told["verdict"] = told["verdict"] or "broken"
    told["id"] = told["id"] or "/".join(filter(None, [told["kind"], told["name"], told["path"]]))
    told["severity"] = severity(told, rows)
    if not told["class"] and told["verdict"] not in IN_ORDER:
        told["class"] = _class(told)
    return {**told, "accepted": None, "open": told["verdict"] not in IN_ORDER}


def _class(told) -> str:
    if told["id"] in UNEXPECTED:
        return "unexpected"
    return "unverifiable" if _cannot_be_verified(told) else CLASSES.get(told["effect"], "changed")


def _cannot_be_verified(told) -> bool:
    return told["verdict"] == "unknown" or (told["actual"] == UNVERIFIABLE and told["effect"] == "in_place")


def _order(finding) -> tuple:
    return (
        not finding["open"],
        finding["accepted"] is None and not finding["open"],
        SEVERITIES.index(finding["severity"]),
        *(finding[word] for word in ("subject", "kind", "name", "path", "id")),
        _text([finding["desired"], finding["actual"], finding["evidence"]]),
    )


def _counts(findings) -> dict:
    still = [finding for finding in findings if finding["open"]]
    return {
        **{word: sum(each["severity"] == word for each in still) for word in SEVERITIES},
        "accepted": sum(bool(each["accepted"]) for each in findings),
        "in_order": sum(not each["open"] and not each["accepted"] for each in findings),
    }


def digest(findings: list, incomplete: str = "") -> str:
    """Of what differs, accepted or not: no ages, no evidence, so that one world has one digest whoever looks at it, and when."""
    compared = [
        [finding[word] for word in COMPARED]
        for finding in findings
        if finding["verdict"] not in IN_ORDER and finding["subject"] != "acceptance"
    ]
    return _sum(sorted(compared, key=_text) + ([["incomplete"]] if incomplete else []))


def _sum(value) -> str:
    return hashlib.sha256(_text(value).encode()).hexdigest()


def _text(value) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)


def ids(told: dict) -> list:
    """The findings that are open, by host and id."""
    return sorted(
        {f"{each['host']}:{each['id']}" for host in told["hosts"] for each in host["findings"] if each["open"]}
    )


def share(coverage: dict) -> float:
    """The part of the fields that was compared."""
    return coverage["compared"] / coverage["known"] if coverage["known"] else 0.0


def failing(told: dict, fail_on: str) -> list:
    """The hosts with something as grave as that. One that was not looked at wholly is never in order."""
    if fail_on == "none":
        return []
    graver = SEVERITIES[: SEVERITIES.index(fail_on) + 1]
    return [
        host["host"] for host in told["hosts"] if not host["complete"] or any(host["counts"][word] for word in graver)
    ]
