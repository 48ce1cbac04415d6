# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The operations of AWS Backup on backup jobs, and how jobs go on."""

from __future__ import annotations

import collections
import datetime
import uuid
from dataclasses import dataclass, field

from moto.utilities.utils import get_partition

from . import zones
from .errors import AwsError
from .plans import OF_A_RULE, check_lifecycle
from .points import GIB, restore_metadata
from .workers import DENIED, NO_GATEWAY, NO_UPLOAD, WRONG, Fails, Runs, Waits, fits, role_problem, unfit

MACHINE = "VirtualMachine"
UNFINISHED = ("CREATED", "PENDING", "RUNNING", "ABORTING")
ABORTED = "Abort signal detected"
NOT_OPTED_IN = "The resource type VirtualMachine is not opted in to in this Region"
NO_VAULT = "Insufficient privileges to perform this action."
LOOKS = 4  # at a job that runs, until it has come to its end
MINUTE = datetime.timedelta(minutes=1)
WHATEVER = ("ANY", "AGGREGATE_ALL")
KEPT = datetime.timedelta(days=30)
FILTERS = {
    "ByState": "State",
    "ByResourceType": "ResourceType",
    "ByResourceArn": "ResourceArn",
    "ByBackupVaultName": "BackupVaultName",
    "ByAccountId": "AccountId",
    "ByParentJobId": "ParentJobId",
    "ByMessageCategory": "MessageCategory",
    "ByStatus": "Status",
    "ByDestinationVaultArn": "DestinationBackupVaultArn",
    "BySourceRecoveryPointArn": "SourceRecoveryPointArn",
}


@dataclass
class Job:
    """A backup job: what is told of it, and what becomes of it."""

    key: tuple  # account and Region
    document: dict
    start_by: datetime.datetime
    complete_by: datetime.datetime
    tags: dict = field(default_factory=dict)
    token: str = ""
    copies: list = field(default_factory=list)
    gateway_arn: str = ""
    duration: datetime.timedelta = MINUTE
    ends: datetime.datetime | None = None  # while it runs
    warning: str = ""
    endless: bool = False

    @property
    def state(self) -> str:
        return self.document["State"]

    @property
    def unfinished(self) -> bool:
        return self.state in UNFINISHED


class Jobs:
    """State is in ``self.places``, which the class that is made of this one brings."""

    # Asked for

    def StartBackupJob(self, request, params):
        place = self.place(request)
        vault = self.vault(request, params["BackupVaultName"])
        air_gapped = params.get("LogicallyAirGappedBackupVaultArn")
        if air_gapped:
            vault = self.vault(request, air_gapped.rpartition(":")[2])
        self._check_start(request, params)
        same = [job for job in place.jobs.values() if job.token and job.token == params.get("IdempotencyToken")]
        if same and self.world.switches["job_token"] == "same":
            return _started(same[0])
        job = self._new_job(
            self.key_of(request),
            vault.name,
            params["ResourceArn"],
            params["IamRoleArn"],
            params.get("StartWindowMinutes", OF_A_RULE["StartWindowMinutes"]),
            params.get("CompleteWindowMinutes", OF_A_RULE["CompletionWindowMinutes"]),
            params.get("Lifecycle"),
            self.world.utc(),
            tags=params.get("RecoveryPointTags") or {},
            token=params.get("IdempotencyToken") or "",
            options=params.get("BackupOptions"),
        )
        return _started(job)

    def _check_start(self, request, params):
        if params["ResourceArn"] not in self._resources(self.key_of(request)):
            raise AwsError("ResourceNotFoundException", f"Resource {params['ResourceArn']} does not exist.")
        if "WindowsVSS" in (params.get("BackupOptions") or {}) and ":vm/" in params["ResourceArn"]:
            raise AwsError("InvalidParameterValueException", "WindowsVSS is not an option of this resource type.")
        if params.get("StartWindowMinutes", 60) < 60:
            raise AwsError("InvalidParameterValueException", "Start window must be at least 60 minutes.")
        if params.get("CompleteWindowMinutes", 10**6) < params.get("StartWindowMinutes", 0):
            raise AwsError(
                "InvalidParameterValueException", "Completion window must not be shorter than the start window."
            )
        check_lifecycle(params.get("Lifecycle") or {})
        self.check_role(request, params["IamRoleArn"])

    def StopBackupJob(self, request, params):
        job = self._job(request, params["BackupJobId"])
        if not job.unfinished:
            raise AwsError("InvalidRequestException", f"Backup job cannot be stopped in {job.state} state.")
        if job.state == "RUNNING":
            job.document["State"], job.ends = "ABORTING", self.world.utc()
            self.later(job.ends, lambda moment: self._end(job, "ABORTED", moment, ABORTED))
        elif job.state != "ABORTING":
            self._end(job, "ABORTED", self.world.utc(), ABORTED)

    def DescribeBackupJob(self, request, params):
        job = self._job(request, params["BackupJobId"])
        shown = self._shown_job(job)
        if job.unfinished:
            self._hurry(job.key)
        return shown

    def ListBackupJobs(self, request, params):
        jobs = [self._shown_job(job) for job in self.kept(self.place(request).jobs)]
        page, token = self.page(chosen(jobs, params), params)
        return {"BackupJobs": page, "NextToken": token}

    def ListBackupJobSummaries(self, request, params):
        """How many jobs there were of each state and category, day by day for fourteen days."""
        days = {"ONE_DAY": 1, "SEVEN_DAYS": 7, "FOURTEEN_DAYS": 14}[params.get("AggregationPeriod", "ONE_DAY")]
        now, counted = self.world.utc(), collections.Counter()
        for job in self.kept(self.place(request).jobs):
            document, day = job.document, (now - job.document["CreationDate"]).days // days
            asked = {name: params.get(name, "AGGREGATE_ALL") for name in ("State", "MessageCategory", "ResourceType")}
            if day * days >= 14 or any(asked[name] not in (document.get(name), *WHATEVER) for name in asked):
                continue
            counted[(day, *(document.get(name) if asked[name] != "AGGREGATE_ALL" else None for name in asked))] += 1
        found = [
            {
                "Region": request.region,
                "AccountId": self.key_of(request)[0],
                "State": state,
                "MessageCategory": category,
                "ResourceType": kind,
                "Count": number,
                "StartTime": now - (day + 1) * days * 1440 * MINUTE,
                "EndTime": now - day * days * 1440 * MINUTE,
            }
            for (day, state, category, kind), number in counted.items()
        ]
        page, token = self.page(found, params)
        return {"BackupJobSummaries": page, "AggregationPeriod": params.get("AggregationPeriod"), "NextToken": token}

    def kept(self, jobs) -> list:
        """Those of the last 30 days (API reference of ListBackupJobs and ListCopyJobs)."""
        oldest = self.world.utc() - KEPT
        return [job for job in jobs.values() if job.document["CreationDate"] >= oldest]

    def _job(self, request, identifier) -> Job:
        job = self.place(request).jobs.get(identifier)
        if job is None:
            raise AwsError("ResourceNotFoundException", f"Backup job {identifier} does not exist.")
        return job

    def _shown_job(self, job) -> dict:
        share = 1.0
        if job.unfinished:
            left = (job.ends - self.world.utc()) / job.duration if job.ends else 1.0
            share = min(0.99, max(0.0, 1 - left))
        size = job.document.get("BackupSizeInBytes")
        moved = {} if size is None else {"BytesTransferred": int(size * share)}
        return {**job.document, **moved, "PercentDone": f"{100 * share:.2f}" if job.state != "CREATED" else None}

    # Made

    def _new_job(
        self, key, vault_name, resource, role, start, complete, lifecycle, moment, *, created_by=None, **more
    ) -> Job:
        account, region = key
        place, (kind, name) = self.places[key], self._resources(key).get(resource, (MACHINE, None))
        vault = place.vaults.get(vault_name)
        job = Job(
            key,
            {
                "AccountId": account,
                "BackupJobId": str(uuid.uuid4()),
                "BackupVaultName": vault_name,
                "BackupVaultArn": f"arn:{get_partition(region)}:backup:{region}:{account}:backup-vault:{vault_name}",
                "VaultType": vault and vault.kind,
                "RecoveryPointLifecycle": lifecycle or None,
                "ResourceArn": resource,
                "ResourceType": kind,
                "ResourceName": name,
                "IamRoleArn": role,
                "CreationDate": moment,
                "StartBy": moment + start * MINUTE,
                "CreatedBy": created_by,
                "BackupOptions": more.get("options") or None,
                "IsParent": False,
                "State": "CREATED",
            },
            moment + start * MINUTE,
            moment + complete * MINUTE,
            dict(more.get("tags") or {}),
            more.get("token") or "",
            list(more.get("copies") or []),
        )
        place.jobs[job.document["BackupJobId"]] = place.unfinished[job.document["BackupJobId"]] = job
        self.later(moment, lambda at: self._begin(job, at))
        self.later(job.start_by, lambda at: self._close_window(job, at))
        return job

    def _resources(self, key) -> dict:
        """What can be backed up: ARN -> type and name."""
        machines = self.gateways.places.get(key)
        found = {arn: (MACHINE, one.name) for arn, one in (machines.machines if machines else {}).items()}
        return {**found, **{arn: ("EC2", arn.rpartition("/")[2]) for arn in self.instances(key)}}

    # Goes on

    def _begin(self, job, moment):
        if job.state not in ("CREATED", "PENDING") or moment >= job.start_by:
            return
        verdict = self._verdict(job)
        if isinstance(verdict, Fails):
            self._end(job, "FAILED", moment, verdict.message, verdict.category)
        elif isinstance(verdict, Waits):
            job.document["State"] = "PENDING"
        else:
            self._run(job, verdict, moment)

    def _verdict(self, job):
        key, document = job.key, job.document
        account, region = key
        machine = document["ResourceType"] == MACHINE
        if machine and not self.of(account, region)["ResourceTypeOptInPreference"][MACHINE]:
            return Fails(NOT_OPTED_IN, WRONG)
        refused = role_problem(key, document["IamRoleArn"], self._key_of_hypervisor(job) if machine else "")
        if refused:
            return refused
        vault = self.places[key].vaults.get(document["BackupVaultName"])
        if vault is None:
            return Fails(NO_VAULT, DENIED)
        if not fits(vault, document["RecoveryPointLifecycle"]):
            return unfit(vault)
        running = [each for each in self.places[key].unfinished.values() if each.state in ("RUNNING", "ABORTING")]
        if any(each.document["ResourceArn"] == document["ResourceArn"] for each in running):
            return Waits()
        if not machine:
            return Runs("")
        busy = collections.Counter(each.gateway_arn for each in running)
        return self.workers(key).verdict(document["ResourceArn"], busy)

    def _key_of_hypervisor(self, job) -> str:
        place = self.gateways.places.get(job.key)
        machine = place and place.machines.get(job.document["ResourceArn"])
        hypervisor = machine and place.hypervisors.get(machine.hypervisor_arn)
        return hypervisor.kms_key_arn if hypervisor else ""

    def _run(self, job, verdict, moment):
        document = job.document
        full = document["CreatedBy"] is None or not self._has_point(job.key, document)
        size = size_of(document["ResourceName"] or "", full=full)
        job.gateway_arn, job.warning = verdict.gateway_arn, verdict.warning
        job.duration = max(5, size // GIB) * MINUTE * (3 if "CBT" in verdict.warning else 1)
        job.ends = moment + job.duration
        document.update(State="RUNNING", InitiationDate=moment, BackupSizeInBytes=size)
        document["ExpectedCompletionDate"] = job.ends
        self.later(job.ends, lambda at: self._finish(job, at))
        self.later(job.complete_by, lambda at: self._overrun(job, at))

    def _has_point(self, key, document) -> bool:
        vault = self.places[key].vaults[document["BackupVaultName"]]
        return any(point.resource == document["ResourceArn"] for point in vault.points.values())

    def _hurry(self, key):
        """Somebody waits: all that runs, on which others wait, is a step further."""
        now = self.world.utc()
        for job in [each for each in self.places[key].unfinished.values() if each.state == "RUNNING"]:
            if job.endless:
                continue
            job.ends = max(now, job.ends - job.duration / LOOKS)
            self.later(job.ends, lambda at, job=job: self._finish(job, at))

    def _finish(self, job, moment):
        if job.state != "RUNNING" or job.ends != moment:
            return
        vault = self.places[job.key].vaults.get(job.document["BackupVaultName"])
        if vault is None:
            self._end(job, "FAILED", moment, NO_VAULT, DENIED)
        elif job.gateway_arn and not self.workers(job.key).alive(job.gateway_arn):
            self._leave_disk(job)
            self._end(job, "FAILED", moment, NO_UPLOAD)
        else:
            self._complete(job, vault, moment)

    def _leave_disk(self, job):
        """Nobody takes the disks of the machine off an appliance that died while it read them (SAFETY 1)."""
        place = self.gateways.places[job.key]
        gateway, machine = place.gateways.get(job.gateway_arn), place.machines.get(job.document["ResourceArn"])
        appliance = gateway and self.gateways.appliance(gateway)
        if appliance is not None and machine is not None:
            self.world.sddcs[gateway.sddc_id].vcenter.leave_disk(appliance, machine.instance_uuid)

    def _complete(self, job, vault, moment):
        key = job.key
        kept = ("ResourceArn", "ResourceType", "ResourceName", "IamRoleArn", "CreatedBy", "InitiationDate")
        document = {name: job.document[name] for name in (*kept, "BackupSizeInBytes")}
        place = self.gateways.places.get(key)
        machine = place and place.machines.get(job.document["ResourceArn"])
        if machine:
            machine.last_backup = moment.replace(microsecond=0)
        image = self._image(key, machine) if machine else {}
        restore = restore_metadata(machine.arn, machine.name, machine.path, image) if machine else {}
        point = self.add_point(
            key,
            vault,
            {**document, "CompletionDate": moment},
            job.document["CreationDate"],
            job.document["RecoveryPointLifecycle"],
            job.tags,
            restore,
            image,
        )
        job.document.update(RecoveryPointArn=point.arn, EncryptionKeyArn=vault.key_arn, IsEncrypted=True)
        category = self.world.switches["issues_category"] if job.warning else "SUCCESS"
        self._end(job, "COMPLETED", moment, job.warning, category)
        for action in job.copies:
            self.start_copy(key, vault, point, action, job.document["IamRoleArn"], moment, job.document["BackupJobId"])

    def _image(self, key, machine) -> dict:
        """The machine as it is, which a restore makes again."""
        hypervisor = self.gateways.places[key].hypervisors[machine.hypervisor_arn]
        return self.gateways.sddc_of_host(hypervisor.host).vcenter.image(machine.instance_uuid)

    def _overrun(self, job, moment):
        if job.state == "RUNNING" and not job.endless:
            self._end(job, "ABORTED", moment, ABORTED)

    def _close_window(self, job, moment):
        if job.state in ("CREATED", "PENDING"):
            self._end(job, "EXPIRED", moment, NO_GATEWAY)

    def _end(self, job, state, moment, message="", category="FAILURE"):
        if not job.unfinished:
            return
        told = {"StatusMessage": message} if message else {}
        job.ends = None
        job.document.update(State=state, CompletionDate=moment, MessageCategory=category, **told)
        place = self.places[job.key]
        place.unfinished.pop(job.document["BackupJobId"], None)
        for waiting in [each for each in place.unfinished.values() if each.state == "PENDING"]:
            self.later(moment, lambda at, waiting=waiting: self._begin(waiting, at))

    # For breaks

    def start_job(self, arn, name, state="RUNNING"):
        """A backup of a virtual machine that does not end by itself."""
        key = (arn.split(":")[4], arn.split(":")[3])
        self.places_of(key)
        job = self._new_job(key, "Default", arn, None, 480, 10_080, None, self.world.utc())
        job.document.update(State=state, ResourceName=name)
        job.endless = True
        return job.document["BackupJobId"]

    def end_jobs(self):
        """Whatever runs has come to its end."""
        for place in self.places.values():
            for job in place.jobs.values():
                self._end(job, "COMPLETED", self.world.utc(), category="SUCCESS")


def _started(job) -> dict:
    return {key: job.document[key] for key in ("BackupJobId", "CreationDate")}  # of machines without the point's ARN


def size_of(name: str, *, full: bool) -> int:
    whole = 10 + int(zones.digest("size", name, length=8), 16) % 30
    return whole * GIB if full else max(1, whole // 20) * GIB


def chosen(jobs, params) -> list:
    """Those that the filters of a list leave."""
    asked = {key: params[name] for name, key in FILTERS.items() if name in params}
    return [
        job
        for job in jobs
        if all(job.get(key) == value for key, value in asked.items())
        and ("ByCreatedBefore" not in params or job["CreationDate"] < params["ByCreatedBefore"])
        and ("ByCreatedAfter" not in params or job["CreationDate"] > params["ByCreatedAfter"])
        and ("ByCompleteBefore" not in params or _completed(job, lambda at: at < params["ByCompleteBefore"]))
        and ("ByCompleteAfter" not in params or _completed(job, lambda at: at > params["ByCompleteAfter"]))
    ]


def _completed(job, test) -> bool:
    return bool(job.get("CompletionDate")) and test(job["CompletionDate"])
