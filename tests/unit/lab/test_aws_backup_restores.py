# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Restores to VMware, to EC2 and to EBS, as AWS Backup and the world let them go."""

from __future__ import annotations

import json

import pytest
from lab import breaks
from moto.ec2.models import ec2_backends

from . import test_aws_backup_jobs
from .aws_lab import ACCOUNT, error_code
from .test_aws_backup_jobs import HOUR, pass_time, start, state_after

DISK = json.dumps([{"DiskId": "2000", "Label": "Hard disk 1"}])

made = test_aws_backup_jobs.made


@pytest.fixture
def kept(made):
    """A recovery point of a machine."""
    state_after(made, start(made))
    made.lab.world.aws = made.lab.aws
    (made.point,) = made.backup.list_recovery_points_by_backup_vault(BackupVaultName="v1")["RecoveryPoints"]
    return made


def to_vmware(made, **more):
    place = {"RestoreTo": "VMware", "HypervisorArn": made.hypervisor, "VMName": "again", "VMPath": "/dc/vm"}
    return {**place, "ComputeResourceName": "c1", "VMDatastore": "store", **more}


def begin(made, metadata, **more):
    asked = {"RecoveryPointArn": made.point["RecoveryPointArn"], "IamRoleArn": made.role, "Metadata": metadata}
    return made.backup.start_restore_job(**{**asked, **more})["RestoreJobId"]


def ended(made, job, seconds=9 * HOUR):
    made.backup.list_restore_jobs()
    pass_time(made, seconds)
    return made.backup.describe_restore_job(RestoreJobId=job)


def test_a_machine_is_restored_beside_the_one_that_there_is(kept):
    job = begin(kept, to_vmware(kept))
    assert kept.backup.describe_restore_job(RestoreJobId=job)["Status"] in ("PENDING", "RUNNING")
    done = ended(kept, job)
    assert done["Status"] == "COMPLETED"
    assert ":vm/vm-" in done["CreatedResourceArn"] and done["CreatedResourceArn"] != kept.arns["vm-0"]
    assert kept.vcenter.machines[-1]["name"] == "again"
    assert kept.backup.get_restore_job_metadata(RestoreJobId=job)["Metadata"] == to_vmware(kept)
    assert [one["RestoreJobId"] for one in kept.backup.list_restore_jobs(ByStatus="COMPLETED")["RestoreJobs"]] == [job]


def test_what_vcenter_says_against_it_is_the_end_of_the_job(kept):
    done = ended(kept, begin(kept, to_vmware(kept, VMName="vm-1")))
    assert (done["Status"], done["StatusMessage"]) == ("FAILED", "The name 'vm-1' already exists")


def test_who_waits_sees_it_go_on(kept):
    job = begin(kept, to_vmware(kept))
    kept.backup.list_restore_jobs()
    pass_time(kept, 1)
    seen = [kept.backup.describe_restore_job(RestoreJobId=job) for _look in range(8)]
    assert [one["Status"] for one in seen][-1] == "COMPLETED"
    shares = [float(one["PercentDone"].rstrip("%")) for one in seen]
    assert shares == sorted(shares) and len(set(shares)) > 2


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (lambda there: there.lab.physics.esxi_closed.add(902), "Failed to process backup data / Error opening disk"),
        (lambda there: there.lab.physics.endpoint_closed.append("shut"), "No gateways available to work on job"),
        (lambda there: there.iam.delete_role(RoleName="AWSBackup-jobs"), "does not have sufficient permissions"),
    ],
)
def test_a_restore_fails_where_the_world_does_not_let_it(kept, wrong, told):
    job = begin(kept, to_vmware(kept))
    wrong(kept)
    done = ended(kept, job)
    assert done["Status"] == "FAILED" and told in done["StatusMessage"]
    assert "CreatedResourceArn" not in done


def test_restores_can_be_stuck_or_end_as_told(kept):
    breaks.apply(kept.lab.world, "stick_restores", {})
    job = begin(kept, to_vmware(kept))
    assert ended(kept, job)["Status"] == "RUNNING"
    breaks.apply(kept.lab.world, "end_restores", {"state": "ABORTED"})
    done = ended(kept, job)
    assert (done["Status"], done["StatusMessage"]) == ("ABORTED", "Abort signal detected")
    breaks.apply(kept.lab.world, "stick_restores", {"stuck": False})
    breaks.apply(kept.lab.world, "fail_restores", {"message": "so it is"})
    assert ended(kept, begin(kept, to_vmware(kept)))["StatusMessage"] == "so it is"
    assert len(kept.vcenter.machines) == 12


def test_an_instance_needs_a_subnet_and_an_image_that_is_allowed(kept):
    subnet = kept.lab.vpc["subnet_id"]
    done = ended(kept, begin(kept, {"RestoreTo": "EC2Instance"}))
    assert (done["Status"], "VPCIdNotSpecified" in done["StatusMessage"]) == ("FAILED", True)
    done = ended(kept, begin(kept, {"RestoreTo": "EC2Instance", "SubnetId": subnet, "InstanceType": "m5.large"}))
    assert done["Status"] == "COMPLETED", done
    assert ":instance/i-" in done["CreatedResourceArn"]
    breaks.apply(kept.lab.world, "allow_images", {"sddc": "sddc-a"})
    done = ended(kept, begin(kept, {"RestoreTo": "EC2Instance", "SubnetId": subnet}))
    assert done["StatusMessage"] == "Source AMI not found"
    assert kept.lab.client("ec2").get_allowed_images_settings()["State"] == "enabled"
    breaks.apply(kept.lab.world, "allow_images", {"sddc": "sddc-a", "providers": "amazon aws-backup-vault"})
    assert ended(kept, begin(kept, {"RestoreTo": "EC2Instance", "SubnetId": subnet}))["Status"] == "COMPLETED"


def test_a_disk_becomes_a_volume(kept):
    zone = ec2_backends[ACCOUNT]["eu-west-1"].describe_availability_zones()[0].name
    asked = {"RestoreTo": "EBSVolume", "AvailabilityZone": zone, "ItemsToRestore": DISK}
    done = ended(kept, begin(kept, asked))
    assert done["Status"] == "COMPLETED", done
    volume = done["CreatedResourceArn"].rpartition("/")[2]
    (found,) = kept.lab.client("ec2").describe_volumes(VolumeIds=[volume])["Volumes"]
    assert (found["Size"], found["State"]) == (10, "available")
    kept.lab.world.switches["restore_to_ebs"] = "EBS"
    assert error_code(begin, kept, asked) == "InvalidParameterValueException"
    assert ended(kept, begin(kept, {**asked, "RestoreTo": "EBS"}))["Status"] == "COMPLETED"


@pytest.mark.parametrize(("token", "jobs"), [("same", 1), ("new", 2)])
def test_whether_a_token_answers_the_same_job_is_not_known(kept, token, jobs):
    kept.lab.world.switches["restore_token"] = token
    assert len({begin(kept, to_vmware(kept), IdempotencyToken="t") for _again in range(2)}) == jobs


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"Metadata": {"RestoreTo": "elsewhere"}}, "InvalidParameterValueException"),
        ({"Metadata": {}}, "InvalidParameterValueException"),
        ({"Metadata": {"RestoreTo": "VMware"}}, "MissingParameterValueException"),
        ({"Metadata": {"RestoreTo": "EC2Instance", "ItemsToRestore": "{"}}, "InvalidParameterValueException"),
        ({"IamRoleArn": "arn:aws:iam::123456789012:role/none"}, "InvalidParameterValueException"),
        ({"ResourceType": "EC2"}, "InvalidParameterValueException"),
        ({"RecoveryPointArn": "arn:aws:backup:eu-west-1:123456789012:recovery-point:1"}, "ResourceNotFoundException"),
    ],
)
def test_what_cannot_be_restored_is_refused(kept, wrong, code):
    assert error_code(begin, kept, wrong.pop("Metadata", to_vmware(kept)), **wrong) == code
    assert kept.backup.list_restore_jobs()["RestoreJobs"] == []


def test_metadata_may_not_be_told(kept):
    job = begin(kept, to_vmware(kept))
    kept.lab.world.switches["restore_metadata"] = "empty"
    assert kept.backup.get_restore_job_metadata(RestoreJobId=job)["Metadata"] == {}
    kept.lab.world.switches["restore_metadata"] = "none"
    assert error_code(kept.backup.get_restore_job_metadata, RestoreJobId=job) == "ResourceNotFoundException"
