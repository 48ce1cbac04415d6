# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Several site.yml at once: the same world as after an undisturbed one, one of everything.

A run may lose to another one and say so; a further run then finds nothing left to do.
"""

from __future__ import annotations

import argparse
import pathlib
import re
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

from crash_matrix import SITE, difference, undisturbed
from rehearsal import Lab, Run

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


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=10, help="how often for each number of runners")
    parser.add_argument("--seed", default="empty", choices=["empty", "prepared"], help="the world to begin in")
    parser.add_argument("--runners", type=int, nargs="+", default=[2, 4], help="how many at once")
    arguments = parser.parse_args()
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
