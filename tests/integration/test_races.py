# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One round of tests/races.py."""

from __future__ import annotations

import pytest
import races

pytestmark = [pytest.mark.proof, pytest.mark.xdist_group("undisturbed")]


def test_two_runs_at_once_make_one_of_everything(running_lab, undisturbed):
    runs = races.race(running_lab, 2)
    wrong = races.verdict(running_lab, runs, undisturbed)
    assert wrong is None, wrong
    assert any(run.returncode == 0 for run in runs), races.said(runs)
