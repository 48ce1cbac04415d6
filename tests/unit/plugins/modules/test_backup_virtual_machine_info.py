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
    client = types.SimpleNamespace(pages=lambda operation, key, **request: next(pages))
    monkeypatch.setattr(backup_virtual_machine_info, "Aws", lambda module, service: client)
    for wait, found in ((True, ["arn"]), (False, [])):
        module = types.SimpleNamespace(params={"hypervisor": None, "wait": wait})
        assert [one["resource_arn"] for one in backup_virtual_machine_info.fetch(module)] == found
