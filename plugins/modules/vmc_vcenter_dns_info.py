#!/usr/bin/python
# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: vmc_vcenter_dns_info
short_description: Say to which address the name of a vCenter Server resolves
description:
  - Reads the vCenter Server FQDN resolution address of one SDDC, or of all SDDCs of an organisation.
  - It asks the VMware Cloud API only, M(vmc.aws_backup.vmc_sddc_info) says more and asks NSX too.
  - The options of NSX are accepted, so that the action group C(vmc) can carry them, and not used.
options: {}
version_added: "1.0.0"
author:
  - The vmc.aws_backup contributors (@vmc-aws-backup)
extends_documentation_fragment:
  - vmc.aws_backup.vmc
  - vmc.aws_backup.nsx
  - vmc.aws_backup.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
seealso:
  - module: vmc.aws_backup.vmc_sddc_info
"""

EXAMPLES = r"""
- name: Look at one SDDC
  vmc.aws_backup.vmc_vcenter_dns_info:
    org_id: "{{ vmc_backup_org_id }}"
    sddc_id: "{{ vmc_backup_sddc_id }}"
    api_token: "{{ vmc_backup_api_token }}"
  register: found

- name: The name of its vCenter resolves to the private address
  ansible.builtin.assert:
    that: found.vcenter_dns_settings[0].resolution_address == "private"
"""

RETURN = r"""
vcenter_dns_settings:
  description: One for each SDDC; with O(sddc_id) at most one.
  returned: always
  type: list
  elements: dict
  contains:
    sddc_id:
      description: The SDDC.
      type: str
    sddc_state:
      description: C(READY), or what it is busy with.
      type: str
    vcenter_hostname:
      description: Fully qualified name of the vCenter Server.
      type: str
    resolution_address:
      description: C(private) or C(public). Null where VMware Cloud does not say.
      type: str
    vcenter_management_ip:
      description: Its private address.
      type: str
    vcenter_public_ip:
      description: Its public address.
      type: str
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.clients.nsx import NSX
from ..module_utils.clients.vmc import vmc_client
from ..module_utils.engine import runner
from ..module_utils.resources.vcenter_dns import find, view

SPEC = NSX


def fetch(module):
    return [view(raw) for raw in find(vmc_client(module.params), sddc_id=module.params["sddc_id"])]


def main():
    runner.info(AnsibleModule(argument_spec=SPEC, supports_check_mode=True), "vcenter_dns_settings", fetch)


if __name__ == "__main__":
    main()
