# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every variable of every role: as it is meant, as text, empty and null. In the action alone, and in one play with all that core does before."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys

import pytest
from ansible_collections.vmc.aws_backup.plugins.action.inputs import READ_BY_ALL
from ansible_collections.vmc.aws_backup.plugins.plugin_utils.known_variables import ROLES, VARIABLES

from ..action.test_inputs import ON_VMC, SDDC, extra, read

__all__ = ["extra", "read"]  # fixtures
ROOT = pathlib.Path(__file__).parents[4]
# Those that say whose the site is have a form of their own.
RIGHT = {
    "endpoint_rules_quota": 120,
    "vmc_backup_name": "east",
    "vmc_backup_site_id": "site-1",
    "vmc_backup_site_gone": SDDC,
    "vmc_backup_protection": [{"name": "all", "presets": ["daily"]}],
    "protection_lock": {"min_retention_days": 7, "changeable_for_days": 3},
    "vmc_backup_appliances": [{"cluster": "Cluster-1", "addresses": ["10.0.0.1", "10.0.0.2"], "count": 2}],
}
# A value of each form.
OF_FORM = {
    "account_id": "123456789012",
    "address": "10.0.0.53",
    "host": "vc.example",
    "hypervisor_host": "vc.example",
    "hypervisor_password": "hush",
    "hypervisor_username": "backup@example.com",
    "https_url": "https://host.example:8443/path",
    "ipv4_address": "10.0.0.123",
    "proxy_url": "http://user:hush@proxy.example:3128",
    "web_url": "http://10.0.0.9:4566",
    "kms_alias": "alias/other",
    "kms_key_arn": "arn:aws:kms:eu-west-1:123456789012:key/1",
    "log_group_arn": "arn:aws:logs:eu-west-1:123456789012:log-group:backup",
    "backup_role_arn": "arn:aws:iam::123456789012:role/AWSBackup-jobs",
    "vault_name": "vmc-daily",
    "memory": 16384,
    "network": "10.0.0.0/24",
    "permissions_boundary": "arn:aws:iam::123456789012:policy/bounds",
    "region": "eu-central-1",
    "role_arn": "arn:aws:iam::123456789012:role/backup",
    "backup_role_name": "AWSBackup-other",
    "kms_key_reference": "alias/other",
    "time_zone": "Europe/Berlin",
    "vault_arn": "arn:aws:backup:eu-central-1:123456789012:backup-vault:copies",
    "role_name": "AWSBackup-other",
    "source": "10.0.0.9/32",
    "subnet_id": "subnet-0a",
    "tags": {"owner": "us"},
    "token": "hush",
    "username": "admin",
    "vpc_endpoint_id": "vpce-0a",
    "vpc_id": "vpc-0a",
}
EVERY = [(role, name) for role in ROLES for name in ROLES[role]]


def right(name, spec):
    """A value that a variable can have and that is not its default."""
    if name in RIGHT:
        return RIGHT[name]
    if "form" in spec:
        return [OF_FORM[spec["form"]]] * 2 if spec["type"] == "list" else OF_FORM[spec["form"]]
    if "choices" in spec:
        return next(choice for choice in spec["choices"] if choice != spec.get("default"))
    if spec["type"] == "dict" and "options" not in spec:
        return {"key": "text"}
    if spec["type"] == "dict" or spec.get("elements") == "dict":
        one = {key: right(key, option) for key, option in spec["options"].items()}
        return [one] if spec["type"] == "list" else one
    if spec["type"] == "list":
        return [5, 6] if spec["elements"] == "int" else ["first", "second"]
    return {"bool": not spec.get("default"), "int": spec.get("minimum", 0) + 3, "str": "text", "path": "/text"}[
        spec["type"]
    ]


def texts(value):
    """The ways in which a survey or a command line can say it."""
    if isinstance(value, bool):
        return ["true", "True", "yes"] if value else ["false", "False", "no"]
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return [json.dumps(value), ", ".join(value), "\n".join(value)]
    if isinstance(value, (list, dict)):
        return [json.dumps(value), json.dumps(value, indent=2)]
    return [str(value)]


@pytest.mark.parametrize(("role", "name"), EVERY)
def test_text_of_each_variable_means_what_it_says(read, role, name):
    value = right(name, VARIABLES[name])
    besides = {**ON_VMC, "vmc_backup_sddc_id": ""} if name == "vmc_backup_platform" else ON_VMC
    if name == "protection_backup_now":
        besides = {**besides, "vmc_backup_now_machines": ["web-1"], "vmc_backup_now_delete_after_days": 1}
    if name == "registration_activation_by":
        besides = {**besides, "registration_nat_source_address": "203.0.113.9"}
    meant = read(role, **{**besides, name: value})
    if name in meant["given"]:
        assert meant["given"][name] == value
    for text in texts(value):
        assert read(role, **{**besides, name: text}) == meant, text


@pytest.mark.parametrize(("role", "name"), EVERY)
def test_each_variable_that_is_empty_or_null_is_not_given(read, monkeypatch, role, name):
    for variable in VARIABLES[name].get("env", ()):
        monkeypatch.setenv(variable, str(right(name, VARIABLES[name])))
    besides = {key: held for key, held in ON_VMC.items() if key != name}
    if name == "vmc_backup_appliances":
        besides[f"{role}_state"] = "absent"  # which needs no plan
    if name == "vmc_backup_segment":
        besides["firewall_static_bindings"] = False
    absent = read(role, **besides)
    for empty in ("", " ", None):
        assert read(role, **besides, **{name: empty}) == absent


@pytest.mark.parametrize("role", ROLES)
def test_no_secret_is_among_what_is_given(read, role):
    hidden = {
        name: "hush" if VARIABLES[name]["type"] == "str" else {"key": "hush"}
        for name in (READ_BY_ALL if role == "prerequisites" else ROLES[role])
        if VARIABLES[name].get("no_log")
    }
    found = read(role, **{**ON_VMC, **hidden})
    assert "hush" not in str(found)
    assert set(hidden) <= set(found["secrets"])


PLAY = """\
- hosts: all
  gather_facts: false
  tasks:
    - block:
        - ansible.builtin.include_role:
            name: "vmc.aws_backup.{{ role }}"
      rescue:
        - ansible.builtin.copy:
            dest: "{{ inventory_dir }}/{{ inventory_hostname }}.txt"
            content: "{{ ansible_failed_result.msg }}"
"""
# A slip in a name is refused together with whatever else is wrong: a role that finds nothing else says it alone, and does nothing.
SLIP = {"vmc_backup_apliances": []}
NO_SLIP = "vmc_backup_apliances: there is no such variable. Is vmc_backup_appliances meant?"
FORMS = {
    "text": lambda name: texts(right(name, VARIABLES[name]))[0],
    "empty": lambda name: "",
    "null": lambda name: None,
}


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """What each role fails with, by the form of all of its variables: a host for each, in one play."""
    folder = tmp_path_factory.mktemp("play")
    hosts = {
        f"{role}-{form}": {"role": role, **SLIP, **{name: said(name) for name in ROLES[role]}}
        for role in ROLES
        for form, said in FORMS.items()
    }
    connection = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
    (folder / "hosts.json").write_text(json.dumps({"all": {"hosts": hosts, "vars": connection}}))
    (folder / "play.yml").write_text(PLAY)
    environment = {name: held for name, held in os.environ.items() if not name.startswith(("AWS_", "VMWARE_", "VMC_"))}
    command = [
        pathlib.Path(sys.executable).with_name("ansible-playbook"),
        folder / "play.yml",
        "-i",
        folder / "hosts.json",
    ]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return {host: (folder / f"{host}.txt").read_text().splitlines() for host in hosts}


@pytest.mark.parametrize("role", ROLES)
def test_core_lets_text_of_every_variable_through(told, role):
    assert told[f"{role}-text"] == [NO_SLIP, "Nothing was changed."]


@pytest.mark.parametrize("form", ["empty", "null"])
@pytest.mark.parametrize("role", ROLES)
def test_core_lets_every_variable_be_empty_and_null(told, role, form):
    needed = [name for name in ROLES[role] if role in VARIABLES[name].get("required_by", ())]
    said = [f"{name}: is not given, and the role {role} needs it." for name in needed]
    assert told[f"{role}-{form}"] == [NO_SLIP, *said, "Nothing was changed."]
