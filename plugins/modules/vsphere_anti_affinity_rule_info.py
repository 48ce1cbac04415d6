#!/usr/bin/python
# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: vsphere_anti_affinity_rule_info
version_added: "1.0.0"
short_description: List the VM-VM anti-affinity rules of clusters
description:
  - Lists the rules of DRS that keep virtual machines on different hosts.
author:
  - The vmc.aws_backup contributors (@vmc-aws-backup)
extends_documentation_fragment:
  - vmc.aws_backup.vsphere
  - vmc.aws_backup.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
options:
  name:
    description: Only rules of this name.
    type: str
  cluster:
    description: Only the rules of the cluster that is called so, by its name, path or managed object id.
    type: str
seealso:
  - module: vmc.aws_backup.vsphere_anti_affinity_rule
"""

EXAMPLES = r"""
- name: List the rules of a cluster
  vmc.aws_backup.vsphere_anti_affinity_rule_info:
    hostname: vcenter.example.com
    username: "{{ vcenter_username }}"
    password: "{{ vcenter_password }}"
    cluster: Cluster-1
  register: found
"""

RETURN = r"""
anti_affinity_rules:
  description: The rules, by cluster and name.
  returned: always
  type: list
  elements: dict
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
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.clients.vsphere import VSPHERE, Vsphere
from ..module_utils.engine import runner
from ..module_utils.resources import anti_affinity_rule

SPEC = {**VSPHERE, "name": {"type": "str"}, "cluster": {"type": "str"}}


def fetch(module):
    asked = {key: module.params[key] for key in ("name", "cluster")}
    found = [anti_affinity_rule.view(raw) for raw in anti_affinity_rule.find(Vsphere(module.params), **asked)]
    return sorted(found, key=lambda have: (have["cluster"], have["name"]))


def main():
    runner.info(AnsibleModule(SPEC, supports_check_mode=True), "anti_affinity_rules", fetch)


if __name__ == "__main__":
    main()
