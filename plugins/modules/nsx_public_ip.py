#!/usr/bin/python
# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: nsx_public_ip
short_description: Manage a public address of an SDDC
description:
  - Has a public IPv4 address allotted to an SDDC, names it, and gives it back.
  - AWS chooses the address, and bills it for as long as the SDDC has it.
  - Public addresses carry no tags, so that the one with the given id is taken for the one that is meant, whoever had it allotted.
  - An address is not given back while a NAT rule of the compute gateway uses it.
options:
  id:
    description:
      - Id of the public address.
    type: str
    required: true
  display_name:
    description:
      - Name of the public address, at most 255 characters. A new one gets its id as name when none is given.
    type: str
version_added: "1.0.0"
author:
  - The vmc.aws_backup contributors (@vmc-aws-backup)
extends_documentation_fragment:
  - vmc.aws_backup.state
  - vmc.aws_backup.wait
  - vmc.aws_backup.vmc
  - vmc.aws_backup.nsx
  - vmc.aws_backup.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
"""

EXAMPLES = r"""
- name: A public address
  vmc.aws_backup.nsx_public_ip:
    nsx_url: "{{ vmc_backup_nsx_url }}"
    api_token: "{{ vmc_backup_api_token }}"
    id: site-a-activation
  register: made

- name: It can be used by its id or by its address
  ansible.builtin.debug:
    var: made.public_ip.ip
"""

RETURN = r"""
public_ip:
  description: The public address as it is, or in check mode as it would be.
  returned: always
  type: dict
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

from ..module_utils.clients.nsx import NSX, nsx_client
from ..module_utils.engine import runner
from ..module_utils.resources.nsx_public_ip import PublicIp

SPEC = {
    **NSX,
    **runner.STATE,
    **runner.WAIT,
    "id": {"type": "str", "required": True},
    "display_name": {"type": "str"},
}


def main():
    module = AnsibleModule(argument_spec=SPEC, supports_check_mode=True)
    runner.run(module, lambda module: PublicIp(nsx_client(module.params), module.params))


if __name__ == "__main__":
    main()
