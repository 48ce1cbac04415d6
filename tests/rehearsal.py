# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Playbooks against a lab: what the integration tests and the demo have in common."""

from __future__ import annotations

import json
import os
import pathlib
import re
import subprocess
import sys
import urllib.request
from dataclasses import dataclass

import boto3

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGETS = ROOT / "tests" / "integration" / "targets"
OF_MODULES = sorted(
    path.name for path in TARGETS.iterdir() if (ROOT / "plugins" / "modules" / f"{path.name}.py").exists()
)
PLAYBOOK = pathlib.Path(sys.executable).parent / "ansible-playbook"


def as_awx(folder: pathlib.Path, playbook: pathlib.Path, inventory: pathlib.Path, *arguments: str, **extra) -> list:
    """The command by which AWX runs a playbook: what it keeps of it, each task's result among it, is in ``folder``/artifacts."""
    (folder / "env").mkdir(exist_ok=True)
    (folder / "env" / "extravars").write_text(json.dumps(extra))
    where = ["--inventory", str(inventory), "--project-dir", str(ROOT)]
    asked = [f"--cmdline={' '.join(arguments)}"] if arguments else []
    return [sys.executable, "-m", "ansible_runner", "run", str(folder), "-p", str(playbook), *where, *asked]


@dataclass
class Run:
    """A playbook that has ended: ``recap`` is the last lines of Ansible, host -> counter -> number."""

    returncode: int
    output: str

    @property
    def recap(self) -> dict[str, dict[str, int]]:
        lines = re.findall(r"^(\S+)\s+: (ok=\d+.*)$", self.output, re.MULTILINE)
        return {host: {key: int(n) for key, n in re.findall(r"(\w+)=(\d+)", counters)} for host, counters in lines}

    @property
    def changed(self) -> int:
        return sum(counters["changed"] for counters in self.recap.values())


class Lab:
    """A lab of one's own, seen from outside: its command line, its control API, its inventory."""

    def __init__(self, state: pathlib.Path):
        self.state = state

    @property
    def endpoints(self) -> dict:
        return json.loads((self.state / "endpoints.json").read_text())

    @property
    def url(self) -> str:
        return self.endpoints["control"]

    @property
    def inventory(self) -> pathlib.Path:
        return self.state / "inventory.yml"

    def _command(self, *arguments) -> None:
        path = os.pathsep.join(filter(None, [str(ROOT / "tests"), os.environ.get("PYTHONPATH")]))
        environment = {**os.environ, "PYTHONPATH": path}
        command = [sys.executable, "-m", "lab", *arguments, "--state-dir", str(self.state)]
        subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)

    def up(self, *options) -> None:
        self._command("up", *options)

    def down(self) -> None:
        self._command("down")

    def _call(self, path: str, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/_lab/{path}", data, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=600) as answer:
            return json.load(answer)

    def sddcs(self) -> list[dict]:
        """Each SDDC with its appliances and its connected VPC."""
        return self._call("state")["sddcs"]

    def reset(self, seed: str = "prepared") -> None:
        self._call("reset", {"seed": seed})

    def world(self) -> dict:
        """All that exists, by its names."""
        return self._call("world")

    def fault(self, kind: str, **rule) -> None:
        self._call("faults", {"kind": kind, **rule})

    def faults(self) -> list[int]:
        """How often each fault is still to happen."""
        return [fault["times"] for fault in self._call("faults")]

    def secrets(self) -> dict[str, str]:
        """What the lab has given out and nobody may see, by what it is."""
        return self._call("secrets")

    def switch(self, **switches) -> None:
        """Let the lab behave otherwise where nobody knows how the real services do."""
        self._call("switches", switches)

    def pass_time(self, seconds: float) -> None:
        """Advance the clock of the lab."""
        self._call("clock", {"seconds": seconds})

    def held(self) -> int:
        """How many calls a fault keeps waiting."""
        return self._call("held")["held"]

    def heal(self) -> None:
        """No more faults."""
        self._delete("faults")

    def attach(self, *identity: dict, **more) -> None:
        """From now on the caller may do what these policies allow; ``more`` is principal, boundary or scp."""
        self._call("policy", {"identity": identity, **more})

    def detach(self) -> None:
        """Everybody may do everything again."""
        self._delete("policy")

    def forget(self) -> None:
        """The journal begins anew."""
        self._delete("journal")

    def _delete(self, path: str) -> None:
        request = urllib.request.Request(f"{self.url}/_lab/{path}", method="DELETE")
        urllib.request.urlopen(request, timeout=120).close()

    def break_(self, what: str, **how) -> None:
        self._call("break", {"what": what, **how})

    def journal(self, *kinds: str) -> list[dict]:
        calls = self._call("journal")
        return [call for call in calls if call["kind"] in kinds] if kinds else calls

    def aws(self, service: str):
        """A boto3 client, to look at what AWS has without the collection."""
        return boto3.client(
            service,
            region_name=self.endpoints["region"],
            endpoint_url=self.endpoints["aws"],
            aws_access_key_id=self.endpoints["access_key"],
            aws_secret_access_key=self.endpoints["secret_key"],
        )

    def play(self, playbook, *arguments, show=None, inventory=None, **extra) -> Run:
        """Run a playbook against this lab. ``show`` gets each line of output as it comes."""
        command = [
            str(PLAYBOOK),
            str(playbook),
            "-i",
            str(inventory or self.inventory),
            "-e",
            json.dumps(extra),
            *arguments,
        ]
        environment = {**os.environ, "ANSIBLE_ROLES_PATH": str(TARGETS), "PYTHONUNBUFFERED": "1"}
        output = []
        with subprocess.Popen(
            command, cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        ) as process:
            for line in process.stdout:
                output.append(line)
                if show is not None:
                    show(line)
        return Run(process.returncode, "".join(output))
