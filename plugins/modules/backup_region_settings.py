#!/usr/bin/python
# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: backup_region_settings
short_description: Manage the service opt-in of AWS Backup in a Region
version_added: "1.0.0"
author: The vmc.aws_backup contributors (@vmc-aws-backup)
description:
  - Says for which types of resources AWS Backup works in a Region of an account, for instance C(VirtualMachine).
  - Only the types that are given are managed. All others stay as they are, and nothing is switched off by leaving it out.
  - The settings are those of the whole account. Run it for one host at a time.
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
    support: full
options:
  resource_type_opt_in_preference:
    description:
      - Types of resources and whether AWS Backup shall protect them, by the names that the Region has for them.
      - A type that the Region does not know is refused.
    type: dict
  resource_type_management_preference:
    description:
      - Types of resources and whether AWS Backup shall manage their backups fully.
      - A type that does not have the choice is refused.
    type: dict
seealso:
  - module: vmc.aws_backup.backup_region_settings_info
"""

EXAMPLES = r"""
- name: AWS Backup protects virtual machines
  vmc.aws_backup.backup_region_settings:
    region: eu-west-1
    resource_type_opt_in_preference:
      VirtualMachine: true
"""

RETURN = r"""
region_settings:
  description: The settings as they are, or in check mode as they would be.
  returned: always
  type: dict
  contains:
    region:
      description: The Region.
      type: str
    resource_type_opt_in_preference:
      description: For each type of resource that the Region knows, whether AWS Backup protects it.
      type: dict
      sample: {EBS: true, VirtualMachine: true}
    resource_type_management_preference:
      description: For each type of resource that has the choice, whether AWS Backup manages its backups fully.
      type: dict
      sample: {DynamoDB: false, EFS: true}
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
  description: Managed keys that the API never gives back.
  returned: always
  type: list
  elements: str
"""

from ..module_utils.clients.aws import Aws, aws_module
from ..module_utils.engine import runner
from ..module_utils.resources.region_settings import RegionSettings

SPEC = {
    "resource_type_opt_in_preference": {"type": "dict"},
    "resource_type_management_preference": {"type": "dict"},
}


def main():
    runner.run(aws_module(SPEC), lambda module: RegionSettings(Aws(module, "backup"), module.params))


if __name__ == "__main__":
    main()
