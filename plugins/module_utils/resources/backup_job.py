# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An on-demand backup: started once for each request, found again after a crash, and waited for (SAFETY 36)."""

from __future__ import annotations

import datetime
import uuid

from .. import forms, lifecycle, wait
from ..clients import backup as api
from ..errors import ApiError, Conflict, Denied, Error, Invalid, Lost, Missing
from ..values import MARKS, OWNER_TAG, Unresolved, checked_tags, given, token, unresolved
from . import job
from .hypervisor import machine

REQUEST_KEY = f"{MARKS}-request"  # tag of the recovery point: what it was made for
GONE = ("ResourceNotFoundException",)
SLACK = datetime.timedelta(seconds=5)  # of the times that two servers of AWS tell
LEAST_WINDOW = 60  # minutes
LONGEST_PAUSE = 60  # seconds between two looks at a job of hours
UNSURE = "Whether it was started for this request can be told by the tags of its recovery point only, which is not there yet."


class BackupJob:
    """One backup of one machine into one vault."""

    def __init__(self, backup, gateways, params: dict, progress=lambda name, sent, total: None):
        self.backup = backup
        self.gateways = gateways
        self.params = params
        self.progress = progress
        self.request = params["request_id"] or str(uuid.uuid4())
        self.lifecycle = lifecycle.checked(params["lifecycle"], params["keep_forever"])
        self.known: set = set()  # jobs that were there before
        self.started = self.unsure = False
        _check(params)

    def find(self):
        """The job that an earlier run with this request has started."""
        return None if self._missing() else self._look()

    def _missing(self) -> list:
        self.resource = self._resource()
        air_gapped = self.params["logically_air_gapped_backup_vault_arn"]
        self.vault = api.vault(self.backup, air_gapped or self.params["backup_vault_name"])
        return unresolved([self.resource, self.vault])

    def _look(self):
        lifecycle.check_lock(self.vault, self.lifecycle)
        jobs = self._jobs()
        self.known = {each["BackupJobId"] for each in jobs}
        return self._of_this_request(jobs) if self.params["request_id"] else None

    def start(self):
        if unresolved([self.resource, self.vault]):
            # A vault that was just made may not be listed yet (law 14).
            missing = wait.seen(self._missing, lambda missing: not missing)
            if missing:
                raise Missing(missing)
            found = self._look()
            if found:
                return found
        self.before = self.backup.now() - SLACK
        answer = wait.seen(self._attempt, lambda answer: not isinstance(answer, ApiError))
        if isinstance(answer, ApiError):
            raise answer
        self.started = True
        return answer

    def _attempt(self):
        """A refusal that may be over soon started nothing; an answer that is lost may have."""
        request = {
            "BackupVaultName": self.params["backup_vault_name"],
            "ResourceArn": self.resource,
            "IamRoleArn": self.params["iam_role_arn"],
            "IdempotencyToken": token("backup", self.request, self.resource, self.vault["BackupVaultArn"]),
            "RecoveryPointTags": {
                **checked_tags(self.params["recovery_point_tags"] or {}, "recovery_point_tags"),
                **OWNER_TAG,
                REQUEST_KEY: self.request,
            },
            **({"Lifecycle": self.lifecycle} if self.lifecycle else {}),
            **{theirs: self.params[ours] for ours, theirs in OPTIONS.items() if self.params[ours] is not None},
        }
        try:
            return self.backup.call("start_backup_job", once=True, **request)
        except Lost as lost:
            return self._after_lost_answer(lost)
        except ApiError as refused:
            not_seen = self.params["iam_role_arn"] in refused.message and not isinstance(refused, Denied)
            if isinstance(refused, Conflict) or not_seen:
                return refused
            raise

    def _after_lost_answer(self, lost):
        """The one that has come to be since; where there is none or another one, nobody knows, and none is started again."""

        def new():
            fresh = [each for each in self._jobs() if each["BackupJobId"] not in self.known]
            return [each for each in fresh if each["CreationDate"] >= self.before]

        found = wait.seen(new, bool)
        if len(found) != 1:
            names = ", ".join(each["BackupJobId"] for each in found) or "none"
            unknown = Error(
                f"Whether a backup of {self.resource} was started is not known: {lost} Jobs that it may be: {names}. None is started again by "
                f"itself. Look at the jobs, then run again with request_id {self.request}, which takes up a job of its own."
            )
            unknown.wrote = True
            raise unknown
        self.unsure = True
        return found[0]

    def _jobs(self) -> list:
        """The backups on demand of this machine into this vault with this role."""
        asked = {"ByResourceArn": self.resource, "ByBackupVaultName": self.vault["BackupVaultName"]}
        return [
            each
            for each in self.backup.pages("list_backup_jobs", "BackupJobs", **asked)
            if not (each.get("CreatedBy") or {}).get("BackupPlanId")
            and each.get("IamRoleArn") in (None, self.params["iam_role_arn"])
        ]

    def _of_this_request(self, jobs):
        for each in jobs:
            if each.get("RecoveryPointArn") and self._is_marked(each["RecoveryPointArn"]):
                return each
        unfinished = [each for each in jobs if each["State"] in job.BACKUP]
        if len(unfinished) > 1:
            names = ", ".join(each["BackupJobId"] for each in unfinished)
            raise Error(
                f"Which of the jobs {names} was started for the request {self.request} is not known, and no other is started. Wait for their end."
            )
        self.unsure = bool(unfinished)
        return unfinished[0] if unfinished else None

    def _is_marked(self, point_arn) -> bool:
        answer = self.backup.call("list_tags", missing=GONE, ResourceArn=point_arn)
        return ((answer or {}).get("Tags") or {}).get(REQUEST_KEY) == self.request

    def done(self, found, timeout):
        ended = ended_job(self.backup, found["BackupJobId"], self.params["wait"], timeout, self.started, self._tell)
        if ended["State"] not in job.BACKUP:
            self._check_end(ended)
        return ended

    def _tell(self, raw):
        if raw.get("BackupSizeInBytes") and raw.get("BytesTransferred") is not None:
            self.progress("backup", raw["BytesTransferred"], raw["BackupSizeInBytes"])

    def _check_end(self, ended):
        if ended["State"] != "COMPLETED":
            failure = Error(f"The backup job {ended['BackupJobId']} has ended as {ended['State']}: {_said(ended)}")
        elif self.unsure and not self._is_marked(ended["RecoveryPointArn"]):
            failure = Error(
                f"The backup job {ended['BackupJobId']}, which was taken for that of the request {self.request}, was started by somebody else. "
                "Run again to start one."
            )
        else:
            self.unsure = False
            return
        failure.wrote = self.started
        raise failure

    def view(self, raw) -> dict:
        shown = job.view("backup", raw)
        warnings = [f"Backup job {shown['job_id']}: {UNSURE}"] if self.unsure else []
        issues = shown["state"] == "COMPLETED" and (
            shown["status_message"] or shown["message_category"] not in (None, "SUCCESS")
        )
        if issues:
            warnings.append(f"The backup job {shown['job_id']} has completed with issues: {_said(raw)}")
        return {"job": shown, "request_id": self.request, "warnings": warnings}

    def _resource(self):
        if self.params["resource_arn"]:
            return self.params["resource_arn"]
        return machine(self.gateways, self.params["hypervisor"], self.params["virtual_machine"])


class Stop:
    """The end of a job that has not come to its own."""

    def __init__(self, backup, params: dict):
        self.backup = backup
        self.params = params
        self.started = False

    def find(self):
        found = self.backup.call("describe_backup_job", missing=GONE, BackupJobId=self.params["job_id"])
        if found is None:
            raise Missing([Unresolved("backup job", self.params["job_id"])])
        return None if found["State"] in job.BACKUP else found

    def start(self):
        self.started = True
        try:
            self.backup.call("stop_backup_job", BackupJobId=self.params["job_id"])
        except ApiError as refused:
            # It has ended meanwhile.
            if refused.code != "InvalidRequestException" or self.find() is None:
                raise
        return {"BackupJobId": self.params["job_id"]}

    def done(self, found, timeout):
        return ended_job(self.backup, found["BackupJobId"], self.params["wait"], timeout, self.started)

    def view(self, raw) -> dict:
        return {"job": job.view("backup", raw)}


OPTIONS = {
    "logically_air_gapped_backup_vault_arn": "LogicallyAirGappedBackupVaultArn",
    "start_window_minutes": "StartWindowMinutes",
    "complete_window_minutes": "CompleteWindowMinutes",
    "backup_options": "BackupOptions",
}


def ended_job(backup, identifier, waits, timeout, started, tell=lambda raw: None) -> dict:
    """The job once it has ended, or as it is where nobody waits."""

    def look():
        return backup.call("describe_backup_job", missing=GONE, BackupJobId=identifier)

    def over(raw):
        if raw is None:
            return "it is not seen yet"
        tell(raw)
        return f"it is {raw['State']}, {raw.get('PercentDone') or 0} %" if raw["State"] in job.BACKUP else True

    try:
        if waits:
            what = f"the backup job {identifier}, which goes on,"
            return wait.until(look, over, timeout=timeout, longest=LONGEST_PAUSE, what=what)
        found = wait.seen(look, bool)
    except Error as failure:
        failure.wrote = failure.wrote or started
        raise
    return found or {"BackupJobId": identifier, "State": "CREATED"}


def _check(params):
    """What AWS would refuse or, worse, let fail hours later."""
    forms.checked("iam_role_arn", "backup_role_arn", params["iam_role_arn"])
    if not (params["resource_arn"] or params["virtual_machine"]):
        raise Invalid("resource_arn", "Give it, or hypervisor and virtual_machine.")
    if params["resource_arn"]:
        forms.checked("resource_arn", "resource_arn", params["resource_arn"])
    machine_meant = bool(params["virtual_machine"]) or ":vm/" in params["resource_arn"]
    if machine_meant and "WindowsVSS" in (params["backup_options"] or {}):
        raise Invalid(
            "backup_options", "WindowsVSS is for EC2 instances. Virtual machines are quiesced by VMware Tools."
        )
    start, complete = params["start_window_minutes"], params["complete_window_minutes"]
    if start is not None and start < LEAST_WINDOW:
        raise Invalid("start_window_minutes", f"{start} is less than {LEAST_WINDOW} minutes.")
    if complete is not None and complete < (start or LEAST_WINDOW):
        raise Invalid("complete_window_minutes", "It must not be shorter than the start window.")
    checked_tags(given(params, "recovery_point_tags").get("recovery_point_tags", {}), "recovery_point_tags")


def _said(raw) -> str:
    message = raw.get("StatusMessage") or "AWS Backup gives no reason"
    category = raw.get("MessageCategory")
    return f"{message}{f' ({category})' if category else ''}"
