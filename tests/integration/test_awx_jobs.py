# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The templates of AWX as its jobs: surveys that are not asked, left empty or answered in text give the same world."""

from __future__ import annotations

import re
import subprocess

import awx_job
import pytest
import yaml
from awx_project import NOT_YET, templates, wanted
from crash_matrix import difference
from lab.awx.api import wrong_answer
from modules import Modules
from rehearsal import PLAYBOOK, Lab

pytestmark = pytest.mark.proof

SURVEYS = wanted()["configure_surveys"]
LARGEST = 60_000  # characters of one result; AWX shows up to 700,000
HOST = "sddc-1"
PORT = {
    "resource_type": "L4PortSetServiceEntry",
    "l4_protocol": "TCP",
    "destination_ports": ["80"],
}
# What has to be said, and what else a survey can be told, as a person types it.
SAID = {
    "rotate_credentials": {"vmc_backup_rotate_confirm": HOST},
    "teardown": {"vmc_backup_teardown_confirm": HOST},
}
TYPED = {
    "close_activation": {"vmc_backup_after_failure": "false"},
    "site": {"vmc_backup_strategy": "host_pinned"},
    "rotate_credentials": {"vmc_backup_new_hypervisor_username": ""},
    "teardown": {
        "vmc_backup_teardown_scope": "sddc",
        "vmc_backup_teardown_unplanned": "[]",
        "vmc_backup_site_gone": " ",
    },
}
SEEDS = {"preflight": "empty", "site": "empty"}
LEAVE_ARTIFACTS = {"preflight", "site", "rotate_credentials", "teardown"}
# They need a second appliance, a drift check, a backup or a point before them, and have tests of their own.
ELSEWHERE = {
    "replace_gateway",
    "offer_correction",
    "correct",
    "backup_now",
    "restore",
    "restore_drill",
    "verification",
    "cost",
}


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    found = Lab(tmp_path_factory.mktemp("jobs"))
    found.up("--seed", "converged")
    yield found
    found.down()


def answers(playbook, how, more) -> dict:
    """A survey that is not asked, left empty where that may be, or answered in text."""
    asked = {one["variable"]: one for one in SURVEYS[playbook]}
    given = {**SAID.get(playbook, {}), **more}
    if how == "empty":
        given = {**dict.fromkeys(asked, ""), **given}
    if how == "text":
        given = {**given, "vmc_backup_hosts": HOST, **TYPED.get(playbook, {})}
        assert [wrong_answer(asked[name], value) for name, value in given.items() if value] == [None] * sum(
            map(bool, given.values())
        )
    return given


def more_for(lab, playbook) -> dict:
    if playbook != "rotate_credentials":
        return {}
    hosts = yaml.safe_load(lab.inventory.read_text())["all"]["children"]["vmc_sddcs"]["hosts"]
    return {"vmc_backup_new_hypervisor_password": hosts[HOST]["vmc_backup_vcenter_password"]}


@pytest.mark.parametrize("playbook", sorted({one["playbook"] for one in templates()} - NOT_YET - ELSEWHERE))
def test_a_survey_gives_one_world_however_it_is_answered(lab, tmp_path, playbook):
    worlds, more = [], more_for(lab, playbook)
    for how in ("unasked", "empty", "text"):
        lab.reset(seed=SEEDS.get(playbook, "converged"))
        job = awx_job.job(tmp_path / how, playbook, awx_job.inventory(lab.inventory), **answers(playbook, how, more))
        red = playbook == "preflight" and "needs_you" in str(job.artifacts)
        assert job.status == ("failed" if red else "successful"), job.output[-6000:]
        worlds.append(lab.world())
        assert {name: size for name, size in job.results.items() if size > LARGEST} == {}
        kept = str(job.artifacts)
        assert not [secret for secret in lab.secrets().values() if secret in kept]
        if playbook in LEAVE_ARTIFACTS:
            assert list(job.artifacts) == ["vmc_backup_outcome_sddc_1"]
        writes = lab.journal("write")
        assert job.changed == (playbook in ("site", "teardown", "rotate_credentials")), writes
    assert difference(worlds[0], worlds[1]) is None
    assert difference(worlds[0], worlds[2]) is None


def test_an_unchanged_site_is_green_and_says_that_nothing_was_changed(lab, tmp_path):
    lab.reset(seed="converged")
    job = awx_job.job(tmp_path / "job", "site", awx_job.inventory(lab.inventory))
    assert (job.status, job.changed) == ("successful", False)
    assert job.artifacts["vmc_backup_outcome_sddc_1"] == {HOST: {"verdict": "unchanged", "changes": {}, "notes": 0}}


def test_a_failed_job_ends_with_what_to_do(lab, tmp_path):
    lab.reset(seed="converged")
    hosts = awx_job.inventory(lab.inventory)
    hosts["_meta"]["hostvars"][HOST]["vmc_backup_aws_region"] = "eu-west-9"
    job = awx_job.job(tmp_path / "job", "site", hosts)
    assert job.status == "failed"
    last = re.sub(r"\x1b\[[0-9;]*m", "", job.output).split("PLAY RECAP")[0][-1500:]
    assert "eu-west-9" in last


def test_the_closing_run_closes_what_a_cancelled_job_left_open_and_stays_red(lab, tmp_path):
    lab.reset(seed="converged")
    Modules(lab).done(
        "nsx_cgw_rule",
        id=f"{HOST}-activation",
        source_groups=["127.0.0.1/32"],
        destination_groups=["127.99.0.10/32"],
        service_entries=[PORT],
        scope=["/infra/labels/cgw-all"],
        action="ALLOW",
    )
    assert "activation" in str(lab.world())
    job = awx_job.job(
        tmp_path / "job", "close_activation", awx_job.inventory(lab.inventory), vmc_backup_after_failure="true"
    )
    assert (job.status, job.changed) == ("failed", True)
    assert "No activation port of sddc-1 is open any more" in " ".join(job.output.split())
    assert "activation" not in str(lab.world())


def typed_login(_folder, password):
    """A credential of a type for one login sets variables of its own, which the host refers to."""
    return "{{ vcenter_dublin_password }}", {"vcenter_dublin_password": password}, ()


def vaulted(folder, password):
    """The inventory keeps it as it was in the project, and the credential of type Vault opens it."""
    secret = folder / "vault-password"
    secret.write_text("opens")
    command = [
        str(PLAYBOOK.with_name("ansible-vault")),
        "encrypt_string",
        "--vault-password-file",
        str(secret),
        password,
    ]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    text = "\n".join(line.strip() for line in told.splitlines()[1:]) + "\n"
    return {"__ansible_vault": text}, {}, (f"--vault-password-file {secret}",)


def looked_up(folder, password):
    (folder / "kept").write_text(password)
    return f"{{{{ lookup('ansible.builtin.file', '{folder}/kept') }}}}", {}, ()


@pytest.mark.parametrize("how", [typed_login, vaulted, looked_up])
def test_a_secret_of_one_sddc_reaches_its_job_and_nothing_that_awx_keeps(lab, tmp_path, how):
    lab.reset(seed="converged")
    hosts = awx_job.inventory(lab.inventory)
    variables = hosts["_meta"]["hostvars"][HOST]
    password = variables["vmc_backup_vcenter_password"]
    variables["vmc_backup_vcenter_password"], extra, arguments = how(tmp_path, password)
    variables.pop("vmc_backup_hypervisor_password", None)
    job = awx_job.job(tmp_path / "job", "site", hosts, *arguments, **extra)
    assert (job.status, job.changed) == ("successful", False), job.output[-3000:]
    assert password not in job.output + str(job.events)


def test_a_converge_that_fails_is_followed_by_a_closing_run_and_the_workflow_is_red(lab, tmp_path):
    lab.reset(seed="converged")
    hosts = awx_job.inventory(lab.inventory)
    hosts["_meta"]["hostvars"][HOST]["vmc_backup_aws_region"] = "eu-west-9"
    story = awx_job.workflow(tmp_path, "Converge and close", hosts)
    assert (story.successful, story.nodes) == (False, [("converge", "failed"), ("close", "failed")])


def test_a_converge_that_ends_well_needs_no_closing_run(lab, tmp_path):
    lab.reset(seed="converged")
    story = awx_job.workflow(tmp_path, "Converge and close", awx_job.inventory(lab.inventory))
    assert (story.successful, story.nodes) == (True, [("converge", "successful")])


DRIFT = "Drift to correction"


def test_drift_is_found_approved_corrected_and_gone(lab, tmp_path):
    lab.reset(seed="converged")
    expected = lab.world()
    lab.break_("drop_rule", rule="sddc-1-appliances-to-vcenter")
    story = awx_job.workflow(tmp_path, DRIFT, awx_job.inventory(lab.inventory), approves=True)
    walked = [("drift", "failed"), *((name, "successful") for name in ("offer", "approve", "correct", "drift again"))]
    assert (story.successful, story.nodes) == (True, walked)
    assert difference(expected, lab.world()) is None


def test_drift_that_is_not_approved_in_time_is_left(lab, tmp_path):
    lab.reset(seed="converged")
    lab.break_("drop_rule", rule="sddc-1-appliances-to-vcenter")
    lab.forget()
    story = awx_job.workflow(tmp_path, DRIFT, awx_job.inventory(lab.inventory), approves=False)
    assert story.nodes == [("drift", "failed"), ("offer", "successful"), ("approve", "failed")]
    assert not story.successful
    assert lab.journal("write") == []


@pytest.mark.parametrize(
    ("left", "said"),
    [
        ({}, "this is no drift but an error"),
        ({"drift_counts": {"critical": 1}, "drift_complete": False}, "is not complete"),
        ({"drift_counts": {"critical": 1}, "drift_complete": "false"}, "is not complete"),
    ],
)
def test_an_error_or_a_part_of_a_report_is_not_offered_to_be_corrected(lab, tmp_path, left, said):
    job = awx_job.job(tmp_path / "job", "offer_correction", awx_job.inventory(lab.inventory), **left)
    assert job.status == "failed"
    assert said in " ".join(job.output.split())


def test_a_whole_report_is_offered(lab, tmp_path):
    left = {"drift_counts": {"critical": 1}, "drift_complete": True, "drift_digest": "abc"}
    job = awx_job.job(tmp_path / "job", "offer_correction", awx_job.inventory(lab.inventory), **left)
    assert (job.status, job.changed) == ("successful", False)
