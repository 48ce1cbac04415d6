# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""site.yml killed at each of its remote calls in turn, then run again: the same world as an undisturbed run, nothing twice.

Each write is tried twice: killed before the service acted, and after it acted but before its answer arrived. Every process of the
run gets SIGKILL, so that nothing can tidy up. A killed read has changed nothing, so that all reads between two writes leave the same
world behind: ``--all`` kills at one of them too. ``--jobs`` shares the kills among labs that run side by side.
"""

from __future__ import annotations

import argparse
import difflib
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from queue import SimpleQueue

from rehearsal import PLAYBOOK, ROOT, Lab

SITE = ROOT / "playbooks" / "site.yml"
LEASE_SECONDS = 20  # the upload of a killed run is held for so long, instead of five minutes
MOMENTS = {"hang": "before it acted", "hang_after": "after it acted"}
COMES_WITHIN = 900


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
    """The world that site.yml makes of a seed, and the calls that it takes."""
    lab.reset(seed)
    run = lab.play(SITE)
    if run.returncode:
        raise SystemExit(f"The undisturbed run failed:\n{run.output[-4000:]}")
    return lab.world(), lab.journal()


def points(journal: list[dict], *, every: bool) -> list[Point]:
    """The moments to kill at, in the order of the run."""
    seen: Counter = Counter()
    found = []
    for call, following in zip(journal, [*journal[1:], {"kind": "write"}]):
        key = (call["service"], call["operation"])
        if call["kind"] == "write":
            found += [Point(*key, seen[key], moment) for moment in MOMENTS]
        elif every and following["kind"] == "write":
            found.append(Point(*key, seen[key], "hang"))
        seen[key] += 1
    return found


def sample(found: list[Point], size: int) -> list[Point]:
    """That many of them, spread over the run, so that each stage of it has its turn."""
    return [found[index * len(found) // size] for index in range(min(size, len(found)))]


def kill_at(lab: Lab, point: Point, **extra) -> bool:
    """Run site.yml up to that call and kill all of it there; false when the run ended without making the call."""
    lab.switch(lease_seconds=LEASE_SECONDS)
    lab.fault(point.moment, service=point.service, operation=point.operation, skip=point.nth)
    process = subprocess.Popen(
        [str(PLAYBOOK), str(SITE), "-i", str(lab.inventory), "-e", json.dumps(extra)],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        env=dict(os.environ),
    )
    deadline = time.monotonic() + COMES_WITHIN
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


def verdict(lab: Lab, point: Point, expected: dict, seed: str) -> str | None:
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


class Bench:
    """Labs that run side by side, each with the world that an undisturbed run makes of it."""

    def __init__(self, directory: pathlib.Path, jobs: int, seed: str):
        self.labs = [Lab(directory / str(number)) for number in range(jobs)]
        self.seed = seed
        self.expected: dict = {}
        self.free: SimpleQueue = SimpleQueue()

    def start(self) -> list[dict]:
        """The calls of an undisturbed run."""
        for lab in self.labs:
            lab.up("--seed", self.seed)
        with ThreadPoolExecutor(len(self.labs)) as pool:
            seen = list(pool.map(lambda lab: undisturbed(lab, self.seed), self.labs))
        for lab, (world, _journal) in zip(self.labs, seen):
            self.expected[lab.state] = world
            self.free.put(lab)
        return seen[0][1]

    def judge(self, point: Point) -> tuple[str | None, float]:
        """What is wrong after a kill there, and how many seconds it took."""
        lab, started = self.free.get(), time.monotonic()
        try:
            wrong = verdict(lab, point, self.expected[lab.state], self.seed)
        finally:
            self.free.put(lab)
        return wrong, time.monotonic() - started

    def stop(self):
        for lab in self.labs:
            lab.down()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--all", action="store_true", help="one read between any two writes as well")
    parser.add_argument("--sample", type=int, default=0, help="only so many of them, spread over the run")
    parser.add_argument("--only", default="", help="those whose service and operation have this in them")
    parser.add_argument(
        "--jobs", type=int, default=1, help="how many labs at once; one for each two cores is about right"
    )
    parser.add_argument("--seed", choices=["empty", "prepared"], default="empty", help="what each run starts from")
    arguments = parser.parse_args()
    failed = 0
    with tempfile.TemporaryDirectory() as state:
        bench = Bench(pathlib.Path(state), arguments.jobs, arguments.seed)
        try:
            found = points(bench.start(), every=arguments.all)
            chosen = [point for point in found if arguments.only in str(point)]
            if not chosen:
                raise SystemExit(f"No call has {arguments.only!r} in it.")
            chosen = sample(chosen, arguments.sample) if arguments.sample else chosen
            with ThreadPoolExecutor(arguments.jobs) as pool:
                judged = {pool.submit(bench.judge, point): point for point in chosen}
                for number, future in enumerate(as_completed(judged), 1):
                    wrong, took = future.result()
                    failed += wrong is not None
                    outcome = "FAILED" if wrong else "ok"
                    print(f"{number}/{len(chosen)}  {took:4.0f} s  {outcome:6}  {judged[future]}", flush=True)
                    if wrong:
                        print(wrong, flush=True)
        finally:
            bench.stop()
    print(f"{len(chosen)} kills, {failed} worlds that differ")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
