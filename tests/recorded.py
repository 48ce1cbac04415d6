# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Roles without a lab: they run in a copy of the collection in which every module only keeps what it was asked, and answers from a table.

So what a role asks of which module is seen in seconds. Whatever a role is made of inside, this is what others see of it.
"""

from __future__ import annotations

import json
import os
import pathlib
import re
import shutil
import subprocess
from dataclasses import dataclass, field

import yaml
from rehearsal import PLAYBOOK, ROOT

COPIED = ("galaxy.yml", "meta", "plugins", "roles")
# What an action asks by itself: only whose site it is, which vCenter says.
AS_A_MODULE = """#!/usr/bin/python
from ansible.module_utils.basic import _load_params
_load_params()
print('''__ANSWER__''')
raise SystemExit(0)
"""
OF_VCENTER = {"changed": False, "vcenters": [{"instance_uuid": "5012a3b4-c5d6-e7f8-0912-a3b4c5d6e7f8"}]}
# Module -> what stands for it, where that is more than a table. Its own code is there too.
STANDS = {"backup_readiness_info": "recorded_readiness.py"}
GROUPS = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text())["action_groups"]
LIMIT = 800  # seconds
# Nothing is waited for here but workers of some 50 ms.
CONFIGURATION = """[defaults]
inject_facts_as_vars = false
internal_poll_interval = 0.01
localhost_warning = false
nocolor = true
[inventory]
enable_plugins = yaml
"""


@dataclass
class Call:
    """What a module was asked: by which role, where, and whether only tried."""

    role: str
    module: str
    options: dict
    check_mode: bool
    on: str | None
    throttle: int

    @property
    def reads(self) -> bool:
        return self.module.endswith("_info")


@dataclass
class Scenario:
    """A role with the variables of a host, and what the modules answer it."""

    role: str
    variables: dict
    answers: dict
    check: bool = False


@dataclass
class Ran:
    """What became of a scenario: every call in its order, the role's result, and why it failed."""

    calls: list[Call] = field(default_factory=list)
    result: dict = field(default_factory=dict)
    failure: str = ""
    changed: int = 0

    def of(self, module: str, **options) -> list[Call]:
        return [call for call in self.calls if call.module == module and options.items() <= call.options.items()]

    def written(self, module: str, **options) -> list[dict]:
        return [call.options for call in self.of(module, **options) if not call.check_mode]

    def of_group(self, group: str) -> list[Call]:
        return [call for call in self.calls if call.module in GROUPS[group]]


def copied(folder: pathlib.Path) -> pathlib.Path:
    """A collection of which only roles, actions of its own, filters and lookups are real."""
    collection = folder / "ansible_collections" / "vmc" / "aws_backup"
    collection.mkdir(parents=True)
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, collection / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, collection / name)
    plugins = collection / "plugins"
    for module in sorted(path.stem for path in (plugins / "modules").glob("*.py")):
        stands = STANDS.get(module, "recorder.py")
        shutil.copy(ROOT / "tests" / stands, plugins / "action" / f"{module}.py")
        if stands == "recorder.py":
            answer = OF_VCENTER if module == "vsphere_about_info" else {"changed": False}
            (plugins / "modules" / f"{module}.py").write_text(AS_A_MODULE.replace("__ANSWER__", json.dumps(answer)))
    shutil.copy(ROOT / "tests" / "recorder.py", plugins / "action" / "recorded.py")
    return folder


def play(name: str, scenario: Scenario) -> dict:
    """One host, one role, whatever comes of it."""
    end = {"result": f"{{{{ {scenario.role}_result | default({{}}) }}}}"}
    return {
        "name": name,
        "hosts": name,
        "gather_facts": False,
        "tasks": [
            {
                "name": "The role",
                "block": [
                    {"name": "The role", "ansible.builtin.include_role": {"name": f"vmc.aws_backup.{scenario.role}"}}
                ],
                "rescue": [
                    {
                        "name": "Why not",
                        "vmc.aws_backup.recorded": {"failure": "{{ ansible_failed_result.msg | default('') }}"},
                    }
                ],
            },
            {"name": "The end", "vmc.aws_backup.recorded": end},
        ],
    }


def ran(folder: pathlib.Path, scenarios: dict[str, Scenario]) -> dict[str, Ran]:
    """Run scenarios, each by its name, in one run for those in check mode and one for the others."""
    copied(folder)
    found = {name: Ran() for name in scenarios}
    for check in (False, True):
        chosen = {name: scenario for name, scenario in scenarios.items() if scenario.check == check}
        if chosen:
            _run(folder, chosen, found, check)
    return found


def _run(folder, scenarios, found, check):
    hosts = {name: {"ansible_connection": "local", **scenario.variables} for name, scenario in scenarios.items()}
    for name, scenario in scenarios.items():
        (folder / f"answers-{name}.json").write_text(json.dumps(_table(scenario.answers), sort_keys=True))
    bastion = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
    shared = {"ansible_python_interpreter": "{{ ansible_playbook_python }}"}
    inventory = {
        "all": {"vars": shared, "children": {"sites": {"hosts": hosts}, "beside": {"hosts": {"bastion": bastion}}}}
    }
    (folder / "ansible.cfg").write_text(CONFIGURATION)
    (folder / "inventory.yml").write_text(yaml.safe_dump(inventory))
    (folder / "play.yml").write_text(yaml.safe_dump([play(*each) for each in scenarios.items()], sort_keys=False))
    calls = folder / "calls"
    calls.write_text("")
    environment = {
        **{
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("ANSIBLE_", "AWS_", "VMC_", "VMWARE_"))
        },
        "ANSIBLE_COLLECTIONS_PATH": str(folder),
        "PYTHONHASHSEED": "0",  # the order of what core's filters make of sets
        "RECORDED": str(folder),
    }
    command = [PLAYBOOK, "-i", folder / "inventory.yml", folder / "play.yml", *(["--check"] if check else [])]
    run = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=LIMIT, check=False
    )
    ended = set()
    for line in calls.read_text().splitlines():
        call = json.loads(line)
        host = call.pop("host")
        if call["module"] == "recorded":
            options = call["options"]
            found[host].failure = options.get("failure", found[host].failure)
            if "result" in options:
                found[host].result = options["result"]
                ended.add(host)
        else:
            found[host].calls.append(Call(**call))
    for name, counted in re.findall(r"^(\S+)\s+: ok=\d+\s+changed=(\d+)", run.stdout, re.MULTILINE):
        if name in found:
            found[name].changed = int(counted)
    assert ended == set(scenarios), run.stdout[-6000:] + run.stderr[-2000:]


def _table(answers: dict) -> dict:
    """Module -> what it gives to whom: a bare answer is given to everybody."""
    return {
        module: given if isinstance(given, list) else [{"to": {}, "gives": given}] for module, given in answers.items()
    }
