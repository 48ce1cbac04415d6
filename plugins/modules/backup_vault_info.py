#!/usr/bin/python
# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: backup_vault_info
short_description: List vaults of AWS Backup
version_added: "1.0.0"
author: The vmc.aws_backup contributors (@vmc-aws-backup)
description:
  - Lists vaults in the form that M(vmc.aws_backup.backup_vault) has them.
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
    description: Only the vault of this name. When not given, all vaults of the Region are listed.
    type: str
seealso:
  - module: vmc.aws_backup.backup_vault
"""

EXAMPLES = r"""
- name: The vaults of the Region
  vmc.aws_backup.backup_vault_info:
    region: eu-west-1
  register: found
"""

RETURN = r"""
backup_vaults:
  description: The vaults.
  returned: always
  type: list
  elements: dict
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
"""

from ..module_utils.clients.aws import Aws, aws_module
from ..module_utils.engine import runner
from ..module_utils.resources.backup_vault import find, view

SPEC = {"name": {"type": "str"}}


def fetch(module):
    return [view(raw) for raw in find(Aws(module, "backup"), name=module.params["name"])]


def main():
    runner.info(aws_module(SPEC), "backup_vaults", fetch)


if __name__ == "__main__":
    main()
