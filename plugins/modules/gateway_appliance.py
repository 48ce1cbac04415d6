#!/usr/bin/python
# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gateway_appliance
version_added: "1.0.0"
short_description: Deploy the appliance of a backup gateway
description:
  - Deploys the virtual machine that AWS Backup calls a gateway from an OVA or OVF file, and keeps its settings.
  - Disks are sent thick and lazily zeroed, as AWS asks for. They are checked against the manifest on the way,
    and the ESXi host is checked against the thumbprint that vCenter gives.
  - How far an upload is, how fast and how long it will still take is shown every ten percent and every half minute, where the task runs
    on the control node without changing the user.
  - An upload that breaks off leaves no virtual machine, and if the run is killed, one that the next run recognises and replaces.
  - A virtual machine that exists is compared and never deployed again. One that this collection did not deploy is refused.
  - A clone of an appliance, or a restored copy, is reported with the effect V(replace) of C(instance_uuid). It is neither powered on nor changed,
    and a clone is never removed.
  - Disks of other virtual machines, as backups attach them, are never a difference. While there are any, the appliance is neither powered off nor removed.
author:
  - The vmc.aws_backup contributors (@vmc-aws-backup)
requirements:
  - urllib3 (where O(ova) is given)
  - requests (where vSphere tags are managed)
extends_documentation_fragment:
  - vmc.aws_backup.state
  - vmc.aws_backup.wait
  - vmc.aws_backup.on_immutable
  - vmc.aws_backup.site
  - vmc.aws_backup.predicted
  - vmc.aws_backup.vsphere
  - vmc.aws_backup.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
options:
  name:
    description:
      - Name of the virtual machine. When not given, one that is deployed is called by its O(entry).
      - One that exists is never renamed or moved.
    type: str
  entry:
    description:
      - Name of the plan's entry that it is made for. The machine carries it as a mark, by which it is found again after somebody renamed or moved it.
      - One without that mark is found by O(folder) and O(name), and gets it.
    type: str
  datacenter:
    description: Name, path or id of the datacenter, which may be left out when there is only one.
    type: str
  folder:
    description:
      - Path of its folder, below the datacenter's folder for virtual machines. Set it to V(/) for that folder itself.
      - Or the name of a folder that no other one in the datacenter has, a whole inventory path, or an id.
      - Where no machine carries the O(entry), it is found by folder and name.
    type: str
    default: Workloads
  ova:
    description:
      - Path of an OVA, of an OVF descriptor (C(.ovf)) with its files beside it, or of the folder of those, on the host that runs the task.
      - Or the C(https://) address of an OVA. It is passed on as it comes and stored nowhere. Where the connection breaks, it is read on from there,
        and a file that changed meanwhile is refused. Its server is trusted by O(ca_bundle). The query of the address is masked in all output;
        the system log of the host that runs the task has it, unless C(no_target_syslog) is set.
      - Disks that are packed with gzip or cut into chunks are put together on the way.
      - What macOS packs besides is left out. Of several descriptors in an OVA, the one that is its first file counts.
      - Only needed to deploy. Where it is given, an appliance from another image would have to be replaced.
    type: path
  checksum:
    description:
      - Digest of the OVA as a whole, as its publisher tells it, like V(sha256:) and the hexadecimal digits. V(sha1:) and V(sha512:) are known too.
      - It is computed while the OVA is sent, beside the digests of the manifest. If it differs, no virtual machine is left.
      - An appliance that exists is not compared with it, nor is anything in check mode, because that would mean to read all of the OVA.
    type: str
  ova_proxy:
    description: HTTP proxy on the way to the server of an O(ova) that is an address, like V(http://proxy.example.org:3128).
    type: str
  pull:
    description:
      - Whether the ESXi host fetches the disks from O(ova) itself, instead of having them sent by the host that runs the task.
      - O(ova) has to be an C(https://) address then, which the ESXi hosts reach without a proxy, and its disks neither packed nor in chunks.
        The whole address with its query is given to vCenter, and the certificate that O(ca_bundle) vouches for is the only one that the host takes.
      - What the host received is compared with the manifest, by the digests that it tells.
        Where it tells none, and with O(checksum), the file is read from here too.
      - Needs vSphere 6.7 and the privilege C(VApp.PullFromUrls). Where a lease says that its hosts cannot, nothing is deployed.
    type: bool
    default: false
  stall_timeout:
    description:
      - How long an upload may stand still, in seconds, and how long a connection of an O(ova) that is an address is tried again.
      - How long all of it may take is O(wait_timeout), unless O(wait=false).
    type: int
    default: 600
  wait_timeout:
    description:
      - The longest upload, and after it the longest wait, in seconds.
    type: int
    default: 3600
  cluster:
    description:
      - Name of the cluster, which may be left out for a deployment when there is only one. Cannot be changed.
      - Here and in O(resource_pool), O(datastore) and O(networks) a name may be the end of an inventory path, as much of it as tells the thing from
        others of its name, a whole path that begins with a slash, or a managed object id such as V(domain-c8). What it has already is no difference,
        whatever it is called.
    type: str
  host:
    description:
      - Name of the ESXi host that the deployment goes to. It has to be in the cluster, connected, not in maintenance mode, and see the datastore.
      - Needed where the cluster has several hosts and no DRS, because vCenter chooses none there. Otherwise best left out.
      - An appliance that exists is never moved, nor compared with it.
    type: str
  resource_pool:
    description:
      - Name of the resource pool in the cluster. Cannot be changed.
      - A deployment without it uses the only pool, or the one whose name starts with C(Compute-ResourcePool), or the cluster's own.
    type: str
  datastore:
    description:
      - Name of the datastore. Cannot be changed.
      - A deployment without it uses the only datastore of the cluster, or the one whose name starts with C(WorkloadDatastore).
    type: str
  storage_policy:
    description:
      - Name of the storage policy of the virtual machine and of its own disks.
      - A deployment without it gets the policy that is usual on its datastore. Disks are sent thick and lazily zeroed in any case;
        on vSAN the policy decides what becomes of that, so that it is never compared.
    type: str
  deployment_option:
    description:
      - Which of the deployment options of the image is deployed, by its id. A deployment without it is the one that is usual.
      - An appliance that exists is not compared with it.
    type: str
  disk_provisioning:
    description:
      - How the disks are provisioned. AWS asks for V(thick), which is lazily zeroed. Storage that knows no such difference, like vSAN, leaves it to its policy.
      - An appliance that exists is not compared with it.
    type: str
    choices: [thick, eagerZeroedThick, thin]
    default: thick
  fail_on_spec_warnings:
    description:
      - Whether a deployment is refused that vCenter warns of when it looks at the descriptor. Otherwise its warnings are shown.
      - In check mode vCenter is asked as well, unless a network of the appliance is still to be made.
    type: bool
    default: false
  max_datastore_usage:
    description:
      - How full a deployment may make the datastore, in percent. One that would go beyond it is refused before anything is written.
      - On vSAN each disk counts with the copies that its storage policy keeps.
      - VMware Cloud on AWS adds a host by itself when a datastore is 80 percent full, and bills it.
    type: int
    default: 70
  networks:
    description:
      - Which vSphere network each network of the image is connected to. Keys are the names in the descriptor.
      - A portgroup whose name others have too is V(switch/portgroup), or goes by its id.
      - The key V(*) stands for every network that is not named. Needed to deploy.
    type: dict
  mac_address:
    description:
      - MAC address of the first network adapter, fixed from the deployment on.
      - It can only be changed while the appliance is powered off, see O(allow_restart).
    type: str
  num_cpus:
    description:
      - How many virtual CPUs it has. Fewer than its image asks for are refused.
      - A deployment without it has what the image asks for.
      - It can only be changed while the appliance is powered off, see O(allow_restart), unless CPU hot add is enabled on it.
    type: int
  memory_mb:
    description:
      - Its memory in MB, a multiple of 4. Less than its image asks for is refused.
      - A deployment without it has what the image asks for.
      - It can only be changed while the appliance is powered off, see O(allow_restart), unless memory hot plug is enabled on it.
    type: int
  properties:
    description:
      - OVF properties of the image, by name (C(class.key.instance), without the parts that there are not). Those that are not named keep their values.
      - Images of AWS Backup gateway have none that are known; this is for images that have. A name that the image does not have is refused.
      - They can only be changed while the appliance is powered off, see O(allow_restart).
    type: dict
  secret_properties:
    description:
      - OVF properties that the image calls passwords. They are given with the deployment and never again, since they cannot be read back.
    type: dict
  allow_restart:
    description:
      - Whether a running appliance may be restarted for what cannot be changed otherwise. Without, such a difference is reported and nothing is written.
      - The guest is shut down, or powered off where VMware Tools do not run or it takes more than five minutes. A run that is killed meanwhile
        leaves a mark, by which the next run powers it on again.
      - No appliance is restarted while disks of other virtual machines hang on it, as they do while it backs up.
        Make sure that no job runs before you set it.
    type: bool
    default: false
  powered_on:
    description: Whether it shall run. A deployment without it leaves it powered off.
    type: bool
  sync_time_with_host:
    description: Whether its clock is set by the host at start-up and resume. AWS asks for V(true).
    type: bool
  annotation:
    description:
      - Notes. An empty text clears them.
      - A deployment without it says who deployed it and gives the RV(appliance.image).
    type: str
  tags:
    description:
      - vSphere tags, as category and tag. Of a category that is named here it has this tag and no other, and with an empty text none.
      - Tags of other categories stay as they are.
      - A category or tag that vCenter does not know is made, for virtual machines and for one tag each, and never removed again.
      - Needs vCenter 7.0 Update 2, and privileges of their own, see C(docs/permissions.md).
    type: dict
  image_tag_category:
    description:
      - Category of a vSphere tag that says which image it was deployed from, V(sha256:) and the RV(appliance.image). It must not be among O(tags).
    type: str
  gateway_arn:
    description:
      - ARN of the gateway that it is, written into its own configuration. An empty text says that it is none, or no longer.
      - An appliance that is a gateway is neither powered off nor removed. Remove the gateway first, with M(vmc.aws_backup.backup_gateway),
        which minds the jobs that run.
    type: str
  in_reach:
    description:
      - Whether the vCenter Server can be reached. With V(false) it is not asked. Check mode then predicts a deployment, and without check mode it fails.
      - For the preview of a play in which an earlier task opens the way to the vCenter Server. O(state=absent) does not look at it.
    type: bool
    default: true
seealso:
  - module: vmc.aws_backup.gateway_appliance_info
  - module: vmc.aws_backup.gateway_activation_key
"""

EXAMPLES = r"""
- name: Deploy an appliance and leave it powered off
  vmc.aws_backup.gateway_appliance:
    hostname: vcenter.sddc-1-2-3-4.vmwarevmc.com
    username: "{{ vcenter_username }}"
    password: "{{ vcenter_password }}"
    name: sddc-1-cluster-1-1
    cluster: Cluster-1
    ova: /var/lib/images/aws-appliance-latest.ova
    networks:
      "*": backup
    mac_address: "00:50:56:0a:14:0b"
    sync_time_with_host: true

- name: Deploy one from a web server, and only if it is this very file
  vmc.aws_backup.gateway_appliance:
    hostname: vcenter.sddc-1-2-3-4.vmwarevmc.com
    username: "{{ vcenter_username }}"
    password: "{{ vcenter_password }}"
    name: sddc-1-cluster-1-1
    cluster: Cluster-1
    ova: https://images.example.org/aws-appliance-latest.ova
    checksum: sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae
    networks:
      "*": backup

- name: Deploy one that the ESXi host fetches from a web server next to it
  vmc.aws_backup.gateway_appliance:
    hostname: vcenter.sddc-1-2-3-4.vmwarevmc.com
    username: "{{ vcenter_username }}"
    password: "{{ vcenter_password }}"
    name: sddc-1-cluster-1-1
    cluster: Cluster-1
    ova: https://images.example.org/aws-appliance-latest.ova
    pull: true
    networks:
      "*": backup

- name: Say with vSphere tags whose it is, and which image it was deployed from
  vmc.aws_backup.gateway_appliance:
    hostname: vcenter.sddc-1-2-3-4.vmwarevmc.com
    username: "{{ vcenter_username }}"
    password: "{{ vcenter_password }}"
    name: sddc-1-cluster-1-1
    tags:
      Owner: platform-team
    image_tag_category: Backup gateway image

- name: Power it on and wait for its address
  vmc.aws_backup.gateway_appliance:
    hostname: vcenter.sddc-1-2-3-4.vmwarevmc.com
    username: "{{ vcenter_username }}"
    password: "{{ vcenter_password }}"
    name: sddc-1-cluster-1-1
    powered_on: true
  register: deployed
"""

RETURN = r"""
appliance:
  description: The appliance as it is, or in check mode would be.
  returned: when there is one
  type: dict
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
    storage_policy:
      description: Name of the storage policy of the virtual machine and of its own disks; of several, all names.
      returned: when O(storage_policy) is given
      type: str
      sample: VMC Workload Storage Policy - Cluster-1
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
    tags:
      description: Its vSphere tags, as category and tag; of several in one category, a list.
      returned: when O(tags) or O(image_tag_category) is given
      type: dict
      sample: {Owner: platform-team}
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
  description: Options whose value cannot be read back, which is O(secret_properties) where it is given.
  returned: always
  type: list
  elements: str
  sample: []
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.clients.vsphere import VSPHERE, Vsphere
from ..module_utils.engine import runner
from ..module_utils.resources.appliance import Appliance

SPEC = {
    **runner.STATE,
    **runner.WAIT,
    **runner.ON_IMMUTABLE,
    **VSPHERE,
    **runner.SITE,
    **runner.PREDICTED,
    "name": {"type": "str"},
    "entry": {"type": "str"},
    "datacenter": {"type": "str"},
    "folder": {"type": "str", "default": "Workloads"},
    "ova": {"type": "path"},
    "checksum": {"type": "str"},
    "ova_proxy": {"type": "str"},
    "pull": {"type": "bool", "default": False},
    "stall_timeout": {"type": "int", "default": 600},
    "wait_timeout": {"type": "int", "default": 3600},
    "cluster": {"type": "str"},
    "host": {"type": "str"},
    "resource_pool": {"type": "str"},
    "datastore": {"type": "str"},
    "storage_policy": {"type": "str"},
    "deployment_option": {"type": "str"},
    "disk_provisioning": {"type": "str", "choices": ["thick", "eagerZeroedThick", "thin"], "default": "thick"},
    "fail_on_spec_warnings": {"type": "bool", "default": False},
    "max_datastore_usage": {"type": "int", "default": 70},
    "networks": {"type": "dict"},
    "mac_address": {"type": "str"},
    "num_cpus": {"type": "int"},
    "memory_mb": {"type": "int"},
    "properties": {"type": "dict"},
    "secret_properties": {"type": "dict", "no_log": True},
    "allow_restart": {"type": "bool", "default": False},
    "powered_on": {"type": "bool"},
    "sync_time_with_host": {"type": "bool"},
    "annotation": {"type": "str"},
    "tags": {"type": "dict"},
    "image_tag_category": {"type": "str"},
    "gateway_arn": {"type": "str"},
    "in_reach": {"type": "bool", "default": True},
}


def main():
    module = AnsibleModule(SPEC, supports_check_mode=True, required_one_of=[["name", "entry"]])
    runner.run(module, lambda module: Appliance(Vsphere(module.params), module.params))


if __name__ == "__main__":
    main()
