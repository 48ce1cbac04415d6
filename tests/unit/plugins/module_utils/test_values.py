# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils import values
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import Invalid
from ansible_collections.vmc.aws_backup.plugins.module_utils.values import Unresolved


def test_an_unresolved_reference_equals_nothing_not_even_itself():
    reference = same = Unresolved("gateway", "gw")
    assert reference != same
    assert (reference == same) is False
    assert reference != "gw"
    assert [reference] != [Unresolved("gateway", "gw")]


def test_an_unresolved_reference_prints_as_its_name():
    assert f"{Unresolved('gateway', 'gw')}" == "gw"
    assert repr([Unresolved("gateway", "gw")]) == "[gw]"


def test_unresolved_finds_references_at_any_depth():
    a, b = Unresolved("group", "a"), Unresolved("group", "b")
    found = values.unresolved({"groups": [a, "sg-1"], "nested": {"deep": ({"er": b},)}, "plain": 1})
    assert [reference.name for reference in found] == ["a", "b"]
    assert values.unresolved({"groups": ["sg-1"]}) == []


def test_plain_is_what_json_can_carry():
    value = {"a": [Unresolved("group", "name"), 1], "b": ({"c": Unresolved("x", "y")},), "d": None}
    assert json.loads(json.dumps(values.plain(value))) == {"a": ["name", 1], "b": [{"c": "y"}], "d": None}


def test_given_keeps_what_was_given_even_when_it_clears():
    params = {"name": "x", "notes": "", "tags": {}, "members": [], "policy": None, "other": 1}
    assert values.given(params, "name", "notes", "tags", "members", "policy", "unknown") == {
        "name": "x",
        "notes": "",
        "tags": {},
        "members": [],
    }


def test_given_strips_nulls_inside_suboptions():
    params = {"window": {"hour": 1, "day": None}, "entries": [{"a": None, "b": [{"c": None}]}]}
    assert values.given(params, "window", "entries") == {"window": {"hour": 1}, "entries": [{"b": [{}]}]}


def test_canonical_does_not_depend_on_order_or_doubles():
    assert values.canonical(["b", "a", "b"]) == values.canonical(["a", "b"]) == ["a", "b"]
    assert values.canonical([{"p": 2}, {"p": 1}, {"p": 2}]) == [{"p": 1}, {"p": 2}]


def test_canonical_keeps_unresolved_references():
    assert [str(item) for item in values.canonical([Unresolved("group", "b"), "a"])] == ["a", "b"]


def test_wanted_tags_without_purge_keep_those_of_others_and_always_carry_ours():
    assert values.wanted_tags({"theirs": "1", "cost": "old"}, {"cost": "new"}, purge=False) == {
        "theirs": "1",
        "cost": "new",
        "managed-by": "vmc-aws-backup",
    }


def test_wanted_tags_with_purge_are_those_asked_for_and_ours():
    assert values.wanted_tags({"theirs": "1"}, {"cost": 5}, purge=True) == {
        "cost": "5",
        "managed-by": "vmc-aws-backup",
    }


@pytest.mark.parametrize("key", ["managed-by", "vmc-aws-backup-site", "vmc-aws-backup:entry", "vmc-aws-backup-user:a"])
def test_our_marks_can_neither_be_given_nor_purged(key):
    with pytest.raises(Invalid, match=f"tags: {key} is a mark"):
        values.wanted_tags(None, {key: "me"}, purge=False)
    kept = values.wanted_tags({key: "vmc-aws-backup", "theirs": "1"}, {}, purge=True)
    assert kept == {"managed-by": "vmc-aws-backup", key: "vmc-aws-backup"}


def test_a_site_s_mark_stands_beside_the_owner_s():
    assert values.marks(None) == {"managed-by": "vmc-aws-backup"}
    assert values.marks("a-1") == {"managed-by": "vmc-aws-backup", "vmc-aws-backup-site": "a-1"}
    for bad in (" a", "a b", "ä", "-a", "a" * 65):
        with pytest.raises(Invalid, match="site_id"):
            values.marks(bad)


@pytest.mark.parametrize(
    "tags",
    [
        {"owner": {"team": "backup"}},
        {"owner": ["a"]},
        {"owner": None},
        {"owner": "x" * 257},
        {"owner": "one\ntwo"},
        {"": "x"},
        {"x" * 129: "x"},
        {"aws:owner": "x"},
        {"owner?": "x"},
        dict.fromkeys(range(50), "x"),
    ],
)
def test_tags_that_aws_does_not_take_are_refused(tags):
    with pytest.raises(Invalid, match="tags"):
        values.wanted_tags(None, tags, purge=False)


def test_tags_in_any_language_and_numbers_are_taken():
    tags = {"Straße 1": "5", "空": "", "所有者": "基盤\u3000チーム", "prix": "12\u202f000\u00a0€".rstrip("€"), "Ⅻ": "½"}
    assert values.wanted_tags(None, {**tags, "Straße 1": 5}, purge=False, ours={}) == tags


@pytest.mark.parametrize("text", ["tab\there", "zero\u200bwidth", "12 €", "カ\u3099"])
def test_what_is_no_letter_digit_or_space_of_any_script_is_refused(text):
    with pytest.raises(Invalid, match="tags: The value of owner"):
        values.wanted_tags(None, {"owner": text}, purge=False)


def test_where_case_makes_no_key_a_tag_is_spelled_as_it_is():
    have = {"Owner": "them", "Cost": "1"}
    asked = {"owner": "us", "TEAM": "b"}
    found = values.wanted_tags(have, asked, purge=False, ours={}, any_case=True)
    assert found == {"Owner": "us", "Cost": "1", "TEAM": "b"}
    assert values.wanted_tags(have, asked, purge=True, ours={}, any_case=True) == {"Owner": "us", "TEAM": "b"}
    assert values.wanted_tags(have, asked, purge=False, ours={}) == {**have, **asked}


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"Managed-By": "terraform"}, "Managed-By is a mark of the collection"),
        ({"VMC-AWS-Backup-Site": "x"}, "is a mark of the collection"),
        ({"Owner": "a", "owner": "b"}, "Owner and owner are one key"),
        ({"owner": "a", "Owner": "b"}, "owner and Owner are one key"),
    ],
)
def test_keys_that_are_one_where_case_makes_none_are_refused(asked, says):
    with pytest.raises(Invalid, match=f"tags: .*{says}"):
        values.wanted_tags(None, asked, purge=False, any_case=True)
    assert values.wanted_tags(None, asked, purge=False)


@pytest.mark.parametrize("text", ["10.0.0.1", "fd00::1", "vcenter.example.com", "my_host"])
def test_a_host_is_a_name_or_an_address(text):
    assert values.checked_host("host", text) == text


@pytest.mark.parametrize("text", ["", "https://x", "x/y", "x y", "[fd00::1]", "x:80", "user@x"])
def test_what_is_more_than_a_host_is_refused(text):
    with pytest.raises(Invalid, match="host: "):
        values.checked_host("host", text)


def test_a_token_depends_on_each_part_and_on_nothing_else():
    assert values.token("a", 1) == values.token("a", "1")
    assert len({values.token("a", "b"), values.token("ab"), values.token("a", "c"), values.token("b", "a")}) == 4
    assert len(values.token("a")) == 32


def test_a_host_with_a_password_is_refused_without_it(masked):
    with pytest.raises(Invalid, match="host: must not hold a user name or a password") as caught:
        values.checked_host("host", "me:wJ7kq2Vn@vcenter.example.com")
    assert "wJ7kq2Vn" not in str(caught.value)
    assert "wJ7kq2Vn" in masked


@pytest.mark.parametrize(
    ("machine", "addresses"),
    [
        (
            {"guest_ip_address": "10.0.0.5", "guest_ip_addresses": ["10.0.0.5", "172.17.0.1"]},
            ["10.0.0.5", "172.17.0.1"],
        ),
        ({"guest_ip_address": None, "guest_ip_addresses": ["fe80::1"]}, ["fe80::1"]),
        ({"guest_ip_address": "10.0.0.5"}, ["10.0.0.5"]),
        ({"guest_ip_address": None, "guest_ip_addresses": []}, []),
        ({}, []),
    ],
)
def test_the_addresses_of_an_appliance_are_all_that_it_has_reported(machine, addresses):
    assert values.addresses_of(machine) == addresses
