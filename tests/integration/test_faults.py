# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Calls that go wrong: faults.yml. A run passes or says what it could not do, and the next one ends in the world of an undisturbed run."""

from __future__ import annotations

import contextlib
import pathlib
import time

import pytest
import yaml
from ansible_collections.vmc.aws_backup.plugins.module_utils import wait
from ansible_collections.vmc.aws_backup.plugins.module_utils.clients import appliance, rest, vsphere
from subjects import SUBJECTS, Bench

TABLE = yaml.safe_load(pathlib.Path(__file__).with_name("faults.yml").read_text())
ALWAYS = ("throttle", "reset_after", "412", "busy")  # the other kinds take long, and are for make proof
CASES = [
    pytest.param(
        case,
        kind,
        fault or {},
        id=f"{case['subject']}: {case['operation']} {kind}",
        marks=[] if kind in ALWAYS else pytest.mark.proof,
    )
    for case in TABLE["cases"]
    for kind, fault in case["faults"].items()
]
TIMES = {"throttle": 2}
EACH = {"throttle", "500", "html503", "reset_before", "reset_after", "hang", "403", "expired", "busy"}
SECONDS = 3  # a client's patience in the run with the fault; no option shortens it
FIREWALL_WORDS = ["log in to vCenter", "no answer in time", "does a firewall let this host in"]


class Faulty(Bench):
    """Subjects, each with the world that an undisturbed run makes of it."""

    def __init__(self, lab):
        super().__init__(lab)
        self.worlds: dict = {}

    def undisturbed(self, name):
        """The world after a subject's run without a fault."""
        if name not in self.worlds:
            self.prepare(name)
            assert not self.run(name).get("failed")
            self.worlds[name] = self.lab.world()
        return self.worlds[name]


@pytest.fixture(autouse=True)
def everything_is_seen_soon(monkeypatch):
    monkeypatch.setattr(wait, "SEEN_WITHIN", 5)


@pytest.fixture(scope="module")
def bench(running_lab):
    return Faulty(running_lab)


@contextlib.contextmanager
def little_patience():
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(rest.Rest.__init__.__kwdefaults__, "timeout", (SECONDS, SECONDS))
        patch.setattr(vsphere, "CONNECT_TIMEOUT", SECONDS)
        patch.setattr(vsphere, "FIRST_ANSWER_TIMEOUT", SECONDS)
        patch.setattr(vsphere, "ANSWER_TIMEOUT", SECONDS)
        patch.setattr(appliance, "ANSWER_TIMEOUT", SECONDS)
        yield


@pytest.mark.parametrize(("case", "kind", "fault"), CASES)
def test_it_passes_or_says_what_failed_and_never_writes_twice(bench, case, kind, fault):
    name, lab = case["subject"], bench.lab
    undisturbed = bench.undisturbed(name)
    bench.prepare(name)
    times = fault.get("times", TIMES.get(kind, 1))
    lab.fault(kind, service=case["service"], operation=case["operation"], times=times)

    with little_patience() if kind.startswith("hang") else contextlib.nullcontext():
        result = bench.run(name)

    assert lab.faults() == [0], "the fault did not hit the run"
    assert "Traceback" not in bench.modules.printed
    assert [secret for secret in bench.modules.secrets() if secret in bench.modules.printed] == []
    if "says" in fault:
        assert result.get("failed"), result
        assert [words for words in fault["says"] if words not in result["msg"]] == [], result["msg"]
    else:
        assert not result.get("failed"), result["msg"]

    lab.heal()
    for wanted in ("passes", "changes nothing"):
        again = bench.run(name)
        assert not again.get("failed"), again["msg"]
        assert wanted == "passes" or SUBJECTS[name].get("action") or not again["changed"], again
    assert lab.world() == undisturbed
    assert lab.journal("unknown") == []


def test_each_kind_of_fault_hits_each_service_unless_it_cannot():
    hit: dict = {}
    for case in TABLE["cases"]:
        hit.setdefault(case["service"], set()).update(case["faults"])
    assert {service: EACH - kinds for service, kinds in hit.items() if EACH - kinds} == {
        service: set(reasons) for service, reasons in TABLE["never"].items()
    }
    assert "412" in hit["nsx"]


@pytest.mark.proof
def test_a_firewall_that_drops_everything_is_told_within_the_time_limit(bench):
    bench.prepare("appliance")
    bench.lab.break_("drop_rule", rule="control-node-to-vcenter")
    started = time.monotonic()
    result = bench.modules.run("gateway_appliance_info")
    assert time.monotonic() - started < 60
    host = bench.modules.variables["vmc_backup_vcenter_hostname"]
    assert [words for words in [host, *FIREWALL_WORDS] if words not in result["msg"]] == [], result["msg"]
