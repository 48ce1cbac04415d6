#!/usr/bin/python
# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: restore_job
version_added: "1.0.0"
short_description: Restore a virtual machine to VMware or EC2, or one of its disks to EBS
description:
  - Starts a restore of one recovery point of a virtual machine in AWS Backup, and waits until it has ended. It fails unless the restore has completed.
  - A restore always makes something new, and overwrites nothing. Nothing stops one once it has started.
  - What AWS would refuse, or would let fail an hour later, is refused here before anything is started.
  - Nothing is ever started twice. A call whose answer is lost is not repeated; the job is looked for by what it was asked for, as GetRestoreJobMetadata
    tells it, and where it is not found the module fails and says so. With O(request_id) a later run takes the same job up again.
  - Check mode looks whether the job of the request is there, whether what is asked for fits, and says what it would cost and how long the last one took.
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
  recovery_point_arn:
    description: ARN of the recovery point, as M(vmc.aws_backup.backup_recovery_point_info) lists it.
    type: str
    required: true
  backup_vault_name:
    description: Name of the vault that the recovery point is in.
    type: str
    required: true
  iam_role_arn:
    description:
      - ARN of the role that the job runs with.
      - Its name has to hold C(AWSBackup) or C(AwsBackup).
    type: str
    required: true
  restore_to:
    description:
      - V(vmware) makes a virtual machine in the vCenter of O(hypervisor), on VMware Cloud on AWS, on Outposts or on premises.
      - V(ec2) makes an EC2 instance of all disks.
      - V(ebs) makes an EBS volume of one disk.
    type: str
    choices: [vmware, ec2, ebs]
    required: true
  hypervisor:
    description: Name or ARN of the hypervisor that the machine is restored to. Needed with O(restore_to=vmware).
    type: str
  allow_other_hypervisor:
    description: Whether the recovery point may be of a machine that another hypervisor lists.
    type: bool
    default: false
  vm_name:
    description:
      - Name of the new machine.
      - Without it, it is called after the machine of the recovery point and O(request_id).
    type: str
  vm_path:
    description: The whole path of the folder that the machine is made in, such as V(/SDDC-Datacenter/vm/Restored). Needed with O(restore_to=vmware).
    type: str
  allow_selected_folder:
    description: Whether the folder may be one whose machines a backup plan takes, anybody's. The restored machine is then backed up too.
    type: bool
    default: false
  compute_resource:
    description:
      - Name of the cluster, or of the host that is in none, that the machine is made on. Needed with O(restore_to=vmware).
      - A host of a cluster cannot be named.
    type: str
  datastore:
    description: Name of the datastore that the machine is made on. Needed with O(restore_to=vmware).
    type: str
  instance_type:
    description: Type of the EC2 instance. Needed with O(restore_to=ec2).
    type: str
  subnet_id:
    description: The subnet of the EC2 instance. Needed with O(restore_to=ec2).
    type: str
  security_group_ids:
    description: Ids of its security groups. Those of its VPC's default group where nothing is given.
    type: list
    elements: str
  availability_zone:
    description: Name of the availability zone of the volume. Needed with O(restore_to=ebs).
    type: str
  disk:
    description: Id or label of the disk that becomes the volume. May be left out where the machine has only one.
    type: str
  volume_type:
    description: Type of the volume, such as V(gp3).
    type: str
  encrypted:
    description: Whether the volume is encrypted.
    type: bool
  kms_key_id:
    description: ARN of the key that the volume is encrypted with.
    type: str
  ebs_restore_to:
    description:
      - What AWS calls a restore to EBS, as the key C(RestoreTo) of its metadata. Needed with O(restore_to=ebs).
      - No document tells it, and it is not guessed. CloudTrail shows it in the StartRestoreJob of a restore that was started in the console.
    type: str
  metadata:
    description:
      - Further metadata of a restore to EC2 by the names of AWS, such as C(LicenseSpecifications), C(RequireIMDSv2) or C(IamInstanceProfileName).
      - What is no text is sent as JSON. C(UserData) is not among them, because it may hold secrets that jobs would show.
    type: dict
  max_gib:
    description: Refuse a recovery point of more GiB than this, or of a size that is not told.
    type: int
  price_per_gib:
    description: What a restored GiB costs you, in your currency. The module then says what this restore will cost.
    type: float
  request_id:
    description:
      - A name for this one restore, such as the id of a change. As long as AWS Backup keeps the job, another run with the same name and the same options finds
        it and waits for it instead of starting another. One that has failed is started anew.
      - Restores carry no tags, so that the job is known by what was asked for. Where that is told by none of the jobs of the recovery point, none is started.
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
notes:
  - This is no restore testing of AWS Backup, which leaves virtual machines out.
"""

EXAMPLES = r"""
- name: Restore a machine beside the one that there is
  vmc.aws_backup.restore_job:
    region: eu-west-1
    recovery_point_arn: "{{ newest.recovery_point_arn }}"
    backup_vault_name: vmc-daily
    iam_role_arn: arn:aws:iam::123456789012:role/AWSBackup-vmc-jobs
    restore_to: vmware
    hypervisor: sddc-1
    vm_path: /SDDC-Datacenter/vm/Restored
    compute_resource: Cluster-1
    datastore: WorkloadDatastore
    request_id: CHG0042

- name: Say what a restore to EC2 would be, and start nothing
  vmc.aws_backup.restore_job:
    region: eu-west-1
    recovery_point_arn: "{{ newest.recovery_point_arn }}"
    backup_vault_name: vmc-daily
    iam_role_arn: arn:aws:iam::123456789012:role/AWSBackup-vmc-jobs
    restore_to: ec2
    instance_type: m6i.large
    subnet_id: subnet-0123456789abcdef0
    metadata:
      RequireIMDSv2: true
    price_per_gib: 0.02
  check_mode: true
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
      sample: restore
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
  description: What the job was started for.
  returned: always
  type: str
  sample: CHG0042
metadata:
  description: What a job of this request is known by, in the words of AWS.
  returned: always
  type: dict
  sample: {"RestoreTo": "VMware", "VMName": "web-1-CHG0042"}
expected:
  description: What can be said beforehand.
  returned: always
  type: dict
  contains:
    backup_size_in_bytes:
      description: The size of the recovery point.
      type: int
      sample: 10737418240
    cost:
      description: What it costs at O(price_per_gib). Null where that is not given.
      type: float
      sample: 0.2
    last_job_id:
      description: The last restore that has completed, of this machine or else of any. Null without one.
      type: str
      sample: 9F3C2C1E-5D7A-4F0E-8F0A-1C2D3E4F5A6B
    last_seconds:
      description: How long that took.
      type: int
      sample: 1800
    last_size_in_bytes:
      description: The size of what it restored.
      type: int
      sample: 10737418240
    last_was_of_this_machine:
      description: Whether it was of the same machine.
      type: bool
      sample: true
"""

import os

from ..module_utils.clients.aws import Aws, aws_module
from ..module_utils.engine import runner
from ..module_utils.image.progress import PROGRESS, Progress
from ..module_utils.resources.restore_job import RestoreJob

SPEC = {
    "recovery_point_arn": {"type": "str", "required": True},
    "backup_vault_name": {"type": "str", "required": True},
    "iam_role_arn": {"type": "str", "required": True},
    "restore_to": {"type": "str", "choices": ["vmware", "ec2", "ebs"], "required": True},
    "hypervisor": {"type": "str"},
    "allow_other_hypervisor": {"type": "bool", "default": False},
    "vm_name": {"type": "str"},
    "vm_path": {"type": "str"},
    "allow_selected_folder": {"type": "bool", "default": False},
    "compute_resource": {"type": "str"},
    "datastore": {"type": "str"},
    "instance_type": {"type": "str"},
    "subnet_id": {"type": "str"},
    "security_group_ids": {"type": "list", "elements": "str"},
    "availability_zone": {"type": "str"},
    "disk": {"type": "str"},
    "volume_type": {"type": "str"},
    "encrypted": {"type": "bool"},
    "kms_key_id": {"type": "str"},
    "ebs_restore_to": {"type": "str"},
    "metadata": {"type": "dict"},
    "max_gib": {"type": "int"},
    "price_per_gib": {"type": "float"},
    "request_id": {"type": "str"},
    "wait": {"type": "bool", "default": True},
    "wait_timeout": {"type": "int", "default": 21600},
}
RULES = {
    "required_if": [
        ("restore_to", "vmware", ("hypervisor", "vm_path", "compute_resource", "datastore")),
        ("restore_to", "ec2", ("instance_type", "subnet_id")),
        ("restore_to", "ebs", ("availability_zone",)),
    ],
}


def build(module):
    progress = Progress(os.environ.get(PROGRESS))
    clients = (Aws(module, service) for service in ("backup", "backup-gateway", "ec2"))
    return RestoreJob(*clients, module.params, progress)


def main():
    runner.act(aws_module(SPEC, **RULES), build, RestoreJob.foretold)


if __name__ == "__main__":
    main()
