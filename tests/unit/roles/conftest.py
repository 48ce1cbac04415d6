# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import functools

import pytest
import recorded

from . import runs


@pytest.fixture(scope="session")
def ran(tmp_path_factory):
    """ran(role, run) is what came of a run. All runs of a role are made at once, when the first is asked for."""

    @functools.cache
    def all_of(role):
        return recorded.ran(tmp_path_factory.mktemp(role), runs.scenarios(role))

    return lambda role, run: all_of(role)[run]
