#!/usr/bin/python
# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: backup_virtual_machine_info
short_description: List virtual machines that AWS Backup sees
version_added: "1.0.0"
author: The vmc.aws_backup contributors (@vmc-aws-backup)
description:
  - Lists the virtual machines that AWS Backup knows from the metadata of its hypervisors.
  - The list is in the order of paths and names, and empty for a hypervisor that does not exist.
extends_documentation_fragment:
  - vmc.aws_backup.attributes
  - vmc.aws_backup.aws
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
    details: Changes nothing, so that there is nothing to compare.
options:
  hypervisor:
    description: Only virtual machines of the hypervisor with this name or ARN.
    type: str
  wait:
    description:
      - Wait until one is listed, for half a minute at most.
      - A sync that has succeeded may not show in the list yet.
    type: bool
    default: false
  newest_recovery_points:
    description:
      - Say of each one which recovery point is its newest, and in which vault.
      - Asks AWS Backup once for all protected resources of the account and Region. Copies do not count.
    type: bool
    default: false
seealso:
  - module: vmc.aws_backup.backup_recovery_point_info
  - module: vmc.aws_backup.backup_hypervisor_info
"""

EXAMPLES = r"""
- name: What AWS Backup sees of an SDDC
  vmc.aws_backup.backup_virtual_machine_info:
    region: eu-west-1
    hypervisor: sddc-1
  register: found

- name: Machines of which no recovery point is left
  vmc.aws_backup.backup_virtual_machine_info:
    region: eu-west-1
    newest_recovery_points: true
  register: all

- name: Machines that were never backed up
  ansible.builtin.debug:
    msg: "{{ found.virtual_machines | rejectattr('last_backup_date') | map(attribute='path') }}"
"""

RETURN = r"""
virtual_machines:
  description: The virtual machines.
  returned: always
  type: list
  elements: dict
  contains:
    resource_arn:
      description: ARN of the virtual machine.
      type: str
      sample: arn:aws:backup-gateway:eu-west-1:123456789012:vm/vm-0123456789ABCDEF0
    name:
      description: Its name.
      type: str
    host_name:
      description: The host it runs on.
      type: str
    hypervisor_id:
      description: Id of its hypervisor.
      type: str
    path:
      description: Where it is in the inventory of the vCenter.
      type: str
      sample: /SDDC-Datacenter/vm/Workloads/web-1
    last_backup_date:
      description: When it was last backed up.
      type: str
    newest_recovery_point:
      description: The newest recovery point that a backup has left of it. Empty where there is none, null unless O(newest_recovery_points=true).
      type: dict
      contains:
        recovery_point_arn:
          description: ARN of the recovery point.
          type: str
          sample: arn:aws:backup:eu-west-1:123456789012:recovery-point:1f2e3d4c-5b6a-4798-8877-665544332211
        backup_vault_arn:
          description: ARN of the vault that it is in.
          type: str
          sample: arn:aws:backup:eu-west-1:123456789012:backup-vault:vmc-daily
        backup_vault_name:
          description: Name of that vault.
          type: str
          sample: vmc-daily
        backed_up_at:
          description: When the backup was made.
          type: str
          sample: "2026-02-01T05:40:00+00:00"
"""

from ..module_utils import wait
from ..module_utils.clients.aws import Aws, aws_module
from ..module_utils.engine import runner
from ..module_utils.resources.hypervisor import newest_points, view_virtual_machine, virtual_machines

SPEC = {
    "hypervisor": {"type": "str"},
    "wait": {"type": "bool", "default": False},
    "newest_recovery_points": {"type": "bool", "default": False},
}


def fetch(module):
    client = Aws(module, "backup-gateway")

    def listed():
        return virtual_machines(client, hypervisor=module.params["hypervisor"], view=view_virtual_machine)

    found = wait.seen(listed, bool) if module.params["wait"] else listed()
    found.sort(key=lambda one: (one["path"] or "", one["name"] or "", one["resource_arn"]))
    if module.params["newest_recovery_points"] and found:
        newest = newest_points(Aws(module, "backup"))
        for one in found:
            one["newest_recovery_point"] = newest.get(one["resource_arn"], {})
    return found


def main():
    runner.info(aws_module(SPEC), "virtual_machines", fetch)


if __name__ == "__main__":
    main()
