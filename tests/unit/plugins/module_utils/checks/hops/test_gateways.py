# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What test_judge does not show of these hops."""

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.checks.hops import gateways

from ..world import APPLIANCE, ENDPOINT, ESXI, rule, table, world

ELSEWHERE = {"sddc__connected_vpc": {"vpc_id": "vpc-2", "state": "ACTIVE"}}


@pytest.mark.parametrize(
    ("scope", "target", "expected"),
    [
        ("cgw-cross-vpc", None, "ok"),
        ("cgw-public", None, "broken"),
        ("cgw-direct-connect", None, "broken"),
        ("cgw-direct-connect", "tgw-1", "ok"),
        ("cgw-cross-vpc", "tgw-1", "broken"),
        ("cgw-vpn", "vgw-1", "ok"),
        ("cgw-all", "vgw-1", "ok"),
    ],
)
def test_only_rules_of_the_uplink_that_is_taken_count(scope, target, expected):
    back = {**ELSEWHERE, "vpc__route_tables": {"subnet-1": table(target)}} if target else {}
    facts = world(rules__cgw=[rule("x", [APPLIANCE], [ENDPOINT], scope=[f"/infra/labels/{scope}"])], **back)
    assert gateways.compute_gateway(facts)["verdict"] == expected


def test_an_earlier_rule_that_stops_is_named():
    stop = rule("stop", ["10.0.0.0/8"], ["ANY"], action="REJECT")
    found = gateways.compute_gateway(world(rules__cgw=[stop, rule("x", ["ANY"], ["ANY"])]))
    assert "rule stop of the compute gateway stops 10.30.5.20" in found["evidence"]


def test_a_group_of_the_system_stands_for_its_members_even_where_they_are_not_told():
    facts = world(**{f"groups__{ESXI}": None})
    assert gateways.management_gateway_esxi(facts)["verdict"] == "ok"


def test_a_whole_segment_has_to_get_through():
    facts = world(sources=["10.30.5.0/24"])
    assert gateways.segment(facts)["verdict"] == "ok"
    assert gateways.compute_gateway(facts)["verdict"] == "broken"


def test_rules_for_what_comes_in_do_not_stop_what_goes_out():
    incoming = rule("in", ["ANY"], ["ANY"], action="DROP", direction="IN", applied_to=["ANY"])
    assert gateways.distributed_firewall(world(distributed=[incoming]))["verdict"] == "ok"
