#!/usr/bin/python
# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: backup_vault
short_description: Vault of AWS Backup
version_added: "1.0.0"
author: The vmc.aws_backup contributors (@vmc-aws-backup)
description:
  - Keeps a vault, its access policy, its lock and its notifications.
  - Recovery points are never deleted. A vault that holds some is not removed.
  - A lock is written only if each rule of each plan of the account that stores into the vault, anybody's, fits it.
  - That its key cannot be used, and that AWS Backup may not publish to its topic, is told as a warning.
extends_documentation_fragment:
  - vmc.aws_backup.state
  - vmc.aws_backup.adopt
  - vmc.aws_backup.tags
  - vmc.aws_backup.wait
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
    description: Name of the vault, 2 to 50 letters, digits, hyphens and underscores. It is found by this name.
    type: str
    required: true
  vault_type:
    description:
      - What kind of vault it is. Cannot be changed.
      - V(logically_air_gapped_backup_vault) is locked in compliance mode from the beginning. It needs O(lock) with both limits, and
        O(lock_confirmation).
    type: str
    choices: [backup_vault, logically_air_gapped_backup_vault]
    default: backup_vault
  encryption_key_arn:
    description:
      - The key, by its ARN or by an alias, such as V(alias/vmc-aws-backup). Cannot be changed.
      - When not given or empty, a new vault gets the key that AWS has for it.
    type: str
  policy:
    description: The access policy. V({}) removes it.
    type: dict
  notifications:
    description: Whom AWS Backup notifies of what happens in the vault. V({}) ends that.
    type: dict
    suboptions:
      sns_topic_arn:
        description: ARN of a standard topic of this account.
        type: str
      backup_vault_events:
        description:
          - The events, such as V(BACKUP_JOB_COMPLETED), V(COPY_JOB_FAILED), V(RESTORE_JOB_COMPLETED) and V(RECOVERY_POINT_MODIFIED).
          - Events that AWS accepts and does not send any more are refused.
        type: list
        elements: str
  lock:
    description:
      - The lock. V({}) takes one off that is not in force for ever yet.
      - Without O(lock.changeable_for_days) it is in governance mode, and whoever may can take it off again.
    type: dict
    suboptions:
      min_retention_days:
        description: How many days everything has to be kept, at least.
        type: int
      max_retention_days:
        description: How many days anything may be kept, at most.
        type: int
      changeable_for_days:
        description:
          - In how many days, 3 or more, the lock is in force for ever (compliance mode). Needs O(lock_confirmation).
          - The date is that of the first time. A later change within these days leaves it as it is.
        type: int
  lock_confirmation:
    description:
      - The name of the vault and the date from which on nobody can loosen its lock, AWS included, such as V(vmc-backups 2027-01-31).
        The refusal without it says what it has to be.
      - Only needed where a lock in compliance mode is made.
    type: str
  allow_less_protection:
    description: With V(lock), a lock may be loosened or taken off. Otherwise that is refused.
    type: list
    elements: str
    choices: [lock]
seealso:
  - module: vmc.aws_backup.backup_vault_info
  - module: vmc.aws_backup.backup_plan
  - module: vmc.aws_backup.backup_kms_key
"""

EXAMPLES = r"""
- name: A vault with a key of one's own, in which everything is kept for a week at least
  vmc.aws_backup.backup_vault:
    region: eu-west-1
    name: vmc-backups
    encryption_key_arn: alias/vmc-aws-backup
    lock:
      min_retention_days: 7
    notifications:
      sns_topic_arn: arn:aws:sns:eu-west-1:123456789012:backups
      backup_vault_events: [BACKUP_JOB_COMPLETED, COPY_JOB_FAILED]
  register: vault

- name: A vault out of everybody's reach
  vmc.aws_backup.backup_vault:
    region: eu-west-1
    name: vmc-far-away
    vault_type: logically_air_gapped_backup_vault
    lock:
      min_retention_days: 7
      max_retention_days: 400
    lock_confirmation: vmc-far-away 2026-12-01
"""

RETURN = r"""
backup_vault:
  description: The vault.
  returned: when it exists, or in check mode would
  type: dict
  contains:
    name:
      description: Its name.
      type: str
      sample: vmc-backups
    backup_vault_arn:
      description: ARN of the vault.
      type: str
      sample: arn:aws:backup:eu-west-1:123456789012:backup-vault:vmc-backups
    vault_type:
      description: V(backup_vault) or V(logically_air_gapped_backup_vault).
      type: str
      sample: backup_vault
    vault_state:
      description: V(CREATING), V(AVAILABLE) or V(FAILED).
      type: str
      sample: AVAILABLE
    encryption_key_arn:
      description: ARN of its key.
      type: str
      sample: arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab
    creation_date:
      description: When it was made.
      type: str
    number_of_recovery_points:
      description: How many recovery points are in it.
      type: int
      sample: 12
    lock:
      description: Its lock. Empty where it has none.
      type: dict
      contains:
        mode:
          description: V(governance), which can be taken off again, or V(compliance).
          type: str
        min_retention_days:
          description: How many days everything has to be kept, at least.
          type: int
        max_retention_days:
          description: How many days anything may be kept, at most.
          type: int
    lock_date:
      description: From when on nobody can change the lock, or null.
      type: str
    policy:
      description: Its access policy. Empty where it has none.
      type: dict
    notifications:
      description: Whom it notifies of what. Empty where it notifies nobody.
      type: dict
      contains:
        sns_topic_arn:
          description: ARN of the topic.
          type: str
        backup_vault_events:
          description: The events, sorted.
          type: list
          elements: str
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
from ..module_utils.resources.backup_vault import AIR_GAPPED, STANDARD, BackupVault

SPEC = {
    **runner.STATE,
    **runner.ADOPT,
    **runner.TAGS,
    **runner.WAIT,
    **runner.ON_IMMUTABLE,
    "name": {"type": "str", "required": True},
    "vault_type": {"type": "str", "choices": [STANDARD, AIR_GAPPED], "default": STANDARD},
    "encryption_key_arn": {"type": "str", "no_log": False},
    "policy": {"type": "dict"},
    "notifications": {
        "type": "dict",
        "options": {
            "sns_topic_arn": {"type": "str"},
            "backup_vault_events": {"type": "list", "elements": "str"},
        },
        "required_together": [("sns_topic_arn", "backup_vault_events")],
    },
    "lock": {
        "type": "dict",
        "options": {
            "min_retention_days": {"type": "int"},
            "max_retention_days": {"type": "int"},
            "changeable_for_days": {"type": "int"},
        },
    },
    "lock_confirmation": {"type": "str"},
    "allow_less_protection": {"type": "list", "elements": "str", "choices": ["lock"]},
}


def made(module):
    return BackupVault(*(Aws(module, service) for service in ("backup", "kms", "sns", "sts")), module.params)


def main():
    runner.run(aws_module(SPEC), made)


if __name__ == "__main__":
    main()
