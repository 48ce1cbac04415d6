# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where in the inventory a virtual machine is to go: names become objects, or an Invalid that says which names there are."""

from __future__ import annotations

from dataclasses import dataclass

from ..clients.vsphere import Vsphere, step, throughout, vim
from ..errors import Invalid
from .reference import above, path_of, pick

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
    """The inventory path of the datacenter: of the one that is called so, or of the only one."""
    if wanted and isinstance(client.find(f"/{wanted.strip('/')}"), vim.Datacenter):
        return wanted.strip("/")
    top = client.content.rootFolder
    found = client.all(vim.Datacenter, top, ["name", "parent"])
    item = pick("datacenter", wanted or None, _named(found, vim.Datacenter), client=client)
    at_the_top = found[item].get("parent") in (None, top)
    return found[item]["name"] if at_the_top else path_of(item, above(client, [item])).strip("/")


def folder(client: Vsphere, wanted: str, within: str):
    """A folder for virtual machines, by its path below that folder of the datacenter, or as things are called."""
    found = client.find(f"/{within}/vm/{wanted}".rstrip("/"))
    if isinstance(found, vim.Folder):
        return found
    top = client.find(f"/{within}/vm")
    return pick(
        "folder", wanted, _named(client.all(vim.Folder, top, ["name"]) if top else {}, vim.Folder), client=client
    )


def place(client: Vsphere, want: dict, within: str, *, to_come: bool = False) -> Placement:
    """Everything that an import needs, from the names in ``want``. Reads only. With ``to_come`` a network that is not there yet is None."""
    root = client.find(f"/{within}")
    into = folder(client, want["folder"], within)
    clusters = client.all(vim.ComputeResource, root, ["name"])
    cluster = pick("cluster", want.get("cluster"), _named(clusters, vim.ComputeResource), client=client)
    around = _around(client, cluster)
    pools, stores = _named(around, vim.ResourcePool), _named(around, vim.Datastore)
    datastore = pick("datastore", want.get("datastore"), stores, VMC_DATASTORE, client=client)
    return Placement(
        pool=pick("resource_pool", want.get("resource_pool"), pools, VMC_POOL, "Resources", client=client),
        datastore=datastore,
        summary=around[datastore]["summary"],
        folder=into,
        networks=_networks(client, want.get("networks", {}).values(), _named(around, vim.Network), to_come),
        host=_host(client, around, cluster, datastore, want.get("host")),
    )


def _networks(client, names, found, to_come) -> dict:
    picked = {}
    for name in names:
        try:
            picked[name] = pick("networks", name, found, client=client)
        except Invalid:
            if not to_come:
                raise
            picked[name] = None
    return picked


def network(client: Vsphere, host, wanted: str):
    """A network, among those that a host has, and its name."""
    found = client.read(host, {vim.Network: ["name"]}, [step(vim.HostSystem, "network")])
    item = pick("networks", wanted, _named(found, vim.Network), client=client)
    return item, found[item]["name"]


def _host(client, around, cluster, datastore, wanted):
    """The host that is wanted, or None where vCenter chooses one itself: a cluster without DRS leaves that to who deploys."""
    hosts = _named(around, vim.HostSystem)
    drs = getattr(around.get(cluster, {}).get("configurationEx"), "drsConfig", None)
    if wanted is None:
        if drs is None or drs.enabled is not False:
            return None
        if len(hosts) > 1:
            raise Invalid(
                "host",
                f"has to be named: the cluster {around[cluster]['name']} has no DRS, so that vCenter chooses none; "
                f"there are: {', '.join(sorted(name for name, _item in hosts))}",
            )
    chosen = pick("host", wanted, hosts, client=client)
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
            vim.ComputeResource: ["name", "configurationEx"],
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


def _named(found: dict, kind) -> list:
    return [
        (values["name"], item)
        for item, values in found.items()
        if isinstance(item, kind) and not isinstance(item, vim.VirtualApp) and "name" in values
    ]
