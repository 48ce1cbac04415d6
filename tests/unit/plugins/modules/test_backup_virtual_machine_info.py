# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import types

from ansible_collections.vmc.aws_backup.plugins.module_utils.resources.hypervisor import view_virtual_machine
from ansible_collections.vmc.aws_backup.plugins.modules import backup_virtual_machine_info

from .documentation import documented, returned, specified


def test_its_documentation_is_its_specification():
    assert documented(backup_virtual_machine_info) == specified(backup_virtual_machine_info)


def test_its_result_is_documented():
    assert set(returned(backup_virtual_machine_info)["virtual_machines"]["contains"]) == set(
        view_virtual_machine({"ResourceArn": "arn"})
    )


def test_it_waits_for_a_list_that_does_not_show_what_a_sync_has_found(monkeypatch):
    pages = iter([[], [], [{"ResourceArn": "arn"}], []])
    client = types.SimpleNamespace(
        pages=lambda operation, key, view=None, **request: [view(raw) for raw in next(pages)]
    )
    monkeypatch.setattr(backup_virtual_machine_info, "Aws", lambda module, service: client)
    for wait, found in ((True, ["arn"]), (False, [])):
        params = {"hypervisor": None, "wait": wait, "newest_recovery_points": False}
        module = types.SimpleNamespace(params=params)
        assert [one["resource_arn"] for one in backup_virtual_machine_info.fetch(module)] == found


def test_the_newest_points_are_asked_for_once_and_only_if_wanted(monkeypatch):
    asked = []
    answers = {
        "list_virtual_machines": [{"ResourceArn": "vm-2", "Path": "/b"}, {"ResourceArn": "vm-1", "Path": "/a"}],
        "list_protected_resources": [
            {
                "ResourceArn": "vm-1",
                "LastRecoveryPointArn": "p",
                "LastBackupVaultArn": "arn:aws:backup:r:1:backup-vault:v1",
            }
        ],
    }

    def client(module, service):
        def pages(operation, key, view=None, **request):
            asked.append((service, operation))
            return [view(raw) for raw in answers[operation]]

        return types.SimpleNamespace(pages=pages)

    monkeypatch.setattr(backup_virtual_machine_info, "Aws", client)
    params = {"hypervisor": None, "wait": False, "newest_recovery_points": True}
    found = backup_virtual_machine_info.fetch(types.SimpleNamespace(params=params))
    assert asked == [("backup-gateway", "list_virtual_machines"), ("backup", "list_protected_resources")]
    newest = [one["newest_recovery_point"] for one in found]
    assert (newest[0]["recovery_point_arn"], newest[0]["backup_vault_name"], newest[1]) == ("p", "v1", {})
    assert set(newest[0]) == set(
        returned(backup_virtual_machine_info)["virtual_machines"]["contains"]["newest_recovery_point"]["contains"]
    )
