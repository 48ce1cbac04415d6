# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A backup is started once, whatever happens to the call that starts it, and what the world does to it is told."""

from __future__ import annotations

import json
import uuid

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils import wait
from lab import wire
from modules import Modules
from permissions import POLICIES

pytestmark = pytest.mark.xdist_group("jobs")
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "backup.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
HOURS = 5 * 3600


class Site:
    """A converged SDDC with a vault and a role for jobs."""

    def __init__(self, lab):
        self.lab, self.modules, self.backup = lab, Modules(lab), lab.aws("backup")
        self.backup.create_backup_vault(BackupVaultName="v1")
        made = lab.aws("iam").create_role(RoleName="AWSBackup-vmc-tests", AssumeRolePolicyDocument=json.dumps(TRUST))
        self.role = made["Role"]["Arn"]

    def run(self, **options):
        asked = {
            "hypervisor": "sddc-1",
            "virtual_machine": "workload-01",
            "backup_vault_name": "v1",
            "iam_role_arn": self.role,
            "keep_forever": True,
            "wait": False,
        }
        return self.modules.run("backup_job", **{**asked, **options})

    def jobs(self):
        return self.backup.list_backup_jobs()["BackupJobs"]

    def ended(self, job):
        self.lab.pass_time(HOURS)
        return self.backup.describe_backup_job(BackupJobId=job["job_id"])


@pytest.fixture(scope="module")
def converged(running_lab):
    running_lab.reset("converged")
    return Site(running_lab)


@pytest.fixture
def site(converged, monkeypatch):
    """As it is, with nothing running: what is not seen at once is not waited for half a minute."""
    monkeypatch.setattr(wait, "SEEN_WITHIN", 2)
    converged.lab.heal()
    converged.lab.pass_time(HOURS)
    yield converged
    converged.lab.detach()
    converged.lab.heal()


@pytest.mark.parametrize("token", ["same", "new"])
def test_a_request_is_one_job_however_often_it_is_run(site, token):
    site.lab.switch(job_token=token)
    request, before = str(uuid.uuid4()), len(site.jobs())
    first = site.run(request_id=request)
    again = site.run(request_id=request)
    assert (first["changed"], again["changed"]) == (True, False)
    assert site.ended(first["job"])["State"] == "COMPLETED"
    last = site.run(request_id=request, wait=True)
    assert (last["changed"], last["job"]["state"]) == (False, "COMPLETED")
    assert {each["job"]["job_id"] for each in (first, again, last)} == {first["job"]["job_id"]}
    assert len(site.jobs()) == before + 1
    tags = site.backup.list_tags(ResourceArn=last["job"]["recovery_point_arn"])["Tags"]
    assert tags == {"managed-by": "vmc-aws-backup", "vmc-aws-backup-request": request}


@pytest.mark.parametrize("kind", ["reset_after", "500", *[kind for kind in wire.SPOILED if kind != "drip"]])
def test_a_lost_answer_never_starts_a_second_one(site, kind):
    before, request = len(site.jobs()), str(uuid.uuid4())
    site.lab.fault(kind, service="backup", operation="StartBackupJob")
    result = site.run(request_id=request)
    assert "Traceback" not in site.modules.printed
    if kind == "500":  # the lab does not carry it out
        assert result["failed"] and "is not known" in result["msg"]
        assert len(site.jobs()) == before
        return
    assert not result.get("failed"), result["msg"]
    assert len(site.jobs()) == before + 1
    assert site.ended(result["job"])["State"] == "COMPLETED"
    assert site.run(request_id=request)["job"]["job_id"] == result["job"]["job_id"]


def test_a_call_that_never_arrived_is_unknown_and_can_be_run_again(site):
    request = str(uuid.uuid4())
    before = len(site.jobs())
    site.lab.fault("reset_before", service="backup", operation="StartBackupJob")
    lost = site.run(request_id=request)
    assert lost["failed"] and lost["changed"] and f"request_id {request}" in lost["msg"]
    assert len(site.jobs()) == before
    assert site.run(request_id=request)["changed"]
    assert len(site.jobs()) == before + 1


def test_a_throttled_start_is_tried_again(site):
    before = len(site.jobs())
    site.lab.fault("throttle", service="backup", operation="StartBackupJob")
    assert not site.run().get("failed")
    assert len(site.jobs()) == before + 1


def test_a_vault_and_a_list_that_lag_are_waited_for(site):
    site.lab.switch(lag=2)
    try:
        request = str(uuid.uuid4())
        first = site.run(request_id=request)
        assert not first.get("failed"), first["msg"]
    finally:
        site.lab.switch(lag=0)
    assert site.run(request_id=request)["job"]["job_id"] == first["job"]["job_id"]


def test_the_operator_s_policy_is_enough(site):
    site.lab.attach(POLICIES["backup-operator"])
    done = site.run(request_id=str(uuid.uuid4()), wait=True)
    assert done["job"]["state"] == "COMPLETED"
    assert site.run(request_id=done["request_id"], wait=True)["changed"] is False
    other = site.run()
    stopped = site.modules.done("backup_job", state="stopped", job_id=other["job"]["job_id"])
    assert (stopped["changed"], stopped["job"]["state"]) == (True, "ABORTED")


def test_issues_are_warned_of_and_what_cannot_be_protected_fails(site):
    site.lab.break_("lose_tracking", machine="workload-01")
    site.lab.break_("lose_quiescing", machine="workload-01")
    done = site.run(wait=True)
    assert done["job"]["state"] == "COMPLETED"
    assert "CBT not available" in str(done["warnings"]) and "crash-consistent" in str(done["warnings"])
    for machine, by in (("workload-02", "nvme"), ("workload-03", "independent")):
        site.lab.break_("make_unfit", machine=machine, by=by)
        failed = site.run(virtual_machine=machine, wait=True)
        assert failed["failed"] and "Failed to create backup during snapshot creation" in failed["msg"]


def test_a_firewall_that_is_closed_is_seen_in_the_job_only(site):
    site.lab.break_("disable_rule", rule="sddc-1-appliances-to-esxi")
    failed = site.run(wait=True)
    assert failed["failed"] and "Error opening disk" in failed["msg"]
