# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.filter.report import WIDTH, report

ROW = {"row": 8, "name": "Service opt-in", "of": "opt_in", "looked": True, "seen": "It is\n  off."}
CREATE = {"path": "name", "desired": "a", "actual": None, "effect": "create"}
CHANGE = {"path": "disabled", "desired": False, "actual": True, "effect": "in_place"}
KEPT = {"path": "inline_policies.x", "desired": None, "actual": "all", "effect": "kept"}
LOOP = {"ansible_loop_var": "wanted", "wanted": {"name": "a"}, "changes": [CREATE]}


def judged(checks=(), **more):
    return report([{**ROW, **more}], list(checks))["rows"][0]


def missing(of="opt_in", there=False):
    return {"of": of, "there": there, "says": "Switch\n it on."}


@pytest.mark.parametrize(
    ("more", "checks", "kind", "todo"),
    [
        ({}, [], "met", []),
        ({}, [missing(there=True)], "met", []),
        ({}, [missing(of="other")], "met", []),
        ({}, [missing()], "you", ["Switch it on."]),
        ({"looked": False}, [], "unseen", []),
        ({"looked": False}, [missing()], "you", ["Switch it on."]),
        ({"left_out": "Left out."}, [missing()], "left_out", []),
        ({"written": {"rule": {"changes": [CHANGE]}}}, [], "site", ["rule: disabled will be put right."]),
        ({"written": {"role": {"results": [LOOP]}}}, [], "site", ["role a will be made."]),
        ({"written": {"rule": {"changes": []}}}, [], "met", []),
        (
            {"written": {"role": {"changes": [KEPT]}}},
            [],
            "you",
            ["role: inline_policies.x is all, which nobody asked for. It is left as it is."],
        ),
        ({"written": {"rule": {"msg": "It is not ours."}}}, [], "you", ["It is not ours."]),
        ({"written": {"rule": {"skipped": True, "msg": "no"}}}, [], "met", []),
        ({"yours": ["It\n stops."]}, [], "you", ["It stops."]),
        ({"to_come": ["A rule."]}, [], "site", ["A rule."]),
    ],
)
def test_who_has_to_do_what(more, checks, kind, todo):
    row = judged(checks, **more)
    assert (row["kind"], row["todo"]) == (kind, todo)


def test_a_human_is_needed_as_soon_as_one_row_says_so():
    assert report([ROW], [])["needs_you"] is False
    assert report([ROW, {**ROW, "of": "other"}], [missing()])["needs_you"] is True


def test_the_lines_count_first_and_are_not_too_long_to_read():
    rows = [ROW, {**ROW, "row": "", "name": "Other", "of": "other", "seen": "word " * 80}]
    lines = report(rows, [missing()])["report"]
    assert lines[:3] == [
        "1 met, 1 you must do.",
        "YOU       8  Service opt-in: It is off.",
        "             > Switch it on.",
    ]
    assert lines[3].startswith("met          Other: word")
    assert max(map(len, lines)) <= WIDTH
