# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What AWX offers of the repository and of the example project, and whether what configure.yml wants can be.

WRITE_DOWN=1 writes the playbooks of the example project anew.
"""

from __future__ import annotations

import os
import re

import awx_project
import pytest
import yaml
from ansible_collections.vmc.aws_backup.plugins.plugin_utils.known_variables import VARIABLES
from awx_project import CONFIGURE, NOT_YET, PROJECT, ROOT
from lab.awx.api import wrong_answer, wrong_survey

WANTED = awx_project.wanted()
TEMPLATES = awx_project.templates()
SURVEYS = WANTED["configure_surveys"]
PLAYBOOKS = {path.stem for path in (ROOT / "playbooks").glob("*.yml")}
WITHOUT_TEMPLATE = {"guard", "verify_live"}  # a part of all of them, and what a person runs once
NOT_IN_THE_EXAMPLE = {"state", "update_secrets", "playbooks", "surveys"}  # commands, and what is only of the repository


def test_the_repository_as_a_project_offers_its_playbooks_and_nothing_of_tests_and_examples():
    offered = awx_project.offered(ROOT)
    assert offered == sorted([*(f"playbooks/{name}.yml" for name in PLAYBOOKS), "playbooks/awx/configure.yml"]), (
        "AWX takes each file with a line that begins with hosts: or import_playbook: for a playbook. In a file that is none, put the word in quotes."
    )


def test_the_repository_as_a_project_brings_itself_and_what_it_rests_on():
    asked = yaml.safe_load((ROOT / "collections" / "requirements.yml").read_text())["collections"]
    needs = yaml.safe_load((ROOT / "galaxy.yml").read_text())["dependencies"]
    assert asked == [
        *({"name": name, "version": version} for name, version in needs.items()),
        {"name": ".", "type": "dir"},
    ]


def test_the_example_project_offers_a_thin_playbook_for_each_template():
    there = {one["playbook"] for one in TEMPLATES} - NOT_YET
    if os.environ.get("WRITE_DOWN"):
        for playbook in there:
            (PROJECT / f"{playbook}.yml").write_text(awx_project.thin(playbook))
    assert awx_project.offered(PROJECT) == sorted(f"{playbook}.yml" for playbook in there)
    for playbook in there:
        assert (PROJECT / f"{playbook}.yml").read_text() == awx_project.thin(playbook)


def test_each_playbook_that_a_template_names_is_there_and_none_is_forgotten():
    named = {one["playbook"] for one in TEMPLATES}
    assert named - PLAYBOOKS == NOT_YET, "take out of NOT_YET what is there now"
    assert PLAYBOOKS - named == WITHOUT_TEMPLATE


def test_templates_say_how_long_who_and_whether_they_write():
    for one in TEMPLATES:
        assert 0 < one["timeout"] <= 86400
        assert one["label"] in WANTED["__configure_labels"]
        assert one["teams"]
        assert set(one["teams"]) <= set(WANTED["__configure_teams"])
    assert len({one["name"] for one in TEMPLATES}) == len(TEMPLATES)
    may_look = {one["name"] for one in TEMPLATES if "auditor" in one["teams"]}
    assert may_look <= {one["name"] for one in TEMPLATES if one["label"] == "reads"}


@pytest.mark.parametrize("workflow", WANTED["__configure_workflows"], ids=lambda one: one["name"])
def test_the_nodes_of_a_workflow_are_made_before_those_that_lead_to_them(workflow):
    names, made = {one["name"] for one in TEMPLATES}, set()
    for node in workflow["nodes"]:
        assert node.get("template", "approval") in {*names, "approval"}
        assert set(node.get("success", []) + node.get("failure", [])) <= made
        assert ("approval" in node) + ("success" in node or "failure" in node) < 2
        made.add(node["identifier"])


def test_what_a_node_answers_in_advance_is_asked():
    playbooks = {one["name"]: one["playbook"] for one in TEMPLATES}
    for node in [node for workflow in WANTED["__configure_workflows"] for node in workflow["nodes"]]:
        if node.get("extra_data") and playbooks[node["template"]] not in NOT_YET:
            asked = {one["variable"]: one for one in SURVEYS[playbooks[node["template"]]]}
            assert [wrong_answer(asked[name], value) for name, value in node["extra_data"].items()] == [None] * len(
                node["extra_data"]
            )


def test_each_schedule_starts_a_template():
    assert {one["template"] for one in WANTED["__configure_schedules"]} <= {one["name"] for one in TEMPLATES}


@pytest.mark.parametrize("playbook", sorted(SURVEYS))
def test_a_survey_is_one_that_awx_takes_and_may_be_left_empty(playbook):
    assert wrong_survey({"name": "", "description": "", "spec": SURVEYS[playbook]}) is None
    for question in SURVEYS[playbook]:
        assert "default" not in question, (
            "a default, even an empty one, would count before the inventory in what is scheduled"
        )
        assert question["variable"] in VARIABLES
        if question["type"] != "multiplechoice" and not question["required"]:
            assert wrong_answer(question, "") is None


def test_what_only_a_person_may_say_is_required():
    required = {one["variable"] for questions in SURVEYS.values() for one in questions if one["required"]}
    confirmed = {name for name in VARIABLES if name.endswith("_confirm") and name.startswith("vmc_backup_")}
    assert confirmed <= required


def test_credentials_set_variables_that_are_known():
    for one in WANTED["__configure_credential_types"]:
        assert set(one["injectors"]["extra_vars"]) <= set(VARIABLES)
        ids = {field["id"] for field in one["inputs"]["fields"]}
        told = " ".join(one["injectors"]["extra_vars"].values())
        assert set(re.findall(r"{{ (\w+) }}", told)) == ids
        secret = {field["id"] for field in one["inputs"]["fields"] if field.get("secret")}
        assert secret == {one for one in ids if VARIABLES_ARE_SECRET.search(one)}


VARIABLES_ARE_SECRET = re.compile("token|password|secret")


def test_one_file_has_all_that_a_user_says():
    told = set(yaml.load((PROJECT / "awx.yml").read_text(), awx_project.Loader))
    files = [*CONFIGURE.glob("*.yml"), *CONFIGURE.glob("tasks/*.yml")]
    used = {name for path in files for name in re.findall(r"(?<![\w.])configure_\w+", path.read_text())}
    assert used - {f"configure_{name}" for name in NOT_IN_THE_EXAMPLE} == told
