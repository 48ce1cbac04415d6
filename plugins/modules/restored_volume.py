#!/usr/bin/python
# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: restored_volume
version_added: "1.0.0"
short_description: Look at or remove the EBS volume that a restore has made
description:
  - Works on the one volume that a restore job of M(vmc.aws_backup.restore_job) names as its created resource, and on no other. It makes none.
  - A volume that is attached is never removed.
author:
  - The vmc.aws_backup contributors (@vmc-aws-backup)
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
  state:
    description: Whether it shall be there.
    type: str
    choices: [present, absent]
    default: present
  restore_job_id:
    description: The restore job that has made it.
    type: str
    required: true
  wait:
    description: Whether to wait until it is ready.
    type: bool
    default: true
  wait_timeout:
    description: The longest wait, in seconds.
    type: int
    default: 600
seealso:
  - module: vmc.aws_backup.restore_job
"""

EXAMPLES = r"""
- name: Remove what a drill has made
  vmc.aws_backup.restored_volume:
    region: eu-west-1
    state: absent
    restore_job_id: 9F3C2C1E-5D7A-4F0E-8F0A-1C2D3E4F5A6B
"""

RETURN = r"""
restored_volume:
  description: The volume as it is.
  returned: when there is one
  type: dict
  contains:
    restore_job_id:
      description: The restore job that has made it.
      type: str
      sample: 9F3C2C1E-5D7A-4F0E-8F0A-1C2D3E4F5A6B
    volume_arn:
      description: Its ARN, as the job tells it.
      type: str
      sample: arn:aws:ec2:eu-west-1:123456789012:volume/vol-0123456789abcdef0
    volume_id:
      description: Its id.
      type: str
      sample: vol-0123456789abcdef0
    size_gib:
      description: Its size.
      type: int
      sample: 40
    volume_state:
      description: C(available), C(in-use) and so on.
      type: str
      sample: available
    encrypted:
      description: Whether it is encrypted.
      type: bool
      sample: true
    kms_key_id:
      description: The key that it is encrypted with.
      type: str
      sample: arn:aws:kms:eu-west-1:123456789012:key/1f2e3d4c-5b6a-4798-8877-665544332211
    availability_zone:
      description: Its availability zone.
      type: str
      sample: eu-west-1a
    attached_to:
      description: Ids of the instances that it is attached to.
      type: list
      elements: str
      sample: []
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
  description: Options whose value cannot be read back. Always empty here.
  returned: always
  type: list
  elements: str
  sample: []
"""

from ..module_utils.clients.aws import Aws, aws_module
from ..module_utils.engine import runner
from ..module_utils.resources.restored_volume import RestoredVolume

SPEC = {
    **runner.WAIT,
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "restore_job_id": {"type": "str", "required": True},
}


def build(module):
    return RestoredVolume(Aws(module, "backup"), Aws(module, "ec2"), module.params)


def main():
    runner.run(aws_module(SPEC), build)


if __name__ == "__main__":
    main()
