#!/usr/bin/python
# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: backup_hypervisor_info
short_description: List hypervisors of AWS Backup
version_added: "1.0.0"
author: The vmc.aws_backup contributors (@vmc-aws-backup)
description:
  - Lists the hypervisors of an account and region, with their tags, tag mappings and the gateways linked to them.
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
  name:
    description: Only hypervisors of this name.
    type: str
seealso:
  - module: vmc.aws_backup.backup_hypervisor
"""

EXAMPLES = r"""
- name: The hypervisor of an SDDC
  vmc.aws_backup.backup_hypervisor_info:
    region: eu-west-1
    name: sddc-1
  register: found
"""

RETURN = r"""
hypervisors:
  description: The hypervisors.
  returned: always
  type: list
  elements: dict
  contains:
    hypervisor_arn:
      description: ARN of the hypervisor.
      type: str
      sample: arn:aws:backup-gateway:eu-west-1:123456789012:hypervisor/hype-0123456789ABCDEF0
    name:
      description: Its name.
      type: str
      sample: sddc-1
    host:
      description: Name or address of the vCenter.
      type: str
    state:
      description: V(PENDING), V(ONLINE), V(OFFLINE) or V(ERROR).
      type: str
      sample: ONLINE
    kms_key_arn:
      description: ARN of the key that protects the credentials. Empty for the key that AWS owns.
      type: str
    log_group_arn:
      description: ARN of the log group, or empty.
      type: str
    last_successful_metadata_sync_time:
      description: When the metadata of the virtual machines was last synchronised.
      type: str
    latest_metadata_sync_status:
      description: How the latest synchronisation ended, or where it is.
      type: str
      sample: SUCCEEDED
    latest_metadata_sync_status_message:
      description: What AWS Backup says about it.
      type: str
    vmware_to_aws_tag_mappings:
      description: The VMware tag mappings, sorted.
      type: list
      elements: dict
      contains:
        vmware_category:
          description: Category of the VMware tag.
          type: str
        vmware_tag_name:
          description: Name of the VMware tag.
          type: str
        aws_tag_key:
          description: Key of the AWS tag.
          type: str
        aws_tag_value:
          description: Value of the AWS tag.
          type: str
    iam_role_arn:
      description: ARN of the role with which the mapped tags are set, or empty.
      type: str
    gateways:
      description: Names of the gateways linked to it.
      type: list
      elements: str
    site_id:
      description: The site that it was made for, from the tag C(vmc-aws-backup-site). Empty where it carries none.
      type: str
    tags:
      description: Its tags.
      type: dict
"""

from ..module_utils.clients.aws import Aws, aws_module
from ..module_utils.engine import runner
from ..module_utils.resources.hypervisor import find, view

SPEC = {"name": {"type": "str"}}


def fetch(module):
    return [view(raw) for raw in find(Aws(module, "backup-gateway"), name=module.params["name"])]


def main():
    runner.info(aws_module(SPEC), "hypervisors", fetch)


if __name__ == "__main__":
    main()
