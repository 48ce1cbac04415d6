# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a machine can be restored to a place in vCenter: what AWS Backup would find out when the job fails (SAFETY 8)."""

from __future__ import annotations

from ..appliance import room
from ..clients.vsphere import Vsphere, step, vim
from ..errors import Ambiguous, Invalid

GIBIBYTE = 2**30


def view(client: Vsphere, params: dict) -> dict:
    """The place, as it is. Raises Invalid, naming the option, for one that cannot be."""
    machines = client.all(vim.VirtualMachine, client.content.rootFolder, ["name", "config.instanceUuid"])
    if any(values["name"] == params["name"] for values in machines.values()):
        raise Invalid(
            "name", f"{params['name']} exists already in this vCenter. A restore never overwrites: choose another name."
        )
    path = "/" + params["folder"].strip("/")
    found = client.find(path)
    if not isinstance(found, vim.Folder) or "VirtualMachine" not in client.read(found, {vim.Folder: ["childType"]})[
        found
    ].get("childType", []):
        raise Invalid(
            "folder",
            f"{path} is no folder for virtual machines. Give its whole path, such as /SDDC-Datacenter/vm/Restored.",
        )
    compute = _compute(client, params["compute_resource"], path.split("/")[1])
    store, summary = _datastore(client, compute, params["datastore"], params["compute_resource"])
    need = room.needed(summary, params["disk_bytes"] or 0, params["memory_mb"] or 0)
    room.check(summary, need, params["max_datastore_usage"])
    used = summary.capacity - summary.freeSpace
    return {
        "name": params["name"],
        "folder": path,
        "compute_resource": params["compute_resource"],
        "datastore": store,
        "needed_bytes": need,
        "datastore_usage": round(100 * used / summary.capacity, 1) if summary.capacity else None,
        "there_before": sorted(filter(None, (values.get("config.instanceUuid") for values in machines.values()))),
    }


def _compute(client, wanted, datacenter):
    root = client.find(f"/{datacenter}")
    named = {item: values["name"] for item, values in client.all(vim.ComputeResource, root, ["name"]).items()}
    found = [item for item, name in named.items() if name == wanted]
    if len(found) > 1:
        raise Ambiguous("compute resource", wanted, [item._moId for item in found])
    if found:
        return found[0]
    hosts = client.all(vim.HostSystem, root, ["name", "parent"]).values()
    of = next((named.get(host.get("parent")) for host in hosts if host["name"] == wanted), None)
    if of:
        raise Invalid(
            "compute_resource",
            f"{wanted} is a host of the cluster {of}, and AWS Backup takes none of a cluster. Name {of}.",
        )
    raise Invalid("compute_resource", f"There is no {wanted} in {datacenter}, but {', '.join(sorted(named.values()))}.")


def _datastore(client, compute, wanted, name):
    seen = client.read(
        compute,
        {vim.ComputeResource: ["name"], vim.Datastore: ["name", "summary"]},
        [step(vim.ComputeResource, "datastore")],
    )
    stores = {values["name"]: values["summary"] for item, values in seen.items() if isinstance(item, vim.Datastore)}
    if wanted not in stores:
        raise Invalid("datastore", f"{name} does not see {wanted}, but {', '.join(sorted(stores))}.")
    return wanted, stores[wanted]
