#!/usr/bin/python
# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: backup_kms_key_info
short_description: List customer managed keys for AWS Backup
version_added: "1.0.0"
author: The vmc.aws_backup contributors (@vmc-aws-backup)
description:
  - Lists keys in the form that M(vmc.aws_backup.backup_kms_key) has them, those that are going to be deleted too.
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
  alias:
    description:
      - Only the key behind this alias, with or without C(alias/), whoever owns it.
      - When not given, all keys of the Region that carry the tag C(managed-by=vmc-aws-backup) are listed.
    type: str
seealso:
  - module: vmc.aws_backup.backup_kms_key
"""

EXAMPLES = r"""
- name: Our key
  vmc.aws_backup.backup_kms_key_info:
    region: eu-west-1
    alias: vmc-aws-backup
  register: found
"""

RETURN = r"""
kms_keys:
  description: The keys.
  returned: always
  type: list
  elements: dict
  contains:
    key_id:
      description: Id of the key.
      type: str
      sample: 1234abcd-12ab-34cd-56ef-1234567890ab
    key_arn:
      description: ARN of the key.
      type: str
      sample: arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab
    aliases:
      description: All its aliases, sorted.
      type: list
      elements: str
      sample: [alias/vmc-aws-backup]
    description:
      description: Its description.
      type: str
    key_state:
      description: Its state, such as V(Enabled), V(Disabled) or V(PendingDeletion).
      type: str
    enabled:
      description: Whether it can be used.
      type: bool
    key_spec:
      description: The kind of key it is. AWS Backup works with V(SYMMETRIC_DEFAULT).
      type: str
    key_usage:
      description: What it is used for. AWS Backup works with V(ENCRYPT_DECRYPT).
      type: str
    multi_region:
      description: Whether it is a multi-Region key.
      type: bool
    policy:
      description: Its key policy, in the form in which policies are compared.
      type: dict
    enable_key_rotation:
      description: Whether it rotates by itself.
      type: bool
    rotation_period_in_days:
      description: After how many days it rotates. Null when it does not.
      type: int
    deletion_date:
      description: When it is going to be deleted. Null when it is not.
      type: str
    tags:
      description: Its tags.
      type: dict
"""

from ..module_utils.clients.aws import Aws, aws_module
from ..module_utils.engine import runner
from ..module_utils.resources.kms_key import find, view

SPEC = {"alias": {"type": "str"}}


def fetch(module):
    return [view(raw) for raw in find(Aws(module, "kms"), alias=module.params["alias"])]


def main():
    runner.info(aws_module(SPEC), "kms_keys", fetch)


if __name__ == "__main__":
    main()
