# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What test_judge does not show of these hops."""

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.checks.hops import link

from ..world import table, world

ELSEWHERE = {
    "sddc__connected_vpc": {"vpc_id": "vpc-2", "state": "ACTIVE"},
    "vpc__route_tables": {"subnet-1": table("tgw-1")},
}


@pytest.mark.parametrize("hop", [link.availability_zone, link.primary_cidr])
def test_what_belongs_to_the_connected_vpc_is_skipped_elsewhere(hop):
    assert hop(world(**ELSEWHERE))["verdict"] == "skipped"


def test_answers_over_a_transit_gateway_are_on_their_way():
    assert link.route_table(world(**ELSEWHERE))["verdict"] == "ok"


def test_without_any_way_only_the_connection_is_at_fault():
    nowhere = {**ELSEWHERE, "vpc__route_tables": {"subnet-1": table("igw-1")}}
    assert link.route_table(world(**nowhere))["verdict"] == "skipped"
    assert "is linked to vpc-2" in link.connection(world(**nowhere))["evidence"]
    unlinked = world(**{**nowhere, "sddc__connected_vpc": None})
    assert "linked to no VPC" in link.connection(unlinked)["evidence"]


def test_every_subnet_of_the_endpoint_needs_a_route_back():
    facts = world(vpc__route_tables={"subnet-1": table(), "subnet-2": table("eni-2")})
    facts["endpoint"]["subnet_ids"].append("subnet-2")
    found = link.route_table(facts)
    assert found["verdict"] == "broken" and "subnet-2" in found["evidence"] and "subnet-1" not in found["evidence"]
