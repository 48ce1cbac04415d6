# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What was seen of each prerequisite, and who has to do what."""

from __future__ import annotations

import textwrap

from .outcome import items

DOCUMENTATION = r"""
name: report
short_description: What was seen of each prerequisite, and who has to do what
version_added: "1.0.0"
author: The vmc.aws_backup contributors (@vmc-aws-backup)
description:
  - Brings rows of what was seen, and checks of what is missing, together in one table.
positional: checks
options:
  _input:
    description: >-
      The rows. Each has O(ignore:row), its number in the list of prerequisites or empty, O(ignore:name), O(ignore:of), the word that checks
      name it by, and O(ignore:seen). O(ignore:left_out) says why it is left out. Unless O(ignore:looked), nothing could be seen of it.
      O(ignore:written) has the results of a preview by kind of object. O(ignore:yours) and O(ignore:to_come) are further sentences on what
      a human has to do, and on what site.yml will do.
    type: list
    elements: dict
    required: true
  checks:
    description: The checks. Each has O(ignore:of), whether what it asks for is O(ignore:there), and what it says if not.
    type: list
    elements: dict
    required: true
"""

EXAMPLES = r"""
- ansible.builtin.debug:
    msg: "{{ (rows | vmc.aws_backup.report(checks)).report }}"
  vars:
    rows: [{row: 8, name: Service opt-in, of: opt_in, looked: true, seen: It is off.}]
    checks: [{of: opt_in, there: false, says: Switch it on.}]
"""

RETURN = r"""
_value:
  description: The table.
  type: dict
  contains:
    rows:
      description:
        - The rows, each with RV(ignore:row), RV(ignore:of), RV(ignore:name), RV(ignore:kind), RV(ignore:seen), and RV(ignore:todo), a list of sentences.
        - RV(ignore:kind) is C(met), C(site) where site.yml will do it, C(you) where a human has to, C(unseen) or C(left_out).
      type: list
      elements: dict
    needs_you:
      description: Whether a human is needed.
      type: bool
    report:
      description: The same for people, line by line.
      type: list
      elements: str
"""

SHOWN = {"met": "met", "site": "site.yml", "you": "YOU", "unseen": "not seen", "left_out": "left out"}
COUNTED = {
    "met": "{} met",
    "site": "{} will be done by site.yml",
    "you": "{} you must do",
    "unseen": "{} not seen yet",
    "left_out": "{} left out",
}
WIDTH = 150


def report(rows, checks):
    """Judge each row by its checks and by what a preview would write."""
    found = [_judged(row, checks) for row in rows]
    return {"rows": found, "needs_you": any(row["kind"] == "you" for row in found), "report": _lines(found)}


def _judged(row, checks):
    missing = [" ".join(check["says"].split()) for check in checks if check["of"] == row["of"] and not check["there"]]
    results = [found for kind, result in (row.get("written") or {}).items() for found in items(kind, result or {})]
    yours = [" ".join(sentence.split()) for sentence in row.get("yours") or []]
    refused = [result["msg"] for _name, result in results if result.get("msg") and not result.get("skipped")]
    kept = [_kept(name, change) for name, result in results for change in _changes(result, kept=True)]
    yours += [sentence for sentence in kept if sentence not in yours]
    to_come = [_told(name, _changes(result)) for name, result in results if _changes(result)]
    if row.get("left_out"):
        kind, todo = "left_out", []
    elif missing or refused or yours:
        kind, todo = "you", [*missing, *refused, *yours]
    elif not row["looked"]:
        kind, todo = "unseen", []
    elif to_come or row.get("to_come"):
        kind, todo = "site", [*to_come, *(row.get("to_come") or [])]
    else:
        kind, todo = "met", []
    seen = row.get("left_out") or row["seen"]
    named = {key: row[key] for key in ("row", "of", "name")}
    return {**named, "kind": kind, "seen": " ".join(seen.split()), "todo": todo}


def _changes(result, *, kept=False):
    """The changes of a result, or those that it would leave to a human."""
    return [change for change in result.get("changes") or [] if (change["effect"] == "kept") == kept]


def _kept(name, change):
    return f"{name}: {change['path']} is {change['actual']}, which nobody asked for. It is left as it is."


def _told(name, changes):
    if all(change["effect"] == "create" for change in changes):
        return f"{name} will be made."
    return f"{name}: {', '.join(change['path'] for change in changes)} will be put right."


def _lines(rows):
    counts = {kind: sum(row["kind"] == kind for row in rows) for kind in SHOWN}
    lines = [", ".join(COUNTED[kind].format(count) for kind, count in counts.items() if count) + "."]
    for row in rows:
        lead = f"{SHOWN[row['kind']]:9}{row['row']!s:>2}  {row['name']}: "
        lines += textwrap.wrap(lead + row["seen"], WIDTH, subsequent_indent=" " * 15)
        for sentence in row["todo"]:
            lines += textwrap.wrap(sentence, WIDTH, initial_indent=" " * 13 + "> ", subsequent_indent=" " * 15)
    return lines


class FilterModule:
    """The filter, for Ansible."""

    def filters(self):
        """Name and function."""
        return {"report": report}
