# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.filter.still_carried import still_carried

NEW, OLD = "10.30.5.21", "10.30.5.20"


def machine(address, *, name="gw", on=True):
    return {"name": name, "guest_ip_address": address, "powered_on": on}


def test_what_is_planned_is_let_in_and_nothing_is_said_of_it():
    for present in ([], None, [NEW], [f"{NEW}/32"]):
        assert still_carried([NEW], present, []) == {"addresses": [NEW], "findings": []}


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
    found = still_carried([NEW], [present], machines)
    assert found["addresses"] == [NEW, OLD]
    (finding,) = found["findings"]
    assert finding.startswith(f"{OLD} is not planned, and stays let in: ") and why in finding


@pytest.mark.parametrize("machines", [[], [machine(NEW)], [machine(None, on=False)]])
def test_an_address_goes_when_all_appliances_say_where_they_are(machines):
    assert still_carried([NEW], [OLD], machines) == {"addresses": [NEW], "findings": []}


@pytest.mark.parametrize("machines", [None, "", {}, "not asked"])
def test_where_nobody_could_be_asked_it_stays(machines):
    found = still_carried([NEW], [f"{OLD}/32"], machines)
    assert found["addresses"] == [NEW, OLD]
    assert "vCenter could not be asked" in found["findings"][0]


def test_what_was_retired_by_name_goes_even_where_nobody_could_be_asked():
    assert still_carried([NEW], [OLD], None, [OLD])["addresses"] == [NEW]
    assert still_carried([NEW], [OLD], [machine(OLD)], [OLD])["addresses"] == [NEW]


@pytest.mark.parametrize("present", ["10.30.0.0/16", "10.30.5.1-10.30.5.9", "fd00::/64", ""])
def test_a_network_is_no_appliance_s_address(present):
    assert still_carried([NEW], [present], None) == {"addresses": [NEW], "findings": []}
