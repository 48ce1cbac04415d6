# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The only place that waits."""

from __future__ import annotations

import random
import time

from .errors import TimedOut

SEEN_WITHIN = 30  # seconds in which what was just written comes to be seen everywhere (law 14)


def until(probe, done, *, timeout: float, interval: float = 1.0, longest: float = 15.0, what: str = "the change"):
    """Call ``probe()`` until ``done(its answer)`` is true, and return that answer.

    Intervals grow by half from ``interval`` to ``longest`` seconds, with a fifth of jitter. The last probe is made when ``timeout`` seconds
    are over, so a time-out of 0 probes once. Raises TimedOut, naming ``what``; a ``done`` that returns text says what is still missing.
    """
    answer, verdict = _last(probe, done, timeout, interval, longest)
    if verdict is True:
        return answer
    reason = f" Last seen: {verdict}." if isinstance(verdict, str) else ""
    raise TimedOut(f"Gave up waiting for {what} after {timeout:g} seconds.{reason}")


def seen(probe, done):
    """The same for what was just written and may not be seen yet, but without an error: the last answer, done or not."""
    return _last(probe, done, SEEN_WITHIN, 0.5, 5.0)[0]


def _last(probe, done, timeout, interval, longest) -> tuple:
    deadline = time.monotonic() + timeout
    while True:
        answer = probe()
        verdict = done(answer)
        left = deadline - time.monotonic()
        if verdict is True or left <= 0:
            return answer, verdict
        time.sleep(min(left, interval * random.uniform(0.8, 1.2)))
        interval = min(longest, interval * 1.5)
