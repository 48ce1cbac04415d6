#!/usr/bin/python
# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: vsphere_virtual_machine_info
version_added: "1.0.0"
short_description: List the virtual machines of a vCenter, and what decides about their backups
description:
  - Lists every virtual machine that a vCenter has, templates included, with what decides whether and how AWS Backup can protect it.
  - AWS Backup lists what its last sync has seen. Which machines there are, only vCenter says.
  - Machines are read a few hundred at a time, and what is returned of each is short.
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
  most:
    description: How many machines vCenter may have. More are refused, because a part of them would look like all.
    type: int
    default: 20000
seealso:
  - module: vmc.aws_backup.backup_verification_info
  - module: vmc.aws_backup.backup_virtual_machine_info
"""

EXAMPLES = r"""
- name: Look at the machines of a vCenter
  vmc.aws_backup.vsphere_virtual_machine_info:
    hostname: vcenter.sddc-1-2-3-4.vmwarevmc.com
    username: "{{ vcenter_username }}"
    password: "{{ vcenter_password }}"
  register: found

- name: Name those that AWS Backup cannot protect
  ansible.builtin.debug:
    msg: "{{ found.virtual_machines | selectattr('unprotectable') | map(attribute='name') }}"
"""

RETURN = r"""
vcenter:
  description: The vCenter.
  returned: success
  type: dict
  contains:
    instance_uuid:
      description: Its instance UUID.
      type: str
    version:
      description: Its version.
      type: str
      sample: 8.0.3
    certificate_expires:
      description: When its certificate expires, in UTC. Empty where that is not told.
      type: str
      sample: "2027-02-01T12:00:00+00:00"
datastores:
  description: The datastores, by name.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: Name of the datastore.
      type: str
      sample: WorkloadDatastore
    capacity:
      description: How many bytes it can hold.
      type: int
    free_space:
      description: How many are free.
      type: int
virtual_machines:
  description: The virtual machines, in the order of paths and names.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: Its name.
      type: str
      sample: web-1
    path:
      description: Its folder. Empty for a machine in a vApp.
      type: str
      sample: /SDDC-Datacenter/vm/Workloads
    moid:
      description: Its managed object id.
      type: str
      sample: vm-42
    instance_uuid:
      description: Its instance UUID.
      type: str
    template:
      description: Whether it is a template.
      type: bool
    managed:
      description: Whether it is vSphere's own or VMware's, in the folder C(Management VMs) or called C(vCLS).
      type: bool
    appliance:
      description: Whether it is an appliance of this collection.
      type: bool
    gateway_arn:
      description: The gateway that an appliance says it is.
      type: str
    site_id:
      description: The site that an appliance says it is of.
      type: str
    cluster:
      description: The cluster of its host.
      type: str
      sample: Cluster-1
    datastores:
      description: The datastores that hold files of it.
      type: list
      elements: str
    powered_on:
      description: Whether it is powered on.
      type: bool
    unprotectable:
      description:
        - Why AWS Backup takes no machine like it. Empty where nothing is in the way, null where vCenter does not tell.
        - Raw device mappings, NVMe controllers, independent disks, and disks whose size is no multiple of 1 KiB.
      type: list
      elements: str
      sample: [a raw device mapping]
    change_tracking:
      description: Whether changed block tracking is on. Null where vCenter does not tell.
      type: bool
    tools_running:
      description: Whether VMware Tools run, without which nothing quiesces it. Null where vCenter does not tell.
      type: bool
    consolidation_needed:
      description: Whether its disks need consolidation. Null where vCenter does not tell.
      type: bool
    snapshots:
      description: Its snapshots, the oldest first.
      type: list
      elements: dict
      contains:
        name:
          description: Name of the snapshot.
          type: str
        created:
          description: When it was made.
          type: str
"""

import datetime
import ssl

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.clients.vsphere import VSPHERE, Vsphere
from ..module_utils.engine import runner
from ..module_utils.resources import about
from ..module_utils.resources.vsphere_machine import datastores, find, view

SPEC = {**VSPHERE, "most": {"type": "int", "default": 20_000}}


def fetch(module):
    client = Vsphere(module.params)
    vcenter = about.view(about.find(client))
    machines = sorted(map(view, find(client, module.params["most"])), key=lambda one: (one["path"], one["name"]))
    return {
        "vcenter": {
            **{key: vcenter[key] for key in ("instance_uuid", "version")},
            "certificate_expires": _in_utc(client.certificate_expires),
        },
        "datastores": sorted(datastores(client), key=lambda one: one["name"]),
        "virtual_machines": machines,
    }


def _in_utc(told) -> str:
    """The end of a certificate as Python tells it, like Feb  1 12:00:00 2027 GMT."""
    if not told:
        return ""
    return datetime.datetime.fromtimestamp(ssl.cert_time_to_seconds(told), datetime.timezone.utc).isoformat()


def main():
    runner.info(AnsibleModule(SPEC, supports_check_mode=True), None, fetch)


if __name__ == "__main__":
    main()
