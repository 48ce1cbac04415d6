# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import datetime
import json

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.engine.reconcile import reconcile
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import ApiError, Foreign, Immutable, Invalid
from ansible_collections.vmc.aws_backup.plugins.module_utils.resources.backup_plan import BackupPlan
from ansible_collections.vmc.aws_backup.plugins.module_utils.resources.backup_vault import BackupVault, find, view
from ansible_collections.vmc.aws_backup.plugins.modules import backup_plan, backup_vault

from .aws_api import Api, params
from .backup_in_lab import BackupInLab

KEY = "arn:aws:kms:eu-west-1:123456789012:key/1"
TOPIC = "arn:aws:sns:eu-west-1:123456789012:backups"
MAY_PUBLISH = json.dumps(
    {"Statement": [{"Effect": "Allow", "Principal": {"Service": "backup.amazonaws.com"}, "Action": "SNS:Publish"}]}
)
TOLD = {"sns_topic_arn": TOPIC, "backup_vault_events": ["COPY_JOB_FAILED", "BACKUP_JOB_COMPLETED"]}
POLICY = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}]}
NONE = {"min_retention_days": None, "max_retention_days": None, "changeable_for_days": None}


def lock(**days):
    return {**NONE, **days}


def kms(state="Enabled"):
    found = {"KeyId": "1", "Arn": KEY, "KeyState": state}
    return Api(
        describe_key=lambda KeyId: (
            {"KeyMetadata": found} if KeyId != "alias/none" else ApiError("no", code="NotFoundException")
        )
    )


def vault(client, *, key_state="Enabled", topic_policy=MAY_PUBLISH, **given):
    sns = Api(get_topic_attributes={"Attributes": {"Policy": topic_policy}})
    sts = Api(get_caller_identity={"Account": "123456789012"})
    return BackupVault(client, kms(key_state), sns, sts, params(backup_vault, **{"name": "v1", **given}))


def made(client, **given):
    return reconcile(vault(client, **given)).after


def paths(outcome):
    return [(change.path, change.effect) for change in outcome.changes]


@pytest.fixture
def client():
    return BackupInLab()


def test_a_vault_is_made_with_all_that_it_shall_have_and_then_left(client):
    asked = {
        "encryption_key_arn": KEY,
        "policy": POLICY,
        "notifications": TOLD,
        "lock": lock(min_retention_days=7),
        "tags": {"a": "b"},
    }
    predicted = reconcile(vault(client, **asked), check_mode=True)
    assert client.writes == []
    outcome = reconcile(vault(client, **asked), wait_timeout=60)
    assert paths(outcome) == paths(predicted)
    after = outcome.after
    assert (after["encryption_key_arn"], after["lock"]) == (KEY, {"mode": "governance", "min_retention_days": 7})
    assert after["notifications"]["backup_vault_events"] == ["BACKUP_JOB_COMPLETED", "COPY_JOB_FAILED"]
    assert after["tags"] == {"a": "b", "managed-by": "vmc-aws-backup"}
    client.writes.clear()
    assert not reconcile(vault(client, **asked)).changed
    assert client.writes == []


def test_what_is_cleared_goes_and_what_is_not_given_stays(client):
    made(client, policy=POLICY, notifications=TOLD, tags={"a": "b"})
    outcome = reconcile(vault(client, policy={}, notifications={}))
    assert (outcome.after["policy"], outcome.after["notifications"]) == ({}, {})
    assert outcome.after["tags"]["a"] == "b"


def test_a_key_may_be_given_by_its_alias_and_cannot_change(client):
    assert made(client, encryption_key_arn="alias/ours")["encryption_key_arn"] == KEY
    assert not reconcile(vault(client, encryption_key_arn="")).changed
    with pytest.raises(Immutable):
        reconcile(vault(client, encryption_key_arn=KEY + "2"))


def test_a_vault_of_somebody_else_is_not_touched(client):
    client.call("create_backup_vault", BackupVaultName="v1")
    with pytest.raises(Foreign, match="does not carry the tag"):
        reconcile(vault(client))
    assert reconcile(vault(client, adopt=True)).changed


def test_a_vault_that_holds_recovery_points_stays(client):
    made(client)
    client.place.vaults["v1"].points["arn"] = {}
    for check_mode in (True, False):
        with pytest.raises(Foreign, match="it holds 1 recovery points"):
            reconcile(vault(client), state="absent", check_mode=check_mode)
    client.place.vaults["v1"].points.clear()
    assert reconcile(vault(client), state="absent").changed
    assert find(client) == []


def confirmed(client, days):
    return f"v1 {(client.now() + datetime.timedelta(days=days)).date().isoformat()}"


@pytest.mark.parametrize("confirmation", [None, "", "v1", "yes", "v1 2026-01-01"])
def test_a_lock_for_ever_has_to_be_confirmed_by_vault_and_date(client, confirmation):
    asked = {"lock": lock(min_retention_days=7, changeable_for_days=3), "lock_confirmation": confirmation}
    with pytest.raises(Invalid, match=f"lock_confirmation: must be '{confirmed(client, 3)}'"):
        reconcile(vault(client, **asked))
    assert client.writes == []
    after = made(client, **{**asked, "lock_confirmation": confirmed(client, 3)})
    assert after["lock"] == {"mode": "compliance", "min_retention_days": 7}
    client.writes.clear()
    assert not reconcile(vault(client, **asked)).changed  # that it was confirmed once is enough


def test_a_change_while_it_cools_off_leaves_the_date_as_it_is(client):
    days = {"min_retention_days": 7, "changeable_for_days": 10}
    date = made(client, lock=lock(**days), lock_confirmation=confirmed(client, 10))["lock_date"]
    client.advance(2)
    after = reconcile(vault(client, lock=lock(**{**days, "min_retention_days": 8}))).after
    assert after["lock"]["min_retention_days"] == 8
    moved = datetime.datetime.fromisoformat(after["lock_date"]) - datetime.datetime.fromisoformat(date)
    assert abs(moved) < datetime.timedelta(minutes=1)
    client.advance(6)
    with pytest.raises(Exception, match="less than 3 days before"):
        reconcile(vault(client, lock=lock(**{**days, "min_retention_days": 9})))


def test_a_lock_in_force_is_never_changed(client):
    days = {"min_retention_days": 7, "changeable_for_days": 3}
    made(client, lock=lock(**days), lock_confirmation=confirmed(client, 3))
    client.advance(4)
    client.writes.clear()
    with pytest.raises(Immutable, match="in force for ever since"):
        reconcile(vault(client, lock=lock(**{**days, "min_retention_days": 8})))
    reported = reconcile(vault(client, lock=lock(**{**days, "min_retention_days": 8})), on_immutable="report")
    assert ("lock.min_retention_days", "replace") in paths(reported)
    assert client.writes == []


@pytest.mark.parametrize("looser", [{}, lock(min_retention_days=6), lock(max_retention_days=30)])
def test_a_lock_is_not_loosened_unasked(client, looser):
    made(client, lock=lock(min_retention_days=7))
    client.writes.clear()
    with pytest.raises(Invalid, match="would loosen the lock of v1, which is mode governance, min_retention_days 7"):
        reconcile(vault(client, lock=looser))
    assert client.writes == []
    assert reconcile(vault(client, lock=looser, allow_less_protection=["lock"])).changed


def test_an_air_gapped_vault_is_locked_from_the_beginning(client):
    asked = {
        "vault_type": "logically_air_gapped_backup_vault",
        "lock": lock(min_retention_days=7, max_retention_days=400),
    }
    with pytest.raises(Invalid, match="lock_confirmation"):
        reconcile(vault(client, **asked))
    outcome = reconcile(vault(client, **asked, lock_confirmation=confirmed(client, 0)), wait_timeout=60)
    assert outcome.after["vault_state"] == "AVAILABLE"
    assert not reconcile(vault(client, **asked)).changed
    with pytest.raises(Immutable):
        reconcile(vault(client))


def test_a_lock_has_to_fit_every_plan_that_stores_into_the_vault(client):
    made(client)
    rule = {"RuleName": "r", "TargetBackupVaultName": "v1", "Lifecycle": {"DeleteAfterDays": 5}}
    client.call("create_backup_plan", BackupPlan={"BackupPlanName": "theirs", "Rules": [rule]})
    with pytest.raises(
        Invalid, match="the rule r of the plan theirs would not fit. The lock of the vault v1 asks for 7 days at least"
    ):
        reconcile(vault(client, lock=lock(min_retention_days=7)))
    assert reconcile(vault(client, lock=lock(min_retention_days=5))).changed


def test_a_plan_of_ours_that_does_not_fit_a_lock_is_refused_too(client):
    made(client, lock=lock(min_retention_days=7))
    rule = {
        "name": "r",
        "target_backup_vault_name": "v1",
        "schedule_expression": "rate(1 days)",
        "lifecycle": {"delete_after_days": 5},
    }
    with pytest.raises(
        Invalid, match="rules.r.lifecycle.delete_after_days: The lock of the vault v1 asks for 7 days at least"
    ):
        reconcile(BackupPlan(client, params(backup_plan, name="p", rules=[rule])))


@pytest.mark.parametrize(
    ("option", "given", "says"),
    [
        ("name", {"name": "a b"}, "2 to 50 letters"),
        ("encryption_key_arn", {"encryption_key_arn": "alias/aws/backup"}, "ARN of a key, or an alias"),
        ("lock", {"lock": lock(changeable_for_days=2)}, "from 3 to"),
        ("lock", {"lock": lock(min_retention_days=0)}, "from 1 to"),
        ("lock", {"lock": lock(min_retention_days=9, max_retention_days=8)}, "is more than max_retention_days"),
        ("lock", {"vault_type": "logically_air_gapped_backup_vault"}, "needs min_retention_days and max"),
        ("notifications", {"notifications": {**TOLD, "sns_topic_arn": f"{TOPIC}.fifo"}}, "FIFO"),
        ("notifications", {"notifications": {**TOLD, "sns_topic_arn": TOPIC.replace("12", "22", 1)}}, "of the account"),
        (
            "notifications",
            {"notifications": {**TOLD, "backup_vault_events": ["BACKUP_JOB_FAILED"]}},
            "not send it any more",
        ),
    ],
)
def test_what_cannot_be_is_refused_before_the_first_write(client, option, given, says):
    with pytest.raises(Invalid, match=says) as refused:
        reconcile(vault(client, **given))
    assert refused.value.option == option
    assert client.writes == []


@pytest.mark.parametrize(
    ("world", "told"),
    [
        ({"key_state": "Disabled", "encryption_key_arn": KEY}, "its key is Disabled"),
        ({"topic_policy": "{}", "notifications": TOLD}, "does not let backup.amazonaws.com publish"),
    ],
)
def test_what_weakens_it_is_told(client, world, told):
    (warning,) = reconcile(vault(client, **world)).warnings
    assert told in warning


def test_a_view_says_what_no_answer_says():
    raw = {"BackupVaultName": "v", "BackupVaultArn": "arn"}
    shown = view({"Vault": raw, "Policy": "", "Notifications": {}, "Tags": {}})
    assert (shown["vault_type"], shown["lock"], shown["lock_date"]) == ("backup_vault", {}, None)
