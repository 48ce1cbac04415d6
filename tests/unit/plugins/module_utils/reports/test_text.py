# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import datetime

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.reports.accepted import accepted
from ansible_collections.vmc.aws_backup.plugins.module_utils.reports.report import report
from ansible_collections.vmc.aws_backup.plugins.module_utils.reports.text import lines, summary, text, value

NOW = datetime.datetime(2026, 11, 28, 12, tzinfo=datetime.timezone.utc)
FIELD = {"kind": "mgw_rule", "name": "one", "path": "enabled", "desired": True, "actual": False, "effect": "in_place"}
CHECK = {
    "id": "clock",
    "kind": "hop",
    "name": "Clock",
    "verdict": "broken",
    "severity": "critical",
    "evidence": "It is off.",
}


def told(*findings, accept=(), **more):
    return report("Drift", {"sddc-1": {"findings": findings, **more}}, accept=accepted(accept), now=NOW)


def test_a_host_has_one_line_and_each_field_one():
    assert text(told(FIELD, CHECK)) == (
        "Drift: 1 critical, 1 warning (2026-11-28T12:00:00Z)\n"
        "sddc-1: 1 critical, 1 warning.\n"
        "  !! Clock: It is off.\n"
        "  !  mgw_rule one.enabled: false -> true\n"
    )


def test_what_is_missing_is_told_once_and_not_field_by_field():
    fields = [{**FIELD, "path": path, "actual": None, "effect": "create"} for path in ("enabled", "sources")]
    assert lines(told(*fields))[1:] == ["  !! mgw_rule one: missing"]


def test_what_is_in_order_is_not_told():
    assert lines(told({**CHECK, "verdict": "ok"})) == ["sddc-1: all in order."]


def test_what_is_accepted_says_by_whom():
    accept = [{"id": "clock", "host": "all", "reason": "R", "approver": "P", "expiry": "2026-12-01"}]
    assert lines(told(CHECK, accept=accept)) == [
        "sddc-1: 1 accepted.",
        "  ok Clock: It is off. (accepted by P until 2026-12-01: R)",
    ]


def test_a_host_that_is_incomplete_is_not_in_order():
    assert lines(told(incomplete="It broke off.")) == ["sddc-1: INCOMPLETE, It broke off; seen so far: all in order."]
    assert summary(told(incomplete="It broke off.")) == "1 of 1 incomplete"
    assert summary(report("Drift", {}, now=NOW)) == "nothing was looked at"


@pytest.mark.parametrize(
    ("held", "said"),
    [(None, "null"), ("", '""'), ("x", "x"), ([1, "ä"], '[1, "ä"]'), ({"b": 1, "a": 2}, '{"a": 2, "b": 1}')],
)
def test_a_value_is_told_as_json_unless_it_is_text(held, said):
    assert value(held) == said


def test_a_long_value_is_cut():
    assert value("x" * 80) == "x" * 80 and value("x" * 81) == "x" * 77 + "..."


def test_of_long_lists_only_what_is_in_one_of_them_is_told():
    many = [f"10.0.0.{number}/32" for number in range(20)]
    finding = {**FIELD, "severity": "warning", "path": "cidrs", "desired": many, "actual": [*many[1:], "0.0.0.0/0"]}
    assert lines(told(finding))[1:] == ['  !  mgw_rule one.cidrs: ["...", "0.0.0.0/0"] -> ["...", "10.0.0.0/32"]']


def test_how_much_was_compared_is_told_where_it_is_known():
    assert text(told(coverage={"compared": 3, "known": 5})).splitlines()[1] == "3 of 5 fields compared."
