#!/usr/bin/python
# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: nsx_group
short_description: Manage a group of addresses of an SDDC's gateway
description:
  - Creates, corrects and removes one group of IP addresses of the management or the compute gateway.
  - Groups that the system defines, such as C(VCENTER), are never touched.
options:
  domain:
    description:
      - The gateway it belongs to, V(mgw) for the management gateway, V(cgw) for the compute gateway.
    type: str
    choices: [mgw, cgw]
    required: true
  id:
    description:
      - Id of the group.
    type: str
    required: true
  display_name:
    description:
      - Name of the group. NSX uses the id when none is given at creation.
    type: str
  description:
    description:
      - What the group is for.
    type: str
  ip_addresses:
    description:
      - All addresses, networks and ranges of the group. Others are removed.
      - A network must not have host bits.
      - An empty text stands for an address that does not exist yet. Check mode predicts with it, otherwise nothing is written.
    type: list
    elements: str
  allow_wide:
    description:
      - Why the group may be more than 65,536 IPv4 addresses or more than a /48 of IPv6, together, by whatever spelling.
        Without a reason such a group is refused, since a rule may have it as its source. The rule needs a reason of its own.
      - The reason is kept in the description.
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
- name: The appliances, as the management gateway knows them
  vmc.aws_backup.nsx_group:
    nsx_url: "{{ vmc_backup_nsx_url }}"
    api_token: "{{ vmc_backup_api_token }}"
    domain: mgw
    id: site-a-appliances
    ip_addresses:
      - 10.30.5.20
      - 10.30.5.21
"""

RETURN = r"""
group:
  description: The group as it is, or in check mode as it would be.
  returned: always
  type: dict
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
from ..module_utils.resources.nsx_group import Group

SPEC = {
    **NSX,
    **runner.STATE,
    **runner.ADOPT,
    **runner.SITE,
    "domain": {"type": "str", "choices": ["mgw", "cgw"], "required": True},
    "id": {"type": "str", "required": True},
    "display_name": {"type": "str"},
    "description": {"type": "str"},
    "ip_addresses": {"type": "list", "elements": "str"},
    "allow_wide": {"type": "str"},
    "tags": {
        "type": "list",
        "elements": "dict",
        "options": {"scope": {"type": "str"}, "tag": {"type": "str", "required": True}},
    },
    "purge_tags": {"type": "bool", "default": False},
}


def main():
    module = AnsibleModule(argument_spec=SPEC, supports_check_mode=True)
    runner.run(module, lambda module: Group(nsx_client(module.params), module.params))


if __name__ == "__main__":
    main()
