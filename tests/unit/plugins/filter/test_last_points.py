# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.filter.last_points import FilterModule, last_points

MACHINE = {"name": "web-1", "path": "/dc/vm/prod", "resource_arn": "arn:1"}


def point(delete_at, *, days=35, status="COMPLETED", arn="arn:1"):
    return {
        "resource_arn": arn,
        "status": status,
        "delete_at": delete_at,
        "lifecycle": {"delete_after_days": days},
        "backup_vault_name": f"vault-of-{delete_at}",
    }


@pytest.mark.parametrize(
    ("points", "says"),
    [
        ([], "has no recovery point."),
        ([point("2026-03-01", arn="arn:2")], "has no recovery point."),
        ([point("2026-03-01", status="EXPIRED")], "has no recovery point."),
        (
            [point("2026-03-01"), point("2026-04-01"), point("2026-02-01")],
            "has 3 recovery points, of which the last one, in the vault vault-of-2026-04-01, expires at 2026-04-01.",
        ),
        (
            [point("2026-03-01"), point(None, days=None)],
            "has 2 recovery points, of which 1 never expire, and are paid for ever (vault vault-of-None).",
        ),
        ([point(None)], "has 1 recovery points, of which AWS Backup does not say yet when they expire."),
    ],
)
def test_until_when_a_machine_can_be_restored_is_told(points, says):
    assert last_points([MACHINE], {"recovery_points": points}) == [f"/dc/vm/prod/web-1 {says}"]


def test_that_nobody_told_is_no_none():
    (told,) = last_points([MACHINE], {"msg": "Denied."})
    assert told.endswith("could not be listed: Denied.") and "not known" in told
    assert last_points([{**MACHINE, "path": None}], {}) == ["web-1 has no recovery point."]


def test_the_filter_goes_by_its_name():
    assert FilterModule().filters() == {"last_points": last_points}
