#!/usr/bin/python
# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: vmc_vcenter_dns
short_description: Manage the vCenter Server FQDN resolution address of an SDDC
description:
  - Says whether the name of the vCenter Server resolves to its private or to its public address.
  - The name is resolved by public DNS, so that this changes for everybody who uses it, at once or when their DNS server asks again.
    Whoever cannot reach the new address is cut off from vCenter. Whether you can is not tested here.
  - It waits for the task of VMware Cloud to end. While another task of the SDDC runs, such as the one of a run that was interrupted, it waits for
    that one first.
  - The options of NSX are accepted, so that the action group C(vmc) can carry them, and not used.
options:
  resolution_address:
    description:
      - The address that the name shall resolve to.
    type: str
    choices: [private, public]
    required: true
  vcenter_hostname:
    description:
      - A name that is looked up from where the module runs after a switch, until it leads to the address. Not looked up when not given.
    type: str
  wait_timeout:
    description:
      - The longest wait for a task, or for O(vcenter_hostname), in seconds.
    type: int
    default: 600
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
    support: full
seealso:
  - module: vmc.aws_backup.vmc_sddc_info
"""

EXAMPLES = r"""
- name: The name of vCenter resolves to its private address
  vmc.aws_backup.vmc_vcenter_dns:
    org_id: "{{ vmc_backup_org_id }}"
    sddc_id: "{{ vmc_backup_sddc_id }}"
    api_token: "{{ vmc_backup_api_token }}"
    resolution_address: private
    vcenter_hostname: vcenter.sddc-1-2-3-4.vmwarevmc.com
"""

RETURN = r"""
vcenter_dns:
  description: The setting as it is, or in check mode as it would be.
  returned: always
  type: dict
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

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.clients.nsx import NSX
from ..module_utils.clients.vmc import vmc_client
from ..module_utils.engine import runner
from ..module_utils.resources.vcenter_dns import VcenterDns

SPEC = {
    **NSX,
    "resolution_address": {"type": "str", "choices": ["private", "public"], "required": True},
    "vcenter_hostname": {"type": "str"},
    "wait_timeout": {"type": "int", "default": 600},
}


def main():
    module = AnsibleModule(argument_spec=SPEC, supports_check_mode=True)
    runner.run(module, lambda module: VcenterDns(vmc_client(module.params), module.params))


if __name__ == "__main__":
    main()
