# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import datetime
import itertools
import os
import time

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils import recall


@pytest.fixture
def run(monkeypatch):
    """A run that has begun, and the answers that a service would give one after the other."""
    recall.begin()
    return itertools.count()


def module(look, answers, key=("what",)):
    """What a module of that look is told, by what was read before."""
    recall.belong(look)
    with recall.gone_by():
        told = recall.asked(list(key), lambda: next(answers))
    recall.keep()
    return told


def test_what_one_module_of_a_look_has_read_another_is_not_told_again(run):
    assert [module("l", run), module("l", run)] == [0, 0]


def test_another_look_reads_for_itself(run):
    assert [module("l", run), module("m", run), module("l", run)] == [0, 1, 0]


def test_without_a_look_nothing_is_kept(run):
    assert [module("", run), module("", run)] == [0, 1]


def test_without_a_run_nothing_is_kept():
    answers = itertools.count()
    assert [module("l", answers), module("l", answers)] == [0, 1]


def test_another_question_is_asked(run):
    assert [module("l", run, ["a", {"x": 1}]), module("l", run, ["a", {"x": 2}])] == [0, 1]


def test_who_does_not_go_by_it_asks(run):
    module("l", run)
    assert recall.asked(["what"], lambda: "anew") == "anew"


def test_that_there_is_nothing_is_not_kept(run):
    assert module("l", iter([None])) is None
    assert module("l", run) == 0


def test_nothing_is_recalled_any_more_once_anything_is_written(run):
    module("l", run)
    recall.belong("of another host")
    recall.spoil()
    assert [module("l", run), module("l", run)] == [1, 2]


def test_what_was_read_before_a_write_is_not_left_after_it(run):
    recall.belong("l")
    recall.asked(["what"], lambda: "old")
    recall.spoil()
    recall.keep()
    assert module("l", run) == 0


def test_an_old_answer_is_asked_for_again(run, monkeypatch):
    module("l", run)
    later = time.monotonic() + recall.LASTS + 1
    monkeypatch.setattr(time, "monotonic", lambda: later)
    assert module("l", run) == 1


def test_times_come_back_as_times(run):
    at = datetime.datetime(2026, 11, 28, 10, 0, tzinfo=datetime.timezone.utc)
    module("l", iter([[{"at": at}]]))
    assert module("l", run) == [{"at": at}]


def test_what_is_no_json_is_asked_for_again(run):
    assert module("l", iter([object()]))
    assert module("l", run) == 0


def test_a_process_that_was_killed_while_it_wrote_costs_no_other_its_answers(run):
    module("l", run)
    os.pwrite(recall._file, b'\n{"look": "l", "at"', os.fstat(recall._file).st_size)
    assert [module("l", run), module("l", run, ["other"]), module("l", run, ["other"])] == [0, 1, 1]


def test_forks_share_it(run):
    if os.fork() == 0:
        module("l", iter(["of the child"]))
        os._exit(0)
    os.wait()
    assert module("l", run) == "of the child"
