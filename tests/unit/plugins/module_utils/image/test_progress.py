# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import socket

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.image import progress


@pytest.fixture
def listener(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind("progress")
        listener.setblocking(False)
        yield listener


def heard(listener):
    try:
        while True:
            yield json.loads(listener.recv(4096))
    except BlockingIOError:
        return


def test_the_first_and_the_last_number_are_told_and_few_in_between(listener):
    tell = progress.Progress("progress")
    for sent in range(101):
        tell("disk", sent, 100)
    assert list(heard(listener)) == [{"sent": 0, "total": 100}, {"sent": 100, "total": 100}]


@pytest.mark.parametrize("path", [None, "nobody-listens-there"])
def test_where_nobody_listens_nothing_happens(tmp_path, monkeypatch, path):
    monkeypatch.chdir(tmp_path)
    progress.Progress(path)("disk", 1, 2)


def test_a_listener_that_is_slow_is_not_waited_for(listener, monkeypatch):
    monkeypatch.setattr(progress, "INTERVAL", 0)
    tell = progress.Progress("progress")
    for sent in range(10_000):
        tell("disk", sent, 100)
    assert list(heard(listener))
