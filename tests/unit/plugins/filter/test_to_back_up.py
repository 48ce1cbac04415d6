# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.vmc.aws_backup.plugins.filter.to_back_up import FilterModule, to_back_up

MACHINES = [
    {"name": "web", "path": "/dc/vm/a", "resource_arn": "arn:1"},
    {"name": "web", "path": "/dc/vm/b/web", "resource_arn": "arn:2"},
    {"name": "db", "path": "/dc/vm/a", "resource_arn": "arn:3"},
]


def of(machines=(), plans=(), **given):
    return {
        "given": {"vmc_backup_now_machines": list(machines), **given},
        "protection": {"now": {"plans": list(plans)}},
    }


def looked(plan, *machines):
    return {"entry": {"name": plan}, "backup_selections": [{"virtual_machines": list(machines)}]}


def test_machines_are_named_in_each_way_and_taken_once():
    found = to_back_up(of(["db", "/dc/vm/a/web", "/dc/vm/b/web", "arn:3"]), MACHINES, [])
    assert [one["resource_arn"] for one in found] == ["arn:3", "arn:1", "arn:2"]
    assert "request_id" not in found[0]


def test_entries_stand_for_what_their_selections_take_today():
    selected = [looked("blue-all", MACHINES[0], MACHINES[2])]
    found = to_back_up(of(["db"], ["blue-all"], vmc_backup_now_request_id="CHG1"), MACHINES, selected)
    assert found == [
        {"name": "db", "resource_arn": "arn:3", "request_id": "CHG1"},
        {"name": "web", "resource_arn": "arn:1", "request_id": "CHG1"},
    ]


@pytest.mark.parametrize(
    ("asked", "selected", "says"),
    [
        (of(["web"]), [], "vmc_backup_now_machines: web may be any of arn:1, arn:2"),
        (of(["gone"]), [], "vmc_backup_now_machines: AWS Backup lists no machine gone"),
        (of([], ["blue-all"]), [], "vmc_backup_now_entries: there is no plan blue-all yet"),
        (of([], ["blue-all"]), [looked("blue-all")], "vmc_backup_now_entries: the selections take no machine"),
    ],
)
def test_what_means_none_or_several_is_refused(asked, selected, says):
    with pytest.raises(AnsibleFilterError, match=says):
        to_back_up(asked, MACHINES, selected)


def test_what_was_started_is_waited_for_by_its_request():
    started = [
        {"machine": {"name": "db", "resource_arn": "arn:3"}, "request_id": "r", "job": {"job_id": "1"}},
        {"machine": {"name": "web", "resource_arn": "arn:1"}},
    ]
    assert to_back_up({}, [], [], started) == [{"name": "db", "resource_arn": "arn:3", "request_id": "r"}]


def test_the_filter_goes_by_its_name():
    assert FilterModule().filters() == {"to_back_up": to_back_up}
