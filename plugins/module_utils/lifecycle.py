# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How long what is backed up is kept: checked before anything is made of it (SAFETY 35)."""

from __future__ import annotations

from .errors import Invalid

LEAST_IN_COLD = 90  # days
LONGEST = 36_500  # days


def checked(lifecycle: dict | None, keep_forever: bool, option: str = "lifecycle") -> dict:
    """As AWS takes it. What is made expires, or it is said that it never does."""
    cold = (lifecycle or {}).get("move_to_cold_storage_after_days")
    delete = (lifecycle or {}).get("delete_after_days")
    if keep_forever and delete is not None:
        raise Invalid("keep_forever", f"{option}.delete_after_days says when it ends.")
    if not keep_forever and delete is None:
        raise Invalid(f"{option}.delete_after_days", "Give it, or keep_forever: true if it is never to be deleted.")
    for name, days in (("move_to_cold_storage_after_days", cold), ("delete_after_days", delete)):
        if days is not None and not 1 <= days <= LONGEST:
            raise Invalid(f"{option}.{name}", f"{days} is not 1 to {LONGEST} days.")
    if cold is not None and delete is not None and delete < cold + LEAST_IN_COLD:
        raise Invalid(
            f"{option}.delete_after_days",
            f"What moves to cold storage after {cold} days stays there for {LEAST_IN_COLD} at least: {delete} is less than {cold + LEAST_IN_COLD}.",
        )
    asked = {"MoveToColdStorageAfterDays": cold, "DeleteAfterDays": delete}
    return {key: days for key, days in asked.items() if days is not None}


def check_lock(vault: dict, lifecycle: dict, option: str = "lifecycle") -> None:
    """Refuse what the lock of a vault, as it is listed, would have the job fail for."""
    if not vault.get("Locked"):
        return
    days, least, most = lifecycle.get("DeleteAfterDays"), vault.get("MinRetentionDays"), vault.get("MaxRetentionDays")
    name = vault["BackupVaultName"]
    if least is not None and days is not None and days < least:
        raise Invalid(f"{option}.delete_after_days", f"The lock of the vault {name} asks for {least} days at least.")
    if most is not None and (days is None or days > most):
        asked = "for ever" if days is None else f"{days} days"
        raise Invalid(f"{option}.delete_after_days", f"The lock of the vault {name} allows {most} days, not {asked}.")
