# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every option of every role gets where it belongs: options.yml says where, the argument specs say which there are."""

from __future__ import annotations

import ast
import importlib
import pathlib

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.amazon.aws.plugins.module_utils.modules import aws_argument_spec
from ansible_collections.vmc.aws_backup.plugins.module_utils.clients.aws import IDENTITY
from ansible_collections.vmc.aws_backup.plugins.plugin_utils.known_variables import RESULTS, VARIABLES
from ansible_collections.vmc.aws_backup.plugins.plugin_utils.variables import typed
from recorded import GROUPS

from . import runs

HERE = pathlib.Path(__file__).parent
TESTS = {
    node.name
    for path in HERE.glob("test_*.py")
    for node in ast.walk(ast.parse(path.read_text()))
    if isinstance(node, ast.FunctionDef)
}
ROLES = sorted(runs.SPECS)
REACHING = [
    (role, option, number)
    for role in ROLES
    for option, rows in runs.rows(role).items()
    for number, row in enumerate(rows)
    if "reaches" in row
]
pytestmark = pytest.mark.timeout(900)


@pytest.mark.parametrize("role", ROLES)
def test_each_option_has_a_row(role):
    assert [option for option in runs.options(role) if option not in runs.rows(role)] == []


def test_each_row_is_of_an_option():
    for role in ROLES:
        assert set(runs.TABLE[role]) <= set(runs.options(role))
    assert set(runs.TABLE["common"]) <= {option for role in ROLES for option in runs.options(role)}


@pytest.mark.parametrize("role", ROLES)
def test_what_an_option_is_set_to_is_not_its_default(role):
    for option, rows in runs.rows(role).items():
        default = runs.SPECS[role][option].get("default") if "." not in option else None
        assert not any("value" in row and row["value"] == default for row in rows), option


@pytest.mark.parametrize("role", ROLES)
def test_what_an_option_is_set_to_is_what_it_may_be(role):
    for run in runs.RUNS[role]:
        given = runs.variables(role, run)
        assert [name for name, value in given.items() if name in VARIABLES and typed(name, value) != value] == [], run
        assert {name for name in given if name not in VARIABLES} <= {
            f"__{role}_commands",
            "__prerequisites_readiness",
            # What the registration of the same run has left for its canary.
            *(f"__registration{left}" for left in ("", "_imported", "_online", "_plan")),
            *RESULTS,
        }


@pytest.mark.parametrize("role", ROLES)
def test_what_is_not_handed_on_is_proven_by_a_test_that_is_there(role):
    for option, rows in runs.rows(role).items():
        for row in rows:
            assert {"reaches", "proven_by", "idle"} & set(row), option
            assert row.get("proven_by") in {None, *TESTS}, option


@pytest.mark.parametrize(("role", "option", "number"), REACHING)
def test_options_reach_their_modules(ran, role, option, number):
    row = runs.rows(role)[option][number]
    value = runs.rows(role)[option][0]["value"]
    reaches = row["reaches"] if isinstance(row["reaches"], dict) else dict.fromkeys(row["reaches"], value)
    chosen = [
        run for run in runs.RUNS[role] if runs.is_set(row, run) and runs.variables(role, run).get(option) == value
    ]
    seen = {}
    for where, expected in reaches.items():
        target, _dot, name = where.partition(".")
        for run in chosen:
            if target.startswith("group/"):
                calls = ran(role, run).of_group(target.partition("/")[2])
                found = [held_in(call.options, name) for call in calls]
            else:
                found = [held_in(call.options, name) for call in ran(role, run).of(target)]
                found = [held for held in found if held is not None]
            if row.get("some"):
                found = [held for held in found if held == expected]
            assert found == [expected] * len(found), f"{where} in {run}"
            seen[where] = seen.get(where, 0) + len(found)
    # A role that calls nothing of one group calls something of another.
    missing = [where for where in reaches if not seen.get(where)]
    assert missing == [] or all(where.startswith("group/") for where in missing) and len(missing) < len(reaches), (
        missing
    )


def held_in(options: dict, name: str):
    """What an option holds, or one that is below it."""
    for part in name.split("."):
        options = (options or {}).get(part)
    return options


def spec_of(module: str) -> dict:
    found = importlib.import_module(f"ansible_collections.vmc.aws_backup.plugins.modules.{module}")
    of_aws = {module for group in ("backup", "endpoint") for module in GROUPS[group]}
    shared = {**aws_argument_spec(), **IDENTITY} if module in of_aws else {}
    return {**shared, **found.SPEC}


@pytest.mark.parametrize("role", ROLES)
def test_modules_know_and_can_read_what_they_are_given(ran, role):
    for run in runs.RUNS[role]:
        for call in ran(role, run).calls:
            told = ArgumentSpecValidator(spec_of(call.module)).validate(call.options)
            assert told.error_messages == [], (run, call.module)
