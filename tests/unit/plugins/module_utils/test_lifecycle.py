# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import Invalid
from ansible_collections.vmc.aws_backup.plugins.module_utils.lifecycle import check_lock, checked


@pytest.mark.parametrize(
    ("cold", "delete", "keep", "asked"),
    [
        (None, 1, False, {"DeleteAfterDays": 1}),
        (30, 120, False, {"MoveToColdStorageAfterDays": 30, "DeleteAfterDays": 120}),
        (None, None, True, {}),
        (30, None, True, {"MoveToColdStorageAfterDays": 30}),
    ],
)
def test_what_expires_or_is_said_never_to(cold, delete, keep, asked):
    assert checked({"move_to_cold_storage_after_days": cold, "delete_after_days": delete}, keep) == asked


@pytest.mark.parametrize(
    ("cold", "delete", "keep", "option"),
    [
        (None, None, False, "lifecycle.delete_after_days"),
        (30, None, False, "lifecycle.delete_after_days"),
        (30, 60, False, "lifecycle.delete_after_days"),
        (30, 119, False, "lifecycle.delete_after_days"),
        (None, 5, True, "keep_forever"),
        (None, 0, False, "lifecycle.delete_after_days"),
        (None, 36_501, False, "lifecycle.delete_after_days"),
        (0, 200, False, "lifecycle.move_to_cold_storage_after_days"),
    ],
)
def test_what_cannot_be_names_its_option(cold, delete, keep, option):
    with pytest.raises(Invalid) as refused:
        checked({"move_to_cold_storage_after_days": cold, "delete_after_days": delete}, keep)
    assert refused.value.option == option


def test_no_lifecycle_at_all_is_no_retention():
    with pytest.raises(Invalid, match="keep_forever: true"):
        checked(None, False)


LOCKED = {"BackupVaultName": "v1", "Locked": True, "MinRetentionDays": 7, "MaxRetentionDays": 100}


@pytest.mark.parametrize("days", [7, 100])
def test_a_retention_within_the_lock_passes(days):
    check_lock(LOCKED, {"DeleteAfterDays": days})


@pytest.mark.parametrize(("days", "told"), [(6, "7 days at least"), (101, "not 101 days"), (None, "not for ever")])
def test_one_without_is_refused(days, told):
    with pytest.raises(Invalid, match=told):
        check_lock(LOCKED, {"DeleteAfterDays": days} if days else {})


def test_a_lock_without_limits_and_no_lock_let_everything_pass():
    check_lock({"BackupVaultName": "v1", "Locked": True}, {})
    check_lock({**LOCKED, "Locked": False}, {"DeleteAfterDays": 1})
    check_lock({**LOCKED, "MaxRetentionDays": None}, {})
