# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import datetime
import json

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import Invalid
from ansible_collections.vmc.aws_backup.plugins.module_utils.reports.report import report
from ansible_collections.vmc.aws_backup.plugins.module_utils.reports.trend import drops, parsed, trend

NOW = datetime.datetime(2026, 11, 28, 12, tzinfo=datetime.timezone.utc)
FIELD = {"kind": "mgw_rule", "path": "enabled", "desired": True, "actual": False, "effect": "in_place"}


def told(*names, days=0):
    findings = [{**FIELD, "name": name} for name in names]
    return report("It", {"a": {"findings": findings}}, now=NOW - datetime.timedelta(days=days))


def earlier(*names, days):
    return parsed("earlier[0]", json.dumps(told(*names, days=days)))


def test_what_came_and_what_went_is_since_the_last_one():
    found = trend(told("x", "y"), [earlier("y", "z", days=1), earlier("q", days=2)])
    assert found["since"] == "2026-11-27T12:00:00Z"
    assert [each["name"] for each in found["new"]] == ["x"]
    assert [each["name"] for each in found["gone"]] == ["z"]
    assert [(point["at"][:10], point["counts"]["warning"]) for point in found["points"]] == [
        ("2026-11-26", 1),
        ("2026-11-27", 2),
        ("2026-11-28", 2),
    ]


def test_without_one_that_is_earlier_there_is_none():
    assert trend(told("x"), []) is None
    assert trend(told("x", days=3), [earlier("y", days=1)]) is None


def test_no_more_are_shown_than_a_page_takes():
    many = [earlier("x", days=days) for days in range(1, 50)]
    assert len(trend(told("x"), many)["points"]) == 31


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", "null", '{"generated_at": 1, "counts": {}, "hosts": [1]}', '{"generated_at": "", "counts": 5}'],
)
def test_what_is_no_report_is_refused(text):
    with pytest.raises(Invalid, match=r"earlier\[2\]: is no report"):
        parsed("earlier[2]", text)


def test_one_of_another_version_is_refused():
    with pytest.raises(Invalid, match="version 99"):
        parsed("earlier[0]", json.dumps({**told("x"), "version": 99}))


def covered(compared, known, days=0):
    host = {"findings": [], "coverage": {"compared": compared, "known": known}}
    return report("It", {"a": host, "b": host}, now=NOW - datetime.timedelta(days=days))


def test_that_less_is_compared_than_the_last_time_is_said():
    before = [parsed("earlier[0]", json.dumps(covered(*of, days=days))) for of, days in (((5, 10), 1), ((9, 10), 2))]
    assert drops(covered(5, 10), before) == drops(covered(6, 11), before) == drops(covered(1, 10), []) == ""
    assert drops(covered(5, 11), before) == (
        "A smaller part of the fields is compared than on 2026-11-27T12:00:00Z: 10 of 22, where it was 10 of 20."
    )
