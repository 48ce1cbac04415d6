# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Recovery points, by vault, by resource, or of the machines of a hypervisor."""

from __future__ import annotations

from ..clients import backup as api
from ..clients.aws_forms import timestamp
from . import hypervisor as of_hypervisor

BY_VAULT = "list_recovery_points_by_backup_vault"


def find(backup, gateways, *, vault: str | None = None, resource: str | None = None, hypervisor: str | None = None):
    """Those of a vault or, without one, of all vaults; where a hypervisor is given, of its machines."""
    if resource and not vault:
        listed = backup.pages("list_recovery_points_by_resource", "RecoveryPoints", ResourceArn=resource)
        return [{"ResourceArn": resource, **raw} for raw in listed]
    asked = {"ByResourceArn": resource} if resource else {}
    machines = None
    if hypervisor:
        asked["ByResourceType"] = "VirtualMachine"
        machines = {raw["ResourceArn"] for raw in of_hypervisor.virtual_machines(gateways, hypervisor=hypervisor)}
        if not machines:
            return []
    # One that is missing is told as denied.
    names = [raw["BackupVaultName"] for raw in api.vaults(backup) if vault in (None, raw["BackupVaultName"])]
    listed = [raw for name in names for raw in backup.pages(BY_VAULT, "RecoveryPoints", BackupVaultName=name, **asked)]
    return [raw for raw in listed if machines is None or raw.get("ResourceArn") in machines]


def view(raw: dict) -> dict:
    lifecycle, ends = raw.get("Lifecycle") or {}, raw.get("CalculatedLifecycle") or {}
    made_by = raw.get("CreatedBy") or {}
    return {
        "recovery_point_arn": raw["RecoveryPointArn"],
        "resource_arn": raw.get("ResourceArn"),
        "resource_name": raw.get("ResourceName"),
        "resource_type": raw.get("ResourceType"),
        "backup_vault_name": raw.get("BackupVaultName"),
        "backup_vault_arn": raw.get("BackupVaultArn"),
        "source_backup_vault_arn": raw.get("SourceBackupVaultArn"),
        "status": raw.get("Status"),
        "status_message": raw.get("StatusMessage"),
        "creation_date": timestamp(raw.get("CreationDate")),
        "completion_date": timestamp(raw.get("CompletionDate")),
        "backup_size_in_bytes": raw.get("BackupSizeInBytes", raw.get("BackupSizeBytes")),
        "lifecycle": {
            "move_to_cold_storage_after_days": lifecycle.get("MoveToColdStorageAfterDays"),
            "delete_after_days": lifecycle.get("DeleteAfterDays"),
        },
        "move_to_cold_storage_at": timestamp(ends.get("MoveToColdStorageAt")),
        "delete_at": timestamp(ends.get("DeleteAt")),
        "encryption_key_arn": raw.get("EncryptionKeyArn"),
        "iam_role_arn": raw.get("IamRoleArn"),
        "backup_plan_id": made_by.get("BackupPlanId"),
        "backup_rule_id": made_by.get("BackupRuleId"),
    }
