# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.vmc.aws_backup.plugins.module_utils.resources.job import running

from .aws_api import Api

HYPERVISOR = "arn:aws:backup-gateway:eu-west-1:123456789012:hypervisor/hype-1"


def jobs(*backups, restores=()):
    """What runs through the hypervisor, and the client that was asked."""
    client = Api(
        list_virtual_machines={"VirtualMachines": [{"ResourceArn": "vm-1"}]},
        list_backup_jobs=lambda ByState, ByResourceType: {
            "BackupJobs": [job for job in backups if job["State"] == ByState]
        },
        list_restore_jobs=lambda ByStatus, ByResourceType: {
            "RestoreJobs": [job for job in restores if job["Status"] == ByStatus]
        },
    )
    return running(client, client, HYPERVISOR)


def backup(state="RUNNING", machine="vm-1"):
    return {"BackupJobId": "job-1", "ResourceArn": machine, "ResourceName": "db", "State": state}


def test_unfinished_backups_of_its_machines_hold_a_hypervisor():
    for state in ("CREATED", "PENDING", "RUNNING", "ABORTING"):
        assert jobs(backup(state)) == f"jobs may run through it: backup job-1 of db ({state})"


def test_finished_jobs_and_those_of_other_machines_do_not():
    assert jobs(backup("COMPLETED"), backup("FAILED"), backup(machine="vm-of-another-vcenter")) is None


def test_every_unfinished_restore_counts_because_nothing_says_where_it_goes():
    restore = {"RestoreJobId": "job-2", "RecoveryPointArn": "point-1", "Status": "RUNNING"}
    assert "restore job-2 of point-1 (RUNNING)" in jobs(restores=[restore])
