# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.plugin_utils.commands import (
    COMMANDS,
    Contradiction,
    commanded,
    refuse_beside,
)


def test_what_nobody_gives_is_the_default():
    for role, defaults in COMMANDS.items():
        assert commanded(role, {}, {}) == defaults


def test_a_variable_commands_where_no_playbook_does():
    found = commanded("registration", {}, {"registration_state": "absent", "registration_rotate": True})
    assert (found["state"], found["rotate"]) == ("absent", True)


def test_what_the_playbook_commands_is_done_and_the_rest_is_the_default():
    found = commanded("endpoint", {"state": "absent", "retired": ["a"]}, {})
    assert found == {"state": "absent", "retired": ["a"], "gateways_gone": []}


@pytest.mark.parametrize(
    ("variables", "commands"),
    [
        ({"registration_state": "absent"}, {"retire": "g"}),
        ({"registration_state": "present"}, {"state": "absent"}),
        ({"registration_state": "absent"}, {"state": "present"}),
        ({"registration_retire": "other"}, {"retire": "g"}),
        ({"registration_retire": "g"}, {"state": "absent"}),
        ({"registration_retired": "[]"}, {"retired": ["a"]}),
        ({"registration_retired": ["b"]}, {"state": "present"}),
        ({"registration_rotate": "yes"}, {"rotate": False, "state": "present"}),
    ],
)
def test_a_variable_that_says_otherwise_than_the_playbook_is_refused(variables, commands):
    (variable,) = variables
    with pytest.raises(Contradiction, match=f"{variable} is .* [Tt]ake (it|the variable) away"):
        commanded("registration", commands, variables)


@pytest.mark.parametrize("state", [None, "", "absent"])
def test_a_variable_that_is_empty_or_says_the_same_is_fine(state):
    assert commanded("firewall", {"state": "absent"}, {"firewall_state": state})["state"] == "absent"


def test_a_command_that_the_role_does_not_know_is_refused():
    with pytest.raises(
        Contradiction, match="__endpoint_commands has retire, but there are only state, retired, gateways_gone"
    ):
        commanded("endpoint", {"retire": "g"}, {})


@pytest.mark.parametrize(
    ("text", "meant"), [("true", True), ("Yes", True), ("1", True), (" off ", False), ("False", False)]
)
def test_text_of_a_survey_is_taken_as_it_is_meant(text, meant):
    assert commanded("registration", {}, {"registration_rotate": text})["rotate"] is meant


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("a, b", ["a", "b"]),
        ("a", ["a"]),
        (",", []),
        ("", []),
        ("[]", []),
        ('["a", "b"]', ["a", "b"]),
        ("[a]", ["a"]),
        (["a"], ["a"]),
        ([], []),
    ],
)
def test_a_list_may_be_typed_as_a_survey_gives_it(text, meant):
    assert commanded("appliance", {}, {"appliance_retired": text})["retired"] == meant


def test_an_empty_gateway_arn_says_that_the_appliances_are_no_gateways_any_more():
    assert commanded("appliance", {}, {"appliance_gateway_arn": ""})["gateway_arn"] == ""
    assert commanded("appliance", {}, {})["gateway_arn"] is None


@pytest.mark.parametrize(
    ("variables", "says"),
    [
        ({"registration_rotate": "perhaps"}, "neither true nor false"),
        ({"registration_state": "gone"}, "one of present, absent"),
        ({"registration_state": ["absent"]}, "no text"),
        ({"registration_retire": ["g"]}, "no text"),
        ({"registration_retired": "[a"}, "no list"),
        ({"registration_retired": {"a": "b"}}, "no list of names"),
        ({"registration_retired": 5}, "no list of names"),
        ({"registration_retired": [["a"]]}, "no list of names"),
    ],
)
def test_what_cannot_be_a_command_is_refused(variables, says):
    with pytest.raises(Contradiction, match=says):
        commanded("registration", {}, variables)


TEARDOWN, REPLACE = ("registration", {"state": "absent"}), ("prerequisites", {"retired": ["g"]})


@pytest.mark.parametrize(
    ("playbook", "variables"),
    [
        (TEARDOWN, {"endpoint_state": "present"}),
        (TEARDOWN, {"appliance_state": "present"}),
        (TEARDOWN, {"firewall_retired": "a"}),
        (TEARDOWN, {"endpoint_gateways_gone": ["a"]}),
        (REPLACE, {"registration_retire": "other"}),
        (REPLACE, {"registration_rotate": "yes"}),
        (REPLACE, {"endpoint_state": "absent"}),
        (REPLACE, {"firewall_retired": ["g"]}),
    ],
)
def test_what_a_later_role_would_refuse_is_refused_by_the_first(playbook, variables):
    (variable,) = variables
    with pytest.raises(Contradiction, match=f"{variable} is .*not what this playbook tells the role. Take it away"):
        refuse_beside(*playbook, variables)


@pytest.mark.parametrize(
    ("playbook", "variables"),
    [
        (TEARDOWN, {"endpoint_state": "absent", "appliance_state": "", "firewall_state": None}),
        (TEARDOWN, {"appliance_gateway_arn": "", "endpoint_gateways_gone": []}),
        (TEARDOWN, {"prerequisites_report": True}),
        (REPLACE, {"endpoint_state": "present", "endpoint_retired": "[]"}),
        (("registration", {"rotate": True}), {"endpoint_state": "absent"}),
        (("prerequisites", {"report": True}), {"endpoint_state": "absent"}),
        (("prerequisites", {}), {"endpoint_state": "absent"}),
    ],
)
def test_what_says_the_same_or_is_of_no_role_beside_is_fine(playbook, variables):
    refuse_beside(*playbook, variables)
