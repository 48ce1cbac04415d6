# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The double of AWX: what it takes is what the modules of awx.awx send, and what AWX refuses it refuses."""

from __future__ import annotations

import ast
import json
import pathlib

import ansible_collections.awx.awx
import pytest
from lab.awx.api import ENCRYPTED, Awx, wrong_answer, wrong_survey
from lab.awx.kinds import KINDS
from werkzeug.test import Client

MODULES = pathlib.Path(next(iter(ansible_collections.awx.awx.__path__))) / "plugins" / "modules"
SENT_BY = {
    "label": "labels",
    "team": "teams",
    "credential_type": "credential_types",
    "credential": "credentials",
    "notification_template": "notification_templates",
    "execution_environment": "execution_environments",
    "project": "projects",
    "inventory": "inventories",
    "host": "hosts",
    "group": "groups",
    "inventory_source": "inventory_sources",
    "job_template": "job_templates",
    "workflow_job_template": "workflow_job_templates",
    "workflow_job_template_node": "workflow_job_template_nodes",
    "schedule": "schedules",
}
# What is no field: how the module works, words of it for a field, and what it sends by other ways.
WORKS = {
    "state",
    "new_name",
    "copy_from",
    "wait",
    "interval",
    "update_project",
    "update_secrets",
    "lookup_organization",
}
OTHERWISE = {
    "credentials": {"user", "team"},
    "groups": {"preserve_existing_hosts", "preserve_existing_children"},
    "inventory_sources": {"organization"},
    "job_templates": {"credential", "vault_credential", "survey_spec"},
    "workflow_job_templates": {"survey_spec", "workflow_nodes", "destroy_current_nodes"},
    "workflow_job_template_nodes": {"organization", "approval_node"},
    "schedules": {"organization"},
}


def options(module) -> dict:
    """The options of a module of awx.awx, with the choices of each."""
    tree = ast.parse((MODULES / f"{module}.py").read_text())
    (spec,) = (
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "argument_spec"
    )
    found = {}
    for option in spec.keywords:
        chosen = [word.value for word in option.value.keywords if word.arg == "choices"]
        found[option.arg] = ast.literal_eval(chosen[0]) if chosen and isinstance(chosen[0], ast.List) else None
    return found


@pytest.mark.parametrize(("module", "kind"), SENT_BY.items())
def test_each_option_of_a_module_is_a_field_or_an_association_with_its_choices(module, kind):
    known = {**KINDS[kind].fields, **KINDS[kind].associations}
    asked = {name: choices for name, choices in options(module).items() if name not in WORKS}
    assert set(asked) - set(known) - OTHERWISE.get(kind, set()) == set()
    for name, choices in asked.items():
        allowed = getattr(known.get(name), "choices", ())
        if choices and allowed:
            words = {"" if one == "manual" else one for one in choices}
            assert {type(allowed[0])(one) for one in words} <= set(allowed), name


@pytest.fixture
def awx():
    double = Awx(["site.yml"])
    client = Client(double)

    def ask(method, path, body=None, token="awx-token"):
        headers = {"Authorization": f"Bearer {token}"}
        answer = client.open(f"/api/v2/{path}/", method=method, json=body, headers=headers)
        return answer.status_code, json.loads(answer.get_data(as_text=True) or "null")

    double.ask = ask
    return double


def ids(awx):
    """A project, an inventory and a credential type with one credential."""
    project = awx.make("projects", {"name": "p", "organization": 1, "scm_type": "git"})["id"]
    inventory = awx.make("inventories", {"name": "i", "organization": 1})["id"]
    return project, inventory


@pytest.mark.parametrize(
    ("kind", "body", "why"),
    [
        ("labels", {"name": "x"}, "organization"),
        ("labels", {"name": "x", "organization": 999}, "organization"),
        ("job_templates", {"name": "x"}, "project"),
        ("job_templates", {"name": "x", "verbosity": 9}, "verbosity"),
        ("job_templates", {"name": "x", "diff_mode": "yes"}, "diff_mode"),
        ("credential_types", {"name": "x", "kind": "odd"}, "kind"),
        (
            "credential_types",
            {"name": "x", "kind": "cloud", "injectors": {"extra_vars": {"a": "{{ b }}"}}},
            "injectors",
        ),
        ("credential_types", {"name": "x", "kind": "cloud", "inputs": {"fields": [{"id": "a", "odd": 1}]}}, "inputs"),
        ("notification_templates", {"name": "x", "organization": 1, "notification_type": "email"}, "__all__"),
        ("projects", {"name": "x", "scm_type": "cvs"}, "scm_type"),
        ("hosts", {"name": "x", "variables": "{}"}, "inventory"),
        ("schedules", {"name": "x", "rrule": "FREQ=DAILY"}, "unified_job_template"),
    ],
)
def test_what_a_serializer_refuses_is_refused(awx, kind, body, why):
    status, said = awx.ask("POST", kind, body)
    assert (status, list(said)) == (400, [why])


def test_without_its_token_nobody_is_answered(awx):
    assert awx.ask("GET", "labels", token="other")[0] == 401


def test_a_template_names_a_playbook_that_its_project_has(awx):
    project, inventory = ids(awx)
    body = {"name": "t", "project": project, "inventory": inventory, "playbook": "other.yml"}
    assert awx.ask("POST", "job_templates", body)[1] == {"playbook": ["Playbook not found for project."]}
    assert awx.ask("POST", "job_templates", {**body, "playbook": "site.yml"})[0] == 201
    assert awx.ask("POST", "job_templates", {**body, "playbook": "site.yml"})[0] == 400  # there is one of that name


def test_a_secret_is_never_told_and_one_credential_of_a_type_is_taken(awx):
    kind = awx.by_name("credential_types", "Vault")["id"]
    made = [
        awx.ask("POST", "credentials", {"name": name, "credential_type": kind, "inputs": {"vault_password": "secret"}})[
            1
        ]
        for name in "ab"
    ]
    assert made[0]["inputs"] == {"vault_password": ENCRYPTED}
    project, inventory = ids(awx)
    body = {"name": "t", "project": project, "inventory": inventory, "playbook": "site.yml"}
    template = awx.ask("POST", "job_templates", body)[1]["id"]
    told = [awx.ask("POST", f"job_templates/{template}/credentials", {"id": one["id"]})[0] for one in made]
    assert told == [204, 400]


def test_a_label_goes_with_the_last_template_that_has_it(awx):
    project, inventory = ids(awx)
    label = awx.make("labels", {"name": "l", "organization": 1})["id"]
    body = {"project": project, "inventory": inventory, "playbook": "site.yml"}
    both = [awx.ask("POST", "job_templates", {**body, "name": name})[1]["id"] for name in "ab"]
    for one in both:
        awx.ask("POST", f"job_templates/{one}/labels", {"id": label})
    awx.ask("DELETE", f"job_templates/{both[0]}")
    assert awx.left()["labels"] == ["l"]
    awx.ask("DELETE", f"job_templates/{both[1]}")
    assert "labels" not in awx.left()


def test_a_node_answers_in_advance_only_what_is_asked(awx):
    project, inventory = ids(awx)
    body = {"name": "t", "project": project, "inventory": inventory, "playbook": "site.yml", "survey_enabled": True}
    template = awx.ask("POST", "job_templates", body)[1]["id"]
    question = {"type": "text", "question_name": "q", "variable": "v", "required": False, "min": 0, "max": 3}
    spec = {"name": "", "description": "", "spec": [question]}
    assert awx.ask("POST", f"job_templates/{template}/survey_spec", spec)[0] == 200
    workflow = awx.make("workflow_job_templates", {"name": "w", "organization": 1})["id"]
    node = {"workflow_job_template": workflow, "unified_job_template": template, "identifier": "n"}
    assert awx.ask("POST", "workflow_job_template_nodes", {**node, "extra_data": {"other": "x"}})[0] == 400
    assert awx.ask("POST", "workflow_job_template_nodes", {**node, "extra_data": {"v": "long"}})[0] == 400
    assert awx.ask("POST", "workflow_job_template_nodes", {**node, "extra_data": {"v": "x"}})[0] == 201


@pytest.mark.parametrize(
    ("rrule", "status"),
    [
        ("DTSTART;TZID=Europe/Berlin:20260101T060000 RRULE:FREQ=DAILY;INTERVAL=1", 201),
        ("DTSTART:20260101T060000Z RRULE:FREQ=MONTHLY;INTERVAL=1;BYDAY=SU;BYSETPOS=1", 201),
        ("DTSTART:20260101T060000Z RRULE:FREQ=DAILY", 400),
        ("RRULE:FREQ=DAILY;INTERVAL=1", 400),
        ("DTSTART:20260101T060000Z RRULE:FREQ=MONTHLY;INTERVAL=1;BYDAY=1SU", 400),
    ],
)
def test_a_rule_of_a_schedule_begins_with_its_start_and_has_an_interval(awx, rrule, status):
    project, _other = ids(awx)
    assert awx.ask("POST", "schedules", {"name": "s", "rrule": rrule, "unified_job_template": project})[0] == status


QUESTION = {"type": "text", "question_name": "q", "variable": "v", "required": False}


@pytest.mark.parametrize(
    "spec",
    [
        {},
        {"name": "", "description": "", "spec": []},
        {"name": "", "description": "", "spec": [QUESTION, QUESTION]},
        {"name": "", "description": "", "spec": [{**QUESTION, "type": "odd"}]},
        {"name": "", "description": "", "spec": [{**QUESTION, "required": "no"}]},
        {"name": "", "description": "", "spec": [{**QUESTION, "default": 5}]},
        {"name": "", "description": "", "spec": [{**QUESTION, "type": "multiplechoice"}]},
        {
            "name": "",
            "description": "",
            "spec": [{**QUESTION, "type": "multiplechoice", "choices": ["a"], "default": "b"}],
        },
    ],
)
def test_a_survey_that_awx_refuses_is_refused(spec):
    assert wrong_survey(spec)


def test_answers_have_the_type_of_their_question():
    assert wrong_answer({**QUESTION, "type": "integer"}, "5")
    assert wrong_answer(QUESTION, 5)
    assert wrong_answer({**QUESTION, "type": "multiplechoice", "choices": ["a"]}, "")
    assert wrong_answer(QUESTION, "5") is None
