# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import itertools
import os
import time

from ansible_collections.vmc.aws_backup.plugins.module_utils import run_store


def good(_held):
    return True


def test_without_a_run_each_fetches_for_itself():
    numbers = itertools.count()
    assert [run_store.kept("k", good, lambda: next(numbers)) for _time in range(2)] == [0, 1]


def test_what_was_fetched_is_kept_while_it_is_good():
    run_store.begin()
    numbers = itertools.count()
    assert [run_store.kept("k", good, lambda: next(numbers)) for _time in range(2)] == [0, 0]
    assert run_store.kept("k", lambda held: held != 0, lambda: next(numbers)) == 1
    assert run_store.kept("other", good, lambda: next(numbers)) == 2
    assert run_store.kept("k", good, lambda: next(numbers)) == 1


def test_beginning_again_forgets_nothing():
    run_store.begin()
    run_store.kept("k", good, lambda: "kept")
    run_store.begin()
    assert run_store.kept("k", good, lambda: "fetched") == "kept"


def test_forks_fetch_one_at_a_time_and_once(tmp_path):
    run_store.begin()
    log = tmp_path / "fetched"

    def fetch():
        time.sleep(0.2)
        with log.open("a") as file:
            file.write("x")
        return "one"

    children = []
    for _child in range(4):
        child = os.fork()
        if child == 0:
            os._exit(0 if run_store.kept("k", good, fetch) == "one" else 1)
        children.append(child)
    assert [os.waitpid(child, 0)[1] for child in children] == [0] * 4
    assert log.read_text() == "x"
