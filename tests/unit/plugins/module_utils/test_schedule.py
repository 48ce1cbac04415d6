# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import datetime

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import Error
from ansible_collections.vmc.aws_backup.plugins.module_utils.schedule import longest_gap, runs

TODAY = datetime.date(2026, 11, 28)


@pytest.mark.parametrize(
    ("expression", "hours"),
    [
        ("rate(12 hours)", 12),
        ("rate(1 day)", 24),
        ("cron(0 5 ? * * *)", 24),
        ("cron(0 5,17 * * ? *)", 12),
        ("cron(0/15 * ? * * *)", 0.25),
        ("cron(0 0/8 ? * * *)", 8),
        ("cron(0 20 ? * MON-FRI *)", 72),
        ("cron(0 5 ? * 1 *)", 7 * 24),
        ("cron(0 5 ? * sun *)", 7 * 24),
        ("cron(0 5 1 * ? *)", 31 * 24),
        ("cron(0 5 L * ? *)", 31 * 24),
        ("cron(0 5 1 JAN,JUL ? *)", 184 * 24),
        ("cron(0 5 1 1 ? *)", 366 * 24),
        ("cron(0 5 ? * * 2020)", None),
        ("cron(0 5 1 1 ? 2027)", None),
    ],
)
def test_how_far_the_runs_of_a_schedule_lie_apart(expression, hours):
    gap = longest_gap(expression, TODAY)
    assert gap == (None if hours is None else datetime.timedelta(hours=hours))


@pytest.mark.parametrize(
    "expression", ["", "daily", "cron(0 5 * * *)", "cron(0 5 ? * 2#1 *)", "cron(0 5 15W * ? *)", "cron(0 5 ? * FOO *)"]
)
def test_what_cannot_be_read_is_said(expression):
    with pytest.raises(Error, match="cannot be read"):
        longest_gap(expression, TODAY)


def test_when_it_is_due_in_some_days():
    assert runs("cron(0 5,17 ? * SUN *)", TODAY, 7) == [datetime.datetime(2026, 11, 29, hour) for hour in (5, 17)]
    assert runs("rate(1 day)", TODAY, 7) == []
