# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""No secret leaves a run: not in its output, facts, logs and temporary files, not in the arguments of its processes."""

from __future__ import annotations

import json
import os
import pathlib
import re
import subprocess
import threading

import crash_matrix
import pytest
import yaml
from ansible_collections.vmc.aws_backup.plugins.module_utils.secrets import forms
from crash_matrix import Point
from modules import Modules
from rehearsal import PLAYBOOK, ROOT, as_awx

pytestmark = pytest.mark.proof

SITE = "playbooks/site.yml"
WRONG = "a-wrong-password-that-nobody-may-see-either"
DUMP = [
    {
        "name": "Show all that a later play sees",
        "hosts": "vmc_sddcs",
        "gather_facts": False,
        "tasks": [
            {
                "name": "Show the outcomes",
                "ansible.builtin.debug": {"msg": "{{ lookup('ansible.builtin.vars', item, default='') }}"},
                "loop": [
                    f"{role}_result"
                    for role in ("prerequisites", "endpoint", "appliance", "firewall", "registration", "protection")
                ],
            }
        ],
    }
]


class Watch:
    """Everything that a run shows to others: what it prints and logs, its temporary files, the arguments of its processes."""

    def __init__(self, lab, folder: pathlib.Path):
        self.lab = lab
        self.folder = folder
        self.arguments: set = set()
        (folder / "show.yml").write_text(
            yaml.safe_dump([{"import_playbook": str(ROOT / SITE)}, *DUMP], sort_keys=False)
        )

    def environment(self) -> dict:
        """A run that tells as much as Ansible can, the log included."""
        return {
            **os.environ,
            "PATH": f"{PLAYBOOK.parent}:{os.environ['PATH']}",
            "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
            "ANSIBLE_LOG_PATH": str(self.folder / "ansible.log"),
            "ANSIBLE_LOG_VERBOSITY": "4",
            "ANSIBLE_CALLBACK_RESULT_FORMAT": "json",
            "ANSIBLE_REMOTE_TEMP": str(self.folder / "remote"),
            "ANSIBLE_LOCAL_TEMP": str(self.folder / "local"),
            "TMPDIR": str(self.folder),
        }

    def play(self, *arguments, **extra) -> tuple[int, str]:
        """As AWX runs it, which keeps the events of each task, its result and diff in them, as files."""
        playbook = self.folder / "show.yml"
        command = as_awx(self.folder, playbook, self.lab.inventory, "-vvvv", *arguments, **extra)
        over = threading.Event()
        watcher = threading.Thread(target=self._watch, args=[over])
        watcher.start()
        try:
            run = subprocess.run(
                command,
                cwd=ROOT,
                env=self.environment(),
                text=True,
                capture_output=True,
                check=False,
            )
        finally:
            over.set()
            watcher.join()
        (self.folder / "env" / "extravars").unlink()
        return run.returncode, run.stdout + run.stderr

    def _watch(self, over):
        while not over.wait(0.05):
            self.arguments |= arguments_of_all()

    def left(self) -> str:
        """All that the run has written into files."""
        files = [path for path in self.folder.rglob("*") if path.is_file()]
        return "\n".join(path.read_bytes().decode(errors="replace") for path in files)


def arguments_of_all() -> set:
    found = set()
    for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found.add(path.read_bytes().decode(errors="replace"))
        except OSError:
            continue
    return found


@pytest.fixture
def secrets(lab):
    """A function that names all that may be seen nowhere: the inventory's secrets, a wrong one, and what the lab has given out."""
    variables = Modules(lab).variables
    ours = {name: variables[f"vmc_backup_{name}"] for name in ("aws_secret_key", "api_token", "vcenter_password")}
    return lambda: {**ours, "wrong password": WRONG, **lab.secrets()}


def shown(secrets: dict, text: str) -> list[str]:
    """The names of the secrets in a text, whole or quoted in JSON."""
    return [name for name, value in secrets.items() if value in text or json.dumps(value)[1:-1] in text]


def test_no_secret_is_printed_logged_left_or_seen_among_the_processes(lab, secrets, tmp_path):
    watch = Watch(lab, tmp_path)
    runs = {
        "check": watch.play("--check", "--diff"),
        "failing": watch.play("--diff", vmc_backup_hypervisor_password=WRONG),
        "apply": watch.play("--diff"),
    }
    assert {name: returncode == 0 for name, (returncode, _text) in runs.items()} == {
        "check": True,
        "failing": False,
        "apply": True,
    }
    planted = secrets()
    kinds = {name.rstrip(" 0123456789") for name in planted}
    assert {"activation key", "access token", "vCenter session", "sddc-1 cloud_password"} <= kinds, kinds
    assert {name: shown(planted, text) for name, (_code, text) in runs.items()} == {name: [] for name in runs}
    assert "registration_result" in runs["apply"][1]
    assert shown(planted, (tmp_path / "ansible.log").read_text()) == []
    assert len(list(tmp_path.glob("artifacts/*/job_events/*.json"))) > 100 * len(runs)
    assert shown(planted, watch.left()) == []
    assert shown(planted, "\n".join(watch.arguments)) == []
    assert shown(planted, json.dumps(lab.journal())) == []


def test_a_module_that_is_killed_leaves_no_secret(lab, secrets, tmp_path, monkeypatch):
    watch = Watch(lab, tmp_path)
    for name, value in watch.environment().items():
        monkeypatch.setenv(name, value)
    assert crash_matrix.kill_at(lab, Point("vcenter", "ImportVApp", 0, "hang"))
    assert shown(secrets(), watch.left()) == []


def direct(lab) -> dict:
    """Options: a local user at the NSX Manager itself."""
    password = next(value for name, value in lab.secrets().items() if name == "sddc-1 nsx_cloud_admin_password")
    url = lab.endpoints["sddcs"][0]["nsx"].partition("/vmc/")[0]
    user = {"nsx_username": "cloud_admin", "nsx_password": password}
    return {"nsx_url": url, "nsx_auth": "basic", "api_token": None, **user}


def in_another_account(lab) -> dict:
    other = lab.endpoints["backup_account"]
    return {"assume_role_arn": other["role_arn"], "assume_role_external_id": other["external_id"]}


def in_the_environment(_lab) -> dict:
    return {"access_key": None, "secret_key": None}


NEW = {"name": "echo", "host": "vcenter.example.org", "username": "me", "password": WRONG}
ECHOES = [
    # service, operation, module, its options, those that the lab knows, and whether what the service says is told at all
    ("csp", "*", "vmc_sddc_info", {}, None, False),
    ("vmc", "*", "vmc_sddc_info", {}, None, True),
    ("nsx", "*", "nsx_group_info", {"domain": "mgw"}, None, True),
    ("nsx", "*", "nsx_group_info", {"domain": "mgw"}, direct, True),
    ("sts", "*", "backup_gateway_info", {}, in_another_account, False),
    ("backup-gateway", "*", "backup_gateway_info", {}, None, True),
    ("backup-gateway", "*", "backup_gateway_info", {}, in_another_account, True),
    ("backup-gateway", "*", "backup_gateway_info", {}, in_the_environment, True),
    ("backup-gateway", "ImportHypervisorConfiguration", "backup_hypervisor", NEW, None, True),
    ("vcenter", "Login", "gateway_appliance_info", {}, None, True),
    ("vcenter", "RetrievePropertiesEx", "gateway_appliance_info", {}, None, True),
    ("tagging", "POST /api/session", "gateway_appliance", {"tags": {"Owner": "echo"}}, None, True),
    ("tagging", "GET /api/cis/tagging/category", "gateway_appliance", {"tags": {"Owner": "echo"}}, None, True),
]


@pytest.mark.parametrize(("service", "operation", "module", "options", "given", "told"), ECHOES)
def test_a_service_that_repeats_what_it_was_sent_does_not_show_it(
    lab, secrets, monkeypatch, service, operation, module, options, given, told
):
    modules = Modules(lab)
    if module == "gateway_appliance":
        modules.done(module, **modules.deployed(cluster="Cluster-1"))
        options = {"name": "gw-1", **options}
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", modules.variables["vmc_backup_aws_access_key"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", modules.variables["vmc_backup_aws_secret_key"])
    given = given(lab) if given else {}
    lab.fault("echo", service=service, operation=operation, times=99)
    result = modules.run(module, **options, **given)
    assert result["failed"]
    assert ("You sent" in result["msg"]) is told, result["msg"]
    assert "Traceback" not in modules.printed
    planted = {f"{name}, {form}": form for name, value in secrets().items() for form in forms(value)}
    assert shown(planted, modules.printed) == []
    carried = r"Bearer |Basic |Signature=|Token': '|soap_session=\"?|session-id': '|csp-auth-token': '"
    assert [found for found in re.findall(rf"(?i)(?:{carried})([^'\"; ]+)", result["msg"]) if found[0] != "*"] == []
