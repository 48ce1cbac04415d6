# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import types

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import Invalid
from ansible_collections.vmc.aws_backup.plugins.modules import backup_verification_info

from ..module_utils.checks.protection.site import site
from .documentation import documented, returned, specified

REASON = {"reason": "r", "approver": "a"}


def test_its_documentation_is_its_specification():
    assert documented(backup_verification_info) == specified(backup_verification_info)


def test_its_result_is_documented():
    answer = backup_verification_info.answer(site(), ["protection"])
    told = returned(backup_verification_info)
    assert set(told) == set(answer)
    for key in set(told) - {"caller"}:
        assert set(told[key]["contains"]) == set(answer[key][0])


def asked(**given):
    defaults = {name: spec.get("default") for name, spec in backup_verification_info.SPEC.items()}
    return types.SimpleNamespace(params={**defaults, "hypervisor": "h", **given})


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"objective_hours": 0}, "objective_hours: 0 must be 1 or more"),
        ({"copy_objective_hours": -1}, "copy_objective_hours"),
        ({"sync_max_age_hours": 0}, "sync_max_age_hours"),
        ({"last_seen_max_age": 0}, "last_seen_max_age"),
        ({"exclusions": [REASON]}, "virtual_machine or folder"),
        ({"exclusions": [{"virtual_machine": "a", "folder": "b", **REASON}]}, "one of them"),
        ({"exclusions": [{"folder": "b", **REASON, "reason": " "}]}, "reason is empty"),
        ({"exclusions": [{"folder": "b", **REASON, "approver": ""}]}, "approver is empty"),
        ({"exclusions": [{"folder": "b", **REASON, "expires": "soon"}]}, "expires is 'soon'"),
        ({"locks": {"v": "governance"}}, "locks"),
        ({"locks": {"v": {"days": 7}}}, "mode, min_retention_days, max_retention_days"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_anybody_is_asked(given, message, monkeypatch):
    monkeypatch.setattr(backup_verification_info, "Protection", None)
    with pytest.raises(Invalid, match=message):
        backup_verification_info.fetch(asked(**given))


def test_copies_may_be_as_old_as_points_unless_it_is_said(monkeypatch):
    monkeypatch.setattr(backup_verification_info, "Protection", lambda module: module.params)
    monkeypatch.setattr(backup_verification_info, "answer", lambda params, subjects: params["copy_objective_hours"])
    assert backup_verification_info.fetch(asked(objective_hours=30)) == 30
    assert backup_verification_info.fetch(asked(objective_hours=30, copy_objective_hours=50)) == 50
