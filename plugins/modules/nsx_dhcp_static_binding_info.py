#!/usr/bin/python
# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: nsx_dhcp_static_binding_info
short_description: List the DHCP static bindings of a segment
description:
  - Reads the DHCP static bindings of a segment, those of others included.
options:
  segment:
    description:
      - Id of the segment of the compute gateway.
    type: str
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
  vmc.aws_backup.nsx_dhcp_static_binding_info:
    nsx_url: "{{ vmc_backup_nsx_url }}"
    api_token: "{{ vmc_backup_api_token }}"
    segment: backup
  register: found
"""

RETURN = r"""
static_bindings:
  description: What was found.
  returned: always
  type: list
  elements: dict
  contains:
    id:
      description: Its id in the segment.
      type: str
    display_name:
      description: Its name.
      type: str
    description:
      description: What it is for.
      type: str
    mac_address:
      description: The MAC address, in lower case with colons.
      type: str
    ip_address:
      description: The address that it gets.
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
from ..module_utils.resources.nsx_dhcp_static_binding import find, view

SPEC = {
    **NSX,
    "segment": {"type": "str", "required": True},
    "id": {"type": "str"},
}


def fetch(module):
    return [
        view(raw) for raw in find(nsx_client(module.params), segment=module.params["segment"], id=module.params["id"])
    ]


def main():
    runner.info(AnsibleModule(argument_spec=SPEC, supports_check_mode=True), "static_bindings", fetch)


if __name__ == "__main__":
    main()
