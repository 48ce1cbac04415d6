# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import signal
import threading
import time

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.clients.deadline import within
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import ApiError

# The alarm is what is tested here.
pytestmark = pytest.mark.timeout(60, method="thread")
SOON = 0.05


def late():
    return ApiError("too late")


def linger(seconds=5):
    """As long as a library that catches all and tries again."""
    for _try in range(50):
        try:
            time.sleep(seconds / 50)
        except Exception:
            pass


def test_what_takes_too_long_is_left_whatever_the_library_catches():
    began = time.monotonic()
    with pytest.raises(ApiError, match="too late"), within(SOON, late):
        linger()
    assert time.monotonic() - began < 1


def test_what_is_done_in_time_is_not_disturbed_and_leaves_no_alarm():
    before = signal.getsignal(signal.SIGALRM)
    with within(SOON, late):
        pass
    time.sleep(2 * SOON)
    assert signal.getitimer(signal.ITIMER_REAL)[0] == 0
    assert signal.getsignal(signal.SIGALRM) is before


def test_an_error_inside_stays_what_it_is():
    with pytest.raises(ValueError), within(SOON, late):
        raise ValueError
    assert signal.getitimer(signal.ITIMER_REAL)[0] == 0


def test_an_exchange_inside_another_one_does_not_outlast_it():
    def outer():
        return ApiError("outer")

    with pytest.raises(ApiError, match="outer"), within(SOON, outer):
        try:
            with within(60, late):
                linger()
        except ApiError:
            linger()


def test_the_outer_one_goes_on_counting_after_the_inner_one():
    with pytest.raises(ApiError, match="too late"), within(4 * SOON, late):
        with within(60, late):
            pass
        linger()


def test_an_alarm_of_somebody_else_is_kept(monkeypatch):
    rung = []
    before = signal.signal(signal.SIGALRM, lambda *_: rung.append(1))
    try:
        signal.setitimer(signal.ITIMER_REAL, 3 * SOON)
        with within(60, late):
            pass
        time.sleep(5 * SOON)
    finally:
        signal.signal(signal.SIGALRM, before)
    assert rung == [1]


@pytest.mark.parametrize("seconds", [0, -1])
def test_without_a_limit_there_is_none(seconds):
    with within(seconds, late):
        time.sleep(SOON)


def test_another_thread_is_not_held_to_it():
    failed = []

    def run():
        try:
            with within(SOON / 5, late):
                time.sleep(SOON)
        except BaseException as failure:
            failed.append(failure)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert not failed
