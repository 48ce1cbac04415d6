# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rulebook under ansible-rulebook, with events as AWS documents them, and a double of AWX whose templates it starts."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess

import pytest
import yaml
from lab.awx.api import Awx
from lab.web import serve
from rehearsal import PLAYBOOK, ROOT

pytestmark = pytest.mark.proof

TOOLS = ROOT / ".build" / "awx-tools" / "bin"  # made by make proof
RULEBOOK = ROOT / "extensions" / "eda" / "rulebooks" / "aws_changes.yml"
PREFIX = "vmc.aws_backup "
SECONDS = 4  # of the throttle, for five minutes and for thirty

unit = ROOT / "tests" / "unit" / "extensions" / "test_aws_change.py"
spec = importlib.util.spec_from_file_location("of_the_filter", unit)
of_the_filter = importlib.util.module_from_spec(spec)
spec.loader.exec_module(of_the_filter)
call, job, GATEWAY = of_the_filter.call, of_the_filter.job, of_the_filter.GATEWAY

SDDCS = {"vpce-01": "sddc-1", "vpce-02": "sddc-2"}
SOMEBODY = {"type": "IAMUser", "arn": "arn:aws:iam::123456789012:user/alice"}


def modified(endpoint, **more):
    return call("ModifyVpcEndpoint", parameters={"ModifyVpcEndpointRequest": {"VpcEndpointId": endpoint}}, **more)


@pytest.fixture
def awx():
    double = Awx(["drift.yml", "verification.yml"])
    project = double.make("projects", {"name": "p", "organization": 1, "scm_type": "git"})
    inventory = double.make("inventories", {"name": "i", "organization": 1})
    for name, playbook in (("Drift check", "drift.yml"), ("Verification", "verification.yml")):
        asked = {"project": project["id"], "inventory": inventory["id"], "ask_limit_on_launch": True}
        double.make("job_templates", {"name": PREFIX + name, "playbook": playbook, **asked})
    server = serve(double, "127.0.0.1", 0)
    double.url = f"http://127.0.0.1:{server.server_port}"
    yield double
    server.shutdown()


def told(awx, folder, events, sddcs=None) -> list:
    """The jobs that the rulebook started for these events: each template with its limit."""
    binary = TOOLS / "ansible-rulebook"
    assert binary.exists(), f"{binary} is missing: make proof brings it."
    assert shutil.which("java"), "ansible-rulebook needs a Java runtime: make proof brings it."
    rules = yaml.safe_load(RULEBOOK.read_text())
    (source,) = rules[0]["sources"]
    del source["ansible.eda.aws_sqs_queue"]
    body = [{"body": event, "meta": {}} for event in events]
    source["eda.builtin.generic"] = {"payload": body, "shutdown_after": 3 * SECONDS, "event_delay": 0.1}
    source["filters"] = [{"vmc.aws_backup.aws_change": {"sddcs": sddcs} if sddcs else {}}]
    for rule in rules[0]["rules"]:
        for how in ("once_after", "once_within"):
            if how in rule["throttle"]:
                rule["throttle"][how] = f"{SECONDS} seconds"
    (folder / "rulebook.yml").write_text(yaml.safe_dump(rules, sort_keys=False))
    (folder / "hosts.yml").write_text("all: {hosts: {sddc-1: {}, sddc-2: {}}}\n")
    variables = {
        "organization": "Default",
        "prefix": PREFIX,
        "own_roles": [of_the_filter.ROLE],
        "region": "-",
        "queue": "-",
    }
    (folder / "vars.yml").write_text(json.dumps(variables))
    environment = {
        **os.environ,
        "PATH": f"{PLAYBOOK.parent}:{os.environ['PATH']}",
        "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".collections"),
        "EDA_JOB_TEMPLATE_REFRESH_DELAY": "0.1",
    }
    command = [str(binary), "--rulebook", "rulebook.yml", "-i", "hosts.yml", "--vars", "vars.yml"]
    command += ["--controller-url", awx.url, "--controller-token", awx.token]
    ran = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=240,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout[-4000:]
    return sorted((one["template"].removeprefix(PREFIX), one["limit"]) for one in awx.jobs), ran.stdout


def test_a_change_of_somebody_else_is_checked_once_for_each_sddc(awx, tmp_path):
    events = [
        modified(endpoint, userIdentity=SOMEBODY)
        for endpoint in ("vpce-01", "vpce-01", "vpce-02", "vpce-01", "vpce-99")
    ]
    jobs, output = told(awx, tmp_path, events, SDDCS)
    assert jobs == [("Drift check", "sddc-1"), ("Drift check", "sddc-2")], output[-3000:]


def test_our_own_calls_and_what_changed_nothing_start_nothing(awx, tmp_path):
    events = [
        modified("vpce-01"),
        call("DescribeVpcEndpoints", userIdentity=SOMEBODY, readOnly=True),
        modified("vpce-01", userIdentity=SOMEBODY, errorCode="Client.UnauthorizedOperation"),
        job("COMPLETED"),
        job("FAILED", "EBS"),
    ]
    jobs, output = told(awx, tmp_path, events)
    assert jobs == [], output[-3000:]


def test_a_gateway_that_somebody_deletes_and_a_backup_that_fails_are_looked_into(awx, tmp_path):
    deleted = call("DeleteGateway", "backup-gateway", {"gatewayArn": GATEWAY}, userIdentity=SOMEBODY)
    jobs, output = told(awx, tmp_path, [deleted, job("FAILED"), job("EXPIRED")])
    assert jobs == [("Drift check", "all"), ("Verification", "all")], output[-3000:]
    assert "statusMessage" in output
