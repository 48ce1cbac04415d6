# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What users of other tools saw change for ever, though nobody had changed anything: here it stays silent.

Each row says how AWS tells a thing that nobody has touched, and where it was reported.
"""

from __future__ import annotations

import json

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.engine.reconcile import reconcile

from .test_backup_plan import DAILY, WEEKLY, copied, plan
from .test_backup_plan import client as plans
from .test_backup_selection import MACHINES, Gateways, selection
from .test_backup_selection import client as selections
from .test_backup_vault import KEY, POLICY, vault
from .test_backup_vault import client as vaults

__all__ = ["plans", "selections", "vaults"]  # fixtures
TERRAFORM = "https://github.com/hashicorp/terraform-provider-aws"
FOREVER = {
    "name": "ever",
    "target_backup_vault_name": "v1",
    "schedule_expression": "rate(7 days)",
    "keep_forever": True,
}
RULES = (DAILY, {**WEEKLY, "copy_actions": [copied(lifecycle={"delete_after_days": 7})]})


def every(**told):
    """All rules are told with this besides."""

    def change(document):
        for rule in document["Rules"]:
            rule.update(told)

    return change


def lifecycles(**told):
    """How long things are kept is told with this besides, copies among them."""

    def change(document):
        for rule in document["Rules"]:
            for kept in [rule, *rule.get("CopyActions", [])]:
                kept["Lifecycle"] = {**kept.get("Lifecycle", {}), **told}

    return change


def of_copies(value):
    def change(document):
        for rule in document["Rules"]:
            for copy in rule["CopyActions"]:
                copy.pop("Lifecycle", None)
                if value is not None:
                    copy["Lifecycle"] = value

    return change


def reversed_rules(document):
    document["Rules"].reverse()


def a_rule_without_schedule(document):
    continuous = {
        "RuleName": "continuous",
        "RuleId": "1",
        "TargetBackupVaultName": "v1",
        "EnableContinuousBackup": True,
    }
    document["Rules"].append({**continuous, "Lifecycle": {"DeleteAfterDays": 35}})


def settings(document):
    document["AdvancedBackupSettings"] = [
        {"ResourceType": "S3", "BackupOptions": {"BackupACLs": "disabled", "BackupObjectTags": "disabled"}}
    ]


def without(key):
    def change(document):
        for rule in document["Rules"]:
            rule.pop(key, None)

    return change


OF_PLANS = {
    "a rule of continuous backups has no schedule": (f"{TERRAFORM}/issues/22627", RULES, a_rule_without_schedule),
    "a schedule that is not given is told empty": (f"{TERRAFORM}/issues/23976", RULES, a_rule_without_schedule),
    "a copy without a lifecycle is told with an empty one": (
        f"{TERRAFORM}/issues/37862",
        ({**DAILY, "copy_actions": [copied(keep_forever=True)]},),
        of_copies({}),
    ),
    "a copy without a lifecycle is told without one": (
        f"{TERRAFORM}/pull/16116",
        ({**DAILY, "copy_actions": [copied(keep_forever=True)]},),
        of_copies(None),
    ),
    "a lifecycle that is not given is told with zeros": (
        f"{TERRAFORM}/issues/14063",
        (FOREVER,),
        lifecycles(MoveToColdStorageAfterDays=0, DeleteAfterDays=0),
    ),
    "what never moves to cold storage is told to do so after 0 days": (
        "https://github.com/ministryofjustice/modernisation-platform-terraform-baselines/pull/533",
        RULES,
        lifecycles(MoveToColdStorageAfterDays=0),
    ),
    "what never moves to cold storage is told to do so after -1 days": (
        f"{TERRAFORM}/pull/7350",
        RULES,
        lifecycles(MoveToColdStorageAfterDays=-1),
    ),
    "whether archives are opted in to is told though nobody asked": (
        "https://github.com/ministryofjustice/modernisation-platform/pull/7530",
        RULES,
        lifecycles(OptInToArchiveForSupportedResources=False),
    ),
    "the time zone is told though none was given": (
        "https://github.com/ansible-collections/amazon.aws/issues/1952",
        RULES,
        every(ScheduleExpressionTimezone="Etc/UTC"),
    ),
    "windows are told though none were given": (
        f"{TERRAFORM}/issues/13903",
        RULES,
        every(StartWindowMinutes=480, CompletionWindowMinutes=10_080, EnableContinuousBackup=False),
    ),
    "settings of other types are told": (f"{TERRAFORM}/issues/45810", RULES, settings),
    "rules are told in another order": (f"{TERRAFORM}/issues/8193", RULES, reversed_rules),
    "tags of recovery points are told empty": (f"{TERRAFORM}/pull/10641", RULES, every(RecoveryPointTags={})),
    "tags of recovery points are not told": (f"{TERRAFORM}/issues/8431", RULES, without("RecoveryPointTags")),
}


@pytest.mark.parametrize("case", OF_PLANS)
def test_a_plan_that_nobody_changed_is_left(plans, case):
    link, rules, change = OF_PLANS[case]
    assert link.startswith("https://github.com/")
    reconcile(plan(plans, *rules))
    (stored,) = plans.place.plans.values()
    change(stored.document)
    plans.writes.clear()
    outcome = reconcile(plan(plans, *rules))
    assert (outcome.changed, outcome.changes, plans.writes) == (False, [], [])


def empty(*keys):
    def change(document):
        document.update({key: [] for key in keys})

    return change


def all_operators(value):
    def change(document):
        conditions = document.setdefault("Conditions", {})
        for operator in ("StringEquals", "StringNotEquals", "StringLike", "StringNotLike"):
            conditions.setdefault(operator, value)

    return change


def reversed_conditions(document):
    for listed in document["Conditions"].values():
        listed.reverse()


def reversed_resources(document):
    document["Resources"].reverse()


TWO = {"conditions": {"string_equals": {"tier": "gold", "team": "a"}, "string_like": {"stage": "p*"}}}
NAMED = {"virtual_machines": ["web", "db", "test"]}
OF_SELECTIONS = {
    "conditions that were not given are told as empty lists": (
        "https://github.com/ansible-collections/amazon.aws/issues/1613",
        {},
        all_operators([]),
    ),
    "conditions that were not given are told as nothing": (f"{TERRAFORM}/issues/22595", TWO, all_operators(None)),
    "what is not left out is told as an empty list": (
        "https://github.com/lgallard/terraform-aws-backup/issues/48",
        {},
        empty("NotResources"),
    ),
    "conditions and exclusions are told empty": (f"{TERRAFORM}/pull/22882", NAMED, empty("NotResources", "ListOfTags")),
    "several conditions of one operator": (f"{TERRAFORM}/issues/38114", TWO, reversed_conditions),
    "conditions are told in another order": (
        "https://github.com/crossplane-contrib/provider-upjet-aws/pull/1793",
        TWO,
        reversed_conditions,
    ),
    "resources are told in another order": (
        "https://github.com/cloudposse/terraform-aws-backup/issues/33",
        NAMED,
        reversed_resources,
    ),
}


@pytest.mark.parametrize("case", OF_SELECTIONS)
def test_a_selection_that_nobody_changed_is_left(selections, case):
    link, given, change = OF_SELECTIONS[case]
    assert link.startswith("https://github.com/")
    gateways = Gateways(*MACHINES)
    reconcile(selection(selections, gateways, **given))
    (stored,) = selections.place.plans.values()
    (chosen,) = stored.selections.values()
    change(chosen.document)
    selections.writes.clear()
    outcome = reconcile(selection(selections, gateways, **given))
    changes = [change for change in outcome.changes if change.effect != "kept"]
    assert (outcome.changed, changes, selections.writes) == (False, [], [])


def points(stored):
    stored.points.update({f"arn:{number}": None for number in range(4)})


def other_policy(stored):
    document = json.loads(stored.policy)
    for statement in document["Statement"]:
        statement.update(Action=["*"], Principal={"AWS": "*"}, Resource=["*"])
    stored.policy = json.dumps(document, indent=4)


OF_VAULTS = {
    "the number of recovery points": ("https://github.com/cloudposse/terraform-aws-backup/issues/48", {}, points),
    "recovery points that came and went": (
        "https://github.com/aws-ia/terraform-aws-control_tower_account_factory/issues/35",
        {"encryption_key_arn": KEY},
        points,
    ),
    "the key that AWS takes where none is given": (
        "https://github.com/mondoohq/cnspec/issues/3704",
        {"encryption_key_arn": ""},
        lambda stored: None,
    ),
    "a policy that means the same": (f"{TERRAFORM}/issues/39788", {"policy": POLICY}, other_policy),
}


@pytest.mark.parametrize("case", OF_VAULTS)
def test_a_vault_that_nobody_changed_is_left(vaults, case):
    link, given, change = OF_VAULTS[case]
    assert link.startswith("https://github.com/")
    reconcile(vault(vaults, **given))
    (stored,) = vaults.place.vaults.values()
    change(stored)
    vaults.writes.clear()
    outcome = reconcile(vault(vaults, **given))
    assert (outcome.changed, outcome.changes, vaults.writes) == (False, [], [])


def test_there_are_twenty_and_more_of_them():
    links = [link for table in (OF_PLANS, OF_SELECTIONS, OF_VAULTS) for link, _given, _change in table.values()]
    assert len(links) >= 20 and len(set(links)) >= 20
