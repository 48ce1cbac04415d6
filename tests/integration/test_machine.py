# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The virtual machine of an appliance, on the lab's vCenter: what is refused before it is written, and what a change takes."""

from __future__ import annotations

import pytest
from lab import ova
from modules import Modules

NAME = "gw-1"


@pytest.fixture
def modules(lab):
    return Modules(lab)


def test_a_deployment_that_would_fill_the_datastore_is_refused_with_what_it_takes(lab, modules):
    """80 GiB are two copies on vSAN, 0.8 percent of the lab's 20 TiB."""
    lab.break_("fill_datastore", percent=69.5)
    for check_mode in (True, False):
        refused = modules.run("gateway_appliance", check_mode=check_mode, **modules.deployed())
        assert refused["failed"] and "with the 160 GiB of this deployment" in refused["msg"]
        assert "max_datastore_usage: WorkloadDatastore is 69.5 % full" in refused["msg"]
    assert lab.journal("write") == []
    # Erasure coding takes half as much again instead of a second copy.
    refused = modules.run("gateway_appliance", **modules.deployed(storage_policy="Erasure coding"))
    assert "with the 120 GiB of this deployment" in refused["msg"]
    assert modules.done("gateway_appliance", **modules.deployed(max_datastore_usage=71))["changed"]
    assert not modules.done("gateway_appliance", **modules.deployed())["changed"]


@pytest.fixture
def running(lab, modules):
    """An appliance that runs, of 4 CPUs; what the lab's journal holds so far is of no interest."""
    modules.done("gateway_appliance", **modules.deployed(powered_on=True))
    return modules


def written(lab, before):
    return [call["operation"] for call in lab.journal("write")[before:]]


def test_more_cpus_and_another_mac_address_take_a_restart_that_has_to_be_allowed(lab, running):
    before = len(lab.journal("write"))
    asked = {"name": NAME, "num_cpus": 8, "mac_address": "00:50:56:01:02:03"}
    for check_mode in (True, False):
        refused = running.run("gateway_appliance", check_mode=check_mode, **asked)
        assert refused["failed"] and "num_cpus can only change while the appliance is powered off" in refused["msg"]
        assert {(change["path"], change["effect"]) for change in refused["changes"]} == {
            ("num_cpus", "replace"),
            ("mac_address", "replace"),
        }
    assert written(lab, before) == []

    predicted = running.done("gateway_appliance", check_mode=True, allow_restart=True, **asked)
    applied = running.done("gateway_appliance", allow_restart=True, **asked)
    assert applied["changes"] == predicted["changes"]
    assert written(lab, before) == [
        "ReconfigVM_Task",
        "ShutdownGuest",
        "ReconfigVM_Task",
        "PowerOnVM_Task",
        "ReconfigVM_Task",
    ]
    found = applied["appliance"]
    assert (found["num_cpus"], found["mac_address"], found["powered_on"]) == (8, "00:50:56:01:02:03", True)
    assert not running.done("gateway_appliance", **asked)["changed"]


def test_an_appliance_with_a_customer_s_disk_is_neither_restarted_nor_powered_off(lab, running):
    lab.break_("hot_add_disk", machine="workload-03")
    before = len(lab.journal("write"))
    for asked in ({"num_cpus": 8, "allow_restart": True}, {"powered_on": False}, {"state": "absent"}):
        for check_mode in (True, False):
            refused = running.run("gateway_appliance", check_mode=check_mode, name=NAME, **asked)
            assert refused["failed"] and "workload-03" in refused["msg"]
    assert written(lab, before) == []
    lab.break_("detach_disks")
    assert running.done("gateway_appliance", name=NAME, num_cpus=8, allow_restart=True)["changed"]


def test_a_restored_copy_carries_the_marks_and_is_reported_all_the_same(lab, running):
    lab.break_("rebuild_appliance")
    seen = running.done("gateway_appliance", name=NAME)
    assert [(change["path"], change["effect"]) for change in seen["changes"]] == [("instance_uuid", "replace")]
    assert not seen["changed"]


@pytest.mark.parametrize("after", ["ShutdownGuest", "ReconfigVM_Task"])
def test_a_restart_that_breaks_off_is_finished_by_the_next_run(lab, running, after):
    """The call was answered, and nothing that came after it."""
    asked = {"name": NAME, "num_cpus": 8, "allow_restart": True}
    lab.fault(service="vcenter", operation=after, kind="reset_after", skip=int(after == "ReconfigVM_Task"))
    assert running.run("gateway_appliance", **asked)["failed"]
    assert not lab.sddcs()[0]["appliances"][0]["powered_on"]
    finished = running.done("gateway_appliance", name=NAME, num_cpus=8)["appliance"]
    assert (finished["powered_on"], finished["num_cpus"], finished["restarting"]) == (True, 8, False)


def test_the_properties_of_an_image_are_given_corrected_and_refused_and_passwords_are_seen_nowhere(
    lab, modules, tmp_path
):
    ova.write(tmp_path / "more.ova", mebibytes=1, properties=True)
    asked = modules.deployed(ova=str(tmp_path / "more.ova"), secret_properties={"admin.password": "secret-word"})
    for wrong, says in (
        ({"color": "x"}, "it has: admin.password, hostname, vendor"),
        ({"vendor": "x"}, "nobody set vendor"),
    ):
        refused = modules.run("gateway_appliance", **{**asked, "properties": wrong})
        assert refused["failed"] and says in refused["msg"]
    assert lab.journal("write") == []
    for wanted, before in (({"hostname": "gw-1"}, None), ({"hostname": "gw-2"}, "gw-1")):
        both = {**asked, "properties": wanted}
        predicted = modules.done("gateway_appliance", check_mode=True, **both)
        applied = modules.done("gateway_appliance", **both)
        assert applied["changes"] == predicted["changes"]
        assert applied["diff"]["after"] == predicted["diff"]["after"]
        assert applied["appliance"]["properties"] == {**wanted, "vendor": "AWS"}
        assert "secret-word" not in modules.printed
        if before:
            assert [(change["path"], change["actual"]) for change in applied["changes"]] == [
                ("properties.hostname", before)
            ]
        assert not modules.done("gateway_appliance", **both)["changed"]


def test_two_appliances_of_a_cluster_are_kept_apart_by_a_rule_or_by_a_person(lab, modules, tmp_path):
    """The tag of the role, in check mode, which needs nothing of what comes before it but the segment."""
    first = modules.variables["vmc_backup_appliances"][0]["addresses"][0]
    plan = [{"cluster": "Cluster-1", "addresses": [first, f"{first.rpartition('.')[0]}.61"]}]

    own = tmp_path / "own.yml"
    own.write_text("[{hosts: vmc_sddcs, gather_facts: false, roles: [vmc.aws_backup.appliance]}]")

    def play(*arguments, playbook="playbooks/site.yml", **extra):
        arguments = arguments if playbook == own else ("--tags", "appliance", *arguments)
        run = lab.play(playbook, *arguments, vmc_backup_appliances=plan, **extra)
        assert run.returncode == 0, run.output
        return " ".join(run.output.split())

    assert "give sddc-1-cluster-1-1, sddc-1-cluster-1-2 of Cluster-1 a common vSphere tag" in play("--check")
    lab.switch(drs_rules_allowed=True)
    at_home = {"vmc_backup_platform": "vsphere"}
    assert lab.journal("write") == []
    assert "You must do" not in play(**at_home)
    rule = modules.done("vsphere_anti_affinity_rule_info")["anti_affinity_rules"][0]
    assert (rule["name"], rule["enabled"]) == ("sddc-1-cluster-1-gateways", True)
    assert rule["virtual_machines"] == ["sddc-1-cluster-1-1", "sddc-1-cluster-1-2"]
    before = len(lab.journal("write"))
    play(**at_home)
    assert written(lab, before) == []
    play(playbook=own, appliance_state="absent", **at_home)
    assert modules.done("vsphere_anti_affinity_rule_info")["anti_affinity_rules"] == []


def test_things_of_one_name_are_told_apart_and_have_any_name(lab, modules):
    lab.break_("name_alike")
    asked = {"resource_pool": "さらに/Compute-ResourcePool", "folder": "バックアップ/ゲートウェイ"}
    pool = {"resource_pool": "Compute-ResourcePool", "networks": {"*": "スイッチ/backup"}}
    for option, given in (("networks", asked), ("resource_pool", pool)):
        refused = modules.run("gateway_appliance", check_mode=True, **modules.deployed(**given))
        assert refused["failed"] and f"More than one {option} matches" in refused["msg"], option
    assert lab.journal("write") == []

    network = {"networks": {"*": "スイッチ/backup"}}
    modules.done("gateway_appliance", **modules.deployed(**asked, **network))
    seen = modules.done("gateway_appliance", **modules.deployed(**asked, **network))
    assert not seen["changed"]
    found = seen["appliance"]
    assert (found["resource_pool"], found["networks"]) == ("Compute-ResourcePool", {"eth0": "backup"})
    assert found["folder"] == "バックアップ/ゲートウェイ"

    by_path = {
        "cluster": "/SDDC-Datacenter/host/Cluster-1",
        "datacenter": "SDDC-Datacenter",
        "datastore": "datastore/WorkloadDatastore",
    }
    again = modules.done("gateway_appliance", **modules.deployed(**asked, **by_path, networks={"*": "スイッチ/backup"}))
    assert again["changes"] == []
    elsewhere = modules.run(
        "gateway_appliance",
        check_mode=True,
        **modules.deployed(**{**asked, "resource_pool": "Cluster-1/Resources/Compute-ResourcePool"}),
    )
    assert [(change["path"], change["effect"]) for change in elsewhere["changes"] if change["effect"] == "replace"] == [
        ("resource_pool", "replace")
    ]
    moved = modules.done("gateway_appliance", **modules.deployed(**asked, networks={"*": "バックアップ用ネットワーク"}))
    assert moved["appliance"]["networks"] == {"eth0": "バックアップ用ネットワーク"}
    assert modules.done("gateway_appliance", name="gw-1", folder="バックアップ/ゲートウェイ", state="absent")["changed"]
