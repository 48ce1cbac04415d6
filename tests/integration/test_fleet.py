# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many SDDCs in one run: forks, host_pinned, slices at once, and one that is broken. FLEET=5 takes fewer than 20."""

from __future__ import annotations

import os
import subprocess
import time
from dataclasses import dataclass

import awx_job
import pytest
import yaml
from crash_matrix import difference
from rehearsal import PLAYBOOK, ROOT, Lab, Run

pytestmark = [pytest.mark.proof, pytest.mark.timeout(5400)]

SDDCS = int(os.environ.get("FLEET", "20"))
BROKEN = "sddc-2"
MEMORY = 400  # MiB of the largest process
SHARE = 1.1  # of the processors' time that one SDDC alone takes


@dataclass
class Cost:
    """One run: seconds on the wall and of processors, and its largest process in MiB."""

    run: Run
    wall: float
    cpu: float
    memory: float


def site(lab, *arguments, strategy="host_pinned", forks=5) -> Cost:
    """site.yml, and what it took."""
    environment = {**os.environ, "ANSIBLE_FORKS": str(forks)}
    pinned = f"vmc_backup_strategy={strategy}"
    command = [str(PLAYBOOK), "playbooks/site.yml", "-i", str(lab.inventory), "-e", pinned, *arguments]
    log = lab.state / "fleet.log"
    started = time.monotonic()
    with log.open("w") as out:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=out, stderr=out)
        _pid, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    run = Run(process.returncode, log.read_text())
    return Cost(run, time.monotonic() - started, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def hosts(lab) -> list:
    return sorted(yaml.safe_load(lab.inventory.read_text())["all"]["children"]["vmc_sddcs"]["hosts"])


def online(lab) -> set:
    found = lab.aws("backup-gateway").list_hypervisors(MaxResults=100)["Hypervisors"]
    return {one["Name"] for one in found if one["State"] == "ONLINE"}


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    found = Lab(tmp_path_factory.mktemp("fleet"))
    found.up("--sddcs", str(SDDCS))
    yield found
    found.down()


@pytest.fixture(scope="module")
def whole(lab):
    """The world that one run of all makes, while one of them is broken and then is not."""
    lab.reset()
    lab.break_("begin_maintenance", sddc=BROKEN)
    first = site(lab)
    print(f"{SDDCS} SDDCs from nothing: {first.wall:.0f} s, processors {first.cpu:.0f} s, {first.memory:.0f} MiB")
    seen = online(lab)
    lab.break_("end_maintenance", sddc=BROKEN)
    second = site(lab, "--limit", BROKEN)
    assert second.run.returncode == 0, second.run.output[-4000:]
    return first, seen, lab.world()


def test_one_broken_sddc_does_not_stop_the_others(lab, whole):
    first, seen, _world = whole
    assert first.run.returncode != 0
    failed = {host for host, counts in first.run.recap.items() if counts["failed"]}
    assert failed == {BROKEN}, first.run.output[-4000:]
    assert seen == set(hosts(lab)) - {BROKEN}


def test_what_belongs_to_the_account_is_there_once(lab, whole):
    *_before, world = whole
    assert len(world["iam_roles"]) == len(set(world["iam_roles"]))
    vpcs = {one["connected_vpc"] for one in lab.sddcs()} if "connected_vpc" in lab.sddcs()[0] else {1}
    assert len(world["ec2"]["vpc_endpoints"]) <= len(vpcs)


def test_an_unchanged_fleet_costs_what_its_sddcs_cost(lab, whole):
    alone = site(lab, "--limit", "sddc-1")
    found = site(lab)
    assert (found.run.returncode, found.run.changed) == (0, 0), found.run.output[-4000:]
    print(
        f"unchanged: one {alone.wall:.1f} s, processors {alone.cpu:.1f} s; {SDDCS}: {found.wall:.0f} s, "
        f"processors {found.cpu:.0f} s ({found.cpu / SDDCS:.2f} s each), {found.memory:.0f} MiB"
    )
    assert found.memory < MEMORY
    assert found.cpu / SDDCS <= SHARE * alone.cpu


def test_two_slices_at_once_make_the_world_of_one_run(lab, whole, tmp_path):
    lab.reset()
    begun = []
    for number in (1, 2):
        folder = tmp_path / f"slice-{number}"
        begun.append((folder, awx_job.started(folder, "site", awx_job.inventory(lab.inventory, (number, 2)))))
    jobs = [awx_job.ended(folder, process) for folder, process in begun]
    assert [job.status for job in jobs] == ["successful"] * 2, jobs[0].output[-3000:] + jobs[1].output[-3000:]
    names = [set(job.artifacts) for job in jobs]
    assert names[0] & names[1] == set()
    assert len(names[0] | names[1]) == SDDCS
    assert difference(whole[2], lab.world()) is None
