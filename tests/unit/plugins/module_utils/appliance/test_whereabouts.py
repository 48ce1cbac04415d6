# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.appliance.machine import fetch
from ansible_collections.vmc.aws_backup.plugins.module_utils.appliance.whereabouts import called_as_it_is, connections

from .vcenter import BACKUP, MACHINE, Vcenter, adapter, machine

HAVE = {
    "cluster": "Cluster-1",
    "resource_pool": "Compute-ResourcePool",
    "datastore": "WorkloadDatastore",
    "networks": {"eth0": "backup"},
}


def called(**want):
    client = Vcenter(**machine())
    return called_as_it_is(client, fetch(client, [MACHINE])[MACHINE], HAVE, want)


@pytest.mark.parametrize(
    ("key", "wanted"),
    [
        ("cluster", "cluster-1"),
        ("cluster", "/SDDC-Datacenter/host/Cluster-1"),
        ("resource_pool", "Resources/Compute-ResourcePool"),
        ("resource_pool", "pool-compute"),
        ("datastore", "datastore/WorkloadDatastore"),
        ("datastore", "datastore-workload"),
    ],
)
def test_what_it_has_already_is_called_as_it_is(key, wanted):
    assert called(**{key: wanted}) == {key: HAVE[key]}


@pytest.mark.parametrize(
    ("key", "wanted"), [("cluster", "cluster-2"), ("datastore", "/Elsewhere/datastore/WorkloadDatastore")]
)
def test_what_it_has_not_stays_a_difference(key, wanted):
    assert called(**{key: wanted}) == {}


@pytest.mark.parametrize("wanted", ["switch-1/backup", "portgroup-backup", "/SDDC-Datacenter/network/backup"])
def test_a_network_that_it_is_connected_to_is_called_as_it_is(wanted):
    assert called(networks={"eth0": wanted}) == {"networks": {"eth0": "backup"}}


def test_a_network_of_the_same_name_on_another_switch_is_another_one():
    assert called(networks={"eth0": "switch-2/backup"}) == {"networks": {"eth0": "switch-2/backup"}}


def test_each_adapter_has_the_name_of_the_image_and_its_network():
    devices = [adapter(), adapter(1, portgroup=None)]
    client = Vcenter(**machine(**{"config.hardware.device": devices}))
    found = connections(fetch(client, [MACHINE])[MACHINE])
    assert found == [("eth0", "backup", BACKUP), ("Network adapter 2", "other", None)]
