#!/usr/bin/python
# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: nsx_segment_info
short_description: List the segments of an SDDC's compute gateway
description:
  - Reads the segments of the compute gateway, those of others included.
options:
  id:
    description:
      - Only the one with this id.
    type: str
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
"""

EXAMPLES = r"""
- name: Look at them all
  vmc.aws_backup.nsx_segment_info:
    nsx_url: "{{ vmc_backup_nsx_url }}"
    api_token: "{{ vmc_backup_api_token }}"
  register: found
"""

RETURN = r"""
segments:
  description: What was found.
  returned: always
  type: list
  elements: dict
  contains:
    id:
      description: Its id.
      type: str
    display_name:
      description: Its name, which is also that of the network in vCenter.
      type: str
    description:
      description: What it is for.
      type: str
    type:
      description: C(ROUTED), C(EXTENDED), C(ROUTED_AND_EXTENDED) or C(DISCONNECTED).
      type: str
    subnets:
      description: Its subnet.
      type: list
      elements: dict
      contains:
        gateway_address:
          description: Address of the gateway, with the prefix length of the subnet.
          type: str
        dhcp_ranges:
          description: Ranges and networks from which DHCP gives addresses to anybody.
          type: list
          elements: str
        dhcp_config:
          description: What DHCP tells besides. Empty where the segment leaves it to the compute gateway.
          type: dict
      sample: [{gateway_address: 10.30.5.1/27, dhcp_ranges: [10.30.5.10-10.30.5.19], dhcp_config: {dns_servers: [10.30.5.2], lease_time: 86400}}]
    domain_name:
      description: DNS domain of its machines.
      type: str
    tags:
      description: Its tags.
      type: list
      elements: dict
      sample: [{scope: managed-by, tag: vmc-aws-backup}]
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.clients.nsx import NSX, nsx_client
from ..module_utils.engine import runner
from ..module_utils.resources.nsx_segment import find, view

SPEC = {
    **NSX,
    "id": {"type": "str"},
}


def fetch(module):
    return [view(raw) for raw in find(nsx_client(module.params), id=module.params["id"])]


def main():
    runner.info(AnsibleModule(argument_spec=SPEC, supports_check_mode=True), "segments", fetch)


if __name__ == "__main__":
    main()
