# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What was seen of each prerequisite, and who has to do what."""

from __future__ import annotations

import textwrap

from ..module_utils.checks.readiness import ROWS
from ..module_utils.engine.findings import sentence
from .outcome import items

DOCUMENTATION = r"""
name: report
short_description: What was seen of each prerequisite, and who has to do what
version_added: "1.0.0"
author: The vmc.aws_backup contributors (@vmc-aws-backup)
description:
  - Brings the findings of M(vmc.aws_backup.backup_readiness_info), and what a preview predicts, together in one table.
positional: predicted
options:
  _input:
    description: The findings.
    type: list
    elements: dict
    required: true
  predicted:
    description: The registered results of a preview, or of tries in check mode, by kind of object.
    type: dict
    default: {}
seealso:
  - module: vmc.aws_backup.backup_readiness_info
"""

EXAMPLES = r"""
- ansible.builtin.debug:
    msg: "{{ (readiness.findings | vmc.aws_backup.report({'region_settings': opt_in})).report }}"
"""

RETURN = r"""
_value:
  description: The table.
  type: dict
  contains:
    rows:
      description:
        - The rows, each with RV(ignore:row), its number or nothing, RV(ignore:of), RV(ignore:name), RV(ignore:kind), RV(ignore:seen), and
          RV(ignore:todo), a list of sentences.
        - RV(ignore:kind) is C(met), C(site) where site.yml will do it, C(you) where a human has to, C(unseen) or C(left_out).
      type: list
      elements: dict
    to_do:
      description: The kinds of objects of which a preview predicts a change.
      type: list
      elements: str
    unchanged:
      description: The kinds of objects that were tried, and of which nothing would be changed, and nothing is refused or left to a human.
      type: list
      elements: str
    needs_you:
      description: Whether a human is needed.
      type: bool
    report:
      description: The same for people, line by line.
      type: list
      elements: str
    missing:
      description: What stands in the way, a sentence each, what a preview refuses among them.
      type: list
      elements: str
    findings:
      description: What stands in nobody's way but should be known, a sentence each.
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
# The row that a kind of object belongs to, and what a refusal of it is told under. Those without are predicted nowhere else.
OF = {
    "region_settings": "opt_in",
    "kms_key": "kms_key",
    "iam_role": "iam_roles",
    "segment": "segment",
    "dns_zone": "dns_zones",
    "group": "control_access",
    "mgw_rule": "control_access",
    "vcenter_dns": "vcenter_resolution",
    "security_group": "endpoint",
    "vpc_endpoint": "endpoint",
    "host": "variables",
    "plan": "appliances",
    "hypervisor": "account",
    "gateway": "account",
    "appliance": "appliances",
    "static_binding": "appliances",
}
ONLY_TRIED = ("host", "plan", "hypervisor", "gateway", "appliance", "static_binding")
REFUSED = {
    "host": "Hosts of this play are in each other's way",
    "plan": "Appliances",
    "hypervisor": "AWS Backup",
    "gateway": "AWS Backup",
    "segment": "Segment",
    "dns_zone": "DNS",
    "security_group": "Endpoint",
    "vpc_endpoint": "Endpoint",
    "appliance": "Appliances",
    "static_binding": "Appliances",
}


def report(findings, predicted=None):
    """Judge each row by its findings and by what a preview predicts."""
    predicted = {kind: _results(kind, result) for kind, result in (predicted or {}).items()}
    rows = [_judged(row, findings, predicted) for row in ROWS]
    missing = [sentence(found) for found in findings if _blocks(found)]
    missing += [
        f"{REFUSED[kind]}: {text}" for kind in predicted if kind in REFUSED for text in _refused(predicted[kind])
    ]
    return {
        "rows": rows,
        "to_do": [kind for kind, results in predicted.items() if any(_changes(found) for _name, found in results)],
        "unchanged": [kind for kind, results in predicted.items() if results and not any(map(_says, results))],
        "needs_you": any(row["kind"] == "you" for row in rows),
        "report": _lines(rows),
        "missing": list(dict.fromkeys(missing)),
        "findings": [sentence(found) for found in findings if _is_noted(found)] + _path(findings),
    }


def _results(kind, result) -> list:
    """What was predicted of a kind, each with its name, without what was left out or not come to."""
    return [(name, found) for name, found in items(kind, result or {}) if found and not found.get("skipped")]


def _is_of_path(found) -> bool:
    return found["subject"] == "path"


def _blocks(found) -> bool:
    return found["severity"] == "critical" and not _is_of_path(found)


def _is_noted(found) -> bool:
    return found["verdict"] in ("broken", "costly") and not _is_of_path(found) and not _blocks(found)


def _broken_hops(findings, *, ours: bool) -> list:
    return [
        each
        for each in findings
        if _is_of_path(each) and each["verdict"] == "broken" and bool(each["mended_by"]) == ours
    ]


def _path(findings) -> list[str]:
    """What only a human mends of the path, in one sentence."""
    evidence = [found["evidence"] for found in _broken_hops(findings, ours=False)]
    return [f"Path: {' '.join(evidence)}"] if evidence else []


def _refused(results) -> list[str]:
    texts = [result["msg"] for _name, result in results if result.get("msg")]
    return list(dict.fromkeys(texts))


def _judged(row, findings, predicted):
    kinds = [kind for kind in predicted if OF[kind] == row.id]
    results = [found for kind in kinds for found in predicted[kind]]
    to_be = [found for kind in kinds if kind not in ONLY_TRIED for found in predicted[kind]]
    (own,) = (found for found in findings if found["id"] == row.id and not _is_of_path(found))
    yours = [sentence(found) for found in findings if found["kind"] == row.id and _blocks(found)]
    yours += _refused(results)
    yours += [_kept(name, change) for name, result in to_be for change in _changes(result, kept=True)]
    to_come = [_sentence(name, _changes(result)) for name, result in to_be if _changes(result)]
    if row.id == "path":
        yours += [f"{hop['id']}: {hop['evidence']} {hop['change']}" for hop in _broken_hops(findings, ours=False)]
        to_come += [f"{hop['id']}: {hop['evidence']}" for hop in _broken_hops(findings, ours=True)]
    if own["verdict"] == "skipped":
        kind, todo = "left_out", []
    elif yours:
        kind, todo = "you", list(dict.fromkeys(yours))
    elif own["verdict"] == "unknown":
        kind, todo = "unseen", []
    elif to_come:
        kind, todo = "site", to_come
    else:
        kind, todo = "met", []
    return {"row": row.number, "of": row.id, "name": row.title, "kind": kind, "seen": own["evidence"], "todo": todo}


def _says(named) -> bool:
    """Whether a result has anything to say."""
    return bool(named[1].get("msg") or named[1].get("changes"))


def _changes(result, *, kept=False):
    """The changes of a result, or those that it would leave to a human."""
    return [change for change in result.get("changes") or [] if (change["effect"] == "kept") == kept]


def _kept(name, change):
    return f"{name}: {change['path']} is {change['actual']}, which nobody asked for. It is left as it is."


def _sentence(name, changes):
    if all(change["effect"] == "create" for change in changes):
        return f"{name} will be made."
    return f"{name}: {', '.join(change['path'] for change in changes)} will be put right."


def _lines(rows):
    counts = {kind: sum(row["kind"] == kind for row in rows) for kind in SHOWN}
    lines = [", ".join(COUNTED[kind].format(count) for kind, count in counts.items() if count) + "."]
    for row in rows:
        lead = f"{SHOWN[row['kind']]:9}{row['row']!s:>2}  {row['name']}: "
        lines += textwrap.wrap(lead + row["seen"], WIDTH, subsequent_indent=" " * 15)
        for each in row["todo"]:
            lines += textwrap.wrap(each, WIDTH, initial_indent=" " * 13 + "> ", subsequent_indent=" " * 15)
    return lines


class FilterModule:
    """The filter, for Ansible."""

    def filters(self):
        """Name and function."""
        return {"report": report}
