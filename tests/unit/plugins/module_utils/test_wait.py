# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils import wait
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import TimedOut


class Clock:
    """Time that passes only by sleeping."""

    def __init__(self):
        self.now = 1000.0
        self.slept = []

    def monotonic(self):
        return self.now

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(wait, "time", clock)
    return clock


def answers(*values):
    """A probe that gives these answers in turn, then the last one for ever."""
    left = list(values)
    return lambda: left.pop(0) if len(left) > 1 else left[0]


def test_an_answer_that_is_done_comes_back_without_sleeping(clock):
    assert wait.until(answers("ready"), lambda seen: seen == "ready", timeout=60) == "ready"
    assert clock.slept == []


def test_it_probes_until_done_and_returns_the_answer_that_was_done(clock):
    assert wait.until(answers(1, 2, 3), lambda seen: seen == 3, timeout=60) == 3
    assert len(clock.slept) == 2


def test_a_timeout_of_zero_probes_once(clock):
    probes = []
    with pytest.raises(TimedOut):
        wait.until(lambda: probes.append(1), lambda seen: False, timeout=0)
    assert len(probes) == 1
    assert clock.slept == []


def test_the_last_probe_is_made_when_the_time_is_over(clock):
    with pytest.raises(TimedOut):
        wait.until(answers(None), lambda seen: False, timeout=7)
    assert clock.now == pytest.approx(1007)


def test_intervals_grow_up_to_the_longest_with_jitter_about_them(clock):
    with pytest.raises(TimedOut):
        wait.until(answers(None), lambda seen: False, timeout=200, interval=1, longest=10)
    assert 0.8 <= clock.slept[0] <= 1.2
    assert 1.2 <= clock.slept[1] <= 1.8
    assert all(8 <= pause <= 12 for pause in clock.slept[6:-1])
    assert len(set(clock.slept[6:-1])) > 1


def test_giving_up_says_what_was_waited_for_how_long_and_what_is_still_missing(clock):
    with pytest.raises(TimedOut, match=r"the gateway to be ready after 5 seconds\. Last seen: it is pending\."):
        wait.until(answers(None), lambda seen: "it is pending", timeout=5, what="the gateway to be ready")


def test_text_is_a_reason_to_go_on_waiting_and_not_a_yes(clock):
    assert wait.until(answers("x", "y"), lambda seen: seen == "y" or "not yet", timeout=60) == "y"


def test_a_plain_no_gives_no_reason(clock):
    with pytest.raises(TimedOut, match=r"^Gave up waiting for the change after 5 seconds\.$"):
        wait.until(answers(None), lambda seen: False, timeout=5)


def test_what_is_not_seen_in_time_is_no_error_but_the_last_answer(clock):
    assert wait.seen(answers(1, 2, 3), lambda seen: seen == 3) == 3
    started = clock.now
    assert wait.seen(answers(None), lambda seen: seen is not None) is None
    assert clock.now - started == pytest.approx(wait.SEEN_WITHIN)
