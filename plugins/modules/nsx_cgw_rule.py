#!/usr/bin/python
# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: nsx_cgw_rule
short_description: Manage a firewall rule of an SDDC's compute gateway
description:
  - Creates, corrects and removes one rule by its id. The rules of others stay as and where they are.
  - The gateway's default rule is never touched.
options:
  id:
    description:
      - Id of the rule.
    type: str
    required: true
  display_name:
    description:
      - Name of the rule. NSX uses the id when none is given at creation.
    type: str
  description:
    description:
      - What the rule is for.
    type: str
  source_groups:
    description:
      - Where the traffic comes from, as ids or paths of groups, addresses, networks, ranges, or V(ANY) alone.
      - Needed to create a rule. The side is not negated.
    type: list
    elements: str
  allow_wide:
    description:
      - Why the rule may let in more than 65,536 IPv4 addresses or more than a /48 of IPv6, together, by whatever spelling. Without a reason
        such a rule is refused, and so is one whose group cannot be read or is made of more than addresses, and one whose source is neither
        a group nor a segment. IPv6 that holds IPv4 counts as that.
      - The reason is kept in the description. It counts for rules that allow and are not disabled.
    type: str
  destination_groups:
    description:
      - Where the traffic goes to, in the same forms as O(source_groups).
      - Needed to create a rule. The side is not negated.
    type: list
    elements: str
  services:
    description:
      - What is matched, as ids or paths of services, or V(ANY) alone.
      - Needed to create a rule, unless O(service_entries) are given.
    type: list
    elements: str
  service_entries:
    description:
      - Ports that are opened without a named service. Together with O(services) they are all that the rule matches.
      - When only one of the two options is given, the other one is empty.
    type: list
    elements: dict
    suboptions:
      resource_type:
        description:
          - Kind of entry.
        type: str
        choices: [L4PortSetServiceEntry]
        default: L4PortSetServiceEntry
      l4_protocol:
        description:
          - Transport protocol.
        type: str
        choices: [TCP, UDP]
        required: true
      destination_ports:
        description:
          - Ports, or ranges such as V(1026-1028).
        type: list
        elements: str
        required: true
  scope:
    description:
      - Interfaces the rule applies to, as paths or ids of labels such as V(cgw-cross-vpc), the connected VPC. Needed to create a rule.
    type: list
    elements: str
  action:
    description:
      - What happens to matching traffic. Needed to create a rule.
    type: str
    choices: [ALLOW, DROP, REJECT]
  direction:
    description:
      - Direction of the traffic.
    type: str
    choices: [IN, OUT, IN_OUT]
  ip_protocol:
    description:
      - IP versions that are matched.
    type: str
    choices: [IPV4, IPV6, IPV4_IPV6]
  sequence_number:
    description:
      - Place among the rules. Rules with equal numbers have no order. NSX uses 0 when none is given at creation.
    type: int
  logged:
    description:
      - Whether matches are logged.
    type: bool
  disabled:
    description:
      - Whether the rule is switched off.
    type: bool
  notes:
    description:
      - Remarks.
    type: str
  log_label:
    description:
      - Label of the rule in the log, which helps where O(logged). NSX shows its first 32 characters. Empty takes it away.
    type: str
  profiles:
    description:
      - Context profiles of layer 7 that the traffic has to fit, as ids or paths, or V(ANY) alone. They need the NSX Advanced Firewall add-on.
    type: list
    elements: str
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
- name: The appliances reach the endpoint in the connected VPC
  vmc.aws_backup.nsx_cgw_rule:
    nsx_url: "{{ vmc_backup_nsx_url }}"
    api_token: "{{ vmc_backup_api_token }}"
    id: site-a-appliances-to-endpoint
    source_groups:
      - site-a-appliances
    destination_groups:
      - site-a-endpoint
    service_entries:
      - l4_protocol: TCP
        destination_ports: ["443", "1026-1028", "1031"]
    scope:
      - cgw-cross-vpc
    action: ALLOW
    sequence_number: 10
"""

RETURN = r"""
rule:
  description: The rule as it is, or in check mode as it would be.
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
    source_groups:
      description: Paths of groups, addresses, or C(ANY).
      type: list
      elements: str
    sources_excluded:
      description: Whether RV(rule.source_groups) is negated.
      type: bool
    destination_groups:
      description: Paths of groups, addresses, or C(ANY).
      type: list
      elements: str
    destinations_excluded:
      description: Whether RV(rule.destination_groups) is negated.
      type: bool
    services:
      description: Paths of services, or C(ANY). Empty when RV(rule.service_entries) says it all.
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
      sample: /infra/domains/cgw/gateway-policies/default/rules/site-a-appliances-to-endpoint
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
from ..module_utils.resources.nsx_rule import Rule

SPEC = {
    **NSX,
    **runner.STATE,
    **runner.ADOPT,
    **runner.SITE,
    **runner.WAIT,
    "id": {"type": "str", "required": True},
    "display_name": {"type": "str"},
    "description": {"type": "str"},
    "source_groups": {"type": "list", "elements": "str"},
    "allow_wide": {"type": "str"},
    "destination_groups": {"type": "list", "elements": "str"},
    "services": {"type": "list", "elements": "str"},
    "service_entries": {
        "type": "list",
        "elements": "dict",
        "options": {
            "resource_type": {
                "type": "str",
                "choices": ["L4PortSetServiceEntry"],
                "default": "L4PortSetServiceEntry",
            },
            "l4_protocol": {"type": "str", "choices": ["TCP", "UDP"], "required": True},
            "destination_ports": {"type": "list", "elements": "str", "required": True},
        },
    },
    "scope": {"type": "list", "elements": "str"},
    "action": {"type": "str", "choices": ["ALLOW", "DROP", "REJECT"]},
    "direction": {"type": "str", "choices": ["IN", "OUT", "IN_OUT"]},
    "ip_protocol": {"type": "str", "choices": ["IPV4", "IPV6", "IPV4_IPV6"]},
    "sequence_number": {"type": "int"},
    "logged": {"type": "bool"},
    "disabled": {"type": "bool"},
    "notes": {"type": "str"},
    "log_label": {"type": "str"},
    "profiles": {"type": "list", "elements": "str"},
    "tags": {
        "type": "list",
        "elements": "dict",
        "options": {"scope": {"type": "str"}, "tag": {"type": "str", "required": True}},
    },
    "purge_tags": {"type": "bool", "default": False},
}


def main():
    module = AnsibleModule(argument_spec=SPEC, supports_check_mode=True)
    runner.run(module, lambda module: Rule(nsx_client(module.params), "cgw", module.params))


if __name__ == "__main__":
    main()
