#!/usr/bin/python
# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: backup_kms_key
short_description: Customer managed key for AWS Backup
version_added: "1.0.0"
author: The vmc.aws_backup contributors (@vmc-aws-backup)
description:
  - Keeps a symmetric customer managed key, for vaults and for the credentials of a hypervisor.
  - A new key is tagged with its alias, so that a run that was killed before the alias was made is finished by the next, without a second key.
  - That the key does not rotate, and that its policy lets in somebody beyond its account, is told as a warning where it was not asked for.
  - An alias that was pointed at another key, while the one that was made for it is still there, is refused.
  - Grants are never made and never revoked. AWS Backup makes its own.
extends_documentation_fragment:
  - vmc.aws_backup.state
  - vmc.aws_backup.adopt
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
  state:
    description:
      - Whether it shall exist.
      - With V(absent) its deletion is scheduled, which needs O(pending_window_in_days). Refused while anybody holds a grant on it.
      - A key that is going to be deleted counts as absent, keeps its alias until then, and is neither brought back nor replaced by V(present).
    type: str
    choices: [present, absent]
    default: present
  alias:
    description: Alias of the key, with or without C(alias/). It is found by this alias.
    type: str
    required: true
  description:
    description: Description of the key.
    type: str
  policy:
    description:
      - The key policy.
      - When not given, a new key gets the one that AWS gives, which leaves it to IAM who may use the key.
    type: dict
  enabled:
    description: Whether the key can be used. A disabled one stops every job that needs it, so that it is enabled unless this says otherwise.
    type: bool
    default: true
  enable_key_rotation:
    description: Whether the key rotates by itself.
    type: bool
  rotation_period_in_days:
    description: After how many days the key rotates, 90 to 2560.
    type: int
  multi_region:
    description: Whether it is a multi-Region key. Cannot be changed.
    type: bool
  pending_window_in_days:
    description:
      - In how many days the key is to be deleted, 7 to 30. Until then it can be brought back, but not used.
      - Required with O(state=absent), because what the key encrypts is lost with it.
    type: int
seealso:
  - module: vmc.aws_backup.backup_kms_key_info
  - module: vmc.aws_backup.backup_iam_role
  - module: vmc.aws_backup.backup_hypervisor
"""

EXAMPLES = r"""
- name: A key that rotates each year
  vmc.aws_backup.backup_kms_key:
    region: eu-west-1
    alias: vmc-aws-backup
    description: Credentials of vCenter for AWS Backup
    enable_key_rotation: true
    rotation_period_in_days: 365
  register: key

- name: Schedule its deletion
  vmc.aws_backup.backup_kms_key:
    region: eu-west-1
    alias: vmc-aws-backup
    state: absent
    pending_window_in_days: 30
"""

RETURN = r"""
kms_key:
  description: The key.
  returned: when it exists, or in check mode would
  type: dict
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
from ..module_utils.resources.kms_key import BackupKmsKey

SPEC = {
    **runner.STATE,
    **runner.ADOPT,
    **runner.TAGS,
    **runner.ON_IMMUTABLE,
    "alias": {"type": "str", "required": True},
    "description": {"type": "str"},
    "policy": {"type": "dict"},
    "enabled": {"type": "bool", "default": True},
    "enable_key_rotation": {"type": "bool", "no_log": False},
    "rotation_period_in_days": {"type": "int"},
    "multi_region": {"type": "bool"},
    "pending_window_in_days": {"type": "int"},
}


def main():
    runner.run(aws_module(SPEC), lambda module: BackupKmsKey(Aws(module, "kms"), module.params))


if __name__ == "__main__":
    main()
