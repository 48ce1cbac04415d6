# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Vaults, plans and selections, as AWS Backup has them."""

from __future__ import annotations

import datetime
import json

import pytest
from lab.aws.plans import takes

from .aws_lab import error_code

TRUST = {
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "backup.amazonaws.com"}, "Action": "sts:AssumeRole"}]
}
RULE = {"RuleName": "daily", "TargetBackupVaultName": "v1", "ScheduleExpression": "cron(0 5 ? * * *)"}
VM = "arn:aws:backup-gateway:eu-west-1:123456789012:vm/vm-1"
ALL = "arn:aws:backup-gateway:eu-west-1:123456789012:vm/*"


@pytest.fixture
def backup(lab):
    return lab.client("backup")


@pytest.fixture
def role(lab):
    iam = lab.client("iam", region_name="us-east-1")
    return iam.create_role(RoleName="AWSBackup-jobs", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]


def plan(backup, *rules, name="p"):
    return backup.create_backup_plan(BackupPlan={"BackupPlanName": name, "Rules": list(rules or [RULE])})


def test_a_vault_is_made_tagged_listed_and_removed(backup):
    arn = backup.create_backup_vault(BackupVaultName="v1", BackupVaultTags={"a": "b"})["BackupVaultArn"]
    assert error_code(backup.create_backup_vault, BackupVaultName="v1") == "AlreadyExistsException"
    backup.tag_resource(ResourceArn=arn, Tags={"c": "d"})
    backup.untag_resource(ResourceArn=arn, TagKeyList=["a"])
    assert backup.list_tags(ResourceArn=arn)["Tags"] == {"c": "d"}
    (listed,) = backup.list_backup_vaults()["BackupVaultList"]
    assert (listed["BackupVaultName"], listed["VaultType"], listed["Locked"]) == ("v1", "BACKUP_VAULT", False)
    backup.delete_backup_vault(BackupVaultName="v1")
    assert error_code(backup.describe_backup_vault, BackupVaultName="v1") == "AccessDeniedException"


def test_a_vault_has_no_policy_and_no_notifications_until_it_is_given_some(backup):
    backup.create_backup_vault(BackupVaultName="v1")
    for read in (backup.get_backup_vault_access_policy, backup.get_backup_vault_notifications):
        assert error_code(read, BackupVaultName="v1") == "ResourceNotFoundException"
    backup.put_backup_vault_access_policy(BackupVaultName="v1", Policy=json.dumps({"Statement": [{}]}))
    backup.put_backup_vault_notifications(
        BackupVaultName="v1", SNSTopicArn="arn:aws:sns:eu-west-1:123456789012:t", BackupVaultEvents=["COPY_JOB_FAILED"]
    )
    assert json.loads(backup.get_backup_vault_access_policy(BackupVaultName="v1")["Policy"]) == {"Statement": [{}]}
    assert backup.get_backup_vault_notifications(BackupVaultName="v1")["BackupVaultEvents"] == ["COPY_JOB_FAILED"]
    backup.delete_backup_vault_access_policy(BackupVaultName="v1")
    backup.delete_backup_vault_notifications(BackupVaultName="v1")
    assert error_code(backup.get_backup_vault_access_policy, BackupVaultName="v1") == "ResourceNotFoundException"


def test_a_lock_with_a_date_is_for_ever_from_then_on(lab, backup):
    backup.create_backup_vault(BackupVaultName="v1")
    lock = {"BackupVaultName": "v1", "MinRetentionDays": 7, "MaxRetentionDays": 100}
    assert error_code(backup.put_backup_vault_lock_configuration, **lock, ChangeableForDays=2).startswith("Invalid")
    backup.put_backup_vault_lock_configuration(**lock, ChangeableForDays=3)
    found = backup.describe_backup_vault(BackupVaultName="v1")
    assert found["LockDate"] - lab.world.utc() > datetime.timedelta(days=2)
    lab.world.ahead += 4 * 86400
    assert error_code(backup.put_backup_vault_lock_configuration, **lock) == "InvalidRequestException"
    assert error_code(backup.delete_backup_vault_lock_configuration, BackupVaultName="v1") == "InvalidRequestException"


@pytest.mark.parametrize(("switch", "dated"), [("governance", False), ("keep", True)])
def test_a_lock_put_without_days_may_lose_its_date(lab, backup, switch, dated):
    lab.world.switches["lock_without_days"] = switch
    backup.create_backup_vault(BackupVaultName="v1")
    backup.put_backup_vault_lock_configuration(BackupVaultName="v1", ChangeableForDays=3)
    backup.put_backup_vault_lock_configuration(BackupVaultName="v1", MinRetentionDays=2)
    assert ("LockDate" in backup.describe_backup_vault(BackupVaultName="v1")) == dated


def test_an_air_gapped_vault_is_locked_when_it_is_made(backup):
    limits = {"BackupVaultName": "far", "MinRetentionDays": 7, "MaxRetentionDays": 100}
    assert backup.create_logically_air_gapped_backup_vault(**limits)["VaultState"] == "CREATING"
    states = [backup.describe_backup_vault(BackupVaultName="far")["VaultState"] for _look in range(2)]
    assert states == ["CREATING", "AVAILABLE"]
    assert backup.describe_backup_vault(BackupVaultName="far")["Locked"] is True
    assert error_code(backup.delete_backup_vault_lock_configuration, BackupVaultName="far") == "InvalidRequestException"


def test_a_plan_is_replaced_whole_and_keeps_the_ids_of_its_rules(backup):
    made = plan(backup)
    (rule,) = backup.get_backup_plan(BackupPlanId=made["BackupPlanId"])["BackupPlan"]["Rules"]
    assert (rule["StartWindowMinutes"], rule["ScheduleExpressionTimezone"]) == (480, "Etc/UTC")
    again = {"BackupPlanName": "p", "Rules": [RULE, {**RULE, "RuleName": "more", "Lifecycle": {"DeleteAfterDays": 1}}]}
    version = backup.update_backup_plan(BackupPlanId=made["BackupPlanId"], BackupPlan=again)["VersionId"]
    assert version != made["VersionId"]
    rules = backup.get_backup_plan(BackupPlanId=made["BackupPlanId"])["BackupPlan"]["Rules"]
    assert (rules[0]["RuleId"], len(rules)) == (rule["RuleId"], 2)


@pytest.mark.parametrize(
    "wrong",
    [
        {"ScheduleExpression": "cron(0 5 * * *)"},
        {"StartWindowMinutes": 59},
        {"StartWindowMinutes": 120, "CompletionWindowMinutes": 60},
        {"Lifecycle": {"MoveToColdStorageAfterDays": 30, "DeleteAfterDays": 60}},
    ],
)
def test_a_rule_that_cannot_be_is_refused(backup, wrong):
    with pytest.raises(backup.exceptions.InvalidParameterValueException):
        plan(backup, {**RULE, **wrong})


def test_the_same_plan_twice_is_one_and_another_of_its_name_is_a_second(backup):
    plan(backup)
    with pytest.raises(backup.exceptions.AlreadyExistsException):
        plan(backup)
    plan(backup, {**RULE, "RuleName": "other"})
    assert len(backup.list_backup_plans()["BackupPlansList"]) == 2


def test_a_plan_with_selections_stays(backup, role):
    made = plan(backup)["BackupPlanId"]
    chosen = {"SelectionName": "s", "IamRoleArn": role, "Resources": [VM]}
    selection = backup.create_backup_selection(BackupPlanId=made, BackupSelection=chosen)["SelectionId"]
    assert error_code(backup.delete_backup_plan, BackupPlanId=made) == "InvalidRequestException"
    assert backup.get_backup_selection(BackupPlanId=made, SelectionId=selection)["BackupSelection"] == chosen
    (listed,) = backup.list_backup_selections(BackupPlanId=made)["BackupSelectionsList"]
    assert (listed["SelectionName"], listed["IamRoleArn"]) == ("s", role)
    backup.delete_backup_selection(BackupPlanId=made, SelectionId=selection)
    backup.delete_backup_plan(BackupPlanId=made)
    assert backup.list_backup_plans()["BackupPlansList"] == []
    assert backup.list_backup_plans(IncludeDeleted=True)["BackupPlansList"][0]["DeletionDate"]


def test_a_role_that_the_service_cannot_assume_is_refused(backup):
    chosen = {"SelectionName": "s", "IamRoleArn": "arn:aws:iam::123456789012:role/none", "Resources": [VM]}
    made = plan(backup)["BackupPlanId"]
    assert (
        error_code(backup.create_backup_selection, BackupPlanId=made, BackupSelection=chosen)
        == "InvalidParameterValueException"
    )


def of_tag(key, value):
    return {"ConditionKey": f"aws:ResourceTag/{key}", "ConditionValue": value}


@pytest.mark.parametrize(
    ("document", "tags", "taken"),
    [
        ({"Resources": [VM]}, {}, True),
        ({"Resources": [ALL]}, {}, True),
        ({"Resources": [VM + "2"]}, {}, False),
        ({"Resources": [ALL], "NotResources": [VM]}, {}, False),
        # Conditions narrow, tags of the list widen.
        ({"Resources": [ALL], "Conditions": {"StringEquals": [of_tag("a", "b")]}}, {"a": "c"}, False),
        ({"Resources": [ALL], "Conditions": {"StringEquals": [of_tag("a", "b")]}}, {"a": "b"}, True),
        ({"Resources": [ALL], "Conditions": {"StringLike": [of_tag("a", "b*")]}}, {"a": "bc"}, True),
        ({"Resources": [ALL], "Conditions": {"StringNotEquals": [of_tag("a", "b")]}}, {}, True),
        ({"Resources": [ALL], "Conditions": {"StringNotLike": [of_tag("a", "b*")]}}, {"a": "bc"}, False),
        (
            {
                "Resources": [VM + "2"],
                "ListOfTags": [{"ConditionType": "STRINGEQUALS", "ConditionKey": "a", "ConditionValue": "b"}],
            },
            {"a": "b"},
            True,
        ),
    ],
)
def test_what_a_selection_takes(document, tags, taken):
    assert takes(document, VM, tags) is taken
