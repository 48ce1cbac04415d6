# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.filter.planned_by import planned_by


def host(name, **variables):
    plan = [{"cluster": "C", "addresses": ["10.0.0.1"]}]
    return {"inventory_hostname": name, "vmc_backup_appliances": plan, **variables}


RENAMED = [{"cluster": "C", "addresses": ["10.0.0.1"], "name": "east"}]


@pytest.mark.parametrize(
    ("appliance", "found"),
    [("one-c-1", ["one"]), ("two-c-1", ["two"]), ("east", ["two"]), ("shared-c-1", ["three", "four"]), ("x", [])],
)
def test_an_appliance_is_found_by_entry_or_by_name_in_the_plan_of_each_host(appliance, found):
    hosts = [
        host("one"),
        host("two", vmc_backup_appliances=RENAMED),
        host("three", vmc_backup_name="shared"),
        host("four", vmc_backup_name="shared"),
    ]
    assert planned_by(hosts, appliance) == found


@pytest.mark.parametrize("plan", [None, "", [], "text", [{"cluster": "C", "addresses": ["10.0.0.300"]}]])
def test_a_plan_that_is_wrong_or_empty_plans_nothing_and_hides_no_other(plan):
    assert planned_by([host("bad", vmc_backup_appliances=plan), host("one")], "one-c-1") == ["one"]
    assert planned_by([host("bad", vmc_backup_appliances=plan)], "bad-c-1") == []


def test_an_empty_name_is_not_given():
    assert planned_by([host("one", vmc_backup_name="")], "one-c-1") == ["one"]
