#!/usr/bin/python
# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: nsx_public_ip_info
short_description: List the public addresses of an SDDC
description:
  - Reads the public addresses that are allotted to an SDDC, those of others included.
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
  vmc.aws_backup.nsx_public_ip_info:
    nsx_url: "{{ vmc_backup_nsx_url }}"
    api_token: "{{ vmc_backup_api_token }}"
  register: found
"""

RETURN = r"""
public_ips:
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
    ip:
      description: The address. Null until it is allotted.
      type: str
      sample: 198.51.100.10
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.clients.nsx import NSX, nsx_client
from ..module_utils.engine import runner
from ..module_utils.resources.nsx_public_ip import find, view

SPEC = {
    **NSX,
    "id": {"type": "str"},
}


def fetch(module):
    return [view(raw) for raw in find(nsx_client(module.params), id=module.params["id"])]


def main():
    runner.info(AnsibleModule(argument_spec=SPEC, supports_check_mode=True), "public_ips", fetch)


if __name__ == "__main__":
    main()
