# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A backup plan: when backups are made, where to, how long they are kept, and where they are copied to."""

from __future__ import annotations

import re

from .. import forms, lifecycle
from ..clients import backup
from ..clients.aws_forms import retag, tags_of, timestamp
from ..errors import Ambiguous, Invalid
from ..ownership import claim, is_of
from ..values import SITE_KEY, Unresolved, canonical, given, marks, token, wanted_tags

GONE = ("ResourceNotFoundException",)
SHORTEST_WINDOW = 60  # minutes
CRON_FIELDS = 6
CRON = re.compile(r"cron\(\s*(.*\S)\s*\)")
RATE = re.compile(r"rate\(\s*[1-9]\d* (minutes?|hours?|days?)\s*\)")

# Option -> member of the API, of a rule but for what is nested in it.
OF_RULE = {
    "target_backup_vault_name": "TargetBackupVaultName",
    "target_logically_air_gapped_backup_vault_arn": "TargetLogicallyAirGappedBackupVaultArn",
    "schedule_expression": "ScheduleExpression",
    "schedule_expression_timezone": "ScheduleExpressionTimezone",
    "start_window_minutes": "StartWindowMinutes",
    "completion_window_minutes": "CompletionWindowMinutes",
}
# What AWS gives to a rule that says nothing of it. It is said, so that a preview is what comes.
OF_NEW_RULE = {
    "schedule_expression_timezone": "Etc/UTC",
    "start_window_minutes": 480,
    "completion_window_minutes": 10_080,
}
OF_LIFECYCLE = {
    "move_to_cold_storage_after_days": "MoveToColdStorageAfterDays",
    "delete_after_days": "DeleteAfterDays",
}


def find(client, *, name: str | None = None, prefix: str | None = None, reference: str | None = None) -> list[dict]:
    """The plans, or those of that name, or whose names begin so, or of that name or id, with their rules and tags. A name is nobody's own."""
    listed = client.pages("list_backup_plans", "BackupPlansList")
    found = (
        _described(client, raw)
        for raw in listed
        if name in (None, raw["BackupPlanName"])
        and raw["BackupPlanName"].startswith(prefix or "")
        and reference in (None, raw["BackupPlanName"], raw["BackupPlanId"])
    )
    return [raw for raw in found if raw]


def view(raw: dict) -> dict:
    plan = raw["Plan"]
    return {
        "name": plan["BackupPlan"]["BackupPlanName"],
        "backup_plan_id": plan["BackupPlanId"],
        "backup_plan_arn": plan["BackupPlanArn"],
        "version_id": plan["VersionId"],
        "creation_date": timestamp(plan.get("CreationDate")),
        "last_execution_date": timestamp(plan.get("LastExecutionDate")),
        "rules": {rule["RuleName"]: view_rule(rule) for rule in plan["BackupPlan"]["Rules"]},
        "site_id": raw["Tags"].get(SITE_KEY, ""),
        "tags": {key: value for key, value in raw["Tags"].items() if key != SITE_KEY},
    }


def view_rule(rule: dict) -> dict:
    """A rule as options have it; what it does not say is not in it."""
    return {
        **{ours: rule[theirs] for ours, theirs in OF_RULE.items() if rule.get(theirs) is not None},
        **_view_lifecycle(rule.get("Lifecycle") or {}),
        "recovery_point_tags": dict(rule.get("RecoveryPointTags") or {}),
        "copy_actions": {
            copy["DestinationBackupVaultArn"]: _view_lifecycle(copy.get("Lifecycle") or {})
            for copy in rule.get("CopyActions") or []
        },
    }


def own_requests(selection: str, site_id: str | None) -> str:
    """With what the request ids of a selection of ours begin, by which it is known: selections carry no tags."""
    return f"vmc-{token('backup_selection', selection, site_id)[:20]}-"


def is_of_site(plan: dict, site_id: str | None) -> bool:
    """Whether a plan is ours, and where a site is named, that site's."""
    return is_of({**plan["tags"], SITE_KEY: plan["site_id"]}, site_id)


def _view_lifecycle(raw: dict) -> dict:
    """How long what is made is kept: until a day, or for ever."""
    shown = {ours: raw[theirs] for ours, theirs in OF_LIFECYCLE.items() if (raw.get(theirs) or -1) > 0}
    return {"lifecycle": shown, "keep_forever": "delete_after_days" not in shown}


class BackupPlan:
    kind = "backup_plan"
    immutable = ()
    blank = {"rules": {}, "site_id": ""}

    def __init__(self, client, params: dict):
        self.client = client
        self.params = params

    def observe(self):
        """Ours of that name, before those of others that are called the same."""
        found = [view(raw) for raw in find(self.client, name=self.params["name"])]
        ours = [have for have in found if is_of_site(have, self.params["site_id"])]
        chosen = ours or found
        if len(chosen) > 1:
            raise Ambiguous(self.kind, self.params["name"], [have["backup_plan_arn"] for have in chosen])
        if not chosen:
            return None
        return claim(f"The plan {chosen[0]['name']} ({chosen[0]['backup_plan_arn']})", chosen[0], self.params)

    def want(self, have):
        forms.checked("name", "plan_name", self.params["name"])
        want = {"name": self.params["name"], **given(self.params, "site_id")}
        if self.params["rules"] is not None:
            want["rules"] = self._rules(have["rules"] if have else {})
        tags = self.params["tags"]
        want["tags"] = wanted_tags(have and have["tags"], tags, purge=tags is not None and self.params["purge_tags"])
        if have is None and not want.get("rules"):
            raise Invalid("rules", "A plan needs at least one rule.")
        return want

    def create(self, want):
        """A plan that was deleted keeps its token, so that the token counts those that are gone."""
        listed = self.client.pages("list_backup_plans", "BackupPlansList", IncludeDeleted=True)
        gone = [
            each["BackupPlanId"]
            for each in listed
            if each["BackupPlanName"] == want["name"] and each.get("DeletionDate")
        ]
        document = {"BackupPlanName": want["name"], "Rules": [_theirs(*rule) for rule in want["rules"].items()]}
        self.client.call(
            "create_backup_plan",
            BackupPlan=document,
            BackupPlanTags={**want["tags"], **marks(want.get("site_id"))},
            CreatorRequestId=token("backup_plan", want["name"], want.get("site_id"), *sorted(gone)),
        )

    def update(self, have, changes):
        arn = have["backup_plan_arn"]
        own = {SITE_KEY: changes["site_id"]} if "site_id" in changes else {}
        if "tags" in changes or own:
            retag(
                have["tags"],
                {**changes.get("tags", have["tags"]), **own},
                put=lambda tags: self.client.call("tag_resource", ResourceArn=arn, Tags=tags_of(tags)),
                remove=lambda keys: self.client.call("untag_resource", ResourceArn=arn, TagKeyList=keys),
            )
        if "rules" in changes:
            self._put_rules(have["backup_plan_id"])

    def _put_rules(self, identifier):
        """UpdateBackupPlan replaces the whole plan and knows no revision: what is written is what is there now, with what was asked for."""
        now = self.client.call("get_backup_plan", BackupPlanId=identifier)["BackupPlan"]
        rules = {rule["RuleName"]: rule for rule in now["Rules"]}
        wanted = self._rules({name: view_rule(rule) for name, rule in rules.items()})
        written = [{**_without_id(rules.get(name, {})), **_theirs(name, rule)} for name, rule in wanted.items()]
        self.client.call("update_backup_plan", BackupPlanId=identifier, BackupPlan={**now, "Rules": written})

    def delete(self, have):
        self.client.call("delete_backup_plan", missing=GONE, BackupPlanId=have["backup_plan_id"])

    def held(self, have):
        """What it selects is somebody's protection, and is given up by itself."""
        found = self.client.pages("list_backup_selections", "BackupSelectionsList", BackupPlanId=have["backup_plan_id"])
        gone = self.params["selections_gone"] or []
        going = tuple(own_requests(name, self.params["site_id"]) for name in gone)
        names = canonical(
            each["SelectionName"] for each in found if not (each.get("CreatorRequestId") or "").startswith(going)
        )
        return (
            f"it still selects what to protect ({', '.join(names)}). Remove these selections first" if names else None
        )

    # Rules

    def _rules(self, before: dict) -> dict:
        """Every rule that the plan shall have, by name: those asked for over what they are now, and those that stay."""
        asked = {}
        for rule in given(self.params, "rules")["rules"]:
            name = rule.pop("name")
            if name in asked:
                raise Invalid("rules", f"There are two rules called {name}.")
            asked[name] = self._rule(name, rule, before.get(name, {}))
        kept = {} if self.params["purge_rules"] else {name: rule for name, rule in before.items() if name not in asked}
        rules = {**kept, **asked}
        self._refuse_less(before, rules)
        self._check_vaults({name: rules[name] for name in asked})
        return rules

    def _rule(self, name, asked, before) -> dict:
        forms.checked("rules", "rule_name", name)
        copies = asked.pop("copy_actions", None)
        rule = {**(before or OF_NEW_RULE), **asked, **kept_for(name, asked, before)}
        if copies is not None:
            rule["copy_actions"] = {
                copy.pop("destination_backup_vault_arn"): kept_for(f"{name}.copy_actions", copy, {}) for copy in copies
            }
        for option in ("copy_actions", "recovery_point_tags"):
            rule.setdefault(option, {})
        check_rule(name, rule)
        return rule

    def _refuse_less(self, before, rules):
        """Convergence never shrinks protection unasked (SAFETY 33)."""
        allowed = self.params["allow_less_protection"] or []
        for name, old in before.items():
            why = less(old, rules.get(name))
            if why and name not in allowed:
                raise Invalid(
                    "allow_less_protection",
                    f"the rule {name} of {self.params['name']} would {why}. If that is meant, name {name} here. Nothing was written.",
                )

    def _check_vaults(self, rules):
        """What is kept must fit the lock of each vault that this account has in this Region."""
        vaults = {raw["BackupVaultArn"]: raw for raw in backup.vaults(self.client)}
        by_name = {raw["BackupVaultName"]: raw for raw in vaults.values()}
        for name, rule in rules.items():
            target = by_name.get(rule["target_backup_vault_name"])
            if target is None:
                rule["target_backup_vault_name"] = Unresolved("backup vault", str(rule["target_backup_vault_name"]))
            further = rule.get("target_logically_air_gapped_backup_vault_arn")
            kept = [(target, rule), (vaults.get(further), rule)]
            kept += [(vaults.get(arn), copy) for arn, copy in rule["copy_actions"].items()]
            for vault, each in kept:
                if vault:
                    lifecycle.check_lock(vault, _lifecycle(each), f"rules.{name}.lifecycle")


def less(old: dict, new: dict | None) -> str:
    """What protection a rule would lose; nothing where it loses none."""
    if new is None:
        return "go"
    if _days(new) < _days(old):
        return f"keep backups for {_days(new)} days instead of {'ever' if old['keep_forever'] else _days(old)}"
    for target in ("target_backup_vault_name", "target_logically_air_gapped_backup_vault_arn"):
        if old.get(target) and str(new.get(target)) != old[target]:
            return f"store backups in {new.get(target) or 'no further vault'} instead of {old[target]}"
    for arn, copy in old["copy_actions"].items():
        if arn not in new["copy_actions"]:
            return f"copy nothing to {arn} any more"
        if _days(new["copy_actions"][arn]) < _days(copy):
            return f"keep copies in {arn} for a shorter time"
    return ""


def _days(kept: dict) -> float:
    return kept["lifecycle"].get("delete_after_days", float("inf"))


def refuse_misfits(client, vault_name: str, lock: dict) -> None:
    """Refuse a lock that would not take what some plan of the account, anybody's, stores in the vault (SAFETY 37)."""
    limits = {"MinRetentionDays": lock.get("min_retention_days"), "MaxRetentionDays": lock.get("max_retention_days")}
    locked = {"BackupVaultName": vault_name, "Locked": True, **limits}
    for raw in find(client):
        plan = view(raw)
        for name, rule in plan["rules"].items():
            kept = [rule] if rule.get("target_backup_vault_name") == vault_name else []
            kept += [copy for arn, copy in rule["copy_actions"].items() if arn.endswith(f":backup-vault:{vault_name}")]
            for each in kept:
                try:
                    lifecycle.check_lock(locked, _lifecycle(each))
                except Invalid as misfit:
                    raise Invalid(
                        "lock",
                        f"the rule {name} of the plan {plan['name']} would not fit. {misfit.message} Change that rule first.",
                    ) from None


def kept_for(of, asked, before) -> dict:
    """How long: said, or as it is now. Never neither (SAFETY 35)."""
    days = asked.get("lifecycle", before.get("lifecycle") if "keep_forever" not in asked else None) or {}
    forever = asked.get("keep_forever", before.get("keep_forever") if not asked.get("lifecycle") else None) or False
    lifecycle.checked(days, forever, f"rules.{of}.lifecycle")
    return {"lifecycle": dict(days), "keep_forever": forever}


def check_rule(name, rule):
    if not rule.get("target_backup_vault_name"):
        raise Invalid("rules", f"{name}: target_backup_vault_name is missing.")
    schedule = rule.get("schedule_expression") or ""
    cron = CRON.fullmatch(schedule)
    if not (RATE.fullmatch(schedule) or (cron and len(cron[1].split()) == CRON_FIELDS)):
        raise Invalid(
            "rules",
            f"{name}: schedule_expression is {schedule!r}, but must be cron(...) with six fields, such as cron(0 5 ? * * *), or rate(...).",
        )
    start, end = rule.get("start_window_minutes"), rule.get("completion_window_minutes")
    if start is not None and start < SHORTEST_WINDOW:
        raise Invalid("rules", f"{name}: start_window_minutes is {start}, but must be {SHORTEST_WINDOW} or more.")
    if start is not None and end is not None and end < start + SHORTEST_WINDOW:
        raise Invalid(
            "rules",
            f"{name}: completion_window_minutes, {end}, must be an hour or more beyond start_window_minutes, {start}.",
        )


def _theirs(name, rule: dict) -> dict:
    """A rule as AWS takes it."""
    found = {theirs: rule[ours] for ours, theirs in OF_RULE.items() if rule.get(ours) is not None}
    copies = [
        {"DestinationBackupVaultArn": arn, "Lifecycle": _lifecycle(copy)} for arn, copy in rule["copy_actions"].items()
    ]
    tags = rule["recovery_point_tags"]
    return {"RuleName": name, **found, "Lifecycle": _lifecycle(rule), "CopyActions": copies, "RecoveryPointTags": tags}


def _lifecycle(kept: dict) -> dict:
    return {OF_LIFECYCLE[ours]: days for ours, days in kept["lifecycle"].items()}


def _without_id(rule: dict) -> dict:
    """What AWS gives to a rule by itself, it does not take."""
    return {key: value for key, value in rule.items() if key != "RuleId"}


def _described(client, listed: dict) -> dict | None:
    answer = client.call("get_backup_plan", missing=GONE, BackupPlanId=listed["BackupPlanId"])
    if answer is None or answer.get("DeletionDate"):
        return None
    tags = client.call("list_tags", missing=GONE, ResourceArn=listed["BackupPlanArn"]) or {}
    own = {key: value for key, value in (tags.get("Tags") or {}).items() if not key.startswith("aws:")}
    return {"Plan": answer, "Tags": own}
