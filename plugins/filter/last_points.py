# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When the last recovery point of each machine expires."""

from __future__ import annotations

DOCUMENTATION = r"""
name: last_points
short_description: When the last recovery point of each machine expires
version_added: "1.0.0"
author: The vmc.aws_backup contributors (@vmc-aws-backup)
description:
  - Says of each machine until when it can be restored, where nothing backs it up any more.
positional: points
options:
  _input:
    description: The machines, as M(vmc.aws_backup.backup_virtual_machine_info) returns them.
    type: list
    elements: dict
    required: true
  points:
    description: What the look for recovery points registered, failed or not.
    type: dict
    required: true
"""

EXAMPLES = r"""
- ansible.builtin.debug:
    msg: "{{ found.virtual_machines | vmc.aws_backup.last_points(points) }}"
"""

RETURN = r"""
_value:
  description: One sentence for each machine, or one that says why nobody knows.
  type: list
  elements: str
"""

GONE = ("EXPIRED", "DELETING", "STOPPED")


def last_points(machines, points):
    """One sentence for each machine."""
    if points.get("msg"):
        return [
            f"Until when machines can be restored is not known, because recovery points could not be listed: {points['msg']}"
        ]
    return [_sentence(machine, points.get("recovery_points") or []) for machine in machines]


def _sentence(machine, points) -> str:
    name = machine["name"] if not machine.get("path") else f"{machine['path'].rstrip('/')}/{machine['name']}"
    own = [one for one in points if one["resource_arn"] == machine["resource_arn"] and one["status"] not in GONE]
    if not own:
        return f"{name} has no recovery point."
    forever = [one for one in own if one["lifecycle"]["delete_after_days"] in (None, -1) and not one["delete_at"]]
    if forever:
        return f"{name} has {len(own)} recovery points, of which {len(forever)} never expire, and are paid for ever (vault {forever[0]['backup_vault_name']})."
    last = max(own, key=lambda one: one["delete_at"] or "")
    if not last["delete_at"]:
        return f"{name} has {len(own)} recovery points, of which AWS Backup does not say yet when they expire."
    return f"{name} has {len(own)} recovery points, of which the last one, in the vault {last['backup_vault_name']}, expires at {last['delete_at']}."


class FilterModule:
    """The filter, for Ansible."""

    def filters(self):
        """Name and function."""
        return {"last_points": last_points}
