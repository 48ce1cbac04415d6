#!/usr/bin/python
# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: backup_plan_info
short_description: List backup plans of AWS Backup
version_added: "1.0.0"
author: The vmc.aws_backup contributors (@vmc-aws-backup)
description:
  - Lists plans in the form that M(vmc.aws_backup.backup_plan) has them.
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
    description: Only the plans of this name. When not given, all plans of the Region are listed.
    type: str
  name_prefix:
    description: Only the plans whose names begin with this.
    type: str
seealso:
  - module: vmc.aws_backup.backup_plan
"""

EXAMPLES = r"""
- name: The plans of the Region
  vmc.aws_backup.backup_plan_info:
    region: eu-west-1
  register: found
"""

RETURN = r"""
backup_plans:
  description: The plans.
  returned: always
  type: list
  elements: dict
  contains:
    name:
      description: Its name.
      type: str
      sample: sddc-1-daily
    backup_plan_id:
      description: Id of the plan.
      type: str
      sample: 1234abcd-12ab-34cd-56ef-1234567890ab
    backup_plan_arn:
      description: ARN of the plan.
      type: str
      sample: arn:aws:backup:eu-west-1:123456789012:backup-plan:1234abcd-12ab-34cd-56ef-1234567890ab
    version_id:
      description: Id of its version, another one after each change.
      type: str
    creation_date:
      description: When this version was made.
      type: str
    last_execution_date:
      description: When it last ran, or null.
      type: str
    rules:
      description:
        - The rules, by name. Each has RV(ignore:target_backup_vault_name), RV(ignore:target_logically_air_gapped_backup_vault_arn),
          RV(ignore:schedule_expression), RV(ignore:schedule_expression_timezone), RV(ignore:start_window_minutes),
          RV(ignore:completion_window_minutes), RV(ignore:recovery_point_tags), RV(ignore:lifecycle) and RV(ignore:keep_forever).
        - RV(ignore:copy_actions) of a rule are by ARN of the vault that is copied to, each with RV(ignore:lifecycle) and RV(ignore:keep_forever).
      type: dict
    site_id:
      description: The site that it was made for, from the tag C(vmc-aws-backup-site). Empty where it carries none.
      type: str
    tags:
      description: Its tags.
      type: dict
"""

from ..module_utils.clients.aws import Aws, aws_module
from ..module_utils.engine import runner
from ..module_utils.resources.backup_plan import find, view

SPEC = {"name": {"type": "str"}, "name_prefix": {"type": "str"}}


def fetch(module):
    names = {"name": module.params["name"], "prefix": module.params["name_prefix"]}
    return [view(raw) for raw in find(Aws(module, "backup"), **names)]


def main():
    runner.info(aws_module(SPEC), "backup_plans", fetch)


if __name__ == "__main__":
    main()
