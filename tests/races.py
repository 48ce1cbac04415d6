# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Several site.yml at once: the same world as after an undisturbed one, one of everything.

A run may lose to another one and say so; a further run then finds nothing left to do.

``--against`` races site.yml with another playbook on the same site: whoever loses says so, nothing is orphaned, and a rerun of either ends
in its world.
"""

from __future__ import annotations

import argparse
import pathlib
import re
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

import yaml
from crash_matrix import SITE, difference, undisturbed
from rehearsal import ROOT, Lab, Run

TEARDOWN = ROOT / "playbooks" / "teardown.yml"
REPLACE = ROOT / "playbooks" / "replace_gateway.yml"
OTHERS = {
    "teardown": (TEARDOWN, {"vmc_backup_teardown_confirm": "sddc-1"}),
    "replace": (REPLACE, {"vmc_backup_replace": "sddc-1-cluster-1-1"}),
}
CRASHED = re.compile(r"Traceback|MODULE FAILURE|Module failed: (?!\S+ )")


def race(lab: Lab, runners: int, seed: str = "prepared") -> list[Run]:
    """That many runs on a new world, begun together."""
    lab.reset(seed)
    with ThreadPoolExecutor(runners) as pool:
        return list(pool.map(lambda _number: lab.play(SITE), range(runners)))


def verdict(lab: Lab, runs: list[Run], expected: dict) -> str | None:
    """What is wrong after a race, or None."""
    crashed = [run.output[-3000:] for run in runs if run.returncode and CRASHED.search(run.output)]
    if crashed:
        return "\n".join(crashed)
    further = lab.play(SITE)
    if further.returncode:
        return f"the further run failed:\n{further.output[-3000:]}"
    if all(run.returncode == 0 for run in runs) and further.changed:
        return f"something was left to do:\n{further.output[-3000:]}"
    return difference(expected, lab.world())


def said(runs: list[Run]) -> str:
    """How each run ended, the losers with their last words."""
    return "  ".join("won" if run.returncode == 0 else f"gave up ({last_words(run)})" for run in runs)


def last_words(run: Run) -> str:
    found = re.findall(r"^\[ERROR\]: (.*)$", run.output, re.MULTILINE)
    return found[-1][:200] if found else run.output[-200:]


class Match:
    """site.yml against another playbook on a world that site.yml has made, and the worlds that each of them ends in undisturbed."""

    def __init__(self, lab: Lab, other: str):
        self.lab = lab
        self.playbook, self.extra = OTHERS[other]
        self.inventory = lab.state / "match.yml"
        plan = yaml.safe_load(lab.inventory.read_text())["all"]["children"]["vmc_sddcs"]["hosts"]["sddc-1"]
        (first,) = plan["vmc_backup_appliances"][0]["addresses"]
        addresses = [first, *([f"{first.rpartition('.')[0]}.61"] if other == "replace" else [])]
        planned = [{"cluster": "Cluster-1", "addresses": addresses}]
        self.inventory.write_text(yaml.safe_dump({"all": {"hosts": {"sddc-1": {"vmc_backup_appliances": planned}}}}))
        self.begin()
        self.worlds = {"site": lab.world()}
        self.well("other")
        self.worlds["other"] = lab.world()

    def play(self, which: str) -> Run:
        playbook, extra = (SITE, {}) if which == "site" else (self.playbook, self.extra)
        return self.lab.play(playbook, "-i", str(self.inventory), **extra)

    def well(self, which: str) -> None:
        run = self.play(which)
        if run.returncode:
            raise SystemExit(f"The undisturbed run failed:\n{run.output[-4000:]}")

    def begin(self) -> None:
        self.lab.reset("prepared")
        self.well("site")

    def round(self) -> dict[str, Run]:
        """Both, begun together."""
        self.begin()
        with ThreadPoolExecutor(2) as pool:
            started = {which: pool.submit(self.play, which) for which in ("site", "other")}
            return {which: run.result() for which, run in started.items()}

    def verdict(self, runs: dict[str, Run], again: str) -> str | None:
        """What is wrong after a round, and after a rerun of one of the two; or None."""
        crashed = [run.output[-3000:] for run in runs.values() if run.returncode and CRASHED.search(run.output)]
        if crashed:
            return "\n".join(crashed)
        after = self.lab.world()
        if all(run.returncode == 0 for run in runs.values()) and after not in self.worlds.values():
            return f"both were green, and the world is that of neither:\n{difference(self.worlds[again], after)}"
        run = self.play(again)
        if run.returncode:
            return f"the rerun of {again} failed:\n{run.output[-3000:]}"
        return difference(self.worlds[again], self.lab.world())


def against(lab: Lab, other: str, rounds: int) -> int:
    """How many rounds went wrong."""
    match, failed = Match(lab, other), 0
    for number in range(rounds):
        started, again = time.monotonic(), ("site", "other")[number % 2]
        runs = match.round()
        wrong = match.verdict(runs, again)
        failed += wrong is not None
        took = time.monotonic() - started
        head = f"{other} {number + 1}/{rounds}  {took:4.0f} s  {'FAILED' if wrong else 'ok':6}"
        print(f"{head}  {said(list(runs.values()))}", flush=True)
        if wrong:
            print(wrong, flush=True)
    return failed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=10, help="how often for each number of runners")
    parser.add_argument("--seed", default="empty", choices=["empty", "prepared"], help="the world to begin in")
    parser.add_argument("--runners", type=int, nargs="+", default=[2, 4], help="how many at once")
    parser.add_argument("--against", nargs="+", default=[], choices=OTHERS, help="site.yml with these instead")
    arguments = parser.parse_args()
    if arguments.against:
        with tempfile.TemporaryDirectory() as state:
            lab = Lab(pathlib.Path(state))
            lab.up()
            try:
                failed = sum(against(lab, other, arguments.rounds) for other in arguments.against)
            finally:
                lab.down()
        print(f"{len(arguments.against) * arguments.rounds} races, {failed} that went wrong")
        return 1 if failed else 0
    rounds = [runners for runners in arguments.runners for _round in range(arguments.rounds)]
    failed = 0
    with tempfile.TemporaryDirectory() as state:
        lab = Lab(pathlib.Path(state))
        lab.up()
        try:
            expected, _journal = undisturbed(lab, arguments.seed)
            for number, runners in enumerate(rounds, 1):
                started = time.monotonic()
                runs = race(lab, runners, arguments.seed)
                wrong = verdict(lab, runs, expected)
                failed += wrong is not None
                took = time.monotonic() - started
                print(
                    f"{number}/{len(rounds)}  {took:4.0f} s  {'FAILED' if wrong else 'ok':6}  {said(runs)}", flush=True
                )
                if wrong:
                    print(wrong, flush=True)
        finally:
            lab.down()
    print(f"{len(rounds)} races, {failed} worlds that differ")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
