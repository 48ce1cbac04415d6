#!/usr/bin/python
# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: nsx_group_info
short_description: List the groups of an SDDC's gateway
description:
  - Reads the groups of an SDDC's gateway, those of others included.
options:
  domain:
    description:
      - The gateway it belongs to, V(mgw) for the management gateway, V(cgw) for the compute gateway.
    type: str
    choices: [mgw, cgw]
    required: true
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
  vmc.aws_backup.nsx_group_info:
    nsx_url: "{{ vmc_backup_nsx_url }}"
    api_token: "{{ vmc_backup_api_token }}"
    domain: mgw
  register: found
"""

RETURN = r"""
groups:
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
    ip_addresses:
      description: Its addresses, networks and ranges. Null when the group is made of more than these.
      type: list
      elements: str
    tags:
      description: Its tags.
      type: list
      elements: dict
      sample: [{scope: managed-by, tag: vmc-aws-backup}]
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.clients.nsx import NSX, nsx_client
from ..module_utils.engine import runner
from ..module_utils.resources.nsx_group import find, view

SPEC = {
    **NSX,
    "domain": {"type": "str", "choices": ["mgw", "cgw"], "required": True},
    "id": {"type": "str"},
}


def fetch(module):
    return [
        view(raw) for raw in find(nsx_client(module.params), domain=module.params["domain"], id=module.params["id"])
    ]


def main():
    runner.info(AnsibleModule(argument_spec=SPEC, supports_check_mode=True), "groups", fetch)


if __name__ == "__main__":
    main()
