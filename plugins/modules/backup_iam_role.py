#!/usr/bin/python
# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: backup_iam_role
short_description: IAM role with which AWS Backup works
version_added: "1.0.0"
author: The vmc.aws_backup contributors (@vmc-aws-backup)
description:
  - Keeps a role for AWS Backup. What O(purpose) it has decides which services it trusts and which managed policies of AWS it carries.
  - IAM takes keys of tags that differ in case for one. A tag is spelled as the role has it, and one that is the collection's own mark but for its case,
    such as C(Managed-By), is refused.
  - What others have put on the role is told as a warning each time, and left. That is further policies, managed and inline ones, and a permissions boundary.
    O(purge_policies) takes further policies off. A widened trust is put right when O(purpose) is given.
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
  name:
    description:
      - Name of the role. It is found by this name.
      - Must hold C(AWSBackup) or C(AwsBackup), because only roles so named can be handed to AWS Backup by somebody with C(AWSBackupFullAccess).
    type: str
    required: true
  purpose:
    description:
      - What the role is for. Needed to create one.
      - V(backup), V(restore) and V(backup_and_restore) are for jobs, and trust C(backup.amazonaws.com).
      - V(metadata_sync) is for the tag mappings of a hypervisor, and trusts C(backup-gateway.amazonaws.com) too.
      - When not given, trust and managed policies are left as they are.
    type: str
    choices: [backup, restore, backup_and_restore, metadata_sync]
  source_accounts:
    description:
      - Accounts on whose behalf alone the trusted services may take the role on (C(aws:SourceAccount)), against a confused deputy. Looked at together
        with O(purpose). Without it the trust has no condition, and one that it has is taken off.
      - Whether AWS Backup tells the account whenever it takes a role on has not been seen; try a job before you rely on it.
    type: list
    elements: str
  max_session_duration:
    description: How long whoever takes the role on may keep it, in seconds, from 3600 to 43200. A new role without it has 3600.
    type: int
  kms_key_arns:
    description:
      - The keys that the role may decrypt with, as ARNs or as aliases that begin with C(alias/).
      - A job needs it for the customer managed key of a hypervisor's credentials. The default role of AWS Backup does not have it.
      - V([]) takes it away.
    type: list
    elements: str
  purge_policies:
    description:
      - Whether policies that are not of this collection are taken off the role, inline ones and, when O(purpose) is given, managed ones too.
      - Those that O(further_policies) names stay.
    type: bool
    default: false
  further_policies:
    description:
      - Policies of yours that belong to the role besides, managed ones by their ARNs and inline ones by their names.
      - They are neither put there nor taken off, and nothing is said of them.
    type: list
    elements: str
  path:
    description: Path of the role, with a slash at both ends. Cannot be changed.
    type: str
  permissions_boundary:
    description:
      - ARN of the managed policy that bounds the role. Empty removes the boundary.
      - When not given, a boundary that the role has is told as a warning.
    type: str
  description:
    description: Description of the role.
    type: str
seealso:
  - module: vmc.aws_backup.backup_iam_role_info
  - module: vmc.aws_backup.backup_kms_key
  - module: vmc.aws_backup.backup_hypervisor
"""

EXAMPLES = r"""
- name: A role for jobs, where the credentials of the hypervisor are encrypted with a key of our own
  vmc.aws_backup.backup_iam_role:
    region: eu-west-1
    name: vmc-AWSBackup
    purpose: backup_and_restore
    kms_key_arns: [alias/vmc-aws-backup]

- name: A role for the tag mappings
  vmc.aws_backup.backup_iam_role:
    region: eu-west-1
    name: vmc-AWSBackup-metadata-sync
    purpose: metadata_sync

- name: No such role any more
  vmc.aws_backup.backup_iam_role:
    region: eu-west-1
    name: vmc-AWSBackup-metadata-sync
    state: absent
"""

RETURN = r"""
iam_role:
  description: The role.
  returned: when it exists, or in check mode would
  type: dict
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
from ..module_utils.resources.iam_role import PURPOSES, BackupIamRole

SPEC = {
    **runner.STATE,
    **runner.ADOPT,
    **runner.TAGS,
    **runner.ON_IMMUTABLE,
    "name": {"type": "str", "required": True},
    "purpose": {"type": "str", "choices": list(PURPOSES)},
    "source_accounts": {"type": "list", "elements": "str"},
    "max_session_duration": {"type": "int"},
    "kms_key_arns": {"type": "list", "elements": "str", "no_log": False},
    "purge_policies": {"type": "bool", "default": False},
    "further_policies": {"type": "list", "elements": "str"},
    "path": {"type": "str"},
    "permissions_boundary": {"type": "str"},
    "description": {"type": "str"},
}


def build(module):
    return BackupIamRole(Aws(module, "iam"), Aws(module, "kms"), module.params)


def main():
    runner.run(aws_module(SPEC), build)


if __name__ == "__main__":
    main()
