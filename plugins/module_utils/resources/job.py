# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The jobs of AWS Backup: all of a type, and those that a gateway may be working on just now."""

from __future__ import annotations

import functools

from ..clients import backup_gateway as api
from ..clients.aws_forms import timestamp
from ..errors import ApiError, BadCredentials, Invalid
from ..ownership import is_ours, site_of

BACKUP = ("CREATED", "PENDING", "RUNNING", "ABORTING")
RESTORE = ("PENDING", "RUNNING")
TO_VMWARE, TO_EC2 = "VMware", "EC2Instance"  # RestoreTo
GONE = ("ResourceNotFoundException",)
STATES = {
    "backup": ("CREATED", "PENDING", "RUNNING", "ABORTING", "ABORTED", "COMPLETED", "FAILED", "EXPIRED", "PARTIAL"),
    "copy": ("CREATED", "RUNNING", "COMPLETED", "FAILED", "PARTIAL"),
    "restore": ("PENDING", "RUNNING", "COMPLETED", "ABORTED", "FAILED"),
}
LISTINGS = {
    "backup": ("list_backup_jobs", "BackupJobs"),
    "copy": ("list_copy_jobs", "CopyJobs"),
    "restore": ("list_restore_jobs", "RestoreJobs"),
}
IDS = {"backup": "BackupJobId", "copy": "CopyJobId", "restore": "RestoreJobId"}
OF_ALL = {
    "resource_type": "ByResourceType",
    "account_id": "ByAccountId",
    "parent_job_id": "ByParentJobId",
    "created_after": "ByCreatedAfter",
    "created_before": "ByCreatedBefore",
    "completed_after": "ByCompleteAfter",
    "completed_before": "ByCompleteBefore",
}
# Option -> how a listing calls it.
FILTERS = {
    "backup": {
        **OF_ALL,
        "state": "ByState",
        "resource_arn": "ByResourceArn",
        "backup_vault_name": "ByBackupVaultName",
        "message_category": "ByMessageCategory",
    },
    "copy": {
        **OF_ALL,
        "state": "ByState",
        "resource_arn": "ByResourceArn",
        "destination_backup_vault_arn": "ByDestinationVaultArn",
        "source_recovery_point_arn": "BySourceRecoveryPointArn",
        "message_category": "ByMessageCategory",
    },
    "restore": {**OF_ALL, "state": "ByStatus"},
}


def find(client, kind: str, asked: dict) -> list[dict]:
    """The jobs of a type that fit what is asked for, in the names of the options."""
    unknown = sorted(set(asked) - set(FILTERS[kind]))
    if unknown:
        raise Invalid(unknown[0], f"The list of {kind} jobs has no such filter.")
    if asked.get("state") not in (None, *STATES[kind]):
        raise Invalid("state", f"A {kind} job has none of that name, but {', '.join(STATES[kind])}.")
    operation, key = LISTINGS[kind]
    return client.pages(operation, key, **{FILTERS[kind][option]: value for option, value in asked.items()})


def view(kind: str, raw: dict) -> dict:
    """A job of any type in the same words; what its type does not have is null."""
    made_by = raw.get("CreatedBy") or {}
    return {
        "type": kind,
        "job_id": raw[IDS[kind]],
        "state": raw.get("State") or raw.get("Status"),
        "status_message": raw.get("StatusMessage"),
        "message_category": raw.get("MessageCategory"),
        "percent_done": raw.get("PercentDone"),
        "resource_arn": raw.get("ResourceArn") or raw.get("SourceResourceArn"),
        "resource_name": raw.get("ResourceName"),
        "resource_type": raw.get("ResourceType"),
        "account_id": raw.get("AccountId"),
        "iam_role_arn": raw.get("IamRoleArn"),
        "creation_date": timestamp(raw.get("CreationDate")),
        "start_by": timestamp(raw.get("StartBy")),
        "completion_date": timestamp(raw.get("CompletionDate")),
        "backup_size_in_bytes": raw.get("BackupSizeInBytes"),
        "backup_vault_name": raw.get("BackupVaultName"),
        "source_backup_vault_arn": raw.get("SourceBackupVaultArn"),
        "destination_backup_vault_arn": raw.get("DestinationBackupVaultArn"),
        "recovery_point_arn": raw.get("RecoveryPointArn") or raw.get("SourceRecoveryPointArn"),
        "destination_recovery_point_arn": raw.get("DestinationRecoveryPointArn"),
        "created_resource_arn": raw.get("CreatedResourceArn"),
        "created_by_backup_job_id": raw.get("CreatedByBackupJobId"),
        "parent_job_id": raw.get("ParentJobId"),
        "backup_plan_id": made_by.get("BackupPlanId"),
        "backup_plan_name": made_by.get("BackupPlanName"),
        "backup_rule_id": made_by.get("BackupRuleId"),
        "backup_rule_name": made_by.get("BackupRuleName"),
    }


def running(client, backup, hypervisor_arn: str = "", site_id: str | None = None) -> str | None:
    """The unfinished backups that may run through a gateway, and every unfinished restore, in words; ``None`` without any.

    No API says which gateway a job runs through. A backup counts unless its machine is listed under another hypervisor than the one that is
    linked; where none is linked, or nobody knows which, under that of another site. A restore counts unless it is told to go elsewhere.
    """
    backups = _unfinished(backup, "list_backup_jobs", "BackupJobs", "ByState", BACKUP)
    restores = _unfinished(backup, "list_restore_jobs", "RestoreJobs", "ByStatus", RESTORE)
    of = _hypervisors(client) if backups else {}
    others = _is_another(client, hypervisor_arn, site_id)
    told = [
        _sentence("backup", job, "BackupJobId", "State")
        for job in backups
        if not (of.get(job["ResourceArn"]) and others(of[job["ResourceArn"]]))
    ]
    told += [
        _sentence("restore", job, "RestoreJobId", "Status")
        for job in restores
        if not _goes_elsewhere(restore_metadata(backup, job["RestoreJobId"]), others)
    ]
    return f"jobs may run through it: {', '.join(told)}" if told else None


def restore_metadata(backup, identifier: str) -> dict | None:
    """What a restore was started with, or ``None`` where that is not told."""
    try:
        answer = backup.call("get_restore_job_metadata", missing=GONE, RestoreJobId=identifier)
    except BadCredentials:
        raise
    except ApiError:
        return None
    return (answer or {}).get("Metadata") or None


def _goes_elsewhere(metadata, others) -> bool:
    """Whether a restore goes to EC2, to EBS or to another hypervisor. What is not told may go anywhere."""
    told = metadata or {}
    if told.get("RestoreTo") == TO_EC2:
        return True
    if told.get("HypervisorArn"):
        return others(told["HypervisorArn"])
    # What AWS calls a restore to EBS is not documented, but it needs a zone, which nothing else does.
    return bool(told.get("RestoreTo") and told.get("AvailabilityZone"))


def _hypervisors(client) -> dict:
    """Machine -> the hypervisor that it is listed under."""
    listed = client.pages("list_virtual_machines", "VirtualMachines")
    return {raw["ResourceArn"]: raw.get("HypervisorId") or "" for raw in listed}


def _is_another(client, hypervisor_arn, site_id):
    """Asks of a hypervisor, by its id or ARN, whether a job on its machines is none of ours."""
    # ListGateways may give the bare id of a hypervisor that is gone: then nobody knows which machines were its.
    if hypervisor_arn.startswith("arn:"):
        return lambda identifier: not api.is_linked({"HypervisorId": identifier}, hypervisor_arn)

    @functools.cache
    def is_of_another_site(identifier):
        arns = [raw["HypervisorArn"] for raw in api.hypervisors(client)]
        found = [arn for arn in arns if api.is_linked({"HypervisorId": identifier}, arn)]
        tags = (api.tags(client, found[0]) if len(found) == 1 else None) or {}
        return bool(site_id) and is_ours(tags) and site_of(tags) not in ("", site_id)

    return is_of_another_site


def _unfinished(backup, operation, key, by, states) -> list:
    return [
        job for state in states for job in backup.pages(operation, key, ByResourceType="VirtualMachine", **{by: state})
    ]


def _sentence(kind, job, identifier, state) -> str:
    of = job.get("ResourceName") or job.get("ResourceArn") or job.get("RecoveryPointArn")
    return f"{kind} {job[identifier]} of {of} ({job[state]})"
