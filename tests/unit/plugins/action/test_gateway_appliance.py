# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import os
import signal
import socket
import tempfile
import threading
from types import SimpleNamespace

import pytest
from ansible.errors import AnsibleConnectionFailure
from ansible_collections.vmc.aws_backup.plugins.action import gateway_appliance
from ansible_collections.vmc.aws_backup.plugins.action.gateway_appliance import Listener, Pace
from ansible_collections.vmc.aws_backup.plugins.module_utils.image.progress import PROGRESS
from ansible_collections.vmc.aws_backup.plugins.plugin_utils.in_process import InProcess

MIB = 1 << 20


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
        monkeypatch.setattr(gateway_appliance, "displayed_by_ansible", lambda: said if display else None)
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


def message(sent, total=1000):
    return json.dumps({"sent": sent * MIB, "total": total * MIB}).encode()


def lines(numbers):
    """What is said of numbers that come at these seconds."""
    pace = Pace()
    return [line for line in (pace.line(message(sent), now) for now, sent in numbers) if line]


def test_each_ten_percent_is_a_line_with_rate_and_time_left():
    told = lines((second, 10 * second) for second in range(101))
    assert len(told) == 10
    assert told[0] == "10 % of 1000 MiB, 10 MiB/s, 1 min 30 s left"
    assert told[-1] == "100 % of 1000 MiB, 10 MiB/s"


def test_a_slow_upload_is_a_line_each_half_minute():
    assert len(lines((second, second // 100) for second in range(301))) == 10


def test_a_fast_upload_is_not_ten_lines():
    assert lines([(0, 0), (0.5, 550), (1, 1000)]) == [
        "55 % of 1000 MiB, 1100 MiB/s, 0 s left",
        "100 % of 1000 MiB, 1000 MiB/s",
    ]


@pytest.mark.parametrize("garbage", [b"", b"{", b"[]", b'{"sent": "x", "total": 1}', b'{"sent": 1}'])
def test_what_is_no_number_is_not_shown(garbage):
    assert Pace().line(garbage, 0) is None


class Told:
    """Keeps what is said in any process."""

    def __init__(self):
        self._reader, self._writer = os.pipe()

    def __call__(self, line):
        os.write(self._writer, f"{line}\n".encode())

    def lines(self):
        os.close(self._writer)
        with os.fdopen(self._reader) as told:
            return told.read().splitlines()


def tell(listener, *numbers):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as module:
        for number in numbers:
            module.sendto(message(number), listener.path)


def test_a_listener_says_what_comes_and_leaves_nothing_behind():
    said = Told()
    with Listener.made(said) as listener:
        tell(listener, 0, 500)
    assert [line[:4] for line in said.lines()] == ["50 %"]
    assert not os.path.exists(listener.folder)


def test_a_listener_is_no_thread():
    """One that lived while the worker forks could leave a lock held for ever."""
    with Listener.made(print):
        assert threading.active_count() == 1


def test_a_listener_ends_with_a_worker_that_is_killed_and_leaves_nothing_behind():
    said, where = Told(), os.pipe()
    worker = os.fork()
    if worker == 0:
        try:
            with Listener.made(said) as listener:
                tell(listener, 0, 500)
                os.write(where[1], listener.folder.encode())
                signal.pause()
        finally:
            os._exit(1)
    folder = os.read(where[0], 4096).decode()
    os.kill(worker, signal.SIGKILL)
    os.waitpid(worker, 0)
    assert [line[:4] for line in said.lines()] == ["50 %"]  # and its end of the pipe is closed
    assert not os.path.exists(folder)


def test_where_temporary_files_lie_too_deep_nothing_is_said_and_nothing_is_left(tmp_path, monkeypatch):
    deep = tmp_path / ("deep" * 30)
    deep.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(deep))
    assert Listener.made(print) is None
    assert list(deep.iterdir()) == []
