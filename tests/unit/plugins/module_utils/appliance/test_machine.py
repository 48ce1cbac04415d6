# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.appliance import machine as machines
from pyVmomi import vim

from .vcenter import BACKUP, CARD, MACHINE, OTHER, Vcenter, adapter, disk, machine

OTHERS = "[WorkloadDatastore] customer/data.vmdk"


def fetched(client):
    return machines.fetch(client, [MACHINE])[MACHINE]


@pytest.mark.parametrize(
    ("disks", "foreign"),
    [
        (["[WorkloadDatastore] gw/gw.vmdk"], []),
        (["[WorkloadDatastore] gw/gw.vmdk", OTHERS], [OTHERS]),
        (["[vsanDatastore] gw/gw.vmdk"], ["[vsanDatastore] gw/gw.vmdk"]),
        (["[WorkloadDatastore] gw/deeper/gw.vmdk"], ["[WorkloadDatastore] gw/deeper/gw.vmdk"]),
    ],
)
def test_disks_outside_its_own_folder_are_not_its_own(disks, foreign):
    client = Vcenter(**machine(disks=disks))
    assert machines.foreign_disks(machines.fetch(client, [MACHINE])[MACHINE]) == foreign


def test_the_base_of_a_snapshot_counts_too():
    client = Vcenter(**machine(**{"config.hardware.device": [disk("[WorkloadDatastore] gw/gw-000001.vmdk", OTHERS)]}))
    assert machines.foreign_disks(machines.fetch(client, [MACHINE])[MACHINE]) == [OTHERS]


@pytest.mark.parametrize(("version", "allowed"), [((6, 7, 3), None), ((7, 0), None), ((7, 0, 1), True), ((8, 0), True)])
def test_the_clock_is_set_as_the_version_of_vcenter_knows_it(version, allowed):
    tools = machines.clock(Vcenter(api_version=version), True)
    assert (tools.syncTimeWithHostAllowed, tools.syncTimeWithHost) == (allowed, None if allowed else True)


def test_its_place_is_read_upwards():
    assert machines.upward(fetched(Vcenter(**machine()))) == ["SDDC-Datacenter", "vm", "Workloads"]
    assert machines.upward(fetched(Vcenter(**machine(parent=None)))) == []


def test_adapters_are_counted_in_the_order_of_their_keys():
    devices = [adapter(1, mac="00:50:56:00:00:02"), adapter(0, mac="00:50:56:00:00:01")]
    raw = fetched(Vcenter(**machine(**{"config.hardware.device": devices})))
    assert [card.macAddress[-1] for card in raw.adapters] == ["1", "2"]


def test_each_kind_of_network_has_its_name():
    client = Vcenter(**machine())
    opaque = vim.OpaqueNetwork("network-opaque", None)
    summary = vim.OpaqueNetwork.Summary(
        name="segment", accessible=True, opaqueNetworkId="id", opaqueNetworkType="nsx.LogicalSwitch"
    )
    client.inventory[opaque] = {"name": "segment", "summary": summary}
    raw = fetched(client)
    connected = CARD.OpaqueNetworkBackingInfo(opaqueNetworkId="id", opaqueNetworkType="nsx.LogicalSwitch")
    assert machines.network_of(raw, connected) == ("segment", opaque)
    assert machines.network_of(raw, adapter().backing) == ("backup", BACKUP)
    assert machines.network_of(raw, adapter(portgroup=None).backing) == ("other", None)


def test_each_kind_of_network_has_its_connection():
    client = Vcenter(**machine())
    switch = vim.DistributedVirtualSwitch("switch-1", None)
    client.inventory[switch] = {"uuid": "switch-uuid"}
    port = machines.connection_to(client, BACKUP, "backup").port
    assert (port.portgroupKey, port.switchUuid) == ("portgroup-backup", "switch-uuid")
    assert machines.connection_to(client, OTHER, "other").deviceName == "other"
