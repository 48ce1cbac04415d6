# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.appliance import placement
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import Ambiguous, Invalid
from pyVmomi import vim

from .vcenter import BACKUP, CLUSTER, DATASTORE, HOST, POOL, TOP, VSAN, WORKLOADS, Vcenter

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
        ("folder", "Nowhere", "no Nowhere; there are: Workloads"),
    ],
)
def test_a_name_that_is_not_there_is_told_with_those_that_are(option, value, there):
    with pytest.raises(Invalid, match=there) as caught:
        placement.place(Vcenter(), {**WANT, option: value}, "SDDC-Datacenter")
    assert caught.value.option == option


def test_a_network_may_be_to_come_but_never_be_one_of_two():
    client = Vcenter()
    place = placement.place(client, {**WANT, "networks": {"eth0": "to come"}}, "SDDC-Datacenter", to_come=True)
    assert place.networks == {"to come": None}
    client.inventory[vim.Network("network-further", None)] = {"name": "backup"}
    with pytest.raises(Ambiguous):
        placement.place(client, WANT, "SDDC-Datacenter", to_come=True)


def test_a_datacenter_that_is_not_there_is_told():
    with pytest.raises(Invalid, match="there are: SDDC-Datacenter") as caught:
        placement.datacenter(Vcenter(), "Elsewhere")
    assert caught.value.option == "datacenter"


def test_the_only_datacenter_need_not_be_named():
    assert placement.datacenter(Vcenter(), None) == "SDDC-Datacenter"


def test_of_several_datacenters_one_has_to_be_named():
    client = Vcenter()
    client.inventory[vim.Datacenter("datacenter-2", None)] = {"name": "Second"}
    with pytest.raises(Invalid, match="has to be named; there are: SDDC-Datacenter, Second"):
        placement.datacenter(client, None)
    assert placement.datacenter(client, "/Second") == "Second"


def test_a_datacenter_is_called_by_its_name_wherever_it_is_or_by_its_id():
    client = Vcenter()
    sites = vim.Folder("group-d9", None)
    client.inventory[sites] = {"name": "Sites", "parent": TOP}
    client.inventory[vim.Datacenter("datacenter-2", None)] = {"name": "Second", "parent": sites}
    for wanted in ("Second", "datacenter-2", "/Sites/Second", "Sites/Second"):
        assert placement.datacenter(client, wanted) == "Sites/Second"
    assert placement.datacenter(client, "datacenter-1") == "SDDC-Datacenter"


@pytest.mark.parametrize("wanted", ["Workloads", "folder-workloads", "/SDDC-Datacenter/vm/Workloads", "vm/Workloads"])
def test_a_folder_is_called_by_its_path_its_name_or_its_id(wanted):
    assert placement.folder(Vcenter(), wanted, "SDDC-Datacenter") == WORKLOADS


def with_hosts(drs, *hosts):
    """Hosts of the cluster: name -> what is said of it."""
    client = Vcenter()
    config = vim.cluster.ConfigInfoEx(drsConfig=vim.cluster.DrsConfigInfo(enabled=drs))
    client.inventory[CLUSTER] = {"name": "Cluster-1", "configurationEx": config}
    client.inventory.pop(HOST)
    for number, (name, said) in enumerate(hosts):
        client.inventory[vim.HostSystem(f"host-{number}", None)] = {"name": name, "datastore": [DATASTORE], **said}
    return client


@pytest.mark.parametrize(
    ("drs", "hosts", "wanted", "chosen"),
    [
        (True, ["a", "b"], None, None),
        (None, ["a", "b"], None, None),
        (False, ["a"], None, "host-0"),
        (False, ["a", "b"], "b", "host-1"),
        (True, ["a", "b"], "b", "host-1"),
    ],
)
def test_a_host_is_chosen_where_one_is_named_or_is_the_only_one_without_drs(drs, hosts, wanted, chosen):
    client = with_hosts(drs, *((name, {}) for name in hosts))
    found = placement.place(client, {**WANT, "host": wanted}, "SDDC-Datacenter").host
    assert (found and found._moId) == chosen


@pytest.mark.parametrize(
    ("wanted", "said", "says"),
    [
        (None, {}, "has to be named: the cluster Cluster-1 has no DRS, so that vCenter chooses none; there are: a, b"),
        ("c", {}, "there is no c; there are: a, b"),
        ("b", {"runtime.connectionState": "notResponding"}, "b is notResponding"),
        ("b", {"runtime.inMaintenanceMode": True}, "b is in maintenance mode"),
        ("b", {"datastore": [VSAN]}, "b does not see the datastore WorkloadDatastore"),
    ],
)
def test_a_host_that_cannot_be_the_one_is_told(wanted, said, says):
    client = with_hosts(False, ("a", {}), ("b", said))
    with pytest.raises(Invalid, match=says) as caught:
        placement.place(client, {**WANT, "host": wanted}, "SDDC-Datacenter")
    assert caught.value.option == "host"


def test_networks_that_are_still_to_be_made_are_left_open_in_a_preview():
    want = {**WANT, "networks": {"eth0": "later"}}
    assert placement.place(Vcenter(), want, "SDDC-Datacenter", to_come=True).networks == {"later": None}
