#!/usr/bin/python
# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: backup_job_info
version_added: "1.0.0"
short_description: List backup, copy and restore jobs of AWS Backup
description:
  - Lists the jobs of one type in an account and Region, on all pages. AWS Backup keeps them for 30 days.
  - A filter that the list of a type does not have is refused.
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
  type:
    description: Which jobs.
    type: str
    choices: [backup, copy, restore]
    default: backup
  state:
    description: Only jobs in this state, such as V(RUNNING), V(COMPLETED) or V(FAILED).
    type: str
  resource_arn:
    description: Only jobs of this resource. Not for restores.
    type: str
  resource_type:
    description: Only jobs of this type of resource, such as V(VirtualMachine).
    type: str
  backup_vault_name:
    description: Only backups into the vault of this name.
    type: str
  destination_backup_vault_arn:
    description: Only copies into the vault of this ARN.
    type: str
  source_recovery_point_arn:
    description: Only copies of this recovery point.
    type: str
  message_category:
    description: Only jobs of this category, such as V(SUCCESS) or V(AccessDenied). Not for restores.
    type: str
  account_id:
    description: Only jobs of this account. An organization's management account may give V(*) for all.
    type: str
  parent_job_id:
    description: Only parts of this job.
    type: str
  created_after:
    description: Only jobs made after this time, such as V(2026-02-01T00:00:00Z).
    type: str
  created_before:
    description: Only jobs made before this time.
    type: str
  completed_after:
    description: Only jobs that ended after this time.
    type: str
  completed_before:
    description: Only jobs that ended before this time.
    type: str
seealso:
  - module: vmc.aws_backup.backup_job
"""

EXAMPLES = r"""
- name: Which backups of virtual machines have failed since midnight
  vmc.aws_backup.backup_job_info:
    region: eu-west-1
    resource_type: VirtualMachine
    state: FAILED
    created_after: "2026-02-01T00:00:00Z"
  register: failed

- name: Which copies have failed
  vmc.aws_backup.backup_job_info:
    region: eu-west-1
    type: copy
    state: FAILED
"""

RETURN = r"""
jobs:
  description: The jobs. What a type of job does not have is null.
  returned: always
  type: list
  elements: dict
  contains:
    type:
      description: C(backup), C(copy) or C(restore).
      type: str
      sample: backup
    job_id:
      description: Its id.
      type: str
      sample: 9f3c2c1e-5d7a-4f0e-8f0a-1c2d3e4f5a6b
    state:
      description: How far it is. A backup that has completed with issues is C(COMPLETED), and has a message.
      type: str
      sample: COMPLETED
    status_message:
      description: What AWS Backup says of its end.
      type: str
      sample: CBT not available
    message_category:
      description: The same in one word, such as C(SUCCESS) or C(AccessDenied).
      type: str
      sample: SUCCESS
    percent_done:
      description: How much of it is done, as AWS Backup writes it.
      type: str
      sample: "42.50"
    resource_arn:
      description: ARN of what is backed up, copied or restored.
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
    account_id:
      description: The account that owns the job.
      type: str
      sample: "123456789012"
    iam_role_arn:
      description: The role it runs with.
      type: str
      sample: arn:aws:iam::123456789012:role/AWSBackup-vmc-jobs
    creation_date:
      description: When it was made.
      type: str
      sample: "2026-02-01T05:00:00+00:00"
    start_by:
      description: When its start window closes. Backups only.
      type: str
      sample: "2026-02-01T13:00:00+00:00"
    completion_date:
      description: When it ended.
      type: str
      sample: "2026-02-01T05:40:00+00:00"
    backup_size_in_bytes:
      description: Size of the backup.
      type: int
      sample: 10737418240
    backup_vault_name:
      description: The vault that a backup goes into.
      type: str
      sample: vmc-daily
    source_backup_vault_arn:
      description: The vault that is copied from.
      type: str
      sample: arn:aws:backup:eu-west-1:123456789012:backup-vault:vmc-daily
    destination_backup_vault_arn:
      description: The vault that is copied into.
      type: str
      sample: arn:aws:backup:eu-central-1:123456789012:backup-vault:vmc-copies
    recovery_point_arn:
      description: The recovery point that a backup has made, that is copied, or that is restored.
      type: str
      sample: arn:aws:backup:eu-west-1:123456789012:recovery-point:1f2e3d4c-5b6a-4798-8877-665544332211
    destination_recovery_point_arn:
      description: The recovery point that a copy has made.
      type: str
      sample: arn:aws:backup:eu-central-1:123456789012:recovery-point:0a1b2c3d-4e5f-4a6b-8c7d-9e8f7a6b5c4d
    created_resource_arn:
      description: What a restore has made.
      type: str
      sample: arn:aws:backup-gateway:eu-west-1:123456789012:vm/vm-0FEDCBA9876543210
    created_by_backup_job_id:
      description: The backup whose plan asked for the copy.
      type: str
      sample: 9f3c2c1e-5d7a-4f0e-8f0a-1c2d3e4f5a6b
    parent_job_id:
      description: The job that it is a part of.
      type: str
      sample: 9f3c2c1e-5d7a-4f0e-8f0a-1c2d3e4f5a6b
    backup_plan_id:
      description: The plan that it was made by. Null for one on demand.
      type: str
      sample: 0d1c2b3a-4958-4677-8695-a4b3c2d1e0f9
    backup_plan_name:
      description: Name of that plan.
      type: str
      sample: vmc-daily
    backup_rule_id:
      description: The rule of that plan.
      type: str
      sample: 5e4d3c2b-1a09-4f8e-9d7c-6b5a49382716
    backup_rule_name:
      description: Name of that rule.
      type: str
      sample: daily
"""

from ..module_utils.clients.aws import Aws, aws_module
from ..module_utils.engine import runner
from ..module_utils.resources import job
from ..module_utils.values import given

SPEC = {
    "type": {"type": "str", "choices": ["backup", "copy", "restore"], "default": "backup"},
    **{
        name: {"type": "str"}
        for name in (
            "state",
            "resource_arn",
            "resource_type",
            "backup_vault_name",
            "destination_backup_vault_arn",
            "source_recovery_point_arn",
            "message_category",
            "account_id",
            "parent_job_id",
            "created_after",
            "created_before",
            "completed_after",
            "completed_before",
        )
    },
}


def fetch(module):
    kind, filters = module.params["type"], [name for name in SPEC if name != "type"]
    return [job.view(kind, raw) for raw in job.find(Aws(module, "backup"), kind, given(module.params, *filters))]


def main():
    runner.info(aws_module(SPEC), "jobs", fetch)


if __name__ == "__main__":
    main()
