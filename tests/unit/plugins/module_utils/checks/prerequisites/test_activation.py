# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.checks.prerequisites import activation

from .site import OURS, SILENT, said, site

NAT = {"registration_activation_by": "nat", "registration_nat_source_address": "203.0.113.9"}
OUTSIDE = {"vmc_backup_control_addresses": ["203.0.113.9/32"]}
AWAY = [{"network": "0.0.0.0/0", "by": "DIRECT_CONNECT"}]
WAY_BACK = [{"network": "203.0.113.0/24", "by": "DIRECT_CONNECT"}]
A_GATEWAY = [{"name": "one-cluster-1-1", "entry": "one-cluster-1-1"}]
CHECKS = ("source", "comes_back", "reached", "readable", "closed")


def asked(check, **facts):
    return said(getattr(activation, check)(site(**facts)))


@pytest.mark.parametrize("check", CHECKS)
def test_on_an_appliances_own_address_nothing_is_to_be_said(check):
    assert asked(check) == (None, "")


@pytest.mark.parametrize("check", CHECKS)
def test_where_there_is_no_compute_gateway_nothing_is_to_be_said(check):
    left = {"cgw_rules": SILENT, "nat_rules": SILENT, "public_ips": SILENT}
    assert asked(check, on_vmc=False, given={**NAT, **OUTSIDE}, **left) == (None, "")


@pytest.mark.parametrize(
    ("given", "verdict"),
    [
        (NAT, None),
        ({**NAT, **OUTSIDE}, None),
        ({**NAT, "registration_nat_source_address": "203.0.113.0/24"}, "broken"),
        ({"registration_activation_by": "nat"}, "broken"),
    ],
)
def test_by_nat_exactly_one_address_of_the_internet_is_let_in(given, verdict):
    assert asked("source", given=given)[0] == verdict


@pytest.mark.parametrize(("routes", "verdict"), [([], None), (WAY_BACK, None), (AWAY, "broken"), (SILENT, "unknown")])
def test_by_nat_the_default_route_must_not_leave_on_premises(routes, verdict):
    assert asked("comes_back", given=NAT, learned_routes=routes)[0] == verdict


def test_whose_nsx_is_silent_is_told_once():
    assert asked("comes_back", given=NAT, mgw_groups=SILENT, learned_routes=SILENT)[0] is None


@pytest.mark.parametrize(
    ("facts", "verdict"),
    [
        ({"given": OUTSIDE}, "broken"),
        ({"given": OUTSIDE, "gateways": A_GATEWAY}, None),
        ({"given": OUTSIDE, "gateways": SILENT}, "broken"),
        ({"given": OUTSIDE, "bastion": "jump"}, None),
        ({"given": OUTSIDE, "learned_routes": WAY_BACK}, None),
        ({"given": OUTSIDE, "learned_routes": AWAY}, "broken"),
        ({"given": OUTSIDE, "learned_routes": SILENT}, None),
        ({"given": {"vmc_backup_control_addresses": ["203.0.113.9/32", "10.0.0.9/32"]}}, None),
        ({"given": {"vmc_backup_control_addresses": ["127.0.0.1"]}}, None),
        ({"given": {**OUTSIDE, **NAT}}, None),
    ],
)
def test_nat_is_needed_where_the_tasks_come_from_the_internet(facts, verdict):
    found = asked("reached", **facts)
    assert found[0] == verdict and ("registration_activation_by: nat" in found[1]) is (verdict == "broken")


@pytest.mark.parametrize(("gateways", "verdict"), [([], "broken"), (A_GATEWAY, None)])
def test_that_the_key_can_be_read_on_its_way_is_said_while_one_is_to_be_fetched(gateways, verdict):
    found = asked("readable", given=NAT, gateways=gateways)
    assert found[0] == verdict and ("crosses the internet readable" in found[1]) is (verdict == "broken")


@pytest.mark.parametrize("kind", ["cgw_rules", "nat_rules", "public_ips"])
def test_what_a_killed_run_left_open_is_found(kind):
    here = {kind: [{"id": "one-activation", "tags": OURS}, {"id": "another", "tags": []}]}
    assert asked("closed", **here)[0] == "broken"
    assert activation.left(site(**here)) == [kind[:-1]]


def test_where_nsx_does_not_tell_its_rules_nobody_knows_what_is_left():
    assert activation.left(site(cgw_rules=SILENT)) is None
    assert activation.left(site(nat_rules=SILENT, public_ips=SILENT)) == []
