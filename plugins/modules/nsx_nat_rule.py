#!/usr/bin/python
# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: nsx_nat_rule
short_description: Manage a NAT rule of an SDDC's compute gateway
description:
  - Creates, corrects and removes one NAT rule of the compute gateway by its id. The rules of others stay as and where they are.
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
  action:
    description:
      - What is done with the addresses. Needed to create a rule.
      - V(REFLEXIVE) gives O(source_network) the address O(translated_network), one for one and in both directions.
      - V(DNAT) sends what goes to O(destination_network) to O(translated_network).
      - V(SNAT) lets what comes from O(source_network) appear to come from O(translated_network).
      - V(NO_SNAT) and V(NO_DNAT) exempt O(source_network) or O(destination_network) from other rules.
    type: str
    choices: [REFLEXIVE, DNAT, SNAT, NO_DNAT, NO_SNAT]
  source_network:
    description:
      - Address or network that the traffic comes from. Empty for anywhere.
      - Needed for V(REFLEXIVE) and V(NO_SNAT).
    type: str
  destination_network:
    description:
      - Address or network that the traffic goes to, or the id of a public address as in M(vmc.aws_backup.nsx_public_ip). Empty for anywhere.
      - Needed for V(DNAT) and V(NO_DNAT), without meaning for V(REFLEXIVE).
    type: str
  translated_network:
    description:
      - Address or network that takes the other one's place, or the id of a public address as in M(vmc.aws_backup.nsx_public_ip).
      - A public address that does not exist yet is predicted in check mode, otherwise nothing is written.
      - Needed for V(REFLEXIVE), V(DNAT) and V(SNAT), without meaning for the others.
    type: str
  translated_ports:
    description:
      - Port or range of ports, such as V(8080) or V(8080-8081), that takes the place of the one of O(service). Empty for the same. Only for V(DNAT).
    type: str
  service:
    description:
      - Id or path of the service that is matched. Empty for any. Not for V(REFLEXIVE).
    type: str
  scope:
    description:
      - Ids or paths of the labels of the uplinks that it is applied to, among V(cgw-public), V(cgw-all), V(cgw-cross-vpc),
        V(cgw-direct-connect) and V(cgw-vpn).
      - A new rule without it has V(cgw-public), the Internet interface.
    type: list
    elements: str
  firewall_match:
    description:
      - Which of the addresses the gateway's firewall sees. NSX uses V(MATCH_INTERNAL_ADDRESS) when it is not given at creation.
      - V(BYPASS) lets the traffic past the firewall.
    type: str
    choices: [MATCH_INTERNAL_ADDRESS, MATCH_EXTERNAL_ADDRESS, BYPASS]
  enabled:
    description:
      - Whether the rule is in force.
    type: bool
  logging:
    description:
      - Whether packets that match are logged.
    type: bool
  sequence_number:
    description:
      - Its place among the rules, the lowest first, from V(0) to V(2147483647).
    type: int
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
- name: An appliance is reached from outside while its key is fetched
  vmc.aws_backup.nsx_nat_rule:
    nsx_url: "{{ vmc_backup_nsx_url }}"
    api_token: "{{ vmc_backup_api_token }}"
    id: site-a-activation
    action: REFLEXIVE
    source_network: 10.30.5.20
    translated_network: site-a-activation

- name: And no longer
  vmc.aws_backup.nsx_nat_rule:
    nsx_url: "{{ vmc_backup_nsx_url }}"
    api_token: "{{ vmc_backup_api_token }}"
    id: site-a-activation
    state: absent
"""

RETURN = r"""
nat_rule:
  description: The rule as it is, or in check mode as it would be.
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
    action:
      description: What it does with the addresses.
      type: str
    source_network:
      description: Where the traffic comes from. Empty for anywhere.
      type: str
    destination_network:
      description: Where the traffic goes to. Empty for anywhere.
      type: str
    translated_network:
      description: What takes the place of the source or the destination.
      type: str
    translated_ports:
      description: Port or range of ports that takes the place of the destination's. Empty for the same.
      type: str
    service:
      description: Path of the service that is matched. Empty for any.
      type: str
    scope:
      description: Paths of the uplinks that it is applied to.
      type: list
      elements: str
      sample: [/infra/labels/cgw-public]
    firewall_match:
      description: Which of the addresses the gateway's firewall sees.
      type: str
    enabled:
      description: Whether it is in force.
      type: bool
    logging:
      description: Whether packets that match are logged.
      type: bool
    sequence_number:
      description: Its place among the rules, the lowest first.
      type: int
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
from ..module_utils.resources.nsx_nat_rule import NatRule

SPEC = {
    **NSX,
    **runner.STATE,
    **runner.ADOPT,
    **runner.SITE,
    **runner.WAIT,
    "id": {"type": "str", "required": True},
    "display_name": {"type": "str"},
    "description": {"type": "str"},
    "action": {"type": "str", "choices": ["REFLEXIVE", "DNAT", "SNAT", "NO_DNAT", "NO_SNAT"]},
    "source_network": {"type": "str"},
    "destination_network": {"type": "str"},
    "translated_network": {"type": "str"},
    "translated_ports": {"type": "str"},
    "service": {"type": "str"},
    "scope": {"type": "list", "elements": "str"},
    "firewall_match": {"type": "str", "choices": ["MATCH_INTERNAL_ADDRESS", "MATCH_EXTERNAL_ADDRESS", "BYPASS"]},
    "enabled": {"type": "bool"},
    "logging": {"type": "bool"},
    "sequence_number": {"type": "int"},
    "tags": {
        "type": "list",
        "elements": "dict",
        "options": {"scope": {"type": "str"}, "tag": {"type": "str", "required": True}},
    },
    "purge_tags": {"type": "bool", "default": False},
}


def main():
    module = AnsibleModule(argument_spec=SPEC, supports_check_mode=True)
    runner.run(module, lambda module: NatRule(nsx_client(module.params), module.params))


if __name__ == "__main__":
    main()
