# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What vmc_backup_protection means: plans, their rules, and what they select. Refused by the variable before anything is written."""

from __future__ import annotations

from ..module_utils import forms, lifecycle
from ..module_utils.errors import Invalid
from ..module_utils.resources.backup_plan import OF_LIFECYCLE, check_rule, kept_for
from ..module_utils.resources.backup_selection import MOST_CONDITIONS
from ..module_utils.resources.backup_vault import STANDARD, check_lock

VARIABLE = "vmc_backup_protection"
# Each begins when the one before has had its start window, so that no machine waits for itself where two fall on one day.
PRESETS = {
    "daily": {"schedule_expression": "cron(0 1 ? * * *)", "lifecycle": {"delete_after_days": 35}},
    "weekly": {"schedule_expression": "cron(0 9 ? * SUN *)", "lifecycle": {"delete_after_days": 98}},
    "monthly": {
        "schedule_expression": "cron(0 17 1 * ? *)",
        "lifecycle": {"move_to_cold_storage_after_days": 30, "delete_after_days": 400},
    },
}
# What no backup is made of unasked (SAFETY 21), besides the appliances and the folder of restore drills.
LEFT_OUT = ("*/Management VMs*", "*/vCLS*")
DRILLS = "restore_drill_folder"
OF_COPIES = ("copy", "copy_lifecycle")
SELECTED = ("folder", "conditions", "virtual_machines", "not_virtual_machines")


def vault_of(name: str, value) -> str:
    """The vault of a site, where value(variable) is what a variable holds."""
    return value("protection_vault") or f"{name}-backups"


def copy_vault_of(name: str, value) -> str:
    return value("protection_copy_vault") or f"{name}-copies"


def is_copied(value) -> bool:
    return bool(value("protection_copy_vault_arn") or value("vmc_backup_copy_aws_region"))


def plan_name(name: str, entry: str) -> str:
    return f"{name}-{entry}"


def told(name: str, value) -> dict:
    """What the tasks read of it: the vaults, the entries, and where copies go, with * for the account that is not known yet."""
    copied_to = value("protection_copy_vault_arn") or ""
    made = is_copied(value) and not copied_to
    region = value("vmc_backup_copy_aws_region") or ""
    if made:
        partition = "aws-us-gov" if region.startswith("us-gov-") else "aws-cn" if region.startswith("cn-") else "aws"
        copied_to = f"arn:{partition}:backup:{region}:*:backup-vault:{copy_vault_of(name, value)}"
    entries = protected(name, value)
    return {
        "vault": vault_of(name, value),
        "copy_vault": copy_vault_of(name, value),
        "copies_are_made": made,
        "copied_to": copied_to,
        # How long the copies of each rule are kept; those that are kept for ever have no days.
        "copies": {
            f"{entry['name']}.{rule['name']}": rule["copied"].get("lifecycle") or {}
            for entry in entries
            for rule in entry["rules"]
            if "copied" in rule
        },
        "entries": entries,
    }


def protected(name: str, value) -> list[dict]:
    """Each entry as the modules take it: ``name``, ``plan``, ``rules`` with how long the copy of each is kept, and what is selected.

    Refuses what cannot be meant. Where nothing is asked for, nothing is judged.
    """
    if not value(VARIABLE):
        return []
    vault = vault_of(name, value)
    forms.checked("protection_vault", "vault_name", vault)
    if is_copied(value) and not value("protection_copy_vault_arn"):
        forms.checked("protection_copy_vault", "vault_name", copy_vault_of(name, value))
    if value("protection_copy_vault_arn") and value("vmc_backup_copy_aws_region"):
        raise Invalid(
            "protection_copy_vault_arn",
            "is a vault that is there, and vmc_backup_copy_aws_region asks for one to be made. Give one of the two.",
        )
    _judge_lock(value)
    if value("registration_canary_vm") and value("registration_canary_vault") in (None, vault):
        days = value("registration_canary_delete_after_days")
        _refuse_misfit("registration_canary_delete_after_days", value, vault, {"delete_after_days": days})
    found: list[dict] = []
    for entry in value(VARIABLE):
        if entry["name"] in [each["name"] for each in found]:
            raise Invalid(VARIABLE, f"there are two entries called {entry['name']}.")
        try:
            found.append(_entry(name, entry, vault, value))
        except Invalid as refusal:
            raise Invalid(VARIABLE, f"{entry['name']}: {_told(refusal)}") from None
    return found


def _told(refusal) -> str:
    """An option of a module, as it stands in an entry."""
    return refusal.message if refusal.option in ("", VARIABLE, "rules") else f"{refusal.option}: {refusal.message}"


def _judge_lock(value):
    try:
        check_lock({"lock": value("protection_lock"), "vault_type": STANDARD})
    except Invalid as refusal:
        raise Invalid("protection_lock", refusal.message) from None


def _entry(name, entry, vault, value) -> dict:
    forms.checked("name", "selection_name", entry["name"])
    forms.checked("name", "plan_name", plan_name(name, entry["name"]))
    rules = [_rule(entry, rule, vault, value) for rule in _rules(entry)]
    return {
        "name": entry["name"],
        "plan": plan_name(name, entry["name"]),
        "rules": rules,
        **_selected(entry, value),
    }


# Rules


def _rules(entry):
    """Those of the presets, as the entry changes them, and its own."""
    unknown = [preset for preset in entry.get("presets", ()) if preset not in PRESETS]
    if unknown:
        raise Invalid("presets", f"there is no {', '.join(unknown)}; there are: {', '.join(PRESETS)}.")
    own: dict = {}
    for rule in entry.get("rules", ()):
        if rule["name"] in own:
            raise Invalid("rules", f"there are two rules called {rule['name']}.")
        own[rule["name"]] = rule
    names = list(dict.fromkeys([*entry.get("presets", ()), *own]))
    if not names:
        raise Invalid("presets", "nothing says when and for how long. Give presets or rules.")
    for name in names:
        preset = PRESETS[name] if name in entry.get("presets", ()) else {}
        asked = own.get(name, {})
        # Forever is no lifecycle, not one beside that of the preset.
        dropped = {"lifecycle"} if asked.get("keep_forever") else set()
        yield {"name": name, **{key: held for key, held in preset.items() if key not in dropped}, **asked}


def _rule(entry, asked, vault, value) -> dict:
    """A rule as backup_plan takes it, judged by the same code; ``copied`` says how long its copy is kept."""
    rule = {key: held for key, held in asked.items() if key not in OF_COPIES}
    rule.setdefault("target_backup_vault_name", vault)
    rule.setdefault("schedule_expression_timezone", value("protection_timezone"))
    forms.checked("rules", "rule_name", rule["name"])
    # What is not said is as AWS has it, or as it is.
    check_rule(rule["name"], rule)
    kept_for(rule["name"], rule, {})
    if rule["target_backup_vault_name"] == vault:
        _fit(value, vault, rule["lifecycle"] if rule.get("lifecycle") else {}, f"rules.{rule['name']}.lifecycle")
    if "copy_lifecycle" in asked and asked.get("copy") is False:
        raise Invalid(
            "rules", f"{rule['name']}: copy_lifecycle says how long a copy is kept, and copy that there is none."
        )
    if is_copied(value):
        if asked.get("copy") is False:
            rule["copy_actions"] = []
        else:
            kept = {key: rule[key] for key in ("lifecycle", "keep_forever") if key in rule}
            rule["copied"] = {"lifecycle": asked["copy_lifecycle"]} if "copy_lifecycle" in asked else kept
            kept_for(f"{rule['name']}.copy_lifecycle", dict(rule["copied"]), {})
    elif "copy_lifecycle" in asked or asked.get("copy"):
        raise Invalid(
            "rules",
            f"{rule['name']}: there is nowhere to copy to. Give protection_copy_vault_arn or vmc_backup_copy_aws_region.",
        )
    return rule


def _fit(value, vault, kept, option):
    """The lock that the vault shall have; that of one that is there already judges the module."""
    lock = value("protection_lock") or {}
    limits = {"MinRetentionDays": lock.get("min_retention_days"), "MaxRetentionDays": lock.get("max_retention_days")}
    lifecycle.check_lock(
        {"BackupVaultName": vault, "Locked": bool(lock), **limits},
        {theirs: kept[ours] for ours, theirs in OF_LIFECYCLE.items() if ours in kept},
        option,
    )


def _refuse_misfit(variable, value, vault, kept):
    try:
        _fit(value, vault, kept, variable)
    except Invalid as refusal:
        raise Invalid(variable, refusal.message) from None


# What is selected


def _selected(entry, value) -> dict:
    machines = entry.get("virtual_machines")
    narrowed = [option for option in ("folder", "conditions") if entry.get(option)]
    if machines is not None and narrowed:
        raise Invalid("virtual_machines", f"names machines, so that {', '.join(narrowed)} would narrow nothing.")
    if machines == []:
        raise Invalid("virtual_machines", "names no machine. To protect nothing, leave the entry away.")
    for option in ("virtual_machines", "not_virtual_machines"):
        for reference in entry.get(option, ()):
            if reference.startswith("arn:") or "*" in reference:
                forms.checked(option, "machine_arn", reference)
    drills = [f"{value(DRILLS).rstrip('/')}*"] if value(DRILLS) else []
    folders = list(dict.fromkeys([*LEFT_OUT, *drills, *entry.get("not_folders", ())]))
    asked = [tags for tags in (entry.get("conditions") or {}).values() if tags]
    by_path = len(folders) + bool(entry.get("folder")) if value("protection_path_conditions") else 0
    number = 1 + by_path + sum(map(len, asked))
    if machines is None and number > MOST_CONDITIONS:
        raise Invalid(
            "conditions", f"{number}, folders and the mark of the site among them, are more than {MOST_CONDITIONS}."
        )
    return {**{option: entry[option] for option in SELECTED if entry.get(option)}, "not_folders": folders}


# One backup at once


def now(name: str, value) -> dict:
    """The plans whose machines are to be backed up at once, and how long that is kept: refused where it is not said."""
    if not (value("vmc_backup_now_machines") or value("vmc_backup_now_entries")):
        raise Invalid("vmc_backup_now_machines", "Give it, or vmc_backup_now_entries.")
    days, forever = value("vmc_backup_now_delete_after_days"), bool(value("vmc_backup_now_keep_forever"))
    if (days is None) is not forever:
        raise Invalid(
            "vmc_backup_now_delete_after_days",
            "Give it, or vmc_backup_now_keep_forever if it is never to be deleted, and not both.",
        )
    known = [entry["name"] for entry in value(VARIABLE) or []]
    unknown = [name for name in value("vmc_backup_now_entries") or [] if name not in known]
    if unknown:
        raise Invalid(
            "vmc_backup_now_entries",
            f"{VARIABLE} has no {', '.join(unknown)}; it has: {', '.join(known) or 'nothing'}.",
        )
    if value("vmc_backup_now_vault") in (None, vault_of(name, value)):
        kept = {} if forever else {"delete_after_days": days}
        _refuse_misfit("vmc_backup_now_delete_after_days", value, vault_of(name, value), kept)
    return {
        "plans": [plan_name(name, entry) for entry in value("vmc_backup_now_entries") or []],
        "lifecycle": {} if forever else {"delete_after_days": days},
        "keep_forever": forever,
    }
