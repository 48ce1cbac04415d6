# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import datetime
import json
import pathlib
import random

import jsonschema
import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.reports.accepted import accepted
from ansible_collections.vmc.aws_backup.plugins.module_utils.reports.report import failing, ids, report

SCHEMA = json.loads((pathlib.Path(__file__).resolve().parents[5] / "docs" / "report.schema.json").read_text())
NOW = datetime.datetime(2026, 11, 28, 12, tzinfo=datetime.timezone.utc)
LATER = NOW + datetime.timedelta(hours=7)
FIELD = {"kind": "mgw_rule", "name": "one", "path": "enabled", "desired": True, "actual": False, "effect": "in_place"}
CHECK = {"id": "clock", "subject": "path", "kind": "hop", "name": "Clock", "verdict": "unknown", "evidence": "Asked."}
FINE = {"id": "kms_key", "verdict": "ok", "severity": "info", "evidence": "There."}


def made(*findings, accept=(), rows=(), now=NOW, **more):
    told = report("It", {"a": {"findings": findings, **more}}, accept=accepted(accept), rows=rows, now=now)
    jsonschema.validate(told, SCHEMA)
    return told


def found(*findings, **more):
    return made(*findings, **more)["hosts"][0]["findings"]


def test_every_finding_has_every_word():
    (finding,) = found(FIELD)
    assert finding == {
        **FIELD,
        "id": "mgw_rule/one/enabled",
        "host": "a",
        "thing": "",
        "subject": "",
        "verdict": "broken",
        "class": "changed",
        "severity": "warning",
        "evidence": "",
        "change": "",
        "mended_by": "",
        "changed_by": "",
        "accepted": None,
        "open": True,
    }


@pytest.mark.parametrize(
    ("finding", "word"),
    [
        ({**FIELD, "effect": "create"}, "missing"),
        ({**FIELD, "effect": "delete"}, "unexpected"),
        ({**FIELD, "effect": "kept"}, "unexpected"),
        ({**FIELD, "effect": "replace"}, "changed"),
        ({**FIELD, "actual": "(unverifiable)"}, "unverifiable"),
        ({**FIELD, "actual": "(unverifiable)", "effect": "create"}, "missing"),
        (CHECK, "unverifiable"),
        (FINE, ""),
        ({**CHECK, "id": "gateways_known", "verdict": "broken"}, "unexpected"),
        ({**FIELD, "class": "stale"}, "stale"),
    ],
)
def test_each_has_a_class(finding, word):
    assert found(finding)[0]["class"] == word


def test_one_world_gives_one_report_in_whatever_order_it_is_told():
    world = {
        name: {"findings": [{**FIELD, "name": str(n), "actual": {"b": n, "a": []}} for n in range(9)] + [CHECK, FINE]}
        for name in ("x", "y", "z")
    }
    first = report("It", world, now=NOW)
    mixed = random.Random(3)
    for _again in range(5):
        shuffled = {
            name: {"findings": mixed.sample(world[name]["findings"], 11)} for name in mixed.sample(sorted(world), 3)
        }
        again = report("It", shuffled, now=LATER)
        assert json.dumps({**again, "generated_at": ""}) == json.dumps({**first, "generated_at": ""})


def test_what_is_open_comes_first_the_gravest_first_and_what_is_in_order_last():
    info = {**FIELD, "kind": "kms_key", "path": "tags.owner"}
    order = [each["id"] for each in found(FINE, info, {**FIELD, "effect": "replace"}, {**CHECK, "severity": "warning"})]
    assert order == ["mgw_rule/one/enabled", "clock", "kms_key/one/tags.owner", "kms_key"]


def test_the_digest_is_of_what_differs_and_of_nothing_else():
    told = made(FIELD)["digest"]
    assert (
        made({**FIELD, "evidence": "3 minutes ago", "severity": "info", "mended_by": "x"}, FINE, now=LATER)["digest"]
        == told
    )
    assert made(FIELD, accept=[ACCEPT])["digest"] == told
    assert made(FIELD, accept=[{**ACCEPT, "expiry": "2026-11-01"}])["digest"] == told
    for other in ({"actual": None}, {"desired": "x"}, {"path": "y"}, {"name": "z"}, {"kind": "k"}):
        assert made({**FIELD, **other})["digest"] != told
    assert made(FIELD, CHECK)["digest"] != told
    assert made(FIELD, incomplete="It broke off.")["digest"] != told
    assert report("It", {"b": {"findings": [FIELD]}}, now=NOW)["digest"] != told


def test_counts_are_of_what_is_open():
    told = made(FIELD, {**FIELD, "name": "two"}, CHECK, FINE, accept=[ACCEPT], incomplete="It broke off.")
    assert told["counts"] == {"critical": 0, "warning": 2, "info": 0, "accepted": 1, "in_order": 1, "incomplete": 1}
    assert ids(told) == ["a:clock", "a:mgw_rule/two/enabled"]


ACCEPT = {"id": "mgw_rule/one/enabled", "host": "a", "reason": "R", "approver": "P", "expiry": "2026-11-28"}


@pytest.mark.parametrize("fail_on, fails", [("critical", False), ("warning", True), ("info", True), ("none", False)])
def test_a_host_fails_by_what_it_is_asked_to_fail_on(fail_on, fails):
    assert failing(made(FIELD), fail_on) == (["a"] if fails else [])
    assert failing(made(FIELD, accept=[ACCEPT]), fail_on) == []
    assert failing(made(FINE), fail_on) == []


def test_one_of_which_nothing_is_wrong_but_not_all_was_seen_fails_too():
    assert failing(made(FINE, incomplete="It broke off."), "critical") == ["a"]


def test_none_at_all_is_not_complete():
    told = report("It", {}, now=NOW)
    assert not told["complete"]


def test_what_somebody_else_says_cannot_command_a_terminal():
    finding = found({**CHECK, "evidence": "a\x1b[2Jb", "actual": {"\u202ex": ["\ud800"]}})[0]
    json.dumps(finding, ensure_ascii=False).encode()
    assert "\x1b" not in str(finding) and "\u202e" not in str(finding)


def test_while_it_is_maintained_what_is_seen_is_stale():
    quiet = {"id": "sddc_quiet", "verdict": "broken", "severity": "critical"}
    assert [each["class"] for each in found(quiet, FIELD, FINE)] == ["stale", "stale", ""]
    assert made(quiet, FIELD)["digest"] == made(FIELD, quiet)["digest"] != made(FIELD)["digest"]
