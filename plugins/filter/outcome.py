# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a role did, from what its tasks registered."""

from __future__ import annotations

import re

from ..lookup.options import options
from ..plugin_utils.known_variables import OPTIONS

CLOSED = {"path": "state", "desired": "absent", "actual": "present", "effect": "delete"}

DOCUMENTATION = r"""
name: outcome
short_description: What a role did, from what its tasks registered
version_added: "1.0.0"
author: The vmc.aws_backup contributors (@vmc-aws-backup)
description:
  - Gathers the C(changes) of several registered results in one list and says which object each one is about.
  - Results of skipped tasks and of tasks that were never reached count as empty, so that the filter serves a C(rescue) as well.
positional: failure, role, tried
options:
  _input:
    description: >-
      Registered results by kind of object, also several of one kind as a list.
      The result of a loop is taken item by item, and named after the item. What one has made that is C(for_a_while) is removed again, and told so.
    type: dict
    required: true
  failure:
    description: The result that made the role fail, as C(ansible_failed_result) has it.
    type: dict
  role:
    description: The role, whose variables are named in place of the options of its modules that they are passed to.
    type: str
  tried:
    description: Whether what was only tried counts as well.
    type: bool
    default: false
"""

EXAMPLES = r"""
- ansible.builtin.set_fact:
    endpoint_result: "{{ {'security_group': __endpoint_security_group, 'vpc_endpoint': __endpoint_vpc_endpoint} | vmc.aws_backup.outcome }}"

# {"changed": true, "failed": false, "changes": [{"object": "vpc_endpoint", "path": "tags.env", "desired": "prod", "actual": null, ...}]}
"""

RETURN = r"""
_value:
  description: The outcome.
  type: dict
  contains:
    changed:
      description: Whether anything was or would be changed.
      type: bool
    failed:
      description: Whether O(failure) was given.
      type: bool
    msg:
      description: Why it failed, in the words of the task or of each failed item. Only when it failed.
      type: str
    coverage:
      description: How many fields were C(compared), of those that are C(known). Only where modules said so.
      type: dict
    changes:
      description: >-
        One record per field, each with the RV(ignore:object) it is about, and with the module and its own name as RV(ignore:thing).
      type: list
      elements: dict
"""


def outcome(results, failure=None, role=None, tried=False):
    """Gather the changes of registered results."""
    every = [found for kind, result in results.items() for found in items(kind, result or {})]
    single = [(name, result) for name, result in every if tried or not result.get("tried")]
    answer = {
        "changed": any(result.get("changed", False) for _name, result in single),
        "failed": failure is not None,
        "changes": [
            {"object": name, **({"thing": result["thing"]} if "thing" in result else {}), **change}
            for name, result in single
            for change in _changes(result)
        ],
    }
    covered = [result["coverage"] for _name, result in single if result.get("coverage")]
    if covered:
        answer["coverage"] = {word: sum(each[word] for each in covered) for word in ("compared", "known")}
    if failure is not None:
        answer["msg"] = by_variable(role, _reason(failure))
    return answer


def _changes(result):
    """What a result changed. What is opened for a while is closed again, also where both are only predicted."""
    changes = result.get("changes") or []
    return [*changes, CLOSED] if changes and result.get("for_a_while") else changes


def items(kind, result):
    """The result by the name of its object; the result of a loop item by item."""
    if isinstance(result, list):
        return [found for each in result for found in items(kind, each)]
    if "results" not in result:
        return [(kind, result)]
    return [(f"{kind} {_label(item)}", item) for item in result["results"]]


def _label(item):
    looped = item.get(item.get("ansible_loop_var", "item"))
    if isinstance(looped, dict):
        return " ".join(str(looped[key]) for key in ("domain", "name", "id", "target") if key in looped)
    return looped


def _reason(failure):
    """The message of the failed items, or of the task."""
    failed = [(_label(item), item.get("msg", "")) for item in failure.get("results") or [] if item.get("failed")]
    return "\n".join(f"{label}: {text}" if label else text for label, text in failed) or failure.get("msg", "")


def by_variable(role, text):
    """A message with the variables of a role in place of the options that they are passed to.

    An option of one word is only named where a message begins or says to set it; one of several is not a word of prose.
    """
    named = {option: list(names) for option, names in _connections().items()}
    for option, names in OPTIONS.get(role, {}).items():
        named[option] = list(dict.fromkeys([*names, *named.get(option, ())]))
    longest = sorted(named, key=len, reverse=True)
    plain, joined = ([re.escape(one) for one in longest if ("_" in one) is both] for both in (False, True))
    form = rf"(?:(?<=^)|(?<=: )|(?<= set ))({'|'.join(plain)})(?=: | to )|(?<![\w.-])({'|'.join(joined)})(?![\w-])"
    return re.sub(form, lambda found: " or ".join(named[found[0]]), text, flags=re.MULTILINE) if role else text


def _connections():
    """Option -> the variable that says how something is reached, for all of a host."""

    def name_of_all(name):
        return None if name.startswith(("vmc_backup_endpoint_aws", "vmc_backup_backup_aws")) else name

    found: dict = {}
    for group in ("backup", "vmc", "vsphere", "image"):
        for option, name in options(group, name_of_all).items():
            if isinstance(name, str):
                found.setdefault(option, {})[name] = True
    return found


class FilterModule:
    """The filter, for Ansible."""

    def filters(self):
        """Name and function."""
        return {"outcome": outcome}
