# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.appliance import power
from ansible_collections.vmc.aws_backup.plugins.module_utils.appliance.reference import SWITCH
from ansible_collections.vmc.aws_backup.plugins.module_utils.clients import https
from ansible_collections.vmc.aws_backup.plugins.module_utils.engine.reconcile import reconcile
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import (
    Ambiguous,
    Error,
    Foreign,
    Immutable,
    Invalid,
)
from ansible_collections.vmc.aws_backup.plugins.module_utils.resources import appliance
from ansible_collections.vmc.aws_backup.plugins.module_utils.resources.appliance import Appliance
from pyVmomi import vim

from ..appliance.test_vsphere_tags import Tagging
from ..appliance.vcenter import DATASTORE, MACHINE, NETWORKS, VMS, Vcenter, adapter, disk, machine, option, summary

DEFAULTS = {"state": "present", "name": "gw", "folder": "Workloads", "max_datastore_usage": 70, "allow_restart": False}
FURTHER = vim.dvs.DistributedVirtualPortgroup("portgroup-further", None)
OTHER_SWITCH = vim.dvs.VmwareDistributedVirtualSwitch("dvs-2", None)
OTHERS = "[WorkloadDatastore] customer/data.vmdk"
HAVE = {
    "name": "gw",
    "moid": "vm-1",
    "instance_uuid": "uuid-1",
    "deployed_instance_uuid": None,
    "copy_of": "",
    "site_id": "",
    "entry": "",
    "image": "image-1",
    "complete": True,
    "powered_on": False,
    "guest_ip_address": None,
    "guest_ip_addresses": [],
    "mac_address": "00:50:56:0a:14:0b",
    "networks": {"eth0": "backup"},
    "datacenter": "SDDC-Datacenter",
    "cluster": "Cluster-1",
    "host": "esx-1",
    "resource_pool": "Compute-ResourcePool",
    "datastore": "WorkloadDatastore",
    "folder": "Workloads",
    "sync_time_with_host": True,
    "num_cpus": 4,
    "memory_mb": 16384,
    "properties": {},
    "annotation": "",
    "gateway_arn": "",
    "foreign_disks": [],
    "restarting": False,
}


def resource(client=None, **given):
    return Appliance(client or Vcenter(**machine()), {**DEFAULTS, **given})


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


def test_what_it_has_is_no_difference_by_whatever_it_is_called():
    given = {
        "cluster": "cluster-1",
        "datastore": "datastore/WorkloadDatastore",
        "resource_pool": "Resources/Compute-ResourcePool",
    }
    outcome = reconcile(resource(**given, networks={"*": "switch-1/backup"}), state="present", check_mode=True)
    assert outcome.changes == []


def test_another_network_of_the_same_name_is_connected():
    client = Vcenter(**machine())
    client.inventory[FURTHER] = {"name": "backup", "key": "portgroup-2", "parent": NETWORKS, SWITCH: OTHER_SWITCH}
    client.inventory[OTHER_SWITCH] = {"name": "switch-2", "uuid": "second"}
    appliance_ = resource(client, networks={"*": "switch-2/backup"})
    want = appliance_.want(appliance_.observe())
    assert want["networks"] == {"eth0": "switch-2/backup"}
    appliance_.update(appliance_.observe(), {"networks": want["networks"]})
    (change,) = client.writes[0][1].deviceChange
    assert change.device.backing.port.portgroupKey == "portgroup-2"


@pytest.mark.parametrize("folder", ["/SDDC-Datacenter/vm/Workloads", "folder-workloads"])
def test_it_is_found_in_a_folder_that_is_called_otherwise(folder):
    assert resource(folder=folder).observe()["folder"] == "Workloads"


def test_a_folder_that_nobody_knows_holds_nothing():
    assert resource(folder="Nowhere").observe() is None


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


def test_what_an_upload_lacks_is_told_before_anything_is_asked_of_the_image(monkeypatch):
    monkeypatch.setattr(https.importlib.util, "find_spec", {"urllib3": None}.get)
    client = Vcenter()
    for check_mode in (True, False):
        with pytest.raises(Error, match="urllib3"):
            reconcile(resource(client, ova="/nowhere.ova"), check_mode=check_mode)
    assert client.writes == []


def test_another_image_would_be_a_replacement(ova):
    outcome = reconcile(resource(ova=ova), on_immutable="report")
    assert [(change.path, change.effect) for change in outcome.changes] == [("image", "replace")]
    assert not outcome.changed


# Deploying


def test_a_time_that_is_none_is_refused_before_anything_is_imported(ova):
    client = Vcenter()
    with pytest.raises(Invalid, match="stall_timeout"):
        resource(client, ova=ova, networks={"*": "backup"}, stall_timeout=0).want(None)
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
    asked = resource(client, powered_on=False, mac_address="00:50:56:00:00:02")
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


# Size


def sized(client, **given):
    return resource(client, **given).want(resource(client).observe())


def test_an_image_is_never_given_less_than_it_asks_for(large):
    for given in ({"num_cpus": 3}, {"memory_mb": 16380}):
        with pytest.raises(Invalid, match="is less than the .* that the image asks for") as caught:
            resource(Vcenter(), ova=large, networks={"*": "backup"}, **given).want(None)
        assert caught.value.option in given
    want = resource(Vcenter(), ova=large, networks={"*": "backup"}, num_cpus=4, memory_mb=16384).want(None)
    assert (want["num_cpus"], want["memory_mb"]) == (4, 16384)


@pytest.mark.parametrize("given", [{"num_cpus": 0}, {"memory_mb": -4}, {"memory_mb": 16386}])
def test_a_size_that_cannot_be_is_refused(given):
    with pytest.raises(Invalid) as caught:
        resource(**given)
    assert caught.value.option in given


def test_a_machine_knows_what_its_image_asks_for_and_may_come_back_to_it():
    marked = machine()
    marked["config.extraConfig"].append(option("vmc-aws-backup.hardware", '{"num_cpus": 2, "memory_mb": 4096}'))
    assert sized(Vcenter(**marked), num_cpus=2)["num_cpus"] == 2
    with pytest.raises(Invalid, match="less than the 2"):
        sized(Vcenter(**marked), num_cpus=1)


def test_a_machine_that_does_not_know_it_is_never_given_less_than_it_has():
    with pytest.raises(Invalid, match="less than the 4"):
        sized(Vcenter(**machine()), num_cpus=2)


def test_what_is_powered_off_is_changed_without_more_ado():
    client = Vcenter(**machine())
    assert reconciled(client, num_cpus=8, memory_mb=32768).methods == ["ReconfigVM_Task"]
    assert (client.writes[0][1].numCPUs, client.writes[0][1].memoryMB) == (8, 32768)


@pytest.mark.parametrize(("cpus", "sockets"), [(8, None), (6, 1)])
def test_sockets_that_the_cpus_do_not_fill_are_given_up(cpus, sockets):
    client = Vcenter(**machine(**{"config.hardware.numCoresPerSocket": 4}))
    assert reconciled(client, num_cpus=cpus).writes[0][1].numCoresPerSocket == sockets


HOT = {
    "config.cpuHotAddEnabled": True,
    "config.memoryHotAddEnabled": True,
    "config.hotPlugMemoryIncrementSize": 1024,
    "config.hotPlugMemoryLimit": 65536,
}


def reconciled(client, **given):
    """What a run writes; the machine becomes what was written."""
    task = client.task

    def applied(managed, method, *arguments, **told):
        task(managed, method, *arguments, **told)
        if method == "ReconfigVM_Task":
            apply(client, managed, arguments[0])

    client.task = applied
    reconcile(resource(client, **given))
    return client


def apply(client, managed, spec):
    own = dict(client.inventory[managed])
    for key, value in (("config.hardware.numCPU", spec.numCPUs), ("config.hardware.memoryMB", spec.memoryMB)):
        own[key] = own[key] if value is None else value
    for change in spec.extraConfig:
        kept = [entry for entry in own["config.extraConfig"] if entry.key != change.key]
        own["config.extraConfig"] = [*kept, change] if change.value else kept
    for change in spec.deviceChange:
        kept = [device for device in own["config.hardware.device"] if device.key != change.device.key]
        own["config.hardware.device"] = [*kept, change.device]
    client.inventory[managed] = own


def test_what_vsphere_can_add_while_it_runs_needs_no_restart():
    client = Vcenter(**machine(on=True, **HOT))
    assert reconciled(client, num_cpus=8, memory_mb=32768).methods == ["ReconfigVM_Task"]


@pytest.mark.parametrize(
    ("given", "more"),
    [
        ({"num_cpus": 8}, {}),
        ({"memory_mb": 32768}, {}),
        ({"memory_mb": 131072}, HOT),
        ({"memory_mb": 16388}, HOT),
        ({"num_cpus": 6}, {**HOT, "config.hardware.numCoresPerSocket": 4}),
        ({"mac_address": "00:50:56:00:00:02"}, HOT),
    ],
)
def test_what_it_cannot_is_reported_and_changed_with_a_restart_only_where_that_is_allowed(given, more):
    for check_mode in (True, False):
        client = Vcenter(**machine(on=True, **more))
        with pytest.raises(Immutable, match="allow_restart") as caught:
            reconcile(resource(client, annotation="x", **given), check_mode=check_mode)
        effects = {change.path: change.effect for change in caught.value.outcome.changes}
        assert effects == {next(iter(given)): "replace", "annotation": "in_place"}
        assert client.writes == []
    client = Vcenter(**machine(on=True, **more))
    reconciled(client, allow_restart=True, **given)
    assert client.methods == [
        "ReconfigVM_Task",
        "PowerOffVM_Task",
        "ReconfigVM_Task",
        "PowerOnVM_Task",
        "ReconfigVM_Task",
    ]
    begun = [(entry.key, entry.value) for entry in client.writes[0][1].extraConfig]
    assert begun == [("vmc-aws-backup.restarting", "true")]
    assert "vmc-aws-backup.restarting" not in {entry.key for entry in client.inventory[MACHINE]["config.extraConfig"]}


def test_a_machine_with_the_disks_of_others_is_never_restarted():
    client = Vcenter(**machine(on=True, disks=("[WorkloadDatastore] gw/gw.vmdk", OTHERS)))
    for check_mode in (True, False):
        with pytest.raises(Immutable, match="customer/data.vmdk"):
            reconcile(resource(client, num_cpus=8, allow_restart=True), check_mode=check_mode)
    assert client.writes == []


def test_a_disk_that_comes_while_the_guest_shuts_down_keeps_the_power_on(monkeypatch):
    monkeypatch.setattr(power, "SHUTS_DOWN_WITHIN", 0)
    client = Vcenter(**machine(on=True, **{"guest.toolsRunningStatus": "guestToolsRunning"}))
    call = client.call

    def attached(managed, method, *arguments, **told):
        client.inventory[MACHINE] = machine(on=True, disks=("[WorkloadDatastore] gw/gw.vmdk", OTHERS))
        return call(managed, method, *arguments, **told)

    client.call = attached
    with pytest.raises(Foreign, match="cannot be restarted"):
        resource(client, num_cpus=8, allow_restart=True).update(HAVE, {"num_cpus": 8})
    assert client.methods == ["ReconfigVM_Task", "ShutdownGuest"]


@pytest.mark.parametrize(
    ("heeds", "methods"), [(True, ["ShutdownGuest"]), (False, ["ShutdownGuest", "PowerOffVM_Task"])]
)
def test_a_guest_is_shut_down_and_powered_off_only_when_it_does_not_heed(monkeypatch, heeds, methods):
    monkeypatch.setattr(power, "SHUTS_DOWN_WITHIN", 0)
    client = Vcenter(**machine(on=True, **{"guest.toolsRunningStatus": "guestToolsRunning"}))
    call = client.call

    def told(managed, method, *arguments, **words):
        call(managed, method, *arguments, **words)
        if heeds:
            client.inventory[MACHINE] = machine()

    client.call = told
    resource(client, powered_on=False).update(HAVE, {"powered_on": False})
    assert client.methods == methods


def test_a_run_that_was_killed_while_it_restarted_is_finished_by_the_next_one():
    left = machine()
    left["config.extraConfig"].append(option("vmc-aws-backup.restarting", "true"))
    client = reconciled(Vcenter(**left), num_cpus=8)
    assert client.methods == ["ReconfigVM_Task", "PowerOnVM_Task", "ReconfigVM_Task"]
    assert resource(client).observe()["restarting"] is False
    left["config.extraConfig"].append(option("vmc-aws-backup.restarting", "true"))
    client = reconciled(Vcenter(**left), powered_on=False)
    assert "PowerOnVM_Task" not in client.methods


# OVF properties


def test_a_property_is_changed_while_it_is_off_and_a_password_never_again():
    info = vim.vApp.PropertyInfo(key=1, id="hostname", value="gw-1", type="string")
    client = Vcenter(**machine(**{"config.vAppConfig.property": [info]}))
    asked = resource(client, properties={"hostname": "gw-2"}, secret_properties={"admin.password": "secret-word"})
    outcome = reconcile(asked, check_mode=True)
    assert [(change.path, change.actual, change.desired) for change in outcome.changes] == [
        ("properties.hostname", "gw-1", "gw-2")
    ]
    asked.update(asked.observe(), {"properties": {"hostname": "gw-2"}})
    assert client.writes[0][1].vAppConfig.property[0].info.value == "gw-2"
    running = Vcenter(**machine(on=True, **{"config.vAppConfig.property": [info]}))
    with pytest.raises(Immutable, match="properties can only change while the appliance is powered off"):
        reconcile(resource(running, properties={"hostname": "gw-3"}))


# Storage policy


@pytest.mark.parametrize(("name", "refused"), [("Mirrored", True), ("Plain", False)])
def test_the_policy_says_how_much_room_a_disk_takes(policies, large, name, refused):
    asked = resource(filled(69), ova=large, networks={"*": "backup"}, storage_policy=name)
    if refused:
        with pytest.raises(Invalid, match="beyond 70"):
            asked.want(None)
    else:
        assert asked.want(None)["storage_policy"] == name


def test_another_policy_is_given_to_the_home_and_to_its_own_disks_while_it_runs(policies):
    client = Vcenter(**machine(on=True, disks=("[WorkloadDatastore] gw/gw.vmdk", OTHERS)))
    assert reconcile(resource(client, storage_policy="Mirrored"), check_mode=True).changes == []
    outcome = reconcile(resource(client, storage_policy="Plain"), check_mode=True)
    assert [(change.path, change.actual, change.effect) for change in outcome.changes] == [
        ("storage_policy", "Mirrored", "in_place")
    ]
    resource(client, storage_policy="Plain").update(HAVE, {"storage_policy": "Plain"})
    _method, spec = client.writes[0]
    assert [profile.profileId for profile in spec.vmProfile] == ["id of Plain"]
    assert [change.device.backing.fileName for change in spec.deviceChange] == ["[WorkloadDatastore] gw/gw.vmdk"]
    assert [change.profile[0].profileId for change in spec.deviceChange] == ["id of Plain"]


# vSphere tags


@pytest.fixture
def tagging(monkeypatch):
    """The tags of a vCenter as tests/unit/.../test_vsphere_tags.py has them."""
    known = Tagging({"Owner": ["team-a"]}, [("Owner", "team-a"), ("Tier", "gold")])
    monkeypatch.setattr(appliance.VsphereTags, "tagging", known)
    return known


def test_a_tag_is_one_field_of_a_difference(tagging):
    outcome = reconcile(resource(tags={"Owner": "team-b"}), check_mode=True)
    assert [(change.path, change.desired, change.actual) for change in outcome.changes] == [
        ("tags.Owner", "team-b", "team-a")
    ]
    assert tagging.writes == []


def test_an_existing_appliance_is_tagged_with_the_image_it_has_and_not_with_the_one_it_would_have(tagging, ova):
    asked = resource(ova=ova, image_tag_category="Image")
    want = asked.want(asked.observe())
    assert want["image"] != "image-1" and want["tags"]["Image"] == "sha256:image-1"


def test_tags_are_written_before_anything_that_may_end_in_a_restart(tagging):
    client = Vcenter(**machine(on=True))
    asked = resource(client, tags={"Owner": ""}, powered_on=False)
    tagging.detach = lambda tag_id, moid: client.writes.append(("detach", tag_id))
    asked.update(asked.observe(), {"tags": {"Tier": "gold"}, "powered_on": False})
    assert client.methods == ["detach", "PowerOffVM_Task"]


@pytest.mark.parametrize("options", [{}, {"tags": {"Owner": "a"}, "state": "absent"}])
def test_tags_are_not_asked_for_when_they_do_not_matter(tagging, options):
    tagging.attached = None
    assert "tags" not in resource(**options).observe()


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


# Room (SAFETY 8)


def filled(used, kind="vsan", **machine):
    client = Vcenter(**machine)
    client.inventory[DATASTORE] = {
        "name": "WorkloadDatastore",
        "summary": summary("WorkloadDatastore", used=used, kind=kind),
    }
    return client


@pytest.mark.parametrize(
    ("used", "kind", "refused"), [(68, "vsan", False), (69, "vsan", True), (67, "NFS", False), (68, "NFS", True)]
)
def test_a_deployment_that_would_fill_the_datastore_is_refused_before_anything_is_written(large, used, kind, refused):
    """vSAN keeps two copies of 8 GiB and makes swap files thin; elsewhere 16 GiB of swap stand beside it."""
    client = filled(used, kind)
    asked = resource(client, ova=large, networks={"*": "backup"})
    if not refused:
        assert asked.want(None)["complete"]
        return
    for check_mode in (True, False):
        with pytest.raises(Invalid, match="WorkloadDatastore is .* beyond 70 %") as caught:
            reconcile(asked, check_mode=check_mode)
        assert caught.value.option == "max_datastore_usage"
    assert client.writes == []
    assert resource(client, ova=large, networks={"*": "backup"}, max_datastore_usage=80).want(None)["complete"]


def test_what_broke_off_makes_room_for_the_next_attempt(large):
    client = filled(
        69,
        **machine(
            complete="false",
            **{"config.hardware.device": [disk("[WorkloadDatastore] gw/gw.vmdk", gibibytes=8), adapter()]},
        ),
    )
    asked = resource(client, ova=large, networks={"*": "backup"})
    assert asked.want(asked.observe())["complete"]
    client = filled(
        69,
        **machine(
            complete="false", **{"config.hardware.device": [disk("[Elsewhere] gw/gw.vmdk", gibibytes=8), adapter()]}
        ),
    )
    asked = resource(client, ova=large, networks={"*": "backup"})
    with pytest.raises(Invalid, match="beyond 70"):
        asked.want(asked.observe())


def test_an_appliance_that_is_there_needs_no_room():
    assert reconcile(resource(filled(99, **machine()))).changes == []


# Whose it is


ARN = "arn:aws:backup-gateway:eu-west-1:123456789012:gateway/bgw-1"


def test_an_appliance_that_is_a_gateway_is_neither_removed_nor_powered_off():
    have = {**HAVE, "powered_on": True, "gateway_arn": ARN}
    assert ARN in resource().held(have)
    with pytest.raises(Foreign, match="bgw-1"):
        resource(powered_on=False).update(have, {"powered_on": False})
    assert resource(gateway_arn="").held(have) is None


@pytest.mark.parametrize(
    ("made_as", "effects"), [("uuid-1", []), ("uuid-2", [("instance_uuid", "replace")]), (None, [])]
)
def test_a_clone_with_all_the_marks_is_never_in_sync(made_as, effects):
    marked = machine()
    marked["config.extraConfig"].append(option("vmc-aws-backup.instance-uuid", made_as or ""))
    if made_as is None:
        marked["config.extraConfig"].pop()
    for check_mode in (True, False):
        changes = reconcile(resource(Vcenter(**marked)), check_mode=check_mode, on_immutable="report").changes
        assert [(change.path, change.effect) for change in changes] == effects


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


# Found by the entry of the plan that it carries (SAFETY 24)


SECOND = vim.VirtualMachine("vm-2", None)
ELSEWHERE = vim.Folder("folder-elsewhere", None)
ASKED = {"name": "a-c-1", "entry": "a-c-1", "site_id": "a"}


def carrying(*, entry=None, site=None, made_as=None, **more):
    """A machine of ours with these marks."""
    found = machine(**more)
    marks = {"entry": entry, "site": site, "instance-uuid": made_as}
    found["config.extraConfig"] += [option(f"vmc-aws-backup.{key}", text) for key, text in marks.items() if text]
    return found


def vcenter(*machines):
    """A vCenter in which each of these machines lies where its folder and name say."""
    client = Vcenter()
    client.inventory[ELSEWHERE] = {"name": "Elsewhere", "parent": VMS}
    for item, own in zip((MACHINE, SECOND), machines):
        client.inventory[item] = own
        folder = client.inventory[own["parent"]]["name"]
        client.paths[f"/SDDC-Datacenter/vm/{folder}/{own['name']}"] = item
    return client


def located(*machines, **given):
    have = resource(vcenter(*machines), **{**ASKED, **given}).observe()
    return have and have["moid"]


MOVED = {"name": "renamed", "parent": ELSEWHERE}


@pytest.mark.parametrize("place", [{"name": "renamed"}, {"name": "a-c-1", "parent": ELSEWHERE}, MOVED])
def test_an_appliance_is_the_same_after_it_was_renamed_or_moved_and_is_put_back_by_nobody(place):
    client = vcenter(carrying(entry="a-c-1", site="a", **place))
    outcome = reconcile(resource(client, **ASKED))
    assert (outcome.changes, outcome.changed, client.writes) == ([], False, [])
    assert outcome.after["moid"] == "vm-1"


def test_what_carries_the_entry_goes_before_what_has_the_name():
    named = carrying(name="a-c-1", site="a", **{"config.instanceUuid": "uuid-2"})
    assert located(carrying(entry="a-c-1", site="a", **MOVED), named) == "vm-1"
    assert located(named, carrying(entry="a-c-1", site="a", **MOVED)) == "vm-2"


def test_without_marks_it_is_found_by_its_place_and_marked_in_place():
    client = vcenter(carrying(name="a-c-1"))
    asked = resource(client, **ASKED)
    outcome = reconcile(asked, check_mode=True)
    assert [(change.path, change.desired, change.effect) for change in outcome.changes] == [
        ("entry", "a-c-1", "in_place"),
        ("site_id", "a", "in_place"),
    ]
    asked.update(asked.observe(), {"entry": "a-c-1", "site_id": "a"})
    ((_method, spec),) = client.writes
    assert {entry.key: entry.value for entry in spec.extraConfig} == {
        "vmc-aws-backup.entry": "a-c-1",
        "vmc-aws-backup.site": "a",
    }


def test_two_that_carry_one_entry_are_ambiguous_and_both_are_named():
    twin = carrying(entry="a-c-1", name="y", **{"config.instanceUuid": "uuid-2"})
    with pytest.raises(Ambiguous, match=r"a-c-1.*x \(vm-1\), y \(vm-2\)"):
        located(carrying(entry="a-c-1", name="x"), twin)
    assert located(carrying(entry="a-c-1", name="x"), twin, entry=None) is None


@pytest.mark.parametrize(
    ("marks", "says"),
    [
        ({"site": "b"}, "an appliance of another site, b, and this one is a. It stays as it is"),
        ({"site": "b", "entry": "a-c-1"}, "an appliance of another site, b"),
        ({"entry": "a-c-2"}, "that of a-c-2 in the plan, not of a-c-1. It stays as it is"),
        ({"entry": "a-c-2", "site": "a"}, "that of a-c-2 in the plan"),
    ],
)
@pytest.mark.parametrize("state", ["present", "absent"])
def test_what_is_another_s_is_refused_whatever_it_is_called(marks, says, state):
    client = vcenter(carrying(name="a-c-1", **marks))
    with pytest.raises(Foreign, match=f"a-c-1 in folder Workloads is {says}"):
        reconcile(resource(client, **ASKED, state=state), state=state)
    assert client.writes == []


def test_another_site_s_of_the_same_entry_elsewhere_is_none_of_this_one_s():
    assert located(carrying(entry="a-c-1", site="b", **MOVED)) is None


# Copies: never chosen, nothing written, held


UUID_OF_COPY = {"config.instanceUuid": "uuid-9"}


def copy_of(**place):
    """A machine with all the marks of uuid-1, which it is not."""
    return carrying(entry="a-c-1", site="a", made_as="uuid-1", **{**UUID_OF_COPY, **place})


@pytest.mark.parametrize(
    ("place", "original"),
    [
        (MOVED, {"name": "a-c-1"}),
        ({"name": "a-c-1"}, MOVED),
        ({"name": "a-c-1", "parent": ELSEWHERE}, {"name": "a-c-1"}),
    ],
)
def test_a_copy_is_never_chosen_for_the_appliance_itself(place, original):
    real = carrying(entry="a-c-1", site="a", made_as="uuid-1", **original)
    assert located(copy_of(**place), real) == "vm-2"
    assert located(real, copy_of(**place)) == "vm-1"


def test_a_copy_elsewhere_is_not_the_appliance_even_when_that_is_gone():
    assert located(copy_of(**MOVED)) is None


@pytest.mark.parametrize(
    "given", [{"powered_on": True}, {"powered_on": False}, {"num_cpus": 8}, {"annotation": "x"}, {"gateway_arn": ""}]
)
@pytest.mark.parametrize("on", [True, False])
def test_nothing_of_a_copy_is_changed_and_it_is_reported_as_another_machine(given, on):
    client = vcenter(copy_of(name="a-c-1", on=on))
    asked = resource(client, **ASKED, **given, allow_restart=True)
    outcome = reconcile(asked)
    assert [(change.path, change.desired, change.actual, change.effect) for change in outcome.changes] == [
        ("instance_uuid", "uuid-1", "uuid-9", "replace")
    ]
    assert (outcome.changed, client.writes) == (False, [])


@pytest.mark.parametrize("original", [True, False])
@pytest.mark.parametrize("given", [ASKED, {"name": "a-c-1"}])
@pytest.mark.parametrize("check_mode", [True, False])
def test_a_copy_is_never_removed(check_mode, given, original):
    client = vcenter(copy_of(name="a-c-1"), *([machine(name="the-original")] if original else []))
    asked = resource(client, **given, state="absent", gateway_arn="")
    with pytest.raises(
        Foreign, match="must not be removed: it is a copy of an appliance, and not the appliance itself"
    ):
        reconcile(asked, state="absent", check_mode=check_mode)
    assert client.writes == []


def test_a_copy_says_of_which_machine_it_is_where_that_is_known():
    have = {**HAVE, "deployed_instance_uuid": "uuid-0", "copy_of": "the-original"}
    assert resource().held(have) == "it is a copy of the-original, and not the appliance itself"


def test_the_list_says_of_which_machine_a_copy_is():
    client = vcenter(copy_of(name="a-c-1"), machine(name="the-original"))
    shown = {have["name"]: have["copy_of"] for have in map(appliance.view, appliance.find(client))}
    assert shown == {"a-c-1": "the-original", "the-original": ""}
    assert [raw.own["name"] for raw in appliance.find(client, ["a-c-1"])] == ["a-c-1"]


def test_the_list_is_narrowed_by_name_or_by_entry():
    client = vcenter(carrying(entry="a-c-1", name="renamed"), carrying(name="other", **UUID_OF_COPY))
    for name in ("renamed", "a-c-1"):
        assert [raw.own["name"] for raw in appliance.find(client, [name])] == ["renamed"]


# Predicted


def test_what_a_preview_would_deploy_is_built_upon():
    predicted = {"name": "a-c-1", "folder": "Workloads", "entry": "a-c-1", "site_id": "a", "datacenter": "D"}
    asked = resource(Vcenter(), **ASKED, powered_on=True, gateway_arn="to-come")
    outcome = reconcile(asked, check_mode=True, predicted=predicted)
    assert [(change.path, str(change.desired), change.actual, change.effect) for change in outcome.changes] == [
        ("powered_on", "True", False, "in_place"),
        ("gateway_arn", "to-come", "", "in_place"),
    ]
    with pytest.raises(Invalid, match="ova"):
        reconcile(resource(Vcenter(), **ASKED, powered_on=True), predicted=predicted)


def test_an_appliance_with_addresses_of_bridges_only_is_waited_for_and_dhcp_is_not_blamed():
    have = {**HAVE, "powered_on": True, "guest_ip_addresses": ["172.17.0.1", "fe80::1"]}
    said = "its network adapter has no IPv4 address yet, only others: 172.17.0.1, fe80::1"
    assert resource().ready(have) == said
