# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import Ambiguous, Invalid
from ansible_collections.vmc.aws_backup.plugins.module_utils.resources.restore_place import view
from ansible_collections.vmc.aws_backup.plugins.modules import restore_place_info
from pyVmomi import vim

from ..appliance.vcenter import CLUSTER, DATASTORE, HOST, WORKLOADS, Vcenter, machine, summary
from .aws_api import params

GIB = 2**30
ASKED = {
    "name": "web-new",
    "folder": "/SDDC-Datacenter/vm/Workloads",
    "compute_resource": "Cluster-1",
    "datastore": "WorkloadDatastore",
}


def place(*, used=0, kind="vsan", **given):
    client = Vcenter(**machine())
    client.inventory[WORKLOADS] = {**client.inventory[WORKLOADS], "childType": ["Folder", "VirtualMachine"]}
    client.inventory[HOST] = {"name": "esx-1", "parent": CLUSTER}
    client.inventory[DATASTORE] = {
        "name": "WorkloadDatastore",
        "summary": summary("WorkloadDatastore", used=used, kind=kind),
    }
    found = view(client, params(restore_place_info, **{**ASKED, **given}))
    assert client.writes == []
    return found


def test_a_place_is_told_with_what_is_there():
    found = place(used=40, disk_bytes=10 * GIB)
    assert found["there_before"] == ["uuid-1"]
    assert (found["needed_bytes"], round(found["datastore_usage"])) == (20 * GIB, 40)
    assert place(disk_bytes=GIB, memory_mb=1024, kind="VMFS")["needed_bytes"] == 2 * GIB


@pytest.mark.parametrize(
    ("wrong", "option", "says"),
    [
        ({"name": "gw"}, "name", "exists already"),
        ({"folder": "/SDDC-Datacenter/vm/none"}, "folder", "no folder"),
        ({"folder": "/SDDC-Datacenter"}, "folder", "no folder"),
        ({"compute_resource": "esx-1"}, "compute_resource", "a host of the cluster Cluster-1.*Name Cluster-1"),
        ({"compute_resource": "none"}, "compute_resource", "but Cluster-1"),
        ({"datastore": "none"}, "datastore", "does not see none"),
        ({"disk_bytes": 400 * GIB}, "max_datastore_usage", "beyond 70 %"),
        ({"max_datastore_usage": 101}, "max_datastore_usage", "no percentage"),
    ],
)
def test_a_place_that_cannot_be_is_refused_by_name(wrong, option, says):
    with pytest.raises(Invalid, match=says) as refused:
        place(**wrong)
    assert refused.value.option == option


def test_two_clusters_of_one_name_are_neither():
    client = Vcenter()
    client.inventory[WORKLOADS] = {**client.inventory[WORKLOADS], "childType": ["VirtualMachine"]}
    client.inventory[vim.ClusterComputeResource("cluster-9", None)] = {"name": "Cluster-1"}
    with pytest.raises(Ambiguous):
        view(client, params(restore_place_info, **ASKED))
