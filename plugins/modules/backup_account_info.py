#!/usr/bin/python
# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: backup_account_info
short_description: Say which AWS account a play works in
version_added: "1.0.0"
author: The vmc.aws_backup contributors (@vmc-aws-backup)
description:
  - Says which account and region the options of an AWS module lead to, a role that is assumed included.
  - With O(subnet_ids), says too whether the region offers the endpoint service of AWS Backup, and in which availability zones those subnets lie.
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
  subnet_ids:
    description:
      - Subnets to look at. May be empty, to look at the endpoint service only.
      - If one of them does not exist, none is returned.
    type: list
    elements: str
seealso:
  - module: vmc.aws_backup.vpce_backup
"""

EXAMPLES = r"""
- name: Look at the account that holds the backups
  vmc.aws_backup.backup_account_info:
    region: eu-west-1
    assume_role_arn: arn:aws:iam::111122223333:role/central-backup
  register: found

- name: It is the intended one
  ansible.builtin.assert:
    that: found.accounts[0].account_id == "111122223333"
"""

RETURN = r"""
accounts:
  description: The one account that the options lead to.
  returned: always
  type: list
  elements: dict
  contains:
    account_id:
      description: Its number.
      type: str
      sample: "111122223333"
    arn:
      description: Who calls.
      type: str
      sample: arn:aws:sts::111122223333:assumed-role/central-backup/vmc-aws-backup
    partition:
      description: The part of AWS that the region lies in.
      type: str
      sample: aws-us-gov
    region:
      description: The region.
      type: str
      sample: eu-west-1
    endpoint_services:
      description: The endpoint service of AWS Backup; none if the region does not offer it.
      returned: with O(subnet_ids)
      type: list
      elements: dict
      contains:
        service_name:
          description: Its name.
          type: str
          sample: com.amazonaws.eu-west-1.backup-gateway
        availability_zones:
          description: Where it is offered, by the names of this account.
          type: list
          elements: str
    subnets:
      description: The subnets.
      returned: with O(subnet_ids)
      type: list
      elements: dict
      contains:
        subnet_id:
          description: The subnet.
          type: str
        vpc_id:
          description: Its VPC.
          type: str
        availability_zone:
          description: Its availability zone, by the name it has in this account.
          type: str
        availability_zone_id:
          description: Its availability zone, by the id that is the same in all accounts.
          type: str
          sample: euw1-az1
"""

from ..module_utils.clients.aws import Aws, aws_module
from ..module_utils.engine import runner
from ..module_utils.resources.account import find, view

SPEC = {"subnet_ids": {"type": "list", "elements": "str"}}


def fetch(module):
    return [view(find(Aws(module, "sts"), Aws(module, "ec2"), subnet_ids=module.params["subnet_ids"]))]


def main():
    runner.info(aws_module(SPEC), "accounts", fetch)


if __name__ == "__main__":
    main()
