# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import datetime

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import (
    Ambiguous,
    ApiError,
    Conflict,
    Denied,
    Error,
    Invalid,
    Lost,
    Missing,
    TimedOut,
)
from ansible_collections.vmc.aws_backup.plugins.module_utils.resources.backup_job import REQUEST_KEY, BackupJob, Stop
from ansible_collections.vmc.aws_backup.plugins.modules import backup_job

from .aws_api import NOW, Api, params

VM = "arn:aws:backup-gateway:eu-west-1:123456789012:vm/vm-1"
ROLE = "arn:aws:iam::123456789012:role/AWSBackup-vmc-jobs"
VAULT = {"BackupVaultName": "v1", "BackupVaultArn": "arn:aws:backup:eu-west-1:123456789012:backup-vault:v1"}
ASKED = {
    "resource_arn": VM,
    "backup_vault_name": "v1",
    "iam_role_arn": ROLE,
    "lifecycle": {"delete_after_days": 14, "move_to_cold_storage_after_days": None},
}


class Backup(Api):
    """Jobs that there are, and what becomes of the one that is started."""

    def __init__(self, *jobs, states=("RUNNING", "COMPLETED"), started=None, tags=None, vault=None, **ended):
        self.jobs = list(jobs)
        self.states = list(states)
        self.ended = ended
        super().__init__(
            list_backup_vaults={"BackupVaultList": [vault or VAULT]},
            list_backup_jobs=lambda **_filters: {"BackupJobs": self.jobs},
            describe_backup_job=self.described,
            start_backup_job=started or (lambda **_request: {"BackupJobId": "new"}),
            list_tags=lambda ResourceArn: {"Tags": (tags or {}).get(ResourceArn, {})},
        )

    def call(self, operation, *, once=False, **more):
        if operation == "start_backup_job":
            assert once, "a start that is sent twice may be two jobs"
        return super().call(operation, once=once, **more)

    def described(self, BackupJobId):
        state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        point = {"RecoveryPointArn": f"point of {BackupJobId}"} if state == "COMPLETED" else {}
        return {"BackupJobId": BackupJobId, "State": state, **point, **(self.ended if state != "RUNNING" else {})}


def job(identifier, state="RUNNING", **more):
    point = {"RecoveryPointArn": f"point of {identifier}"} if state == "COMPLETED" else {}
    return {"BackupJobId": identifier, "State": state, "CreationDate": NOW, "IamRoleArn": ROLE, **point, **more}


def action(backup, gateways=None, **given):
    return BackupJob(backup, gateways or Api(), params(backup_job, **{**ASKED, **given}))


def run(one, timeout=5):
    """As the runner does: what there was before, and the view of the end."""
    found = one.find()
    ended = one.done(found or one.start(), timeout)
    return found, one.view(ended)


def started(backup):
    return [request for operation, request in backup.writes if operation == "start_backup_job"]


def test_a_backup_is_started_once_and_waited_for():
    backup = Backup()
    found, seen = run(action(backup, request_id="CHG1", recovery_point_tags={"a": "b"}))
    assert (found, seen["job"]["job_id"], seen["job"]["state"], seen["warnings"]) == (None, "new", "COMPLETED", [])
    (request,) = started(backup)
    assert request["Lifecycle"] == {"DeleteAfterDays": 14}
    assert request["RecoveryPointTags"] == {"a": "b", "managed-by": "vmc-aws-backup", REQUEST_KEY: "CHG1"}
    again = Backup()
    run(action(again, request_id="CHG1"))
    other = Backup()
    run(action(other, request_id="CHG2"))
    tokens = [started(each)[0]["IdempotencyToken"] for each in (backup, again, other)]
    assert tokens[0] == tokens[1] != tokens[2]


def test_without_a_request_each_run_is_one_of_its_own():
    first, second = Backup(job("old", "COMPLETED")), Backup(job("old"))
    run(action(first))
    run(action(second))
    assert started(first)[0]["IdempotencyToken"] != started(second)[0]["IdempotencyToken"]


def test_the_job_of_a_request_is_known_by_its_point():
    backup = Backup(
        job("other", "COMPLETED"),
        job("mine", "COMPLETED"),
        states=["COMPLETED"],
        tags={"point of mine": {REQUEST_KEY: "CHG1"}, "point of other": {REQUEST_KEY: "CHG0"}},
    )
    found, seen = run(action(backup, request_id="CHG1"))
    assert (found["BackupJobId"], seen["job"]["job_id"], started(backup)) == ("mine", "mine", [])


def test_a_job_that_runs_is_taken_up_and_told_by_its_point_at_its_end():
    tags = {"point of mine": {REQUEST_KEY: "CHG1"}}
    found, seen = run(action(Backup(job("mine"), tags=tags), request_id="CHG1"))
    assert (found["BackupJobId"], seen["warnings"]) == ("mine", [])
    backup = Backup(job("mine"), tags={})
    with pytest.raises(Error, match="started by somebody else") as failure:
        run(action(backup, request_id="CHG1"))
    assert (failure.value.wrote, started(backup)) == (False, [])


def test_one_that_nobody_waits_for_is_told_with_a_doubt():
    _found, seen = run(action(Backup(job("mine"), states=["RUNNING"]), request_id="CHG1", wait=False))
    assert "can be told by the tags" in seen["warnings"][0]


def test_of_several_that_run_none_is_taken_and_none_started():
    backup = Backup(job("one"), job("two"))
    with pytest.raises(Error, match="one, two"):
        run(action(backup, request_id="CHG1"))
    assert started(backup) == []


@pytest.mark.parametrize(
    "other", [{"CreatedBy": {"BackupPlanId": "p"}}, {"IamRoleArn": "arn:aws:iam::1:role/other"}, {"State": "FAILED"}]
)
def test_jobs_of_plans_and_of_other_roles_and_failed_ones_are_nobodys(other):
    backup = Backup({**job("other"), **other})
    run(action(backup, request_id="CHG1"))
    assert len(started(backup)) == 1


def lost(backup, *jobs):
    """The answer to the start is lost, and these jobs are there then."""

    def start(**_request):
        backup.jobs += jobs
        raise Lost("no answer")

    return start


def test_after_a_lost_answer_the_one_new_job_is_it():
    backup = Backup(job("old", "FAILED"), tags={"point of new": {REQUEST_KEY: "CHG1"}})
    backup.answers["start_backup_job"] = lost(backup, job("new"))
    _found, seen = run(action(backup, request_id="CHG1"))
    assert (seen["job"]["job_id"], len(started(backup))) == ("new", 1)


@pytest.mark.parametrize(
    ("jobs", "told"),
    [
        ([], "none"),
        ([job("a"), job("b")], "a, b"),
        ([job("early", CreationDate=NOW - datetime.timedelta(hours=1))], "none"),
    ],
)
def test_none_or_several_after_a_lost_answer_are_unknown_and_nothing_is_started_again(jobs, told):
    backup = Backup()
    backup.answers["start_backup_job"] = lost(backup, *jobs)
    with pytest.raises(Error, match=f"is not known: .* may be: {told}.* request_id CHG1") as failure:
        run(action(backup, request_id="CHG1"))
    assert failure.value.wrote is True
    assert len(started(backup)) == 1


def test_a_job_of_somebody_else_after_a_lost_answer_is_not_taken_for_ours():
    backup = Backup(tags={"point of new": {REQUEST_KEY: "theirs"}})
    backup.answers["start_backup_job"] = lost(backup, job("new"))
    with pytest.raises(Error, match="somebody else"):
        run(action(backup, request_id="CHG1"))


@pytest.mark.parametrize("refusal", [Conflict("busy", busy=True), ApiError(f"{ROLE} cannot be assumed")])
def test_a_refusal_that_may_be_over_soon_is_tried_again(refusal):
    answers = iter([refusal])

    def start(**_request):
        found = next(answers, None)
        if found:
            raise found
        return {"BackupJobId": "new"}

    assert run(action(Backup(started=start)))[1]["job"]["job_id"] == "new"


@pytest.mark.parametrize("refusal", [Denied(f"may not pass {ROLE}"), ApiError("no such resource")])
def test_another_refusal_is_final(refusal):
    backup = Backup(started=refusal)
    with pytest.raises(ApiError):
        run(action(backup))
    assert len(started(backup)) == 1


@pytest.mark.parametrize("state", ["FAILED", "ABORTED", "EXPIRED", "PARTIAL"])
def test_a_backup_that_does_not_complete_fails_with_the_reason(state):
    backup = Backup(states=["RUNNING", state], StatusMessage="No gateways available", MessageCategory="FAILURE")
    with pytest.raises(Error, match=rf"new has ended as {state}: No gateways available \(FAILURE\)") as failure:
        run(action(backup))
    assert failure.value.wrote is True


@pytest.mark.parametrize(
    ("ended", "warned"),
    [
        ({"MessageCategory": "SUCCESS"}, False),
        ({}, False),
        ({"StatusMessage": "CBT not available", "MessageCategory": "SUCCESS"}, True),
        ({"MessageCategory": "ISSUES"}, True),
    ],
)
def test_issues_are_a_warning(ended, warned):
    _found, seen = run(action(Backup(**ended)))
    assert bool(seen["warnings"]) == warned


def test_a_wait_that_is_over_leaves_the_job_running():
    with pytest.raises(TimedOut, match="the backup job new, which goes on, .*it is RUNNING") as late:
        run(action(Backup(states=["RUNNING"])), timeout=0)
    assert late.value.wrote is True


def test_it_tells_how_far_it_is():
    told = []
    backup = Backup()
    backup.described = backup.answers["describe_backup_job"]
    backup.answers["describe_backup_job"] = lambda BackupJobId: {
        **backup.described(BackupJobId),
        "BackupSizeInBytes": 10,
        "BytesTransferred": 4,
    }
    one = BackupJob(backup, Api(), params(backup_job, **ASKED), lambda name, sent, total: told.append((sent, total)))
    run(one)
    assert told == [(4, 10), (4, 10)]


@pytest.mark.parametrize(
    ("given", "option"),
    [
        ({"lifecycle": None}, "lifecycle.delete_after_days"),
        (
            {"lifecycle": {"delete_after_days": 60, "move_to_cold_storage_after_days": 30}},
            "lifecycle.delete_after_days",
        ),
        ({"iam_role_arn": "arn:aws:iam::123456789012:role/jobs"}, "iam_role_arn"),
        ({"iam_role_arn": "arn:aws:iam::123456789012:role/AWSBackup/jobs"}, "iam_role_arn"),
        ({"iam_role_arn": "AWSBackup-jobs"}, "iam_role_arn"),
        ({"resource_arn": None}, "resource_arn"),
        ({"resource_arn": "web-1"}, "resource_arn"),
        ({"backup_options": {"WindowsVSS": "enabled"}}, "backup_options"),
        ({"start_window_minutes": 59}, "start_window_minutes"),
        ({"start_window_minutes": 120, "complete_window_minutes": 60}, "complete_window_minutes"),
        ({"recovery_point_tags": {REQUEST_KEY: "x"}}, "recovery_point_tags"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_asked(given, option):
    backup = Backup()
    with pytest.raises(Invalid) as refused:
        action(backup, **given)
    assert (refused.value.option, backup.calls) == (option, [])


def test_roles_of_aws_itself_and_below_a_path_pass():
    for name in ("service-role/AWSBackupDefaultServiceRole", "team/my-AwsBackup-jobs"):
        action(Backup(), iam_role_arn=f"arn:aws-us-gov:iam::123456789012:role/{name}")


def test_a_retention_that_the_lock_refuses_is_refused_before_the_start():
    backup = Backup(vault={**VAULT, "Locked": True, "MinRetentionDays": 30})
    with pytest.raises(Invalid, match="30 days at least"):
        run(action(backup))
    assert started(backup) == []


def test_an_air_gapped_vault_is_the_one_whose_lock_counts():
    backup = Backup(vault={**VAULT, "Locked": True, "MaxRetentionDays": 7})
    arn = VAULT["BackupVaultArn"]
    with pytest.raises(Invalid, match="allows 7 days"):
        run(action(backup, backup_vault_name="other", logically_air_gapped_backup_vault_arn=arn))


def test_what_is_not_there_yet_is_predicted_with_and_never_started():
    backup = Backup()
    one = action(backup, backup_vault_name="to come")
    assert one.find() is None
    with pytest.raises(Missing, match="backup vault to come"):
        one.start()
    assert started(backup) == []


@pytest.mark.parametrize(("jobs", "starts"), [([], 1), ([job("mine", "COMPLETED")], 0)])
def test_a_vault_that_is_not_listed_yet_is_waited_for_and_looked_into(jobs, starts):
    backup = Backup(*jobs, states=["COMPLETED"], tags={"point of mine": {REQUEST_KEY: "CHG1"}})
    listed = iter([[], [], [VAULT]])
    backup.answers["list_backup_vaults"] = lambda: {"BackupVaultList": next(listed)}
    run(action(backup, request_id="CHG1"))
    assert len(started(backup)) == starts


MACHINES = {
    "VirtualMachines": [
        {"ResourceArn": f"{VM}1", "Name": "web-1", "Path": "/dc/vm/a"},
        {"ResourceArn": f"{VM}2", "Name": "db", "Path": "/dc/vm/a"},
        {"ResourceArn": f"{VM}3", "Name": "db", "Path": "/dc/vm/b/db"},
    ]
}


def by_name(reference):
    gateways = Api(
        list_hypervisors={"Hypervisors": [{"HypervisorArn": "h-1", "Name": "sddc-1"}]}, list_virtual_machines=MACHINES
    )
    backup = Backup()
    run(action(backup, gateways, resource_arn=None, hypervisor="sddc-1", virtual_machine=reference))
    return started(backup)[0]["ResourceArn"]


@pytest.mark.parametrize(
    ("reference", "found"),
    [("web-1", "1"), ("/dc/vm/a/db", "2"), ("/dc/vm/b/db", "3"), (f"{VM}3", "3")],
)
def test_a_machine_is_meant_by_name_path_or_arn(reference, found):
    assert by_name(reference) == f"{VM}{found}"


def test_two_of_a_name_are_none():
    with pytest.raises(Ambiguous, match="virtual machine matches db"):
        by_name("db")
    with pytest.raises(Missing, match="web of the hypervisor sddc-1"):
        by_name("web")


# Stop


def stop(backup, **given):
    one = Stop(backup, params(backup_job, state="stopped", job_id="job-1", **given))
    found = one.find()
    return found, one.view(one.done(found or one.start(), 5))["job"]["state"]


def test_a_job_that_runs_is_stopped_and_its_end_waited_for():
    backup = Backup(states=["RUNNING", "ABORTING", "ABORTED"])
    assert stop(backup) == (None, "ABORTED")
    assert backup.writes == [("stop_backup_job", {"BackupJobId": "job-1"})]


def test_one_that_has_ended_is_left():
    backup = Backup(states=["COMPLETED"])
    found, state = stop(backup)
    assert (found["BackupJobId"], state, backup.writes) == ("job-1", "COMPLETED", [])


def test_one_that_ends_meanwhile_is_no_failure():
    backup = Backup(states=["RUNNING", "COMPLETED"])
    backup.answers["stop_backup_job"] = ApiError("it has ended", code="InvalidRequestException")
    assert stop(backup)[1] == "COMPLETED"
    backup = Backup(states=["RUNNING"])
    backup.answers["stop_backup_job"] = ApiError("no", code="InvalidRequestException")
    with pytest.raises(ApiError, match="no"):
        stop(backup)


def test_one_that_is_not_there_is_missing():
    backup = Backup()
    backup.answers["describe_backup_job"] = ApiError("gone", code="ResourceNotFoundException")
    with pytest.raises(Missing, match="backup job job-1"):
        stop(backup)
