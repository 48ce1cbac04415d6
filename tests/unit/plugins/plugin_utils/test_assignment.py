# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.plugin_utils.assignment import assigned

SITE = "site-1"
FIRST = {"entry": "s-c-1", "name": "s-c-1", "cluster": "C"}
SECOND = {"entry": "s-c-2", "name": "s-c-2", "cluster": "C"}
OTHER = {"entry": "s-d-1", "name": "s-d-1", "cluster": "D"}


def machine(name, uuid="u-1", *, entry="", site=SITE, made_as=None, **more):
    return {
        "name": name,
        "moid": f"vm-{uuid}",
        "folder": "Workloads",
        "cluster": "C",
        "instance_uuid": uuid,
        "deployed_instance_uuid": made_as or uuid,
        "copy_of": "",
        "site_id": site,
        "entry": entry,
        **more,
    }


def gateway(name, uuid="u-1", *, entry="", site=SITE, owner="vmc-aws-backup"):
    return {
        "name": name,
        "instance_uuid": uuid,
        "entry": entry,
        "site_id": site,
        "tags": {"managed-by": owner},
        "gateway_arn": f"arn:{name}",
    }


def pairs(found):
    return [(one["machine"].get("name"), one["gateway"].get("name")) for one in found]


def test_what_nothing_was_made_for_has_neither():
    found = assigned([FIRST], [], None, SITE)
    assert found == {
        "entries": [{**FIRST, "machine": {}, "gateway": {}}],
        "beyond": [],
        "called": [],
        "successors": [],
        "copies": [],
    }


def test_what_carries_the_entry_belongs_to_it_whatever_it_is_called():
    machines = [machine("renamed", entry="s-c-1"), machine("s-c-1", "u-2", entry="s-c-2")]
    gateways = [gateway("renamed-too", entry="s-c-1"), gateway("s-c-1", "u-2", entry="s-c-2")]
    found = assigned([FIRST, SECOND], machines, gateways, SITE)
    assert pairs(found["entries"]) == [("renamed", "renamed-too"), ("s-c-1", "s-c-1")]
    assert found["beyond"] == []


def test_what_carries_no_entry_belongs_to_that_of_its_name_and_its_machine():
    found = assigned([FIRST], [machine("s-c-1")], [gateway("renamed")], SITE)
    assert pairs(found["entries"]) == [("s-c-1", "renamed")]
    assert pairs(assigned([FIRST], [], [gateway("s-c-1", "")], SITE)["entries"]) == [(None, "s-c-1")]


def test_the_gateway_of_the_machine_goes_before_one_that_only_says_the_entry():
    found = assigned(
        [FIRST],
        [machine("s-c-1", entry="s-c-1")],
        [gateway("old", "u-0", entry="s-c-1"), gateway("new", "u-1", entry="s-c-1")],
        SITE,
    )
    assert pairs(found["entries"]) == [("s-c-1", "new")]
    assert pairs(found["beyond"]) == [(None, "old")]


@pytest.mark.parametrize("entry", ["s-c-1", ""])
def test_what_is_another_site_s_belongs_to_none(entry):
    theirs = [machine("s-c-1", entry=entry, site="site-2")], [gateway("s-c-1", entry=entry, site="site-2")]
    found = assigned([FIRST], *theirs, SITE)
    assert (pairs(found["entries"]), found["beyond"]) == ([(None, None)], [])


def test_a_gateway_without_a_site_s_mark_is_proven_by_its_machine_and_by_nothing_else():
    unmarked = gateway("s-c-1", site="")
    assert pairs(assigned([FIRST], [machine("s-c-1", site="")], [unmarked], SITE)["entries"]) == [("s-c-1", "s-c-1")]
    assert pairs(assigned([FIRST], [], [unmarked], SITE)["entries"]) == [(None, None)]
    assert pairs(assigned([FIRST], [machine("s-c-1", "u-9")], [unmarked], SITE)["entries"]) == [("s-c-1", None)]


@pytest.mark.parametrize("site", [SITE, ""])
def test_a_gateway_of_nobody_s_collection_is_none_of_ours(site):
    found = assigned([FIRST], [machine("s-c-1")], [gateway("s-c-1", site=site, owner="terraform")], SITE)
    assert pairs(found["entries"]) == [("s-c-1", None)]


@pytest.mark.parametrize(
    ("of", "says"), [("s-c-1", "a copy of the appliance s-c-1"), ("", "of an appliance that is gone")]
)
def test_a_copy_belongs_to_none_and_is_told(of, says):
    copy = machine("s-c-1", "u-9", entry="s-c-1", made_as="u-1", copy_of=of, folder="Restored")
    found = assigned([FIRST], [copy, machine("renamed", entry="s-c-1")], [gateway("g", "u-9", site="")], SITE)
    assert pairs(found["entries"]) == [("renamed", None)]
    assert found["beyond"] == []
    (told,) = found["copies"]
    assert says in told and "(vm-u-9) in folder Restored" in told


def test_what_is_beyond_the_plan_is_paired_by_entry_or_by_machine():
    machines = [machine("a", "u-1", entry="s-x-1"), machine("b", "u-2")]
    gateways = [gateway("A", "u-0", entry="s-x-1"), gateway("B", "u-2"), gateway("alone", "")]
    found = assigned([], machines, gateways, SITE)
    assert pairs(found["beyond"]) == [("a", "A"), ("b", "B"), (None, "alone")]
    assert [one["entry"] for one in found["beyond"]] == ["s-x-1", "b", "alone"]


def test_of_several_with_one_entry_each_is_told():
    machines = [machine(name, uuid, entry="s-c-1") for name, uuid in (("a", "u-1"), ("b", "u-2"), ("c", "u-3"))]
    gateways = [gateway("B", "u-2", entry="s-c-1"), gateway("alone", "u-8", entry="s-c-1")]
    found = assigned([], machines, gateways, SITE)
    assert pairs(found["beyond"]) == [("a", "alone"), ("b", "B"), ("c", None)]
    assert len(assigned([FIRST], machines, [], SITE)["beyond"]) == 2


@pytest.mark.parametrize("name", ["G", "s-c-1", "given", "in vCenter"])
def test_one_is_called_by_its_gateway_its_entry_its_name_or_its_machine(name):
    planned = [{**FIRST, "name": "given"}, SECOND, OTHER]
    found = assigned(planned, [machine("in vCenter", entry="s-c-1")], [gateway("G", entry="s-c-1")], SITE, name)
    assert [one["entry"] for one in found["called"]] == ["s-c-1"]
    assert [one["entry"] for one in found["successors"]] == ["s-c-2"]


def test_the_name_of_a_gateway_goes_before_the_entry_of_another():
    machines = [machine("a", "u-1", entry="s-c-1"), machine("b", "u-2", entry="s-c-2")]
    gateways = [gateway("s-c-2", "u-1", entry="s-c-1"), gateway("s-c-1", "u-2", entry="s-c-2")]
    found = assigned([FIRST, SECOND], machines, gateways, SITE, "s-c-1")
    assert [one["entry"] for one in found["called"]] == ["s-c-2"]


def test_one_beyond_the_plan_is_succeeded_by_those_of_its_cluster():
    found = assigned([SECOND, OTHER], [machine("gone", entry="s-c-1")], [], SITE, "s-c-1")
    assert pairs(found["called"]) == [("gone", None)]
    assert [one["entry"] for one in found["successors"]] == ["s-c-2"]


def test_a_name_that_nobody_has_calls_nobody():
    found = assigned([FIRST], [machine("s-c-1")], [gateway("s-c-1")], SITE, "typo")
    assert (found["called"], found["successors"]) == ([], [])
