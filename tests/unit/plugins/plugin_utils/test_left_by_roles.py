# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.vmc.aws_backup.plugins.plugin_utils.left_by_roles import (
    evidence_of,
    findings_of,
    left,
    lines_of,
)

CHANGE = {"object": "mgw_rule one", "path": "enabled", "desired": True, "actual": False, "effect": "in_place"}


def test_only_what_roles_left_is_read():
    assert left({"firewall_result": {"x": 1}, "endpoint": 2, "my_result": 3}) == {"firewall": {"x": 1}}


def test_a_field_that_differs_is_mended_by_its_role():
    found = findings_of({"firewall_result": {"changes": [CHANGE]}})
    assert found["incomplete"] == ""
    assert found["findings"] == [
        {
            "subject": "firewall",
            "kind": "mgw_rule",
            "name": "one",
            "thing": "",
            "path": "enabled",
            "desired": True,
            "actual": False,
            "effect": "in_place",
            "mended_by": "firewall",
            "change": "",
        }
    ]


def test_what_is_never_done_unasked_is_mended_by_a_person():
    for effect in ("replace", "kept", "denied"):
        (found,) = findings_of({"firewall_result": {"changes": [{**CHANGE, "effect": effect}]}})["findings"]
        assert found["mended_by"] == "" and found["change"]


def test_what_was_judged_is_told_in_place_of_the_notes_that_say_the_same():
    judged = {"id": "kms_key", "verdict": "costly"}
    variables = {
        "__prerequisites_readiness": {"findings": [judged]},
        "prerequisites_result": {"findings": ["Key: it costs."]},
        "endpoint_result": {"findings": ["It stays."]},
    }
    first, second = findings_of(variables)["findings"]
    assert first == judged
    assert second["evidence"] == "It stays." and second["severity"] == "info" and second["id"] == "endpoint/It stays."


def test_findings_of_a_role_pass_as_they_are():
    finding = {"id": "x", "verdict": "broken"}
    assert findings_of({"registration_result": {"findings": [finding]}})["findings"] == [
        {"subject": "registration", **finding}
    ]


def test_a_role_that_failed_leaves_a_host_incomplete_and_so_does_none():
    failed = {"changes": [CHANGE], "failed": True, "msg": "No\n  way."}
    found = findings_of({"firewall_result": failed})
    assert found["incomplete"] == "firewall: No way." and len(found["findings"]) == 1
    assert findings_of({})["incomplete"] == "it could not be looked at"


def test_an_object_is_called_by_what_says_which_one_it_is():
    for thing, name in (("nsx_mgw_rule a b", "a b"), ("backup_region_settings", "one"), ("", "one")):
        (found,) = findings_of({"firewall_result": {"changes": [{**CHANGE, "thing": thing}]}})["findings"]
        assert (found["kind"], found["name"], found["thing"]) == ("mgw_rule", name, thing)


def test_a_machine_that_could_not_be_reached_leaves_a_host_incomplete():
    gone = {"unreachable": True, "msg": "Connection\n timed out"}
    for registered in (gone, {"results": [{"changed": False}, gone]}):
        found = findings_of({"firewall_result": {"changes": []}, "__firewall_machines": registered})
        assert found["incomplete"] == "Connection timed out"
    mine = {
        "firewall_result": {"changes": []},
        "mine": gone,
        "__firewall_machines": {"results": [{}]},
        "__firewall": "x",
    }
    assert findings_of(mine)["incomplete"] == ""


def test_what_the_roles_compared_is_added_up():
    covered = {"changes": [], "coverage": {"compared": 2, "known": 3}}
    found = findings_of({"firewall_result": covered, "endpoint_result": covered, "appliance_result": {"changes": []}})
    assert found["coverage"] == {"compared": 4, "known": 6}
    assert findings_of({})["coverage"] == {"compared": 0, "known": 0}


def test_what_a_try_was_refused_is_a_finding():
    tries = {
        "results": [
            {"tried": True, "msg": "It is\n another's."},
            {"tried": True, "changes": []},
            {"msg": "All is well."},
        ]
    }
    variables = {"prerequisites_result": {"changes": []}, "__prerequisites_written_segment": tries}
    (found,) = findings_of(variables)["findings"]
    assert (found["severity"], found["evidence"], found["id"]) == (
        "critical",
        "It is another's.",
        "refused/It is another's.",
    )


def test_what_the_roles_did_is_told_in_lines():
    found = {"firewall_result": {"changes": [CHANGE, {**CHANGE, "effect": "kept"}], "findings": ["It stays."]}}
    assert lines_of("one", found) == ["one: changed: firewall (mgw_rule one).", "Note: It stays."]
    assert lines_of("one", {}) == ["one: it could not be looked at, see above."]


def test_auditors_are_told_who_was_judged_and_by_which_plans():
    population, plans = [{"name": "web", "class": "protected"}], [{"name": "daily", "version_id": "1"}]
    found = {"caller": "arn:x", "population": population, "backup_plans": plans, "findings": []}
    assert evidence_of({"verification_result": found}) == {
        "caller": "arn:x",
        "population": population,
        "backup_plans": plans,
    }
    assert evidence_of({}) == {}
