# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A virtual machine as vCenter shows it: where it is, what it is connected to, and whose disks hang on it."""

from __future__ import annotations

import posixpath
import re

from ..clients.vsphere import Vsphere, step, throughout, vim
from ..errors import ApiError, Foreign

# Before vSphere 7.0 U1 there was one switch for the clock; since then that one means "periodically".
CLOCK_AT_START_AND_RESUME = (7, 0, 1)
# The kinds of files that are nowhere but in a machine's own folder.
UUID = re.compile(r"\] [0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$", re.IGNORECASE)
OF_THE_HOME = ("config", "extendedConfig", "nvram")


class Raw:
    """A virtual machine as the property collector gave it: its own properties, and those of what it refers to."""

    def __init__(self, virtual_machine, objects: dict):
        self.virtual_machine = virtual_machine
        self.objects = objects
        self.own = objects[virtual_machine]
        self.options = {option.key: option.value for option in self.own.get("config.extraConfig") or []}
        devices = self.own.get("config.hardware.device") or []
        self.adapters = sorted((device for device in devices if is_adapter(device)), key=lambda device: device.key)
        self.disks = [device for device in devices if isinstance(device, vim.vm.device.VirtualDisk)]
        self.original = None  # the name of the machine that it is a copy of, as far as that one lives

        layout = self.own.get("layoutEx")
        self.files = list(getattr(layout, "file", None) or [])
        paths = (self.own.get("config.files.vmPathName"), *self._own_paths())
        self.homes = {_folder(path) for path in paths if path} - {""}

    def _own_paths(self):
        """On vSAN one folder has a name and a UUID, and vCenter tells the one here and the other there."""
        return [file.name for file in self.files if file.type in OF_THE_HOME]

    def name_of(self, reference):
        return self.objects.get(reference, {}).get("name")


def fetch(client: Vsphere, virtual_machines: list) -> dict:
    """Virtual machine -> Raw, in one read; those that are gone are left out."""
    found = client.read(
        virtual_machines,
        {
            vim.VirtualMachine: [
                "name",
                "parent",
                "resourcePool",
                "runtime.host",
                "runtime.powerState",
                "guest.ipAddress",
                "guest.net",
                "guest.toolsRunningStatus",
                "layoutEx",
                "datastore",
                "config.instanceUuid",
                "config.annotation",
                "config.extraConfig",
                "config.tools",
                "config.files.vmPathName",
                "config.vAppConfig.property",
                "config.hardware.device",
                "config.hardware.numCPU",
                "config.hardware.numCoresPerSocket",
                "config.hardware.memoryMB",
                "config.cpuHotAddEnabled",
                "config.memoryHotAddEnabled",
                "config.hotPlugMemoryIncrementSize",
                "config.hotPlugMemoryLimit",
            ],
            vim.Folder: ["name", "parent"],
            vim.Datacenter: ["name"],
            vim.Datastore: ["name", "browser"],
            vim.HostSystem: ["name"],
            vim.ComputeResource: ["name"],
            vim.ResourcePool: ["name", "owner"],
            vim.Network: ["name"],
            vim.dvs.DistributedVirtualPortgroup: ["name", "key"],
            vim.OpaqueNetwork: ["name", "summary"],
        },
        [
            throughout(vim.ManagedEntity, "parent"),
            step(vim.VirtualMachine, "resourcePool", step(vim.ResourcePool, "owner")),
            step(vim.VirtualMachine, "runtime.host"),
            step(vim.VirtualMachine, "network"),
            step(vim.VirtualMachine, "datastore"),
        ],
    )
    machines = {item: Raw(item, found) for item in virtual_machines if item in found}
    for raw in machines.values():
        _learn_homes(client, raw)
    return machines


def _learn_homes(client: Vsphere, raw: Raw):
    """On vSAN a folder is told by its name or by its UUID. Where a machine and its disks are told otherwise, the datastore knows which is which."""
    folders = raw.homes | {_folder(file) for disk in raw.disks for file in _files_of(disk)}
    coded = {folder for folder in folders if UUID.search(folder)}
    if not folders - raw.homes or not coded or coded == folders:
        return
    browsers = {values["name"]: values["browser"] for values in raw.objects.values() if values.get("browser")}
    for folder in coded:
        store, _bracket, name = folder[1:].partition("] ")
        called = f"[{store}] {_friendly_name(client, browsers.get(store), store, name)}"
        if {called, folder} & raw.homes:
            raw.homes |= {called, folder}


def _friendly_name(client, browser, store: str, name: str) -> str:
    """What vSAN calls a folder; as it is called here where nobody tells, so that it stays another one's."""
    spec = vim.host.DatastoreBrowser.SearchSpec(query=[vim.host.DatastoreBrowser.FolderQuery()], matchPattern=[name])
    try:
        found = (
            client.task(browser, "SearchDatastore_Task", f"[{store}]", spec, attempted=f"look at {store}")
            if browser
            else None
        )
    except ApiError:
        found = None
    files = [file for file in getattr(found, "file", None) or () if file.path == name]
    return next((file.friendlyName for file in files if getattr(file, "friendlyName", None)), name)


def _files_of(disk) -> list[str]:
    """The files of a disk, the parents that it has through snapshots included."""
    files, backing = [], disk.backing
    while backing is not None:
        files.append(getattr(backing, "fileName", None) or "a disk without a file")
        backing = getattr(backing, "parent", None)
    return files


def foreign_disks(raw: Raw) -> list[str]:
    """The disk files on this machine that lie outside its own folder, parents of snapshots included."""
    files = {file for disk in raw.disks for file in _files_of(disk)}
    return sorted(file for file in files if _folder(file) not in raw.homes)


def own_disks(raw: Raw) -> list:
    """The disks in its own folder."""
    return [disk for disk in raw.disks if _folder(getattr(disk.backing, "fileName", None) or "") in raw.homes]


def own_bytes(raw: Raw) -> int:
    """How large its own disks are."""
    return sum(disk.capacityInKB for disk in own_disks(raw)) * 1024


def used_bytes(raw: Raw) -> int | None:
    """How much its own disks take, as vCenter tells of their files; None where it does not."""
    sizes = {file.key: file.size for file in raw.files}
    chains = {disk.key: disk.chain for disk in getattr(raw.own.get("layoutEx"), "disk", None) or ()}
    keys = [{key for part in chains.get(disk.key) or () for key in part.fileKey} for disk in own_disks(raw)]
    if not all(keys) or not {key for each in keys for key in each} <= sizes.keys():
        return None
    return sum(sizes[key] for key in {key for each in keys for key in each})


def _folder(path: str) -> str:
    return posixpath.dirname(path)


def others(name: str, done_to_it: str, disks: list) -> str:
    """Why a machine with disks of others is left as it is."""
    return (
        f"{name} cannot be {done_to_it}: disks of other virtual machines hang on it, probably of a backup that runs or broke off: "
        f"{', '.join(disks)}. Let the backup end, or detach these disks in vSphere without deleting their files."
    )


def refuse_foreign_disks(raw, done_to_it):
    foreign = foreign_disks(raw)
    if foreign:
        raise Foreign(others(raw.own["name"], done_to_it, foreign))


def upward(raw) -> list[str]:
    """Names from the datacenter down to the machine's folder, the folder ``vm`` included."""
    names: list[str] = []
    reference = raw.own.get("parent")
    while reference in raw.objects:
        names.insert(0, raw.name_of(reference))
        if isinstance(reference, vim.Datacenter):
            return names
        reference = raw.objects[reference].get("parent")
    return []


def network_of(raw, backing) -> tuple:
    """The name of the network that an adapter is connected to, and the network as far as it is seen."""
    card = vim.vm.device.VirtualEthernetCard
    for item, values in raw.objects.items():
        if isinstance(backing, card.DistributedVirtualPortBackingInfo):
            if values.get("key") == backing.port.portgroupKey:
                return values["name"], item
        summary = values.get("summary") if isinstance(item, vim.OpaqueNetwork) else None
        if isinstance(backing, card.OpaqueNetworkBackingInfo) and summary is not None:
            if summary.opaqueNetworkId == backing.opaqueNetworkId:
                return values["name"], item
    return getattr(backing, "deviceName", None), getattr(backing, "network", None)


def is_adapter(device) -> bool:
    return isinstance(device, vim.vm.device.VirtualEthernetCard)


def connection_to(client, network, name):
    """How an adapter is connected to a network."""
    card = vim.vm.device.VirtualEthernetCard
    if isinstance(network, vim.dvs.DistributedVirtualPortgroup):
        portgroup, switch = vim.dvs.DistributedVirtualPortgroup, vim.DistributedVirtualSwitch
        found = client.read(
            network, {portgroup: ["key"], switch: ["uuid"]}, [step(portgroup, "config.distributedVirtualSwitch")]
        )
        uuid = next(values["uuid"] for values in found.values() if "uuid" in values)
        port = vim.dvs.PortConnection(portgroupKey=found[network]["key"], switchUuid=uuid)
        return card.DistributedVirtualPortBackingInfo(port=port)
    if isinstance(network, vim.OpaqueNetwork):
        summary = client.read(network, {vim.OpaqueNetwork: ["summary"]})[network]["summary"]
        return card.OpaqueNetworkBackingInfo(
            opaqueNetworkId=summary.opaqueNetworkId, opaqueNetworkType=summary.opaqueNetworkType
        )
    return card.NetworkBackingInfo(deviceName=name)


def fix_mac(adapter, mac_address):
    adapter.addressType = "manual"
    adapter.macAddress = mac_address


def clock(client: Vsphere, synchronized: bool, tools=None):
    """Settings of the guest's tools by which it takes the time of its host, or does not."""
    tools = tools or vim.vm.ToolsConfigInfo()
    if client.api_version >= CLOCK_AT_START_AND_RESUME:
        tools.syncTimeWithHostAllowed = synchronized
    else:
        tools.syncTimeWithHost = synchronized
    return tools


def reconfigure(client: Vsphere, virtual_machine, name: str, **settings):
    spec = vim.vm.ConfigSpec(**settings)
    client.task(virtual_machine, "ReconfigVM_Task", spec, attempted=f"configure {name}")
