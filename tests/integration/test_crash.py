# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A sample of tests/crash_matrix.py, one kill after the other in one world."""

from __future__ import annotations

import crash_matrix
import pytest
from crash_matrix import Point

pytestmark = pytest.mark.xdist_group("undisturbed")
KILLS = [
    Point("ec2", "CreateVpcEndpoint", 0, "hang_after"),
    Point("vcenter", "HttpNfcLeaseComplete", 0, "hang"),
    Point("backup-gateway", "CreateGateway", 0, "hang_after"),
]


def test_a_run_killed_again_and_again_is_taken_up_where_it_was(running_lab, undisturbed):
    running_lab.reset()
    for point in KILLS:
        assert crash_matrix.kill_at(running_lab, point), f"the run never made that call: {point}"
    run = running_lab.play(crash_matrix.SITE)
    assert run.returncode == 0, run.output
    wrong = crash_matrix.difference(undisturbed, running_lab.world())
    assert wrong is None, wrong
