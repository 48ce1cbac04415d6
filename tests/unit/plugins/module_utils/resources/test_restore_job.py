# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import datetime
import json

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils import wait
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import (
    Conflict,
    Denied,
    Error,
    Invalid,
    Lost,
    Missing,
    TimedOut,
)
from ansible_collections.vmc.aws_backup.plugins.module_utils.resources.restore_job import RestoreJob
from ansible_collections.vmc.aws_backup.plugins.modules import restore_job

from .aws_api import NOW, Api, params

VM = "arn:aws:backup-gateway:eu-west-1:123456789012:vm/vm-1"
POINT = "arn:aws:backup:eu-west-1:123456789012:recovery-point:1"
ROLE = "arn:aws:iam::123456789012:role/AWSBackup-vmc-jobs"
HYPERVISOR, OTHER = (f"arn:aws:backup-gateway:eu-west-1:123456789012:hypervisor/hype-{number}" for number in (1, 2))
DISKS = [{"DiskId": "2000", "Label": "Hard disk 1"}, {"DiskId": "2001", "Label": "Hard disk 2"}]
ASKED = {"recovery_point_arn": POINT, "backup_vault_name": "v1", "iam_role_arn": ROLE}
VMWARE = {
    **ASKED,
    "restore_to": "vmware",
    "hypervisor": "sddc-1",
    "vm_path": "/dc/vm/Restored",
    "compute_resource": "Cluster-1",
    "datastore": "WorkloadDatastore",
    "request_id": "CHG1",
}
EC2 = {**ASKED, "restore_to": "ec2", "instance_type": "m6i.large", "subnet_id": "subnet-1", "request_id": "CHG1"}
EBS = {
    **ASKED,
    "restore_to": "ebs",
    "availability_zone": "eu-west-1a",
    "ebs_restore_to": "EBSVolume",
    "disk": "Hard disk 2",
    "request_id": "CHG1",
}
SENT = {
    "RestoreTo": "VMware",
    "HypervisorArn": HYPERVISOR,
    "VMName": "web-1-CHG1",
    "VMPath": "/dc/vm/Restored",
    "ComputeResourceName": "Cluster-1",
    "VMDatastore": "WorkloadDatastore",
}


class Backup(Api):
    """Restores that there are, and what becomes of the one that is started."""

    def __init__(self, *jobs, point=None, metadata=None, states=("RUNNING", "COMPLETED"), started=None, **answers):
        self.jobs, self.metadata, self.states = list(jobs), metadata or {}, list(states)
        kept = {
            "RecoveryPointArn": POINT,
            "Status": "COMPLETED",
            "ResourceType": "VirtualMachine",
            "ResourceArn": VM,
            "ResourceName": "web-1",
            "StorageClass": "WARM",
            "BackupSizeInBytes": 10 * 2**30,
        }
        super().__init__(
            **{
                "describe_recovery_point": {**kept, **(point or {})},
                "get_recovery_point_restore_metadata": {
                    "RestoreMetadata": {
                        "VMName": "web-1",
                        "VMPath": "/dc/vm",
                        "DisksToRestore": json.dumps(DISKS),
                        "vmId": "vm-1",
                    }
                },
                "list_restore_jobs": lambda **_filters: {"RestoreJobs": self.jobs},
                "get_restore_job_metadata": self.told,
                "describe_restore_job": self.described,
                "start_restore_job": started or (lambda **_request: {"RestoreJobId": "new"}),
                **answers,
            }
        )

    def call(self, operation, *, once=False, **more):
        if operation == "start_restore_job":
            assert once, "a start that is sent twice may be two jobs"
        return super().call(operation, once=once, **more)

    def told(self, RestoreJobId):
        found = self.metadata.get(RestoreJobId)
        return found if isinstance(found, Exception) else {"Metadata": found}

    def described(self, RestoreJobId):
        state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        return {"RestoreJobId": RestoreJobId, "Status": state, "PercentDone": "42.00%", "BackupSizeInBytes": 100}


def gateways(listed=HYPERVISOR):
    machines = [{"ResourceArn": VM, "Name": "web-1", "HypervisorId": listed}] if listed else []
    names = [{"HypervisorArn": HYPERVISOR, "Name": "sddc-1"}, {"HypervisorArn": OTHER, "Name": "sddc-2"}]
    return Api(list_hypervisors={"Hypervisors": names}, list_virtual_machines={"VirtualMachines": machines})


def ec2(**answers):
    return Api(
        **{
            "describe_subnets": {
                "Subnets": [{"SubnetId": "subnet-1", "VpcId": "vpc-1", "AvailabilityZone": "eu-west-1a"}]
            },
            "describe_instance_type_offerings": {"InstanceTypeOfferings": [{"InstanceType": "m6i.large"}]},
            "get_allowed_images_settings": {"State": "disabled"},
            "describe_availability_zones": {"AvailabilityZones": [{"ZoneId": "1", "ZoneName": "eu-west-1a"}]},
            **answers,
        }
    )


def action(backup, asked=None, *, listed=HYPERVISOR, cloud=None, progress=lambda *_told: None, **given):
    return RestoreJob(
        backup, gateways(listed), cloud or ec2(), params(restore_job, **{**(asked or VMWARE), **given}), progress
    )


def run(one, timeout=5):
    """As the runner does: what there was before, and the view of the end."""
    found = one.find()
    return found, one.view(one.done(found or one.start(), timeout))


def started(backup):
    return [request for operation, request in backup.writes if operation == "start_restore_job"]


def job(identifier, state="RUNNING", **more):
    return {"RestoreJobId": identifier, "Status": state, "RecoveryPointArn": POINT, "CreationDate": NOW, **more}


@pytest.fixture(autouse=True)
def soon(monkeypatch):
    monkeypatch.setattr(wait, "SEEN_WITHIN", 0)


def test_a_restore_is_started_once_and_waited_for():
    backup, told = Backup(), []
    found, seen = run(action(backup, progress=lambda *numbers: told.append(numbers)))
    assert (found, seen["job"]["job_id"], seen["job"]["state"]) == (None, "new", "COMPLETED")
    (request,) = started(backup)
    assert request["Metadata"] == {**SENT, "DisksToRestore": json.dumps(DISKS), "vmId": "vm-1"}
    assert (request["ResourceType"], request["IamRoleArn"]) == ("VirtualMachine", ROLE)
    assert told[0] == ("restore", 42, 100)
    again, other = Backup(), Backup()
    run(action(again))
    run(action(other, request_id="CHG2"))
    tokens = [started(each)[0]["IdempotencyToken"] for each in (backup, again, other)]
    assert tokens[0] == tokens[1] != tokens[2]


def test_a_machine_is_called_as_is_asked_for():
    backup = Backup()
    run(action(backup, vm_name="web-2"))
    assert started(backup)[0]["Metadata"]["VMName"] == "web-2"
    long = Backup(point={"ResourceName": "w" * 90})
    run(action(long))
    name = started(long)[0]["Metadata"]["VMName"]
    assert len(name) <= 80 and name.endswith("-CHG1")


@pytest.mark.parametrize("state", ["RUNNING", "PENDING", "COMPLETED"])
def test_the_job_of_a_request_is_known_by_what_was_asked_for(state):
    told = {"other": {**SENT, "VMName": "web-1-CHG0"}, "mine": {**SENT, "something": "more"}}
    backup = Backup(job("other"), job("mine", state), metadata=told)
    found, seen = run(action(backup))
    assert (found["RestoreJobId"], seen["job"]["job_id"], started(backup)) == ("mine", "mine", [])


def test_json_may_be_written_in_another_way():
    told = {
        "mine": {
            "RestoreTo": "EBSVolume",
            "AvailabilityZone": "eu-west-1a",
            "ItemsToRestore": json.dumps(DISKS[1:], indent=1),
        }
    }
    backup = Backup(job("mine"), metadata=told)
    found, _seen = run(action(backup, EBS))
    assert found["RestoreJobId"] == "mine"


@pytest.mark.parametrize("untold", [None, {}, Denied("no", code="AccessDeniedException")])
def test_of_jobs_that_do_not_tell_none_is_taken_and_none_started(untold):
    backup = Backup(job("one"), metadata={"one": untold})
    with pytest.raises(Error, match="restore jobs one was started for the request CHG1 is not known") as failure:
        action(backup).find()
    assert (started(backup), failure.value.wrote) == ([], False)


def test_of_several_that_fit_none_is_taken_and_none_started():
    backup = Backup(job("one"), job("two", "COMPLETED"), metadata={"one": SENT, "two": SENT})
    with pytest.raises(Error, match="one, two"):
        action(backup).find()


@pytest.mark.parametrize("state", ["FAILED", "ABORTED"])
def test_one_that_has_failed_is_started_anew(state):
    backup = Backup(job("old", state), metadata={"old": SENT})
    assert run(action(backup))[0] is None
    assert len(started(backup)) == 1
    # A token that was used may answer with the one that has failed.
    first = Backup()
    run(action(first))
    assert started(backup)[0]["IdempotencyToken"] != started(first)[0]["IdempotencyToken"]


def test_jobs_of_other_points_are_nobodys():
    backup = Backup(job("other", RecoveryPointArn="point"), metadata={"other": None})
    run(action(backup))
    assert len(started(backup)) == 1


def test_a_job_is_found_though_its_point_is_gone():
    backup = Backup(job("mine"), metadata={"mine": SENT}, describe_recovery_point=None)
    found, seen = run(action(backup, vm_name="web-1-CHG1"))
    assert (found["RestoreJobId"], seen["expected"]["backup_size_in_bytes"]) == ("mine", None)


def lost(backup, *jobs):
    """The answer to the start is lost, and these jobs are there then."""

    def start(**_request):
        backup.jobs += jobs
        return Lost("no answer", service="backup", operation="StartRestoreJob")

    backup.answers["start_restore_job"] = start
    return backup


def test_after_a_lost_answer_the_job_that_has_come_to_be_is_taken():
    backup = lost(Backup(job("old"), metadata={"old": {**SENT, "VMName": "x"}, "new": SENT}), job("new"))
    _found, seen = run(action(backup))
    assert (seen["job"]["job_id"], len(started(backup))) == ("new", 1)


@pytest.mark.parametrize(
    ("jobs", "metadata", "names"),
    [
        ([], {}, "none"),
        ([job("new")], {"new": None}, "new"),
        ([job("new")], {"new": {**SENT, "VMName": "x"}}, "none"),
        ([job("new"), job("more")], {"new": SENT, "more": SENT}, "new, more"),
        ([job("new", CreationDate=NOW - datetime.timedelta(minutes=1))], {"new": SENT}, "none"),
    ],
)
def test_after_a_lost_answer_that_nothing_explains_none_is_started_again(jobs, metadata, names):
    backup = lost(Backup(metadata=metadata), *jobs)
    with pytest.raises(Error, match=f"is not known.*may be: {names}. None.*request_id CHG1") as failure:
        run(action(backup))
    assert (failure.value.wrote, len(started(backup))) == (True, 1)


def test_a_role_that_is_not_seen_yet_is_waited_for_and_a_refusal_is_told():
    backup = Backup(started=lambda **_request: Conflict("later", service="backup"))
    with pytest.raises(Conflict):
        run(action(backup))


@pytest.mark.parametrize("state", ["FAILED", "ABORTED"])
def test_a_restore_that_has_failed_fails(state):
    backup = Backup(states=[state])
    with pytest.raises(Error, match=f"new has ended as {state}") as failure:
        run(action(backup))
    assert failure.value.wrote


def test_nobody_waits_for_ever():
    backup = Backup(states=["RUNNING"])
    with pytest.raises(TimedOut, match="goes on and which nothing stops.*it is RUNNING, 42.00%") as failure:
        run(action(backup), timeout=0)
    assert failure.value.wrote
    _found, seen = run(action(Backup(states=["RUNNING"]), wait=False), timeout=0)
    assert seen["job"]["state"] == "RUNNING"


def test_what_it_will_cost_and_how_long_the_last_took_is_said_beforehand():
    def ended(identifier, minutes, source=VM):
        return job(
            identifier,
            "COMPLETED",
            CompletionDate=NOW + datetime.timedelta(minutes=minutes),
            SourceResourceArn=source,
            RecoveryPointArn="x",
        )

    one = action(Backup(ended("a", 30), ended("b", 10), ended("c", 50, "other")), price_per_gib=0.02)
    assert one.find() is None
    told = one.foretold()["expected"]
    assert (told["cost"], told["last_job_id"], told["last_seconds"], told["last_was_of_this_machine"]) == (
        0.2,
        "a",
        1800,
        True,
    )
    one = action(Backup(ended("c", 50, "other")))
    one.find()
    told = one.foretold()["expected"]
    assert (told["cost"], told["last_job_id"], told["last_was_of_this_machine"]) == (None, "c", False)


def test_an_instance_has_a_licence_of_aws_unless_it_is_said_otherwise():
    backup = Backup()
    _found, seen = run(action(backup, EC2, metadata={"RequireIMDSv2": True}, security_group_ids=["sg-1"]))
    assert started(backup)[0]["Metadata"] == {
        "RestoreTo": "EC2Instance",
        "InstanceType": "m6i.large",
        "SubnetId": "subnet-1",
        "VpcId": "vpc-1",
        "SecurityGroupIds": '["sg-1"]',
        "RequireIMDSv2": "true",
    }
    assert any("licence of AWS" in text for text in seen["warnings"])
    _found, seen = run(action(Backup(), EC2, metadata={"LicenseSpecifications": [{"LicenseConfigurationArn": "x"}]}))
    assert seen["warnings"] == []


def test_a_disk_becomes_a_volume():
    backup = Backup()
    run(action(backup, EBS, encrypted=True, volume_type="gp3"))
    assert started(backup)[0]["Metadata"] == {
        "RestoreTo": "EBSVolume",
        "AvailabilityZone": "eu-west-1a",
        "EbsVolumeType": "gp3",
        "IsEncrypted": "true",
        "ItemsToRestore": json.dumps(DISKS[1:]),
    }


IMAGES = "get_allowed_images_settings"


def allowed(state, *providers):
    return ec2(**{IMAGES: {"State": state, "ImageCriteria": [{"ImageProviders": list(providers)}]}})


@pytest.mark.parametrize(
    ("state", "providers", "refused", "warned"),
    [
        ("disabled", ["amazon"], False, False),
        ("enabled", ["amazon"], True, False),
        ("enabled", ["amazon", "aws-backup-vault"], False, False),
        ("audit-mode", ["amazon"], False, True),
    ],
)
def test_allowed_amis_without_aws_backup_is_said_beforehand(state, providers, refused, warned):
    one = action(Backup(), EC2, cloud=allowed(state, *providers))
    if refused:
        with pytest.raises(Invalid, match="aws-backup-vault"):
            one.find()
    else:
        one.find()
        assert any("aws-backup-vault" in text for text in one.foretold()["warnings"]) is warned


@pytest.mark.parametrize(
    ("asked", "given", "option"),
    [
        (VMWARE, {"iam_role_arn": "arn:aws:iam::1:role/jobs"}, "iam_role_arn"),
        (VMWARE, {"recovery_point_arn": VM}, "recovery_point_arn"),
        (VMWARE, {"request_id": None}, "vm_name"),
        (VMWARE, {"vm_name": "a/b"}, "vm_name"),
        (VMWARE, {"vm_name": "x" * 81}, "vm_name"),
        (VMWARE, {"vm_path": "Restored"}, "vm_path"),
        (VMWARE, {"request_id": "x" * 61}, "request_id"),
        (VMWARE, {"max_gib": 0}, "max_gib"),
        (VMWARE, {"subnet_id": "subnet-1"}, "subnet_id"),
        (VMWARE, {"metadata": {"VMName": "x"}}, "metadata"),
        (VMWARE, {"metadata": {"InstanceType": "x"}}, "metadata"),
        (EC2, {"subnet_id": "10.0.0.0/8"}, "subnet_id"),
        (EC2, {"metadata": {"InstanceType": "x"}}, "metadata"),
        (EC2, {"metadata": {"UserData": "x"}}, "metadata"),
        (EC2, {"vm_path": "/dc/vm"}, "vm_path"),
        (EBS, {"ebs_restore_to": None}, "ebs_restore_to"),
        (EBS, {"disk": "Hard disk 3"}, "disk"),
        (EBS, {"disk": None}, "disk"),
        (EBS, {"availability_zone": "eu-west-1z"}, "availability_zone"),
        (EBS, {"metadata": {"VpcId": "x"}}, "metadata"),
    ],
)
def test_what_cannot_be_is_refused_by_name(asked, given, option):
    backup = Backup()
    with pytest.raises(Invalid) as refused:
        action(backup, asked, **given).find()
    assert (refused.value.option, started(backup)) == (option, [])


@pytest.mark.parametrize(
    ("point", "given", "option"),
    [
        ({"Status": "EXPIRED"}, {}, "recovery_point_arn"),
        ({"Status": "DELETING"}, {}, "recovery_point_arn"),
        ({"StorageClass": "COLD"}, {}, "recovery_point_arn"),
        ({"ResourceType": "EC2"}, {}, "recovery_point_arn"),
        ({}, {"max_gib": 9}, "max_gib"),
        ({"BackupSizeInBytes": None}, {"max_gib": 9}, "max_gib"),
    ],
)
def test_a_point_that_cannot_be_restored_is_refused(point, given, option):
    with pytest.raises(Invalid) as refused:
        action(Backup(point=point), **given).find()
    assert refused.value.option == option
    action(Backup(), max_gib=10).find()


def test_a_point_of_another_hypervisor_is_refused_unless_it_is_meant():
    with pytest.raises(Invalid, match="another hypervisor"):
        action(Backup(), listed="hype-2").find()
    action(Backup(), listed="hype-2", allow_other_hypervisor=True).find()
    action(Backup(), listed="hype-1").find()
    one = action(Backup(), listed=None)
    one.find()
    assert any("listed by no hypervisor" in text for text in one.foretold()["warnings"])


@pytest.mark.parametrize(
    "answers",
    [{"describe_instance_type_offerings": {"InstanceTypeOfferings": []}}, {"describe_subnets": {"Subnets": []}}],
)
def test_what_the_region_lacks_is_refused(answers):
    with pytest.raises(Invalid):
        action(Backup(), EC2, cloud=ec2(**answers)).find()


def test_what_does_not_exist_is_missing():
    for one, says in (
        (action(Backup(describe_recovery_point=None)), "recovery point"),
        (action(Backup(), hypervisor="sddc-9"), "hypervisor sddc-9"),
    ):
        assert one.find() is None
        with pytest.raises(Missing, match=says):
            one.start()
        assert started(one.backup) == []


def test_a_point_that_was_just_made_is_waited_for(monkeypatch):
    monkeypatch.setattr(wait, "SEEN_WITHIN", 5)
    backup = Backup()
    seen = [None, None, backup.answers["describe_recovery_point"]]
    backup.answers["describe_recovery_point"] = lambda **_asked: seen.pop(0) if len(seen) > 1 else seen[0]
    assert run(action(backup))[1]["job"]["state"] == "COMPLETED"
    assert started(backup)[0]["Metadata"]["VMName"] == "web-1-CHG1"


def test_a_folder_that_a_selection_takes_is_refused_and_so_is_one_of_which_it_is_not_told():
    selection = {
        "SelectionId": "s",
        "BackupPlanId": "p",
        "BackupSelection": {
            "SelectionName": "all",
            "IamRoleArn": ROLE,
            "Resources": ["arn:aws:backup-gateway:*:*:vm/*"],
        },
    }
    plans = {
        "list_backup_plans": {"BackupPlansList": [{"BackupPlanId": "p", "BackupPlanName": "daily"}]},
        "list_backup_selections": {"BackupSelectionsList": [{"SelectionId": "s"}]},
        "get_backup_selection": selection,
    }
    with pytest.raises(Invalid, match="the selection all of the plan daily takes machines of the folder"):
        action(Backup(**plans)).find()
    action(Backup(**plans), allow_selected_folder=True).find()
    with pytest.raises(Error, match="cannot be told"):
        action(Backup(list_backup_plans=Denied("no", code="AccessDeniedException"))).find()
