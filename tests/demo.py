# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From an SDDC as VMware hands it over to a hypervisor that is ONLINE, on a lab of its own, for people to watch."""

from __future__ import annotations

import pathlib
import re
import sys
import tempfile
import time

from rehearsal import Lab

SITE = "playbooks/site.yml"
# What the whole SDDC notices is only looked at unless it is asked for.
ASKED_FOR = dict.fromkeys(("prerequisites_dns_zones", "prerequisites_vcenter_resolution"), "enforce")
TASK = re.compile(r"^TASK \[(?:vmc\.aws_backup\.)?(?P<task>.*)\]")
NOTHING = re.compile(r"^(ok|skipping|included|PLAY|\s*$)")


class Refused(Exception):
    """A step did not do what the demo promises."""


class Screen:
    """What Ansible says, shortened: each task on a line as it starts, and in full what it changes."""

    def __init__(self):
        self.recap = False

    def __call__(self, line):
        task = TASK.match(line)
        self.recap = self.recap or line.startswith("PLAY RECAP")
        if task:
            print(f"   {task['task']}", flush=True)
        elif not self.recap and not NOTHING.match(line):
            print(f"      {line}", end="", flush=True)


class Demo:
    def __init__(self, lab):
        self.lab = lab
        self.rows = []

    def step(self, title, action):
        print(f"\n== {title}", flush=True)
        started = time.monotonic()
        outcome = action()
        self.rows.append((title, outcome, f"{time.monotonic() - started:.0f} s"))
        print(f"-- {outcome}", flush=True)

    def start(self):
        self.lab.up("--seed", "empty")
        return f"at {self.lab.url}, with one new SDDC"

    def preview(self):
        run, writes = self._site("--check", "--diff")
        if writes:
            raise Refused(f"The preview wrote: {writes}")
        return f"{run.changed} tasks would change something, 0 writes"

    def converge(self):
        run, writes = self._site()
        return f"{run.changed} tasks changed something, {len(writes)} writes"

    def again(self):
        run, writes = self._site()
        if run.changed or writes:
            raise Refused(f"The second run changed {run.changed} and wrote: {writes}")
        return "0 changed, 0 writes"

    def look(self):
        backup = self.lab.aws("backup-gateway")
        hypervisors = backup.list_hypervisors()["Hypervisors"]
        machines = backup.list_virtual_machines()["VirtualMachines"]
        for gateway in backup.list_gateways()["Gateways"]:
            seen = backup.get_gateway(GatewayArn=gateway["GatewayArn"])["Gateway"]
            print(f"   gateway     {seen['GatewayDisplayName']}  last seen {seen['LastSeenTime']:%H:%M:%S}")
            print(f"               through {seen['VpcEndpoint']}")
        for hypervisor in hypervisors:
            print(f"   hypervisor  {hypervisor['Name']}  {hypervisor['Host']}  {hypervisor['State']}")
        for machine in machines:
            print(f"   machine     {machine['Name']}  {machine['Path']}")
        if [hypervisor["State"] for hypervisor in hypervisors] != ["ONLINE"] or not machines:
            raise Refused("The hypervisor is not ONLINE, or lists no virtual machine.")
        return f"hypervisor ONLINE, {len(machines)} virtual machines"

    def table(self):
        widths = [max(len(row[column]) for row in self.rows) for column in range(3)]
        print()
        for title, outcome, took in self.rows:
            print(f"   {title:<{widths[0]}}   {outcome:<{widths[1]}}   {took:>{widths[2]}}")

    def _site(self, *arguments):
        before = len(self.lab.journal("write"))
        run = self.lab.play(SITE, *arguments, show=Screen(), **ASKED_FOR)
        if run.returncode:
            raise Refused(f"{SITE} failed.")
        return run, [f"{call['service']} {call['operation']}" for call in self.lab.journal("write")[before:]]


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="vmc-aws-backup-demo-") as directory:
        lab = Lab(pathlib.Path(directory))
        demo = Demo(lab)
        try:
            demo.step("Start a lab", demo.start)
            demo.step("Preview: site.yml --check --diff", demo.preview)
            demo.step("Converge: site.yml", demo.converge)
            demo.step("Again: site.yml", demo.again)
            demo.step("What is there now", demo.look)
        except Refused as refusal:
            print(f"\n!! {refusal}", file=sys.stderr)
            return 1
        finally:
            lab.down()
        demo.table()
    print("\n`make lab` starts a lab to play with.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
