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
from ansible_collections.vmc.aws_backup.plugins.plugin_utils.known_variables import ROLES, VARIABLES


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
        ({"registration_retired": []}, {"retired": ["a"]}),
        ({"registration_retired": ["b"]}, {"state": "present"}),
        ({"registration_rotate": True}, {"rotate": False, "state": "present"}),
    ],
)
def test_a_variable_that_says_otherwise_than_the_playbook_is_refused(variables, commands):
    (variable,) = variables
    with pytest.raises(Contradiction, match=f"{variable} is .* [Tt]ake (it|the variable) away"):
        commanded("registration", commands, variables)


@pytest.mark.parametrize("variables", [{}, {"firewall_state": "absent"}])
def test_a_variable_that_is_not_given_or_says_the_same_is_fine(variables):
    assert commanded("firewall", {"state": "absent"}, variables)["state"] == "absent"


def test_a_command_that_the_role_does_not_know_is_refused():
    with pytest.raises(
        Contradiction, match="__endpoint_commands has retire, but there are only state, retired, gateways_gone"
    ):
        commanded("endpoint", {"retire": "g"}, {})


def test_each_command_but_one_has_its_variable_with_the_same_default():
    for role, defaults in COMMANDS.items():
        variables = {name for name in ROLES[role] if VARIABLES[name].get("command")}
        # That appliances are no gateways any more is said by a playbook alone: as a variable, empty text means nothing.
        assert variables == {f"{role}_{command}" for command in defaults} - {"appliance_gateway_arn"}
        for name in variables:
            assert VARIABLES[name].get("default") == defaults[name[len(role) + 1 :]]


TEARDOWN, REPLACE = ("registration", {"state": "absent"}), ("prerequisites", {"retired": ["g"]})


@pytest.mark.parametrize(
    ("playbook", "variables"),
    [
        (TEARDOWN, {"endpoint_state": "present"}),
        (TEARDOWN, {"appliance_state": "present"}),
        (TEARDOWN, {"firewall_retired": ["a"]}),
        (TEARDOWN, {"endpoint_gateways_gone": ["a"]}),
        (REPLACE, {"registration_retire": "other"}),
        (REPLACE, {"registration_rotate": True}),
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
        (TEARDOWN, {"endpoint_state": "absent", "firewall_state": None}),
        (TEARDOWN, {"endpoint_gateways_gone": []}),
        (TEARDOWN, {"prerequisites_report": True}),
        (REPLACE, {"endpoint_state": "present", "endpoint_retired": []}),
        (("registration", {"rotate": True}), {"endpoint_state": "absent"}),
        (("prerequisites", {"report": True}), {"endpoint_state": "absent"}),
        (("prerequisites", {}), {"endpoint_state": "absent"}),
    ],
)
def test_what_says_the_same_or_is_of_no_role_beside_is_fine(playbook, variables):
    refuse_beside(*playbook, variables)
