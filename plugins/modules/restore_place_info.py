#!/usr/bin/python
# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: restore_place_info
version_added: "1.0.0"
short_description: Say whether a machine can be restored to a place in vCenter
description:
  - Looks at what AWS Backup would find out when the restore fails. It fails, and names the option, where the name is taken anywhere in the vCenter, where
    the folder does not exist, where a host of a cluster is named, where the datastore is not seen from there, and where it would be filled too far.
  - Takes an ordinary vSAN policy for what the machine will have, which keeps two copies of each disk.
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
    details: Changes nothing, so that there is nothing to compare.
options:
  name:
    description: Name of the machine to come.
    type: str
    required: true
  folder:
    description: The whole path of its folder, such as V(/SDDC-Datacenter/vm/Restored).
    type: str
    required: true
  compute_resource:
    description: Name of the cluster, or of a host that is in none.
    type: str
    required: true
  datastore:
    description: Name of the datastore.
    type: str
    required: true
  disk_bytes:
    description: How large its disks are together.
    type: int
  memory_mb:
    description: Its memory, which is needed for the swap file on what is no vSAN.
    type: int
  max_datastore_usage:
    description: How full the datastore may become, in percent. VMware Cloud on AWS adds a host by itself at 80, and bills it.
    type: int
    default: 70
seealso:
  - module: vmc.aws_backup.restore_job
"""

EXAMPLES = r"""
- name: Look whether there is room
  vmc.aws_backup.restore_place_info:
    hostname: vcenter.example.com
    username: "{{ vcenter_username }}"
    password: "{{ vcenter_password }}"
    name: web-1-restored
    folder: /SDDC-Datacenter/vm/Restored
    compute_resource: Cluster-1
    datastore: WorkloadDatastore
    disk_bytes: 42949672960
"""

RETURN = r"""
restore_place:
  description: The place.
  returned: success
  type: dict
  contains:
    name:
      description: Name of the machine to come.
      type: str
      sample: web-1-restored
    folder:
      description: The whole path of its folder.
      type: str
      sample: /SDDC-Datacenter/vm/Restored
    compute_resource:
      description: Name of the cluster or host.
      type: str
      sample: Cluster-1
    datastore:
      description: Name of the datastore.
      type: str
      sample: WorkloadDatastore
    needed_bytes:
      description: What the machine will take there.
      type: int
      sample: 85899345920
    datastore_usage:
      description: How full the datastore is now, in percent.
      type: float
      sample: 41.5
    there_before:
      description: The instance UUIDs of all machines that are there now.
      type: list
      elements: str
      sample: [5029c1f4-1d5e-0d6e-9b0a-3c1b2a1f0e9d]
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.clients.vsphere import VSPHERE, Vsphere
from ..module_utils.engine import runner
from ..module_utils.resources.restore_place import view

SPEC = {
    **VSPHERE,
    "name": {"type": "str", "required": True},
    "folder": {"type": "str", "required": True},
    "compute_resource": {"type": "str", "required": True},
    "datastore": {"type": "str", "required": True},
    "disk_bytes": {"type": "int"},
    "memory_mb": {"type": "int"},
    "max_datastore_usage": {"type": "int", "default": 70},
}


def fetch(module):
    return view(Vsphere(module.params), module.params)


def main():
    runner.info(AnsibleModule(SPEC, supports_check_mode=True), "restore_place", fetch)


if __name__ == "__main__":
    main()
