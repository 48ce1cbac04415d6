# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether recovery points can be copied to a vault of another Region or account: AWS lets such a copy fail hours later (SAFETY 22)."""

from __future__ import annotations

from .. import lifecycle
from ..engine.findings import Check, Untold, broken, finding, ok, skipped, unknown, verdict
from ..errors import Invalid
from ..resources.backup_plan import OF_LIFECYCLE

SUBJECT = "copies"
COPY_IN = "backup:CopyIntoBackupVault"


def asserted(facts):
    wanted, found = facts.params["account_id"], facts.destination_account
    if not wanted or isinstance(found, Untold) or wanted == found:
        return None
    return broken(
        f"Copies would go to the account {found}, and {wanted} is asked for.", "Give the credentials of that."
    )


def organisation(facts):
    if facts.is_one_account:
        return ok("Both vaults are of one account.")
    here, there = facts.organisations
    for told in (here, there):
        if isinstance(told, Untold):
            return unknown(told)
    if here == there:
        return ok(f"Both accounts are of the organisation {here}.")
    return broken(
        f"The account of the backups is of the organisation {here}, that of the copies of {there}.",
        "AWS Backup copies between accounts of one organisation only. Choose an account of it.",
    )


def cross_account(facts):
    if facts.is_one_account:
        return ok("Both vaults are of one account.")
    if isinstance(facts.cross_account, Untold):
        return unknown(facts.cross_account, "See it in the settings of AWS Backup in the management account.")
    if facts.cross_account:
        return ok("The organisation lets its accounts copy to each other.")
    return broken(
        "The organisation does not let its accounts copy to each other.",
        "Switch cross-account backup on in the settings of AWS Backup, in the management account.",
    )


def opt_in(facts):
    if isinstance(facts.opt_in, Untold):
        return unknown(facts.opt_in)
    if facts.opt_in:
        return ok("The service opt-in for virtual machines is on where copies go.")
    return broken(
        "The service opt-in for virtual machines is off where copies go.",
        "Switch it on there, in the settings of AWS Backup.",
    )


def policy(facts):
    if facts.is_one_account:
        return ok("Both vaults are of one account.")
    if isinstance(facts.vault, Untold):
        return unknown(facts.vault)
    if not facts.vault:
        return _to_come(facts)
    if facts.params["policy_to_come"] or _lets_in(facts.vault["policy"], facts.source_account):
        return ok(f"The policy of the vault lets {facts.source_account} copy into it.")
    return broken(
        f"The policy of the vault {facts.vault_name} does not let {facts.source_account} copy into it.",
        f"Allow {COPY_IN} to that account there.",
    )


def key(facts):
    if isinstance(facts.vault, Untold):
        return unknown(facts.vault)
    if not facts.vault:
        return _to_come(facts)
    if isinstance(facts.key_state, Untold):
        return unknown(facts.key_state)
    if facts.key_state in ("Enabled", ""):
        return ok("The key of the vault can be used.")
    return broken(
        f"The key of the vault {facts.vault_name} is {facts.key_state}.", "Enable it, or no copy can be stored."
    )


def lock(facts):
    if isinstance(facts.vault, Untold):
        return unknown(facts.vault)
    if not facts.vault:
        return _to_come(facts)
    held = facts.vault["lock"]
    listed = {
        "BackupVaultName": facts.vault_name,
        "Locked": bool(held),
        "MinRetentionDays": held.get("min_retention_days"),
        "MaxRetentionDays": held.get("max_retention_days"),
    }
    for rule, kept in facts.params["lifecycles"].items():
        days = {theirs: kept[ours] for ours, theirs in OF_LIFECYCLE.items() if kept.get(ours) is not None}
        try:
            lifecycle.check_lock(listed, days)
        except Invalid as misfit:
            return broken(f"The copies of the rule {rule} do not fit. {misfit.message}", "Give copy_lifecycle.")
    return ok("What is copied fits the lock of the vault." if held else "The vault has no lock.")


def _to_come(facts):
    if facts.params["backup_vault_name"]:
        return skipped(f"The vault {facts.vault_name} is not there yet.")
    return broken(f"There is no vault {facts.vault_name} where copies go.", "Make it, or give another one.")


def _lets_in(document, account) -> bool:
    """Whether the policy allows it to the account, by the account itself or to anybody, and denies it to nobody that it names."""
    found = {"Allow": False, "Deny": False}
    for statement in document.get("Statement", ()):
        if _names(statement, "Action", COPY_IN) and _is_for(statement.get("Principal"), account):
            # A condition may hold; of a denial it is not counted on that it does not.
            found[statement["Effect"]] = True
    return found["Allow"] and not found["Deny"]


def _names(statement, key, action) -> bool:
    listed = statement.get(key, [])
    return bool({"*", "backup:*", action} & set([listed] if isinstance(listed, str) else listed))


def _is_for(principal, account) -> bool:
    listed = principal.get("AWS", []) if isinstance(principal, dict) else principal
    named = [listed] if isinstance(listed, str) else listed or []
    return any(one in ("*", account) or f"::{account}:" in one for one in named)


CHECKS = (
    Check("copy_account", asserted, of="account", name="Account of the copies"),
    Check("copy_organisation", organisation, of="account", name="Organisation of both accounts"),
    Check("copy_cross_account", cross_account, of="account", name="Copies between accounts"),
    Check("copy_opt_in", opt_in, of="region_settings", name="Opt-in where copies go"),
    Check(
        "copy_policy", policy, of="backup_vault", name="Policy of the vault that is copied to", mended_by="protection"
    ),
    Check("copy_key", key, of="kms_key", name="Key of the vault that is copied to"),
    Check("copy_lock", lock, of="backup_vault", name="Lock of the vault that is copied to"),
)


def judge(facts) -> list[dict]:
    found = ((check, verdict(check.ask, facts)) for check in CHECKS)
    return [finding(SUBJECT, check, said) for check, said in found if said]
