# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import unicodedata

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.appliance import reference
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import Ambiguous, Invalid
from pyVmomi import vim

from .vcenter import BACKUP, CLUSTER, NETWORKS, POOL, Vcenter

FURTHER = vim.dvs.DistributedVirtualPortgroup("portgroup-further", None)
SECOND = vim.dvs.VmwareDistributedVirtualSwitch("dvs-2", None)
GUARDED = "クラスタ"  # has a sound mark that some systems write apart


def of(client, kind):
    return [(values["name"], item) for item, values in client.inventory.items() if isinstance(item, kind)]


@pytest.fixture
def client():
    """A vCenter with two portgroups of one name, on two switches."""
    found = Vcenter()
    found.inventory[FURTHER] = {"name": "backup", "parent": NETWORKS, reference.SWITCH: SECOND}
    found.inventory[SECOND] = {"name": "switch-2"}
    return found


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ("Compute-ResourcePool", POOL),
        ("pool-compute", POOL),
        ("Resources/Compute-ResourcePool", POOL),
        ("Cluster-1/Resources/Compute-ResourcePool", POOL),
        ("/SDDC-Datacenter/host/Cluster-1/Resources/Compute-ResourcePool", POOL),
    ],
)
def test_a_thing_is_called_by_its_name_its_path_or_its_id(client, wanted, expected):
    assert reference.pick("resource_pool", wanted, of(client, vim.ResourcePool), client=client) == expected


@pytest.mark.parametrize(
    "wanted",
    ["/Cluster-1/Resources/Compute-ResourcePool", "Cluster-2/Resources/Compute-ResourcePool", "Resources", "pool-x"],
)
def test_what_is_called_otherwise_is_not_meant(client, wanted):
    with pytest.raises(Invalid, match="there are: Compute-ResourcePool, Mgmt-ResourcePool"):
        reference.pick("resource_pool", wanted, of(client, vim.ResourcePool), client=client)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [("switch-1/backup", BACKUP), ("switch-2/backup", FURTHER), ("portgroup-further", FURTHER)],
)
def test_portgroups_of_one_name_are_told_apart_by_their_switch_or_id(client, wanted, expected):
    assert reference.pick("networks", wanted, of(client, vim.Network), client=client) == expected


def test_of_several_of_one_name_each_is_told_with_its_path_and_id(client):
    with pytest.raises(Ambiguous) as caught:
        reference.pick("networks", "backup", of(client, vim.Network), client=client)
    assert "/SDDC-Datacenter/network/backup ('vim.dvs.DistributedVirtualPortgroup:portgroup-further')" in str(
        caught.value
    )


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("VLAN 10%2f20", "VLAN 10/20"),
        ("VLAN 10%2f20", "network/VLAN 10%2f20"),
        ("50%25", "50%"),
        (GUARDED, unicodedata.normalize("NFD", GUARDED)),
        (unicodedata.normalize("NFD", "ネットワーク・バックアップ"), "ネットワーク・バックアップ"),
    ],
)
def test_how_a_name_is_written_makes_no_other_thing_of_it(name, wanted):
    client = Vcenter()
    client.inventory[BACKUP] = {**client.inventory[BACKUP], "name": name}
    assert reference.pick("networks", wanted, of(client, vim.Network), client=client) == BACKUP


def test_the_paths_are_read_only_where_a_name_does_not_say_which(client):
    client.read = None
    assert reference.pick("cluster", "Cluster-1", of(client, vim.ComputeResource), client=client) == CLUSTER


def test_two_things_of_one_name_are_never_guessed_between():
    with pytest.raises(Ambiguous):
        reference.pick("networks", "backup", [("backup", "a"), ("backup", "b")])


def test_a_usual_name_decides_only_when_it_is_the_only_one():
    with pytest.raises(Invalid):
        reference.pick(
            "datastore", None, [("WorkloadDatastore", "a"), ("WorkloadDatastore (1)", "b")], "WorkloadDatastore"
        )
