# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from types import SimpleNamespace

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.appliance import machine as machines
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import Denied
from pyVmomi import vim

from .vcenter import BACKUP, CARD, DATASTORE, MACHINE, OTHER, Vcenter, adapter, disk, machine

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


OWN, THEIRS = "1e5c60cd-0000-4000-8000-000000000001", "1e5c60cd-0000-4000-8000-000000000002"


class Vsan(Vcenter):
    """A vCenter whose datastore knows folders by both names, as far as it may be asked."""

    def __init__(self, *, allowed=True, **properties):
        super().__init__(**properties)
        self.allowed = allowed
        self.asked: list = []
        self.inventory[DATASTORE] = {**self.inventory[DATASTORE], "browser": "browser"}

    def task(self, managed, method, *arguments, **told):
        if method != "SearchDatastore_Task":
            return super().task(managed, method, *arguments, **told)
        if not self.allowed:
            raise Denied("no")
        path, spec = arguments
        self.asked.append((path, *spec.matchPattern))
        names = {OWN: "gw", THEIRS: "customer"}
        files = [SimpleNamespace(path=code, friendlyName=names[code]) for code in spec.matchPattern if code in names]
        return SimpleNamespace(file=files)


def layout(*files, chain=()):
    return vim.vm.FileLayoutEx(
        file=[
            vim.vm.FileLayoutEx.FileInfo(key=key, name=name, type=kind, size=size)
            for key, (name, kind, size) in enumerate(files)
        ],
        disk=[vim.vm.FileLayoutEx.DiskLayout(key=2000, chain=[vim.vm.FileLayoutEx.DiskUnit(fileKey=list(chain))])]
        if chain
        else [],
    )


def store(folder, file="gw.vmdk"):
    return f"[WorkloadDatastore] {folder}/{file}"


@pytest.mark.parametrize(
    ("home", "disks", "foreign", "asked"),
    [
        ("gw", [OWN], [], [OWN]),
        (OWN, ["gw"], [], [OWN]),
        (OWN, [OWN], [], []),
        (OWN, [OWN, THEIRS], [THEIRS], []),
        ("gw", [OWN, THEIRS], [THEIRS], [OWN, THEIRS]),
        (OWN, ["gw", "customer"], ["customer"], [OWN]),
        ("gw", ["gw", "customer"], ["customer"], []),
    ],
)
def test_on_vsan_a_folder_is_its_own_by_its_name_and_by_its_uuid(home, disks, foreign, asked):
    where = {"config.files.vmPathName": store(home, "gw.vmx")}
    client = Vsan(**machine(disks=[store(folder) for folder in disks], **where))
    assert machines.foreign_disks(fetched(client)) == [store(folder) for folder in foreign]
    assert sorted(client.asked) == [("[WorkloadDatastore]", code) for code in asked]


def test_where_nobody_says_what_a_folder_is_called_it_is_another_one_s():
    client = Vsan(allowed=False, **machine(disks=[store(OWN)]))
    assert machines.foreign_disks(fetched(client)) == [store(OWN)]


def test_the_layout_tells_the_other_name_of_a_folder_without_a_question():
    files = layout((store(OWN, "gw.vmx"), "config", 1), (store(THEIRS), "diskDescriptor", 1))
    client = Vsan(**machine(disks=[store(OWN), store(THEIRS)], layoutEx=files))
    assert machines.foreign_disks(fetched(client)) == [store(THEIRS)]


def test_a_file_without_a_folder_makes_no_home():
    files = layout(("[WorkloadDatastore] gw.vmx", "config", 1))
    client = Vsan(**machine(disks=["[WorkloadDatastore] root.vmdk"], layoutEx=files))
    assert machines.foreign_disks(fetched(client)) == ["[WorkloadDatastore] root.vmdk"]


@pytest.mark.parametrize(
    ("files", "used"),
    [
        (None, None),
        (layout((store("gw"), "diskDescriptor", 5), (store("gw", "gw-flat.vmdk"), "diskExtent", 7), chain=(0, 1)), 12),
        (layout((store("gw"), "diskDescriptor", 5), chain=(0, 9)), None),
        (layout((store("gw"), "diskDescriptor", 5)), None),
    ],
)
def test_what_its_disks_take_is_what_the_layout_tells(files, used):
    assert machines.used_bytes(fetched(Vcenter(**machine(layoutEx=files)))) == used
