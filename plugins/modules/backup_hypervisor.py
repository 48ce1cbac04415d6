#!/usr/bin/python
# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: backup_hypervisor
short_description: vCenter as a hypervisor of AWS Backup
version_added: "1.0.0"
author: The vmc.aws_backup contributors (@vmc-aws-backup)
description:
  - Imports a vCenter into AWS Backup, and keeps its address, log group, VMware tag mappings and tags.
  - The credentials are tried through a gateway before they are imported or changed, once and never in check mode,
    because repeated failures lock the account.
  - It is ready when it is online and its machines are synchronised. One that no gateway is linked to stays V(PENDING), and counts as ready.
extends_documentation_fragment:
  - vmc.aws_backup.state
  - vmc.aws_backup.adopt
  - vmc.aws_backup.site
  - vmc.aws_backup.predicted
  - vmc.aws_backup.wait
  - vmc.aws_backup.tags
  - vmc.aws_backup.on_immutable
  - vmc.aws_backup.attributes
  - vmc.aws_backup.aws
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
options:
  take_over:
    description: Whether one that carries no site's mark, since an earlier version made it, is known to be this site's and gets its mark.
    type: bool
    default: false
  vcenter_fqdn:
    description:
      - Public name of the SDDC's vCenter, as VMware Cloud tells it. A hypervisor of that host which carries no site's mark is this site's.
    type: str
  site_was:
    description: A site that is gone for good, and whose things are taken over by O(site_id).
    type: str
  name:
    description:
      - Name of the hypervisor, of letters, digits and hyphens. It is found by this name.
      - Where there is none of this name, and O(site_id) is given, the one that carries that site's mark is meant. It keeps the name that it has.
    type: str
    required: true
  host:
    description: Name or address of the vCenter, as the appliances reach it. Required to import it.
    type: str
  username:
    description:
      - The user as which the appliances log in to the vCenter. On VMware Cloud on AWS it needs the CloudAdmin role.
      - C(DOMAIN\user) is refused by AWS, so write V(user@domain). Required to import a hypervisor.
    type: str
  password:
    description: The password of O(username). Required to import a hypervisor.
    type: str
  update_password:
    description:
      - When to write O(username) and O(password), which no API gives back.
      - V(on_create) writes them only when the hypervisor is imported.
      - V(always) tries and writes them every time.
    type: str
    choices: [on_create, always]
    default: on_create
  gateway:
    description:
      - Name or ARN of the gateway to try the credentials through.
      - When not given, a change of credentials is tried through the linked gateway that AWS Backup heard of last, and an import is not tried.
    type: str
  kms_key_arn:
    description:
      - The customer managed key that protects the credentials, by its ARN, by an alias that begins with C(alias/), or by the ARN of an alias.
        Cannot be changed.
      - An alias is looked up in each run. Where it leads to another key than the hypervisor has, that is reported with the effect V(replace).
      - An empty text stands for the key that AWS owns.
      - A key that is disabled or about to be deleted is refused for a new hypervisor, and told of one that exists, whoever chose it.
    type: str
  log_group_arn:
    description: ARN of the log group for what happens between gateway and vCenter. An empty text turns logging off.
    type: str
  vmware_to_aws_tag_mappings:
    description:
      - The AWS tags that virtual machines get for their VMware tags. They replace the whole list, of at most 10.
      - A change starts a synchronisation, which applies them.
    type: list
    elements: dict
    suboptions:
      vmware_category:
        description: Category of the VMware tag.
        type: str
        required: true
      vmware_tag_name:
        description: Name of the VMware tag.
        type: str
        required: true
      aws_tag_key:
        description: Key of the AWS tag.
        type: str
        required: true
      aws_tag_value:
        description: Value of the AWS tag.
        type: str
        required: true
  iam_role_arn:
    description: ARN of the role with which AWS Backup sets the mapped tags. Required for the first mapping.
    type: str
seealso:
  - module: vmc.aws_backup.backup_hypervisor_info
  - module: vmc.aws_backup.backup_virtual_machine_info
  - module: vmc.aws_backup.backup_gateway
"""

EXAMPLES = r"""
- name: Import the vCenter, with credentials tried through a gateway
  vmc.aws_backup.backup_hypervisor:
    region: eu-west-1
    name: sddc-1
    host: vcenter.sddc-1-2-3-4.vmwarevmc.com
    username: backup@example.com
    password: "{{ vault_backup_password }}"
    gateway: sddc-1-cluster-1-1
    log_group_arn: arn:aws:logs:eu-west-1:123456789012:log-group:/vmc/backup

- name: Tag what VMware calls gold, once a gateway is linked
  vmc.aws_backup.backup_hypervisor:
    region: eu-west-1
    name: sddc-1
    iam_role_arn: arn:aws:iam::123456789012:role/AWSBackupVirtualMachineTags
    vmware_to_aws_tag_mappings:
      - vmware_category: backup
        vmware_tag_name: gold
        aws_tag_key: backup-plan
        aws_tag_value: gold

- name: A new password
  vmc.aws_backup.backup_hypervisor:
    region: eu-west-1
    name: sddc-1
    username: backup@example.com
    password: "{{ vault_backup_password }}"
    update_password: always

- name: Remove the hypervisor. The vCenter and the recovery points stay
  vmc.aws_backup.backup_hypervisor:
    region: eu-west-1
    name: sddc-1
    state: absent
"""

RETURN = r"""
hypervisor:
  description: The hypervisor.
  returned: when it exists, or in check mode would
  type: dict
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
changes:
  description: One record for each field that differs from what was asked for.
  returned: always
  type: list
  elements: dict
  contains:
    path:
      description: The field, with dots between the levels.
      type: str
    desired:
      description: What was asked for.
      type: raw
    actual:
      description: What was found.
      type: raw
    effect:
      description:
        - V(create), V(in_place), V(replace) or V(delete). What would need V(replace) is reported, never done.
        - V(denied) was not allowed or is not kept, V(kept) was noticed though nobody asked about it, and is left. Both come with a warning.
      type: str
unverifiable:
  description: The options that no API gives back, so that a difference cannot be seen.
  returned: always
  type: list
  elements: str
done:
  description: What was written before the module failed.
  returned: when it fails after the first write
  type: list
  elements: str
remaining:
  description: What was not written any more.
  returned: when it fails after the first write
  type: list
  elements: str
"""

from ..module_utils.clients.aws import Aws, aws_module
from ..module_utils.engine import runner
from ..module_utils.resources.hypervisor import BackupHypervisor

SPEC = {
    **runner.STATE,
    **runner.ADOPT,
    **runner.SITE,
    **runner.PREDICTED,
    **runner.SITE_WAS,
    **runner.TAKE_OVER,
    "vcenter_fqdn": {"type": "str"},
    **runner.WAIT,
    **runner.TAGS,
    **runner.ON_IMMUTABLE,
    "name": {"type": "str", "required": True},
    "host": {"type": "str"},
    "username": {"type": "str"},
    "password": {"type": "str", "no_log": True},
    "update_password": {"type": "str", "choices": ["on_create", "always"], "default": "on_create", "no_log": False},
    "gateway": {"type": "str"},
    "kms_key_arn": {"type": "str", "no_log": False},
    "log_group_arn": {"type": "str"},
    "vmware_to_aws_tag_mappings": {
        "type": "list",
        "elements": "dict",
        "options": {
            "vmware_category": {"type": "str", "required": True},
            "vmware_tag_name": {"type": "str", "required": True},
            "aws_tag_key": {"type": "str", "required": True, "no_log": False},
            "aws_tag_value": {"type": "str", "required": True},
        },
    },
    "iam_role_arn": {"type": "str"},
}


def main():
    module = aws_module(SPEC, required_together=[("username", "password")])
    runner.run(
        module,
        lambda module: BackupHypervisor(
            Aws(module, "backup-gateway"), Aws(module, "backup"), Aws(module, "kms"), module.params
        ),
    )


if __name__ == "__main__":
    main()
