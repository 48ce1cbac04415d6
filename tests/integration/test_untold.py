# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Wherever an empty answer would delete, close or open something, an answer that is not whole does not."""

from __future__ import annotations

import pytest
from lab import wire
from modules import Modules

pytestmark = [pytest.mark.proof, pytest.mark.xdist_group("untold")]

SITE, TEARDOWN = "playbooks/site.yml", "playbooks/teardown.yml"
CONFIRMED = {"vmc_backup_teardown_confirm": "sddc-1"}
ALWAYS = 99
KINDS = [kind for kind in wire.SPOILED if kind != "drip"]
BEFORE_DELETING = [
    ("backup-gateway", "ListGateways", 0),
    ("backup-gateway", "ListHypervisors", 0),
    ("backup-gateway", "ListVirtualMachines", 0),
    ("backup", "ListBackupJobs", 2),
]
TOLD = ("not whole", "jobs may run through it")
IMPATIENT = {"exchange_timeout": 5, "aws_config": {"retries": {"total_max_attempts": 2}}}


@pytest.fixture(scope="module")
def converged(running_lab):
    running_lab.reset()
    run = running_lab.play(SITE)
    assert run.returncode == 0, run.output
    return running_lab


@pytest.fixture
def lab(converged):
    yield converged
    converged.heal()
    converged.break_("end_jobs")
    converged.switch(empty_list_answer="list")


def written(lab, since) -> list[str]:
    return [f"{call['service']} {call['operation']}" for call in lab.journal("write")[since:]]


@pytest.mark.parametrize(
    ("module", "name"), [("backup_hypervisor", "sddc-1"), ("backup_gateway", "sddc-1-cluster-1-1")]
)
@pytest.mark.parametrize(("service", "operation", "skip"), BEFORE_DELETING)
def test_what_a_job_runs_through_is_not_deleted_for_an_answer_that_is_not_whole(
    lab, module, name, service, operation, skip
):
    lab.break_("running_job", machine="workload-02")
    modules, since = Modules(lab), len(lab.journal("write"))
    for kind in KINDS:
        lab.fault(kind, service=service, operation=operation, times=ALWAYS, skip=skip)
        result = modules.run(module, name=name, state="absent", **IMPATIENT)
        lab.heal()
        assert written(lab, since) == [], kind
        assert result.get("failed"), (kind, result)
        assert "Traceback" not in modules.printed
        assert any(words in result["msg"] for words in TOLD), (kind, result["msg"])


def test_a_byte_a_second_is_given_up_and_deletes_nothing(lab):
    lab.break_("running_job", machine="workload-02")
    modules, since = Modules(lab), len(lab.journal("write"))
    lab.fault("drip", service="backup-gateway", operation="ListVirtualMachines", times=ALWAYS)
    result = modules.run("backup_hypervisor", name="sddc-1", state="absent", **IMPATIENT)
    assert "no whole answer within 5 seconds" in result["msg"]
    assert written(lab, since) == []


def test_a_teardown_whose_machines_are_cut_removes_nothing(lab):
    lab.break_("running_job", machine="workload-02")
    since = len(lab.journal("write"))
    lab.fault("cut_length", service="backup-gateway", operation="ListVirtualMachines", times=ALWAYS)
    run = lab.play(TEARDOWN, **CONFIRMED)
    assert run.returncode != 0
    assert "not whole" in run.output and "bytes" in run.output
    assert [call for call in written(lab, since) if not call.startswith("nsx DELETE")] == []


@pytest.mark.parametrize("kind", ["cut_length", "{}"])
def test_no_activation_port_is_opened_for_gateways_that_are_not_told(lab, kind):
    since = len(lab.journal("write"))
    lab.fault(kind, service="backup-gateway", operation="ListGateways", times=ALWAYS)
    run = lab.play(SITE, "--tags", "registration")
    assert run.returncode != 0
    assert "not whole" in run.output
    assert [call for call in written(lab, since) if "PUT" in call or "CreateGateway" in call] == []


def test_a_site_that_was_cut_once_is_as_it_was(lab):
    for operation in ("ListGateways", "ListHypervisors", "ListVirtualMachines", "GetGateway"):
        lab.fault("cut_close", service="backup-gateway", operation=operation)
    for service, operation in (("ec2", "DescribeVpcEndpoints"), ("sts", "GetCallerIdentity"), ("iam", "GetRole")):
        lab.fault("cut_length", service=service, operation=operation)
    lab.fault("html", service="vcenter", operation="RetrievePropertiesEx")
    lab.fault("{}", service="nsx", operation="GET /infra/domains/mgw/groups/{id}")
    run = lab.play(SITE)
    assert run.returncode == 0, run.output
    assert run.changed == 0
    assert lab.faults() == [0] * 9


def test_a_service_that_says_none_with_nothing_is_believed_where_it_is_named(lab):
    lab.switch(empty_list_answer="nothing")
    run = lab.play(TEARDOWN, **CONFIRMED)
    assert run.returncode != 0
    assert "vmc_backup_empty_answer_is_none" in run.output
    names = ["ListBackupJobs", "ListRestoreJobs", "ListGateways", "ListHypervisors", "ListVirtualMachines"]
    run = lab.play(TEARDOWN, vmc_backup_empty_answer_is_none=names, **CONFIRMED)
    assert run.returncode == 0, run.output


def test_a_site_is_made_beside_a_service_that_says_none_with_nothing(lab):
    lab.reset()
    lab.switch(empty_list_answer="nothing")
    run = lab.play(SITE)
    assert run.returncode == 0, run.output
