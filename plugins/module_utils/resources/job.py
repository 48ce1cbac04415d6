# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The jobs of AWS Backup that a gateway may be working on just now."""

from __future__ import annotations

import functools

from ..clients import backup_gateway as api
from ..ownership import is_ours, site_of

BACKUP = ("CREATED", "PENDING", "RUNNING", "ABORTING")
RESTORE = ("PENDING", "RUNNING")


def running(client, backup, hypervisor_arn: str = "", site_id: str | None = None) -> str | None:
    """The unfinished backups that may run through a gateway, and every unfinished restore, in words; ``None`` without any.

    No API says which gateway a job runs through, nor to which hypervisor a restore goes. A backup counts unless its machine is listed under
    another hypervisor than the one that is linked; where none is linked, or nobody knows which, under that of another site.
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
    told += [_sentence("restore", job, "RestoreJobId", "Status") for job in restores]
    return f"jobs may run through it: {', '.join(told)}" if told else None


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
