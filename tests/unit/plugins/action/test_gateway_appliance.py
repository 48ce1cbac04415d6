# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import socket
from types import SimpleNamespace

import pytest
from ansible.errors import AnsibleConnectionFailure
from ansible_collections.vmc.aws_backup.plugins.action import gateway_appliance
from ansible_collections.vmc.aws_backup.plugins.module_utils.image.progress import PROGRESS
from ansible_collections.vmc.aws_backup.plugins.plugin_utils import progress
from ansible_collections.vmc.aws_backup.plugins.plugin_utils.in_process import InProcess

from ..plugin_utils.told import Told, message


class Acts(gateway_appliance.ActionModule):
    """The action with a module that tells how far it is, and notes in which environment."""

    def _execute_module(self, task_vars):
        self.environments = list(self._task.environment)
        for each in self.environments:
            if PROGRESS in each:
                with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as module:
                    module.sendto(message(0), each[PROGRESS])
                    module.sendto(message(500), each[PROGRESS])
        if self.answer is None:
            raise AnsibleConnectionFailure("gone")
        return self.answer


@pytest.fixture
def act(monkeypatch):
    """run(...) is the action after it has run, with what it returned, and what was said."""

    def run(*, transport="local", environment=None, answer=(), display=True, **args):
        said = Told()
        monkeypatch.setattr(progress, "displayed_by_ansible", lambda: said if display else None)
        ran = {"of": "core"}
        monkeypatch.setattr(InProcess, "run", lambda self, tmp, task_vars: {**ran, **self._execute_module(task_vars)})
        action = Acts.__new__(Acts)
        action._task = SimpleNamespace(args=args, environment=environment)
        action._connection = SimpleNamespace(transport=transport)
        action.answer = None if answer is None else {"changed": True, **dict(answer)}
        try:
            action.returned = action.run(task_vars={"inventory_hostname": "sddc-1"})
        except AnsibleConnectionFailure:
            action.returned = None
        action.said = said.lines()
        return action

    return run


def test_the_module_tells_the_action_how_far_it_is_and_its_result_is_the_action_s(act):
    action = act(name="gw-1", entry="e", answer={"appliance": {"name": "gw-1"}}, environment=[{"A": "b"}])
    assert action.returned == {"of": "core", "changed": True, "appliance": {"name": "gw-1"}}
    assert action.environments[0] == {"A": "b"} and set(action.environments[1]) == {PROGRESS}
    assert [line.split(" %")[0] for line in action.said] == ["sddc-1: gw-1: 50"]


@pytest.mark.parametrize(("args", "called"), [({"entry": "e"}, "e"), ({}, "appliance")])
def test_an_appliance_without_a_name_is_called_by_its_entry(act, args, called):
    assert act(**args).said[0].startswith(f"sddc-1: {called}: ")


@pytest.mark.parametrize("environment", [None, [], [{"A": "b"}], {"A": "b"}])
@pytest.mark.parametrize("answer", [(), None])
def test_the_environment_of_the_task_is_left_as_it_was(act, environment, answer):
    action = act(environment=environment, answer=answer)
    assert action._task.environment == (environment or [])
    assert len(action.environments) == (2 if environment else 1)


@pytest.mark.parametrize("other", [{"transport": "ssh"}, {"display": False}])
def test_where_nothing_can_be_shown_the_module_runs_all_the_same(act, other):
    action = act(environment=[{"A": "b"}], **other)
    assert action.environments == [{"A": "b"}] and action.said == [] and action.returned["changed"]
