# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which of the machines that vCenter has are protected: selected, with a young point where it is meant to be, and copied like that (SAFETY 38)."""

from __future__ import annotations

import collections
import datetime
import fnmatch
from typing import NamedTuple

from ...engine.findings import Untold, broken, costly, ok, skipped, unknown
from ...errors import Error
from ...schedule import longest_gap

HOUR = datetime.timedelta(hours=1)
DAY = 24  # hours
LISTED_FOR = 29 * DAY  # hours: jobs are listed for 30 days
PROTECTED, EXCLUDED, UNKNOWN = "protected", "excluded", "unknown"
NOT_SELECTED, NOT_SYNCED, UNPROTECTABLE = "not_selected", "not_synced", "unprotectable"
OUTDATED, NOT_COPIED = "outdated", "not_copied"
CLASSES = (PROTECTED, OUTDATED, NOT_COPIED, NOT_SELECTED, NOT_SYNCED, UNPROTECTABLE, EXCLUDED, UNKNOWN)
CHANGE = {
    OUTDATED: "See what the jobs of it say, and back it up now with backup_job.",
    NOT_COPIED: "See what the copy jobs of it say: they retry nothing, and nothing tells of them.",
    NOT_SELECTED: "Select it in a plan, or exclude it with a reason.",
    NOT_SYNCED: "Start a metadata sync of the hypervisor. Until then no plan and no selection can take it.",
    UNPROTECTABLE: "Change it, protect it from within its operating system, or exclude it with a reason.",
}


class Judged(NamedTuple):
    """A machine, its class and why."""

    machine: object
    of: str
    why: str
    plans: tuple = ()
    point: dict | None = None

    @property
    def listed(self) -> dict:
        return self.machine.listed or {}


class Wanted(NamedTuple):
    """What the rules of a plan want of a machine: in which vaults a point, and in which a copy that is how many hours old at most."""

    vaults: frozenset
    copies: dict
    untold: str = ""


def judged(facts):
    """Every machine of vCenter with its class, or why nobody knows them."""
    if "judged" not in facts.kept:
        facts.kept["judged"] = _all_judged(facts)
    return facts.kept["judged"]


def _all_judged(facts):
    if isinstance(facts.machines, Untold):
        return facts.machines
    plans = facts.plans if not isinstance(facts.plans, Untold) else []
    wanted = {plan["id"]: _wanted(plan, facts) for plan in plans}
    copied = _Copied(facts, wanted.values())
    return [_judged(one, facts, wanted, copied) for one in facts.machines]


def _judged(one, facts, wanted, copied) -> Judged:
    reason = _left_out(one, facts) or _excluded(one, facts)
    if reason:
        return Judged(one, EXCLUDED, reason)
    if one.seen["unprotectable"]:
        return Judged(
            one, UNPROTECTABLE, f"It has {', '.join(one.seen['unprotectable'])}, which AWS Backup does not take."
        )
    if one.unclear:
        return Judged(one, UNKNOWN, f"{one.unclear}.")
    if one.listed is None:
        return Judged(one, NOT_SYNCED, "vCenter has it, and AWS Backup does not list it.")
    if isinstance(facts.selecting, Untold):
        return Judged(one, UNKNOWN, f"Which plans select it is not known: {facts.selecting}")
    arn = one.listed["ResourceArn"]
    plans = tuple(facts.selecting[arn])
    if not plans:
        untold = [plan for plan in facts.plans if isinstance(plan["selections"], Untold)]
        if untold:
            names = ", ".join(plan["name"] for plan in untold)
            return Judged(
                one, UNKNOWN, f"No plan that tells selects it, and {names} does not: {untold[0]['selections']}"
            )
        return Judged(one, NOT_SELECTED, "No selection of any plan takes it.")
    return _by_point(one, arn, plans, [wanted[plan["id"]] for plan in plans], facts, copied)


def _by_point(one, arn, plans, wanted, facts, copied) -> Judged:
    vaults = frozenset().union(*(each.vaults for each in wanted))
    untold = [each.untold for each in wanted if each.untold]
    if not vaults:
        return Judged(one, UNKNOWN, f"Where its points are meant to be is not known: {' '.join(untold)}", plans)
    if isinstance(facts.newest, Untold):
        return Judged(one, UNKNOWN, f"Its points are not known: {facts.newest}", plans)
    newest = facts.newest.get(arn)
    point = newest if newest and _vault(newest) in vaults else None
    if newest and point is None:
        answers = [facts.newest_in(vault) for vault in sorted(vaults)]
        silent = next((each for each in answers if isinstance(each, Untold)), None)
        if silent is not None:
            return Judged(one, UNKNOWN, f"Its points in {', '.join(sorted(vaults))} are not known: {silent}", plans)
        found = [each[arn] for each in answers if arn in each]
        point = max(found, key=_made_at, default=None)
    hours = facts.params["objective_hours"]
    if point is None or not point.get("LastBackupTime") or facts.now - point["LastBackupTime"] > hours * HOUR:
        return Judged(one, OUTDATED, _why_outdated(newest, point, vaults, hours), plans, point)
    why, of = copied.lacks(arn, wanted)
    if why:
        return Judged(one, of, why, plans, point)
    return Judged(one, PROTECTED, f"Its newest point is of {_time(point)}.", plans, point)


def _why_outdated(newest, point, vaults, hours) -> str:
    meant = " or ".join(sorted(vaults))
    if newest is None:
        return f"It has no recovery point, and {meant} is meant to have one that is {hours} hours old at most."
    if point is not newest:
        own = f"the newest there is of {_time(point)}" if point else "there is none of it there"
        return f"Its newest point, of {_time(newest)}, is in {_vault(newest)}; it is meant to be in {meant}, and {own}."
    return f"Its newest point in {meant} is of {_time(point)}, and {hours} hours are the objective."


def _made_at(point) -> str:
    return _time(point)


def _time(point) -> str:
    made = point.get("LastBackupTime")
    return made.astimezone(datetime.timezone.utc).isoformat(timespec="minutes") if made else "a time that is not told"


def _vault(point) -> str:
    return (point.get("LastBackupVaultArn") or "").rpartition(":")[2]


# What rules want


def _wanted(plan, facts) -> Wanted:
    if isinstance(plan["rules"], Untold):
        return Wanted(frozenset(), {}, f"{plan['name']}: {plan['rules']}")
    vaults, copies = set(), {}
    for rule in plan["rules"].values():
        vaults.add(target(rule))
        hours = _copy_hours(rule, facts) if rule["copy_actions"] else 0
        for arn in rule["copy_actions"]:
            copies[arn] = min(hours, copies.get(arn, hours))
    return Wanted(frozenset(vaults), copies)


def target(rule) -> str:
    """The vault that a rule stores in."""
    air_gapped = rule.get("target_logically_air_gapped_backup_vault_arn")
    return air_gapped.rpartition(":")[2] if air_gapped else rule["target_backup_vault_name"]


def _copy_hours(rule, facts) -> float:
    """How old a copy may be: as its rule has it, if that runs less than daily."""
    objective = facts.params["copy_objective_hours"]
    try:
        gap = longest_gap(rule.get("schedule_expression") or "", facts.now.date())
    except Error:
        gap = None
    between = gap.total_seconds() / 3600 if gap else 0
    return objective if between <= DAY else between + objective


class _Copied:
    """The copies of machines that are meant to be there. In a vault of the same account and Region they are seen, elsewhere their jobs are."""

    def __init__(self, facts, wanted):
        self.facts = facts
        hours = [hours for each in wanted for hours in each.copies.values()]
        self.hours = int(min(max(hours), LISTED_FOR)) if hours else 0
        self._made: dict = {}

    def lacks(self, arn, wanted) -> tuple:
        """What is missing of a machine, and the class for it."""
        meant: dict = {}
        for each in wanted:
            for vault, hours in each.copies.items():
                meant[vault] = min(hours, meant.get(vault, hours))
        for vault, hours in sorted(meant.items()):
            made = self._in(vault)
            if isinstance(made, Untold):
                return f"Whether it is copied to {vault} is not known: {made}", UNKNOWN
            young = self.facts.now - hours * HOUR
            if made.get(arn, young) > young or self._newest("CREATED RUNNING", arn, vault, young):
                continue
            if hours > LISTED_FOR and arn not in made and not self._is_here(vault):
                return (
                    f"Whether it is copied to {vault} is not known: its rule runs each {hours / DAY:.0f} days, and AWS lists the jobs of 30.",
                    UNKNOWN,
                )
            last = self._newest("FAILED", arn, vault, young)
            said = f" The last copy failed: {last.get('StatusMessage') or 'nothing is said'}." if last else ""
            return f"It has no copy in {vault} that is {hours:.0f} hours old at most.{said}", NOT_COPIED
        return "", ""

    def _is_here(self, vault) -> bool:
        own = self.facts.vaults
        return not isinstance(own, Untold) and any(raw["BackupVaultArn"] == vault for raw in own.values())

    def _in(self, vault):
        """ARN -> when the newest copy of it in a vault was made."""
        if vault not in self._made:
            if self._is_here(vault):
                found = self.facts.points(vault.rpartition(":")[2], self.hours)
                kind, done = "Status", "COMPLETED"
            else:
                found = self.facts.copies("COMPLETED", self.hours)
                kind, done = "State", "COMPLETED"
            if not isinstance(found, Untold):
                mine = [one for one in found if one.get(kind) == done and one.get("CreationDate")]
                mine = [one for one in mine if one.get("DestinationBackupVaultArn", vault) == vault]
                found = {one.get("ResourceArn"): one["CreationDate"] for one in sorted(mine, key=_created)}
            self._made[vault] = found
        return self._made[vault]

    def _newest(self, states, arn, vault, since) -> dict | None:
        """The newest job of such a state; none where nobody tells."""
        listed = [self.facts.copies(state, self.hours) for state in states.split()]
        jobs = [job for each in listed if not isinstance(each, Untold) for job in each]
        mine = [
            job
            for job in jobs
            if (job.get("ResourceArn"), job.get("DestinationBackupVaultArn")) == (arn, vault)
            and job["CreationDate"] > since
        ]
        return max(mine, key=_created, default=None)


def _created(one):
    return one["CreationDate"]


# What is left out


def _left_out(one, facts) -> str:
    """What is never selected (SAFETY 21)."""
    seen, drill = one.seen, facts.params["drill_folder"]
    if seen["template"]:
        return "It is a template."
    if seen["managed"]:
        return "It is VMware's or vSphere's own."
    if seen["appliance"]:
        return "It is an appliance of AWS Backup."
    if drill and _in_folder(seen["path"], drill):
        return "It is in the folder of restore drills."
    return ""


def _excluded(one, facts) -> str:
    for each in facts.params["exclusions"]:
        if _is_meant(one, each) and not _has_ended(each, facts):
            until = f"until {each['expires']}" if each.get("expires") else "without an end"
            return f"{each['reason'].rstrip('.')} (approved by {each['approver']}, {until})."
    return ""


def _is_meant(one, exclusion) -> bool:
    machine, folder = exclusion.get("virtual_machine"), exclusion.get("folder")
    named = machine and any(fnmatch.fnmatchcase(name, machine) for name in (one.name, one.seen["name"]))
    return bool(named or folder and _in_folder(one.seen["path"], folder))


def _in_folder(path, folder) -> bool:
    folder = folder.rstrip("/")
    return path.startswith(f"{folder}/") or fnmatch.fnmatchcase(path, folder)


def _has_ended(exclusion, facts) -> bool:
    return bool(exclusion.get("expires")) and exclusion["expires"] < facts.now.date().isoformat()


# What is said


def coverage(facts):
    """All of them in numbers."""
    found = judged(facts)
    if isinstance(found, Untold):
        return unknown(f"Which machines there are is not known: {found}")
    counted = collections.Counter(each.of for each in found)
    told = ", ".join(f"{counted[of]} {of.replace('_', ' ')}" for of in CLASSES if counted[of]) or "none"
    evidence = f"vCenter has {len(found)} machines: {told}."
    if set(counted) <= {PROTECTED, EXCLUDED}:
        return ok(evidence)
    return unknown(evidence) if set(counted) <= {PROTECTED, EXCLUDED, UNKNOWN} else broken(evidence)


def each_of(of: str):
    """The verdicts on the machines of a class."""

    def ask(facts):
        found = judged(facts)
        if isinstance(found, Untold):
            return None  # the coverage says so
        said = {UNKNOWN: lambda each: unknown(each.why), EXCLUDED: lambda each: skipped(each.why)}
        say = said.get(of, lambda each: broken(each.why, CHANGE[of]))
        # What is left out by its kind is counted, and needs no word of its own.
        chosen = [each for each in found if each.of == of and not (of == EXCLUDED and _left_out(each.machine, facts))]
        return [(each.machine.name, say(each)) for each in chosen]

    return ask


def taken(facts):
    """What is never selected (SAFETY 21), and is all the same."""
    found, selecting = judged(facts), facts.selecting
    if isinstance(found, Untold) or isinstance(selecting, Untold):
        return None
    said = []
    for each in found:
        plans = selecting.get(each.listed.get("ResourceArn"), [])
        reason = _left_out(each.machine, facts)
        if plans and reason:
            names = ", ".join(plan["name"] for plan in plans)
            change = "Leave it out of the selections of these plans. Its points are paid, and nobody restores them."
            said.append((each.machine.name, costly(f"{reason} All the same it is selected by {names}.", change)))
    return said


def gone(facts):
    """What AWS lists, and vCenter has not."""
    if isinstance(facts.left, Untold):
        return None
    return [
        (
            f"{(row.get('Path') or '').rstrip('/')}/{row.get('Name')}",
            broken(
                f"AWS Backup lists it ({row['ResourceArn']}), and vCenter has no such machine: it was renamed, moved or removed since the last sync.",
                "Start a metadata sync of the hypervisor. Its points stay, under the ARN that they have.",
            ),
        )
        for row in facts.left
    ]


def exclusions(facts):
    """Those that have ended, and those that are nobody's."""
    if isinstance(facts.machines, Untold):
        return None
    found = []
    for each in facts.params["exclusions"]:
        name = each.get("virtual_machine") or each.get("folder")
        meant = [one.name for one in facts.machines if _is_meant(one, each)]
        if _has_ended(each, facts):
            found.append(
                (
                    name,
                    broken(
                        f"It ended on {each['expires']} (approved by {each['approver']}): {each['reason']}",
                        "Renew it or take it out.",
                    ),
                )
            )
        elif not meant:
            found.append((name, broken("It excludes no machine that vCenter has.", "Take it out.")))
    return found


def population(facts) -> list:
    """Every machine with its class, for who has to prove it."""
    found = judged(facts)
    return [
        {
            "name": each.machine.name,
            "class": each.of,
            "why": each.why,
            "resource_arn": each.listed.get("ResourceArn") or "",
            "backup_plans": [plan["name"] for plan in each.plans],
            "recovery_point_arn": (each.point or {}).get("LastRecoveryPointArn") or "",
            "backed_up_at": _time(each.point) if each.point and each.point.get("LastBackupTime") else "",
        }
        for each in ([] if isinstance(found, Untold) else found)
    ]
