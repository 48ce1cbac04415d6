# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.filter.canary_is_due import FilterModule, canary_is_due

MACHINES = [
    {"name": "web-1", "path": "/dc/vm/prod", "resource_arn": "arn:1", "last_backup_date": None},
    {"name": "web-2", "path": "/dc/vm/prod/web-2", "resource_arn": "arn:2", "last_backup_date": "2026-01-01"},
]


@pytest.mark.parametrize(
    ("machines", "machine", "changed", "due"),
    [
        (MACHINES, "", True, False),
        ([], "web-1", True, False),
        (MACHINES, "web-1", False, True),
        (MACHINES, "/dc/vm/prod/web-1", False, True),
        (MACHINES, "web-2", False, False),
        (MACHINES, "/dc/vm/prod/web-2", False, False),
        (MACHINES, "arn:2", False, False),
        (MACHINES, "web-2", True, True),
        (MACHINES, "web-3", False, True),
    ],
)
def test_a_canary_is_due_until_it_was_made_and_after_each_change(machines, machine, changed, due):
    assert canary_is_due(machines, machine, changed) is due


def test_the_filter_goes_by_its_name():
    assert FilterModule().filters() == {"canary_is_due": canary_is_due}
