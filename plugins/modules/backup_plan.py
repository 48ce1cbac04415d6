#!/usr/bin/python
# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: backup_plan
short_description: Backup plan of AWS Backup
version_added: "1.0.0"
author: The vmc.aws_backup contributors (@vmc-aws-backup)
description:
  - Keeps a plan and its rules. What of a rule is not given stays as it is, and so do rules that are not given.
  - AWS replaces a plan as a whole and knows no revision of it. What is written is what is there at that moment, with what was asked for.
  - What protects less than before is refused unless O(allow_less_protection) names the rule. That is a shorter retention, a rule, a copy or
    a vault less, or another vault.
  - What is kept has to expire, or to say that it never does, and has to fit the lock of each vault of this account in the Region.
extends_documentation_fragment:
  - vmc.aws_backup.state
  - vmc.aws_backup.adopt
  - vmc.aws_backup.site
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
  name:
    description: Name of the plan, 1 to 50 letters, digits, hyphens, dots and underscores. AWS allows several of one name. Only ours is changed.
    type: str
    required: true
  rules:
    description: The rules. Their order means nothing.
    type: list
    elements: dict
    suboptions:
      name:
        description: Name of the rule, by which it is known.
        type: str
        required: true
      target_backup_vault_name:
        description: Name of the vault that backups go to. A new rule needs it.
        type: str
      target_logically_air_gapped_backup_vault_arn:
        description: ARN of an air-gapped vault that backups go to as well.
        type: str
      schedule_expression:
        description: When, as V(cron(0 5 ? * * *\)) with six fields, or V(rate(12 hours\)). A new rule needs it.
        type: str
      schedule_expression_timezone:
        description: Time zone of the schedule, such as V(Europe/Berlin). AWS takes V(Etc/UTC) when not given.
        type: str
      start_window_minutes:
        description: Minutes within which a job has to begin, 60 or more. AWS takes 480 when not given.
        type: int
      completion_window_minutes:
        description: Minutes within which a job has to end. AWS takes 10080 when not given.
        type: int
      recovery_point_tags:
        description: Tags of the recovery points.
        type: dict
      lifecycle:
        description: How long a recovery point is kept.
        type: dict
        suboptions:
          move_to_cold_storage_after_days:
            description: Days after which it moves to cold storage, where it stays for 90 days at least.
            type: int
          delete_after_days:
            description: Days after which it is deleted.
            type: int
      keep_forever:
        description: That it is never deleted, and paid for ever. Otherwise O(rules[].lifecycle.delete_after_days) is needed.
        type: bool
      copy_actions:
        description: Where each recovery point is copied to. V([]) copies nothing.
        type: list
        elements: dict
        suboptions:
          destination_backup_vault_arn:
            description: ARN of a vault, of another Region or account too.
            type: str
            required: true
          lifecycle:
            description: How long the copy is kept.
            type: dict
            suboptions:
              move_to_cold_storage_after_days:
                description: Days after which it moves to cold storage, where it stays for 90 days at least.
                type: int
              delete_after_days:
                description: Days after which it is deleted.
                type: int
          keep_forever:
            description: That it is never deleted, and paid for ever. Otherwise O(rules[].copy_actions[].lifecycle.delete_after_days) is needed.
            type: bool
  purge_rules:
    description: Whether rules that are not given are removed. Each has to be named in O(allow_less_protection).
    type: bool
    default: false
  allow_less_protection:
    description: The names of the rules that may protect less than before.
    type: list
    elements: str
  selections_gone:
    description:
      - Names of selections of ours, as M(vmc.aws_backup.backup_selection) has them, that keep the plan from being removed no more, because they are gone,
        or in a preview are about to go.
      - Only looked at with O(state=absent).
    type: list
    elements: str
seealso:
  - module: vmc.aws_backup.backup_plan_info
  - module: vmc.aws_backup.backup_vault
"""

EXAMPLES = r"""
- name: Each night, kept for five weeks, with a copy in another Region
  vmc.aws_backup.backup_plan:
    region: eu-west-1
    name: sddc-1-daily
    rules:
      - name: daily
        target_backup_vault_name: vmc-backups
        schedule_expression: cron(0 1 ? * * *)
        schedule_expression_timezone: Europe/Berlin
        start_window_minutes: 120
        lifecycle:
          delete_after_days: 35
        copy_actions:
          - destination_backup_vault_arn: arn:aws:backup:eu-central-1:123456789012:backup-vault:copies
            lifecycle:
              delete_after_days: 35
  register: plan

- name: Shorten the retention, which has to be meant
  vmc.aws_backup.backup_plan:
    region: eu-west-1
    name: sddc-1-daily
    rules:
      - name: daily
        lifecycle:
          delete_after_days: 14
    allow_less_protection: [daily]
"""

RETURN = r"""
backup_plan:
  description: The plan.
  returned: when it exists, or in check mode would
  type: dict
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
from ..module_utils.resources.backup_plan import BackupPlan

KEPT = {
    "lifecycle": {
        "type": "dict",
        "options": {"move_to_cold_storage_after_days": {"type": "int"}, "delete_after_days": {"type": "int"}},
    },
    "keep_forever": {"type": "bool"},
}
SPEC = {
    **runner.STATE,
    **runner.ADOPT,
    **runner.SITE,
    **runner.TAGS,
    **runner.ON_IMMUTABLE,
    "name": {"type": "str", "required": True},
    "rules": {
        "type": "list",
        "elements": "dict",
        "options": {
            **KEPT,
            "name": {"type": "str", "required": True},
            "target_backup_vault_name": {"type": "str"},
            "target_logically_air_gapped_backup_vault_arn": {"type": "str"},
            "schedule_expression": {"type": "str"},
            "schedule_expression_timezone": {"type": "str"},
            "start_window_minutes": {"type": "int"},
            "completion_window_minutes": {"type": "int"},
            "recovery_point_tags": {"type": "dict"},
            "copy_actions": {
                "type": "list",
                "elements": "dict",
                "options": {**KEPT, "destination_backup_vault_arn": {"type": "str", "required": True}},
            },
        },
    },
    "purge_rules": {"type": "bool", "default": False},
    "allow_less_protection": {"type": "list", "elements": "str"},
    "selections_gone": {"type": "list", "elements": "str"},
}


def main():
    runner.run(aws_module(SPEC), lambda module: BackupPlan(Aws(module, "backup"), module.params))


if __name__ == "__main__":
    main()
