#!/usr/bin/python
# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gateway_appliance_info
version_added: "1.0.0"
short_description: List the appliances of backup gateways
description:
  - Lists the virtual machines that M(vmc.aws_backup.gateway_appliance) deployed, uploads that broke off included.
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
  names:
    description: Only those with these names. All of them when not given.
    type: list
    elements: str
seealso:
  - module: vmc.aws_backup.gateway_appliance
"""

EXAMPLES = r"""
- name: List all appliances
  vmc.aws_backup.gateway_appliance_info:
    hostname: vcenter.sddc-1-2-3-4.vmwarevmc.com
    username: "{{ vcenter_username }}"
    password: "{{ vcenter_password }}"
  register: found
"""

RETURN = r"""
appliances:
  description: The appliances, by name.
  returned: always
  type: list
  elements: dict
  contains:
    name:
      description: Name of the virtual machine.
      type: str
      sample: sddc-1-cluster-1-1
    moid:
      description: Identifier in the vCenter.
      type: str
      sample: vm-1234
    instance_uuid:
      description: Instance UUID, the tag of the gateway that belongs to this appliance.
      type: str
      sample: 5012a3b4-c5d6-e7f8-0912-a3b4c5d6e7f8
    deployed_instance_uuid:
      description:
        - Instance UUID of the virtual machine that was deployed, or null where that was not recorded.
        - A clone or a restored copy has another C(instance_uuid) than this.
      type: str
      sample: 5012a3b4-c5d6-e7f8-0912-a3b4c5d6e7f8
    copy_of:
      description: Name of the appliance that it is a clone or a restored copy of, as far as that one exists. Otherwise empty.
      type: str
    site_id:
      description: The site that it was made for, by its mark C(vmc-aws-backup.site). Empty where it carries none.
      type: str
    entry:
      description: The entry of the plan that it was made for, by its mark C(vmc-aws-backup.entry). Empty where it carries none.
      type: str
    image:
      description: SHA-256 digest of the descriptor and the manifest that it was deployed from.
      type: str
      sample: 2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae
    complete:
      description: Whether its disks were uploaded to the end.
      type: bool
      sample: true
    powered_on:
      description: Whether it runs.
      type: bool
      sample: true
    guest_ip_address:
      description: The IPv4 address that the guest reports of its first network adapter that has one, or null. A bridge inside the guest is none.
      type: str
      sample: 10.10.20.11
    guest_ip_addresses:
      description: Every address that the guest reports, those of its network adapters first.
      type: list
      elements: str
      sample: ["10.10.20.11", "fe80::250:56ff:fe0a:140b", "172.17.0.1"]
    mac_address:
      description: MAC address of the first network adapter.
      type: str
      sample: 00:50:56:0a:14:0b
    networks:
      description: For each network of the image, the vSphere network that it is connected to.
      type: dict
      sample: {eth0: backup}
    datacenter:
      description: Name of the datacenter.
      type: str
      sample: SDDC-Datacenter
    cluster:
      description: Name of the cluster.
      type: str
      sample: Cluster-1
    host:
      description: Name of the ESXi host.
      type: str
      sample: 10.2.32.5
    resource_pool:
      description: Name of the resource pool.
      type: str
      sample: Compute-ResourcePool
    datastore:
      description: Name of the datastore that holds its configuration.
      type: str
      sample: WorkloadDatastore
    folder:
      description: Path of the folder, below the datacenter's folder for virtual machines.
      type: str
      sample: Workloads
    sync_time_with_host:
      description: Whether its clock is set by the host at start-up and resume.
      type: bool
      sample: true
    num_cpus:
      description: Virtual CPUs.
      type: int
      sample: 4
    memory_mb:
      description: Memory in MB.
      type: int
      sample: 16384
    properties:
      description: The OVF properties that it was given, without passwords.
      type: dict
      sample: {hostname: gateway-1}
    annotation:
      description: Notes.
      type: str
      sample: AWS Backup gateway
    gateway_arn:
      description: ARN of the gateway that it is, or an empty text.
      type: str
      sample: arn:aws:backup-gateway:eu-west-1:123456789012:gateway/bgw-1
    foreign_disks:
      description: Files of disks that hang on it and belong to other virtual machines.
      type: list
      elements: str
      sample: ["[WorkloadDatastore] customer/data.vmdk"]
    restarting:
      description: Whether a run that restarts it has not come to its end. The next one powers it on.
      type: bool
      sample: false
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.clients.vsphere import VSPHERE, Vsphere
from ..module_utils.engine import runner
from ..module_utils.resources import appliance

SPEC = {**VSPHERE, "names": {"type": "list", "elements": "str"}}


def fetch(module):
    found = [appliance.view(raw) for raw in appliance.find(Vsphere(module.params), module.params["names"])]
    return sorted(found, key=lambda have: (have["name"], have["moid"]))


def main():
    runner.info(AnsibleModule(SPEC, supports_check_mode=True), "appliances", fetch)


if __name__ == "__main__":
    main()
