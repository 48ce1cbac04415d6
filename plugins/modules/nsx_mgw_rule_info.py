#!/usr/bin/python
# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: nsx_mgw_rule_info
short_description: List the firewall rules of an SDDC's management gateway
description:
  - Reads the firewall rules of an SDDC's management gateway, those of others included.
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
  vmc.aws_backup.nsx_mgw_rule_info:
    nsx_url: "{{ vmc_backup_nsx_url }}"
    api_token: "{{ vmc_backup_api_token }}"
  register: found
"""

RETURN = r"""
rules:
  description: What was found.
  returned: always
  type: list
  elements: dict
  contains:
    id:
      description: Its id in the domain.
      type: str
    display_name:
      description: Its name.
      type: str
    description:
      description: What it is for.
      type: str
    source_groups:
      description: Paths of groups, addresses, or C(ANY).
      type: list
      elements: str
    sources_excluded:
      description: Whether RV(rules[].source_groups) is negated.
      type: bool
    destination_groups:
      description: Paths of groups, addresses, or C(ANY).
      type: list
      elements: str
    destinations_excluded:
      description: Whether RV(rules[].destination_groups) is negated.
      type: bool
    services:
      description: Paths of services, or C(ANY). Empty when RV(rules[].service_entries) says it all.
      type: list
      elements: str
    service_entries:
      description: Services that are described in the rule itself.
      type: list
      elements: dict
    scope:
      description: Paths of the interfaces it applies to.
      type: list
      elements: str
    action:
      description: What it does with matching traffic.
      type: str
    direction:
      description: Direction of the traffic.
      type: str
    ip_protocol:
      description: IP versions it matches.
      type: str
    sequence_number:
      description: Its place among the rules.
      type: int
    logged:
      description: Whether matches are logged.
      type: bool
    disabled:
      description: Whether it is switched off.
      type: bool
    notes:
      description: Remarks.
      type: str
    log_label:
      description: Its label in the log.
      type: str
    profiles:
      description: Paths of context profiles, or C(ANY).
      type: list
      elements: str
    path:
      description: Its path in NSX.
      type: str
      sample: /infra/domains/mgw/gateway-policies/default/rules/site-a-appliances-to-vcenter
    rule_id:
      description: The number that NSX gave it, by which logs and flows name it.
      type: int
      sample: 1042
    unique_id:
      description: The id that NSX itself goes by.
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
from ..module_utils.resources.nsx_rule import find, view

SPEC = {
    **NSX,
    "id": {"type": "str"},
}


def fetch(module):
    return [view(raw) for raw in find(nsx_client(module.params), domain="mgw", id=module.params["id"])]


def main():
    runner.info(AnsibleModule(argument_spec=SPEC, supports_check_mode=True), "rules", fetch)


if __name__ == "__main__":
    main()
