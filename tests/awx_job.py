# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A job as AWX 24 starts it: ansible-runner, and a private data directory laid out as AWX lays it out.

The project is the example project. The inventory is a program that prints JSON, each host with its variables. Survey answers are extra
variables that Ansible may not take for templates. What AWX keeps of the job is in artifacts.
"""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys
from dataclasses import dataclass

import yaml
from awx_project import PROJECT, wanted
from rehearsal import PLAYBOOK, ROOT

LIMIT = 900  # seconds


class Unsafe(str):
    """What AWX marks as no template."""


class Dumper(yaml.SafeDumper):
    """Of extra variables."""


Dumper.add_representer(Unsafe, lambda dumper, text: dumper.represent_scalar("!unsafe", str(text)))


def marked(value):
    if isinstance(value, str):
        return Unsafe(value)
    if isinstance(value, dict):
        return {key: marked(one) for key, one in value.items()}
    return [marked(one) for one in value] if isinstance(value, list) else value


def inventory(source: pathlib.Path, slice_of=(1, 1)) -> dict:
    """What AWX hands a job of an inventory: every host with all its variables, or every so manieth host of a slice."""
    listed = subprocess.run(
        [str(PLAYBOOK.with_name("ansible-inventory")), "-i", str(source), "--list"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(listed.stdout)
    number, count = slice_of
    mine = sorted(found["vmc_sddcs"]["hosts"])[number - 1 :: count]
    enabled = {"remote_tower_enabled": "true", "remote_tower_id": 1}
    hostvars = {host: {**found["_meta"]["hostvars"][host], **enabled} for host in mine}
    return {"all": {"children": ["vmc_sddcs"]}, "vmc_sddcs": {"hosts": mine}, "_meta": {"hostvars": hostvars}}


@dataclass
class Job:
    """A job that has ended."""

    status: str
    output: str
    events: list

    @property
    def artifacts(self) -> dict:
        """What set_stats left, as AWX takes it from the last event."""
        found = [
            event["event_data"].get("artifact_data") for event in self.events if event["event"] == "playbook_on_stats"
        ]
        return found[-1] or {} if found else {}

    @property
    def changed(self) -> bool:
        stats = [event["event_data"] for event in self.events if event["event"] == "playbook_on_stats"]
        return any(stats[-1]["changed"].values())

    @property
    def results(self) -> dict:
        """The size of the largest result of each task, in characters."""
        sizes: dict = {}
        for event in self.events:
            size = len(json.dumps(event["event_data"].get("res", "")))
            name = event["event_data"].get("task", "")
            sizes[name] = max(size, sizes.get(name, 0))
        return sizes


def lay_out(folder: pathlib.Path, hosts: dict, variables: dict, arguments=()) -> None:
    """The private data directory."""
    for name in ("env", "inventory", "artifacts"):
        (folder / name).mkdir(parents=True)
    (folder / "project").symlink_to(PROJECT.resolve())
    script = folder / "inventory" / "hosts"
    script.write_text(f"#!{sys.executable}\n# -*- coding: utf-8 -*-\nprint({json.dumps(hosts)!r})\n")
    script.chmod(0o700)
    of_awx = {
        "awx_job_id": 7,
        "awx_job_launch_type": "manual",
        "awx_job_template_name": "a template",
        "awx_user_name": "alice",
    }
    (folder / "env" / "extravars").write_text(yaml.dump({**of_awx, **marked(variables)}, Dumper=Dumper))
    (folder / "env" / "settings").write_text(
        json.dumps({"job_timeout": LIMIT, "idle_timeout": 0, "pexpect_timeout": 5})
    )
    (folder / "env" / "cmdline").write_text(" ".join(["--forks 5", *arguments]))
    (folder / "env" / "envvars").write_text(
        json.dumps(
            {
                "ANSIBLE_FORCE_COLOR": "True",
                "ANSIBLE_HOST_KEY_CHECKING": "False",
                "ANSIBLE_INVENTORY_UNPARSED_FAILED": "True",
                "ANSIBLE_RETRY_FILES_ENABLED": "False",
                "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".collections"),
                "MAX_EVENT_RES": "700000",
                "JOB_ID": "7",
            }
        )
    )


def job(folder: pathlib.Path, playbook: str, hosts: dict, *arguments, **variables) -> Job:
    """A job, as a process that has ended."""
    return ended(folder, started(folder, playbook, hosts, *arguments, **variables))


def started(folder, playbook, hosts, *arguments, **variables) -> subprocess.Popen:
    lay_out(folder, hosts, variables, arguments)
    environment = {**os.environ, "PATH": f"{PLAYBOOK.parent}:{os.environ['PATH']}"}
    environment.pop("ANSIBLE_CONFIG", None)
    command = [sys.executable, "-m", "ansible_runner", "run", str(folder), "-p", f"{playbook}.yml", "-i", "7"]
    return subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def ended(folder, process) -> Job:
    output = process.communicate()[0]
    kept = folder / "artifacts" / "7"
    events = [
        json.loads(path.read_text())
        for path in kept.glob("job_events/*.json")
        if not path.name.endswith("-partial.json")
    ]
    status = (kept / "status").read_text() if (kept / "status").exists() else "none"
    return Job(status, output, sorted(events, key=lambda event: event["counter"]))


@dataclass
class Story:
    """A workflow that has ended: whether it is green, and each node that ran, with how its job ended."""

    successful: bool
    nodes: list


def workflow(folder: pathlib.Path, name: str, hosts: dict, approves=None, more=None) -> Story:
    """A workflow as AWX runs it: what the jobs before a node have left becomes its extra variables.

    It is red where a node fails that has no node for its failure; an approval is one of its nodes, and ``approves`` says how it ends.
    ``more`` are further variables of single nodes.
    """
    held = wanted()
    (found,) = (one for one in held["__configure_workflows"] if one["name"] == name)
    playbooks = {one["name"]: one["playbook"] for one in held["__configure_templates"]}
    nodes: dict = {}
    for node in found["nodes"]:
        nodes.setdefault(node["identifier"], {}).update(node)
    led_to = {then for node in nodes.values() for then in [*node.get("success", []), *node.get("failure", [])]}
    ready = [(name, {}) for name in nodes if name not in led_to]
    ran, red = [], False
    while ready:
        identifier, artifacts = ready.pop(0)
        node, left = nodes[identifier], dict(artifacts)
        if "approval" in node:
            status = "successful" if approves else "failed"
        else:
            variables = {**artifacts, **node.get("extra_data", {})}
            done = job(
                folder / f"{len(ran)}",
                playbooks[node["template"]],
                hosts,
                **{**variables, **(more or {}).get(identifier, {})},
            )
            status, left = done.status, {**left, **done.artifacts}
        then = node.get("success" if status == "successful" else "failure", [])
        red = red or (status != "successful" and not then)
        ran.append((identifier, status))
        ready += [(one, left) for one in then]
    return Story(not red, ran)
