# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How far the inventory and the list of machines scale, beside a listing alone: make bench. Writes its part of docs/benchmarks.md.

AWS is a process of its own that has each page ready, so that what is measured is the reader. Each reader is a process too; what it takes
is that of the process as a whole, with what it imports. Rounds go through all of them, one after the other, and medians are told.
"""

from __future__ import annotations

import argparse
import contextlib
import http.server
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass

from bench import page
from rehearsal import PLAYBOOK, ROOT

TITLE = "How far it scales"
MACHINES = (1_000, 10_000, 50_000)
PAGE = 1000  # machines of a page
REGION, ACCOUNT = "eu-west-1", "123456789012"
HYPERVISOR = f"arn:aws:backup-gateway:{REGION}:{ACCOUNT}:hypervisor/hype-1"
PLAN = {
    "BackupPlanId": "p",
    "BackupPlanName": "daily",
    "BackupPlanArn": f"arn:aws:backup:{REGION}:{ACCOUNT}:backup-plan:p",
}
SELECTION = {"SelectionId": "s", "SelectionName": "all", "BackupPlanId": "p"}
KEYS = {"aws_access_key_id": "AKIAIOSFODNN7EXAMPLE", "aws_secret_access_key": "a-secret-of-the-bench"}
LEAST = 1.5  # times of listing alone: the goal
MOST_IN_A_FILE = 10_000  # of which Ansible takes more than half a GiB
MOST = 300  # MiB at the largest number: the goal


def arn(number: int) -> str:
    return f"arn:aws:backup-gateway:{REGION}:{ACCOUNT}:vm/vm-{number:016X}"


def machine(number: int) -> dict:
    return {
        "ResourceArn": arn(number),
        "Name": f"machine-{number:05}.example.org",
        "HostName": f"esx-{number % 16}.sddc.example.org",
        "HypervisorId": "hype-1",
        "Path": f"/SDDC-Datacenter/vm/Workloads/team {number % 100}",
        "LastBackupDate": 1_790_000_000,
    }


def resource(number: int) -> dict:
    """A machine as one that has a recovery point. Every tenth has none."""
    return {
        "ResourceArn": arn(number),
        "ResourceType": "VirtualMachine",
        "LastBackupTime": 1_790_000_000,
        "LastBackupVaultArn": f"arn:aws:backup:{REGION}:{ACCOUNT}:backup-vault:daily",
        "LastRecoveryPointArn": f"arn:aws:backup:{REGION}:{ACCOUNT}:recovery-point:{number:036}",
    }


class Aws(http.server.ThreadingHTTPServer):
    """The few operations that are asked, with pages that were written before."""

    def __init__(self, machines: int):
        super().__init__(("127.0.0.1", 0), Answers)
        numbers = range(machines)
        parts = [numbers[at : at + PAGE] for at in range(0, machines, PAGE)]
        self.listed = pages("VirtualMachines", [[machine(number) for number in part] for part in parts])
        self.protected = pages("Results", [[resource(each) for each in part if each % 10] for part in parts])
        self.calls = 0


def pages(key: str, parts: list) -> list[bytes]:
    last = len(parts) - 1
    return [
        json.dumps({key: part, **({} if at == last else {"NextToken": str(at + 1)})}).encode()
        for at, part in enumerate(parts)
    ]


class Answers(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])) or b"{}")
        operation = self.headers.get("X-Amz-Target", "").rpartition(".")[2]
        if operation == "ListVirtualMachines":
            self._answer(self.server.listed[int(asked.get("NextToken", 0))])
        elif operation == "ListHypervisors":
            self._answer(json.dumps({"Hypervisors": [{"HypervisorArn": HYPERVISOR, "Name": "sddc-1"}]}).encode())
        else:
            self.send_error(400, operation)

    def do_GET(self):
        path, _mark, query = self.path.partition("?")
        if path == "/calls":
            asked, self.server.calls = self.server.calls, -1  # this one does not count
            self._answer(json.dumps(asked).encode())
        elif path.startswith("/resources"):
            token = next((part[10:] for part in query.split("&") if part.startswith("nextToken=")), "0")
            self._answer(self.server.protected[int(token)])
        elif path.rstrip("/") == "/backup/plans":
            self._answer(json.dumps({"BackupPlansList": [PLAN]}).encode())
        elif path.rstrip("/").endswith("/selections"):
            self._answer(json.dumps({"BackupSelectionsList": [SELECTION]}).encode())
        elif "/selections/" in path:
            chosen = {"SelectionName": "all", "IamRoleArn": "arn:aws:iam::1:role/r", "Resources": [f"{arn(0)[:-19]}*"]}
            self._answer(json.dumps({"BackupPlanId": "p", "SelectionId": "s", "BackupSelection": chosen}).encode())
        else:
            self.send_error(400, path)

    def _answer(self, body: bytes):
        self.server.calls += 1
        self.send_response(200)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args):
        """Nothing is said."""


# The readers, each a process


def listing(url: str, protected: str):
    """What a script does that only lists, with the boto3 that is at hand."""
    import boto3

    def of(service, operation, key):
        client = boto3.client(service, region_name=REGION, endpoint_url=url, **KEYS)
        return [one for found in client.get_paginator(operation).paginate() for one in found[key]]

    found = {each["ResourceArn"]: each for each in of("backup-gateway", "list_virtual_machines", "VirtualMachines")}
    if protected == "true":
        for each in of("backup", "list_protected_resources", "Results"):
            found[each["ResourceArn"]]["Newest"] = each
    sys.stdout.write(json.dumps(list(found.values()), default=str))


def module(url: str, newest: str):
    """backup_virtual_machine_info, as it runs in a Python of its own."""
    from ansible_collections.vmc.aws_backup.plugins.modules import backup_virtual_machine_info
    from arguments import patch_module_args

    options = {"region": REGION, "endpoint_url": url, "newest_recovery_points": newest == "true"}
    keys = {"access_key": KEYS["aws_access_key_id"], "secret_key": KEYS["aws_secret_access_key"]}
    with patch_module_args({**options, **keys}):
        backup_virtual_machine_info.main()


def parse(path: str):
    """The inventory as a play has it, with nothing shown of it."""
    from ansible.inventory.manager import InventoryManager
    from ansible.parsing.dataloader import DataLoader
    from ansible.plugins.loader import init_plugin_loader

    init_plugin_loader([str(ROOT / ".collections")])
    manager = InventoryManager(loader=DataLoader(), sources=[path])
    print(len(manager.hosts))


@dataclass
class Taken:
    """What a process took: seconds on the wall and of processors, MiB, and calls."""

    wall: float
    cpu: float
    memory: float
    calls: int


def taken(url: str, command: list) -> Taken:
    calls(url)
    began = time.monotonic()
    path = os.pathsep.join([str(ROOT / ".collections"), str(ROOT / "tests")])
    environment = {**os.environ, "PYTHONPATH": path, "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".collections")}
    environment["ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED"] = "true"
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=said)
        _pid, status, used = os.wait4(process.pid, 0)
        wall = time.monotonic() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            raise SystemExit(f"{command} failed:\n{said.read()[-4000:]}")
    return Taken(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, calls(url))


def written_down(machines: int, folder: pathlib.Path) -> pathlib.Path:
    """What somebody has who has written down what the plugin finds; by a process of its own, whose memory counts for no other."""
    path = folder / "static.json"
    command = [sys.executable, __file__, "--as", "write", str(machines), str(path)]
    subprocess.run(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT / "tests")}, check=True)
    return path


def write(number_of: str, path: str):
    machines = int(number_of)
    hosts, folders = {}, {}
    for number in range(machines):
        of = machine(number)
        point = dict.fromkeys(
            ("recovery_point_arn", "backup_vault_arn", "backup_vault_name", "backed_up_at"), of["ResourceArn"]
        )
        of = {**of, "Newest": point, "CoveredBy": [{"backup_plan": "daily", "selection": "all"}]}
        more = dict.fromkeys(
            ("Account", "Region", "Id", "FullPath", "Hypervisor", "Protection", "Reason"), of["ResourceArn"]
        )
        hosts[of["Name"]] = {f"aws_backup_{name}": held for name, held in {**of, **more}.items()}
        folders.setdefault(of["Path"].rpartition(" ")[2], {})[of["Name"]] = {}
    groups = {f"folder_{name}": {"hosts": inside} for name, inside in folders.items()}
    for name in ("aws_backup_protected", "hypervisor_sddc_1"):
        groups[name] = {"hosts": dict.fromkeys(hosts, {})}
    pathlib.Path(path).write_text(json.dumps({"all": {"children": {"aws_backup": {"hosts": hosts}, **groups}}}))


def commands(url: str, folder: pathlib.Path, machines: int) -> dict[str, tuple]:
    """Reader -> its command, and that of the listing that it is measured by."""
    configuration = {
        "plugin": "vmc.aws_backup.virtual_machines",
        "regions": [REGION],
        "endpoint_url": url,
        "access_key": KEYS["aws_access_key_id"],
        "secret_key": KEYS["aws_secret_access_key"],
        "max_age_hours": 10**6,
    }
    source = folder / "bench.vmc_aws_backup.yml"
    source.write_text(json.dumps(configuration))

    def own(reader, *arguments):
        return [sys.executable, __file__, "--as", reader, *arguments]

    alone, both = "listing alone", "listing of machines and their newest points alone"
    written = {}
    if machines <= MOST_IN_A_FILE:
        written["the same machines in a file, as a play has it"] = (
            own("parse", str(written_down(machines, folder))),
            both,
        )
    return {
        alone: (own("listing", url, "false"), alone),
        both: (own("listing", url, "true"), both),
        "`backup_virtual_machine_info`": (own("module", url, "false"), alone),
        "the same with `newest_recovery_points`": (own("module", url, "true"), both),
        "the inventory, as a play has it": (own("parse", str(source)), both),
        "`ansible-inventory --list`": (
            [str(PLAYBOOK.with_name("ansible-inventory")), "-i", str(source), "--list"],
            both,
        ),
        **written,
    }


@contextlib.contextmanager
def served(machines: int):
    """The address of an AWS with so many machines. It is not in this process, whose memory a child would be charged with."""
    command = [sys.executable, __file__, "--as", "serve", str(machines)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "tests")}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as server:
        try:
            yield server.stdout.readline().strip()
        finally:
            server.terminate()


def serve(machines: str):
    server = Aws(int(machines))
    print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
    server.serve_forever()


def calls(url: str) -> int:
    """How many there were since this was asked last."""
    with urllib.request.urlopen(f"{url}/calls", timeout=60) as answer:
        return json.load(answer)


def measure(machines: int, rounds: int) -> list[tuple]:
    """Reader, what it takes, and how much longer that is than the listing of the same round."""
    with tempfile.TemporaryDirectory() as folder, served(machines) as url:
        asked = commands(url, pathlib.Path(folder), machines)
        found: dict[str, list] = {name: [] for name in asked}
        for _round in range(rounds):
            for name, (command, _beside) in asked.items():
                found[name].append(taken(url, command))
    return [
        (name, median(found[name]), statistics.median(ratios(found[name], found[beside])))
        for name, (_command, beside) in asked.items()
    ]


def ratios(costs: list[Taken], beside: list[Taken]) -> list[float]:
    return [each.wall / alone.wall for each, alone in zip(costs, beside)]


def median(costs: list[Taken]) -> Taken:
    return Taken(*(statistics.median(getattr(each, name) for each in costs) for name in Taken.__dataclass_fields__))


def lines(table: dict[int, list], rounds: int) -> list[str]:
    told = [
        "Pages of 1,000 machines come from a process that has them ready, so that what is told is what the reader takes, its start and its imports counted in.",
        "Ratios are those of walls to a script with boto3 that lists the same and prints it, in the same round. The goal is "
        f"{LEAST} and, at {max(table):,} machines, {MOST} MiB. What of an inventory is Ansible's own is told by a file of the same machines.",
        "Beyond it is what Ansible does with each text of a result, which a module masks, and with each host, its groups "
        "and variables; of what `--list` dumps it keeps all at once.",
        f"Medians of {rounds} rounds, load average {os.getloadavg()[1]:.1f} during the last ones.",
        "",
        "| machines | what | wall | processors | ratio | largest process | calls |",
        "|---|---|---|---|---|---|---|",
    ]
    for machines, rows in table.items():
        for name, each, ratio in rows:
            told.append(
                f"| {machines:,} | {name} | {each.wall:.1f} s | {each.cpu:.1f} s | {ratio:.2f} | {each.memory:.0f} MiB | {each.calls:.0f} |"
            )
    return told


READERS = {"serve": serve, "write": write, "listing": listing, "module": module, "parse": parse}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--machines", type=int, nargs="+", default=MACHINES)
    parser.add_argument("--dry", action="store_true", help="show, and write nothing")
    parser.add_argument("--as", dest="reader", choices=READERS)
    parser.add_argument("arguments", nargs="*")
    given = parser.parse_args()
    if given.reader:
        READERS[given.reader](*given.arguments)
        return
    found = lines({number: measure(number, given.rounds) for number in given.machines}, given.rounds)
    if not given.dry:
        page(TITLE, found)
    print("\n".join(found))


if __name__ == "__main__":
    main()
