#!/usr/bin/python
# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: vsphere_anti_affinity_rule
version_added: "1.0.0"
short_description: Keep virtual machines of one cluster on different hosts
description:
  - Manages one VM-VM anti-affinity rule of DRS, by which the gateways of a cluster are not lost together with one host.
  - VMware Cloud on AWS leaves DRS rules to VMware. There, make a VM-VM anti-affinity compute policy in the vSphere Client instead.
  - A rule of the same name that is of another kind is refused.
author:
  - The vmc.aws_backup contributors (@vmc-aws-backup)
extends_documentation_fragment:
  - vmc.aws_backup.state
  - vmc.aws_backup.vsphere
  - vmc.aws_backup.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
options:
  name:
    description: Name of the rule, by which it is found in its cluster.
    type: str
    required: true
  datacenter:
    description: Name, inventory path or managed object id of the datacenter, needed only where clusters of several have one name.
    type: str
  cluster:
    description: Name of the cluster, the end of its inventory path, the whole of it after a slash, or its managed object id.
    type: str
    required: true
  virtual_machines:
    description:
      - Names of the virtual machines to keep apart, two at least. It is the whole list.
      - They have to be in the cluster; check mode also predicts for those that do not exist yet.
    type: list
    elements: str
  enabled:
    description: Whether the rule applies. A new rule without it does.
    type: bool
  mandatory:
    description:
      - Whether DRS and vSphere HA would rather not run a machine than break the rule.
      - A new rule without it is not. With V(true), maintenance of a host can come to a stop.
    type: bool
seealso:
  - module: vmc.aws_backup.vsphere_anti_affinity_rule_info
  - module: vmc.aws_backup.gateway_appliance
"""

EXAMPLES = r"""
- name: Keep the two gateways of a cluster on different hosts
  vmc.aws_backup.vsphere_anti_affinity_rule:
    hostname: vcenter.example.com
    username: "{{ vcenter_username }}"
    password: "{{ vcenter_password }}"
    name: hamburg-cluster-1-gateways
    cluster: Cluster-1
    virtual_machines:
      - hamburg-cluster-1-1
      - hamburg-cluster-1-2
"""

RETURN = r"""
anti_affinity_rule:
  description: The rule as it is, or in check mode would be.
  returned: when there is one
  type: dict
  contains:
    name:
      description: Name of the rule.
      type: str
      sample: hamburg-cluster-1-gateways
    cluster:
      description: Name of the cluster.
      type: str
      sample: Cluster-1
    key:
      description: Number of the rule in its cluster.
      type: int
      sample: 1
    virtual_machines:
      description: Names of the virtual machines that it keeps apart, and the identifiers of those that are not in the cluster.
      type: list
      elements: str
      sample: [hamburg-cluster-1-1, hamburg-cluster-1-2]
    enabled:
      description: Whether the rule applies.
      type: bool
      sample: true
    mandatory:
      description: Whether it must never be broken.
      type: bool
      sample: false
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
  description: Options whose value cannot be read back. Always empty here.
  returned: always
  type: list
  elements: str
  sample: []
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.clients.vsphere import VSPHERE, Vsphere
from ..module_utils.engine import runner
from ..module_utils.resources.anti_affinity_rule import AntiAffinityRule

SPEC = {
    **runner.STATE,
    **VSPHERE,
    "name": {"type": "str", "required": True},
    "datacenter": {"type": "str"},
    "cluster": {"type": "str", "required": True},
    "virtual_machines": {"type": "list", "elements": "str"},
    "enabled": {"type": "bool"},
    "mandatory": {"type": "bool"},
}


def main():
    runner.run(
        AnsibleModule(SPEC, required_if=[("state", "present", ["virtual_machines"])], supports_check_mode=True),
        lambda module: AntiAffinityRule(Vsphere(module.params), module.params),
    )


if __name__ == "__main__":
    main()
