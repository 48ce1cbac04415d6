# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The vaults that the machines' points are in: locks, keys, holds, and points that could not be deleted."""

from __future__ import annotations

from ...engine.findings import Untold, broken, ok, unknown
from ...resources.backup_vault import lock_of
from .machines import target
from .plans import of_ours

MOST_NAMED = 5
AWS_OWNED = "AWS_OWNED_KMS_KEY"  # which nobody can ask about


def used(facts) -> dict:
    """Vault of this account that plans with machines store or copy in -> the longest time for which they keep anything there; None is for ever."""
    found: dict = {}
    for plan in of_ours(facts):
        for rule in plan["rules"].values():
            for name, kept in _stores(rule, facts):
                days, longest = kept["lifecycle"].get("delete_after_days"), found.get(name, 0)
                found[name] = None if None in (days, longest) else max(days, longest)
    return found


def _stores(rule, facts):
    """The vaults that a rule makes points in, as far as they are here, each with how long it keeps them."""
    here = (
        {} if isinstance(facts.vaults, Untold) else {raw["BackupVaultArn"]: name for name, raw in facts.vaults.items()}
    )
    yield target(rule), rule
    for arn, copy in rule["copy_actions"].items():
        if arn in here:
            yield here[arn], copy


def there(facts):
    """Rules store in what there is."""
    if isinstance(facts.vaults, Untold):
        return [(name, unknown(facts.vaults)) for name in used(facts)]
    missing = [name for name in used(facts) if name not in facts.vaults]
    return [(name, broken("Rules store in it, and there is no such vault: their jobs fail.")) for name in missing]


def locked(facts):
    """As wanted, where something is wanted; else as it is."""
    wanted = facts.params["locks"] or {}
    names = sorted({*used(facts), *wanted})
    if isinstance(facts.vaults, Untold):
        return [(name, unknown(facts.vaults)) for name in names]
    return [(name, _locked(facts.vaults[name], wanted.get(name))) for name in names if name in facts.vaults] + [
        (name, broken("It is meant to be locked, and there is no such vault."))
        for name in wanted
        if name not in facts.vaults
    ]


def _locked(vault, wanted):
    have = lock_of(vault)
    told = ", ".join(f"{key} {value}" for key, value in have.items()) or "none"
    if wanted is None:
        return ok(f"Its lock: {told}. Nothing says which is wanted.")
    differing = [key for key, value in wanted.items() if have.get(key, "none" if key == "mode" else None) != value]
    if differing:
        meant = ", ".join(f"{key} {value}" for key, value in wanted.items())
        return broken(f"Its lock: {told}. Wanted is {meant}.", "Put it right with backup_vault.")
    return ok(f"Its lock is as wanted: {told}.")


def rotated(facts):
    """Keys of vaults and of the hypervisor. Who can use no key can restore nothing."""
    vaults = facts.vaults if isinstance(facts.vaults, dict) else {}
    own = [name for name in used(facts) if name in vaults and vaults[name].get("EncryptionKeyType") != AWS_OWNED]
    keys = {vaults[name].get("EncryptionKeyArn"): name for name in own}
    if isinstance(facts.hypervisor, dict):
        keys.setdefault(facts.hypervisor.get("KmsKeyArn"), facts.hypervisor["Name"])
    return [(f"{key} of {name}", _rotated(facts.rotation(key))) for key, name in keys.items() if key]


def _rotated(found):
    if isinstance(found, Untold):
        return unknown(found)
    if found is None:
        return broken("The key is gone.", "What it encrypted is lost with it, unless its deletion can be cancelled.")
    if found["state"] != "Enabled":
        return broken(f"The key is {found['state']}.", "Enable it, or cancel its deletion.")
    return ok("It is rotated.") if found["rotated"] else broken("It is not rotated.", "Switch rotation on.")


def undeleted(facts):
    """Points that are past their time, could not be deleted, and are paid all the same."""
    return [(name, _undeleted(name, days, facts)) for name, days in used(facts).items()]


def _undeleted(name, days, facts):
    if days is None:
        return unknown("A rule keeps what it stores there for ever, so that age tells nothing of the others.")
    points = facts.older_points(name, days)
    if isinstance(points, Untold):
        return unknown(points)
    stuck = [point for point in points if point.get("Status") == "EXPIRED"]
    if not stuck:
        return ok(f"None of those older than {days} days.")
    reasons = sorted({point.get("StatusMessage") or "nothing is said" for point in stuck})
    names = ", ".join(point["RecoveryPointArn"] for point in stuck[:MOST_NAMED])
    return broken(
        f"{len(stuck)} are past their time and still paid ({names}{', ...' if len(stuck) > MOST_NAMED else ''}): {'; '.join(reasons)}",
        "Give back the role that made them, or delete them by hand.",
    )


def held(facts):
    """What a legal hold keeps is deleted by nobody, and paid."""
    if isinstance(facts.holds, Untold):
        return unknown(facts.holds)
    if not facts.holds:
        return ok("None.")
    titles = ", ".join(f"{one.get('Title')} ({one.get('LegalHoldArn')})" for one in facts.holds)
    return ok(f"In force: {titles}. What they hold is not deleted when its time has come, and is paid.")
