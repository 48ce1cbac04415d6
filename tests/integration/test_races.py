# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One round of tests/races.py and of tests/two_sites.py each."""

from __future__ import annotations

import pytest
import races
import two_sites
from rehearsal import Lab

pytestmark = pytest.mark.proof


@pytest.mark.xdist_group("undisturbed")
def test_two_runs_at_once_make_one_of_everything(running_lab, undisturbed):
    runs = races.race(running_lab, 2)
    wrong = races.verdict(running_lab, runs, undisturbed)
    assert wrong is None, wrong
    assert any(run.returncode == 0 for run in runs), races.said(runs)


@pytest.mark.parametrize(("other", "again"), [("teardown", "other"), ("replace", "site")])
def test_two_playbooks_at_once_end_in_the_world_of_the_one_that_is_run_again(lab, other, again):
    match = races.Match(lab, other)
    runs = match.round()
    wrong = match.verdict(runs, again)
    assert wrong is None, wrong


def test_an_sddc_converges_while_another_one_of_its_vpc_is_taken_down(tmp_path):
    lab, hosts = Lab(tmp_path / "lab"), ("sddc-1", "sddc-2")
    lab.up("--sddcs", "2")
    try:
        expected = two_sites.expectations(lab, hosts)
        _runs, wrong = two_sites.a_round(lab, 2, hosts, expected)  # with the endpoint, if nobody else uses it
        assert wrong is None, wrong
    finally:
        lab.down()
