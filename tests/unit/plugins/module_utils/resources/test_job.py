# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import Denied, Invalid, NotWhole
from ansible_collections.vmc.aws_backup.plugins.module_utils.resources.job import find, running, view

from .aws_api import NOW, Api

HYPERVISOR, OTHER, UNMARKED = (
    f"arn:aws:backup-gateway:eu-west-1:123456789012:hypervisor/hype-{number}" for number in (1, 2, 3)
)
TAGS = {
    HYPERVISOR: {"managed-by": "vmc-aws-backup", "vmc-aws-backup-site": "site"},
    OTHER: {"managed-by": "vmc-aws-backup", "vmc-aws-backup-site": "site-2"},
    UNMARKED: {},
}
MACHINES = {"vm-1": HYPERVISOR, "vm-2": OTHER, "vm-3": UNMARKED, "vm-4": "", "vm-5": "hype-2"}


def jobs(*backups, restores=(), of=HYPERVISOR, site_id="site", machines=None, metadata=None):
    """What runs through a gateway."""
    client = Api(
        list_virtual_machines={
            "VirtualMachines": [
                {"ResourceArn": arn, "HypervisorId": of}
                for arn, of in (MACHINES if machines is None else machines).items()
            ]
        },
        list_hypervisors={"Hypervisors": [{"HypervisorArn": arn} for arn in TAGS]},
        list_tags_for_resource=lambda ResourceArn: {
            "Tags": [{"Key": key, "Value": value} for key, value in TAGS[ResourceArn].items()]
        },
        list_backup_jobs=lambda ByState, ByResourceType: {
            "BackupJobs": [job for job in backups if job["State"] == ByState]
        },
        list_restore_jobs=lambda ByStatus, ByResourceType: {
            "RestoreJobs": [job for job in restores if job["Status"] == ByStatus]
        },
        get_restore_job_metadata=metadata,
    )
    return running(client, client, of, site_id)


def backup(state="RUNNING", machine="vm-1"):
    return {"BackupJobId": "job-1", "ResourceArn": machine, "ResourceName": "db", "State": state}


def test_unfinished_backups_of_its_machines_hold_a_hypervisor():
    for state in ("CREATED", "PENDING", "RUNNING", "ABORTING"):
        assert jobs(backup(state)) == f"jobs may run through it: backup job-1 of db ({state})"


def test_finished_jobs_and_those_of_other_hypervisors_do_not():
    assert jobs(backup("COMPLETED"), backup("FAILED")) is None
    for machine in ("vm-2", "vm-3", "vm-5"):
        assert jobs(backup(machine=machine)) is None


@pytest.mark.parametrize("machine", ["vm-4", "vm-of-nobody"])
def test_a_machine_that_is_listed_under_none_may_be_any(machine):
    assert jobs(backup(machine=machine)) == "jobs may run through it: backup job-1 of db (RUNNING)"
    assert jobs(backup(), machines={}) == "jobs may run through it: backup job-1 of db (RUNNING)"


@pytest.mark.parametrize("of", ["", "hype-gone"])
@pytest.mark.parametrize(
    ("machine", "site_id", "counts"),
    [
        ("vm-1", "site", True),
        ("vm-2", "site", False),
        ("vm-5", "site", False),
        ("vm-3", "site", True),
        ("vm-4", "site", True),
        ("vm-of-nobody", "site", True),
        ("vm-2", None, True),
    ],
)
def test_of_a_gateway_that_is_linked_no_more_only_another_site_s_jobs_do_not_count(of, machine, site_id, counts):
    assert (jobs(backup(machine=machine), of=of, site_id=site_id) is not None) is counts


RESTORE = {"RestoreJobId": "job-2", "RecoveryPointArn": "point-1", "Status": "RUNNING"}
UNTOLD = [
    None,
    {"Metadata": {}},
    {"Metadata": None},
    {"Metadata": {"RestoreTo": "VMware"}},
    {"Metadata": {"RestoreTo": "elsewhere"}},
    {"Metadata": {"AvailabilityZone": "a"}},
    {"Metadata": {"HypervisorArn": HYPERVISOR}},
    {"Metadata": {"RestoreTo": "VMware", "HypervisorArn": "hype-1"}},
    {"Metadata": {"RestoreTo": "VMware", "AvailabilityZone": "a", "HypervisorArn": HYPERVISOR}},
    Denied("no", service="backup", code="AccessDeniedException"),
    NotWhole("it is cut"),
]


@pytest.mark.parametrize("metadata", UNTOLD, ids=str)
def test_a_restore_counts_that_goes_to_its_hypervisor_or_does_not_say_where(metadata):
    assert jobs(restores=[RESTORE], metadata=metadata) == "jobs may run through it: restore job-2 of point-1 (RUNNING)"


@pytest.mark.parametrize(
    "told",
    [
        {"RestoreTo": "EC2Instance", "SubnetId": "subnet-1"},
        {"RestoreTo": "EC2Instance", "HypervisorArn": HYPERVISOR},
        {"RestoreTo": "whatever EBS is called", "AvailabilityZone": "eu-west-1a"},
        {"RestoreTo": "VMware", "HypervisorArn": OTHER},
        {"RestoreTo": "VMware", "HypervisorArn": "hype-2"},
    ],
)
def test_a_restore_that_goes_elsewhere_does_not(told):
    assert jobs(restores=[RESTORE], metadata={"Metadata": told}) is None


@pytest.mark.parametrize(("to", "counts"), [(HYPERVISOR, True), (OTHER, False), (UNMARKED, True), ("hype-9", True)])
def test_of_a_gateway_that_is_linked_no_more_only_a_restore_to_another_site_does_not_count(to, counts):
    told = jobs(restores=[RESTORE], of="", metadata={"Metadata": {"RestoreTo": "VMware", "HypervisorArn": to}})
    assert (told is not None) is counts


@pytest.mark.parametrize(
    ("kind", "asked", "call"),
    [
        (
            "backup",
            {"state": "FAILED", "resource_arn": "vm"},
            ("list_backup_jobs", {"ByState": "FAILED", "ByResourceArn": "vm"}),
        ),
        ("copy", {"destination_backup_vault_arn": "v"}, ("list_copy_jobs", {"ByDestinationVaultArn": "v"})),
        ("restore", {"state": "ABORTED"}, ("list_restore_jobs", {"ByStatus": "ABORTED"})),
        ("backup", {"completed_after": "2026-02-01"}, ("list_backup_jobs", {"ByCompleteAfter": "2026-02-01"})),
    ],
)
def test_jobs_are_chosen_by_aws(kind, asked, call):
    client = Api()
    assert find(client, kind, asked) == []
    assert client.calls == [call]


@pytest.mark.parametrize(
    ("kind", "asked"),
    [
        ("restore", {"resource_arn": "vm"}),
        ("copy", {"backup_vault_name": "v"}),
        ("backup", {"destination_backup_vault_arn": "v"}),
        ("copy", {"state": "PENDING"}),
        ("backup", {"state": "completed"}),
    ],
)
def test_a_filter_that_a_list_has_not_is_refused_by_name(kind, asked):
    with pytest.raises(Invalid) as refused:
        find(Api(), kind, asked)
    assert [refused.value.option] == list(asked)


def test_jobs_of_each_type_are_told_in_the_same_words():
    told = [
        view(
            "backup", {"BackupJobId": "1", "State": "RUNNING", "CreatedBy": {"BackupPlanId": "p"}, "CreationDate": NOW}
        ),
        view("copy", {"CopyJobId": "2", "State": "FAILED", "SourceRecoveryPointArn": "point"}),
        view("restore", {"RestoreJobId": "3", "Status": "COMPLETED", "SourceResourceArn": "vm"}),
    ]
    assert [(each["job_id"], each["state"]) for each in told] == [("1", "RUNNING"), ("2", "FAILED"), ("3", "COMPLETED")]
    assert len({tuple(each) for each in told}) == 1
    assert (told[0]["backup_plan_id"], told[0]["creation_date"]) == ("p", "2026-02-01T12:00:00+00:00")
    assert (told[1]["recovery_point_arn"], told[2]["resource_arn"]) == ("point", "vm")
