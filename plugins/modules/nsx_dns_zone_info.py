#!/usr/bin/python
# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: nsx_dns_zone_info
short_description: List the DNS zones of an SDDC's gateways
description:
  - Reads the zones of the DNS forwarders, the default ones and those of others included.
options:
  gateway:
    description:
      - Only zones that the DNS forwarder of this gateway uses.
    type: str
    choices: [mgw, cgw]
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
- name: Look at what the compute gateway asks
  vmc.aws_backup.nsx_dns_zone_info:
    nsx_url: "{{ vmc_backup_nsx_url }}"
    api_token: "{{ vmc_backup_api_token }}"
    gateway: cgw
  register: found
"""

RETURN = r"""
dns_zones:
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
    upstream_servers:
      description: The DNS servers, in the order in which they are asked.
      type: list
      elements: str
    dns_domain_names:
      description: The domains it answers for, in lower case. None for a default zone, which answers for the rest.
      type: list
      elements: str
    source_ip:
      description: The address from which the servers are asked. Empty where it is the forwarder's own.
      type: str
    tags:
      description: Its tags.
      type: list
      elements: dict
      sample: [{scope: managed-by, tag: vmc-aws-backup}]
    gateways:
      description: The gateways whose DNS forwarder uses it.
      type: list
      elements: str
      sample: [cgw]
    default:
      description: Whether it is the default zone of a gateway.
      type: bool
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.clients.nsx import NSX, nsx_client
from ..module_utils.engine import runner
from ..module_utils.resources.nsx_dns_zone import find, view

SPEC = {
    **NSX,
    "gateway": {"type": "str", "choices": ["mgw", "cgw"]},
    "id": {"type": "str"},
}


def fetch(module):
    params = module.params
    return [view(raw) for raw in find(nsx_client(params), gateway=params["gateway"], id=params["id"])]


def main():
    runner.info(AnsibleModule(argument_spec=SPEC, supports_check_mode=True), "dns_zones", fetch)


if __name__ == "__main__":
    main()
