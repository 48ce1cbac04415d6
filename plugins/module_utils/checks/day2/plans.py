# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What plans say that is not so any more, or was never good."""

from __future__ import annotations

import itertools

from ...engine.findings import Untold, broken
from ...errors import Error
from ...resources.backup_selection import PATH
from ...schedule import runs
from ..protection.plans import of_ours, titled

AHEAD = 35  # days, in which each rule that runs at least monthly is due
VM = ":vm/"


def stale_paths(facts):
    """The folder that selections compare is that in which a machine was found first: it stays when the machine moves."""
    if isinstance(facts.tags, Untold) or isinstance(facts.listed, Untold):
        return None
    found = []
    for row in facts.listed:
        tag, path = facts.tags.get(row["ResourceArn"], {}).get(PATH), (row.get("Path") or "").rstrip("/")
        if tag and path and tag.rstrip("/") not in (path, path.rpartition("/")[0]):
            evidence = f"AWS Backup selects it as one of {tag}, and it is in {path}: selections by folder take it by the old one."
            found.append((f"{path}/{row.get('Name')}", broken(evidence, "Name it in a selection, or select by a tag.")))
    return found


def gone_machines(facts):
    """A machine that was registered anew has another ARN, and the old one in a plan protects nothing."""
    if isinstance(facts.listed, Untold) or isinstance(facts.plans, Untold):
        return None
    known = {row["ResourceArn"] for row in facts.every_machine} if not isinstance(facts.every_machine, Untold) else None
    if known is None:
        return None
    found = []
    for plan in facts.plans:
        selections = [] if isinstance(plan["selections"], Untold) else plan["selections"]
        named = {arn for each in selections for arn in each["resources"] if VM in arn and "*" not in arn}
        lost = sorted(named - known)
        if lost:
            evidence = f"It selects {', '.join(lost)}, which AWS Backup does not list any more."
            found.append(
                (titled(plan), broken(evidence, "Select the machine under its new ARN, and take the old one out."))
            )
    return found


def overlapping(facts):
    """One machine has one job at a time: of two rules that are due at once the second one waits, and may expire."""
    if isinstance(facts.selecting, Untold):
        return None
    together = {frozenset(plan["id"] for plan in plans) for plans in facts.selecting.values()}
    rules = [
        (plan["id"], f"{titled(plan)}, {name}", rule) for plan in of_ours(facts) for name, rule in plan["rules"].items()
    ]
    found = []
    for (one, first, rule), (other, second, another) in itertools.combinations(rules, 2):
        if one == other or any({one, other} <= each for each in together):
            at = _at_once(rule, another, facts.now.date())
            if at:
                evidence = (
                    f"{first} and {second} are due at once for the same machines, next on {at[0]:%Y-%m-%d at %H:%M}."
                )
                found.append((first, broken(evidence, "Let them begin at different times.")))
    return found


def _at_once(one, other, today) -> list:
    """Of rules in one time zone; a rule that cannot be read is told of elsewhere."""
    if one.get("schedule_expression_timezone") != other.get("schedule_expression_timezone"):
        return []
    try:
        due = [set(runs(rule.get("schedule_expression") or "", today, AHEAD)) for rule in (one, other)]
    except Error:
        return []
    return sorted(due[0] & due[1])


def one_account(facts):
    """Whoever can delete in an account can delete every copy in it."""
    found = []
    for plan in of_ours(facts):
        copies = [arn for rule in plan["rules"].values() for arn in rule["copy_actions"]]
        air_gapped = any(rule.get("target_logically_air_gapped_backup_vault_arn") for rule in plan["rules"].values())
        own = {arn.split(":")[4] for arn in facts.selecting if arn.count(":") > 4}
        if not air_gapped and {arn.split(":")[4] for arn in copies} <= own:
            evidence = "All that it makes stays in this account, so that whoever can delete in it can delete all of it."
            found.append(
                (titled(plan), broken(evidence, "Copy to another account, or to a logically air-gapped vault."))
            )
    return found
