# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.checks.protected import judged
from ansible_collections.vmc.aws_backup.plugins.module_utils.engine.findings import Untold

NOON, LATER = "2026-11-28T12:00:00+00:00", "2026-11-28T12:00:01+00:00"
TAKEN = [{"backup_plan": "daily", "selection": "all"}]
POINT = {"backed_up_at": NOON}
DENIED = Untold("denied")


@pytest.mark.parametrize(
    ("selections", "point", "oldest", "verdict"),
    [
        (TAKEN, POINT, None, ("protected", "selected")),
        (TAKEN, POINT, NOON, ("protected", "selected")),
        (TAKEN, POINT, LATER, ("unprotected", "too_old")),
        (TAKEN, {}, None, ("unprotected", "never_backed_up")),
        (TAKEN, {"backed_up_at": None}, None, ("unprotected", "never_backed_up")),
        ([], POINT, None, ("unprotected", "not_selected")),
        ([], DENIED, None, ("unprotected", "not_selected")),
        (DENIED, {}, None, ("unprotected", "never_backed_up")),
        (DENIED, POINT, None, ("unknown", "denied")),
        (TAKEN, DENIED, None, ("unknown", "denied")),
        (DENIED, DENIED, NOON, ("unknown", "denied")),
    ],
)
def test_it_is_protected_only_where_all_of_it_was_seen(selections, point, oldest, verdict):
    found = judged(selections, point, oldest)
    assert (found["protection"], found["protection_reason"]) == verdict
