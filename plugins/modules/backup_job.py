#!/usr/bin/python
# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: backup_job
version_added: "1.0.0"
short_description: Back up a virtual machine on demand, or stop a backup
description:
  - Starts a backup of one virtual machine in AWS Backup, and waits until it has ended. It fails unless the backup has completed.
  - What is made either expires or is said never to, in O(lifecycle) or O(keep_forever). A retention that the lock of the vault refuses is refused here,
    before the job fails for it hours later.
  - A job that completes with issues, such as without changed block tracking, is told as a warning.
  - Nothing is ever started twice. A call whose answer is lost is not repeated; the job is looked for, and where it is not found the module fails and says
    so. With O(request_id) a later run takes the same job up again.
  - Check mode looks whether the job of the request is there, and whether what is asked for fits.
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
options:
  state:
    description:
      - V(started) starts a backup.
      - V(stopped) stops the one of O(job_id), unless it has ended.
    type: str
    choices: [started, stopped]
    default: started
  job_id:
    description: The backup job to stop. Needed with O(state=stopped).
    type: str
  resource_arn:
    description:
      - ARN of the virtual machine, as M(vmc.aws_backup.backup_virtual_machine_info) lists it.
      - Either this, or O(hypervisor) and O(virtual_machine).
    type: str
  hypervisor:
    description: Name or ARN of the hypervisor that lists O(virtual_machine).
    type: str
  virtual_machine:
    description: Name of the virtual machine, or its folder and name, such as C(/SDDC-Datacenter/vm/Workloads/web-1), where there are several of one name.
    type: str
  backup_vault_name:
    description:
      - Name of the vault that the backup goes into. Needed with O(state=started).
      - With O(logically_air_gapped_backup_vault_arn) AWS Backup asks for it all the same.
    type: str
  logically_air_gapped_backup_vault_arn:
    description: ARN of a logically air-gapped vault of this account and Region, into which the backup goes directly.
    type: str
  iam_role_arn:
    description:
      - ARN of the role that the job runs with. Needed with O(state=started).
      - Its name has to hold C(AWSBackup) or C(AwsBackup).
      - A recovery point is deleted with this role. When the role is removed, the recovery point stays and is paid.
    type: str
  lifecycle:
    description: How long the recovery point is kept.
    type: dict
    suboptions:
      delete_after_days:
        description: Days after which it is deleted. Needed unless O(keep_forever=true).
        type: int
      move_to_cold_storage_after_days:
        description: Days after which it moves to cold storage, where it stays for 90 days at least.
        type: int
  keep_forever:
    description: The recovery point never expires.
    type: bool
    default: false
  start_window_minutes:
    description: Minutes within which the job has to start, 60 at least. AWS Backup takes 480 where nothing is given.
    type: int
  complete_window_minutes:
    description: Minutes within which it has to complete. AWS Backup takes seven days where nothing is given.
    type: int
  recovery_point_tags:
    description: Tags for the recovery point. It gets one with the O(request_id) besides.
    type: dict
  backup_options:
    description:
      - Options of the resource's type.
      - There is none for virtual machines; C(WindowsVSS) is refused for them.
    type: dict
  request_id:
    description:
      - A name for this one backup, such as the id of a change. As long as AWS Backup keeps the job, another run with the same name finds it and waits for it
        instead of starting another.
      - Without it each run is a request of its own.
    type: str
  wait:
    description: Whether to wait until the job has ended.
    type: bool
    default: true
  wait_timeout:
    description: The longest wait, in seconds. The job goes on when it is over.
    type: int
    default: 21600
seealso:
  - module: vmc.aws_backup.backup_job_info
  - module: vmc.aws_backup.backup_recovery_point_info
"""

EXAMPLES = r"""
- name: Back up a machine before it is changed
  vmc.aws_backup.backup_job:
    region: eu-west-1
    hypervisor: sddc-1
    virtual_machine: web-1
    backup_vault_name: vmc-daily
    iam_role_arn: arn:aws:iam::123456789012:role/AWSBackup-vmc-jobs
    lifecycle:
      delete_after_days: 14
    request_id: CHG0042
  register: backup

- name: Stop a backup
  vmc.aws_backup.backup_job:
    region: eu-west-1
    state: stopped
    job_id: "{{ backup.job.job_id }}"
"""

RETURN = r"""
job:
  description: The job. Not there where check mode finds none that was started before.
  returned: when there is one
  type: dict
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
request_id:
  description: What the job was started for, as the recovery point's tag C(vmc-aws-backup-request) says.
  returned: when there is a job and O(state=started)
  type: str
  sample: CHG0042
"""

import os

from ..module_utils.clients.aws import Aws, aws_module
from ..module_utils.engine import runner
from ..module_utils.image.progress import PROGRESS, Progress
from ..module_utils.resources.backup_job import BackupJob, Stop

SPEC = {
    "state": {"type": "str", "choices": ["started", "stopped"], "default": "started"},
    "job_id": {"type": "str"},
    "resource_arn": {"type": "str"},
    "hypervisor": {"type": "str"},
    "virtual_machine": {"type": "str"},
    "backup_vault_name": {"type": "str"},
    "logically_air_gapped_backup_vault_arn": {"type": "str"},
    "iam_role_arn": {"type": "str"},
    "lifecycle": {
        "type": "dict",
        "options": {"delete_after_days": {"type": "int"}, "move_to_cold_storage_after_days": {"type": "int"}},
    },
    "keep_forever": {"type": "bool", "default": False},
    "start_window_minutes": {"type": "int"},
    "complete_window_minutes": {"type": "int"},
    "recovery_point_tags": {"type": "dict"},
    "backup_options": {"type": "dict"},
    "request_id": {"type": "str"},
    "wait": {"type": "bool", "default": True},
    "wait_timeout": {"type": "int", "default": 21600},
}
RULES = {
    "required_if": [("state", "started", ("backup_vault_name", "iam_role_arn")), ("state", "stopped", ("job_id",))],
    "required_together": [("hypervisor", "virtual_machine")],
    "mutually_exclusive": [("resource_arn", "virtual_machine")],
}


def build(module):
    backup = Aws(module, "backup")
    if module.params["state"] == "stopped":
        return Stop(backup, module.params)
    return BackupJob(backup, Aws(module, "backup-gateway"), module.params, Progress(os.environ.get(PROGRESS)))


def main():
    runner.act(aws_module(SPEC, **RULES), build)


if __name__ == "__main__":
    main()
