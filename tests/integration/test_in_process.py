# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Modules in the process of Ansible: they return what they return with a Python of their own, and harm nobody else."""

from __future__ import annotations

import collections
import json
import pathlib
import re

import both_ways
import pytest
import yaml
from rehearsal import OF_MODULES, ROOT

HERE = pathlib.Path(__file__).parent
LIBRARIES = ("botocore", "boto3", "pyVmomi", "requests", "dns")
NOT_IN_TIME = re.compile(r"time frame \(3\)|Timed out after 3 second")  # until core 2.18, and since
TASKS = 500
MOST_GROWTH = 4 * 1024  # KiB; what Ansible itself keeps of a task is some of it


def compared(lab, folder, playbook, *arguments, **extra):
    """What a play returns one way, once it is seen that it does the other way too."""
    results = []
    for way in both_ways.WAYS:
        lab.reset()
        results.append(both_ways.recorded(lab, way, folder / f"{way}.json", playbook, *arguments, **extra))
    different = both_ways.differences(*results)
    assert not different, "\n".join(different)
    return results[0]


def test_a_task_returns_the_same_both_ways(lab, tmp_path):
    found = compared(lab, tmp_path, HERE / "both_ways.yml")
    events = collections.Counter(result["event"] for result in found)
    assert events["ok"] > 20
    assert events["ignored"] > 15


def test_a_library_that_is_missing_is_missed_in_the_same_words(lab, tmp_path, monkeypatch):
    for name in LIBRARIES:
        (tmp_path / f"{name}.py").write_text(f"raise ModuleNotFoundError('No module named {name}', name='{name}')\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    found = compared(lab, tmp_path, HERE / "both_ways.yml", "--tags", "kinds")
    for result in found:
        assert result["event"] == "ignored", result
        assert "Failed to import the required Python library" in result["result"]["msg"]


@pytest.mark.proof
@pytest.mark.parametrize("target", OF_MODULES)
def test_each_module_returns_the_same_both_ways(lab, tmp_path, target):
    assert compared(lab, tmp_path, HERE / "target.yml", target=target, lab_url=lab.url)


def calls(lab, service, operation):
    return sum((call["service"], call["operation"]) == (service, operation) for call in lab.journal())


def test_a_module_that_misbehaves_harms_its_task_only_and_leaves_no_session(lab, tmp_path):
    found = both_ways.recorded(lab, "auto", tmp_path / "results.json", HERE / "misbehaving.yml")
    ends = {result["result"]["item"]: result for result in found if result["event"].startswith("item")}
    assert [how for how, result in ends.items() if result["event"] == "item ok"] == ["print_first"]
    codes = {how: result["result"].get("rc") for how, result in ends.items()}
    assert (codes["kill"], codes["fault"], codes["leave"], codes["leave_at_once"]) == (137, 139, 7, 9)
    assert "none of that" in json.dumps(ends["crash"])
    assert "did not handle its own exit" in json.dumps(ends["return_nothing"])
    assert [how for how, result in ends.items() if NOT_IN_TIME.search(result["result"].get("msg", ""))] == [
        "hang",
        "hang_deaf",
    ]
    assert found[-1]["event"] == "ok"
    opened = calls(lab, "vcenter", "Login"), calls(lab, "tagging", "POST /api/session")
    assert opened == (13, 13)
    assert (calls(lab, "vcenter", "Logout"), calls(lab, "tagging", "DELETE /api/session")) == opened


def four_hosts(lab, folder) -> pathlib.Path:
    """An inventory in which one SDDC has four names."""
    inventory = yaml.safe_load(lab.inventory.read_text())
    hosts = inventory["all"]["children"]["vmc_sddcs"]["hosts"]
    inventory["all"]["children"]["vmc_sddcs"]["hosts"] = {f"sddc-{number}": hosts["sddc-1"] for number in range(1, 5)}
    file = folder / "inventory.yml"
    file.write_text(yaml.safe_dump(inventory))
    file.chmod(0o600)
    return file


@pytest.fixture
def weighed(tmp_path, monkeypatch):
    """What the process of Ansible held at the start of each task of the play that was run."""
    monkeypatch.setenv("ANSIBLE_CALLBACK_PLUGINS", str(ROOT / "tests" / "callbacks"))
    monkeypatch.setenv("ANSIBLE_CALLBACKS_ENABLED", "weighed")
    monkeypatch.setenv("WEIGHED_TO", str(tmp_path / "weighed"))
    return lambda: [json.loads(line) for line in (tmp_path / "weighed").read_text().splitlines()]


@pytest.mark.parametrize("strategy", ["linear", "free", "host_pinned"])
def test_hosts_and_tasks_of_a_run_share_one_token_and_what_is_made_once(lab, tmp_path, weighed, strategy):
    run = lab.play(HERE / "strategies.yml", "--forks", "4", inventory=four_hosts(lab, tmp_path), strategy=strategy)
    assert run.returncode == 0, run.output
    assert calls(lab, "csp", "POST /csp/gateway/am/api/auth/api-tokens/authorize") == 1
    assert len(lab.journal("write")) == 4
    assert sorted(run.recap) == ["sddc-1", "sddc-2", "sddc-3", "sddc-4"]
    assert weighed()[-1]["primed"]


@pytest.mark.proof
def test_a_long_play_holds_no_more_at_its_end(lab, tmp_path, weighed):
    kinds = ["vmc.aws_backup.nsx_group_info", "vmc.aws_backup.backup_gateway_info", "vmc.aws_backup.vsphere_about_info"]
    play = yaml.safe_load((HERE / "strategies.yml").read_text())[0]
    play["tasks"] = [
        {"name": f"Task {number}", kinds[number % 3]: {"domain": "cgw"} if number % 3 == 0 else {}}
        for number in range(TASKS)
    ]
    (tmp_path / "long.yml").write_text(yaml.safe_dump([play]))
    run = lab.play(tmp_path / "long.yml", strategy="linear")
    assert run.returncode == 0, run.output
    held = weighed()
    assert len(held) == TASKS
    assert held[-1]["files"] == held[50]["files"]
    assert held[-1]["children"] <= 1
    assert held[-1]["memory"] - held[50]["memory"] < MOST_GROWTH
    assert calls(lab, "csp", "POST /csp/gateway/am/api/auth/api-tokens/authorize") == 1
    assert calls(lab, "vcenter", "Login") == calls(lab, "vcenter", "Logout") == TASKS // 3
