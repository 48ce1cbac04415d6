# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether the one backup that proves the way is still to be made."""

from __future__ import annotations

DOCUMENTATION = r"""
name: canary_is_due
short_description: Whether the one backup that proves the way is still to be made
version_added: "1.0.0"
author: The vmc.aws_backup contributors (@vmc-aws-backup)
description:
  - It is where the machine was never backed up, and where something of the registration has just been changed. Before anything is listed it is not.
positional: machine, changed
options:
  _input:
    description: The machines of the vCenter, as M(vmc.aws_backup.backup_virtual_machine_info) returns them.
    type: list
    elements: dict
    required: true
  machine:
    description: The machine that it is made of, by name, by folder and name, or by ARN. Not given, none is made.
    type: str
  changed:
    description: Whether something of the registration was changed.
    type: bool
    required: true
"""

EXAMPLES = r"""
- ansible.builtin.debug:
    msg: "{{ found.virtual_machines | vmc.aws_backup.canary_is_due('web-1', false) }}"
"""

RETURN = r"""
_value:
  description: Whether it is.
  type: bool
"""


def canary_is_due(machines, machine, changed):
    """One that is not listed is due, so that the module says so."""
    if not machine or not machines:
        return False
    return changed or not any(one["last_backup_date"] for one in machines if machine in _names(one))


def _names(one) -> tuple:
    # Nobody has seen whether a path is that of the folder or ends in the machine's own name.
    path = (one["path"] or "").rstrip("/")
    return one["name"], one["resource_arn"], path if path.endswith(f"/{one['name']}") else f"{path}/{one['name']}"


class FilterModule:
    """The filter, for Ansible."""

    def filters(self):
        """Name and function."""
        return {"canary_is_due": canary_is_due}
