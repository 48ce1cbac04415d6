# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Shows how far a module is, which tells it over a socket, because it cannot print before it ends."""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import signal
import socket
import tempfile
import time

from ..module_utils.image.progress import PROGRESS
from .display import displayed_by_ansible

STEP = 10
LONGEST_SILENCE = 30
MEBIBYTE = 1 << 20


@contextlib.contextmanager
def shown(action, name: str):
    """While the module of an action runs, lines of what it tells, under a name."""
    # On another host there is no such socket, and the module goes on without being shown.
    display = displayed_by_ansible() if action._connection.transport == "local" else None
    listener = Listener.made(lambda line: display(f"{name}: {line}")) if display else None
    task, given = action._task, action._task.environment or []
    with listener or contextlib.nullcontext():
        if listener is not None:
            task.environment = [*(given if isinstance(given, list) else [given]), {PROGRESS: listener.path}]
        try:
            yield
        finally:
            task.environment = given


class Listener:
    """A socket that is there for the length of a ``with`` block, and ``say`` called with a line whenever one is due.

    It is a process that calls it. A thread would live while the worker forks, and its locks would stay held on the other side.
    """

    @classmethod
    def made(cls, say):
        """A listener, or None where there can be none: the path of a socket must not be longer than about 100 characters."""
        listener = cls(say)
        try:
            listener._socket.bind(listener.path)
        except OSError:
            listener._remove()
            return None
        return listener

    def __init__(self, say):
        self.say = say
        self.pace = Pace()
        self.folder = tempfile.mkdtemp(prefix="vmc-aws-backup-")
        self.path = os.path.join(self.folder, "progress")
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._ending = self._process = None

    def __enter__(self):
        # The pipe ends with this process, however it ends, and the listening one ends with the pipe.
        ended, self._ending = os.pipe()
        self._process = os.fork()
        if self._process == 0:
            try:
                os.close(self._ending)
                self._listen(ended)
            finally:
                os._exit(0)
        os.close(ended)
        return self

    def __exit__(self, *_raised):
        os.close(self._ending)
        os.waitpid(self._process, 0)
        self._remove()

    def _remove(self):
        self._socket.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _listen(self, ended):
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        while True:
            ready, _writable, _broken = select.select([self._socket, ended], [], [])
            if self._socket not in ready:
                return self._remove()
            line = self.pace.line(self._socket.recv(4096), time.monotonic())
            if line:
                self.say(line)


class Pace:
    """Which of many numbers are worth a line: the first beyond each ten percent, and one after half a minute of silence."""

    def __init__(self):
        self.began = None  # the first number, and when it came
        self.said = 0
        self.said_at = 0.0

    def line(self, message: bytes, now: float) -> str | None:
        try:
            told = json.loads(message)
            sent, total = int(told["sent"]), int(told["total"])
        except (ValueError, TypeError, KeyError):
            return None
        if self.began is None:
            self.began, self.said_at = (sent, now), now
        percent = 100 * sent // max(total, 1)
        if percent // STEP <= self.said // STEP and now - self.said_at < LONGEST_SILENCE:
            return None
        self.said, self.said_at = percent, now
        first, at = self.began
        rate = (sent - first) / (now - at) if now > at else 0
        speed = f", {rate / MEBIBYTE:.0f} MiB/s" if rate else ""
        left = f", {_time((total - sent) / rate)} left" if rate and sent < total else ""
        return f"{percent} % of {total // MEBIBYTE} MiB{speed}{left}"


def _time(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"
