# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.resources.recovery_point import find, view

from .aws_api import NOW, Api

VAULTS = {"BackupVaultList": [{"BackupVaultName": name, "BackupVaultArn": f"arn:{name}"} for name in ("v1", "v2")]}
POINTS = {
    "v1": [
        {"RecoveryPointArn": "p1", "ResourceArn": "vm-1"},
        {"RecoveryPointArn": "p2", "ResourceArn": "vm-of-others"},
    ],
    "v2": [{"RecoveryPointArn": "p3", "ResourceArn": "vm-1"}],
}
MACHINES = {"VirtualMachines": [{"ResourceArn": "vm-1"}]}
HYPERVISORS = {"Hypervisors": [{"HypervisorArn": "h-1", "Name": "sddc-1"}]}


def points(**asked):
    backup = Api(
        list_backup_vaults=VAULTS,
        list_recovery_points_by_backup_vault=lambda BackupVaultName, **_filters: {
            "RecoveryPoints": POINTS[BackupVaultName]
        },
        list_recovery_points_by_resource={"RecoveryPoints": [{"RecoveryPointArn": "p1", "BackupSizeBytes": 5}]},
    )
    gateways = Api(list_hypervisors=HYPERVISORS, list_virtual_machines=MACHINES)
    return [view(raw) for raw in find(backup, gateways, **asked)], backup.calls


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"vault": "v1"}, ["p1", "p2"]),
        ({"vault": "missing"}, []),
        ({"hypervisor": "sddc-1"}, ["p1", "p3"]),
        ({"hypervisor": "sddc-1", "vault": "v2"}, ["p3"]),
        ({"hypervisor": "missing"}, []),
        ({"resource": "vm-1"}, ["p1"]),
    ],
)
def test_which_points_are_found(asked, found):
    assert [point["recovery_point_arn"] for point in points(**asked)[0]] == found


def test_those_of_a_resource_in_a_vault_are_chosen_by_aws():
    _found, calls = points(vault="v1", resource="vm-1")
    assert calls[-1] == (
        "list_recovery_points_by_backup_vault",
        {"BackupVaultName": "v1", "ByResourceArn": "vm-1"},
    )


def test_those_of_a_resource_say_whose_they_are_and_how_big():
    ((point,), _calls) = points(resource="vm-1")
    assert (point["resource_arn"], point["backup_size_in_bytes"], point["delete_at"]) == ("vm-1", 5, None)


def test_what_is_kept_until_when():
    point = view(
        {
            "RecoveryPointArn": "p",
            "Lifecycle": {"DeleteAfterDays": 9},
            "CalculatedLifecycle": {"DeleteAt": NOW},
            "CreatedBy": {"BackupPlanId": "plan"},
        }
    )
    assert point["lifecycle"] == {"move_to_cold_storage_after_days": None, "delete_after_days": 9}
    assert (point["delete_at"], point["move_to_cold_storage_at"]) == ("2026-02-01T12:00:00+00:00", None)
    assert point["backup_plan_id"] == "plan"
