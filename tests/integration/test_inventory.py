# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The inventory plugin against the lab, as ansible-inventory and AWX's runner use it."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
import yaml
from permissions import POLICIES
from rehearsal import PLAYBOOK, ROOT

pytestmark = pytest.mark.xdist_group("inventory")
NAMES = {"workload-01": "web 1.example.org", "workload-02": "vcenter", "workload-03": "データベース"}


@pytest.fixture(scope="module")
def converged(running_lab):
    """A converged SDDC whose machines are called in all manners, two of them the same."""
    running_lab.reset("converged")
    for name, to in NAMES.items():
        running_lab.break_("rename_machine", machine=name, to=to)
    gateways = running_lab.aws("backup-gateway")
    (hypervisor,) = gateways.list_hypervisors()["Hypervisors"]
    gateways.start_virtual_machines_metadata_sync(HypervisorArn=hypervisor["HypervisorArn"])
    for _read in range(5):
        gateways.get_hypervisor(HypervisorArn=hypervisor["HypervisorArn"])
        listed = {each["Name"] for each in gateways.list_virtual_machines()["VirtualMachines"]}
    assert set(NAMES.values()) <= listed
    return running_lab


@pytest.fixture
def source(converged, tmp_path):
    endpoints = converged.endpoints
    path = tmp_path / "lab.vmc_aws_backup.yml"
    options = {
        "plugin": "vmc.aws_backup.virtual_machines",
        "regions": [endpoints["region"]],
        "access_key": endpoints["access_key"],
        "secret_key": endpoints["secret_key"],
        "endpoint_url": endpoints["aws"],
        "cache": True,
        "cache_plugin": "ansible.builtin.jsonfile",
        "cache_connection": str(tmp_path / "kept"),
    }
    path.write_text(yaml.safe_dump(options))
    converged.forget()
    return path


def inventory(source, *arguments, **environment):
    command = [str(PLAYBOOK.with_name("ansible-inventory")), "-i", str(source), *arguments]
    ran = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert "WARNING" not in ran.stderr, ran.stderr
    return ran.stdout


def test_machines_of_every_name_are_in_the_graph(source, converged):
    shown = inventory(source, "--graph")
    assert "--web 1.example.org" in shown and "--データベース" in shown
    assert shown.count("--vcenter_vm-") == 2 * 4  # in all of them, its folder, its hypervisor, and unprotected
    assert "@folder_SDDC_Datacenter_vm_Workloads:" in shown and "@aws_backup_unprotected_not_selected:" in shown
    assert {call["kind"] for call in converged.journal()} == {"read"}


def test_the_list_has_what_is_known_of_each(source):
    listed = json.loads(inventory(source, "--list"))
    found = listed["_meta"]["hostvars"]["データベース"]
    name = found["aws_backup_name"]
    assert name in ("データベース", {"__ansible_unsafe": "データベース"})
    assert found["aws_backup_covered_by"] == []
    assert "データベース" in listed["aws_backup_unprotected_not_selected"]["hosts"]


def test_what_is_cached_costs_no_call(source, converged):
    inventory(source, "--graph")
    asked = len(converged.journal())
    assert asked
    inventory(source, "--graph")
    assert len(converged.journal()) == asked
    inventory(source, "--graph", "--flush-cache")
    assert len(converged.journal()) == 2 * asked


def test_who_looks_needs_no_more_than_the_preflight_policy(source, converged):
    source.write_text(yaml.safe_dump({**yaml.safe_load(source.read_text()), "tags": True}))
    converged.attach(POLICIES["preflight"])
    try:
        shown = inventory(source, "--graph")
    finally:
        converged.detach()
    assert "--データベース" in shown
    asked = {f"{call['service']}:{call['operation']}" for call in converged.journal() if call["actions"]}
    assert "tagging:GetResources" in asked
    assert not [call for call in converged.journal() if call["detail"].startswith("denied")]


def test_it_works_as_awx_runs_it_without_a_place_to_write(source, tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir()
    options = yaml.safe_load(source.read_text())
    options["cache_connection"] = "/proc/kept"  # where not even root can write
    source = closed / source.name
    source.write_text(yaml.safe_dump(options))
    closed.chmod(0o555)
    script = (
        "import json, sys; from ansible_runner.interface import get_inventory\n"
        "found, said = get_inventory(action='list', inventories=[sys.argv[1]], response_format='json', quiet=True,"
        " private_data_dir=sys.argv[2])\n"
        "print(json.dumps([found, str(said)]))"
    )
    path = f"{PLAYBOOK.parent}:{os.environ['PATH']}"
    ran = subprocess.run(
        [sys.executable, "-c", script, str(source), str(tmp_path / "private")],
        cwd=ROOT,
        env={**os.environ, "PATH": path, "HOME": str(closed), "ANSIBLE_HOME": str(tmp_path / "home")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    found, said = json.loads(ran.stdout)
    found = found if isinstance(found, dict) else json.loads(found)
    assert "web 1.example.org" in found["_meta"]["hostvars"], said


def test_credentials_that_are_refused_are_told_in_one_sentence(source, converged):
    converged.fault("403", service="backup-gateway", operation="ListHypervisors", times=9)
    try:
        command = [str(PLAYBOOK.with_name("ansible-inventory")), "-i", str(source), "--list", "--flush-cache"]
        environment = {**os.environ, "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "true"}
        ran = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    finally:
        converged.heal()
    assert ran.returncode != 0
    assert "Traceback" not in ran.stderr and converged.endpoints["secret_key"] not in ran.stderr
    assert "ListHypervisors" in ran.stderr
