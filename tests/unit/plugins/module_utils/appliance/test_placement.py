# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.appliance import placement
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import Ambiguous, Invalid
from pyVmomi import vim

from .vcenter import BACKUP, DATASTORE, POOL, WORKLOADS, Vcenter

WANT = {"folder": "Workloads", "networks": {"eth0": "backup"}}


def test_on_vmware_cloud_the_pool_and_the_datastore_of_customers_are_meant():
    place = placement.place(Vcenter(), WANT, "SDDC-Datacenter")
    assert (place.pool, place.datastore, place.folder, place.networks) == (
        POOL,
        DATASTORE,
        WORKLOADS,
        {"backup": BACKUP},
    )


@pytest.mark.parametrize(
    ("option", "value", "there"),
    [
        ("cluster", "Cluster-9", "Cluster-1"),
        ("resource_pool", "nowhere", "Compute-ResourcePool, Mgmt-ResourcePool"),
        ("datastore", "nowhere", "WorkloadDatastore, vsanDatastore"),
        ("networks", {"eth0": "nowhere"}, "backup, other"),
        ("folder", "Nowhere", "no folder Nowhere in SDDC-Datacenter; there are: Workloads"),
    ],
)
def test_a_name_that_is_not_there_is_told_with_those_that_are(option, value, there):
    with pytest.raises(Invalid, match=there) as caught:
        placement.place(Vcenter(), {**WANT, option: value}, "SDDC-Datacenter")
    assert caught.value.option == option


def test_a_datacenter_that_is_not_there_is_told():
    with pytest.raises(Invalid, match="there are: SDDC-Datacenter") as caught:
        placement.place(Vcenter(), WANT, "Elsewhere")
    assert caught.value.option == "datacenter"


def test_the_only_datacenter_need_not_be_named():
    assert placement.datacenter(Vcenter(), None) == "SDDC-Datacenter"


def test_of_several_datacenters_one_has_to_be_named():
    client = Vcenter()
    client.inventory[vim.Datacenter("datacenter-2", None)] = {"name": "Second"}
    with pytest.raises(Invalid, match="has to be named; there are: SDDC-Datacenter, Second"):
        placement.datacenter(client, None)
    assert placement.datacenter(client, "/Second") == "Second"


def test_two_things_of_one_name_are_never_guessed_between():
    with pytest.raises(Ambiguous):
        placement.pick("networks", "backup", [("backup", "a"), ("backup", "b")])


def test_a_usual_name_decides_only_when_it_is_the_only_one():
    with pytest.raises(Invalid):
        placement.pick(
            "datastore", None, [("WorkloadDatastore", "a"), ("WorkloadDatastore (1)", "b")], "WorkloadDatastore"
        )
