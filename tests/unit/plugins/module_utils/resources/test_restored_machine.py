# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.engine.reconcile import reconcile
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import Ambiguous, Error, Foreign, Invalid
from ansible_collections.vmc.aws_backup.plugins.module_utils.resources.restored_machine import (
    RestoredMachine,
    listed,
    view,
)
from ansible_collections.vmc.aws_backup.plugins.modules import restored_machine
from pyVmomi import vim

from ..appliance.vcenter import MACHINE, VMS, Vcenter, adapter, disk, machine
from .aws_api import params

WIRED = vim.vm.device.VirtualDevice.ConnectInfo
FOLDER = "/SDDC-Datacenter/vm/Workloads"


def restored(connected=True, **more):
    """A vCenter with a machine that a restore has made."""
    card, hard = adapter(), disk("[WorkloadDatastore] gw/gw.vmdk")
    hard.deviceInfo = vim.Description(label="Hard disk 1", summary="")
    card.connectable = WIRED(connected=connected, startConnected=connected, allowGuestControl=True)
    client = Vcenter(**machine(**{"config.hardware.device": [hard, card], **more}))

    def task(managed, method, *arguments, **told):
        Vcenter.task(client, managed, method, *arguments, **told)
        if method == "ReconfigVM_Task":
            devices = client.inventory[managed]["config.hardware.device"]
            changed = {change.device.key: change.device for change in arguments[0].deviceChange}
            client.inventory[managed]["config.hardware.device"] = [changed.get(one.key, one) for one in devices]

    client.task = task
    return client


def one(client, **given):
    return RestoredMachine(client, params(restored_machine, name="gw", folder=FOLDER, wait_for_tools=False, **given))


def run(client, check_mode=False, timeout=0, **given):
    resource = one(client, state="present", **given) if "state" not in given else one(client, **given)
    return reconcile(
        resource,
        state=given.get("state", "present"),
        check_mode=check_mode,
        on_immutable="fail",
        wait_timeout=timeout,
        predicted=None,
    )


def test_a_machine_is_shown_with_what_is_compared():
    (shown,) = listed(restored(), ["gw"], None)
    assert (shown["folder"], shown["instance_uuid"], shown["cpus"], shown["network_cards"]) == (FOLDER, "uuid-1", 4, 1)
    assert shown["disks"] == [{"label": "Hard disk 1", "capacity_bytes": 2**30}]
    assert (shown["powered_on"], shown["network_connected"], shown["tools_running"]) == (False, True, False)


@pytest.mark.parametrize(
    ("names", "uuids", "found"),
    [
        (["gw"], None, 1),
        ([f"{FOLDER}/gw"], None, 1),
        (["/SDDC-Datacenter/vm/Other/gw"], None, 0),
        (["other"], ["uuid-1"], 1),
        (None, ["uuid-2"], 0),
        (None, None, 1),
        ([], [], 1),
    ],
)
def test_machines_are_chosen_by_name_path_or_uuid(names, uuids, found):
    assert len(listed(restored(), names, uuids)) == found


def test_templates_are_left_out():
    assert listed(restored(**{"config.template": True}), None, None) == []


def test_cards_are_disconnected_before_it_runs():
    client = restored()
    outcome = run(client, powered_on=True, network_connected=False)
    assert client.methods == ["ReconfigVM_Task", "PowerOnVM_Task"]
    (change,) = client.writes[0][1].deviceChange
    assert (change.operation, change.device.connectable.connected, change.device.connectable.startConnected) == (
        "edit",
        False,
        False,
    )
    assert outcome.after["powered_on"] and not outcome.after["network_connected"]
    assert not run(client, powered_on=True, network_connected=False).changed


def test_what_is_not_asked_for_is_left():
    client = restored()
    assert not run(client).changed
    assert run(client, check_mode=True, network_connected=False).changed
    assert client.writes == []


def test_it_is_ready_once_its_tools_report():
    resource = one(restored(), state="present")
    resource.params["wait_for_tools"] = True
    assert "VMware Tools" in resource.ready(resource.observe())
    resource = one(restored(**{"guest.toolsRunningStatus": "guestToolsRunning"}), state="present")
    resource.params["wait_for_tools"] = True
    assert resource.ready(resource.observe()) is None


@pytest.mark.parametrize("on", [False, True])
def test_one_is_removed_by_its_uuid(on):
    client = restored(**{"runtime.powerState": "poweredOn" if on else "poweredOff"})
    assert run(client, check_mode=True, state="absent", instance_uuid="uuid-1").changed and client.writes == []
    assert run(client, state="absent", instance_uuid="uuid-1").changed
    assert client.methods == ["PowerOffVM_Task"] * on + ["Destroy_Task"]
    assert not run(client, state="absent", instance_uuid="uuid-1").changed


@pytest.mark.parametrize("given", [{}, {"instance_uuid": "uuid-1", "there_before": ["uuid-1"]}])
def test_nothing_is_removed_by_its_name_or_that_was_there_before(given):
    with pytest.raises(Invalid):
        one(restored(), state="absent", **given)


def test_what_was_there_before_is_never_touched():
    client = restored()
    with pytest.raises(Foreign, match="was there before"):
        run(client, network_connected=False, there_before=["uuid-1"])
    assert client.writes == []


@pytest.mark.parametrize("theirs", [{"name": "mine-now"}, {"parent": VMS}])
@pytest.mark.parametrize("state", ["present", "absent"])
def test_what_somebody_has_renamed_or_moved_is_his(theirs, state):
    client = restored(**theirs)
    with pytest.raises(Foreign, match="made it his own"):
        run(client, state=state, instance_uuid="uuid-1")
    assert client.writes == []


def test_another_one_of_its_name_is_not_it():
    client = restored()
    assert not run(client, state="absent", instance_uuid="uuid-2").changed
    assert MACHINE in client.inventory


def test_who_has_taken_it_while_it_was_powered_off_keeps_it():
    client = restored(**{"runtime.powerState": "poweredOn"})
    plain = client.task

    def task(managed, method, *arguments, **told):
        plain(managed, method, *arguments, **told)
        client.inventory[MACHINE]["name"] = "mine-now"

    client.task = task
    with pytest.raises(Foreign, match="made it his own"):
        run(client, state="absent", instance_uuid="uuid-1")
    assert client.methods == ["PowerOffVM_Task"]


def test_with_disks_of_others_on_it_it_stays():
    foreign = disk("[WorkloadDatastore] other/other.vmdk")
    foreign.deviceInfo = vim.Description(label="Hard disk 2", summary="")
    client = restored()
    client.inventory[MACHINE]["config.hardware.device"].append(foreign)
    with pytest.raises(Foreign, match="disks of other virtual machines"):
        run(client, state="absent", instance_uuid="uuid-1")
    assert client.writes == []


def test_two_of_one_uuid_are_neither_and_one_that_is_not_there_is_not_made():
    client = restored()
    client.inventory[vim.VirtualMachine("vm-2", None)] = dict(client.inventory[MACHINE])
    with pytest.raises(Ambiguous):
        run(client, state="absent", instance_uuid="uuid-1")
    with pytest.raises(Error, match="A restore makes it"):
        run(Vcenter())


def test_its_view_holds_what_is_documented():
    from ...modules.documentation import returned

    client = restored()
    resource = one(client, state="present")
    resource.observe()
    assert set(view(resource.raw)) == set(returned(restored_machine)["restored_machine"]["contains"])
