#!/usr/bin/python
# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: backup_recovery_point_info
version_added: "1.0.0"
short_description: List recovery points
description:
  - Lists the recovery points of a vault, of a resource, or of all virtual machines of a hypervisor in all vaults, on all pages.
  - One that is V(EXPIRED) could not be deleted when it should have been, and is still paid.
  - The list is empty for a vault, a resource or a hypervisor that does not exist.
author:
  - The vmc.aws_backup contributors (@vmc-aws-backup)
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
  backup_vault_name:
    description: Name of the vault.
    type: str
  resource_arn:
    description:
      - ARN of the resource.
      - Without O(backup_vault_name) AWS Backup tells less of each recovery point. What it does not tell is null.
    type: str
  hypervisor:
    description: Name or ARN of the hypervisor whose virtual machines are meant.
    type: str
seealso:
  - module: vmc.aws_backup.backup_job_info
  - module: vmc.aws_backup.backup_virtual_machine_info
"""

EXAMPLES = r"""
- name: What is kept of the machines of an SDDC
  vmc.aws_backup.backup_recovery_point_info:
    region: eu-west-1
    hypervisor: sddc-1
  register: kept

- name: What should have been deleted, and is still paid
  ansible.builtin.debug:
    msg: "{{ kept.recovery_points | selectattr('status', 'eq', 'EXPIRED') | map(attribute='recovery_point_arn') }}"
"""

RETURN = r"""
recovery_points:
  description: The recovery points.
  returned: always
  type: list
  elements: dict
  contains:
    recovery_point_arn:
      description: ARN of the recovery point.
      type: str
      sample: arn:aws:backup:eu-west-1:123456789012:recovery-point:1f2e3d4c-5b6a-4798-8877-665544332211
    resource_arn:
      description: ARN of what was backed up.
      type: str
      sample: arn:aws:backup-gateway:eu-west-1:123456789012:vm/vm-0123456789ABCDEF0
    resource_name:
      description: Its name.
      type: str
      sample: web-1
    resource_type:
      description: Its type.
      type: str
      sample: VirtualMachine
    backup_vault_name:
      description: The vault that it is in.
      type: str
      sample: vmc-daily
    backup_vault_arn:
      description: ARN of that vault.
      type: str
      sample: arn:aws:backup:eu-west-1:123456789012:backup-vault:vmc-daily
    source_backup_vault_arn:
      description: The vault that it was copied from.
      type: str
      sample: arn:aws:backup:eu-west-1:123456789012:backup-vault:vmc-daily
    status:
      description: How it is.
      type: str
      sample: COMPLETED
    status_message:
      description: Why it is so.
      type: str
    creation_date:
      description: When the backup was made.
      type: str
      sample: "2026-02-01T05:00:00+00:00"
    completion_date:
      description: When it was complete.
      type: str
      sample: "2026-02-01T05:40:00+00:00"
    backup_size_in_bytes:
      description: Its size.
      type: int
      sample: 10737418240
    lifecycle:
      description: How long it is kept.
      type: dict
      contains:
        move_to_cold_storage_after_days:
          description: Days after which it moves to cold storage. Null for never.
          type: int
          sample: 30
        delete_after_days:
          description: Days after which it is deleted. Null for never.
          type: int
          sample: 365
    move_to_cold_storage_at:
      description: When it moves to cold storage.
      type: str
      sample: "2026-03-03T05:00:00+00:00"
    delete_at:
      description: When it is deleted.
      type: str
      sample: "2027-02-01T05:00:00+00:00"
    encryption_key_arn:
      description: The key that it is encrypted with.
      type: str
      sample: arn:aws:kms:eu-west-1:123456789012:key/0f1e2d3c-4b5a-4697-8879-6a5b4c3d2e1f
    iam_role_arn:
      description: The role that it was made with, and is deleted with.
      type: str
      sample: arn:aws:iam::123456789012:role/AWSBackup-vmc-jobs
    backup_plan_id:
      description: The plan that it was made by. Null for one on demand.
      type: str
      sample: 0d1c2b3a-4958-4677-8695-a4b3c2d1e0f9
    backup_rule_id:
      description: The rule of that plan.
      type: str
      sample: 5e4d3c2b-1a09-4f8e-9d7c-6b5a49382716
"""

from ..module_utils.clients.aws import Aws, aws_module
from ..module_utils.engine import runner
from ..module_utils.resources.recovery_point import find, view

SPEC = {"backup_vault_name": {"type": "str"}, "resource_arn": {"type": "str"}, "hypervisor": {"type": "str"}}
RULES = {
    "required_one_of": [("backup_vault_name", "resource_arn", "hypervisor")],
    "mutually_exclusive": [("resource_arn", "hypervisor")],
}


def fetch(module):
    params = module.params
    return [
        view(raw)
        for raw in find(
            Aws(module, "backup"),
            Aws(module, "backup-gateway"),
            vault=params["backup_vault_name"],
            resource=params["resource_arn"],
            hypervisor=params["hypervisor"],
        )
    ]


def main():
    runner.info(aws_module(SPEC, **RULES), "recovery_points", fetch)


if __name__ == "__main__":
    main()
