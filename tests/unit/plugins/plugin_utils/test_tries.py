# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from types import SimpleNamespace

import pytest
from ansible_collections.vmc.aws_backup.plugins.plugin_utils.tries import (
    coverage,
    in_earnest,
    is_tried,
    look_of,
    only_predicts,
    thing,
    tried,
)

IN_ROLE = SimpleNamespace(_role=SimpleNamespace(get_name=lambda include_role_fqcn: "endpoint"))


@pytest.mark.parametrize(
    ("task", "variables", "is_so"),
    [
        (IN_ROLE, {}, False),
        (IN_ROLE, {"__endpoint_tried": False}, False),
        (IN_ROLE, {"__endpoint_tried": True}, True),
        (IN_ROLE, {"__appliance_tried": True}, False),
        (SimpleNamespace(_role=None), {"__endpoint_tried": True}, False),
    ],
)
def test_a_role_says_of_its_own_tasks_that_they_are_tried(task, variables, is_so):
    assert is_tried(task, variables) is is_so


def test_a_try_keeps_what_it_heard_and_neither_changes_nor_fails():
    heard = {"changed": True, "failed": True, "msg": "refused", "changes": [1]}
    assert tried(heard) == {"changed": False, "failed": False, "msg": "refused", "changes": [1], "tried": True}


def test_a_task_in_check_mode_writes_nothing():
    assert only_predicts(SimpleNamespace(check_mode=True)) is True
    assert only_predicts(SimpleNamespace(check_mode=None)) is False


@pytest.mark.parametrize(
    ("module", "args", "told"),
    [
        ("nsx_mgw_rule", {"id": "one", "display_name": "One"}, "nsx_mgw_rule one"),
        ("nsx_group", {"domain": "cgw", "id": "one"}, "nsx_group cgw one"),
        ("nsx_dns_zone", {"gateway": "mgw"}, "nsx_dns_zone mgw"),
        ("backup_kms_key", {"alias": "alias/one"}, "backup_kms_key alias/one"),
        ("gateway_appliance", {"name": "", "entry": "one"}, "gateway_appliance one"),
        ("backup_region_settings", {}, "backup_region_settings"),
    ],
)
def test_a_thing_is_a_module_and_which_of_its_kind(module, args, told):
    assert thing(SimpleNamespace(action=f"vmc.aws_backup.{module}", args=args)) == told


def test_what_is_done_in_earnest_is_not_only_predicted():
    task = SimpleNamespace(check_mode=True)
    in_earnest(task)
    assert not only_predicts(task)


def test_a_field_is_compared_where_it_is_managed():
    diff = {"before_header": "mgw_rule one", "before": {"disabled": True}, "after": {"disabled": False, "services": []}}
    told = {"diff": diff, "mgw_rule": {"id": "one", "disabled": True, "services": [], "notes": ""}}
    assert coverage(told) == {"compared": 2, "known": 4}
    for other in ({}, {"diff": [diff]}, {"diff": {}}, {**told, "mgw_rule": None}, {"diff": diff}):
        assert coverage(other) == {}


@pytest.mark.parametrize(
    ("task", "variables", "look"),
    [
        (IN_ROLE, {}, ""),
        (IN_ROLE, {"__endpoint": {"look": "a"}, "__prerequisites": {"look": "b"}}, "a"),
        (IN_ROLE, {"__endpoint": {"look": ""}, "__prerequisites": {"look": "b"}}, ""),
        # prerequisites hand what they were given to the role whose tasks they try.
        (IN_ROLE, {"__endpoint": "{{ __prerequisites }}", "__prerequisites": {"look": "b"}}, "b"),
        (IN_ROLE, {"__endpoint": "{{ something }}"}, ""),
        (SimpleNamespace(_role=None), {"__endpoint": {"look": "a"}}, ""),
    ],
)
def test_a_task_of_a_role_belongs_to_the_look_that_its_first_task_names(task, variables, look):
    assert look_of(task, variables) == look
