# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The virtual machines that a vCenter has, with what decides whether and how AWS Backup can protect them: a few hundred at a time."""

from __future__ import annotations

from ..appliance.marks import GATEWAY, IMAGE, SITE
from ..clients.vsphere import Vsphere, vim
from ..errors import Invalid
from ..values import canonical
from .datastore import CLUSTER_SERVICES, MANAGEMENT

SLICE = 200  # machines whose devices are held at once
LIGHT = (
    "name",
    "parent",
    "datastore",
    "runtime.host",
    "runtime.powerState",
    "runtime.consolidationNeeded",
    "guest.toolsRunningStatus",
    "config.template",
    "config.instanceUuid",
    "config.changeTrackingEnabled",
    "snapshot",
)
HEAVY = ("config.hardware.device", "config.extraConfig")
KIB = 1024


def find(client: Vsphere, most: int) -> list[dict]:
    """Every machine, templates included. More than ``most`` are refused: half of them would look like all."""
    root = client.content.rootFolder
    listed = client.all(vim.VirtualMachine, root, list(LIGHT))
    if len(listed) > most:
        raise Invalid("most", f"is {most}, and vCenter has {len(listed)} virtual machines. Nothing is told of a part.")
    folders = client.all(vim.Folder, root, ["name", "parent"])
    folders.update(client.all(vim.Datacenter, root, ["name", "parent"]))
    names = {
        **_names(client.all(vim.Datastore, root, ["name"])),
        **_names(client.all(vim.ComputeResource, root, ["name"])),
    }
    clusters = {
        host: names.get(of.get("parent"), "") for host, of in client.all(vim.HostSystem, root, ["parent"]).items()
    }
    paths: dict = {}
    found = []
    machines = list(listed)
    for start in range(0, len(machines), SLICE):
        some = machines[start : start + SLICE]
        further = client.read(some, {vim.VirtualMachine: list(HEAVY)})
        for item in some:
            if item in further:  # else it has gone meanwhile
                own = listed[item]
                folder = own.get("parent")
                found.append(
                    {
                        **_light(own),
                        "moid": item._moId,
                        "path": _path(folder, folders, paths),
                        "cluster": clusters.get(own.get("runtime.host"), ""),
                        "datastores": canonical(names.get(each, "") for each in own.get("datastore") or []),
                        **_heavy(further[item]),
                    }
                )
    return found


def datastores(client: Vsphere) -> list[dict]:
    """What of each datastore is used."""
    found = client.all(vim.Datastore, client.content.rootFolder, ["name", "summary"])
    return [
        {"name": of.get("name", ""), **_room(of.get("summary"))}
        for of in found.values()
        if of.get("summary") is not None
    ]


def _room(summary) -> dict:
    return {"capacity": summary.capacity or 0, "free_space": summary.freeSpace or 0}


def view(raw: dict) -> dict:
    return {**raw, "managed": raw["path"].endswith(f"/{MANAGEMENT}") or raw["name"].startswith(CLUSTER_SERVICES)}


def _names(objects: dict) -> dict:
    return {item: of.get("name", "") for item, of in objects.items()}


def _light(own: dict) -> dict:
    tools = own.get("guest.toolsRunningStatus")
    return {
        "name": own.get("name", ""),
        "instance_uuid": own.get("config.instanceUuid") or "",
        "template": bool(own.get("config.template")),
        "powered_on": own.get("runtime.powerState") == "poweredOn",
        "tools_running": tools == "guestToolsRunning" if tools else None,
        "change_tracking": own.get("config.changeTrackingEnabled"),
        "consolidation_needed": own.get("runtime.consolidationNeeded"),
        "snapshots": _snapshots(getattr(own.get("snapshot"), "rootSnapshotList", None) or []),
    }


def _heavy(own: dict) -> dict:
    options = {option.key: option.value for option in own.get("config.extraConfig") or []}
    told = {"change_tracking": False} if str(options.get("ctkEnabled", "")).upper() == "FALSE" else {}
    devices = own.get("config.hardware.device")
    reasons = None if devices is None else canonical(reason for reason in map(unfit, devices) if reason)
    return {
        **told,
        "unprotectable": reasons,
        "appliance": IMAGE in options,
        "gateway_arn": options.get(GATEWAY) or "",
        "site_id": options.get(SITE) or "",
    }


def unfit(device) -> str | None:
    """Why AWS Backup takes no machine with this device (vm-backups, supported VMs)."""
    if isinstance(device, vim.vm.device.VirtualNVMEController):
        return "an NVMe controller"
    if not isinstance(device, vim.vm.device.VirtualDisk):
        return None
    backing = device.backing
    raw = (
        vim.vm.device.VirtualDisk.RawDiskMappingVer1BackingInfo,
        vim.vm.device.VirtualDisk.RawDiskVer2BackingInfo,
    )
    if isinstance(backing, raw):
        return "a raw device mapping"
    if str(getattr(backing, "diskMode", "") or "").startswith("independent"):
        return "an independent disk"
    if (device.capacityInBytes or 0) % KIB:
        return "a disk whose size is no multiple of 1 KiB"
    return None


def _snapshots(trees) -> list[dict]:
    """Every snapshot of a machine, the oldest first: a tree."""
    found = []
    left = list(trees)
    while left:
        one = left.pop()
        found.append({"name": one.name or "", "created": one.createTime.isoformat(timespec="seconds")})
        left += one.childSnapshotList or []
    return sorted(found, key=lambda one: (one["created"], one["name"]))


def _path(folder, folders: dict, known: dict) -> str:
    """As AWS Backup writes it, /SDDC-Datacenter/vm/Workloads; nothing for a machine in a vApp, which has no folder."""
    if folder not in folders:
        return ""
    if folder not in known:
        # The folder above all is not among them, and nobody writes its name.
        own = folders[folder]
        known[folder] = f"{_path(own.get('parent'), folders, known)}/{own.get('name', '')}"
    return known[folder]
