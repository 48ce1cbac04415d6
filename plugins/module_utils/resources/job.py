# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The jobs of AWS Backup that a gateway may be working on just now."""

from __future__ import annotations

BACKUP = ("CREATED", "PENDING", "RUNNING", "ABORTING")
RESTORE = ("PENDING", "RUNNING")


def running(client, backup, hypervisor_arn: str) -> str | None:
    """The unfinished backups of a hypervisor's machines, and every unfinished restore, in words; ``None`` without any.

    No API says which gateway a job runs through, nor to which hypervisor a restore goes.
    """
    # ListGateways may give the bare id of a hypervisor that is gone: then every machine counts.
    request = {"HypervisorArn": hypervisor_arn} if hypervisor_arn.startswith("arn:") else {}
    machines = {raw["ResourceArn"] for raw in client.pages("list_virtual_machines", "VirtualMachines", **request)}
    backups = _unfinished(backup, "list_backup_jobs", "BackupJobs", "ByState", BACKUP)
    restores = _unfinished(backup, "list_restore_jobs", "RestoreJobs", "ByStatus", RESTORE)
    told = [_sentence("backup", job, "BackupJobId", "State") for job in backups if job["ResourceArn"] in machines]
    told += [_sentence("restore", job, "RestoreJobId", "Status") for job in restores]
    return f"jobs may run through it: {', '.join(told)}" if told else None


def _unfinished(backup, operation, key, by, states) -> list:
    return [
        job for state in states for job in backup.pages(operation, key, ByResourceType="VirtualMachine", **{by: state})
    ]


def _sentence(kind, job, identifier, state) -> str:
    of = job.get("ResourceName") or job.get("ResourceArn") or job.get("RecoveryPointArn")
    return f"{kind} {job[identifier]} of {of} ({job[state]})"
