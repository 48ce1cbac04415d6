#!/usr/bin/python
# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: backup_iam_role_info
short_description: List IAM roles for AWS Backup
version_added: "1.0.0"
author: The vmc.aws_backup contributors (@vmc-aws-backup)
description:
  - Lists roles in the form that M(vmc.aws_backup.backup_iam_role) has them.
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
    description:
      - Only the role of this name.
      - When not given, all roles whose name holds C(AWSBackup) or C(AwsBackup) are listed, whoever owns them.
    type: str
seealso:
  - module: vmc.aws_backup.backup_iam_role
"""

EXAMPLES = r"""
- name: The roles that AWS Backup can be handed
  vmc.aws_backup.backup_iam_role_info:
    region: eu-west-1
  register: found
"""

RETURN = r"""
iam_roles:
  description: The roles.
  returned: always
  type: list
  elements: dict
  contains:
    role_arn:
      description: ARN of the role.
      type: str
      sample: arn:aws:iam::123456789012:role/vmc-AWSBackup
    role_id:
      description: Id that no other role ever has, not even a later one of the same name.
      type: str
      sample: AROA0123456789ABCDEFG
    name:
      description: Name of the role.
      type: str
      sample: vmc-AWSBackup
    path:
      description: Its path.
      type: str
      sample: /
    description:
      description: Its description.
      type: str
    max_session_duration:
      description: How long whoever takes it on may keep it, in seconds.
      type: int
      sample: 3600
    assume_role_policy_document:
      description: Whom it trusts, in the form in which policies are compared.
      type: dict
    managed_policy_arns:
      description: ARNs of the managed policies attached to it, sorted.
      type: list
      elements: str
    inline_policies:
      description: Its inline policies by name, in the form in which policies are compared.
      type: dict
    permissions_boundary:
      description: ARN of its permissions boundary, or empty.
      type: str
    tags:
      description: Its tags.
      type: dict
"""

from ..module_utils.clients.aws import Aws, aws_module
from ..module_utils.engine import runner
from ..module_utils.resources.iam_role import find, view

SPEC = {"name": {"type": "str"}}


def fetch(module):
    return [view(raw) for raw in find(Aws(module, "iam"), name=module.params["name"])]


def main():
    runner.info(aws_module(SPEC), "iam_roles", fetch)


if __name__ == "__main__":
    main()
