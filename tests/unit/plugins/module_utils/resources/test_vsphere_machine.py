# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import datetime
from types import SimpleNamespace

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import Invalid
from ansible_collections.vmc.aws_backup.plugins.module_utils.resources.vsphere_machine import (
    datastores,
    find,
    unfit,
    view,
)
from pyVmomi import vim

from ..appliance.vcenter import CLUSTER, DATASTORE, FLAT, HOST, VMS, WORKLOADS, Vcenter, option

DISK = vim.vm.device.VirtualDisk
MANAGED = vim.Folder("folder-management", None)


def disk(backing, size=2**30):
    return DISK(key=2000, capacityInBytes=size, capacityInKB=size // 1024, backing=backing)


def seen(most=100, **machines):
    """The machines of a vCenter by name."""
    client = Vcenter()
    client.inventory[HOST] = {"name": "esx-1", "parent": CLUSTER}
    client.inventory[MANAGED] = {"name": "Management VMs", "parent": VMS}
    for name, values in machines.items():
        own = {"name": name, "parent": WORKLOADS, "runtime.host": HOST, "datastore": [DATASTORE], **values}
        client.inventory[vim.VirtualMachine(name, None)] = {"config.hardware.device": [], **own}
    return {have["name"]: have for have in map(view, find(client, most))}


def test_a_machine_is_told_with_its_folder_cluster_and_datastores():
    web = seen(web={"config.instanceUuid": "uuid", "runtime.powerState": "poweredOn"})["web"]
    assert {key: web[key] for key in ("path", "cluster", "datastores", "instance_uuid", "powered_on")} == {
        "path": "/SDDC-Datacenter/vm/Workloads",
        "cluster": "Cluster-1",
        "datastores": ["WorkloadDatastore"],
        "instance_uuid": "uuid",
        "powered_on": True,
    }
    assert not (web["template"] or web["managed"] or web["appliance"])


def test_what_vcenter_does_not_tell_is_null():
    web = seen(web={"config.hardware.device": None})["web"]
    told = ("unprotectable", "change_tracking", "tools_running", "consolidation_needed")
    assert [web[key] for key in told] == [None] * 4


@pytest.mark.parametrize(
    ("values", "key", "value"),
    [
        ({"config.template": True}, "template", True),
        ({"parent": MANAGED}, "managed", True),
        ({"name": "vCLS-1"}, "managed", True),
        ({"parent": None}, "path", ""),
        ({"guest.toolsRunningStatus": "guestToolsRunning"}, "tools_running", True),
        ({"guest.toolsRunningStatus": "guestToolsNotRunning"}, "tools_running", False),
        ({"config.changeTrackingEnabled": True}, "change_tracking", True),
        (
            {"config.changeTrackingEnabled": True, "config.extraConfig": [option("ctkEnabled", "FALSE")]},
            "change_tracking",
            False,
        ),
        ({"runtime.consolidationNeeded": True}, "consolidation_needed", True),
        ({"config.extraConfig": [option("vmc-aws-backup.image", "i")]}, "appliance", True),
        ({"config.extraConfig": [option("vmc-aws-backup.gateway", "arn:g")]}, "gateway_arn", "arn:g"),
        ({"config.extraConfig": [option("vmc-aws-backup.site", "s")]}, "site_id", "s"),
    ],
)
def test_what_is_told_of_it(values, key, value):
    (machine,) = seen(web=values).values()
    assert machine[key] == value


def test_snapshots_are_told_with_those_beneath_them_the_oldest_first():
    def tree(name, hour, *children):
        made = datetime.datetime(2026, 2, 1, hour, tzinfo=datetime.timezone.utc)
        return SimpleNamespace(name=name, createTime=made, childSnapshotList=list(children))

    held = SimpleNamespace(rootSnapshotList=[tree("first", 1, tree("third", 3)), tree("second", 2)])
    (machine,) = seen(web={"snapshot": held}).values()
    assert [each["name"] for each in machine["snapshots"]] == ["first", "second", "third"]
    assert machine["snapshots"][0]["created"] == "2026-02-01T01:00:00+00:00"


def test_more_than_may_be_are_refused():
    assert len(seen(2, a={}, b={})) == 2
    with pytest.raises(Invalid, match="most: is 1, and vCenter has 2"):
        seen(1, a={}, b={})


@pytest.mark.parametrize(
    ("device", "reason"),
    [
        (disk(FLAT(fileName="f", diskMode="persistent")), None),
        (disk(FLAT(fileName="f", diskMode="independent_persistent")), "an independent disk"),
        (disk(FLAT(fileName="f", diskMode="independent_nonpersistent")), "an independent disk"),
        (disk(DISK.RawDiskMappingVer1BackingInfo(fileName="f", diskMode="persistent")), "a raw device mapping"),
        (disk(FLAT(fileName="f", diskMode="persistent"), 2**30 + 512), "a disk whose size is no multiple of 1 KiB"),
        (vim.vm.device.VirtualNVMEController(key=1), "an NVMe controller"),
        (vim.vm.device.ParaVirtualSCSIController(key=1), None),
    ],
)
def test_what_aws_backup_does_not_take(device, reason):
    assert unfit(device) == reason


def test_datastores_are_told_with_their_room():
    found = {one["name"]: one for one in datastores(Vcenter())}
    assert set(found) == {"WorkloadDatastore", "vsanDatastore"}
    assert found["WorkloadDatastore"] == {"name": "WorkloadDatastore", "capacity": 2**40, "free_space": 2**40}
