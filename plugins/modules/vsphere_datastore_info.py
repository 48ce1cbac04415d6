#!/usr/bin/python
# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: vsphere_datastore_info
version_added: "1.0.0"
short_description: Say which clusters see a datastore and how many virtual machines it holds
description:
  - Lists the datastores of a vCenter, with the clusters whose hosts see them.
  - On VMware Cloud on AWS a gateway backs up a virtual machine by hanging the machine's disks on its appliance, which takes a host that sees their datastore.
    Each cluster there has datastores of its own, so that each cluster with virtual machines to protect needs an appliance.
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
options: {}
seealso:
  - module: vmc.aws_backup.gateway_appliance
"""

EXAMPLES = r"""
- name: Look at the datastores
  vmc.aws_backup.vsphere_datastore_info:
    hostname: vcenter.sddc-1-2-3-4.vmwarevmc.com
    username: "{{ vcenter_username }}"
    password: "{{ vcenter_password }}"
  register: found

- name: Name those that no host of Cluster-1 sees
  ansible.builtin.debug:
    msg: "{{ found.datastores | rejectattr('clusters', 'contains', 'Cluster-1') | map(attribute='name') }}"
"""

RETURN = r"""
datastores:
  description: The datastores, by name.
  returned: always
  type: list
  elements: dict
  contains:
    name:
      description: Name of the datastore.
      type: str
      sample: WorkloadDatastore (1)
    clusters:
      description: Names of the clusters whose hosts see it.
      type: list
      elements: str
      sample: [Cluster-2]
    cluster_ids:
      description: Their managed object ids.
      type: list
      elements: str
      sample: [domain-c8]
    virtual_machine_count:
      description:
        - How many virtual machines have files on it.
        - Templates, the appliances of this collection, vSphere's own C(vCLS) machines and those in the folder C(Management VMs) do not count.
      type: int
      sample: 12
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.clients.vsphere import VSPHERE, Vsphere
from ..module_utils.engine import runner
from ..module_utils.resources.datastore import find, view

SPEC = {**VSPHERE}


def fetch(module):
    return sorted((view(raw) for raw in find(Vsphere(module.params))), key=lambda have: have["name"])


def main():
    runner.info(AnsibleModule(SPEC, supports_check_mode=True), "datastores", fetch)


if __name__ == "__main__":
    main()
