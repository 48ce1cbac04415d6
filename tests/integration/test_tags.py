# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The vSphere tags of an appliance: what others gave it stays, and what is refused leaves the appliance good for the next run."""

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.clients.tagging import Tagging
from modules import Modules

NAME = "gw-1"
ASKED = {"tags": {"Owner": "team-a"}, "image_tag_category": "Image"}


@pytest.fixture
def modules(lab):
    return Modules(lab)


def operations(lab, before):
    return [call["operation"].rpartition("/")[2] for call in lab.journal("write")[before:]]


def seen(modules):
    return modules.done("gateway_appliance", name=NAME, tags={})["appliance"]["tags"]


def test_an_appliance_says_whose_it_is_and_from_which_image(lab, modules):
    made = modules.done("gateway_appliance", **modules.deployed(**ASKED))["appliance"]
    assert made["tags"] == {"Owner": "team-a", "Image": f"sha256:{made['image']}"}
    [machine] = [one for one in lab.world()["sddcs"]["sddc-1"]["virtual_machines"] if one["name"] == NAME]
    assert {tag["category"]: tag["name"] for tag in machine["tags"]} == made["tags"]

    before = len(lab.journal())
    assert not modules.done("gateway_appliance", name=NAME, **ASKED)["changed"]
    asked = [call["operation"] for call in lab.journal()[before:] if call["service"] == "tagging"]
    assert len(asked) == 6  # the session, what is attached, and the names of two tags and of their categories


def test_tags_of_others_stay(lab, modules):
    modules.done("gateway_appliance", **modules.deployed(**ASKED))
    lab.break_("tag_machine", machine=NAME, category="backup", name="weekly")
    before = len(lab.journal("write"))
    changes = modules.done("gateway_appliance", name=NAME, **ASKED)["changes"]
    assert {change["path"]: change["effect"] for change in changes} == {
        "tags.Owner": "in_place",
        "tags.Image": "in_place",
    }
    assert seen(modules).keys() == {"backup", "Owner", "Image"}
    assert operations(lab, before) == ["{id}?action=attach"] * 2


def test_a_machine_has_one_tag_of_a_category_that_is_named(lab, modules):
    modules.done("gateway_appliance", **modules.deployed(**ASKED))
    before = len(lab.journal("write"))
    modules.done("gateway_appliance", name=NAME, tags={"Owner": "team-b"})
    assert operations(lab, before) == ["{id}?action=detach", "tag", "{id}?action=attach"]
    modules.done("gateway_appliance", name=NAME, tags={"Owner": ""})
    assert seen(modules).keys() == {"Image"}


@pytest.mark.parametrize("lacking", ["CreateCategory", "CreateTag", "AttachTag"])
def test_an_appliance_is_good_for_the_next_run_when_its_tags_are_refused(lab, modules, lacking):
    privileges = ["AttachTag", "CreateCategory", "CreateTag"]
    lab.switch(tagging_privileges=" ".join(one for one in privileges if one != lacking))
    refused = modules.run("gateway_appliance", **modules.deployed(**ASKED))
    assert refused["failed"] and "UNAUTHORIZED" in refused["msg"]
    assert refused["done"] == ["created the appliance"]
    assert {path.partition(".")[0] for path in refused["remaining"]} == {"tags"}
    lab.switch(tagging_privileges=" ".join(privileges))
    before = len(lab.journal("write"))
    assert modules.done("gateway_appliance", **modules.deployed(**ASKED))["changed"]
    assert "ImportVApp" not in operations(lab, before)
    assert not modules.done("gateway_appliance", **modules.deployed(**ASKED))["changed"]


def test_a_category_for_other_objects_is_refused_before_the_upload(lab, modules):
    spec = {"name": "Owner", "description": "", "cardinality": "SINGLE", "associable_types": ["HostSystem"]}
    Tagging(modules.options("gateway_appliance")).rest.request("POST", "/cis/tagging/category", json=spec)
    before = len(lab.journal("write"))
    for check_mode in (True, False):
        refused = modules.run("gateway_appliance", check_mode=check_mode, **modules.deployed(**ASKED))
        assert "tags: the category Owner is for HostSystem" in refused["msg"]
    assert operations(lab, before) == []


def test_a_preview_of_a_vcenter_that_is_out_of_reach_predicts_the_tags(modules):
    found = modules.run("gateway_appliance", check_mode=True, **modules.deployed(in_reach=False, **ASKED))
    tags = found["diff"]["after"]["tags"]
    assert tags["Owner"] == "team-a" and tags["Image"].startswith("sha256:")
