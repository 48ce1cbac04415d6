# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the backup API does in its own way: vaults are absent only where they are not listed."""

from __future__ import annotations

from ..values import Unresolved


def vaults(client) -> list:
    return client.pages("list_backup_vaults", "BackupVaultList")


def vault(client, reference: str):
    """The vault of that name or ARN as it is listed, or Unresolved: DescribeBackupVault calls a missing one denied."""
    found = (raw for raw in vaults(client) if reference in (raw["BackupVaultName"], raw["BackupVaultArn"]))
    return next(found, Unresolved("backup vault", reference))
