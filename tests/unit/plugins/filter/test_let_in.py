# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.filter.let_in import let_in as filtered

NEW, OLD, RETIRED = "10.30.5.21", "10.30.5.20", "10.30.5.22"
ENTRY = {"entry": "s-c-1", "name": "gw-1", "ip_address": NEW}
SECOND = {"entry": "s-c-2", "name": "gw-2", "ip_address": "10.30.5.23"}


def machine(address, *, name="gw", on=True, entry=""):
    return {
        "name": name,
        "guest_ip_address": address,
        "powered_on": on,
        "entry": entry,
        "instance_uuid": "u-1",
        "site_id": "site",
    }


def let_in(present, machines, *entries, retired=(), given=None):
    entries = list(entries or [ENTRY])
    gone = [{"entry": address, "name": address, "ip_address": address} for address in retired]
    asked = {"name": "s", "site_id": "site", "appliances": entries, "planned": [*entries, *gone]}
    return filtered(asked, present, machines, given)


def test_what_is_planned_is_let_in_and_nothing_is_said_of_it():
    for present in ([], None, [NEW], [f"{NEW}/32"]):
        assert let_in(present, []) == {
            "addresses": [NEW],
            "descriptions": {NEW: "AWS Backup appliance gw-1"},
            "leaving": [],
            "findings": [],
            "bindable": [ENTRY],
        }


@pytest.mark.parametrize("present", [OLD, f"{OLD}/32"])
@pytest.mark.parametrize(
    ("machines", "why"),
    [
        ([machine(OLD)], "the appliance gw has it"),
        ([machine(OLD, on=False)], "the appliance gw has it"),
        ([machine(None)], "gw runs and does not say which address it has"),
        ([machine(NEW), machine("", name="silent")], "silent runs and does not say"),
    ],
)
def test_an_address_stays_while_an_appliance_carries_it_or_may(present, machines, why):
    found = let_in([present], machines)
    assert (found["addresses"], found["leaving"]) == ([NEW, OLD], [OLD])
    (finding,) = found["findings"]
    assert finding.startswith(f"{OLD} is not planned, and stays let in: ") and why in finding
    assert set(found["descriptions"]) == {NEW}


@pytest.mark.parametrize("machines", [[], [machine(NEW)], [machine(None, on=False)]])
def test_an_address_goes_when_all_appliances_say_where_they_are(machines):
    found = let_in([OLD], machines)
    assert (found["addresses"], found["findings"], found["leaving"]) == ([NEW], [], [OLD])


@pytest.mark.parametrize("machines", [None, "", {}, "not asked"])
def test_where_nobody_could_be_asked_it_stays(machines):
    found = let_in([f"{OLD}/32"], machines)
    assert found["addresses"] == [NEW, OLD]
    assert "vCenter could not be asked" in found["findings"][0]
    assert found["bindable"] == []


def test_what_was_retired_by_name_goes_even_where_nobody_could_be_asked():
    for machines in (None, [machine(RETIRED)]):
        found = let_in([RETIRED], machines, retired=[RETIRED])
        assert (found["addresses"], found["leaving"]) == ([NEW], [])


WIDER = ["10.30.0.0/16", "10.30.5.16/28", "10.30.5.18-10.30.5.22"]


@pytest.mark.parametrize("present", WIDER)
def test_of_a_network_or_a_range_that_stays_which_an_appliance_carries(present):
    found = let_in([present], [machine(OLD), machine("192.0.2.1", name="elsewhere")])
    assert (found["addresses"], found["leaving"]) == ([NEW, OLD], [present])
    assert found["findings"] == [f"{OLD} is not planned, and stays let in: the appliance gw has it."]
    assert let_in([present], [machine(NEW)])["addresses"] == [NEW]


@pytest.mark.parametrize("present", WIDER)
def test_a_network_stays_where_nobody_could_be_asked(present):
    found = let_in([present], None)
    assert found["addresses"] == [NEW, present]
    assert "vCenter could not be asked" in found["findings"][0]


@pytest.mark.parametrize("present", ["10.30.5.18-10.30.5.22"])
def test_a_range_stays_while_an_appliance_does_not_say_which_address_it_has(present):
    found = let_in([present], [machine(None, name="silent")])
    assert found["addresses"] == [NEW, present]


@pytest.mark.parametrize("present", ["10.0.0.0/8", "fd00::/64", ""])
def test_what_is_open_wide_or_no_address_of_an_appliance_never_stays(present):
    assert let_in([present], None)["addresses"] == [NEW]


def test_the_address_of_a_machine_that_still_has_another_is_not_bound():
    machines = [machine(OLD, name="a", entry="s-c-1"), machine("10.30.5.23", name="b", entry="s-c-2")]
    found = let_in([OLD], machines, ENTRY, SECOND)
    assert [one["entry"] for one in found["bindable"]] == ["s-c-2"]
    found = let_in([OLD], [machine(OLD, name="beyond", entry="s-x-1")], ENTRY)
    assert [one["entry"] for one in found["bindable"]] == ["s-c-1"]


def test_networks_that_are_given_are_let_in_instead():
    found = let_in([OLD], [machine(OLD)], given=["10.30.0.0/16"])
    assert (found["addresses"], found["leaving"], found["findings"]) == (["10.30.0.0/16"], [], [])
    assert found["descriptions"] == {"10.30.0.0/16": "AWS Backup of s by endpoint_cidr_ips"}
    assert let_in([OLD], [], given=[])["addresses"] == []


def test_what_they_leave_out_stays_while_an_appliance_carries_it():
    found = let_in([OLD, NEW], [machine(NEW)], given=["192.0.2.0/24"])
    assert found["addresses"] == ["192.0.2.0/24", NEW]
    assert found["findings"] == [f"{NEW} is not planned, and stays let in: the appliance gw has it."]
