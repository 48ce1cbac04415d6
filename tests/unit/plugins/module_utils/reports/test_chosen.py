# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import datetime

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.reports.chosen import chosen, objects_that_differ
from ansible_collections.vmc.aws_backup.plugins.module_utils.reports.report import report

NOW = datetime.datetime(2026, 11, 28, 12, tzinfo=datetime.timezone.utc)
FIELD = {
    "kind": "mgw_rule",
    "name": "one",
    "thing": "nsx_mgw_rule one",
    "path": "disabled",
    "desired": False,
    "actual": True,
    "effect": "in_place",
    "mended_by": "firewall",
}
OTHER = {**FIELD, "path": "description", "actual": "x"}
GRAVE = {
    **FIELD,
    "kind": "vpc_endpoint",
    "name": "e",
    "thing": "vpce_backup e",
    "path": "private_dns_enabled",
    "mended_by": "endpoint",
}
KEPT = {
    **FIELD,
    "kind": "iam_role",
    "name": "r",
    "thing": "backup_iam_role r",
    "path": "inline_policies.x",
    "effect": "kept",
    "mended_by": "",
}
HOP = {
    "id": "endpoint_security_group",
    "subject": "path",
    "verdict": "broken",
    "severity": "critical",
    "mended_by": "endpoint",
}
MADE = {
    **FIELD,
    "kind": "gateway",
    "name": "g",
    "thing": "backup_gateway g",
    "effect": "create",
    "mended_by": "registration",
}
QUIET = {"id": "sddc_quiet", "verdict": "broken", "severity": "critical"}
ID = "mgw_rule/one/disabled"


def told(*findings, **more):
    return report("It", {"a": {"findings": findings, **more}}, now=NOW)


def asked(world, ids=(), severities=(), approved=None):
    if approved is None:
        approved = {host["host"]: host["digest"] for host in world["hosts"]}
    return chosen(world, approved, ids, severities)["a"]


@pytest.mark.parametrize("one", [ID, f"a:{ID}"])
def test_one_field_stands_for_all_of_its_object_and_for_no_other(one):
    found = asked(told(FIELD, OTHER, GRAVE), [one])
    assert found == {"objects": ["nsx_mgw_rule one"], "roles": ["firewall"], "refused": []}


def test_of_a_severity_are_all_that_a_role_puts_right():
    found = asked(told(FIELD, GRAVE, KEPT, HOP, MADE), severities=["critical", "warning"])
    assert found == {"objects": ["nsx_mgw_rule one", "vpce_backup e"], "roles": ["endpoint", "firewall"], "refused": []}
    assert asked(told(FIELD, GRAVE), severities=["critical"])["objects"] == ["vpce_backup e"]


@pytest.mark.parametrize(
    ("world", "ids", "approved", "said"),
    [
        (told(FIELD), [ID], {}, "No report of it was approved"),
        (told(FIELD), [ID], {"a": told(FIELD, GRAVE)["hosts"][0]["digest"]}, "no longer as it was reported"),
        (told(FIELD, incomplete="vCenter is silent."), [ID], None, "vCenter is silent"),
        (told(FIELD, QUIET), [ID], None, "VMware maintains it"),
        (told(FIELD), ["mgw_rule/two/disabled"], None, "There is no finding mgw_rule/two/disabled"),
        (told(FIELD, KEPT), [ID, "iam_role/r/inline_policies.x"], None, "is no field that a role puts right"),
        (told(FIELD, HOP), [ID, "endpoint_security_group"], None, "is no field that a role puts right"),
        (told(FIELD, MADE), [ID, "gateway/g/disabled"], None, "vmc.aws_backup.site does it"),
        (told(FIELD), [], None, "Nothing is named"),
    ],
)
def test_otherwise_nothing_is_corrected_at_all(world, ids, approved, said):
    found = asked(world, ids, approved=approved)
    assert found["objects"] == found["roles"] == []
    assert said in " ".join(found["refused"])


def test_what_is_accepted_is_left():
    from ansible_collections.vmc.aws_backup.plugins.module_utils.reports.accepted import accepted

    accept = accepted([{"id": ID, "host": "a", "reason": "R", "approver": "P", "expiry": "2026-12-01"}])
    world = report("It", {"a": {"findings": [FIELD]}}, accept=accept, now=NOW)
    assert asked(world, severities=["critical", "warning", "info"])["objects"] == []


def test_the_id_of_another_host_is_none_of_this_one():
    world = report("It", {"a": {"findings": [FIELD]}, "b": {"findings": [FIELD]}}, now=NOW)
    found = chosen(world, {host["host"]: host["digest"] for host in world["hosts"]}, [f"b:{ID}"], [])
    assert (found["a"]["objects"], found["b"]["objects"]) == ([], ["nsx_mgw_rule one"])


def test_objects_that_differ_are_those_with_a_field():
    assert objects_that_differ(told(FIELD, OTHER, HOP)["hosts"][0]) == ["nsx_mgw_rule one"]
