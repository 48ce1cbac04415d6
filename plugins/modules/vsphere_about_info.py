#!/usr/bin/python
# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: vsphere_about_info
version_added: "1.0.0"
short_description: What a vCenter says of itself
description:
  - Logs in to a vCenter, and returns its version and its instance UUID, by which it is told from every other.
author:
  - The vmc.aws_backup contributors (@vmc-aws-backup)
extends_documentation_fragment:
  - vmc.aws_backup.vsphere
  - vmc.aws_backup.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
seealso:
  - module: vmc.aws_backup.gateway_appliance_info
"""

EXAMPLES = r"""
- name: Which vCenter is it?
  vmc.aws_backup.vsphere_about_info:
    hostname: vcenter.example.org
    username: backup@example.org
    password: "{{ vault_vcenter_password }}"
  register: about
"""

RETURN = r"""
vcenters:
  description: The vCenter, as a list of one.
  returned: success
  type: list
  elements: dict
  contains:
    instance_uuid:
      description: Its instance UUID, which stays as long as it lives.
      type: str
      sample: 2f1c3a52-6a3e-4b7c-9d7e-1f0a4c1b9e55
    name:
      description: What the product is called.
      type: str
      sample: VMware vCenter Server
    version:
      description: Its version.
      type: str
      sample: 8.0.3
    build:
      description: Its build.
      type: str
    api_version:
      description: Version of its API.
      type: str
      sample: 8.0.3.0
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils import runner
from ..module_utils.clients.vsphere import VSPHERE, Vsphere
from ..module_utils.resources import about

SPEC = {**VSPHERE}


def fetch(module):
    return [about.view(about.find(Vsphere(module.params)))]


def main():
    runner.info(AnsibleModule(SPEC, supports_check_mode=True), "vcenters", fetch)


if __name__ == "__main__":
    main()
