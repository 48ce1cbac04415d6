#!/usr/bin/python
# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: nsx_dhcp_static_binding
short_description: Manage a DHCP static binding of a segment
description:
  - Keeps one address of a segment of the compute gateway for one MAC address.
options:
  segment:
    description:
      - Id of the segment of the compute gateway.
    type: str
    required: true
  id:
    description:
      - Id of the binding.
    type: str
    required: true
  display_name:
    description:
      - Name of the binding. NSX uses the id when none is given at creation.
    type: str
  description:
    description:
      - What the binding is for.
    type: str
  mac_address:
    description:
      - The MAC address that gets the address. Needed to create a binding.
    type: str
  ip_address:
    description:
      - The IPv4 address, inside the segment's subnet. Needed to create a binding.
    type: str
  tags:
    description:
      - Tags it shall carry. The collection's own tag, scope C(managed-by) and tag C(vmc-aws-backup), is always among them.
      - A scope that is given here loses its other tags.
    type: list
    elements: dict
    suboptions:
      scope:
        description:
          - Scope of the tag.
        type: str
      tag:
        description:
          - The tag itself.
        type: str
        required: true
  purge_tags:
    description:
      - Whether tags that O(tags) does not name are removed.
    type: bool
    default: false
version_added: "1.0.0"
author:
  - The vmc.aws_backup contributors (@vmc-aws-backup)
extends_documentation_fragment:
  - vmc.aws_backup.state
  - vmc.aws_backup.adopt
  - vmc.aws_backup.site
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
- name: An appliance always gets the same address
  vmc.aws_backup.nsx_dhcp_static_binding:
    nsx_url: "{{ vmc_backup_nsx_url }}"
    api_token: "{{ vmc_backup_api_token }}"
    segment: backup
    id: site-a-cluster-1-1
    mac_address: 00:50:56:1e:05:14
    ip_address: 10.30.5.20
"""

RETURN = r"""
static_binding:
  description: The binding as it is, or in check mode as it would be.
  returned: always
  type: dict
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
from ..module_utils.resources.nsx_dhcp_static_binding import StaticBinding

SPEC = {
    **NSX,
    **runner.STATE,
    **runner.ADOPT,
    **runner.SITE,
    "segment": {"type": "str", "required": True},
    "id": {"type": "str", "required": True},
    "display_name": {"type": "str"},
    "description": {"type": "str"},
    "mac_address": {"type": "str"},
    "ip_address": {"type": "str"},
    "tags": {
        "type": "list",
        "elements": "dict",
        "options": {"scope": {"type": "str"}, "tag": {"type": "str", "required": True}},
    },
    "purge_tags": {"type": "bool", "default": False},
}


def main():
    module = AnsibleModule(argument_spec=SPEC, supports_check_mode=True)
    runner.run(module, lambda module: StaticBinding(nsx_client(module.params), module.params))


if __name__ == "__main__":
    main()
