# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import fcntl
import functools
import os
import pickle

import pytest
import recorded

from . import runs


@pytest.fixture(scope="session")
def ran(tmp_path_factory):
    """ran(role, run) is what came of a run. The first run of a role is made alone, so that what fails does so soon, and all others at once.

    Workers of xdist share what one of them has made.
    """
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent

    @functools.cache
    def made(role, first):
        kept = shared / f"ran-{role}-{'first' if first else 'others'}"
        with kept.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not kept.exists():
                scenarios = runs.scenarios(role)
                chosen = {
                    run: scenario for run, scenario in scenarios.items() if (run == next(iter(scenarios))) == first
                }
                kept.write_bytes(pickle.dumps(recorded.ran(tmp_path_factory.mktemp(role), chosen)))
        return pickle.loads(kept.read_bytes())

    return lambda role, run: made(role, run == next(iter(runs.RUNS[role])))[run]
