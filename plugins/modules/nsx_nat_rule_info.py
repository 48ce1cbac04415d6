#!/usr/bin/python
# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: nsx_nat_rule_info
short_description: List the NAT rules of an SDDC's compute gateway
description:
  - Reads the NAT rules of the compute gateway, those of others included.
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
  vmc.aws_backup.nsx_nat_rule_info:
    nsx_url: "{{ vmc_backup_nsx_url }}"
    api_token: "{{ vmc_backup_api_token }}"
  register: found
"""

RETURN = r"""
nat_rules:
  description: What was found.
  returned: always
  type: list
  elements: dict
  contains:
    id:
      description: Its id.
      type: str
    display_name:
      description: Its name.
      type: str
    description:
      description: What it is for.
      type: str
    action:
      description: What it does with the addresses.
      type: str
    source_network:
      description: Where the traffic comes from. Empty for anywhere.
      type: str
    destination_network:
      description: Where the traffic goes to. Empty for anywhere.
      type: str
    translated_network:
      description: What takes the place of the source or the destination.
      type: str
    translated_ports:
      description: Port or range of ports that takes the place of the destination's. Empty for the same.
      type: str
    service:
      description: Path of the service that is matched. Empty for any.
      type: str
    scope:
      description: Paths of the uplinks that it is applied to.
      type: list
      elements: str
      sample: [/infra/labels/cgw-public]
    firewall_match:
      description: Which of the addresses the gateway's firewall sees.
      type: str
    enabled:
      description: Whether it is in force.
      type: bool
    logging:
      description: Whether packets that match are logged.
      type: bool
    sequence_number:
      description: Its place among the rules, the lowest first.
      type: int
    tags:
      description: Its tags.
      type: list
      elements: dict
      sample: [{scope: managed-by, tag: vmc-aws-backup}]
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.clients.nsx import NSX, nsx_client
from ..module_utils.engine import runner
from ..module_utils.resources.nsx_nat_rule import find, view

SPEC = {
    **NSX,
    "id": {"type": "str"},
}


def fetch(module):
    return [view(raw) for raw in find(nsx_client(module.params), id=module.params["id"])]


def main():
    runner.info(AnsibleModule(argument_spec=SPEC, supports_check_mode=True), "nat_rules", fetch)


if __name__ == "__main__":
    main()
