# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from types import SimpleNamespace

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.appliance.vsphere_tags import VsphereTags
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import Invalid

NEW = SimpleNamespace(api_version=(7, 0, 3))


class Tagging:
    """Tags that are a dictionary: category -> names. What is written is kept."""

    def __init__(self, known, attached, types=("VirtualMachine",)):
        self.known = {category: list(names) for category, names in known.items()}
        self.has = list(attached)
        self.types = list(types)
        self.writes = []

    def categories(self):
        return [{"id": f"id of {name}", "name": name, "associable_types": self.types} for name in self.known]

    def tags(self, category_id):
        names = self.known.get(category_id.removeprefix("id of "), [])
        return [{"id": name, "name": name} for name in names]

    def attached(self, _moid):
        return [{"id": name, "name": name, "category": category} for category, name in self.has]

    def create_category(self, name, _description):
        self.writes.append(("create_category", name))
        return f"id of {name}"

    def create_tag(self, name, category_id, _description):
        self.writes.append(("create_tag", name, category_id))
        return name

    def attach(self, tag_id, _moid):
        self.writes.append(("attach", tag_id))

    def detach(self, tag_id, _moid):
        self.writes.append(("detach", tag_id))


def tags(asked, *, image_category=None, known=(), attached=(), **more):
    made = VsphereTags(NEW, asked, image_category)
    made.tagging = Tagging(dict(known), attached, **more)
    return made


OWNED = [("Owner", "team-a")]


def test_a_category_with_several_tags_shows_them_all():
    found = tags({}, attached=[*OWNED, ("Apps", "web"), ("Apps", "db")]).seen("vm-1")
    assert found == {"Owner": "team-a", "Apps": ["db", "web"]}


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ({}, {"Owner": "team-a", "Apps": ["db", "web"]}),
        ({"Owner": "team-b"}, {"Owner": "team-b", "Apps": ["db", "web"]}),
        ({"Owner": ""}, {"Apps": ["db", "web"]}),
        ({"Owner": None}, {"Owner": "team-a", "Apps": ["db", "web"]}),
        ({"Apps": "web"}, {"Owner": "team-a", "Apps": "web"}),
        ({"Cost": 42}, {"Owner": "team-a", "Apps": ["db", "web"], "Cost": "42"}),
    ],
)
def test_tags_of_categories_that_are_not_named_stay(asked, wanted):
    have = {"Owner": "team-a", "Apps": ["db", "web"]}
    assert tags(asked).wanted(have, "abc") == wanted


def test_the_image_is_a_tag_of_the_category_for_it():
    assert tags({"Owner": "a"}, image_category="Image").wanted({}, "abc") == {"Owner": "a", "Image": "sha256:abc"}
    assert tags(None, image_category="Image").wanted({}, None) == {}


def test_what_vcenter_does_not_know_is_made_before_it_is_attached():
    made = tags({})
    made.write("vm-1", {"Owner": "team-a"})
    assert made.tagging.writes == [
        ("create_category", "Owner"),
        ("create_tag", "team-a", "id of Owner"),
        ("attach", "team-a"),
    ]


def test_what_vcenter_knows_is_only_attached():
    made = tags({}, known={"Owner": ["team-a"]})
    made.write("vm-1", {"Owner": "team-a"})
    assert made.tagging.writes == [("attach", "team-a")]


def test_another_tag_of_the_category_goes_first_because_it_may_allow_one_only():
    made = tags({}, known={"Owner": ["team-a", "team-b"]}, attached=[*OWNED, ("Tier", "gold")])
    made.write("vm-1", {"Owner": "team-b", "Tier": "gold"})
    assert made.tagging.writes == [("detach", "team-a"), ("attach", "team-b")]


def test_categories_are_not_asked_for_when_a_tag_only_goes():
    made = tags({}, attached=OWNED)
    made.tagging.categories = None
    made.write("vm-1", {})
    assert made.tagging.writes == [("detach", "team-a")]


def test_what_is_as_wanted_is_not_written():
    made = tags({}, known={"Owner": ["team-a"], "Apps": ["web"]}, attached=[*OWNED, ("Apps", "web"), ("Apps", "db")])
    made.write("vm-1", {"Owner": "team-a", "Apps": ["db", "web"]})
    assert made.tagging.writes == []


@pytest.mark.parametrize(
    ("option", "image_category", "wanted"),
    [("tags", None, {"Owner": "team-b"}), ("image_tag_category", "Owner", {"Owner": "sha256:abc"})],
)
def test_a_category_for_other_objects_is_refused(option, image_category, wanted):
    made = tags({}, image_category=image_category, known={"Owner": []}, types=["Datastore", "HostSystem"])
    with pytest.raises(Invalid, match="Owner is for Datastore, HostSystem, not for VirtualMachine") as caught:
        made.check({}, wanted)
    assert caught.value.option == option


@pytest.mark.parametrize("types", [[], ["Datastore", "VirtualMachine"]])
def test_a_category_for_all_objects_is_good_and_one_that_is_not_there_too(types):
    tags({}, known={"Owner": []}, types=types).check({}, {"Owner": "team-b", "New": "x"})


def test_categories_are_not_asked_for_when_nothing_differs():
    made = tags({})
    made.tagging.categories = None
    made.check({"Owner": "team-a"}, {"Owner": "team-a"})


@pytest.mark.parametrize(
    ("asked", "image_category", "option"),
    [
        ({"Owner": ["a", "b"]}, None, "tags"),
        ({"Owner": {"name": "a"}}, None, "tags"),
        ({"": "a"}, None, "tags"),
        ({"Owner": "x" * 257}, None, "tags"),
        ({"x" * 257: "a"}, None, "tags"),
        ({"Owner": "a"}, "Owner", "image_tag_category"),
        ({}, "x" * 257, "image_tag_category"),
    ],
)
def test_what_vcenter_cannot_take_is_refused(asked, image_category, option):
    with pytest.raises(Invalid) as caught:
        VsphereTags(NEW, asked, image_category)
    assert caught.value.option == option


@pytest.mark.parametrize("version", [(6, 7, 3), (7, 0), (7, 0, 1), (7, 0, 1, 9)])
def test_an_older_vcenter_is_told(version):
    old = SimpleNamespace(api_version=version, content=SimpleNamespace(about=SimpleNamespace(version="6.7.0")))
    with pytest.raises(Invalid, match="needs vCenter 7.0 Update 2 or newer; this one is 6.7.0"):
        VsphereTags(old, {"Owner": "a"}).seen("vm-1")


@pytest.mark.parametrize("version", [(7, 0, 2), (7, 0, 2, 0), (8, 0)])
def test_the_first_vcenter_that_has_what_is_needed_is_asked(version):
    there = SimpleNamespace(
        api_version=version, params={"hostname": "vc", "username": "u", "password": "p", "port": 443}
    )
    assert VsphereTags(there, {"Owner": "a"}).tagging is not None
