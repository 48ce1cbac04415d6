# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import Invalid
from ansible_collections.vmc.aws_backup.plugins.plugin_utils.protection import (
    LEFT_OUT,
    PRESETS,
    VARIABLE,
    now,
    protected,
    told,
)

RULE = {"name": "own", "schedule_expression": "rate(12 hours)", "lifecycle": {"delete_after_days": 9}}
LOCK = {"protection_lock": {"min_retention_days": 7, "max_retention_days": 100}}


def given(*entries, **variables):
    return {
        VARIABLE: list(entries),
        "protection_timezone": "Etc/UTC",
        "protection_path_conditions": True,
        **variables,
    }.get


def of(entry, **variables):
    (found,) = protected("blue", given({"name": "all", **entry}, **variables))
    return found


def test_nothing_is_protected_until_it_is_asked_for():
    assert protected("blue", given()) == []
    assert protected("blue", {"protection_timezone": "Etc/UTC"}.get) == []


def test_a_name_that_is_too_long_for_a_vault_is_in_nobodys_way_who_protects_nothing():
    long = "x" * 60
    assert protected(long, given(protection_lock={"changeable_for_days": 2})) == []
    with pytest.raises(Invalid, match="protection_vault: .* 2 to 50"):
        protected(long, given({"name": "all", "presets": ["daily"]}))


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_is_a_rule_that_a_plan_takes_and_that_expires(preset):
    found = of({"presets": [preset]})
    assert (found["name"], found["plan"]) == ("all", "blue-all")
    (rule,) = found["rules"]
    assert rule["name"] == preset and rule["target_backup_vault_name"] == "blue-backups"
    assert rule["schedule_expression"] == PRESETS[preset]["schedule_expression"]
    assert rule["schedule_expression_timezone"] == "Etc/UTC"
    assert rule["lifecycle"]["delete_after_days"] >= 35
    assert ("move_to_cold_storage_after_days" in rule["lifecycle"]) == (preset == "monthly")


def test_a_rule_that_is_called_like_a_preset_changes_it_and_others_are_added():
    found = of({"presets": ["daily"], "rules": [RULE, {"name": "daily", "start_window_minutes": 90}]})
    daily, own = found["rules"]
    assert daily["lifecycle"] == PRESETS["daily"]["lifecycle"] and daily["start_window_minutes"] == 90
    assert own["lifecycle"] == RULE["lifecycle"]
    (forever,) = of({"presets": ["daily"], "rules": [{"name": "daily", "keep_forever": True}]})["rules"]
    assert forever["keep_forever"] is True and "lifecycle" not in forever


def test_what_no_backup_is_made_of_is_left_out_of_each_entry():
    assert of({"presets": ["daily"]})["not_folders"] == list(LEFT_OUT)
    assert of({"presets": ["daily"], "not_folders": ["*/Test*"]})["not_folders"] == [*LEFT_OUT, "*/Test*"]
    drills = of({"presets": ["daily"]}, restore_drill_folder="/dc/vm/Drills/")
    assert drills["not_folders"] == [*LEFT_OUT, "/dc/vm/Drills*"]


def test_what_is_selected_is_handed_on():
    asked = {
        "folder": "/dc/vm/prod*",
        "conditions": {"string_equals": {"tier": "gold"}},
        "not_virtual_machines": ["old"],
    }
    found = of({"presets": ["daily"], **asked})
    assert {key: found[key] for key in asked} == asked


@pytest.mark.parametrize(
    ("entry", "variables", "says"),
    [
        ({}, {}, "presets: nothing says when and for how long"),
        ({"presets": ["hourly"]}, {}, "presets: there is no hourly; there are: daily, weekly, monthly"),
        (
            {"rules": [{**RULE, "lifecycle": {"move_to_cold_storage_after_days": 30, "delete_after_days": 60}}]},
            {},
            "60 is less than 120",
        ),
        ({"rules": [{"name": "own", "lifecycle": {"delete_after_days": 9}}]}, {}, "schedule_expression is ''"),
        ({"rules": [{**RULE, "schedule_expression": "cron(0 1 ? * *)"}]}, {}, "cron(...) with six fields"),
        (
            {"rules": [{"name": "own", "schedule_expression": "rate(1 days)"}]},
            {},
            "delete_after_days: Give it, or keep_forever",
        ),
        ({"rules": [{**RULE, "keep_forever": True}]}, {}, "keep_forever"),
        ({"rules": [RULE, RULE]}, {}, "two rules called own"),
        ({"rules": [{**RULE, "name": "a b"}]}, {}, "1 to 50 letters"),
        ({"rules": [{**RULE, "start_window_minutes": 30}]}, {}, "must be 60 or more"),
        ({"rules": [RULE]}, {"protection_lock": {"min_retention_days": 10}}, "asks for 10 days at least"),
        ({"presets": ["monthly"]}, LOCK, "allows 100 days, not 400 days"),
        (
            {"rules": [{"name": "daily", "keep_forever": True}], "presets": ["daily"]},
            LOCK,
            "allows 100 days, not for ever",
        ),
        ({"presets": ["daily"], "virtual_machines": []}, {}, "names no machine"),
        ({"presets": ["daily"], "virtual_machines": ["a"], "folder": "/x"}, {}, "folder would narrow nothing"),
        ({"presets": ["daily"], "virtual_machines": ["arn:aws:backup-gateway:*:*:vm/*"]}, {}, "without a wildcard"),
        ({"presets": ["daily"], "virtual_machines": ["web-*"]}, {}, "without a wildcard"),
        (
            {"presets": ["daily"], "not_virtual_machines": ["arn:aws:ec2:eu-west-1:123456789012:instance/i-1"]},
            {},
            "one virtual machine",
        ),
        (
            {"presets": ["daily"], "conditions": {"string_equals": {f"k{n}": "v" for n in range(30)}}},
            {},
            "more than 30",
        ),
        ({"presets": ["daily"], "rules": [{"name": "daily", "copy": True}]}, {}, "nowhere to copy to"),
        (
            {"presets": ["daily"], "rules": [{"name": "daily", "copy_lifecycle": {"delete_after_days": 9}}]},
            {},
            "nowhere to copy to",
        ),
        ({"name": "x" * 50, "presets": ["daily"]}, {}, "1 to 40 letters"),
    ],
)
def test_what_cannot_be_is_refused_by_the_variable_and_the_entry(entry, variables, says):
    with pytest.raises(Invalid) as refusal:
        of(entry, **variables)
    assert str(refusal.value).startswith(f"{VARIABLE}: {entry.get('name', 'all')}: ") and says in str(refusal.value)


@pytest.mark.parametrize(
    ("variables", "option", "says"),
    [
        ({"protection_lock": {"changeable_for_days": 2}}, "protection_lock", "must be from 3 to"),
        (
            {"protection_lock": {"min_retention_days": 9, "max_retention_days": 8}},
            "protection_lock",
            "more than max_retention_days",
        ),
        ({"protection_vault": "x"}, "protection_vault", "2 to 50"),
        ({"protection_copy_vault": "x", "vmc_backup_copy_aws_region": "eu-west-3"}, "protection_copy_vault", "2 to 50"),
        (
            {
                "protection_copy_vault_arn": "arn:aws:backup:eu-west-3:1:backup-vault:c",
                "vmc_backup_copy_aws_region": "eu-west-3",
            },
            "protection_copy_vault_arn",
            "one of the two",
        ),
    ],
)
def test_what_cannot_be_of_the_vaults_is_refused_by_its_variable(variables, option, says):
    with pytest.raises(Invalid, match=says) as refusal:
        of({"presets": ["daily"]}, **variables)
    assert refusal.value.option == option


def test_two_entries_of_one_name_are_refused():
    with pytest.raises(Invalid, match="two entries called all"):
        protected("blue", given({"name": "all", "presets": ["daily"]}, {"name": "all", "presets": ["weekly"]}))


def test_a_lock_of_another_vault_is_no_matter_here():
    rule = {**RULE, "target_backup_vault_name": "other"}
    assert (
        of({"rules": [rule]}, protection_lock={"min_retention_days": 10})["rules"][0]["target_backup_vault_name"]
        == "other"
    )


def test_copies_are_kept_like_what_is_copied_unless_something_else_is_said():
    region = {"vmc_backup_copy_aws_region": "eu-central-1"}
    rules = [
        RULE,
        {**RULE, "name": "longer", "copy_lifecycle": {"delete_after_days": 90}},
        {**RULE, "name": "here", "copy": False},
        {"name": "ever", "schedule_expression": "rate(1 days)", "keep_forever": True},
    ]
    found = told("blue", given({"name": "all", "rules": rules}, **region))
    assert found["copies"] == {
        "all.own": {"delete_after_days": 9},
        "all.longer": {"delete_after_days": 90},
        "all.ever": {},
    }
    assert found["copies_are_made"] and found["copied_to"] == "arn:aws:backup:eu-central-1:*:backup-vault:blue-copies"
    assert found["entries"][0]["rules"][2]["copy_actions"] == []
    arn = "arn:aws:backup:eu-central-1:123456789012:backup-vault:theirs"
    found = told("blue", given({"name": "all", "rules": rules}, protection_copy_vault_arn=arn))
    assert (found["copies_are_made"], found["copied_to"]) == (False, arn)
    found = told("blue", given({"name": "all", "presets": ["daily"]}))
    assert (found["copies_are_made"], found["copied_to"], found["copies"]) == (False, "", {})
    with pytest.raises(Invalid, match="copy that there is none"):
        of({"rules": [{**RULE, "copy": False, "copy_lifecycle": {"delete_after_days": 9}}]}, **region)
    with pytest.raises(Invalid, match="60 is less than 120"):
        kept = {"move_to_cold_storage_after_days": 30, "delete_after_days": 60}
        of({"rules": [{**RULE, "copy_lifecycle": kept}]}, **region)


@pytest.mark.parametrize(("region", "partition"), [("us-gov-west-1", "aws-us-gov"), ("cn-north-1", "aws-cn")])
def test_the_vault_of_the_copies_is_in_the_partition_of_its_region(region, partition):
    assert told("blue", given(vmc_backup_copy_aws_region=region))["copied_to"].startswith(f"arn:{partition}:")


@pytest.mark.parametrize(
    ("variables", "option"),
    [
        ({"vmc_backup_now_delete_after_days": 7}, "vmc_backup_now_machines"),
        ({"vmc_backup_now_machines": ["web"]}, "vmc_backup_now_delete_after_days"),
        (
            {
                "vmc_backup_now_machines": ["web"],
                "vmc_backup_now_delete_after_days": 7,
                "vmc_backup_now_keep_forever": True,
            },
            "vmc_backup_now_delete_after_days",
        ),
        ({"vmc_backup_now_entries": ["some"], "vmc_backup_now_delete_after_days": 7}, "vmc_backup_now_entries"),
    ],
)
def test_a_backup_at_once_says_of_what_and_for_how_long(variables, option):
    with pytest.raises(Invalid) as refusal:
        now("blue", given({"name": "all"}, **variables))
    assert refusal.value.option == option


def test_what_is_backed_up_beside_the_plans_fits_the_lock_too():
    canary = {"registration_canary_vm": "web", "registration_canary_delete_after_days": 1}
    daily = {"presets": ["daily"]}
    with pytest.raises(Invalid, match="asks for 7 days at least") as refusal:
        of(daily, **LOCK, **canary)
    assert refusal.value.option == "registration_canary_delete_after_days"
    of(daily, **LOCK, **canary, registration_canary_vault="other")
    of(daily, **LOCK, **{**canary, "registration_canary_delete_after_days": 7})
    of(daily, **canary)
    at_once = {**LOCK, "vmc_backup_now_machines": ["web"], "vmc_backup_now_delete_after_days": 3}
    with pytest.raises(Invalid, match="asks for 7 days at least") as refusal:
        now("blue", given(**at_once))
    assert refusal.value.option == "vmc_backup_now_delete_after_days"
    now("blue", given(**at_once, vmc_backup_now_vault="other"))


def test_a_backup_at_once_is_kept_as_long_as_is_said():
    found = now("blue", given({"name": "all"}, vmc_backup_now_entries=["all"], vmc_backup_now_delete_after_days=7))
    assert found == {"plans": ["blue-all"], "lifecycle": {"delete_after_days": 7}, "keep_forever": False}
    found = now("blue", given(vmc_backup_now_machines=["web"], vmc_backup_now_keep_forever=True))
    assert found == {"plans": [], "lifecycle": {}, "keep_forever": True}
