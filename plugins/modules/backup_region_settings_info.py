#!/usr/bin/python
# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: backup_region_settings_info
short_description: Read the service opt-in of AWS Backup in a Region
version_added: "1.0.0"
author: The vmc.aws_backup contributors (@vmc-aws-backup)
description:
  - Says for which types of resources AWS Backup works in a Region of an account.
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
options: {}
seealso:
  - module: vmc.aws_backup.backup_region_settings
"""

EXAMPLES = r"""
- name: Look at the Region
  vmc.aws_backup.backup_region_settings_info:
    region: eu-west-1
  register: found

- name: AWS Backup protects virtual machines
  ansible.builtin.assert:
    that: found.region_settings[0].resource_type_opt_in_preference.VirtualMachine
"""

RETURN = r"""
region_settings:
  description: Those of the one Region that was asked.
  returned: always
  type: list
  elements: dict
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
"""

from ..module_utils.clients.aws import Aws, aws_module
from ..module_utils.engine import runner
from ..module_utils.resources.region_settings import find, view

SPEC = {}


def fetch(module):
    return [view(raw) for raw in find(Aws(module, "backup"))]


def main():
    runner.info(aws_module(SPEC), "region_settings", fetch)


if __name__ == "__main__":
    main()
