# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.filter.report import OF, REFUSED, WIDTH, report
from ansible_collections.vmc.aws_backup.plugins.module_utils.checks.readiness import CHECKS, ROWS
from ansible_collections.vmc.aws_backup.plugins.module_utils.engine.findings import (
    broken,
    costly,
    finding,
    ok,
    skipped,
    unknown,
)

CREATE = {"path": "name", "desired": "a", "actual": None, "effect": "create"}
CHANGE = {"path": "disabled", "desired": False, "actual": True, "effect": "in_place"}
KEPT = {"path": "inline_policies.x", "desired": None, "actual": "all", "effect": "kept"}
LOOP = {"ansible_loop_var": "wanted", "wanted": {"name": "a"}, "changes": [CREATE]}
BY_ID = {check.id: check for check in (*ROWS, *CHECKS)}
OPTED_IN, UNCOVERED, COST = (
    next(check for check in CHECKS if check.id == name) for name in ("opted_in", "clusters_covered", "further_zones")
)
KEPT_TEXT = "role: inline_policies.x is all, which nobody asked for. It is left as it is."


def findings(*more, **verdicts):
    """All rows in order, but for those that are given."""
    own = [
        {
            "subject": "readiness",
            "id": row.id,
            "kind": row.id,
            "name": row.title,
            "severity": "info",
            **(verdicts.get(row.id) or ok("Seen.")),
        }
        for row in ROWS
    ]
    return own + list(more)


def said(check, verdict):
    return finding("readiness", check, verdict)


def hop(name, mended_by=""):
    return {
        "id": name,
        "subject": "path",
        "kind": "path",
        "name": "Path",
        "severity": "critical",
        "mended_by": mended_by,
        **broken("It stops.", "Change it."),
    }


def row(name, found, predicted=None):
    (judged,) = (each for each in report(found, predicted)["rows"] if each["of"] == name)
    return judged["kind"], judged["todo"]


@pytest.mark.parametrize(
    ("found", "predicted", "kind", "todo"),
    [
        (findings(), {}, "met", []),
        (
            findings(said(OPTED_IN, broken("it is off.", "Switch it on."))),
            {},
            "you",
            ["Service opt-in: it is off. Switch it on."],
        ),
        (findings(said(OPTED_IN, unknown("HTTP 503"))), {}, "you", ["Service opt-in: HTTP 503"]),
        (findings(opt_in=unknown("It was not asked.")), {}, "unseen", []),
        (findings(said(OPTED_IN, broken("off.")), opt_in=unknown("-")), {}, "you", ["Service opt-in: off."]),
        (findings(opt_in=skipped("Left out.")), {"region_settings": {"changes": [CHANGE]}}, "left_out", []),
        (
            findings(),
            {"region_settings": {"changes": [CHANGE]}},
            "site",
            ["region_settings: disabled will be put right."],
        ),
        (findings(), {"region_settings": {"results": [LOOP]}}, "site", ["region_settings a will be made."]),
        (findings(), {"region_settings": {"changes": []}}, "met", []),
        (findings(), {"region_settings": {"msg": "It is not ours."}}, "you", ["It is not ours."]),
        (findings(), {"region_settings": {"skipped": True, "msg": "no"}}, "met", []),
    ],
)
def test_who_has_to_do_what(found, predicted, kind, todo):
    assert row("opt_in", found, predicted) == (kind, todo)


def test_what_nobody_asked_for_on_a_thing_of_ours_is_left_to_a_human():
    assert row("iam_roles", findings(), {"iam_role": {"changes": [KEPT]}}) == (
        "you",
        [KEPT_TEXT.replace("role", "iam_role", 1)],
    )


def test_what_is_only_tried_can_be_refused_and_is_not_told_to_come():
    assert row("account", findings(), {"gateway": {"changes": [CREATE]}}) == ("met", [])
    assert row("account", findings(), {"gateway": {"msg": "It is another site's."}}) == (
        "you",
        ["It is another site's."],
    )


def test_the_path_says_what_a_human_mends_and_what_a_role_does():
    assert row("path", findings(hop("route_table"), hop("endpoint", "endpoint"))) == (
        "you",
        ["route_table: It stops. Change it."],
    )
    assert row("path", findings(hop("endpoint", "endpoint"))) == ("site", ["endpoint: It stops."])
    told = report(findings(hop("route_table"), hop("endpoint", "endpoint")))
    assert (told["missing"], told["findings"]) == ([], ["Path: It stops."])


def test_what_is_missing_is_what_stands_in_the_way_and_what_is_refused():
    found = findings(
        said(OPTED_IN, broken("off.")), said(UNCOVERED, broken("none sees it.")), said(COST, costly("far.", "Pay."))
    )
    told = report(
        found, {"gateway": {"msg": "No."}, "hypervisor": {"msg": "No."}, "host": {"msg": ""}, "kms_key": {"msg": "-"}}
    )
    assert told["missing"] == ["Service opt-in: off.", "AWS Backup: No."]
    assert told["findings"] == ["Appliances: none sees it.", "Cost: far. Pay."]


def test_a_human_is_needed_as_soon_as_one_row_says_so():
    assert report(findings())["needs_you"] is False
    assert report(findings(said(OPTED_IN, broken("off."))))["needs_you"] is True


def test_each_kind_belongs_to_a_row():
    assert set(OF.values()) <= {row.id for row in ROWS} and set(REFUSED) <= set(OF)


def test_the_lines_count_first_and_are_not_too_long_to_read():
    found = findings(said(OPTED_IN, broken("off. " * 60)), vpc=unknown("-"), kms_key=skipped("Left out."))
    lines = report(found)["report"]
    assert lines[0] == f"{len(ROWS) - 3} met, 1 you must do, 1 not seen yet, 1 left out."
    assert max(map(len, lines)) <= WIDTH
    assert any(line.startswith("YOU       8  Service opt-in for virtual machines: Seen.") for line in lines)
    assert any(line.lstrip().startswith("> Service opt-in: off.") for line in lines)


@pytest.mark.parametrize(
    ("result", "to_do", "unchanged"),
    [
        ({}, [], []),
        ({"skipped": True}, [], []),
        ({"changed": False, "changes": []}, [], ["segment"]),
        ({"changes": [CREATE]}, ["segment"], []),
        ({"changes": [KEPT]}, [], []),
        ({"msg": "No.", "failed": True}, [], []),
        ({"results": [{"item": "a", "changes": []}, {"item": "b", "changes": [CREATE]}]}, ["segment"], []),
        ({"results": [{"item": "a", "changes": []}, {"item": "b", "changes": []}]}, [], ["segment"]),
        ({"results": []}, [], []),
    ],
)
def test_what_would_change_is_to_do_and_what_was_tried_in_vain_is_unchanged(result, to_do, unchanged):
    found = report(findings(), {"segment": result})
    assert (found["to_do"], found["unchanged"]) == (to_do, unchanged)
