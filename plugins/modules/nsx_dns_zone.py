#!/usr/bin/python
# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: nsx_dns_zone
short_description: Manage a DNS zone of an SDDC's gateway
description:
  - Says which DNS servers the DNS forwarder of the management or the compute gateway asks, for all names (the default zone) or for some domains.
  - The default zone of a gateway is there from the first day. It is changed, whatever O(adopt) says, and never created, tagged or removed.
  - Everything in the SDDC that asks the gateway feels a change of its default zone at once. Whether the new servers answer is not tested here.
options:
  gateway:
    description:
      - The gateway whose DNS forwarder uses the zone, V(mgw) for the management gateway, V(cgw) for the compute gateway.
    type: str
    choices: [mgw, cgw]
    required: true
  id:
    description:
      - Id of the zone. Without it, the default zone of O(gateway) is meant, whatever its id is.
    type: str
  display_name:
    description:
      - Name of the zone. NSX uses the id when none is given at creation.
    type: str
  description:
    description:
      - What the zone is for.
    type: str
  upstream_servers:
    description:
      - Addresses of the DNS servers, 1 to 3, in the order in which they are asked. Others are removed. Needed to create a zone.
      - An empty list is refused, as is the address at which the forwarder itself listens.
    type: list
    elements: str
  dns_domain_names:
    description:
      - The domains that the zone answers for, 1 to 100. Others are removed. Needed for a zone that is not the default one, which has none.
      - Of the zones of a gateway, the one with the longest domain that a name lies in answers.
      - Domains of reverse lookup, such as V(5.30.10.in-addr.arpa), are domains too.
    type: list
    elements: str
  source_ip:
    description:
      - The address from which the servers are asked. An empty text stands for the forwarder's own.
    type: str
  tags:
    description:
      - Tags it shall carry. The collection's own tag, scope C(managed-by) and tag C(vmc-aws-backup), is always among them.
      - A scope that is given here loses its other tags.
      - Refused for a default zone.
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
- name: The SDDC's workloads ask the organisation's DNS servers
  vmc.aws_backup.nsx_dns_zone:
    nsx_url: "{{ vmc_backup_nsx_url }}"
    api_token: "{{ vmc_backup_api_token }}"
    gateway: cgw
    upstream_servers:
      - 10.1.0.53
      - 10.2.0.53

- name: Names of endpoints are asked for in the VPC
  vmc.aws_backup.nsx_dns_zone:
    nsx_url: "{{ vmc_backup_nsx_url }}"
    api_token: "{{ vmc_backup_api_token }}"
    gateway: cgw
    id: vpc-endpoints
    dns_domain_names:
      - vpce.amazonaws.com
    upstream_servers:
      - 172.31.16.10
"""

RETURN = r"""
dns_zone:
  description: The zone as it is, or in check mode as it would be.
  returned: always
  type: dict
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
from ..module_utils.resources.nsx_dns_zone import DnsZone

SPEC = {
    **NSX,
    **runner.STATE,
    **runner.ADOPT,
    **runner.SITE,
    **runner.WAIT,
    "gateway": {"type": "str", "choices": ["mgw", "cgw"], "required": True},
    "id": {"type": "str"},
    "display_name": {"type": "str"},
    "description": {"type": "str"},
    "upstream_servers": {"type": "list", "elements": "str"},
    "dns_domain_names": {"type": "list", "elements": "str"},
    "source_ip": {"type": "str"},
    "tags": {
        "type": "list",
        "elements": "dict",
        "options": {"scope": {"type": "str"}, "tag": {"type": "str", "required": True}},
    },
    "purge_tags": {"type": "bool", "default": False},
}


def main():
    module = AnsibleModule(argument_spec=SPEC, supports_check_mode=True)
    runner.run(module, lambda module: DnsZone(nsx_client(module.params), module.params))


if __name__ == "__main__":
    main()
