#!/usr/bin/python
# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: backup_selection_info
short_description: List what a backup plan protects
version_added: "1.0.0"
author: The vmc.aws_backup contributors (@vmc-aws-backup)
description:
  - Lists the selections of a plan, anybody's, as AWS has them. M(vmc.aws_backup.backup_selection) makes such.
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
  backup_plan_id:
    description: Id of the plan.
    type: str
    required: true
  virtual_machines:
    description:
      - Whether to say which machines each of them takes today.
      - Lists all machines of the account and Region, and their tags.
    type: bool
    default: false
seealso:
  - module: vmc.aws_backup.backup_selection
  - module: vmc.aws_backup.backup_plan_info
"""

EXAMPLES = r"""
- name: What is protected by a plan
  vmc.aws_backup.backup_selection_info:
    region: eu-west-1
    backup_plan_id: "{{ plan.backup_plan.backup_plan_id }}"
  register: found
"""

RETURN = r"""
backup_selections:
  description: The selections.
  returned: always
  type: list
  elements: dict
  contains:
    virtual_machines:
      description: The machines that AWS Backup takes by it today. In a list it is null unless it is asked for.
      type: list
      elements: dict
      contains:
        name:
          description: Its name.
          type: str
        path:
          description: Where it is in the inventory of the vCenter.
          type: str
        resource_arn:
          description: Its ARN.
          type: str
    selection_name:
      description: Its name in AWS, with the number of its generation.
      type: str
      sample: all-1
    selection_id:
      description: Its id.
      type: str
    backup_plan_id:
      description: Id of the plan.
      type: str
    creation_date:
      description: When it was made.
      type: str
    creator_request_id:
      description: The id of the request that made it, by which ours are known.
      type: str
    iam_role_arn:
      description: ARN of the role with which AWS Backup works.
      type: str
    resources:
      description: The ARNs that it takes, or the pattern for all machines.
      type: list
      elements: str
    not_resources:
      description: The ARNs that it leaves out.
      type: list
      elements: str
    conditions:
      description: What each machine has to fulfil, all of it.
      type: list
      elements: dict
      contains:
        operator:
          description: V(string_equals), V(string_not_equals), V(string_like) or V(string_not_like).
          type: str
        key:
          description: The key, such as V(aws:ResourceTag/tier).
          type: str
        value:
          description: The value.
          type: str
    list_of_tags:
      description: Tags of which one is enough for anything in the account to be taken. Nothing here writes them.
      type: list
      elements: dict
      contains:
        key:
          description: The key.
          type: str
        value:
          description: The value.
          type: str
"""

from ..module_utils.clients.aws import Aws, aws_module
from ..module_utils.engine import runner
from ..module_utils.resources.backup_selection import find, taken, view
from ..module_utils.resources.virtual_machine import described

SPEC = {
    "backup_plan_id": {"type": "str", "required": True},
    "virtual_machines": {"type": "bool", "default": False},
}


def fetch(module):
    found = [view(raw) for raw in find(Aws(module, "backup"), module.params["backup_plan_id"])]
    if not module.params["virtual_machines"]:
        return [{**one, "virtual_machines": None} for one in found]
    machines = described(Aws(module, "backup-gateway"), Aws(module, "resourcegroupstaggingapi"))
    return [{**one, "virtual_machines": taken(one, machines)} for one in found]


def main():
    runner.info(aws_module(SPEC), "backup_selections", fetch)


if __name__ == "__main__":
    main()
