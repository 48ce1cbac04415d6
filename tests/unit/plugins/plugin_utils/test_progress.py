# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import signal
import socket
import tempfile
import threading

import pytest
from ansible_collections.vmc.aws_backup.plugins.plugin_utils.progress import Listener, Pace

from .told import Told, message


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
