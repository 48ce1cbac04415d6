# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The recovery point that is restored."""

from __future__ import annotations

from ansible.errors import AnsibleFilterError

from ..module_utils.checks.drill import moment, named
from ..module_utils.errors import Error

DOCUMENTATION = r"""
name: newest_point
short_description: The newest recovery point of a machine, or the newest before a time
version_added: "1.0.0"
author: The vmc.aws_backup contributors (@vmc-aws-backup)
description:
  - Chooses the recovery point that a restore takes. Those that are not complete, or are in cold storage by now, do not count.
options:
  _input:
    description: The recovery points, as M(vmc.aws_backup.backup_recovery_point_info) returns them.
    type: list
    elements: dict
    required: true
  machine:
    description: The machine, by name, folder and name, or ARN.
    type: str
    required: true
  machines:
    description: The machines, as M(vmc.aws_backup.backup_virtual_machine_info) returns them.
    type: list
    elements: dict
    required: true
  before:
    description: Only recovery points that were made before this time, such as V(2026-02-01T05:00:00Z). Without a zone it is UTC.
    type: str
positional: machine, machines, before
"""

EXAMPLES = r"""
- name: Which one is it
  ansible.builtin.debug:
    msg: "{{ kept.recovery_points | vmc.aws_backup.newest_point('web-1', listed.virtual_machines, '2026-02-01') }}"
"""

RETURN = r"""
_value:
  description: The recovery point.
  type: dict
"""


def newest_point(points, machine, machines, before=None):
    limit = moment(str(before)) if before else None
    if before and limit is None:
        raise AnsibleFilterError(f"{before!r} is no time. Write it like 2026-02-01T05:00:00Z. Nothing was changed.")
    try:
        arn = named(machines, machine)["resource_arn"]
    except Error as refusal:
        raise AnsibleFilterError(f"{refusal} Nothing was changed.") from None
    able = [
        point
        for point in points
        if point["resource_arn"] == arn
        and point["status"] in ("COMPLETED", "AVAILABLE")
        and (limit is None or moment(point["creation_date"]) < limit)
    ]
    if not able:
        when = f" from before {before}" if before else ""
        raise AnsibleFilterError(
            f"There is no recovery point of {machine}{when} that can be restored. Nothing was changed."
        )
    return max(able, key=lambda point: moment(point["creation_date"]))


class FilterModule:
    def filters(self):
        return {"newest_point": newest_point}
