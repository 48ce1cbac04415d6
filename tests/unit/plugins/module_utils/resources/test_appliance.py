# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import ApiError, Conflict, Error, Foreign, Invalid
from ansible_collections.vmc.aws_backup.plugins.module_utils.reconcile import reconcile
from ansible_collections.vmc.aws_backup.plugins.module_utils.resources import appliance
from ansible_collections.vmc.aws_backup.plugins.module_utils.resources.appliance import Appliance
from pyVmomi import vim

from ..images import archive, files
from .vcenter import BACKUP, MACHINE, WORKLOADS, Vcenter, adapter, machine

OTHERS = "[WorkloadDatastore] customer/data.vmdk"
HAVE = {
    "name": "gw",
    "moid": "vm-1",
    "instance_uuid": "uuid-1",
    "image": "image-1",
    "complete": True,
    "powered_on": False,
    "guest_ip_address": None,
    "mac_address": "00:50:56:0a:14:0b",
    "networks": {"eth0": "backup"},
    "datacenter": "SDDC-Datacenter",
    "cluster": "Cluster-1",
    "host": "esx-1",
    "resource_pool": "Compute-ResourcePool",
    "datastore": "WorkloadDatastore",
    "folder": "Workloads",
    "sync_time_with_host": True,
    "annotation": "",
    "gateway_arn": "",
    "foreign_disks": [],
}


def resource(client=None, **given):
    return Appliance(client or Vcenter(**machine()), {"name": "gw", "folder": "Workloads", **given})


@pytest.fixture
def ova(tmp_path):
    return archive(tmp_path / "a.ova", files())


@pytest.fixture(autouse=True)
def settled_at_once(monkeypatch):
    monkeypatch.setattr(appliance, "SETTLES_WITHIN", 0)


@pytest.fixture
def lease(monkeypatch):
    """An upload that works, or fails with what the test puts in C(errors)."""

    class Lease:
        entity, errors, log = MACHINE, [], []

        def __init__(self, client, _lease, **limits):
            self.client = client
            Lease.log, Lease.limits = [], limits

        def __enter__(self):
            self.client.inventory[MACHINE] = machine(complete="false")
            return self

        def __exit__(self, *_raised):
            pass

        def send(self, image, items):
            Lease.log.append([item.path for item in items])
            if Lease.errors:
                raise Lease.errors[0]

        def complete(self):
            Lease.log.append("complete")

    monkeypatch.setattr(appliance, "Lease", Lease)
    return Lease


# What is


def test_a_machine_is_seen_in_the_words_of_the_options():
    assert resource().observe() == HAVE


def test_an_absent_machine_is_none():
    assert resource(Vcenter()).observe() is None


def test_a_machine_of_others_is_refused():
    with pytest.raises(Foreign, match="was not deployed by this collection"):
        resource(Vcenter(**machine(image=None))).observe()


def test_since_vsphere_7_0_u1_time_is_set_at_start_and_resume():
    tools = vim.vm.ToolsConfigInfo(syncTimeWithHostAllowed=False, syncTimeWithHost=True)
    assert resource(Vcenter(**machine(**{"config.tools": tools}))).observe()["sync_time_with_host"] is False


def test_an_adapter_that_the_image_does_not_have_goes_by_its_label():
    devices = [adapter(), adapter(1, portgroup=None)]
    have = resource(Vcenter(**machine(**{"config.hardware.device": devices}))).observe()
    assert have["networks"] == {"eth0": "backup", "Network adapter 2": "other"}


# What is wanted


def test_what_is_not_given_is_not_managed():
    assert resource().want(HAVE) == {"name": "gw", "folder": "Workloads", "complete": True}


def test_options_are_compared_in_one_form(ova):
    want = resource(mac_address="00-50-56-0A-14-0B", networks={"*": "backup"}, datacenter="/Site/SDDC-Datacenter").want(
        HAVE
    )
    assert {key: want[key] for key in ("mac_address", "networks", "datacenter")} == {
        key: HAVE[key] for key in ("mac_address", "networks", "datacenter")
    }


@pytest.mark.parametrize("mac", ["00:50:56:0a:14", "01:50:56:0a:14:0b", "x"])
def test_a_mac_address_that_cannot_be_one_is_refused(mac):
    with pytest.raises(Invalid) as caught:
        resource(mac_address=mac)
    assert caught.value.option == "mac_address"


@pytest.mark.parametrize("networks", [None, {}, {"eth1": "backup"}, {"eth0": None}])
def test_every_network_of_the_image_has_to_be_mapped_by_its_name(ova, networks):
    with pytest.raises(Invalid) as caught:
        resource(Vcenter(), ova=ova, networks=networks).want(None)
    assert caught.value.option == "networks"


def test_a_deployment_needs_an_image():
    with pytest.raises(Invalid) as caught:
        resource(Vcenter()).want(None)
    assert caught.value.option == "ova"


def test_another_image_would_be_a_replacement(ova):
    outcome = reconcile(resource(ova=ova), on_immutable="report")
    assert [(change.path, change.effect) for change in outcome.changes] == [("image", "replace")]
    assert not outcome.changed


# Deploying


def test_a_deployment_carries_its_marks_and_settings_in_the_import(ova, lease):
    client = Vcenter()
    resource(
        client,
        ova=ova,
        networks={"*": "backup"},
        mac_address="00:50:56:0a:14:0b",
        sync_time_with_host=True,
        annotation="x",
    ).create(
        resource(
            client,
            ova=ova,
            networks={"*": "backup"},
            mac_address="00:50:56:0a:14:0b",
            sync_time_with_host=True,
            annotation="x",
        ).want(None)
    )
    _descriptor, _pool, _datastore, parameters = client.specs[0]
    assert (parameters.diskProvisioning, parameters.networkMapping[0].network) == ("thick", BACKUP)
    method, spec, folder = client.writes[0]
    config = spec.configSpec
    assert (method, folder) == ("ImportVApp", WORKLOADS)
    marks = {option.key: option.value for option in config.extraConfig}
    assert marks["vmc-aws-backup.complete"] == "false"
    assert marks["vmc-aws-backup.networks"] == '["eth0"]'
    card = config.deviceChange[0].device
    assert (card.addressType, card.macAddress) == ("manual", "00:50:56:0a:14:0b")
    assert (config.tools.syncTimeWithHostAllowed, config.annotation) == (True, "x")
    assert lease.log == [["disk1.vmdk"], "complete"]
    assert client.writes[1][1].extraConfig[0].value == "true"
    assert client.methods == ["ImportVApp", "ReconfigVM_Task"]


def test_before_vsphere_7_0_u1_there_is_one_switch_for_the_clock(ova, lease):
    client = Vcenter(api_version=(6, 7, 3))
    asked = resource(client, ova=ova, networks={"*": "backup"}, sync_time_with_host=True)
    asked.create(asked.want(None))
    assert client.writes[0][1].configSpec.tools.syncTimeWithHost is True


def test_an_upload_that_fails_leaves_no_machine(ova, lease, monkeypatch):
    monkeypatch.setattr(lease, "errors", [ApiError("reset")])
    client = Vcenter()
    asked = resource(client, ova=ova, networks={"*": "backup"})
    with pytest.raises(ApiError, match="reset"):
        asked.create(asked.want(None))
    assert MACHINE not in client.inventory
    assert client.methods == ["ImportVApp", "Destroy_Task"]


@pytest.mark.parametrize(("wait", "limit"), [(True, {"timeout": 100}), (False, {})])
def test_an_upload_may_take_as_long_as_was_said(ova, lease, wait, limit):
    asked = resource(Vcenter(), ova=ova, networks={"*": "backup"}, stall_timeout=7, wait=wait, wait_timeout=100)
    asked.create(asked.want(None))
    assert {key: lease.limits[key] for key in ("timeout", "stall_timeout") if key in lease.limits} == {
        "stall_timeout": 7,
        **limit,
    }


def test_a_time_that_is_none_is_refused_before_anything_is_imported(ova):
    client = Vcenter()
    with pytest.raises(Invalid, match="stall_timeout"):
        resource(client, ova=ova, networks={"*": "backup"}, stall_timeout=0).want(None)
    assert client.writes == []


def test_a_descriptor_that_vcenter_refuses_is_told_and_nothing_is_imported(ova):
    client = Vcenter()
    client.errors = [vim.fault.OvfUnsupportedType(msg="No such device.")]
    asked = resource(client, ova=ova, networks={"*": "backup"})
    with pytest.raises(ApiError, match="No such device"):
        asked.create(asked.want(None))
    assert client.writes == []


def test_a_machine_that_another_run_deploys_just_now_is_looked_at_again(ova):
    client = Vcenter()
    asked = resource(client, ova=ova, networks={"*": "backup"})
    call = client.call

    def taken(managed, method, *arguments, **told):
        if method == "ImportVApp":
            raise Conflict("the name gw is taken")
        return call(managed, method, *arguments, **told)

    client.call = taken
    with pytest.raises(Conflict, match="taken"):
        asked.create(asked.want(None))


def test_an_upload_of_another_run_is_waited_for_and_never_removed(ova, monkeypatch):
    monkeypatch.setattr(appliance.wait.time, "sleep", lambda seconds: None)
    client = Vcenter(**machine(complete="false"))
    task = client.task

    def held(managed, method, *arguments, **told):
        if method == "Destroy_Task":
            client.inventory[MACHINE] = machine(complete="true")
            raise Conflict("the method is disabled", busy=True)
        return task(managed, method, *arguments, **told)

    client.task = held
    asked = resource(client, ova=ova, networks={"*": "backup"})
    with pytest.raises(Conflict, match="another run") as caught:
        asked.update(asked.observe(), {"complete": True})
    assert not caught.value.busy
    assert client.writes == []


def test_an_upload_that_broke_off_is_done_again_even_from_another_image(ova, lease):
    client = Vcenter(**machine(complete="false"))
    asked = resource(client, ova=ova, networks={"*": "backup"})
    outcome = reconcile(asked, check_mode=True)
    assert [(change.path, change.effect) for change in outcome.changes] == [("complete", "in_place")]
    asked.update(asked.observe(), {"complete": True})
    assert client.methods == ["Destroy_Task", "ImportVApp", "ReconfigVM_Task"]


def test_an_upload_that_broke_off_is_not_removed_with_the_disks_of_others(ova):
    client = Vcenter(**machine(complete="false", disks=("[WorkloadDatastore] gw/gw.vmdk", OTHERS)))
    asked = resource(client, ova=ova, networks={"*": "backup"})
    with pytest.raises(Foreign, match="customer/data.vmdk"):
        asked.update(asked.observe(), {"complete": True})
    assert client.writes == []


# Changing


def test_a_mac_address_is_never_changed_on_a_running_appliance():
    client = Vcenter(**machine(on=True))
    asked = resource(client, mac_address="00:50:56:00:00:02", annotation="x")
    with pytest.raises(Error, match="powered off"):
        asked.update(asked.observe(), {"mac_address": "00:50:56:00:00:02", "annotation": "x"})
    assert client.writes == []


def test_powering_off_comes_first_and_powering_on_last():
    client = Vcenter(**machine(on=True))
    asked = resource(client)
    asked.update(asked.observe(), {"powered_on": False, "mac_address": "00:50:56:00:00:02"})
    assert client.methods == ["PowerOffVM_Task", "ReconfigVM_Task"]
    client = Vcenter(**machine())
    asked = resource(client)
    asked.update(asked.observe(), {"powered_on": True, "annotation": "x"})
    assert client.methods == ["ReconfigVM_Task", "PowerOnVM_Task"]


def test_another_network_is_a_change_of_the_adapter():
    client = Vcenter(**machine())
    asked = resource(client)
    asked.update(asked.observe(), {"networks": {"eth0": "other"}})
    edit = client.writes[0][1].deviceChange[0]
    assert (edit.operation, edit.device.key, edit.device.backing.deviceName) == ("edit", 4000, "other")


# Disks of others


@pytest.mark.parametrize("do", [lambda it: it.delete(HAVE), lambda it: it.update(HAVE, {"powered_on": False})])
def test_with_the_disks_of_others_it_is_neither_removed_nor_powered_off(do):
    client = Vcenter(**machine(on=True, disks=("[WorkloadDatastore] gw/gw.vmdk", OTHERS)))
    with pytest.raises(Foreign, match="customer/data.vmdk"):
        do(resource(client))
    assert client.writes == []


def test_the_disks_of_others_are_no_difference():
    client = Vcenter(**machine(on=True, address="10.0.0.5", disks=("[WorkloadDatastore] gw/gw.vmdk", OTHERS)))
    assert reconcile(resource(client, powered_on=True)).changes == []


def test_removing_powers_off_first():
    client = Vcenter(**machine(on=True))
    resource(client).delete(HAVE)
    assert client.methods == ["PowerOffVM_Task", "Destroy_Task"]


def test_removing_what_is_gone_is_fine():
    client = Vcenter()
    resource(client).delete(HAVE)
    assert client.writes == []


# Readiness and the list


@pytest.mark.parametrize(
    ("on", "address", "ready"),
    [
        (False, None, True),
        (True, None, False),
        (True, "169.254.1.2", False),
        (True, "fe80::1", False),
        (True, "10.0.0.5", True),
    ],
)
def test_a_running_appliance_is_ready_when_its_guest_has_an_address(on, address, ready):
    have = {**HAVE, "powered_on": on, "guest_ip_address": address}
    assert (resource().ready(have) is None) is ready


def test_the_list_holds_only_ours():
    client = Vcenter(**machine())
    client.inventory[vim.VirtualMachine("vm-2", None)] = {**machine(image=None), "name": "customer"}
    assert [raw.own["name"] for raw in appliance.find(client)] == ["gw"]
    assert appliance.find(client, ["another"]) == appliance.find(client, []) == []


@pytest.mark.parametrize("name", ["", "a/b", "a%2fb", "a\\b", "x" * 81])
def test_a_name_that_no_inventory_path_can_hold_is_refused(name):
    with pytest.raises(Invalid, match="name"):
        resource(name=name)


def test_a_place_that_is_not_there_is_told_in_check_mode_too(ova):
    with pytest.raises(Invalid, match="there is no Cluster-9; there are: Cluster-1"):
        reconcile(resource(Vcenter(), ova=ova, networks={"*": "backup"}, cluster="Cluster-9"), check_mode=True)


# Whose it is


ARN = "arn:aws:backup-gateway:eu-west-1:123456789012:gateway/bgw-1"


def test_an_appliance_that_is_a_gateway_is_neither_removed_nor_powered_off():
    have = {**HAVE, "powered_on": True, "gateway_arn": ARN}
    assert ARN in resource().held(have)
    with pytest.raises(Foreign, match="bgw-1"):
        resource(powered_on=False).update(have, {"powered_on": False})
    assert resource(gateway_arn="").held(have) is None


def test_a_disk_of_others_holds_it_whatever_is_said():
    assert OTHERS in resource(gateway_arn="").held({**HAVE, "foreign_disks": [OTHERS]})


def test_the_gateway_is_written_into_the_machine_and_taken_out_again():
    client = Vcenter(**machine())
    for arn in (ARN, ""):
        resource(client, gateway_arn=arn).update(HAVE, {"gateway_arn": arn})
    written = [spec.extraConfig[0] for _method, spec in client.writes]
    assert [(option.key, option.value) for option in written] == [
        ("vmc-aws-backup.gateway", ARN),
        ("vmc-aws-backup.gateway", ""),
    ]
