# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.vmc.aws_backup.plugins.filter.newest_point import FilterModule

from ..module_utils.checks.test_drill import MACHINES

newest_point = FilterModule().filters()["newest_point"]


def point(day, arn="vm-0", status="COMPLETED"):
    return {
        "recovery_point_arn": f"p{day}",
        "resource_arn": arn,
        "status": status,
        "creation_date": f"2026-02-{day:02}T05:00:00+00:00",
    }


POINTS = [point(1), point(3), point(2), point(5, "vm-1"), point(6, status="EXPIRED")]


@pytest.mark.parametrize(
    ("before", "chosen"),
    [
        (None, "p3"),
        ("", "p3"),
        ("2026-02-03T05:00:01Z", "p3"),
        ("2026-02-03T05:00:00Z", "p2"),
        ("2026-02-02", "p1"),
        ("2026-02-02T07:00:00+02:00", "p1"),
    ],
)
def test_the_newest_before_a_time_is_chosen(before, chosen):
    assert newest_point(POINTS, "web-0", MACHINES, before)["recovery_point_arn"] == chosen


@pytest.mark.parametrize(
    ("machine", "before", "says"),
    [
        ("web-0", "2026-02-01", "no recovery point of web-0 from before 2026-02-01"),
        ("web-2", None, "no recovery point of web-2"),
        ("web-0", "yesterday", "is no time"),
        ("none", None, "lists no none"),
    ],
)
def test_what_is_not_there_is_said(machine, before, says):
    with pytest.raises(AnsibleFilterError, match=says):
        newest_point(POINTS, machine, MACHINES, before)


def test_a_name_of_two_machines_is_neither():
    twin = {**MACHINES[0], "path": "/dc/vm/B", "resource_arn": "vm-9"}
    with pytest.raises(AnsibleFilterError, match="More than one"):
        newest_point(POINTS, "web-0", [*MACHINES, twin])
