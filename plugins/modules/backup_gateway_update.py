#!/usr/bin/python
# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: backup_gateway_update
short_description: Update the software of one gateway
version_added: "1.0.0"
author: The vmc.aws_backup contributors (@vmc-aws-backup)
description:
  - Updates the software of one gateway of AWS Backup where AWS says that an update can be had, and waits until its version has changed.
  - An update restarts the appliance, and a backup that runs through it would break off. It is started only while no job may run through it.
  - Where no update can be had yet nothing is done.
extends_documentation_fragment:
  - vmc.aws_backup.attributes
  - vmc.aws_backup.aws
  - vmc.aws_backup.site
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
options:
  gateway:
    description: Name or ARN of the gateway.
    type: str
    required: true
  drain_timeout:
    description:
      - How long to wait for jobs that may run through it, in seconds. With V(0) it is refused while there are any.
      - No API says which gateway a job runs through, so that every unfinished job on the machines of its hypervisor counts, and every restore.
    type: int
    default: 0
  wait_timeout:
    description: How long to wait until the version has changed and AWS Backup has heard of the gateway again, in seconds.
    type: int
    default: 3600
seealso:
  - module: vmc.aws_backup.backup_gateway
"""

EXAMPLES = r"""
- name: Update a gateway in the night, once its jobs have ended
  vmc.aws_backup.backup_gateway_update:
    region: eu-west-1
    gateway: sddc-1-cluster-1-1
    drain_timeout: 7200
"""

RETURN = r"""
gateway:
  description: The gateway as it is now.
  returned: unless an update is only predicted
  type: dict
  contains:
    gateway_arn:
      description: Its ARN.
      type: str
    name:
      description: Its display name.
      type: str
    software_version:
      description: The version of its software.
      type: str
    next_update_availability_time:
      description: From when the next update can be had.
      type: str
    deprecation_date:
      description: When this version gets no more updates.
      type: str
    last_seen_time:
      description: When AWS Backup last heard of it.
      type: str
software_version_before:
  description: The version that it had before.
  returned: unless an update is only predicted
  type: str
"""

from ..module_utils.clients.aws import Aws, aws_module
from ..module_utils.engine import runner
from ..module_utils.resources.software_update import SoftwareUpdate

SPEC = {
    **runner.SITE,
    "gateway": {"type": "str", "required": True},
    "drain_timeout": {"type": "int", "default": 0},
    "wait_timeout": {"type": "int", "default": 3600},
}


def _update(module):
    return SoftwareUpdate(Aws(module, "backup-gateway"), Aws(module, "backup"), module.params)


def main():
    runner.act(aws_module(SPEC), _update)


if __name__ == "__main__":
    main()
