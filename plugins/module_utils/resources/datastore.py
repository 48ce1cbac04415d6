# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A datastore: the clusters whose hosts see it, and the virtual machines that backups are made of."""

from __future__ import annotations

from ..appliance.marks import IMAGE
from ..clients.vsphere import Vsphere, vim
from ..values import canonical

# What VMware Cloud on AWS calls the folder of its own machines.
MANAGEMENT = "Management VMs"
CLUSTER_SERVICES = "vCLS"


def find(client: Vsphere) -> list[dict]:
    """Every datastore with the names of the clusters that see it and of the machines that have files on it."""
    wanted = {
        vim.Datastore: ["name"],
        vim.ComputeResource: ["name", "datastore"],
        vim.VirtualMachine: ["name", "parent", "datastore", "config.template", "config.extraConfig"],
        vim.Folder: ["name"],
    }
    stores, clusters, machines, folders = client.several(client.content.rootFolder, wanted).values()
    managed = [folder for folder, values in folders.items() if values["name"] == MANAGEMENT]
    theirs = [values for values in machines.values() if values.get("parent") not in managed and _is_customers(values)]
    return [
        {
            "name": values["name"],
            "clusters": _on(store, clusters.values()),
            "cluster_ids": [item._moId for item, of in clusters.items() if store in (of.get("datastore") or [])],
            "virtual_machines": _on(store, theirs),
        }
        for store, values in stores.items()
    ]


def view(raw: dict) -> dict:
    return {
        "name": raw["name"],
        "clusters": canonical(raw["clusters"]),
        "cluster_ids": canonical(raw["cluster_ids"]),
        "virtual_machine_count": len(raw["virtual_machines"]),
    }


def _on(store, users) -> list[str]:
    return [values["name"] for values in users if store in (values.get("datastore") or [])]


def _is_customers(values) -> bool:
    """No template, no machine of vSphere itself, and no appliance of ours."""
    options = values.get("config.extraConfig") or []
    return not (
        values.get("config.template")
        or values["name"].startswith(CLUSTER_SERVICES)
        or any(option.key == IMAGE for option in options)
    )
