# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""site.yml as AWX runs it: under the ansible-runner that AWX 24.6.1 has, and under the newest."""

from __future__ import annotations

import json
import os
import subprocess

import pytest
from rehearsal import PLAYBOOK, ROOT, as_awx

OLD = ROOT / ".build" / "ansible-runner-2.4.0"  # made by make setup
LIMIT = 600  # seconds; it takes one


@pytest.mark.parametrize("runner", [pytest.param(OLD, id="2.4.0"), pytest.param(None, id="newest")])
def test_site_yml_ends_and_shows_how_far_the_upload_is(lab, tmp_path, runner):
    assert runner is None or (runner / "ansible_runner").is_dir(), f"{runner} is missing: make setup brings it."
    lab.reset(seed="empty")
    command = as_awx(tmp_path, ROOT / "playbooks" / "site.yml", lab.inventory)
    (tmp_path / "env" / "settings").write_text(json.dumps({"job_timeout": LIMIT}))
    environment = {
        **os.environ,
        "PATH": f"{PLAYBOOK.parent}:{os.environ['PATH']}",
        "PYTHONPATH": os.pathsep.join([str(runner or ""), os.environ.get("PYTHONPATH", "")]),
    }
    ran = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    output = ran.stdout + ran.stderr
    status = "".join(kept.read_text() for kept in tmp_path.glob("artifacts/*/status"))
    assert status != "timeout", (
        f"site.yml hung, and was stopped after {LIMIT} seconds. It ended with:\n{output[-1000:]}"
    )
    assert status == "successful", output
    hypervisors = lab.aws("backup-gateway").list_hypervisors()["Hypervisors"]
    assert [hypervisor["State"] for hypervisor in hypervisors] == ["ONLINE"]
    events = [json.loads(event.read_text()) for event in tmp_path.glob("artifacts/*/job_events/*.json")]
    shown = [event["event"] for event in events if "sddc-1: sddc-1-cluster-1-1: 100 % of" in event["stdout"]]
    assert shown == ["verbose"]
    assert "errantly sent" not in output
