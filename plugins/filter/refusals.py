# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What was refused when a role tried what it would write."""

from __future__ import annotations

from .outcome import by_variable, items

DOCUMENTATION = r"""
name: refusals
short_description: What was refused when a role tried what it would write
version_added: "1.0.0"
author: The vmc.aws_backup contributors (@vmc-aws-backup)
description:
  - Gathers why tries were refused, in the words of the role's variables, so that all of it is told at once before anything is written.
positional: role
options:
  _input:
    description: Registered results of tries by kind of object, as P(vmc.aws_backup.outcome#filter) takes them.
    type: dict
    required: true
  role:
    description: The role, whose variables are named in place of the options of its modules.
    type: str
    required: true
seealso:
  - plugin: vmc.aws_backup.outcome
    plugin_type: filter
"""

EXAMPLES = r"""
- ansible.builtin.assert:
    that: __protection_written | vmc.aws_backup.refusals('protection') | length == 0
"""

RETURN = r"""
_value:
  description: One sentence for each try that was refused.
  type: list
  elements: str
"""


def refusals(results, role):
    """Why each try was refused, once."""
    told = [
        f"{name}: {by_variable(role, result['msg'])}"
        for kind, result in results.items()
        for name, result in items(kind, result or {})
        if result.get("tried") and result.get("msg")
    ]
    return list(dict.fromkeys(told))


class FilterModule:
    """The filter, for Ansible."""

    def filters(self):
        """Name and function."""
        return {"refusals": refusals}
