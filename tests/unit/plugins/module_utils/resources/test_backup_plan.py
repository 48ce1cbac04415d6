# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.engine.reconcile import reconcile
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import Ambiguous, Foreign, Invalid, Missing
from ansible_collections.vmc.aws_backup.plugins.module_utils.resources.backup_plan import (
    BackupPlan,
    find,
    own_requests,
    view,
)
from ansible_collections.vmc.aws_backup.plugins.modules import backup_plan

from .aws_api import params
from .backup_in_lab import BackupInLab

COPY = "arn:aws:backup:eu-central-1:123456789012:backup-vault:copies"
DAILY = {
    "name": "daily",
    "target_backup_vault_name": "v1",
    "schedule_expression": "cron(0 5 ? * * *)",
    "lifecycle": {"delete_after_days": 35},
}
WEEKLY = {**DAILY, "name": "weekly", "schedule_expression": "rate(7 days)"}


def copied(**kept):
    return {"destination_backup_vault_arn": COPY, **kept}


@pytest.fixture
def client():
    made = BackupInLab()
    for name in ("v1", "v2"):
        made.call("create_backup_vault", BackupVaultName=name)
    made.writes.clear()
    return made


def plan(client, *rules, **given):
    return BackupPlan(client, params(backup_plan, **{"name": "p", "rules": list(rules) or None, **given}))


def made(client, *rules, **given):
    return reconcile(plan(client, *rules, **given)).after


def paths(outcome):
    return [(change.path, change.effect) for change in outcome.changes]


def test_a_plan_is_made_as_predicted_and_then_left(client):
    asked = (DAILY, {**WEEKLY, "copy_actions": [copied(lifecycle={"delete_after_days": 7})]})
    predicted = reconcile(plan(client, *asked, site_id="s"), check_mode=True)
    assert client.writes == []
    outcome = reconcile(plan(client, *asked, site_id="s"))
    assert paths(outcome) == paths(predicted)
    assert outcome.after["rules"]["daily"]["start_window_minutes"] == 480
    assert outcome.after["site_id"] == "s"
    client.writes.clear()
    assert not reconcile(plan(client, *reversed(asked), site_id="s")).changed
    assert client.writes == []


def test_what_of_a_rule_is_not_given_stays_and_each_field_that_differs_is_told(client):
    made(client, {**DAILY, "start_window_minutes": 90, "recovery_point_tags": {"a": "b"}})
    outcome = reconcile(plan(client, {**DAILY, "lifecycle": {"delete_after_days": 40}}))
    assert paths(outcome) == [("rules.daily.lifecycle.delete_after_days", "in_place")]
    assert outcome.after["rules"]["daily"]["start_window_minutes"] == 90
    assert outcome.after["rules"]["daily"]["recovery_point_tags"] == {"a": "b"}


def test_what_options_do_not_know_survives_a_write(client):
    made(client, DAILY)
    (stored,) = client.place.plans.values()
    stored.document["Rules"][0]["EnableContinuousBackup"] = True
    stored.document["AdvancedBackupSettings"] = [{"ResourceType": "EC2", "BackupOptions": {"WindowsVSS": "enabled"}}]
    reconcile(plan(client, {**DAILY, "recovery_point_tags": {"a": "b"}}))
    assert stored.document["Rules"][0]["EnableContinuousBackup"] is True
    assert stored.document["AdvancedBackupSettings"][0]["ResourceType"] == "EC2"
    reconcile(plan(client, {**DAILY, "recovery_point_tags": {}}))
    assert stored.document["Rules"][0]["RecoveryPointTags"] == {}


def test_a_rule_that_somebody_else_added_in_the_meantime_is_not_lost(client):
    made(client, DAILY)
    (stored,) = client.place.plans.values()
    changed = plan(client, {**DAILY, "start_window_minutes": 120})
    before = changed.observe()
    stored.document["Rules"].append({**stored.document["Rules"][0], "RuleName": "theirs", "RuleId": "x"})
    changed.update(before, {"rules": changed.want(before)["rules"]})
    assert sorted(rule["RuleName"] for rule in stored.document["Rules"]) == ["daily", "theirs"]


LESS = [
    ({**DAILY, "lifecycle": {"delete_after_days": 34}}, "keep backups for 34 days instead of 35"),
    ({**DAILY, "target_backup_vault_name": "v2"}, "store backups in v2 instead of v1"),
    ({**DAILY, "copy_actions": []}, f"copy nothing to {COPY} any more"),
    ({**DAILY, "copy_actions": [copied(lifecycle={"delete_after_days": 6})]}, "for a shorter time"),
]


@pytest.mark.parametrize(("rule", "why"), LESS)
@pytest.mark.parametrize("check_mode", [True, False])
def test_nothing_is_protected_less_unasked(client, rule, why, check_mode):
    made(client, {**DAILY, "copy_actions": [copied(lifecycle={"delete_after_days": 7})]})
    client.writes.clear()
    with pytest.raises(
        Invalid, match="allow_less_protection: the rule daily of p would .*Nothing was written"
    ) as refused:
        reconcile(plan(client, rule), check_mode=check_mode)
    assert why in str(refused.value)
    assert client.writes == []
    assert reconcile(plan(client, rule, allow_less_protection=["daily"])).changed


def test_rules_that_are_not_given_stay_unless_they_are_purged_by_name(client):
    made(client, DAILY, WEEKLY)
    assert not reconcile(plan(client, DAILY)).changed
    with pytest.raises(Invalid, match="the rule weekly of p would go"):
        reconcile(plan(client, DAILY, purge_rules=True))
    assert list(made(client, DAILY, purge_rules=True, allow_less_protection=["weekly"])["rules"]) == ["daily"]


def test_more_protection_needs_nobodys_leave(client):
    made(client, DAILY)
    longer = {**DAILY, "lifecycle": {"delete_after_days": 400}, "copy_actions": [copied(keep_forever=True)]}
    assert reconcile(plan(client, longer)).changed
    forever = {key: value for key, value in DAILY.items() if key != "lifecycle"}
    assert made(client, {**forever, "keep_forever": True})["rules"]["daily"]["keep_forever"] is True
    with pytest.raises(Invalid, match="keep backups for 35 days instead of ever"):
        reconcile(plan(client, DAILY))


def test_a_plan_of_the_same_name_that_is_not_ours_is_not_touched(client):
    foreign = {"RuleName": "r", "TargetBackupVaultName": "v1", "ScheduleExpression": "rate(1 days)"}
    client.call("create_backup_plan", BackupPlan={"BackupPlanName": "p", "Rules": [foreign]})
    with pytest.raises(Foreign, match="does not carry the tag"):
        reconcile(plan(client, DAILY))
    made(client, DAILY, name="q")
    assert len(find(client)) == 2


def test_of_another_site_is_foreign_and_two_of_ours_are_ambiguous(client):
    made(client, DAILY, site_id="one")
    with pytest.raises(Foreign, match="is of another site, one"):
        reconcile(plan(client, DAILY, site_id="two"))
    rule = {"RuleName": "r", "TargetBackupVaultName": "v1"}
    ours = {"managed-by": "vmc-aws-backup", "vmc-aws-backup-site": "one"}
    client.call("create_backup_plan", BackupPlan={"BackupPlanName": "p", "Rules": [rule]}, BackupPlanTags=ours)
    with pytest.raises(Ambiguous):
        reconcile(plan(client, DAILY, site_id="one"))


def test_a_plan_that_was_deleted_is_made_anew(client):
    made(client, DAILY)
    assert reconcile(plan(client), state="absent").changed
    assert reconcile(plan(client, DAILY)).changed
    assert len(find(client)) == 1


def test_a_plan_that_selects_something_stays(client):
    made(client, DAILY)
    (stored,) = client.place.plans.values()
    stored.selections["s"] = type(
        "S", (), {"id": "s", "name": "mine", "created": None, "request_id": "", "document": {"IamRoleArn": "r"}}
    )()
    with pytest.raises(Foreign, match=r"still selects what to protect \(mine\)"):
        reconcile(plan(client), state="absent", check_mode=True)


def test_selections_of_ours_that_are_gone_hold_it_no_more_and_those_of_others_do(client):
    made(client, DAILY)
    (stored,) = client.place.plans.values()

    def selects(name, request_id):
        of_it = {"id": name, "name": name, "created": None, "request_id": request_id, "document": {"IamRoleArn": "r"}}
        stored.selections[name] = type("S", (), of_it)()

    selects("all-2", f"{own_requests('all', None)}2")
    gone = plan(client)
    gone.params["selections_gone"] = ["all"]
    assert reconcile(gone, state="absent", check_mode=True).changed
    gone.params["selections_gone"] = ["other"]
    with pytest.raises(Foreign, match=r"\(all-2\)"):
        reconcile(gone, state="absent", check_mode=True)
    selects("theirs", "")
    gone.params["selections_gone"] = ["all"]
    with pytest.raises(Foreign, match=r"\(theirs\)"):
        reconcile(gone, state="absent", check_mode=True)


def test_plans_are_found_by_name_by_how_it_begins_and_by_id(client):
    made(client, DAILY)
    (stored,) = client.place.plans.values()
    name = stored.document["BackupPlanName"]
    for asked in ({"name": name}, {"prefix": name[:1]}, {"reference": name}, {"reference": stored.id}, {}):
        assert [view(raw)["backup_plan_id"] for raw in find(client, **asked)] == [stored.id]
    for asked in ({"name": "no"}, {"prefix": "no"}, {"reference": "no"}):
        assert find(client, **asked) == []


def test_a_vault_to_come_is_predicted_and_never_written(client):
    rule = {**DAILY, "target_backup_vault_name": "later"}
    predicted = reconcile(plan(client, rule), check_mode=True)
    assert predicted.changed
    with pytest.raises(Missing, match="later"):
        reconcile(plan(client, rule))
    assert client.writes == []


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        (
            {**DAILY, "lifecycle": {"move_to_cold_storage_after_days": 30, "delete_after_days": 60}},
            "60 is less than 120",
        ),
        ({**DAILY, "lifecycle": None}, "Give it, or keep_forever: true"),
        ({**DAILY, "lifecycle": {}}, "Give it, or keep_forever: true"),
        ({**DAILY, "keep_forever": True}, "says when it ends"),
        ({**DAILY, "copy_actions": [copied()]}, "rules.daily.copy_actions.lifecycle.delete_after_days: Give it"),
        ({**DAILY, "lifecycle": {"delete_after_days": 0}}, "0 is not 1 to"),
        ({**DAILY, "schedule_expression": None}, "schedule_expression is ''"),
        ({**DAILY, "schedule_expression": "cron(0 5 * * *)"}, "six fields"),
        ({**DAILY, "schedule_expression": "daily"}, "six fields"),
        ({**DAILY, "start_window_minutes": 59}, "60 or more"),
        ({**DAILY, "start_window_minutes": 120, "completion_window_minutes": 121}, "an hour or more beyond"),
        ({**DAILY, "target_backup_vault_name": None}, "target_backup_vault_name is missing"),
        ({**DAILY, "name": "a b"}, "needs name"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_before_the_first_write(client, rule, says):
    with pytest.raises(Invalid, match=says) as refused:
        reconcile(plan(client, rule))
    assert refused.value.option.startswith(("rules", "keep_forever"))
    assert client.writes == []


def test_two_rules_of_one_name_and_a_plan_without_any_are_refused(client):
    for rules, says in (((DAILY, DAILY), "two rules called daily"), ((), "at least one rule")):
        with pytest.raises(Invalid, match=says):
            reconcile(plan(client, *rules))


def test_a_view_has_every_rule_by_its_name():
    raw = {"BackupPlanName": "p", "Rules": [{"RuleName": "r", "TargetBackupVaultName": "v"}]}
    told = {"BackupPlan": raw, "BackupPlanId": "1", "BackupPlanArn": "arn", "VersionId": "v"}
    shown = view({"Plan": told, "Tags": {}})
    assert shown["rules"]["r"]["keep_forever"] is True
    assert shown["rules"]["r"]["copy_actions"] == {}
