# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.vmc.aws_backup.plugins.module_utils.resources.datastore import find, view
from pyVmomi import vim

from ..appliance.vcenter import CLUSTER, DATASTORE, VSAN, WORKLOADS, Vcenter, option

SECOND = vim.ClusterComputeResource("cluster-2", None)
FURTHER = vim.Datastore("datastore-workload-2", None)
MANAGED = vim.Folder("folder-management", None)


def seen(**machines):
    """The datastores of a vCenter with two clusters and these machines."""
    client = Vcenter()
    client.inventory.update(
        {
            CLUSTER: {"name": "Cluster-1", "datastore": [DATASTORE, VSAN]},
            SECOND: {"name": "Cluster-2", "datastore": [FURTHER]},
            FURTHER: {"name": "WorkloadDatastore (1)"},
            MANAGED: {"name": "Management VMs"},
        }
    )
    for name, values in machines.items():
        machine = vim.VirtualMachine(name, None)
        client.inventory[machine] = {"name": name, "parent": WORKLOADS, "datastore": [FURTHER], **values}
    return {have["name"]: have for have in map(view, find(client))}


def test_a_datastore_is_shown_with_the_clusters_that_see_it():
    assert {name: have["clusters"] for name, have in seen().items()} == {
        "WorkloadDatastore": ["Cluster-1"],
        "vsanDatastore": ["Cluster-1"],
        "WorkloadDatastore (1)": ["Cluster-2"],
    }


def test_a_machine_counts_on_each_datastore_that_holds_files_of_it():
    found = seen(one={}, two={"datastore": [FURTHER, DATASTORE]})
    assert [found[name]["virtual_machine_count"] for name in ("WorkloadDatastore (1)", "WorkloadDatastore")] == [2, 1]


def test_what_is_never_backed_up_does_not_count():
    found = seen(
        a={"config.template": True},
        b={"name": "vCLS-1234"},
        c={"parent": MANAGED},
        d={"config.extraConfig": [option("vmc-aws-backup.image", "abc")]},
    )
    assert found["WorkloadDatastore (1)"]["virtual_machine_count"] == 0


def test_a_machine_that_vcenter_knows_little_of_counts():
    """An inaccessible one has no configuration."""
    assert seen(one={"config.template": False})["WorkloadDatastore (1)"]["virtual_machine_count"] == 1
