# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A probe says what it saw, or why that settles nothing. What the lab plays either way is in tests/integration/test_verify_live.py."""

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.checks.unconfirmed import (
    CHECKS,
    Sides,
    judge,
    shown,
    zones_mapped,
)
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import ApiError, BadCredentials, Denied, Error


class Vmc:
    def __init__(self, reservations=(), config=None, connections=()):
        self.told, self.config, self.links = reservations, config or {}, list(connections)

    def reservations(self):
        if isinstance(self.told, Exception):
            raise self.told
        return self.told

    def connected_accounts(self):
        return [{"region_to_az_to_shadow_mapping": None}]

    def tasks(self):
        return [{"task_type": "SDDC-PROVISION"}, {}]

    def sddc(self, sddc_id):
        return {"id": sddc_id, "resource_config": self.config}

    def connections(self, sddc_id):
        return self.links


class Gateways:
    """ListGateways with ``count`` on the first page."""

    def __init__(self, count, *, more):
        self.page = {"Gateways": [{}] * count, **({"NextToken": "t"} if more else {})}

    def call(self, operation, **request):
        return self.page

    def pages(self, operation, key):
        return self.page[key]


def row(name, **sides):
    return next(each for each in shown(judge(Sides(**sides))) if each["id"] == name)


def test_what_the_options_do_not_name_is_not_asked_and_settles_nothing():
    rows = shown(judge(Sides()))
    assert [each["id"] for each in rows] == [check.id for check in CHECKS]
    assert all(each["asked"] and each["not_settled"] and each["confirms"] is None for each in rows)


@pytest.mark.parametrize(
    ("told", "confirms", "why"),
    [
        ([{"sddc_id": "s", "in_maintenance_window": False, "in_maintenance_mode": False}], "told", None),
        ([{"sddc_id": "s", "reservation_state": "SCHEDULED"}], "not told", None),
        (None, "not told", None),
        ([], None, "no reservation"),
        (Denied("no", attempted="read"), None, "Could not read: no"),
    ],
)
def test_whether_reservations_tell_of_maintenance(told, confirms, why):
    found = row("maintenance_told", vmc=Vmc(told))
    assert found["confirms"] == confirms
    assert (why or "") in (found["not_settled"] or "") and bool(why) == bool(found["not_settled"])


@pytest.mark.parametrize(
    ("config", "witness", "connections"),
    [
        ({"deployment_type": "SINGLE_AZ"}, None, None),
        (
            {"deployment_type": "MULTI_AZ", "availability_zones": ["a", "b"], "witness_availability_zone": "c"},
            "not listed",
            "1",
        ),
        (
            {"deployment_type": "MULTI_AZ", "availability_zones": ["a", "c"], "witness_availability_zone": "c"},
            "listed",
            "1",
        ),
    ],
)
def test_only_a_stretched_sddc_settles_what_stretched_ones_do(config, witness, connections):
    vmc = Vmc(config=config, connections=[{"state": "ACTIVE"}, {"state": "DELETED"}])
    assert row("witness_zone_listed", vmc=vmc, sddc_id="s")["confirms"] == witness
    assert row("stretched_connections", vmc=vmc, sddc_id="s")["confirms"] == connections


@pytest.mark.parametrize(
    ("mapping", "confirms"),
    [
        ({"c1": "a", "c2": "b"}, "to_shadow"),
        ({"a": "c1", "b": "c2"}, "from_shadow"),
        ({"c1": "a"}, None),
        (None, "no"),
    ],
)
def test_the_way_round_of_the_zones_is_the_one_that_fits_what_nsx_and_the_links_tell(mapping, confirms):
    class Mapped(Vmc):
        def connected_accounts(self):
            return [{"region_to_az_to_shadow_mapping": mapping and {"EU_WEST_1": mapping}}]

    class Nsx:
        def cloud_list(self, path):
            return [{"linked_vpc_subnets": [{"availability_zone": "c1"}, {"availability_zone": "c2"}]}]

    config = {"deployment_type": "MULTI_AZ", "region": "EU_WEST_1", "availability_zones": ["a", "b"]}
    vmc = Mapped(config=config, connections=[{"state": "ACTIVE", "subnet_availability_zone": "c1"}])
    sides = Sides(vmc=vmc, nsx=Nsx(), sddc_id="s")
    if confirms is None:
        with pytest.raises(Error, match="It fits neither way"):
            zones_mapped(sides)
    else:
        assert zones_mapped(sides)[1] == confirms


@pytest.mark.parametrize(("count", "more", "confirms"), [(100, True, "100"), (3, False, None)])
def test_a_page_tells_how_many_it_holds_once_there_is_another_one(count, more, confirms):
    assert row("backup_gateway_page_size", backup_gateway=Gateways(count, more=more))["confirms"] == confirms


def test_a_task_that_is_none_of_the_switch_settles_nothing():
    assert row("task_type", vmc=Vmc())["not_settled"] == "No task of the switch is remembered."


def test_credentials_that_are_refused_end_it():
    with pytest.raises(BadCredentials):
        judge(Sides(vmc=Vmc(BadCredentials("no"))))
    assert isinstance(BadCredentials("no"), ApiError)
