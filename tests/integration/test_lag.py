# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What was just written is not seen yet: each kind is made, changed and removed as if it were, and nothing is written twice."""

from __future__ import annotations

import pathlib
import re
import time
from collections import Counter

import crash_matrix
import pytest
import yaml
from ansible_collections.vmc.aws_backup.plugins.module_utils import wait
from subjects import SUBJECTS, Bench

TABLE = yaml.safe_load(pathlib.Path(__file__).with_name("lag.yml").read_text())
CASES = TABLE["cases"]
ALL = {
    **{
        name: {**subject, "after": subject.get("after", []) + CASES.get(name, {}).get("after", [])}
        for name, subject in SUBJECTS.items()
    },
    **TABLE["subjects"],
}
IDS = re.compile(r"\b(sg|vpce|subnet|vpc|bgw|hype)-[0-9a-fA-F]+\b|\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")
NO_STATE = ("_info", "_test", "_update", "_files", "backup_job", "restore_job", "gateway_activation_key")
AT_ONCE = ("gateway_appliance", "restored_machine", "vsphere_anti_affinity_rule")  # vCenter is of one piece
MAKE_NOTHING = ("restored_volume",)


class Clock:
    """Waiting is much shorter than it says."""

    def __init__(self):
        self.now = 0.0

    def monotonic(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds
        time.sleep(0.01)


class LagBench(Bench):
    def life(self, name, lag):
        """How a subject is made, changed and removed, each of them twice: what it returns, and what was written."""
        case = CASES[name]
        self.prepare(name, lag=lag)
        module, options = self.subjects[name]["module"], self.subjects[name]["options"]
        changed = {**options, **case["change"]}
        steps = [options, options, changed, changed]
        if case.get("absent") is not False:
            gone = {**changed, "state": "absent", **(case.get("absent") or {})}
            steps += [gone, gone]
        self.lab.forget()
        results = [self.modules.run(module, **step) for step in steps]
        assert [result["msg"] for result in results if result.get("failed")] == []
        told = [(result["changed"], IDS.sub("ID", repr(result["changes"]))) for result in results]
        return told, written(self.lab.journal())


def written(journal) -> Counter:
    """What was written, and how often."""
    writes = [call for call in journal if call["kind"] == "write" and call["status"] < 300]
    return Counter((call["service"], call["operation"]) for call in writes)


@pytest.fixture(scope="module")
def lives(running_lab):
    bench = LagBench(running_lab, ALL)
    undisturbed: dict = {}

    def both(name, lag):
        if name not in undisturbed:
            undisturbed[name] = bench.life(name, 0)
        return undisturbed[name], bench.life(name, lag)

    return both


@pytest.mark.parametrize("lag", [pytest.param(1, marks=pytest.mark.proof), pytest.param(2, marks=pytest.mark.proof), 3])
@pytest.mark.parametrize("name", CASES)
def test_what_is_not_seen_yet_is_waited_for(lives, monkeypatch, name, lag):
    monkeypatch.setattr(wait, "time", Clock())
    (expected, writes), (found, again) = lives(name, lag)
    assert [changed for changed, _records in expected] == [True, False] * (len(expected) // 2)
    assert found == expected
    assert again == writes


def test_every_kind_with_a_state_is_tried():
    modules = {path.stem for path in (pathlib.Path(__file__).parents[2] / "plugins" / "modules").glob("*.py")}
    assert {ALL[name]["module"] for name in CASES} == {
        module for module in modules if not module.endswith(NO_STATE) and module not in (*AT_ONCE, *MAKE_NOTHING)
    }


@pytest.mark.proof
def test_one_site_yml_makes_everything_of_nothing_while_all_that_is_written_lags(running_lab):
    world, journal = crash_matrix.undisturbed(running_lab, "empty")
    running_lab.reset("empty")
    running_lab.switch(lag=3)
    run = running_lab.play(crash_matrix.SITE)
    assert run.returncode == 0, run.output[-6000:]
    assert written(running_lab.journal()) == written(journal)
    running_lab.forget()
    again = running_lab.play(crash_matrix.SITE)
    assert (again.returncode, again.changed, written(running_lab.journal())) == (0, 0, Counter()), again.output[-6000:]
    assert crash_matrix.difference(world, running_lab.world()) is None
