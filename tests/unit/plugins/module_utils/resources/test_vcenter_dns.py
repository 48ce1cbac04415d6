# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import socket

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils import wait
from ansible_collections.vmc.aws_backup.plugins.module_utils.engine.reconcile import reconcile
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import (
    ApiError,
    Conflict,
    Error,
    Incomplete,
    Invalid,
)
from ansible_collections.vmc.aws_backup.plugins.module_utils.resources.vcenter_dns import VcenterDns, find, view
from ansible_collections.vmc.aws_backup.plugins.modules import vmc_vcenter_dns

from .aws_api import params

SECRET = "pw-" + "a" * 17


class MemoryVmc:
    """One SDDC, whose tasks move on by being looked at."""

    def __init__(self, private=False):
        self.document = {
            "id": "s",
            "sddc_state": "READY",
            "resource_config": {
                "vc_url": "https://vcenter.example/",
                "vc_management_ip": "10.20.0.4",
                "vc_public_ip": "192.0.2.10",
                "dns_with_management_vm_private_ip": private,
                "cloud_password": SECRET,
            },
        }
        self.under_way = []
        self.writes = []
        self.lose_next_answer = False
        self.error = None
        self.looks = 2  # at a task until it ends

    def sddcs(self):
        return [self.document]

    def sddc(self, sddc_id):
        return self.document if sddc_id == "s" else None

    def resolve_vcenter(self, sddc_id, address):
        assert not [task for task in self.under_way if (task["resource_id"], task["status"]) == (sddc_id, "STARTED")]
        self.writes.append(address)
        task = self.start(address)
        if self.lose_next_answer:
            self.lose_next_answer = False
            raise Conflict("no answer")
        return dict(task)

    def start(self, address, sddc="s"):
        number = len(self.under_way) + 1
        task = {
            "id": f"t{number}",
            "task_type": "DNS",
            "status": "STARTED",
            "resource_id": sddc,
            "address": address,
            "left": self.looks,
        }
        self.under_way.append(task)
        return task

    def tasks(self):
        return [self.look(task) for task in self.under_way]

    def task(self, task_id):
        found = [task for task in self.under_way if task["id"] == task_id]
        return self.look(found[0]) if found else None

    def look(self, task):
        task["left"] -= 1
        if task["left"] <= 0 and task["status"] == "STARTED":
            task.update({"status": "FAILED", "error_message": self.error} if self.error else {"status": "FINISHED"})
            if not self.error and task["address"]:
                self.document["resource_config"]["dns_with_management_vm_private_ip"] = task["address"] == "private"
        return task


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    monkeypatch.setattr(wait.time, "sleep", lambda seconds: None)


def setting(vmc, address="private", **given):
    return VcenterDns(vmc, params(vmc_vcenter_dns, sddc_id="s", resolution_address=address, **given))


def test_the_name_is_switched_as_predicted_and_a_second_run_writes_nothing():
    vmc = MemoryVmc()
    predicted = reconcile(setting(vmc), check_mode=True)
    assert vmc.writes == []
    applied = reconcile(setting(vmc))
    assert predicted.changes == applied.changes
    assert [(change.desired, change.actual, change.effect) for change in applied.changes] == [
        ("private", "public", "in_place")
    ]
    assert (applied.after["resolution_address"], vmc.under_way[0]["status"]) == ("private", "FINISHED")
    assert not reconcile(setting(vmc)).changed
    assert vmc.writes == ["private"]


def test_it_can_be_switched_back():
    vmc = MemoryVmc(private=True)
    assert reconcile(setting(vmc, "public")).after["resolution_address"] == "public"


def test_the_task_of_a_killed_run_is_waited_for_and_not_repeated():
    vmc = MemoryVmc()
    vmc.start("private")
    assert reconcile(setting(vmc)).after["resolution_address"] == "private"
    assert vmc.writes == []


def test_another_task_of_the_sddc_is_waited_for_before_the_switch():
    vmc = MemoryVmc()
    vmc.start(None)
    reconcile(setting(vmc))
    assert vmc.writes == ["private"]


@pytest.mark.parametrize(("its", "written"), [("private", []), (None, ["private"])])
def test_a_task_that_another_run_begins_a_moment_before_is_waited_for(its, written):
    vmc = MemoryVmc()
    begin = vmc.resolve_vcenter

    def refused(sddc_id, address):
        vmc.resolve_vcenter = begin
        vmc.start(its)
        raise ApiError("SDDC has a task in progress.", attempted="write", service="vmc", code="400")

    vmc.resolve_vcenter = refused
    assert reconcile(setting(vmc)).after["resolution_address"] == "private"
    assert vmc.writes == written


def test_a_refusal_while_no_task_runs_is_told():
    vmc = MemoryVmc()

    def refused(sddc_id, address):
        raise ApiError("SDDC is gone.", attempted="write", service="vmc", code="400")

    vmc.resolve_vcenter = refused
    with pytest.raises(Error, match="SDDC is gone"):
        reconcile(setting(vmc))


def test_the_tasks_of_other_sddcs_are_nothing_to_wait_for():
    vmc = MemoryVmc()
    vmc.looks = 1
    vmc.start(None, sddc="another")["left"] = 1000
    reconcile(setting(vmc, wait_timeout=0))
    assert vmc.writes == ["private"]


def test_a_task_that_does_not_end_is_named_and_nothing_is_written():
    vmc = MemoryVmc()
    vmc.start(None)["left"] = 1000
    with pytest.raises(Incomplete, match="other tasks of the SDDC s after 0 seconds.*DNS t1 STARTED") as caught:
        reconcile(setting(vmc, wait_timeout=0))
    assert caught.value.remaining == ["resolution_address"]
    assert vmc.writes == []


def test_an_answer_that_is_lost_does_no_harm():
    vmc = MemoryVmc()
    vmc.lose_next_answer = True
    assert reconcile(setting(vmc)).after["resolution_address"] == "private"
    assert vmc.writes == ["private"]


def test_a_task_that_fails_says_why():
    vmc = MemoryVmc()
    vmc.error = "the record is locked"
    with pytest.raises(Incomplete, match="did not switch the address: DNS t1 FAILED .the record is locked."):
        reconcile(setting(vmc))


def test_a_document_that_comes_late_is_waited_for():
    class Late(MemoryVmc):
        reads = 0

        def sddc(self, sddc_id):
            found = super().sddc(sddc_id)
            done = any(task["status"] == "FINISHED" for task in self.under_way)
            self.reads += done
            config = {**found["resource_config"]}
            if self.reads < 6:
                config["dns_with_management_vm_private_ip"] = False
            return {**found, "resource_config": config}

    vmc = Late()
    assert reconcile(setting(vmc)).after["resolution_address"] == "private"
    assert vmc.writes == ["private"]


@pytest.mark.parametrize("check_mode", [True, False])
def test_nothing_is_switched_in_an_sddc_that_is_not_ready(check_mode):
    vmc = MemoryVmc()
    vmc.document["sddc_state"] = "DEPLOYING"
    with pytest.raises(Error, match="DEPLOYING"):
        reconcile(setting(vmc), check_mode=check_mode)
    assert not reconcile(setting(vmc, "public")).changed
    assert vmc.writes == []


def test_an_address_that_is_not_there_is_not_switched_to():
    vmc = MemoryVmc()
    vmc.document["resource_config"]["vc_management_ip"] = None
    with pytest.raises(Invalid, match="resolution_address"):
        reconcile(setting(vmc))
    assert vmc.writes == []


def test_the_sddc_is_named_and_known():
    with pytest.raises(Invalid, match="sddc_id: is needed"):
        VcenterDns(MemoryVmc(), {"sddc_id": None})
    with pytest.raises(Invalid, match="there is no SDDC x"):
        reconcile(VcenterDns(MemoryVmc(), {"sddc_id": "x"}))


def test_what_vmware_cloud_does_not_say_is_not_guessed():
    shown = view({"id": "s"})
    assert (shown["resolution_address"], shown["vcenter_hostname"]) == (None, None)


def test_no_password_is_shown():
    assert SECRET not in str(view(MemoryVmc().document))


def test_settings_are_found_for_one_sddc_or_for_all():
    assert [raw["id"] for raw in find(MemoryVmc())] == ["s"]
    assert [raw["id"] for raw in find(MemoryVmc(), sddc_id="s")] == ["s"]
    assert find(MemoryVmc(), sddc_id="x") == []


def test_a_switch_is_done_when_the_name_leads_there_from_here(monkeypatch):
    answers = [["192.0.2.10"], OSError("no such name"), ["10.20.0.4"]]

    def getaddrinfo(name, _port):
        assert name == "vcenter.example"
        answer = answers.pop(0)
        if isinstance(answer, OSError):
            raise answer
        return [(None, None, None, "", (address, 0)) for address in answer]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    vmc = MemoryVmc()
    asked = params(vmc_vcenter_dns, sddc_id="s", resolution_address="private", vcenter_hostname="vcenter.example")
    assert reconcile(VcenterDns(vmc, asked)).changed
    assert answers == []
    assert not reconcile(VcenterDns(vmc, asked)).changed, "what is as wanted is not looked up"
