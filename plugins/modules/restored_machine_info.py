#!/usr/bin/python
# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: restored_machine_info
version_added: "1.0.0"
short_description: List virtual machines with their hardware, as a restore is compared with its source
description:
  - Lists virtual machines of a vCenter with their disks and hardware. Templates are left out.
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
  names:
    description: Only machines of these names, or of these folders and names, such as V(/SDDC-Datacenter/vm/Workloads/web-1).
    type: list
    elements: str
  instance_uuids:
    description: Machines of these instance UUIDs besides.
    type: list
    elements: str
seealso:
  - module: vmc.aws_backup.restored_machine
"""

EXAMPLES = r"""
- name: Look at a machine
  vmc.aws_backup.restored_machine_info:
    hostname: vcenter.example.com
    username: "{{ vcenter_username }}"
    password: "{{ vcenter_password }}"
    names: [web-1]
"""

RETURN = r"""
restored_machines:
  description: The machines.
  returned: always
  type: list
  elements: dict
  contains:
    name:
      description: Name of the machine.
      type: str
      sample: web-1-drill-1a2b3c4d
    folder:
      description: The whole path of its folder.
      type: str
      sample: /SDDC-Datacenter/vm/Drills
    instance_uuid:
      description: Its instance UUID, which it keeps under any name.
      type: str
      sample: 5029c1f4-1d5e-0d6e-9b0a-3c1b2a1f0e9d
    moid:
      description: Its managed object id.
      type: str
      sample: vm-42
    powered_on:
      description: Whether it runs.
      type: bool
      sample: false
    network_connected:
      description: Whether one of its network cards is connected, or will be when it is powered on.
      type: bool
      sample: false
    tools_running:
      description: Whether VMware Tools report from it.
      type: bool
      sample: false
    cpus:
      description: Number of its processors.
      type: int
      sample: 2
    memory_mb:
      description: Its memory.
      type: int
      sample: 4096
    guest_id:
      description: What vSphere calls its operating system.
      type: str
      sample: rhel9_64Guest
    firmware:
      description: C(bios) or C(efi).
      type: str
      sample: efi
    network_cards:
      description: Number of its network cards.
      type: int
      sample: 1
    disks:
      description: Its disks.
      type: list
      elements: dict
      sample: [{"label": "Hard disk 1", "capacity_bytes": 42949672960}]
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.clients.vsphere import VSPHERE, Vsphere
from ..module_utils.engine import runner
from ..module_utils.resources.restored_machine import listed

SPEC = {**VSPHERE, "names": {"type": "list", "elements": "str"}, "instance_uuids": {"type": "list", "elements": "str"}}


def fetch(module):
    return listed(Vsphere(module.params), module.params["names"], module.params["instance_uuids"])


def main():
    runner.info(AnsibleModule(SPEC, supports_check_mode=True), "restored_machines", fetch)


if __name__ == "__main__":
    main()
