#!/usr/bin/python
# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: restored_machine
version_added: "1.0.0"
short_description: Disconnect, power on or remove a virtual machine that a restore has made
description:
  - Works on one machine that M(vmc.aws_backup.restore_job) has made in vCenter, and on no other. It makes none.
  - Network cards are disconnected before the machine is powered on.
  - What was there before the restore, and what somebody has renamed or moved since, is left as it is, and the module says so.
  - Removed is only what is known by its instance UUID, and what no disks of other machines hang on.
author:
  - The vmc.aws_backup contributors (@vmc-aws-backup)
extends_documentation_fragment:
  - vmc.aws_backup.vsphere
  - vmc.aws_backup.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
options:
  state:
    description: Whether it shall be there.
    type: str
    choices: [present, absent]
    default: present
  name:
    description: Name of the machine, as it was restored.
    type: str
    required: true
  folder:
    description: The whole path of the folder that it was restored to, such as V(/SDDC-Datacenter/vm/Drills).
    type: str
    required: true
  instance_uuid:
    description: Its instance UUID, as it was read after the restore. Needed with O(state=absent).
    type: str
  there_before:
    description: Instance UUIDs of the machines that were there before the restore, as M(vmc.aws_backup.restore_place_info) returns them.
    type: list
    elements: str
  powered_on:
    description: Whether it runs.
    type: bool
  network_connected:
    description: Whether its network cards are connected, now and when it is powered on.
    type: bool
  wait_for_tools:
    description: Whether it is ready only once VMware Tools report from it.
    type: bool
    default: false
  wait:
    description: Whether to wait until it is ready.
    type: bool
    default: true
  wait_timeout:
    description: The longest wait, in seconds.
    type: int
    default: 600
seealso:
  - module: vmc.aws_backup.restored_machine_info
  - module: vmc.aws_backup.restore_job
"""

EXAMPLES = r"""
- name: Remove what a drill has made
  vmc.aws_backup.restored_machine:
    hostname: vcenter.example.com
    username: "{{ vcenter_username }}"
    password: "{{ vcenter_password }}"
    state: absent
    name: web-1-drill-1a2b3c4d
    folder: /SDDC-Datacenter/vm/Drills
    instance_uuid: 5029c1f4-1d5e-0d6e-9b0a-3c1b2a1f0e9d
"""

RETURN = r"""
restored_machine:
  description: The machine as it is, or in check mode would be.
  returned: when there is one
  type: dict
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
from ..module_utils.resources.restored_machine import RestoredMachine

SPEC = {
    **VSPHERE,
    **runner.WAIT,
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "name": {"type": "str", "required": True},
    "folder": {"type": "str", "required": True},
    "instance_uuid": {"type": "str"},
    "there_before": {"type": "list", "elements": "str"},
    "powered_on": {"type": "bool"},
    "network_connected": {"type": "bool"},
    "wait_for_tools": {"type": "bool", "default": False},
}


def build(module):
    return RestoredMachine(Vsphere(module.params), module.params)


def main():
    runner.run(AnsibleModule(SPEC, supports_check_mode=True), build)


if __name__ == "__main__":
    main()
