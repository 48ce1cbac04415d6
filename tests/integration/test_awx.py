# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""configure.yml against the API of AWX: the double of the lab, or with AWX_URL and AWX_TOKEN a real one (make awx)."""

from __future__ import annotations

import json
import os
import re
import subprocess

import awx_project
import pytest
from lab.awx.api import Awx
from lab.awx.kinds import KINDS
from lab.web import serve
from rehearsal import PLAYBOOK, ROOT, Run

pytestmark = [pytest.mark.proof, pytest.mark.xdist_group("awx")]

PREFIX = "vmc.aws_backup test "
REAL = os.environ.get("AWX_URL", "")
SECRET = "geheim-9-of-awx"
VARIABLES = {
    "configure_prefix": PREFIX,
    "configure_project": {"scm_url": os.environ.get("AWX_PROJECT", "https://git.example.com/project.git")},
    "configure_environment": {"image": "registry.example.com/ee:1"},
    "configure_inventory": {
        "hosts": {"sddc-1": {"vmc_backup_sddc_id": "one"}, "sddc-2": {}},
        "variables": {"vmc_backup_aws_region": "eu-central-1"},
        "source_path": "inventory/hosts.yml",
    },
    "configure_logins": ["dublin"],
    "configure_credentials": [
        {"name": "test token", "type": "VMware Cloud API token", "inputs": {"api_token": SECRET}},
        {"name": "test login", "type": "vCenter dublin", "inputs": {"username": "u", "password": SECRET}},
        {"name": "test vault", "type": "Vault", "inputs": {"vault_password": SECRET}},
        {
            "name": "test source",
            "type": "Source Control",
            "inputs": {"username": "u", "password": SECRET},
            "attach": False,
        },
    ],
    "configure_notifications": [
        {
            "name": "test mail",
            "type": "email",
            "configuration": {
                "host": "mail.example.com",
                "port": 25,
                "username": "u",
                "password": SECRET,
                "use_tls": True,
                "use_ssl": False,
                "sender": "awx@example.com",
                "recipients": ["backup@example.com"],
                "timeout": 30,
            },
        },
        {
            "name": "test hook",
            "type": "webhook",
            "configuration": {"url": "https://hook.example.com", "http_method": "POST", "headers": {}},
        },
    ],
    "configure_members": {"operator": ["admin"]},
    "configure_time_zone": "Europe/Berlin",
    "configure_schedules": {"Restore drill every month": {"enabled": False}},
    "configure_slices": {"Converge": 2},
}


@pytest.fixture(scope="module")
def awx():
    """The double, or where a real AWX is given, that one."""
    if REAL:
        yield None, REAL, os.environ["AWX_TOKEN"]
        return
    double = Awx([f"{one['playbook']}.yml" for one in awx_project.templates()])
    server = serve(double, "127.0.0.1", 0)
    yield double, f"http://127.0.0.1:{server.server_port}", double.token
    server.shutdown()


@pytest.fixture(scope="module")
def configured(awx):
    """What four runs said, from nothing: a preview, two that write, and a preview again."""
    found = [configure(awx, *mode) for mode in (["--check"], [], [])]
    if awx[0]:
        awx[0].no_filter = ""  # of an inventory without one, which AWX tells in this way or as null
    return [*found, configure(awx, "--check")]


def configure(awx, *arguments, **more) -> Run:
    _double, url, token = awx
    environment = {
        **os.environ,
        "CONTROLLER_HOST": url,
        "CONTROLLER_OAUTH_TOKEN": token,
        "CONTROLLER_VERIFY_SSL": "false",
    }
    extra = json.dumps({**VARIABLES, **more})
    command = [str(PLAYBOOK), "playbooks/awx/configure.yml", "-e", extra, *arguments]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    run = Run(done.returncode, done.stdout)
    assert run.returncode == 0, run.output[-6000:]
    assert SECRET not in run.output
    return run


def test_a_preview_of_nothing_says_what_would_be_made(awx, configured):
    first = configured[0]
    assert first.changed > 0
    for template in awx_project.templates():
        assert PREFIX + template["name"] in first.output


def test_a_second_run_finds_it_unchanged(configured):
    _double, first, second, preview = configured
    assert first.changed > 15  # tasks, of which each makes several things
    changed = re.findall(r"^changed: .*", second.output, re.MULTILINE)
    assert (second.changed, changed) == (0, [])
    changed = re.findall(r"^changed: .*", preview.output, re.MULTILINE)
    assert (preview.changed, changed) == (0, [])


def test_nothing_is_sent_that_awx_does_not_know(awx, configured):
    double = awx[0] or pytest.skip("only the double tells")
    # The modules of awx.awx send these, whatever they are told.
    assert set(double.ignored) <= {("job_templates", "organization"), ("credential_types", "managed")}


def test_each_template_is_as_it_is_wanted(awx, configured):
    double = awx[0] or pytest.skip("only the double tells")
    surveys = awx_project.wanted()["configure_surveys"]
    for wanted in awx_project.templates():
        kept = double.by_name("job_templates", PREFIX + wanted["name"])
        assert (kept["playbook"], kept["timeout"]) == (f"{wanted['playbook']}.yml", wanted["timeout"])
        assert (kept["allow_simultaneous"], kept["ask_limit_on_launch"]) == (False, True)
        assert double.names("job_templates", kept["id"], "labels") == sorted(["vmc.aws_backup", wanted["label"]])
        assert double.names("job_templates", kept["id"], "credentials") == ["test login", "test token", "test vault"]
        assert double.names("job_templates", kept["id"], "notification_templates_error") == ["test hook", "test mail"]
        asked = double.surveys.get(kept["id"], {}).get("spec", [])
        assert asked == surveys.get(wanted["playbook"], [])
    assert double.by_name("job_templates", "Converge")["job_slice_count"] == 2


def test_the_workflows_lead_from_drift_through_an_approval_and_from_a_failure_to_a_closing_run(awx, configured):
    double = awx[0] or pytest.skip("only the double tells")
    found = {}
    for node in double.things["workflow_job_template_nodes"].values():
        for when in ("success", "failure", "always"):
            for then in double.names("workflow_job_template_nodes", node["id"], f"{when}_nodes"):
                found[node["identifier"], when] = then
    assert found == {
        ("drift", "failure"): "offer",
        ("offer", "success"): "approve",
        ("approve", "success"): "correct",
        ("correct", "success"): "drift again",
        ("converge", "failure"): "close",
    }
    (approval,) = double.things["workflow_approval_templates"].values()
    assert approval["timeout"] == 28800
    assert double.by_name("workflow_job_template_nodes", "close")["extra_data"] == {"vmc_backup_after_failure": "true"}


def test_who_may_do_what(awx, configured):
    double = awx[0] or pytest.skip("only the double tells")
    teams = {number: one["name"].removeprefix(PREFIX) for number, one in double.things["teams"].items()}

    def may(kind, name, role):
        shown = double.shown(kind, double.by_name(kind, PREFIX + name))
        number = shown["summary_fields"]["object_roles"][f"{role}_role"]["id"]
        return sorted(teams[one] for one in double.linked.get(("roles", number, "teams"), []))

    for template in awx_project.templates():
        assert may("job_templates", template["name"], "execute") == sorted(template["teams"])
        assert may("job_templates", template["name"], "read") == ["approver", "auditor"]
    assert may("workflow_job_templates", "Drift to correction", "approval") == ["approver"]
    assert may("workflow_job_templates", "Drift to correction", "execute") == ["operator"]


def test_a_secret_is_written_when_it_is_asked_for_and_else_left(awx, configured):
    double = awx[0] or pytest.skip("only the double tells")
    calls = len(double.calls)
    configure(awx)
    assert double.calls[calls:] == []
    run = configure(awx, configure_update_secrets=True)
    written = {path.split("/")[3] for method, path, *_rest in double.calls[calls:]}
    assert run.changed > 0
    assert written == {"credentials", "notification_templates"}


def test_absent_leaves_nothing(awx, configured):
    preview = configure(awx, "--check", configure_state="absent")
    first = configure(awx, configure_state="absent")
    second = configure(awx, configure_state="absent")
    assert (preview.changed > 0, first.changed > 0, second.changed) == (True, True, 0)
    if awx[0]:
        assert awx[0].left() == {}


# The names in each payload that awxkit puts together.
PAYLOADS = """
import ast, inspect, json, textwrap
from awxkit.api import pages

found = {}
for name in "JobTemplate WorkflowJobTemplate WorkflowJobTemplateNode Project Inventory InventorySource Host".split():
    tree = ast.parse(textwrap.dedent(inspect.getsource(getattr(pages, name).payload)))
    found[name] = [one.value for each in ast.walk(tree) if isinstance(each, ast.Tuple) for one in each.elts if isinstance(one, ast.Constant)]
print(json.dumps(found))
"""
OF_AWXKIT = {
    "JobTemplate": "job_templates",
    "WorkflowJobTemplate": "workflow_job_templates",
    "WorkflowJobTemplateNode": "workflow_job_template_nodes",
    "Project": "projects",
    "Inventory": "inventories",
    "InventorySource": "inventory_sources",
    "Host": "hosts",
}
OF_OLD = {"credential", "vault_credential", "execution_environment"}  # which AWX takes no more, or for another kind


def test_what_the_published_client_sends_the_double_takes():
    python = ROOT / ".build" / "awx-tools" / "bin" / "python"
    assert python.exists(), f"{python} is missing: make proof brings it."
    told = subprocess.run([str(python), "-c", PAYLOADS], capture_output=True, text=True, check=True).stdout
    for page, names in json.loads(told).items():
        kind = KINDS[OF_AWXKIT[page]]
        assert {name for name in names if isinstance(name, str)} - {
            *kind.fields,
            *kind.associations,
        } - OF_OLD == set(), page
