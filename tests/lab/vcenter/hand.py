# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lab's own hand in vCenter: it logs in to the simulator past the proxy, builds the inventory and moves things."""

from __future__ import annotations

import json
import pathlib
import threading
import uuid
from dataclasses import dataclass, field

from pyVim.connect import SmartConnect
from pyVmomi import SoapStubAdapter, pbm, vim, vmodl

from .simulator import USERNAME, Simulator

DATACENTER = "SDDC-Datacenter"
CLUSTER = "Cluster-1"
HOSTS = 2
MANAGED = ("Mgmt-ResourcePool", "Management VMs", "vsanDatastore")
WORKLOADS = "Workloads"
MANAGEMENT_VMS = ("vcenter", "NSX-Manager-0")
WORKLOAD_NETWORK = "workloads"
ERASURE_CODING = "Erasure coding"
CODED = "RAID-5/6 (Erasure Coding) - Capacity"
PROPERTIES = [
    "name",
    "parent",
    "config.instanceUuid",
    "config.hardware.device",
    "config.tools",
    "network",
    "runtime.powerState",
    "runtime.host",
]


@dataclass
class Machine:
    """A virtual machine as the simulator has it."""

    moid: str
    name: str
    instance_uuid: str
    powered_on: bool
    host: str
    cluster: str
    folder: str
    path: str
    mac: str
    network: str
    synced: bool
    disks: list[str] = field(default_factory=list)
    unfit: list[str] = field(default_factory=list)  # what AWS Backup does not take

    @property
    def datastores(self) -> set[str]:
        return {disk.partition("]")[0].lstrip("[") for disk in self.disks}


class Hand:
    """A session of the lab itself; one call at a time."""

    def __init__(self, simulator: Simulator):
        self.lock = threading.RLock()
        self.simulator = simulator
        self.instance = SmartConnect(
            protocol="http",
            host=simulator.host,
            port=simulator.port,
            user=USERNAME,
            pwd=simulator.password,
            connectionPoolTimeout=-1,
        )
        self.content = self.instance.RetrieveContent()
        self.protected: set[str] = set()
        self.hosts = 0
        self.stores: dict[str, tuple] = {}  # cluster -> the datastores that its hosts see
        self.clusters: dict[str, str] = {}  # id of a cluster -> its name
        self.homes: dict[str, str] = {}  # resource pool or datastore -> its cluster

    def build(self, directory: pathlib.Path, *, vms: int, segments):
        """An SDDC's inventory; datastores keep their files in the directory."""
        root = self.content.rootFolder
        self.directory = directory
        self.datacenter = root.CreateDatacenter(DATACENTER)
        folders = self.datacenter
        self.switch = self.done(folders.networkFolder.CreateDVS_Task(_switch("vmc-hostswitch")))
        pools = self.add_cluster(CLUSTER, ("Compute-ResourcePool", MANAGED[0]), ("WorkloadDatastore", MANAGED[2]))
        places = {name: folders.vmFolder.CreateFolder(name) for name in (WORKLOADS, "Templates", MANAGED[1])}
        for name in (WORKLOAD_NETWORK, *segments):
            self.add_network(name)
        for name in MANAGEMENT_VMS:
            self.add_machine(name, places[MANAGED[1]], pools[MANAGED[0]], MANAGED[2], WORKLOAD_NETWORK)
        for number in range(1, vms + 1):
            self.add_machine(
                f"workload-{number:02}",
                places[WORKLOADS],
                pools["Compute-ResourcePool"],
                "WorkloadDatastore",
                WORKLOAD_NETWORK,
            )
        self.usual_policy = self.add_policy(f"VMC Workload Storage Policy - {CLUSTER}", hostFailuresToTolerate=1)
        self.add_policy(ERASURE_CODING, hostFailuresToTolerate=1, replicaPreference=CODED)
        kept = [places[MANAGED[1]], pools[MANAGED[0]], *places[MANAGED[1]].childEntity]
        self.protected |= {entity._GetMoId() for entity in kept}

    def add_cluster(self, name: str, pools, datastores) -> dict:
        """Hosts with datastores that no host of another cluster sees, and resource pools: these by name."""
        with self.lock:
            cluster = self.datacenter.hostFolder.CreateClusterEx(name, vim.cluster.ConfigSpecEx())
            hosts = [self._add_host(cluster) for _number in range(HOSTS)]
            members = [vim.dvs.HostMember.ConfigSpec(operation="add", host=host) for host in hosts]
            self.done(self.switch.ReconfigureDvs_Task(vim.dvs.VmwareDistributedVirtualSwitch.ConfigSpec(host=members)))
            stores = {store: _datastore(hosts, store, self.directory) for store in datastores}
            made = {pool: cluster.resourcePool.CreateResourcePool(pool, _shares()) for pool in pools}
            self.protected |= {one._GetMoId() for store, one in stores.items() if store.startswith(MANAGED[2])}
            self.stores[name] = tuple(datastores)
            self.clusters[cluster._GetMoId()] = name
            own = [cluster.resourcePool, *made.values(), *stores.values()]
            self.homes.update({entity._GetMoId(): name for entity in own})
            return made

    def add_policy(self, name: str, **rules) -> str:
        """A storage policy of vSAN with these rules; its id."""
        with self.lock:
            session = self.instance._stub
            stub = SoapStubAdapter(
                host=self.simulator.host,
                port=-self.simulator.port,
                path="/pbm",
                version="pbm.version.version2",
                poolSize=0,
            )
            stub.cookie = session.cookie
            service = pbm.ServiceInstance("ServiceInstance", stub)
            made = service.PbmRetrieveServiceContent().profileManager.PbmCreate(_policy(name, rules))
            return made.uniqueId

    def folder(self, name: str):
        """A folder for virtual machines."""
        return next(entry for entry in self.datacenter.vmFolder.childEntity if entry.name == name)

    def add_network(self, name: str):
        with self.lock:
            if any(network.name == name for network in self.datacenter.network):
                return
            spec = vim.dvs.DistributedVirtualPortgroup.ConfigSpec(name=name, type="earlyBinding", numPorts=8)
            self.done(self.switch.AddDVPortgroup_Task([spec]))

    def add_namesakes(self, cluster: str, pool: str, network: str, names: dict):
        """A second pool, portgroup and switch of names that are taken, and things in Japanese: by what kind they are."""
        with self.lock:
            there = next(entry for entry in self.datacenter.hostFolder.childEntity if entry.name == cluster)
            above = there.resourcePool.CreateResourcePool(names["pool"], _shares())
            second = above.CreateResourcePool(pool, _shares())
            self.homes.update({entity._GetMoId(): cluster for entity in (above, second)})
            apart = self.datacenter.networkFolder.CreateFolder(
                names["network_folder"]
            )  # in one folder no two have one name
            switch = self.done(apart.CreateDVS_Task(_switch(names["switch"])))
            members = [vim.dvs.HostMember.ConfigSpec(operation="add", host=host) for host in there.host]
            self.done(switch.ReconfigureDvs_Task(vim.dvs.VmwareDistributedVirtualSwitch.ConfigSpec(host=members)))
            for name in (network, names["network"]):
                spec = vim.dvs.DistributedVirtualPortgroup.ConfigSpec(name=name, type="earlyBinding", numPorts=8)
                self.done(switch.AddDVPortgroup_Task([spec]))
            self.datacenter.vmFolder.CreateFolder(names["folder"]).CreateFolder(names["folder_below"])
            return second._GetMoId()

    def remove_network(self, name: str):
        with self.lock:
            for network in [each for each in self.datacenter.network if each.name == name and not each.vm]:
                self.done(network.Destroy_Task())

    def add_machine(self, name: str, folder, pool, datastore: str, network: str):
        """A powered-on machine with one disk and one network card."""
        with self.lock:
            group = next(entry for entry in self.datacenter.network if entry.name == network)
            disk = vim.vm.device.VirtualDisk.FlatVer2BackingInfo(
                fileName="", diskMode="persistent", thinProvisioned=False
            )
            port = vim.dvs.PortConnection(portgroupKey=group.key, switchUuid=self.switch.uuid)
            card = vim.vm.device.VirtualEthernetCard.DistributedVirtualPortBackingInfo(port=port)
            devices = [
                vim.vm.device.ParaVirtualSCSIController(key=-1, busNumber=0, sharedBus="noSharing"),
                vim.vm.device.VirtualDisk(key=-2, controllerKey=-1, unitNumber=0, capacityInKB=2**20, backing=disk),
                vim.vm.device.VirtualVmxnet3(key=-3, addressType="assigned", macAddress=new_mac(), backing=card),
            ]
            spec = vim.vm.ConfigSpec(
                name=name,
                guestId="otherLinux64Guest",
                numCPUs=1,
                memoryMB=1024,
                instanceUuid=str(uuid.uuid4()),
                files=vim.vm.FileInfo(vmPathName=f"[{datastore}]"),
                deviceChange=[vim.vm.device.VirtualDeviceSpec(operation="add", device=device) for device in devices],
            )
            spec.deviceChange[1].fileOperation = "create"
            machine = self.done(folder.CreateVM_Task(spec, pool))
            self.done(machine.PowerOnVM_Task())
            self.tell_tools(machine._GetMoId())
            return machine

    def machines(self) -> dict[str, Machine]:
        """All virtual machines by id, templates included."""
        with self.lock:
            view = self.content.viewManager.CreateContainerView(self.content.rootFolder, [vim.VirtualMachine], True)
            traversal = vmodl.query.PropertyCollector.TraversalSpec(
                type=vim.view.ContainerView, path="view", skip=False
            )
            chosen = vmodl.query.PropertyCollector.ObjectSpec(obj=view, skip=True, selectSet=[traversal])
            wanted = vmodl.query.PropertyCollector.PropertySpec(type=vim.VirtualMachine, pathSet=PROPERTIES)
            spec = vmodl.query.PropertyCollector.FilterSpec(objectSet=[chosen], propSet=[wanted])
            options = vmodl.query.PropertyCollector.RetrieveOptions()
            found = self.content.propertyCollector.RetrievePropertiesEx([spec], options)
            view.DestroyView()
            names: dict = {}
            rows = [self._machine(entry, names) for entry in (found.objects if found else [])]
        return {row.moid: row for row in rows}

    def machine(self, moid: str):
        """The live object of that id."""
        return vim.VirtualMachine(moid, self.instance._stub)

    def reconfigure(self, moid: str, **changes):
        with self.lock:
            self.done(self.machine(moid).ReconfigVM_Task(vim.vm.ConfigSpec(**changes)))

    def tell_guest(self, moid: str, address: str | None, hostname: str = ""):
        """What VMware Tools report: an address, or that they do not run."""
        facts = {
            "ipAddress": address or "",
            "hostName": hostname if address else "",
            "toolsStatus": "toolsOk" if address else "toolsNotRunning",
            "toolsRunningStatus": "guestToolsRunning" if address else "guestToolsNotRunning",
        }
        self.reconfigure(
            moid,
            extraConfig=[vim.option.OptionValue(key=f"SET.guest.{key}", value=value) for key, value in facts.items()],
        )

    def tell_tools(self, moid: str, running: bool = True):
        """Whether VMware Tools run in a machine of a customer, of which nothing else is reported."""
        state = "guestToolsRunning" if running else "guestToolsNotRunning"
        self.reconfigure(moid, extraConfig=[vim.option.OptionValue(key="SET.guest.toolsRunningStatus", value=state)])

    def power(self, moid: str, on: bool):
        with self.lock:
            machine = self.machine(moid)
            self.done(machine.PowerOnVM_Task() if on else machine.PowerOffVM_Task())

    def destroy(self, moid: str):
        with self.lock:
            self.done(self.machine(moid).Destroy_Task())

    def give_properties(self, moid: str, infos: list[dict]):
        """OVF properties, which the lab's vcsim takes as entries of extraConfig."""
        names = ("key", "classId", "instanceId", "id", "type", "userConfigurable", "defaultValue", "value")
        entries = []
        for info in infos:
            kept = {name: info[name] for name in names if name in info}
            kept.update(key=int(kept["key"]), userConfigurable=kept.get("userConfigurable") in (True, "true"))
            entries.append(vim.option.OptionValue(key=f"lab.property.{kept['key']}", value=json.dumps(kept)))
        if entries:
            self.reconfigure(moid, extraConfig=entries)

    def disk_keys(self, moid: str) -> list[int]:
        with self.lock:
            devices = self.machine(moid).config.hardware.device
            return [device.key for device in devices if isinstance(device, vim.vm.device.VirtualDisk)]

    def attach(self, moid: str, file: str):
        """Another machine's disk, as hot-add leaves it."""
        with self.lock:
            devices = self.machine(moid).config.hardware.device
            controller = next(one for one in devices if isinstance(one, vim.vm.device.VirtualSCSIController))
            taken = {one.unitNumber for one in devices if one.controllerKey == controller.key}
            disk = vim.vm.device.VirtualDisk(
                key=-1,
                controllerKey=controller.key,
                unitNumber=next(unit for unit in range(1, 16) if unit != 7 and unit not in taken),
                capacityInKB=2**20,
                backing=vim.vm.device.VirtualDisk.FlatVer2BackingInfo(
                    fileName=file, diskMode="independent_nonpersistent"
                ),
            )
            self.reconfigure(moid, deviceChange=[vim.vm.device.VirtualDeviceSpec(operation="add", device=disk)])

    def make_independent(self, moid: str):
        """No snapshot takes the first disk of a machine any more."""
        with self.lock:
            devices = self.machine(moid).config.hardware.device
            disk = next(one for one in devices if isinstance(one, vim.vm.device.VirtualDisk))
        disk.backing.diskMode = "independent_persistent"
        self.reconfigure(moid, deviceChange=[vim.vm.device.VirtualDeviceSpec(operation="edit", device=disk)])

    def add_nvme(self, moid: str):
        """A controller that AWS Backup does not take."""
        controller = vim.vm.device.VirtualNVMEController(key=-1, busNumber=0)
        change = vim.vm.device.VirtualDeviceSpec(operation="add", device=controller)
        self.reconfigure(moid, deviceChange=[change])

    def fill(self, moid: str, datastore: str, percent: float):
        """Another disk of a machine, so large that this much of the datastore is used."""
        with self.lock:
            machine = self.machine(moid)
            store = next(one for one in machine.runtime.host.datastore if one.name == datastore)
            free = store.summary.capacity * (100 - percent) / 100
            controller = next(
                one for one in machine.config.hardware.device if isinstance(one, vim.vm.device.VirtualSCSIController)
            )
            disk = vim.vm.device.VirtualDisk(
                key=-1,
                controllerKey=controller.key,
                unitNumber=-1,
                capacityInKB=int(store.summary.freeSpace - free) // 1024,
                backing=vim.vm.device.VirtualDisk.FlatVer2BackingInfo(
                    fileName=f"[{datastore}]", diskMode="persistent", thinProvisioned=False
                ),
            )
            added = vim.vm.device.VirtualDeviceSpec(operation="add", fileOperation="create", device=disk)
            self.reconfigure(moid, deviceChange=[added])

    def move(self, moid: str, folder: str):
        with self.lock:
            self.done(self.folder(folder).MoveIntoFolder_Task([self.machine(moid)]))

    def rename(self, moid: str, name: str):
        with self.lock:
            self.done(self.machine(moid).Rename_Task(name))

    def snapshot(self, moid: str, name: str):
        with self.lock:
            self.done(self.machine(moid).CreateSnapshot_Task(name, "", False, False))

    def copy(self, moid: str, name: str, folder: str) -> str:
        """A machine like another one, powered off: CloneVM_Task of the simulator takes the disks of the first one away."""
        with self.lock:
            first = self.machine(moid).config
            kept = (vim.vm.device.VirtualSCSIController, vim.vm.device.VirtualEthernetCard, vim.vm.device.VirtualDisk)
            devices = [device for device in first.hardware.device if isinstance(device, kept)]
            changes = []
            for device in devices:
                change = vim.vm.device.VirtualDeviceSpec(operation="add", device=device)
                if isinstance(device, vim.vm.device.VirtualDisk):
                    change.fileOperation = "create"
                    device.backing = vim.vm.device.VirtualDisk.FlatVer2BackingInfo(
                        fileName="", diskMode="persistent", thinProvisioned=device.backing.thinProvisioned
                    )
                changes.append(change)
            store = first.files.vmPathName.partition("]")[0]
            spec = vim.vm.ConfigSpec(
                name=name,
                guestId=first.guestId,
                numCPUs=first.hardware.numCPU,
                memoryMB=first.hardware.memoryMB,
                annotation=first.annotation,
                instanceUuid=str(uuid.uuid4()),
                uuid=str(uuid.uuid4()),
                tools=first.tools,
                extraConfig=[option for option in first.extraConfig if option.key.startswith("vmc-aws-backup")],
                files=vim.vm.FileInfo(vmPathName=f"{store}] {name}_{uuid.uuid4()}/{name}.vmx"),
                deviceChange=changes,
            )
            copied = self.done(self.folder(folder).CreateVM_Task(spec, self.machine(moid).resourcePool))
            return copied._GetMoId()

    def image(self, moid: str) -> dict:
        """What a backup keeps of a machine: its hardware, its disks and its cards."""
        with self.lock:
            config = self.machine(moid).config
        devices = config.hardware.device
        return {
            "guest": config.guestId,
            "cpus": config.hardware.numCPU,
            "memory": config.hardware.memoryMB,
            "firmware": config.firmware or "bios",
            "disks": [
                {"key": one.key, "label": one.deviceInfo.label, "bytes": one.capacityInKB * 1024}
                for one in devices
                if isinstance(one, vim.vm.device.VirtualDisk)
            ],
            "cards": [one.backing for one in devices if isinstance(one, vim.vm.device.VirtualEthernetCard)],
        }

    def restore(self, image, *, name, folder, compute, datastore, powered_on, connected) -> str:
        """A machine of an image in a place that is named: its instance UUID, or what vCenter says against it."""
        with self.lock:
            try:
                return self._restore(image, name, folder, compute, datastore, powered_on, connected)
            except vmodl.MethodFault as fault:
                return f"vCenter: {fault.msg or type(fault).__name__.rpartition('.')[2]}"

    def _restore(self, image, name, folder, compute, datastore, powered_on, connected):
        there = self.content.searchIndex.FindByInventoryPath(folder)
        if not isinstance(there, vim.Folder):
            return f"vCenter: The folder {folder} does not exist"
        if any(one.name == name for one in there.childEntity):
            return f"vCenter: The name '{name}' already exists"
        named = [one for one in self.datacenter.hostFolder.childEntity if one.name == compute]
        if not named:
            hosts = {host.name for one in self.datacenter.hostFolder.childEntity for host in one.host}
            return f"vCenter: {compute} {'is a host of a cluster' if compute in hosts else 'does not exist'}"
        store = next((one for one in named[0].datastore if one.name == datastore), None)
        if store is None:
            return f"vCenter: {compute} does not see the datastore {datastore}"
        if sum(disk["bytes"] for disk in image["disks"]) > store.summary.freeSpace:
            return f"vCenter: Insufficient disk space on datastore '{datastore}'"
        compute_pools = [one for one in named[0].resourcePool.resourcePool if one.name not in MANAGED]
        spec = _spec_of(image, name, datastore, connected)
        machine = self.done(there.CreateVM_Task(spec, (compute_pools or [named[0].resourcePool])[0]))
        if powered_on:
            self.done(machine.PowerOnVM_Task())
        return machine.config.instanceUuid

    def _add_host(self, cluster):
        spec = vim.host.ConnectSpec(hostName=f"esx-{self.hosts}.sddc.lab")
        self.hosts += 1
        return self.done(cluster.AddHost_Task(spec, True, None, None))

    @staticmethod
    def done(task):
        info = task.info
        if info.state != "success":
            raise info.error
        return info.result

    def _machine(self, entry, names) -> Machine:
        facts = {item.name: item.val for item in entry.propSet}
        devices = facts["config.hardware.device"]
        card = next((device for device in devices if isinstance(device, vim.vm.device.VirtualEthernetCard)), None)
        disks = [device.backing.fileName for device in devices if isinstance(device, vim.vm.device.VirtualDisk)]
        host, networks, tools = facts["runtime.host"], facts.get("network") or [], facts.get("config.tools")
        return Machine(
            moid=entry.obj._GetMoId(),
            name=facts["name"],
            instance_uuid=facts["config.instanceUuid"],
            powered_on=facts["runtime.powerState"] == "poweredOn",
            host=_name(host, names),
            cluster=_name(_parent(host, names), names),
            folder=facts["parent"]._GetMoId(),
            path=_path(facts["parent"], names),
            mac=card.macAddress.lower() if card else "",
            network=_name(networks[0], names) if networks else "",
            synced=bool(tools and tools.syncTimeWithHostAllowed),
            disks=disks,
            unfit=[told for told in map(_unfit, devices) if told],
        )


def _spec_of(image, name, datastore, connected):
    device = vim.vm.device
    disk_of = device.VirtualDisk.FlatVer2BackingInfo
    devices = [device.ParaVirtualSCSIController(key=-1, busNumber=0, sharedBus="noSharing")]
    units = [unit for unit in range(16) if unit != 7]
    for number, (disk, unit) in enumerate(zip(image["disks"], units)):
        backing = disk_of(fileName="", diskMode="persistent", thinProvisioned=True)
        size = disk["bytes"] // 1024
        devices.append(
            device.VirtualDisk(key=-10 - number, controllerKey=-1, unitNumber=unit, capacityInKB=size, backing=backing)
        )
    wired = device.VirtualDevice.ConnectInfo(startConnected=connected, connected=connected, allowGuestControl=True)
    for number, backing in enumerate(image["cards"]):
        devices.append(
            device.VirtualVmxnet3(
                key=-100 - number, addressType="assigned", macAddress=new_mac(), backing=backing, connectable=wired
            )
        )
    changes = [device.VirtualDeviceSpec(operation="add", device=one) for one in devices]
    for change in changes:
        if isinstance(change.device, device.VirtualDisk):
            change.fileOperation = "create"
    return vim.vm.ConfigSpec(
        name=name,
        guestId=image["guest"],
        numCPUs=image["cpus"],
        memoryMB=image["memory"],
        firmware=image["firmware"],
        instanceUuid=str(uuid.uuid4()),
        uuid=str(uuid.uuid4()),
        files=vim.vm.FileInfo(vmPathName=f"[{datastore}]"),
        deviceChange=changes,
    )


def _unfit(device) -> str | None:
    """Why AWS Backup takes no machine with this device (vm-backups: supported VMs)."""
    if isinstance(device, vim.vm.device.VirtualNVMEController):
        return "an NVMe controller"
    if isinstance(device, vim.vm.device.VirtualDisk):
        if isinstance(device.backing, vim.vm.device.VirtualDisk.RawDiskMappingVer1BackingInfo):
            return "a raw device mapping"
        if str(getattr(device.backing, "diskMode", "")).startswith("independent"):
            return "an independent disk"
    return None


def new_mac() -> str:
    """An address in the range that vCenter assigns from."""
    last = uuid.uuid4().bytes
    return f"00:50:56:{0x80 | last[0] & 0x3F:02x}:{last[1]:02x}:{last[2]:02x}"


def _name(entity, names) -> str:
    key = ("name", entity._GetMoId())
    if key not in names:
        names[key] = entity.name
    return names[key]


def _parent(entity, names):
    key = ("parent", entity._GetMoId())
    if key not in names:
        names[key] = entity.parent
    return names[key]


def _path(folder, names) -> str:
    """As AWS Backup writes it: /SDDC-Datacenter/vm/Workloads."""
    parts = [_name(folder, names)]
    while not isinstance(folder, vim.Datacenter):
        folder = _parent(folder, names)
        parts.append(_name(folder, names))
    return "/" + "/".join(reversed(parts))


def _switch(name: str):
    spec = vim.dvs.VmwareDistributedVirtualSwitch.ConfigSpec(name=name)
    return vim.DistributedVirtualSwitch.CreateSpec(configSpec=spec)


def _policy(name: str, rules: dict):
    capability = pbm.capability
    instances = [
        capability.CapabilityInstance(
            id=capability.CapabilityMetadata.UniqueId(namespace="VSAN", id=rule),
            constraint=[
                capability.ConstraintInstance(propertyInstance=[capability.PropertyInstance(id=rule, value=value)])
            ],
        )
        for rule, value in rules.items()
    ]
    part = pbm.profile.SubProfileCapabilityConstraints.SubProfile(name="VSAN", capability=instances)
    return pbm.profile.CapabilityBasedProfileCreateSpec(
        name=name,
        category="REQUIREMENT",
        resourceType=pbm.profile.ResourceType(resourceType="STORAGE"),
        constraints=pbm.profile.SubProfileCapabilityConstraints(subProfiles=[part]),
    )


def _shares():
    allocation = vim.ResourceAllocationInfo(
        reservation=0, limit=-1, expandableReservation=True, shares=vim.SharesInfo(level="normal", shares=4000)
    )
    return vim.ResourceConfigSpec(cpuAllocation=allocation, memoryAllocation=allocation)


def _datastore(hosts, name: str, directory: pathlib.Path):
    place = directory / name
    place.mkdir(parents=True)
    for host in hosts:
        store = host.configManager.datastoreSystem.CreateLocalDatastore(name, str(place))
    return store
