# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A report in Markdown, for tickets and wikis."""

from __future__ import annotations

import re

from .text import covered, incomplete_first, objects, sentence, summary
from .trend import trend

SPECIAL = re.compile(r"([\\`*_{}\[\]()#+.!|~$-])")
HTML = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
COLUMNS = ("critical", "warning", "info", "accepted", "in_order")


def markdown(told: dict, earlier=()) -> str:
    parts = [
        f"# {escaped(told['title'])}",
        f"**{escaped(summary(told))}**, {told['generated_at']}",
        *covered(told),
        _table(told),
        *_trend(told, earlier),
        *(part for host in incomplete_first(told) for part in _of_host(host)),
        f"Digest: `{told['digest']}`",
    ]
    return "\n\n".join(parts) + "\n"


def escaped(text: str) -> str:
    """A text that is shown as it is."""
    told = "".join(HTML.get(each, each) for each in " ".join(text.split()))
    return SPECIAL.sub(r"\\\1", told)


def _table(told) -> str:
    rows = ["| host | " + " | ".join(column.replace("_", " ") for column in COLUMNS) + " | looked at |"]
    rows.append("|" + "---|" * (len(COLUMNS) + 2))
    for host in incomplete_first(told):
        counts = " | ".join(str(host["counts"][column]) for column in COLUMNS)
        seen = "wholly" if host["complete"] else f"**INCOMPLETE**: {escaped(host['incomplete'])}"
        rows.append(f"| {escaped(host['host'])} | {counts} | {seen} |")
    return "\n".join(rows)


def _trend(told, earlier):
    found = trend(told, list(earlier))
    if found:
        yield f"## Since {found['since']}"
        lines = [f"* {word}: {escaped(_named(each))}" for word in ("new", "gone") for each in objects(found[word])]
        yield "\n".join(lines) or "Nothing came, and nothing went."


def _named(group) -> str:
    return f"{group[0]['host']}: {sentence(group)}"


def _of_host(host):
    found = [finding for finding in host["findings"] if finding["open"] or finding["accepted"]]
    if not found:
        return
    yield f"## {escaped(host['host'])}"
    lines = []
    for group in objects(found):
        accepted = group[0]["accepted"]
        by = (
            f" *Accepted by {escaped(accepted['approver'])} until {escaped(accepted['expiry'])}: {escaped(accepted['reason'])}*"
            if accepted
            else ""
        )
        mended = f" Mended by `{group[0]['mended_by']}`." if group[0]["mended_by"] else ""
        lines.append(f"* **{group[0]['severity']}** {escaped(sentence(group))}{mended}{by}")
    yield "\n".join(lines)
