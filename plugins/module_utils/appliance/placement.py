# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where in the inventory a virtual machine is to go: names become objects, or an Invalid that says which names there are."""

from __future__ import annotations

from dataclasses import dataclass

from ..clients.vsphere import Vsphere, step, throughout, vim
from ..errors import Ambiguous, Invalid

# What VMware Cloud on AWS calls the pool and the datastore that customers may use; further clusters add a number.
VMC_POOL = "Compute-ResourcePool"
VMC_DATASTORE = "WorkloadDatastore"


@dataclass
class Placement:
    pool: object
    datastore: object
    folder: object
    networks: dict  # by name; None for one that is not there
    summary: object  # of the datastore: its name, type, capacity and free space
    host: object = None  # where one has to be named, or was


def datacenter(client: Vsphere, wanted: str | None) -> str:
    """The inventory path of the datacenter: as given, or of the only one."""
    if wanted:
        return wanted.strip("/")
    found = client.all(vim.Datacenter, client.content.rootFolder, ["name"])
    return pick("datacenter", None, [(values["name"], values["name"]) for values in found.values()])


def place(client: Vsphere, want: dict, within: str, *, predicted: bool = False) -> Placement:
    """Everything that an import needs, from the names in ``want``. Reads only. Networks may still be made where it is ``predicted``."""
    root = client.find(f"/{within}")
    if not isinstance(root, vim.Datacenter):
        found = client.all(vim.Datacenter, client.content.rootFolder, ["name"])
        raise Invalid("datacenter", f"there is no datacenter {within}; there are: {_names(found)}")
    folder = client.find(f"/{within}/vm/{want['folder']}".rstrip("/"))
    if not isinstance(folder, vim.Folder):
        folders = client.find(f"/{within}/vm")
        found = client.all(vim.Folder, folders, ["name"]) if folders else {}
        raise Invalid("folder", f"there is no folder {want['folder']} in {within}; there are: {_names(found)}")
    clusters = client.all(vim.ComputeResource, root, ["name"])
    cluster = pick("cluster", want.get("cluster"), _named(clusters, vim.ComputeResource))
    around = _around(client, cluster)
    networks = _named(around, vim.Network)
    there = {name for name, _item in networks}
    asked = want.get("networks", {}).values()
    datastore = pick("datastore", want.get("datastore"), _named(around, vim.Datastore), VMC_DATASTORE)
    return Placement(
        pool=pick("resource_pool", want.get("resource_pool"), _named(around, vim.ResourcePool), VMC_POOL, "Resources"),
        datastore=datastore,
        summary=around[datastore]["summary"],
        folder=folder,
        networks={name: pick("networks", name, networks) if name in there or not predicted else None for name in asked},
        host=_host(around, cluster, clusters[cluster]["name"], datastore, want.get("host")),
    )


def network(client: Vsphere, host, name: str):
    """A network by name, among those that a host has."""
    found = client.read(host, {vim.Network: ["name"]}, [step(vim.HostSystem, "network")])
    return pick("networks", name, _named(found, vim.Network))


def pick(option: str, wanted: str | None, found: list, *usual: str):
    """The object called ``wanted``; when none was asked for the only one, or the only one with a ``usual`` name."""
    names = _joined(name for name, _item in found)
    if wanted is not None:
        matches = [item for name, item in found if name == wanted]
        if not matches:
            raise Invalid(option, f"there is no {wanted}; there are: {names}")
        if len(matches) > 1:
            raise Ambiguous(option, wanted, [str(item) for item in matches])
        return matches[0]
    for candidates in (found, *([pair for pair in found if pair[0].startswith(prefix)] for prefix in usual)):
        if len(candidates) == 1:
            return candidates[0][1]
    raise Invalid(option, f"has to be named; there are: {names}")


def _host(around, cluster, called, datastore, wanted):
    """The host that is wanted, or None where vCenter chooses one itself: a cluster without DRS leaves that to who deploys."""
    hosts = _named(around, vim.HostSystem)
    drs = getattr(around.get(cluster, {}).get("configurationEx"), "drsConfig", None)
    if wanted is None:
        if drs is None or drs.enabled is not False:
            return None
        if len(hosts) > 1:
            raise Invalid(
                "host",
                f"has to be named: the cluster {called} has no DRS, so that vCenter chooses none; "
                f"there are: {_joined(name for name, _item in hosts)}",
            )
    chosen = pick("host", wanted, hosts)
    seen = around[chosen]
    if seen.get("runtime.connectionState", "connected") != "connected":
        raise Invalid("host", f"{seen['name']} is {seen['runtime.connectionState']}")
    if seen.get("runtime.inMaintenanceMode"):
        raise Invalid("host", f"{seen['name']} is in maintenance mode")
    if datastore not in (seen.get("datastore") or [datastore]):
        raise Invalid("host", f"{seen['name']} does not see the datastore {around[datastore]['name']}")
    return chosen


def _around(client, cluster) -> dict:
    """A cluster's hosts, resource pools, datastores and networks, with their names, and how it is configured."""
    return client.read(
        cluster,
        {
            vim.ComputeResource: ["configurationEx"],
            vim.HostSystem: ["name", "runtime.connectionState", "runtime.inMaintenanceMode", "datastore"],
            vim.ResourcePool: ["name"],
            vim.Datastore: ["name", "summary"],
            vim.Network: ["name"],
        },
        [
            step(vim.ComputeResource, "host"),
            step(vim.ComputeResource, "resourcePool", throughout(vim.ResourcePool, "resourcePool")),
            step(vim.ComputeResource, "datastore"),
            step(vim.ComputeResource, "network"),
        ],
    )


def _names(found: dict) -> str:
    return _joined(values["name"] for values in found.values())


def _joined(names) -> str:
    return ", ".join(sorted(set(names))) or "none"


def _named(found: dict, kind) -> list:
    return [
        (values["name"], item)
        for item, values in found.items()
        if isinstance(item, kind) and not isinstance(item, vim.VirtualApp) and "name" in values
    ]
