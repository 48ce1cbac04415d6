#!/usr/bin/python
# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: nsx_segment
short_description: Manage a routed segment of an SDDC's compute gateway
description:
  - Creates, corrects and removes one segment of the compute gateway, with its subnet and its DHCP.
  - DHCP ranges can be added while the segment is there. NSX neither changes nor removes them in place, and another gateway address or
    another type would cut off the machines on the segment, so that these differences have the effect C(replace).
  - Before a segment is created, its subnet is compared with the management network, with the connected VPC and with all other segments.
  - A segment is not removed while machines are connected to it, nor while it has DHCP static bindings.
options:
  id:
    description:
      - Id of the segment.
    type: str
    required: true
  display_name:
    description:
      - Name of the segment, and of the network in vCenter. NSX uses the id when none is given at creation.
    type: str
  description:
    description:
      - What the segment is for.
    type: str
  type:
    description:
      - Type of the segment. A new segment is V(ROUTED).
      - When given, a segment of another type that is there already is reported with the effect C(replace).
    type: str
    choices: [ROUTED]
  subnets:
    description:
      - The subnet of the segment, exactly one. Needed to create a segment.
      - What is not given of it stays as it is.
    type: list
    elements: dict
    suboptions:
      gateway_address:
        description:
          - IPv4 address of the gateway with the prefix length of the subnet, such as V(10.30.5.1/27). The longest prefix is 30.
        type: str
        required: true
      dhcp_ranges:
        description:
          - All ranges and networks from which DHCP gives addresses to anybody.
          - They lie in the subnet, do not overlap, and hold neither the gateway's address nor that of a DHCP static binding.
        type: list
        elements: str
      dhcp_config:
        description:
          - What DHCP tells the machines of this segment.
        type: dict
        suboptions:
          dns_servers:
            description:
              - IPv4 addresses of at most 2 DNS servers, the first one to be asked first.
              - An empty list leaves it to the compute gateway's DNS forwarder.
            type: list
            elements: str
          lease_time:
            description:
              - How long a lease lasts, in seconds, from V(60) to V(4294967295). NSX uses V(86400) when it is not given at creation.
            type: int
  domain_name:
    description:
      - DNS domain that DHCP tells the machines. Empty for none.
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
  - vmc.aws_backup.wait
  - vmc.aws_backup.on_immutable
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
- name: A segment for the appliances
  vmc.aws_backup.nsx_segment:
    nsx_url: "{{ vmc_backup_nsx_url }}"
    api_token: "{{ vmc_backup_api_token }}"
    id: backup
    subnets:
      - gateway_address: 10.30.5.1/27
        dhcp_ranges:
          - 10.30.5.10-10.30.5.19
        dhcp_config:
          dns_servers:
            - 10.30.5.2
    domain_name: corp.example
"""

RETURN = r"""
segment:
  description: The segment as it is, or in check mode as it would be.
  returned: always
  type: dict
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
from ..module_utils.resources.nsx_segment import Segment

SPEC = {
    **NSX,
    **runner.STATE,
    **runner.ADOPT,
    **runner.SITE,
    **runner.WAIT,
    **runner.ON_IMMUTABLE,
    "id": {"type": "str", "required": True},
    "display_name": {"type": "str"},
    "description": {"type": "str"},
    "type": {"type": "str", "choices": ["ROUTED"]},
    "subnets": {
        "type": "list",
        "elements": "dict",
        "options": {
            "gateway_address": {"type": "str", "required": True},
            "dhcp_ranges": {"type": "list", "elements": "str"},
            "dhcp_config": {
                "type": "dict",
                "options": {"dns_servers": {"type": "list", "elements": "str"}, "lease_time": {"type": "int"}},
            },
        },
    },
    "domain_name": {"type": "str"},
    "tags": {
        "type": "list",
        "elements": "dict",
        "options": {"scope": {"type": "str"}, "tag": {"type": "str", "required": True}},
    },
    "purge_tags": {"type": "bool", "default": False},
}


def main():
    module = AnsibleModule(argument_spec=SPEC, supports_check_mode=True)
    runner.run(module, lambda module: Segment(nsx_client(module.params), module.params))


if __name__ == "__main__":
    main()
