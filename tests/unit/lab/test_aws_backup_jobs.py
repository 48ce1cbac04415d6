# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Jobs, recovery points and copies, as AWS Backup and the world let them go."""

from __future__ import annotations

import datetime
import json
import types

import pytest
from lab import breaks
from lab.aws import sts
from lab.aws.schedule import due

from .aws_lab import ACCOUNT, PASSWORD, Appliance, error_code, machine
from .test_aws_backup import TRUST

UTC = datetime.timezone.utc
HOUR, DAY = 3600, 86400


@pytest.fixture
def made(lab):
    """Two gateways of one hypervisor with twelve machines, a vault and a role."""
    vcenter = lab.world.sddcs["sddc-a"].vcenter
    vcenter.running = [Appliance("sddc-a", f"uuid-{number}") for number in range(2)]
    vcenter.machines = [machine(f"vm-{number}", f"m{number}", path=f"/dc/vm/{number % 2}") for number in range(12)]
    gateway = lab.client("backup-gateway")
    hypervisor = gateway.import_hypervisor_configuration(
        Name="h1", Host="127.70.16.4", Username="u@example", Password=PASSWORD
    )["HypervisorArn"]
    for number, appliance in enumerate(vcenter.running):
        key = lab.aws.issue_key(appliance, "eu-west-1", "vpce-1.example")
        arn = gateway.create_gateway(ActivationKey=key, GatewayDisplayName=f"g{number}", GatewayType="BACKUP_VM")
        gateway.associate_gateway_to_server(GatewayArn=arn["GatewayArn"], ServerArn=hypervisor)
    while gateway.get_hypervisor(HypervisorArn=hypervisor)["Hypervisor"].get("LatestMetadataSyncStatus") != "SUCCEEDED":
        pass
    listed = gateway.list_virtual_machines()["VirtualMachines"]
    backup = lab.client("backup")
    backup.create_backup_vault(BackupVaultName="v1")
    iam = lab.client("iam", region_name="us-east-1")
    role = iam.create_role(RoleName="AWSBackup-jobs", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    arns = {one["Name"]: one["ResourceArn"] for one in listed}
    return types.SimpleNamespace(
        lab=lab, backup=backup, arns=arns, role=role, vcenter=vcenter, hypervisor=hypervisor, iam=iam, gateway=gateway
    )


def start(made, name="vm-0", **more):
    asked = {"BackupVaultName": "v1", "ResourceArn": made.arns[name], "IamRoleArn": made.role, **more}
    return made.backup.start_backup_job(**asked)["BackupJobId"]


def pass_time(made, seconds):
    made.lab.world.ahead += seconds


def look(made, job):
    return made.backup.describe_backup_job(BackupJobId=job)


def state_after(made, job, seconds=3 * HOUR):
    pass_time(made, seconds)
    found = look(made, job)
    return found["State"], found.get("StatusMessage"), found.get("MessageCategory")


def plan(made, *selections, **rule):
    rule = {"RuleName": "daily", "TargetBackupVaultName": "v1", "ScheduleExpression": "cron(0 5 ? * * *)", **rule}
    made_plan = made.backup.create_backup_plan(BackupPlan={"BackupPlanName": "p", "Rules": [rule]})["BackupPlanId"]
    for number, selection in enumerate(selections):
        chosen = {"SelectionName": f"s{number}", "IamRoleArn": made.role, **selection}
        made.backup.create_backup_selection(BackupPlanId=made_plan, BackupSelection=chosen)
    return made_plan


def jobs(made, **filters):
    return made.backup.list_backup_jobs(**filters)["BackupJobs"]


def points(made, **more):
    return made.backup.list_recovery_points_by_backup_vault(BackupVaultName="v1", **more)["RecoveryPoints"]


def test_a_job_runs_to_its_end_by_the_clock_and_leaves_a_point(made):
    answer = made.backup.start_backup_job(
        BackupVaultName="v1",
        ResourceArn=made.arns["vm-0"],
        IamRoleArn=made.role,
        Lifecycle={"DeleteAfterDays": 7},
        RecoveryPointTags={"a": "b"},
    )
    assert "RecoveryPointArn" not in answer
    job = answer["BackupJobId"]
    assert look(made, job)["State"] in ("CREATED", "RUNNING")
    assert state_after(made, job) == ("COMPLETED", None, "SUCCESS")
    arn = look(made, job)["RecoveryPointArn"]
    (point,) = points(made)
    assert (point["RecoveryPointArn"], point["Status"]) == (arn, "COMPLETED")
    age = point["CalculatedLifecycle"]["DeleteAt"] - point["CreationDate"]
    assert age == datetime.timedelta(days=7)
    assert made.backup.list_tags(ResourceArn=arn)["Tags"] == {"a": "b"}
    (protected,) = made.backup.list_protected_resources()["Results"]
    assert (protected["ResourceArn"], protected["LastRecoveryPointArn"]) == (made.arns["vm-0"], arn)
    assert made.backup.describe_protected_resource(ResourceArn=made.arns["vm-0"])["LastRecoveryPointArn"] == arn
    by_resource = made.backup.list_recovery_points_by_resource(ResourceArn=made.arns["vm-0"])["RecoveryPoints"]
    assert [one["RecoveryPointArn"] for one in by_resource] == [arn]
    metadata = made.backup.get_recovery_point_restore_metadata(BackupVaultName="v1", RecoveryPointArn=arn)
    assert metadata["RestoreMetadata"]["VMName"] == "vm-0"
    listed = made.gateway.list_virtual_machines()["VirtualMachines"]
    assert [one["Name"] for one in listed if one.get("LastBackupDate")] == ["vm-0"]


def test_a_job_that_is_looked_at_goes_on_without_the_clock(made):
    job = start(made)
    seen = [look(made, job)["State"] for _look in range(8)]
    assert seen[-1] == "COMPLETED"
    assert set(seen) <= {"CREATED", "RUNNING", "COMPLETED"}


def test_a_gateway_has_four_jobs_and_a_machine_one(made):
    started = [start(made, f"vm-{number}") for number in range(10)] + [start(made, "vm-0")]
    made.backup.list_backup_jobs()
    states = [each["State"] for each in jobs(made)]
    assert (states.count("RUNNING"), states.count("PENDING")) == (8, 3)
    assert [each["BackupJobId"] for each in jobs(made, ByState="PENDING")] == started[8:]
    pass_time(made, 7 * HOUR)
    assert {each["State"] for each in jobs(made)} == {"COMPLETED"}


def test_a_machine_that_is_backed_up_waits_with_its_next_job(made):
    first, second = start(made), start(made)
    made.backup.list_backup_jobs()
    assert [each["State"] for each in jobs(made)] == ["RUNNING", "PENDING"]
    ended = [state_after(made, job, 9 * HOUR)[0] for job in (first, second)]
    assert ended == ["COMPLETED", "COMPLETED"]
    assert look(made, second)["InitiationDate"] >= look(made, first)["CompletionDate"]


def test_an_air_gapped_vault_is_written_to_directly(made):
    limits = {"BackupVaultName": "far", "MinRetentionDays": 7, "MaxRetentionDays": 100}
    arn = made.backup.create_logically_air_gapped_backup_vault(**limits)["BackupVaultArn"]
    job = start(made, LogicallyAirGappedBackupVaultArn=arn, Lifecycle={"DeleteAfterDays": 9})
    assert state_after(made, job)[0] == "COMPLETED"
    assert look(made, job)["BackupVaultName"] == "far"
    assert points(made) == []


def test_what_waits_beyond_its_window_expires(made):
    for number in range(10):
        start(made, f"vm-{number}", StartWindowMinutes=60)
    made.backup.list_backup_jobs()
    for job in made.lab.aws.backup.places[ACCOUNT, "eu-west-1"].jobs.values():
        job.endless = True
        job.ends = job.ends and job.ends + datetime.timedelta(days=2)
    pass_time(made, 2 * HOUR)
    ended = jobs(made, ByState="EXPIRED")
    assert [one["StatusMessage"] for one in ended] == ["No gateways available to work on job"] * 2


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (lambda made: made.lab.physics.esxi_closed.add(902), "Failed to process backup data / Error opening disk"),
        (lambda made: made.lab.physics.esxi_closed.add(443), "Failed to process backup data / Error opening disk"),
        (
            lambda made: made.lab.physics.not_seen.update({("uuid-0", "m0"), ("uuid-1", "m0")}),
            "Failed to process backup data / Error opening disk",
        ),
        (lambda made: made.lab.physics.endpoint_closed.append("shut"), "No gateways available to work on job"),
        (
            lambda made: made.vcenter.machines[0].update(unfit=["RDM"]),
            "Failed to create backup during snapshot creation",
        ),
        (lambda made: made.vcenter.machines.pop(0), "Failed to create backup during snapshot creation"),
        (lambda made: setattr(made.vcenter, "blind", True), "Failed to create backup during snapshot creation"),
        (lambda made: made.lab.aws.backup.opt_in(ACCOUNT, "eu-west-1", False), "not opted in"),
        (lambda made: made.iam.delete_role(RoleName="AWSBackup-jobs"), "does not have sufficient permissions"),
        (lambda made: made.backup.delete_backup_vault(BackupVaultName="v1"), "Insufficient privileges"),
    ],
)
def test_a_job_fails_where_the_world_does_not_let_it(made, wrong, told):
    job = start(made)
    wrong(made)
    state, message, category = state_after(made, job)
    assert (state, told in message) == ("FAILED", True)
    assert category != "SUCCESS"
    assert made.backup.list_protected_resources()["Results"] == []


@pytest.mark.parametrize(("assigned", "state"), [("able", "COMPLETED"), ("any", "FAILED")])
def test_which_gateway_gets_a_job_is_not_known(made, assigned, state):
    made.lab.world.switches["job_assignment"] = assigned
    made.lab.physics.not_seen.update({("uuid-0", "m0"), ("uuid-0", "m1")})
    first, second = start(made), start(made, "vm-1")
    found = {state_after(made, job)[0] for job in (first, second)}
    assert state in found
    assert (found == {"COMPLETED"}) == (assigned == "able")


def test_a_gateway_that_dies_takes_its_jobs_with_it(made):
    job = start(made)
    pass_time(made, 60)
    jobs(made)
    made.lab.physics.endpoint_closed.append("shut")
    assert state_after(made, job)[1] == "Failed to upload backup during data ingestion"
    assert [machine for _appliance, machine in made.vcenter.left] == ["m0"]


def test_a_job_with_issues_has_completed(made):
    made.lab.world.switches["issues_category"] = "ISSUES"
    made.vcenter.untracked.add("m0")
    assert state_after(made, start(made), 9 * HOUR) == ("COMPLETED", "CBT not available", "ISSUES")
    made.vcenter.unquiesced.add("m1")
    assert "crash-consistent" in state_after(made, start(made, "vm-1"))[1]


def test_the_role_needs_the_key_of_the_hypervisor(made):
    kms = made.lab.client("kms")
    key = kms.create_key()["KeyMetadata"]["Arn"]
    place = made.lab.aws.backup_gateway.places[ACCOUNT, "eu-west-1"]
    place.hypervisors[made.hypervisor].kms_key_arn = key
    assert "cannot use the key" in state_after(made, start(made))[1]
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": key}]}
    made.iam.put_role_policy(RoleName="AWSBackup-jobs", PolicyName="k", PolicyDocument=json.dumps(document))
    assert state_after(made, start(made))[0] == "COMPLETED"
    kms.disable_key(KeyId=key.rpartition("/")[2])
    assert "cannot use the key" in state_after(made, start(made))[1]


@pytest.mark.parametrize(
    ("days", "state"), [(None, "FAILED"), (6, "FAILED"), (7, "COMPLETED"), (100, "COMPLETED"), (101, "FAILED")]
)
def test_a_retention_has_to_fit_the_lock(made, days, state):
    made.backup.put_backup_vault_lock_configuration(BackupVaultName="v1", MinRetentionDays=7, MaxRetentionDays=100)
    lifecycle = {"DeleteAfterDays": days} if days else {}
    assert state_after(made, start(made, Lifecycle=lifecycle))[0] == state


@pytest.mark.parametrize(
    "wrong",
    [
        {"BackupOptions": {"WindowsVSS": "enabled"}},
        {"StartWindowMinutes": 59},
        {"StartWindowMinutes": 120, "CompleteWindowMinutes": 60},
        {"Lifecycle": {"MoveToColdStorageAfterDays": 30, "DeleteAfterDays": 60}},
        {"IamRoleArn": "arn:aws:iam::123456789012:role/none"},
    ],
)
def test_what_cannot_be_started_is_refused(made, wrong):
    asked = {"BackupVaultName": "v1", "ResourceArn": made.arns["vm-0"], "IamRoleArn": made.role, **wrong}
    assert error_code(made.backup.start_backup_job, **asked) == "InvalidParameterValueException"
    assert jobs(made) == []


def test_what_is_not_there_is_not_backed_up(made):
    asked = {"BackupVaultName": "v1", "ResourceArn": made.arns["vm-0"] + "0", "IamRoleArn": made.role}
    assert error_code(made.backup.start_backup_job, **asked) == "ResourceNotFoundException"
    asked = {**asked, "ResourceArn": made.arns["vm-0"], "BackupVaultName": "v2"}
    assert error_code(made.backup.start_backup_job, **asked) == "AccessDeniedException"


@pytest.mark.parametrize(("switch", "number"), [("same", 1), ("new", 2)])
def test_a_token_may_or_may_not_stand_for_one_job(made, switch, number):
    made.lab.world.switches["job_token"] = switch
    assert len({start(made, IdempotencyToken="t"), start(made, IdempotencyToken="t")}) == number


def test_a_job_is_stopped_once(made):
    job = start(made)
    pass_time(made, 60)
    jobs(made)
    made.backup.stop_backup_job(BackupJobId=job)
    assert look(made, job)["State"] in ("ABORTING", "ABORTED")
    assert look(made, job)["State"] == "ABORTED"
    assert error_code(made.backup.stop_backup_job, BackupJobId=job) == "InvalidRequestException"
    assert error_code(made.backup.stop_backup_job, BackupJobId="none") == "ResourceNotFoundException"


def test_a_job_that_outlives_its_window_is_aborted(made):
    made.vcenter.untracked.add("m0")
    job = start(made, StartWindowMinutes=60, CompleteWindowMinutes=61)
    made.lab.aws.backup.places[ACCOUNT, "eu-west-1"].jobs[job].complete_by = made.lab.world.utc()
    pass_time(made, 1)
    assert state_after(made, job, 10 * HOUR)[:2] == ("ABORTED", "Abort signal detected")


def test_lists_of_jobs_are_filtered_and_paged(made):
    first = start(made)
    pass_time(made, HOUR)
    moment = made.lab.world.utc()
    pass_time(made, HOUR)
    second = start(made, "vm-1")
    for filters, found in (
        ({"ByResourceArn": made.arns["vm-1"]}, [second]),
        ({"ByCreatedBefore": moment}, [first]),
        ({"ByCreatedAfter": moment}, [second]),
        ({"ByCompleteAfter": moment - datetime.timedelta(days=1)}, [first]),
        ({"ByBackupVaultName": "v2"}, []),
        ({"ByMessageCategory": "SUCCESS"}, [first]),
        ({"ByResourceType": "EC2"}, []),
    ):
        assert [one["BackupJobId"] for one in jobs(made, **filters)] == found, filters
    pages = made.backup.get_paginator("list_backup_jobs").paginate(PaginationConfig={"PageSize": 1})
    assert [one["BackupJobId"] for page in pages for one in page["BackupJobs"]] == [first, second]


def test_jobs_are_listed_for_thirty_days(made):
    start(made)
    pass_time(made, 29 * DAY)
    assert len(jobs(made)) == 1
    pass_time(made, 2 * DAY)
    assert jobs(made) == []


# Plans


def test_a_plan_runs_by_its_schedule_and_takes_what_it_selects(made):
    plan(
        made,
        {
            "Resources": [f"arn:aws:backup-gateway:eu-west-1:{ACCOUNT}:vm/*"],
            "Conditions": {
                "StringEquals": [
                    {"ConditionKey": "aws:ResourceTag/aws:backup-gateway:path", "ConditionValue": "/dc/vm/1"}
                ]
            },
        },
        Lifecycle={"DeleteAfterDays": 3},
    )
    pass_time(made, 10 * DAY)
    found = jobs(made, MaxResults=1000)
    assert {one["ResourceName"] for one in found} == {f"vm-{number}" for number in range(1, 12, 2)}
    assert len(found) == 60
    assert {one["State"] for one in found} == {"COMPLETED"}
    assert {one["CreationDate"].astimezone(UTC).hour for one in found} == {5}
    assert found[0]["CreatedBy"]["BackupRuleName"] == "daily"
    # Those of three days are left, the first of all was full.
    assert len(points(made)) == 18
    sizes = [one["BackupSizeInBytes"] for one in found if one["ResourceName"] == "vm-1"]
    assert sizes[0] > sizes[1] == sizes[2]


@pytest.mark.parametrize(("switch", "taken"), [(True, 12), (False, 0)])
def test_conditions_may_not_know_system_tags(made, switch, taken):
    made.lab.world.switches["conditions_on_system_tags"] = switch
    condition = {"ConditionKey": "aws:ResourceTag/aws:backup-gateway:path", "ConditionValue": "/dc/vm/*"}
    every = f"arn:aws:backup-gateway:eu-west-1:{ACCOUNT}:vm/*"
    plan(made, {"Resources": [every], "Conditions": {"StringLike": [condition]}})
    pass_time(made, DAY)
    assert len(jobs(made)) == taken


def test_tags_of_a_list_take_instances_too(made):
    ec2 = made.lab.client("ec2")
    tags = [{"ResourceType": "instance", "Tags": [{"Key": "plan", "Value": "daily"}]}]
    ec2.run_instances(ImageId="ami-12c6146b", MinCount=1, MaxCount=1, TagSpecifications=tags)
    made.gateway.tag_resource(ResourceARN=made.arns["vm-3"], Tags=[{"Key": "plan", "Value": "daily"}])
    by_tag = [{"ConditionType": "STRINGEQUALS", "ConditionKey": "plan", "ConditionValue": "daily"}]
    plan(made, {"Resources": [made.arns["vm-0"]], "ListOfTags": by_tag})
    pass_time(made, DAY)
    assert {one["ResourceType"] for one in jobs(made)} == {"EC2", "VirtualMachine"}
    assert len(jobs(made)) == 3


def test_without_opt_in_tags_take_nothing_and_names_fail(made):
    made.lab.aws.backup.opt_in(ACCOUNT, "eu-west-1", False)
    made.gateway.tag_resource(ResourceARN=made.arns["vm-3"], Tags=[{"Key": "plan", "Value": "daily"}])
    by_tag = [{"ConditionType": "STRINGEQUALS", "ConditionKey": "plan", "ConditionValue": "daily"}]
    plan(made, {"ListOfTags": by_tag}, {"Resources": [made.arns["vm-0"]]})
    pass_time(made, DAY)
    assert [(one["ResourceName"], one["State"]) for one in jobs(made)] == [("vm-0", "FAILED")]


@pytest.mark.parametrize(
    ("expression", "zone", "moments"),
    [
        ("cron(0 5 ? * * *)", "Etc/UTC", ["01-01T05:00", "01-02T05:00"]),
        ("cron(30 1 ? * FRI *)", "Etc/UTC", ["01-02T01:30"]),
        ("cron(0 5 1 * ? *)", "Europe/Berlin", ["01-01T04:00"]),
        ("cron(0 5 L * ? *)", "Etc/UTC", []),
        ("cron(0 0/12 ? * 5-6 2026)", "Etc/UTC", ["01-01T12:00", "01-02T00:00", "01-02T12:00"]),
        ("rate(1 day)", "Etc/UTC", ["01-01T12:00", "01-02T12:00"]),
        ("", "Etc/UTC", []),
    ],
)
def test_when_a_rule_is_due(expression, zone, moments):
    rule = {"ScheduleExpression": expression, "ScheduleExpressionTimezone": zone}
    made = datetime.datetime(2025, 12, 31, 12, tzinfo=UTC)
    since, until = (datetime.datetime(2026, 1, day, tzinfo=UTC) for day in (1, 3))
    assert [f"{one:%m-%dT%H:%M}" for one in due(rule, made, since, until)] == moments


# Points


def point_of(made, **more):
    job = start(made, **more)
    pass_time(made, 3 * HOUR)
    return look(made, job)["RecoveryPointArn"]


def test_a_point_moves_to_cold_storage_and_goes_by_its_age(made):
    arn = point_of(made, Lifecycle={"MoveToColdStorageAfterDays": 10, "DeleteAfterDays": 100})
    for days, stored in ((5, "WARM"), (6, "COLD")):
        pass_time(made, days * DAY)
        found = made.backup.describe_recovery_point(BackupVaultName="v1", RecoveryPointArn=arn)
        assert found["StorageClass"] == stored
    pass_time(made, 90 * DAY)
    assert points(made) == []
    assert made.backup.list_protected_resources()["Results"] == []


def test_without_its_role_a_point_expires_and_stays(made):
    arn = point_of(made, Lifecycle={"DeleteAfterDays": 1})
    made.iam.delete_role(RoleName="AWSBackup-jobs")
    pass_time(made, 2 * DAY)
    assert [(one["RecoveryPointArn"], one["Status"]) for one in points(made)] == [(arn, "EXPIRED")]


def test_a_lifecycle_can_be_changed_and_a_point_deleted_unless_its_vault_is_locked(made):
    arn, other = point_of(made, Lifecycle={"DeleteAfterDays": 1}), point_of(made)
    named = {"BackupVaultName": "v1", "RecoveryPointArn": arn}
    made.backup.update_recovery_point_lifecycle(**named, Lifecycle={"DeleteAfterDays": 30})
    pass_time(made, 2 * DAY)
    assert len(points(made)) == 2
    made.backup.delete_recovery_point(**{**named, "RecoveryPointArn": other})
    assert error_code(made.backup.describe_recovery_point, **{**named, "RecoveryPointArn": other}).startswith(
        "Resource"
    )
    made.backup.put_backup_vault_lock_configuration(BackupVaultName="v1", MinRetentionDays=7)
    assert error_code(made.backup.delete_recovery_point, **named) == "InvalidRequestException"


# Copies


def destination(made, region="eu-central-1"):
    backup = made.lab.client("backup", region_name=region)
    return backup, backup.create_backup_vault(BackupVaultName="far")["BackupVaultArn"]


def of_the_other_account(made):
    role = f"arn:aws:iam::{sts.BACKUP_ACCOUNT}:role/{sts.ROLE}"
    assumed = made.lab.client("sts").assume_role(RoleArn=role, RoleSessionName="session", ExternalId=sts.EXTERNAL_ID)
    keys = {
        "aws_access_key_id": assumed["Credentials"]["AccessKeyId"],
        "aws_secret_access_key": assumed["Credentials"]["SecretAccessKey"],
        "aws_session_token": assumed["Credentials"]["SessionToken"],
    }
    return made.lab.client("backup", **keys)


def copied(made, arn, **more):
    started = made.backup.start_copy_job(
        RecoveryPointArn=point_of(made),
        SourceBackupVaultName="v1",
        DestinationBackupVaultArn=arn,
        IamRoleArn=made.role,
        **more,
    )
    pass_time(made, 3 * HOUR)
    found = made.backup.describe_copy_job(CopyJobId=started["CopyJobId"])["CopyJob"]
    return found["State"], found.get("StatusMessage", "")


def test_a_point_is_copied_to_another_region_with_a_lifecycle_of_its_own(made):
    there, arn = destination(made)
    made.lab.aws.backup.opt_in(ACCOUNT, "eu-central-1")
    assert copied(made, arn, Lifecycle={"DeleteAfterDays": 1}) == ("COMPLETED", "")
    (point,) = there.list_recovery_points_by_backup_vault(BackupVaultName="far")["RecoveryPoints"]
    assert point["SourceBackupVaultArn"].endswith(":v1")
    pass_time(made, 2 * DAY)
    assert there.list_recovery_points_by_backup_vault(BackupVaultName="far")["RecoveryPoints"] == []
    assert len(points(made)) == 1


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (lambda made, there: there.delete_backup_vault(BackupVaultName="far"), "Insufficient privileges"),
        (lambda made, there: made.lab.aws.backup.opt_in(ACCOUNT, "eu-central-1", False), "not opted in"),
        (
            lambda made, there: there.put_backup_vault_lock_configuration(BackupVaultName="far", MaxRetentionDays=9),
            "does not fit the lock",
        ),
    ],
)
def test_a_copy_fails_in_silence(made, wrong, told):
    there, arn = destination(made)
    made.lab.aws.backup.opt_in(ACCOUNT, "eu-central-1")
    wrong(made, there)
    state, message = copied(made, arn)
    assert (state, told in message) == ("FAILED", True)
    assert [one["State"] for one in jobs(made)] == ["COMPLETED"]


def test_a_copy_to_another_account_needs_the_setting_and_the_policy(made):
    arn = of_the_other_account(made).create_backup_vault(BackupVaultName="far")["BackupVaultArn"]
    assert "not enabled" in copied(made, arn)[1]
    made.backup.update_global_settings(GlobalSettings={"isCrossAccountBackupEnabled": "true"})
    assert made.backup.describe_global_settings()["GlobalSettings"] == {"isCrossAccountBackupEnabled": "true"}
    assert "Insufficient privileges" in copied(made, arn)[1]
    statement = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "backup:CopyIntoBackupVault"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [{**statement, "Resource": "*"}]})
    of_the_other_account(made).put_backup_vault_access_policy(BackupVaultName="far", Policy=policy)
    assert copied(made, arn)[0] == "COMPLETED"


def test_a_rule_copies_what_it_has_made(made):
    there, arn = destination(made)
    made.lab.aws.backup.opt_in(ACCOUNT, "eu-central-1")
    plan(made, {"Resources": [made.arns["vm-0"]]}, CopyActions=[{"DestinationBackupVaultArn": arn}])
    pass_time(made, DAY + 6 * HOUR)
    (copy, *_others) = made.backup.list_copy_jobs(ByDestinationVaultArn=arn)["CopyJobs"]
    assert (copy["State"], copy["CreatedByBackupJobId"]) == ("COMPLETED", jobs(made)[0]["BackupJobId"])
    assert made.backup.list_copy_jobs(ByState="FAILED")["CopyJobs"] == []


# What else is asked


def test_resources_are_found_by_their_tags(made):
    tagging = made.lab.client("resourcegroupstaggingapi")
    pages = tagging.get_paginator("get_resources").paginate(
        ResourceTypeFilters=["backup-gateway:vm"], PaginationConfig={"PageSize": 5}
    )
    found = [one for page in pages for one in page["ResourceTagMappingList"]]
    assert {one["ResourceARN"] for one in found} == set(made.arns.values())
    path = {"Key": "aws:backup-gateway:path", "Values": ["/dc/vm/0"]}
    assert len(tagging.get_resources(TagFilters=[path])["ResourceTagMappingList"]) == 6


def test_a_legal_hold_is_listed_and_keeps_points(made):
    arn = point_of(made, Lifecycle={"DeleteAfterDays": 1})
    made.lab.world.aws = made.lab.aws
    breaks.hold_points(made.lab.world)
    pass_time(made, 2 * DAY)
    assert [one["Title"] for one in made.backup.list_legal_holds()["LegalHolds"]] == ["audit"]
    assert [one["Status"] for one in points(made)] == ["EXPIRED"]
    named = {"BackupVaultName": "v1", "RecoveryPointArn": arn}
    assert error_code(made.backup.delete_recovery_point, **named) == "InvalidRequestException"


def test_jobs_of_breaks_run_until_they_are_ended(made):
    made.lab.aws.backup.start_job(made.arns["vm-0"], "vm-0")
    pass_time(made, 20 * DAY)
    assert [one["State"] for one in jobs(made, ByResourceType="VirtualMachine")] == ["RUNNING"]
    made.lab.aws.backup.end_jobs()
    assert [one["State"] for one in jobs(made)] == ["COMPLETED"]


def test_jobs_are_counted_by_state_and_category(made):
    made.lab.world.switches["issues_category"] = "ISSUES"
    made.vcenter.untracked.add("m0")
    for name in ("vm-0", "vm-1", "vm-2"):
        state_after(made, start(made, name), 9 * HOUR)
    asked = {
        "State": "ANY",
        "MessageCategory": "ANY",
        "ResourceType": "VirtualMachine",
        "AggregationPeriod": "FOURTEEN_DAYS",
    }
    counted = made.backup.list_backup_job_summaries(**asked)["BackupJobSummaries"]
    assert {(one["State"], one["MessageCategory"]): one["Count"] for one in counted} == {
        ("COMPLETED", "ISSUES"): 1,
        ("COMPLETED", "SUCCESS"): 2,
    }
    (all_of_them,) = made.backup.list_backup_job_summaries(AggregationPeriod="FOURTEEN_DAYS")["BackupJobSummaries"]
    assert all_of_them["Count"] == 3
    pass_time(made, 15 * DAY)
    assert made.backup.list_backup_job_summaries(**asked)["BackupJobSummaries"] == []


def test_a_plan_says_when_it_ran_last_unless_nothing_runs_it_any_more(made):
    plan(made, {"Resources": [made.arns["vm-0"]]})
    assert "LastExecutionDate" not in made.backup.list_backup_plans()["BackupPlansList"][0]
    pass_time(made, DAY)
    ran = made.backup.list_backup_plans()["BackupPlansList"][0]["LastExecutionDate"]
    assert ran.hour == 5
    made.lab.world.aws = made.lab.aws
    breaks.freeze_plan(made.lab.world, "p")
    pass_time(made, 2 * DAY)
    assert made.backup.list_backup_plans()["BackupPlansList"][0]["LastExecutionDate"] == ran


def test_a_plan_of_the_organisation_is_seen_and_not_changed(made):
    plan(made, {"Resources": [made.arns["vm-0"]]})
    made.lab.world.aws = made.lab.aws
    breaks.plan_of_organisation(made.lab.world, "p")
    (listed,) = made.backup.list_backup_plans()["BackupPlansList"]
    identifier = listed["BackupPlanId"]
    assert identifier.startswith("orgs/")
    rules = {"BackupPlanName": "p", "Rules": [{"RuleName": "daily", "TargetBackupVaultName": "v1"}]}
    (selection,) = made.backup.list_backup_selections(BackupPlanId=identifier)["BackupSelectionsList"]
    for refused in (
        lambda: made.backup.update_backup_plan(BackupPlanId=identifier, BackupPlan=rules),
        lambda: made.backup.delete_backup_plan(BackupPlanId=identifier),
        lambda: made.backup.delete_backup_selection(BackupPlanId=identifier, SelectionId=selection["SelectionId"]),
    ):
        assert error_code(refused) == "InvalidRequestException"
    pass_time(made, DAY)
    assert len(jobs(made)) == 1
