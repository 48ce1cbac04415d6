# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How fast and with how much memory an image moves, beside curl and community.vmware: make bench. Writes docs/benchmarks.md.

The receiver is the lab's simulator of vCenter itself, over TLS, without the rest of the lab. Each round measures all of it once, one
after the other, so that a ratio compares neighbours; medians of the rounds are told.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime
import hashlib
import importlib
import json
import os
import pathlib
import platform
import re
import socket
import ssl
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
from urllib.parse import urlsplit

ROOT = pathlib.Path(__file__).resolve().parent.parent
TABLE = ROOT / "docs" / "benchmarks.md"
MIB = 1 << 20
PASSWORD = "bench"
PIECE = os.urandom(64 * MIB)
OURS = "vmc.aws_backup.gateway_appliance"
THEIRS = "community.vmware.vmware_deploy_ovf"
MOST_MEMORY = 150


# What is measured, in processes of their own


def image(path: pathlib.Path, mebibytes: int):
    """An OVA of that size with a manifest, and its disk beside it for curl."""
    from lab import ova

    size = mebibytes * MIB
    disk = path.with_suffix(".vmdk")
    digest = hashlib.sha256()
    with open(disk, "wb") as target:
        target.write(header := ova._header())
        digest.update(header)
        left = size - len(header)
        while left:
            piece = PIECE[: min(left, len(PIECE))]
            target.write(piece)
            digest.update(piece)
            left -= len(piece)
    names = [f"{ova.NAME}.ovf", f"{ova.NAME}.mf", f"{ova.NAME}-disk1.vmdk"]
    descriptor = ova.DESCRIPTOR.format(
        name=ova.NAME, size=size, gibibytes=80, network=ova.NETWORK, properties=""
    ).encode()
    texts = [descriptor, f"SHA256({names[0]})= {hashlib.sha256(descriptor).hexdigest()}\n".encode()]
    texts[1] += f"SHA256({names[2]})= {digest.hexdigest()}\n".encode()
    with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as archive:
        for name, text in zip(names, texts):
            (path.parent / name).write_bytes(text)
            archive.add(path.parent / name, name)
        archive.add(disk, names[2])


def child(name: str, arguments: dict):
    """Run a module in this process; say how long its upload took, how long all of it, and how much memory the process had."""
    from ansible.module_utils.testing import patch_module_args

    collection, _dot, short = name.rpartition(".")
    found = importlib.import_module(f"ansible_collections.{collection}.plugins.modules.{short}")
    uploads = []
    if name == OURS:
        nfc = importlib.import_module("ansible_collections.vmc.aws_backup.plugins.module_utils.clients.nfc")
        send = nfc.Lease.send

        def timed(self, *given):
            with Clock() as clock:
                send(self, *given)
            uploads.append(clock)

        nfc.Lease.send = timed
    else:
        # The simulator falls over a property that is not set, after the upload: the facts are left out, in their favour.
        found.gather_vm_facts = lambda *_given: {}
    with Clock() as clock, patch_module_args(arguments), contextlib.suppress(SystemExit):
        found.main()
    told = {"all": vars(clock), "memory": highest()}
    if uploads:
        told["upload"] = vars(uploads[0])
    print("\nMEASURED " + json.dumps(told))


class Clock:
    """How many seconds something took, and how many cores of the machine were busy meanwhile."""

    def __enter__(self):
        self.seconds, self.cores = -time.monotonic(), -_worked()
        return self

    def __exit__(self, *_raised):
        self.seconds += time.monotonic()
        self.cores = (self.cores + _worked()) / self.seconds


def _worked() -> float:
    """Seconds of work of all cores together since the machine was started."""
    user, nice, system, _idle, _iowait, *interrupts = (
        pathlib.Path("/proc/stat").read_text().splitlines()[0].split()[1:8]
    )
    return sum(map(int, (user, nice, system, *interrupts))) / os.sysconf("SC_CLK_TCK")


def highest() -> float:
    """The most memory this process had, in MiB. Not what getrusage says, which counts the process that started it as well."""
    return int(re.search(r"^VmHWM:\s*(\d+) kB", pathlib.Path("/proc/self/status").read_text(), re.MULTILINE)[1]) / 1024


def serve(path: str):
    """Hand out an image until the other end of the input is closed."""
    from lab.certificates import authority
    from lab.downloads import Downloads

    ours = authority()
    with Downloads(path, issuer=ours) as server:
        print(json.dumps({"url": server.url, "ca": ours.pem}), flush=True)
        sys.stdin.read()


# The bench


class Bench:
    def __init__(self, folder: pathlib.Path):
        self.folder = folder
        self.bundle = folder / "bundle.pem"
        self.children = contextlib.ExitStack()
        self.number = 0

    def start(self):
        sys.path[:0] = [str(ROOT / "tests"), str(ROOT / ".collections")]
        from lab.certificates import Certificate, authority
        from lab.vcenter.simulator import vcsim_binary

        ours, identity = authority(), self.folder / "vcenter.pem"
        identity.write_bytes(Certificate("vcenter", addresses=["127.0.0.1"], issuer=ours).identity)
        self.bundle.write_text(ours.pem)
        command = [vcsim_binary(), "-l", f"127.0.0.1:{_port()}", "-tls", str(identity), "-dc", "1"]
        command += ["-username", "user", "-password", PASSWORD]
        simulator = self.spawn(command, stderr=subprocess.DEVNULL)
        url = urlsplit(re.search(r"GOVC_URL=(\S+)", simulator.stdout.readline())[1])
        self.host, self.port = url.hostname, url.port

    def spawn(self, command, **options):
        environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'tests'}:{ROOT / '.collections'}"}
        process = subprocess.Popen(
            command, text=True, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, **options
        )
        self.children.callback(lambda: (process.terminate(), process.wait()))
        return process

    def serve(self, path):
        process = self.spawn([sys.executable, __file__, "--serve", str(path)])
        told = json.loads(process.stdout.readline())
        self.bundle.write_text(self.bundle.read_text() + told["ca"])
        return told["url"]

    def run(self, name, **options) -> dict:
        """What a module's process measured."""
        self.number += 1
        given = {"hostname": self.host, "port": self.port, "username": "user", "password": PASSWORD}
        given |= {"name": f"bench-{self.number}", "cluster": "DC0_C0", "datastore": "LocalDS_0"}
        given["networks"] = {"*": "VM Network"} if name == OURS else {"eth0": "VM Network"}
        given |= (
            {"ca_bundle": str(self.bundle), "folder": "/", "max_datastore_usage": 100}
            if name == OURS
            else {"datacenter": "DC0"}
        )
        process = self.spawn([sys.executable, __file__, "--child", name, json.dumps({**given, **options})])
        output = process.communicate()[0]
        result = json.loads(next(line for line in output.splitlines() if line.startswith("{")))
        if result.get("failed"):
            raise RuntimeError(f"{name}: {result.get('msg')}")
        return json.loads(re.search(r"^MEASURED (.*)$", output, re.MULTILINE)[1])

    @contextlib.contextmanager
    def address(self, ova):
        """An address to upload to, of a lease of its own."""
        from ansible_collections.vmc.aws_backup.plugins.module_utils.appliance import placement
        from ansible_collections.vmc.aws_backup.plugins.module_utils.appliance.deployment import Deployment
        from ansible_collections.vmc.aws_backup.plugins.module_utils.clients.vsphere import Vsphere
        from ansible_collections.vmc.aws_backup.plugins.module_utils.resources.appliance import Appliance

        self.number += 1
        connection = {"hostname": self.host, "port": self.port, "username": "user", "password": PASSWORD}
        params = {**connection, "ca_bundle": str(self.bundle), "name": f"bench-{self.number}", "folder": "/"}
        params |= {"state": "present", "ova": str(ova), "networks": {"*": "VM Network"}, "cluster": "DC0_C0"}
        params |= {"datastore": "LocalDS_0", "max_datastore_usage": 100}
        resource = Appliance(Vsphere(params), params)
        want = resource.want(None)
        place = placement.place(resource.client, want, "/DC0")
        deployment = Deployment(resource.client, params, resource.image, place)
        lease = deployment.begin(deployment.spec(want))
        yield lease.info.deviceUrl[0].url.replace("*", f"{self.host}:{self.port}", 1)
        lease.HttpNfcLeaseAbort()

    def curl(self, ova, *, source=None) -> dict:
        """What it took curl to send the disk, from a file or from another curl."""
        with self.address(ova) as url:
            command = [
                "curl",
                "-sS",
                "--cacert",
                str(self.bundle),
                "-X",
                "POST",
                "-o",
                os.devnull,
                "-w",
                "%{http_code}",
            ]
            command += ["-H", "Expect:", "-H", "Content-Type: application/x-vnd.vmware-streamVmdk"]
            with Clock() as clock:
                if source is None:
                    sending = [*command, "-T", ova.with_suffix(".vmdk"), url]
                    done = subprocess.run(sending, check=True, capture_output=True)
                else:
                    sending = [*command, "-T", "-", url]
                    receiving = ["curl", "-sS", "--cacert", self.bundle, source]
                    with subprocess.Popen(receiving, stdout=subprocess.PIPE) as reading:
                        done = subprocess.run(sending, check=True, capture_output=True, stdin=reading.stdout)
            assert done.stdout == b"200", done
            return vars(clock)


def measure(rounds: int, mebibytes: int) -> list[str]:
    """The rows of the table."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = pathlib.Path(name)
        bench = Bench(folder)
        with bench.children:
            bench.start()
            return _rows(bench, folder, rounds, mebibytes)


def _rows(bench, folder, rounds, mebibytes):
    ova = folder / "image.ova"
    image(ova, mebibytes)
    url = bench.serve(ova)
    checksum = "sha256:" + hashlib.file_digest(open(ova, "rb"), "sha256").hexdigest()
    taken: dict = {}
    memory: dict = {}

    def note(what, clock, used=None):
        taken.setdefault(what, []).append(clock)
        if used:
            memory[what] = max(used, memory.get(what, 0))

    trouble = None
    for number in range(rounds):
        note("curl", bench.curl(ova))
        mine = bench.run(OURS, ova=str(ova))
        note("push", mine["upload"], mine["memory"])
        note("all", mine["all"])
        if trouble is None:
            try:
                note("theirs", bench.run(THEIRS, ovf=str(ova), validate_certs=False, power_on=False)["all"])
            except (RuntimeError, StopIteration) as error:
                trouble = str(error)
        mine = bench.run(OURS, ova=str(ova), checksum=checksum)
        note("checksum", mine["upload"], mine["memory"])
        note("pipe", bench.curl(ova, source=url))
        mine = bench.run(OURS, ova=url)
        note("https", mine["upload"], mine["memory"])
        told = (f"{what} {clocks[-1]['seconds']:.2f} s" for what, clocks in taken.items())
        print(f"round {number + 1}: " + ", ".join(told), flush=True)

    def row(label, what, against=None, goal=""):
        seconds, cores = ([clock[key] for clock in taken[what]] for key in ("seconds", "cores"))
        ratio = ""
        if against:
            other, unit = against
            ratio = f"{statistics.median(theirs['seconds'] / ours for ours, theirs in zip(seconds, taken[other])):.2f} {unit}"
        rate = f"{mebibytes / statistics.median(seconds):.0f} MiB/s"
        return label, rate, ratio, goal, f"{statistics.median(cores):.1f}", memory.get(what, "")

    curl = ("curl", "of curl")
    rows = [
        row("`curl -T` of the disk", "curl"),
        row("push of the OVA", "push", curl, "0.90"),
        row("the same with `checksum`", "checksum", curl),
        row("`curl URL` piped into `curl -T -`", "pipe", curl),
        row("from an https address", "https", curl, "0.80"),
        row("the same beside the two curls", "https", ("pipe", "of both")),
    ]
    if trouble is None:
        rows += [row(f"`{THEIRS}`, whole module but its facts", "theirs")]
        rows += [row("`gateway_appliance`, whole module", "all", ("theirs", "times"), "2.0")]
    else:
        rows += [(f"`{THEIRS}`", "", f"not measured: {trouble}", "2.0", "", "")]
    for size in (200, 4096):
        ova.with_suffix(".vmdk").unlink()
        image(ova, size)
        used = bench.run(OURS, ova=str(ova))["memory"]
        rows += [(f"memory for {size} MiB", "", "", f"below {MOST_MEMORY} MiB", "", used)]
    return rows


def _port() -> int:
    """443 where that is allowed and free, because community.vmware uploads to no other; else any."""
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind(("127.0.0.1", 443))
        except OSError:
            return 0
    return 443


def processor() -> str:
    text = pathlib.Path("/proc/cpuinfo").read_text()
    found = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    return f"{os.cpu_count()} x {found[1] if found else platform.machine()}"


def page(title: str, lines: list[str]):
    """Write one part of docs/benchmarks.md, and leave the others."""
    parts = TABLE.read_text().split("\n# ") if TABLE.exists() else []
    kept = {part.removeprefix("# ").partition("\n")[0]: part.removeprefix("# ").rstrip() for part in parts}
    kept[title] = "\n".join([title, "", *lines])
    TABLE.write_text("\n\n".join(f"# {part}" for part in kept.values()) + "\n")


def write(rows, rounds, mebibytes):
    load = os.getloadavg()[1]
    lines = [
        "`make bench` measures it and writes this page. All of it runs on one machine over loopback, with TLS everywhere: the simulator of vCenter",
        "that throws away what it gets, the module in a process of its own, curl. The module checks the digests of the manifest on the way;",
        "curl checks nothing.",
        "Ratios are medians of what ran one after the other in the same round, so that what else the machine does weighs on both.",
        "Sending, receiving and digests each want a core, and so do serving and reading where the image comes from an https address.",
        "What is short of its goal with nearly all cores busy would need more of them; whether it meets it then was not measured.",
        "",
        f"{datetime.date.today()}, {processor()}, Python {platform.python_version()}, {ssl.OPENSSL_VERSION}, disk of {mebibytes} MiB,",
        f"{rounds} rounds, load average {load:.1f} during the run.",
        "",
        "| what | rate | ratio | goal | cores busy | peak memory |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {what} | {rate} | {ratio} | {goal} | {cores} | {f'{used:.0f} MiB' if used else ''} |"
        for what, rate, ratio, goal, cores, used in rows
    ]
    page("How fast an image moves", lines)
    print("\n".join(lines))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--mebibytes", type=int, default=2048)
    parser.add_argument("--child", nargs=2)
    parser.add_argument("--serve")
    given = parser.parse_args()
    if given.child:
        child(given.child[0], json.loads(given.child[1]))
    elif given.serve:
        serve(given.serve)
    else:
        write(measure(given.rounds, given.mebibytes), given.rounds, given.mebibytes)


if __name__ == "__main__":
    main()
