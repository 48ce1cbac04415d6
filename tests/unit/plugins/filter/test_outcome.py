# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.filter.outcome import by_variable, outcome

CHANGE = {"path": "tags.env", "desired": "prod", "actual": None, "effect": "in_place"}


def test_each_change_says_which_object_it_is_about():
    assert outcome({"vpc_endpoint": {"changed": True, "changes": [CHANGE]}}) == {
        "changed": True,
        "failed": False,
        "changes": [{"object": "vpc_endpoint", **CHANGE}],
    }


def test_items_of_a_loop_are_named_after_the_item():
    looped = {
        "results": [
            {"changed": True, "changes": [CHANGE], "ansible_loop_var": "item", "item": {"name": "gw-1"}},
            {"changed": True, "changes": [CHANGE], "ansible_loop_var": "each", "each": "gw-2"},
        ]
    }
    assert [change["object"] for change in outcome({"gateway": looped})["changes"]] == ["gateway gw-1", "gateway gw-2"]


def test_several_results_of_one_kind_are_gathered_under_its_name():
    results = {"hypervisor": [{"changed": True, "changes": [CHANGE]}, {}, {"changed": True, "changes": [CHANGE]}]}
    assert [change["object"] for change in outcome(results)["changes"]] == ["hypervisor", "hypervisor"]


def test_skipped_tasks_and_tasks_never_reached_count_as_empty():
    results = {"gateway": {"changed": False, "skipped": True}, "hypervisor": {}, "rule": None}
    assert outcome(results) == {"changed": False, "failed": False, "changes": []}


def test_a_failure_keeps_the_changes_and_says_why():
    failed = outcome({"gateway": {"changed": True, "changes": [CHANGE]}}, {"msg": "refused"})
    assert (failed["failed"], failed["msg"], len(failed["changes"])) == (True, "refused", 1)


def test_the_failure_of_a_loop_is_told_in_the_words_of_its_items():
    failure = {
        "msg": "One or more items failed",
        "results": [
            {"failed": True, "msg": "no disk", "item": {"name": "gw-1"}},
            {"msg": "fine", "item": {"name": "gw-2"}},
        ],
    }
    assert outcome({}, failure)["msg"] == "gw-1: no disk"


def test_an_item_without_a_name_says_only_why():
    failure = {"results": [{"failed": True, "msg": "first is late.", "ansible_loop_var": "it", "it": {"planned": {}}}]}
    assert outcome({}, failure)["msg"] == "first is late."


@pytest.mark.parametrize(
    ("role", "text", "told"),
    [
        (
            "endpoint",
            "cidr_ips: 65 rules are more than the 60 that a group may have (rules_quota).",
            "endpoint_cidr_ips: 65 rules are more than the 60 that a group may have (endpoint_rules_quota).",
        ),
        ("registration", "gw-1: region: none.", "gw-1: vmc_backup_aws_region: none."),
        (
            "registration",
            "tags: none of\nport: 0",
            "vmc_backup_tags: none of\nvmc_backup_activation_port or vmc_backup_vcenter_port: 0",
        ),
        ("appliance", "hostname: no host.", "vmc_backup_vcenter_hostname: no host."),
        ("appliance", "gw-1: ova: none.", "gw-1: vmc_backup_ova: none."),
        ("appliance", "the host has tags: none", "the host has tags: none"),
        ("appliance", "appliance_memory_mb: too little", "appliance_memory_mb: too little"),
        ("registration", "Or set adopt to take it over.", "Or set registration_adopt to take it over."),
        (None, "cidr_ips: none", "cidr_ips: none"),
    ],
)
def test_a_failure_names_the_variables_that_a_user_sets(role, text, told):
    assert by_variable(role, text) == told
    assert outcome({}, {"msg": text}, role)["msg"] == told


def test_what_was_only_tried_counts_where_it_is_asked_for():
    change = {"path": "state", "effect": "create"}
    found = {
        "group": {"tried": True, "changed": False, "changes": [change]},
        "mgw_rule": {"changed": True, "changes": []},
    }
    assert outcome(found) == {"changed": True, "failed": False, "changes": []}
    assert outcome(found, tried=True)["changes"] == [{"object": "group", **change}]


def test_each_record_has_the_thing_that_it_is_of():
    found = outcome({"mgw_rule": {"changes": [CHANGE], "thing": "nsx_mgw_rule one"}, "gateway": {"changes": [CHANGE]}})
    assert [change.get("thing") for change in found["changes"]] == ["nsx_mgw_rule one", None]


def test_what_is_made_for_a_while_is_removed_again_if_it_was_made():
    change = {"path": "state", "desired": "present", "actual": "absent", "effect": "create"}
    made = {"changed": True, "changes": [change], "for_a_while": True, "item": {"id": "one"}}
    found = outcome({"cgw_rule": {"results": [made, {**made, "changed": False, "changes": []}]}})
    assert [(each["object"], each["effect"]) for each in found["changes"]] == [
        ("cgw_rule one", "create"),
        ("cgw_rule one", "delete"),
    ]


def test_what_was_compared_is_added_up():
    first, second = {"coverage": {"compared": 2, "known": 4}}, {"coverage": {"compared": 1, "known": 1}}
    assert outcome({"mgw_rule": {"results": [first, second]}, "gateway": {}})["coverage"] == {"compared": 3, "known": 5}
    assert "coverage" not in outcome({"gateway": {"changes": []}})
