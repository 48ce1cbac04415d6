# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A vCenter that is a dictionary: inventory path -> object, object -> properties."""

from __future__ import annotations

import json
from types import SimpleNamespace

from pyVmomi import vim

from ..image.images import DISK

CARD = vim.vm.device.VirtualEthernetCard
FLAT = vim.vm.device.VirtualDisk.FlatVer2BackingInfo

TOP = vim.Folder("group-d1", None)
DATACENTER = vim.Datacenter("datacenter-1", None)
VMS = vim.Folder("folder-vm", None)
WORKLOADS = vim.Folder("folder-workloads", None)
CLUSTER = vim.ClusterComputeResource("cluster-1", None)
POOL = vim.ResourcePool("pool-compute", None)
MANAGEMENT = vim.ResourcePool("pool-management", None)
DATASTORE = vim.Datastore("datastore-workload", None)
VSAN = vim.Datastore("datastore-vsan", None)
HOST = vim.HostSystem("host-1", None)
MACHINE = vim.VirtualMachine("vm-1", None)
BACKUP = vim.dvs.DistributedVirtualPortgroup("portgroup-backup", None)
OTHER = vim.Network("network-other", None)
SWITCH = vim.dvs.VmwareDistributedVirtualSwitch("dvs-1", None)
HOSTS = vim.Folder("group-h1", None)
STORES = vim.Folder("group-s1", None)
NETWORKS = vim.Folder("group-n1", None)
ROOT_POOL = vim.ResourcePool("resgroup-1", None)


def summary(name, *, used=0, kind="vsan"):
    """A datastore of 1 TiB, so many percent of it used."""
    capacity = 2**40
    free = capacity - capacity * used // 100
    return vim.Datastore.Summary(name=name, type=kind, capacity=capacity, freeSpace=free)


INVENTORY = {
    DATACENTER: {"name": "SDDC-Datacenter", "parent": TOP},
    VMS: {"name": "vm", "parent": DATACENTER},
    WORKLOADS: {"name": "Workloads", "parent": VMS},
    CLUSTER: {"name": "Cluster-1", "parent": HOSTS},
    POOL: {"name": "Compute-ResourcePool", "owner": CLUSTER, "parent": ROOT_POOL},
    MANAGEMENT: {"name": "Mgmt-ResourcePool", "owner": CLUSTER, "parent": ROOT_POOL},
    DATASTORE: {"name": "WorkloadDatastore", "summary": summary("WorkloadDatastore"), "parent": STORES},
    VSAN: {"name": "vsanDatastore", "summary": summary("vsanDatastore"), "parent": STORES},
    HOST: {"name": "esx-1"},
    BACKUP: {
        "name": "backup",
        "key": "portgroup-backup",
        "parent": NETWORKS,
        "config.distributedVirtualSwitch": SWITCH,
    },
    OTHER: {"name": "other", "parent": NETWORKS},
}
# What only those see who go upward.
ABOVE = {
    TOP: {"name": "Datacenters", "parent": None},
    DATACENTER: INVENTORY[DATACENTER],
    VMS: INVENTORY[VMS],
    HOSTS: {"name": "host", "parent": DATACENTER},
    STORES: {"name": "datastore", "parent": DATACENTER},
    NETWORKS: {"name": "network", "parent": DATACENTER},
    ROOT_POOL: {"name": "Resources", "owner": CLUSTER, "parent": CLUSTER},
    SWITCH: {"name": "switch-1"},
}
PATHS = {
    "/SDDC-Datacenter": DATACENTER,
    "/SDDC-Datacenter/vm": VMS,
    "/SDDC-Datacenter/vm/Workloads": WORKLOADS,
}


def option(key, value):
    return vim.option.OptionValue(key=key, value=value)


def disk(*files, gibibytes=1):
    """A disk, with the parents it has through snapshots."""
    backing = None
    for name in reversed(files):
        backing = FLAT(fileName=name, diskMode="persistent", parent=backing)
    return vim.vm.device.VirtualDisk(key=2000, capacityInKB=gibibytes * 2**20, backing=backing)


def adapter(number=0, *, portgroup="portgroup-backup", mac="00:50:56:0A:14:0B"):
    port = vim.dvs.PortConnection(portgroupKey=portgroup, switchUuid="switch")
    backing = (
        CARD.DistributedVirtualPortBackingInfo(port=port) if portgroup else CARD.NetworkBackingInfo(deviceName="other")
    )
    label = vim.Description(label=f"Network adapter {number + 1}", summary="")
    return vim.vm.device.VirtualVmxnet3(key=4000 + number, backing=backing, macAddress=mac, deviceInfo=label)


def machine(
    *, complete="true", image="image-1", disks=("[WorkloadDatastore] gw/gw.vmdk",), on=False, address=None, **more
):
    marks = {"vmc-aws-backup.image": image, "vmc-aws-backup.complete": complete}
    marks["vmc-aws-backup.networks"] = json.dumps(["eth0"])
    return {
        "name": "gw",
        "parent": WORKLOADS,
        "resourcePool": POOL,
        "runtime.host": HOST,
        "runtime.powerState": "poweredOn" if on else "poweredOff",
        "guest.ipAddress": address,
        "config.instanceUuid": "uuid-1",
        "config.extraConfig": [option(key, value) for key, value in marks.items() if value],
        "config.tools": vim.vm.ToolsConfigInfo(syncTimeWithHost=True),
        "config.files.vmPathName": "[WorkloadDatastore] gw/gw.vmx",
        "config.hardware.device": [*(disk(name) for name in disks), adapter()],
        "config.hardware.numCPU": 4,
        "config.hardware.memoryMB": 16384,
        **more,
    }


POWER = {"PowerOnVM_Task": "poweredOn", "PowerOffVM_Task": "poweredOff"}


class Vcenter:
    """The client as resources see it. Writes are kept, and what an import makes appears."""

    def __init__(self, *, api_version=(8, 0, 2), **properties):
        self.inventory = dict(INVENTORY)
        self.paths = dict(PATHS)
        self.api_version = api_version
        self.context = None
        self.content = SimpleNamespace(rootFolder=TOP, ovfManager="ovfManager", searchIndex=SimpleNamespace(_stub=None))
        self.writes: list = []
        self.specs: list = []
        self.errors: list = []
        self.warnings: list = []
        if properties:
            self.inventory[MACHINE] = properties
            self.paths["/SDDC-Datacenter/vm/Workloads/gw"] = MACHINE

    def find(self, path):
        return self.paths.get(path)

    def read(self, roots, properties, along=()):
        roots = roots if isinstance(roots, list) else [roots]
        upward = any(each.name == "parent" for each in along)
        return {
            item: values
            for item, values in {**self.inventory, **(ABOVE if upward else {})}.items()
            if isinstance(item, tuple(properties)) and (not isinstance(item, vim.VirtualMachine) or item in roots)
        }

    def all(self, kind, root, paths):
        return self.several(root, {kind: paths})[kind]

    def several(self, root, wanted):
        return {
            kind: {item: values for item, values in self.inventory.items() if isinstance(item, kind)} for kind in wanted
        }

    def call(self, managed, method, *arguments, **_told):
        if method == "CreateImportSpec":
            self.specs.append(arguments)
            devices = [adapter(mac=""), disk("")]
            config = vim.vm.ConfigSpec(
                deviceChange=[vim.vm.device.VirtualDeviceSpec(operation="add", device=device) for device in devices]
            )
            item = vim.OvfManager.FileItem(deviceId="/gw/disk:0", path=DISK, create=False)
            made = vim.vm.VmImportSpec(configSpec=config)
            return SimpleNamespace(error=self.errors, warning=self.warnings, importSpec=made, fileItem=[item])
        self.writes.append((method, *arguments))
        return None

    def task(self, managed, method, *arguments, **_told):
        self.writes.append((method, *arguments))
        if method == "Destroy_Task":
            self.inventory.pop(managed, None)
        if method in ("PowerOnVM_Task", "PowerOffVM_Task"):
            self.inventory[managed] = {**self.inventory[managed], "runtime.powerState": POWER[method]}

    @property
    def methods(self):
        return [write[0] for write in self.writes]
