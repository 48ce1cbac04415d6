# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How long an exchange with a service may take as a whole. The time-out of a socket counts from the last byte, so that one byte a second holds it for ever."""

from __future__ import annotations

import contextlib
import signal
import threading
import time

EXCHANGE = 120
EXCHANGE_TIMEOUT = {"exchange_timeout": {"type": "int", "default": EXCHANGE}}


class _Over(BaseException):
    """Passes what the libraries between here and the socket catch and try again."""


@contextlib.contextmanager
def within(seconds: float, late):
    """Raise what ``late()`` makes when the block is not left in time. Only the main thread can be held to it; 0 is for ever."""
    if seconds <= 0 or threading.current_thread() is not threading.main_thread():
        yield
        return
    over, armed = _Over(), True

    def ring(_number, _frame):
        if armed:
            raise over

    began = time.monotonic()
    handler = signal.signal(signal.SIGALRM, ring)
    left, again = signal.getitimer(signal.ITIMER_REAL)
    # Again each second: what is raised while an object is being freed is lost.
    signal.setitimer(signal.ITIMER_REAL, min(seconds, left or seconds), 1)
    try:
        try:
            yield
        finally:
            armed = False
    except _Over as rung:
        if rung is not over:
            raise
        raise late() from None
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, handler or signal.SIG_DFL)
        if left:  # of whoever set an alarm before
            signal.setitimer(signal.ITIMER_REAL, max(0.001, left - (time.monotonic() - began)), again)
