# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A report in lines: for each host one that sums it up, then what differs, and nothing else."""

from __future__ import annotations

import json
import textwrap

WIDTH = 150
LONGEST = 80
GRAVE = ("critical", "warning", "info")


def text(told: dict) -> str:
    """The report as a file of text."""
    title = f"{told['title']}: {summary(told)} ({told['generated_at']})"
    return "\n".join([title, *covered(told), *lines(told)]) + "\n"


def covered(told: dict) -> list[str]:
    """How much was compared, where that is known."""
    coverage = told["coverage"]
    return [f"{coverage['compared']} of {coverage['known']} fields compared."] if coverage["known"] else []


def lines(told: dict) -> list[str]:
    return [line for host in told["hosts"] for line in _of_host(host)]


def summary(told: dict) -> str:
    """What all of it comes to, or one host."""
    counts = told["counts"]
    words = [f"{counts[word]} {word}" for word in ("critical", "warning", "info", "accepted") if counts[word]]
    if counts.get("incomplete"):
        words.insert(0, f"{counts['incomplete']} of {len(told['hosts'])} incomplete")
    return ", ".join(words) or ("nothing was looked at" if told.get("hosts") == [] else "all in order")


def incomplete_first(told: dict) -> list:
    """The hosts, those first that most has to be done about."""
    return sorted(
        told["hosts"], key=lambda host: (host["complete"], *(-host["counts"][word] for word in GRAVE), host["host"])
    )


def _of_host(host) -> list[str]:
    seen = summary(host)
    first = (
        f"{host['host']}: {seen}." if host["complete"] else f"{host['host']}: INCOMPLETE, {_incomplete(host, seen)}."
    )
    found = [finding for finding in host["findings"] if finding["open"] or finding["accepted"]]
    return [first, *(line for group in objects(found) for line in _of_object(group))]


def _incomplete(host, seen) -> str:
    return f"{host['incomplete'].rstrip('.')}; seen so far: {seen}"


def objects(findings: list) -> list[list]:
    """The findings, those of one object that is missing together."""
    groups: dict = {}
    for finding in findings:
        key = (finding["host"], _object(finding)) if finding["class"] == "missing" and finding["path"] else id(finding)
        groups.setdefault((key, bool(finding["accepted"])), []).append(finding)
    return list(groups.values())


def _object(finding) -> str:
    return " ".join(filter(None, [finding["kind"], finding["name"]]))


def _of_object(group) -> list[str]:
    told = sentence(group)
    accepted = group[0]["accepted"]
    mark = {"critical": "!!", "warning": "! ", "info": "  "}[group[0]["severity"]]
    if accepted:
        mark, told = (
            "ok",
            f"{told} (accepted by {accepted['approver']} until {accepted['expiry']}: {accepted['reason']})",
        )
    return textwrap.wrap(told, WIDTH, initial_indent=f"  {mark} ", subsequent_indent=" " * 7, break_on_hyphens=False)


def sentence(group: list) -> str:
    """What differs, in words for people."""
    first = group[0]
    if len(group) > 1:
        return f"{_object(first)}: missing"
    if first["path"]:
        actual, desired = _apart(first["actual"], first["desired"])
        return f"{_object(first)}.{first['path']}: {actual} -> {desired}"
    return f"{first['name'] or first['id']}: {first['evidence']} {first['change']}".strip()


def _apart(actual, desired) -> tuple:
    """Both values; of two long lists without what they have in common, which would hide the rest."""
    told = value(actual), value(desired)
    if not all(isinstance(each, list) for each in (actual, desired)) or max(map(len, told)) < LONGEST:
        return told
    ours, theirs = (
        [each for each in one if each not in other] for one, other in ((actual, desired), (desired, actual))
    )
    return value(["...", *ours]), value(["...", *theirs])


def value(held, longest: int = LONGEST) -> str:
    """A value as it fits into a line."""
    told = held if isinstance(held, str) and held else json.dumps(held, ensure_ascii=False, sort_keys=True, default=str)
    return told if len(told) <= longest else f"{told[: longest - 3]}..."
