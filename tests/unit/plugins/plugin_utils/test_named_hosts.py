# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible.inventory.group import to_safe_group_name
from ansible_collections.vmc.aws_backup.plugins.plugin_utils.named_hosts import (
    folder_of,
    group_names,
    hosts,
    keys,
    parents,
)


def machine(name, number=1, path="/dc/vm/a", **more):
    arn = f"arn:aws:backup-gateway:r:1:vm/vm-{number}"
    return {"name": name, "id": f"vm-{number}", "resource_arn": arn, "path": path, "hypervisor": "sddc-1", **more}


@pytest.mark.parametrize("name", ["web-1.example.org", "web 1", "データベース", "{{ 1 + 1 }}"])
def test_a_host_is_called_as_in_vcenter(name):
    assert list(hosts([machine(name)], ["name"])) == [name]


def test_machines_of_one_name_have_their_ids_behind_it():
    found = hosts([machine("a", 1), machine("a", 2), machine("b", 3)], ["name"])
    assert list(found) == ["a_vm-1", "a_vm-2", "b"]
    assert found["a_vm-2"]["id"] == "vm-2"


def test_a_machine_that_is_called_as_another_one_with_its_id_is_not_lost():
    machines = [machine("a_vm-2", 1), machine("a", 2), machine("a", 3)]
    assert sorted(each["id"] for each in hosts(machines, ["name"]).values()) == ["vm-1", "vm-2", "vm-3"]


def test_the_first_name_that_it_has_counts():
    assert list(hosts([machine("", 1)], ["name", "resource_arn"])) == ["arn:aws:backup-gateway:r:1:vm/vm-1"]
    assert list(hosts([machine("", 1)], ["name"])) == ["vm-1"]


@pytest.mark.parametrize("path", ["/dc/vm/a", "/dc/vm/a/", "/dc/vm/a/web"])
def test_the_folder_is_known_by_whichever_form_the_path_has(path):
    assert folder_of(machine("web", path=path)) == "/dc/vm/a"


def test_what_a_machine_is_grouped_by():
    of = machine("web", tags={"stage": "production"}, protection="unprotected", protection_reason="too_old")
    assert keys(of, ["hypervisor", "folder", "tag", "protection"]) == [
        ("hypervisor", "sddc-1"),
        ("folder", "/dc/vm/a"),
        ("tag", "stage", "production"),
        ("protection", "unprotected", "too_old"),
    ]
    unknown = {**of, "protection": "unknown", "protection_reason": "AccessDenied: no"}
    assert keys(unknown, ["protection"]) == [("protection", "unknown", "")]
    assert keys(machine("web"), ["protection", "tag"]) == []


def test_groups_are_in_those_above():
    assert parents(("folder", "/dc/vm/a")) == [("folder", "/dc/vm"), ("folder", "/dc")]
    assert parents(("protection", "unprotected", "too_old")) == [("protection", "unprotected", "")]
    assert parents(("hypervisor", "sddc-1")) == parents(("protection", "protected", "")) == []


def test_groups_are_called_by_what_is_fit_for_one():
    wanted = [
        ("hypervisor", "sddc-1"),
        ("folder", "/dc/vm/web servers"),
        ("folder", "/dc/vm/データ"),
        ("tag", "stage", "a.b"),
        ("tag", "stage", ""),
        ("protection", "protected", ""),
        ("protection", "unprotected", "too_old"),
        ("protection", "unknown", ""),
    ]
    names = group_names(wanted, lambda name: to_safe_group_name(name, force=True, silent=True))
    assert list(names.values()) == [
        "hypervisor_sddc_1",
        "folder_dc_vm_web_servers",
        "folder_dc_vm_データ",
        "tag_stage_a_b",
        "tag_stage",
        "aws_backup_protected",
        "aws_backup_unprotected_too_old",
        "aws_backup_protection_unknown",
    ]


def test_groups_that_would_be_called_the_same_stay_two_whatever_their_order():
    wanted = [("folder", "/dc/a-b"), ("folder", "/dc/a b")]
    first, second = (
        group_names(each, lambda name: name.replace("-", "_").replace(" ", "_")) for each in (wanted, wanted[::-1])
    )
    assert first == second and len(set(first.values())) == 2
