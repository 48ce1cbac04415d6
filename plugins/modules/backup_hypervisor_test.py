#!/usr/bin/python
# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: backup_hypervisor_test
version_added: "1.0.0"
short_description: Test whether one gateway logs in to a vCenter
description:
  - Lets one gateway log in to a vCenter with the given credentials, once, and fails when it cannot. Nothing is written.
  - That a hypervisor is online proves that one of its gateways reaches vCenter, and not which. This is how one gateway is proven.
  - A login that fails counts in vCenter, where repeated failures lock the account. Check mode does not log in.
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
    support: none
options:
  gateway:
    description: Name or ARN of the gateway.
    type: str
    required: true
  host:
    description: Name or address of the vCenter, as the gateway is to reach it.
    type: str
    required: true
  username:
    description: User of the vCenter, in the form user@domain.
    type: str
    required: true
  password:
    description: Password of the user.
    type: str
    required: true
seealso:
  - module: vmc.aws_backup.backup_hypervisor
"""

EXAMPLES = r"""
- name: Does the new gateway reach vCenter by itself?
  vmc.aws_backup.backup_hypervisor_test:
    region: eu-west-1
    gateway: sddc-1-cluster-1-2
    host: vcenter.sddc-1-2-3-4.vmwarevmc.com
    username: backup@vmc.local
    password: "{{ vault_backup_password }}"
"""

RETURN = r"""
gateway:
  description: The gateway that logged in.
  returned: when it did
  type: str
  sample: sddc-1-cluster-1-2
host:
  description: The vCenter that it logged in to.
  returned: when it did
  type: str
  sample: vcenter.sddc-1-2-3-4.vmwarevmc.com
"""

from ..module_utils.clients.aws import Aws, aws_module
from ..module_utils.engine import runner
from ..module_utils.resources.hypervisor import ConnectionTest

SPEC = {
    "gateway": {"type": "str", "required": True},
    "host": {"type": "str", "required": True},
    "username": {"type": "str", "required": True},
    "password": {"type": "str", "required": True, "no_log": True},
}


def main():
    runner.act(aws_module(SPEC), lambda module: ConnectionTest(Aws(module, "backup-gateway"), module.params))


if __name__ == "__main__":
    main()
