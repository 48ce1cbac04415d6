# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""site.yml killed at each of its remote calls in turn, then run again: the same world as an undisturbed run, nothing twice.

Each call is tried twice: killed before the service acted, and after it acted but before its answer arrived. Every process of the
run gets SIGKILL, so that nothing can tidy up. By default only writes, since a killed read has changed nothing; C(--all) takes every call.
"""

from __future__ import annotations

import argparse
import contextlib
import difflib
import json
import os
import pathlib
import queue
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from rehearsal import PLAYBOOK, ROOT, Lab

SITE = ROOT / "playbooks" / "site.yml"
LEASE_SECONDS = 20  # the upload of a killed run is held for so long, instead of five minutes
MOMENTS = {"hang": "before it acted", "hang_after": "after it acted"}
STARTS_WITHIN = 180


@dataclass(frozen=True)
class Point:
    """The moment of a kill: the nth call of an operation, before or after the service acted."""

    service: str
    operation: str
    nth: int
    moment: str

    def __str__(self):
        return f"{self.service} {self.operation} #{self.nth + 1}, {MOMENTS[self.moment]}"


def undisturbed(lab: Lab, seed: str = "prepared") -> tuple[dict, list[dict]]:
    """The world that site.yml makes, and the calls that it takes."""
    lab.reset(seed)
    run = lab.play(SITE)
    if run.returncode:
        raise SystemExit(f"The undisturbed run failed:\n{run.output[-4000:]}")
    return lab.world(), lab.journal()


def points(journal: list[dict], *, every: bool) -> list[Point]:
    """The moments to kill at, in the order of the run."""
    seen: Counter = Counter()
    found = []
    for call in journal:
        key = (call["service"], call["operation"])
        if every or call["kind"] == "write":
            found += [Point(*key, seen[key], moment) for moment in MOMENTS]
        seen[key] += 1
    return found


def sample(found: list[Point], size: int) -> list[Point]:
    """That many of them, spread over the run, so that each stage of it has its turn."""
    return [found[index * len(found) // size] for index in range(min(size, len(found)))]


def kill_at(lab: Lab, point: Point) -> bool:
    """Run site.yml up to that call and kill all of it there; false when the run ended without making the call."""
    lab.switch(lease_seconds=LEASE_SECONDS)
    lab.fault(point.moment, service=point.service, operation=point.operation, skip=point.nth)
    process = subprocess.Popen(
        [str(PLAYBOOK), str(SITE), "-i", str(lab.inventory)],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        env=dict(os.environ),
    )
    deadline = time.monotonic() + STARTS_WITHIN
    try:
        while process.poll() is None and time.monotonic() < deadline:
            if lab.held():
                return True
            time.sleep(0.05)
        return False
    finally:
        for pid in [process.pid, *descendants(process.pid)]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        process.wait()
        lab.heal()


def descendants(pid: int) -> list[int]:
    """Every process below one. Ansible's workers lead groups of their own, so killing one group leaves modules alive."""
    children: dict[int, list] = {}
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        children.setdefault(parent, []).append(int(stat.parent.name))
    return [found for child in children.get(pid, []) for found in (child, *descendants(child))]


def verdict(lab: Lab, seed: str, point: Point, expected: dict) -> str | None:
    """What is wrong after a kill there and another run, or None."""
    lab.reset(seed)
    if not kill_at(lab, point):
        return "the run never made that call"
    run = lab.play(SITE)
    if run.returncode:
        return f"the second run failed:\n{run.output[-3000:]}"
    return difference(expected, lab.world())


def difference(expected: dict, found: dict) -> str | None:
    left, right = (json.dumps(world, indent=1, sort_keys=True).splitlines() for world in (expected, found))
    return "\n".join(difflib.unified_diff(left, right, "undisturbed", "killed and run again", n=4, lineterm="")) or None


@contextlib.contextmanager
def labs(number: int):
    """So many labs side by side, in a queue to take them from and to put them back."""
    with tempfile.TemporaryDirectory() as state, contextlib.ExitStack() as running:
        free = queue.Queue()
        for name in range(number):
            lab = Lab(pathlib.Path(state) / str(name))
            lab.up()
            running.callback(lab.down)
            free.put(lab)
        yield free


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--all", action="store_true", help="every remote call, not only those that write")
    parser.add_argument("--sample", type=int, default=0, help="only so many of them, spread over the run")
    parser.add_argument("--from", type=int, default=1, dest="first", help="begin with this one, to go on with a matrix")
    parser.add_argument("--seed", default="empty", choices=["empty", "prepared"], help="the world to begin in")
    parser.add_argument("--jobs", type=int, default=1, help="how many labs side by side")
    arguments = parser.parse_args()
    with labs(arguments.jobs) as free, ThreadPoolExecutor(arguments.jobs) as pool:
        lab = free.get()
        expected, journal = undisturbed(lab, arguments.seed)
        free.put(lab)
        chosen = points(journal, every=arguments.all)
        chosen = sample(chosen, arguments.sample) if arguments.sample else chosen

        def judge(numbered):
            number, point = numbered
            lab, started = free.get(), time.monotonic()
            try:
                wrong = verdict(lab, arguments.seed, point, expected)
            finally:
                free.put(lab)
            took = time.monotonic() - started
            print(f"{number}/{len(chosen)}  {took:4.0f} s  {'FAILED' if wrong else 'ok':6}  {point}", flush=True)
            if wrong:
                print(wrong, flush=True)
            return wrong is not None

        verdicts = list(pool.map(judge, list(enumerate(chosen, 1))[arguments.first - 1 :]))
    print(f"{len(verdicts)} kills, {sum(verdicts)} worlds that differ")
    return 1 if any(verdicts) else 0


if __name__ == "__main__":
    sys.exit(main())
