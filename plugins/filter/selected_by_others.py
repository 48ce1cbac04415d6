# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Why a plan of ours stays: others select in it."""

from __future__ import annotations

DOCUMENTATION = r"""
name: selected_by_others
short_description: Why a plan stays, because others select in it
version_added: "1.0.0"
author: The vmc.aws_backup contributors (@vmc-aws-backup)
description:
  - What is not ours in a plan of ours is never removed, and keeps the plan.
options:
  _input:
    description: What the look at the selections of one plan registered, with the plan that was looked at as C(going).
    type: dict
    required: true
"""

EXAMPLES = r"""
- ansible.builtin.debug:
    msg: "{{ looked | vmc.aws_backup.selected_by_others }}"
"""

RETURN = r"""
_value:
  description: One sentence, or none where nobody else selects in it.
  type: list
  elements: str
"""


def selected_by_others(looked):
    """One sentence where there are selections in a plan that its entry has not made."""
    going = looked["going"]
    names = [
        each["selection_name"]
        for each in looked.get("backup_selections") or []
        if not each["creator_request_id"].startswith(going["requests"])
    ]
    if not names:
        return []
    return [f"The plan {going['plan']} stays, because others select in it: {', '.join(names)}."]


class FilterModule:
    """The filter, for Ansible."""

    def filters(self):
        """Name and function."""
        return {"selected_by_others": selected_by_others}
