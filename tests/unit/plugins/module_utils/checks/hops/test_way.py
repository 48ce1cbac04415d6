# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.checks.hops.spans import span
from ansible_collections.vmc.aws_backup.plugins.module_utils.checks.hops.way import (
    connected_vpc,
    endpoint_target,
    route_back,
    way,
)
from ansible_collections.vmc.aws_backup.plugins.module_utils.engine.findings import Untold

from ..world import APPLIANCE, table, world

ELSEWHERE = {"sddc__connected_vpc": {"vpc_id": "vpc-2", "state": "ACTIVE"}}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "connected VPC"),
        ({"sddc": None}, "connected VPC"),
        ({"sddc": None, "link": None, "active_eni": Untold("404")}, None),
        (ELSEWHERE, None),
        ({**ELSEWHERE, "vpc__route_tables": {"subnet-1": table("tgw-1")}}, "VMware Transit Connect"),
        ({**ELSEWHERE, "vpc__route_tables": {"subnet-1": table("vgw-1")}}, "Direct Connect or VPN"),
        ({"sddc__connected_vpc": None}, None),
    ],
)
def test_the_way_follows_from_the_link_and_from_the_routes_back(changes, expected):
    assert way(world(**changes)) == expected


def test_the_narrowest_route_is_taken():
    facts = world()
    wide = {"destination": "0.0.0.0/0", "target": "igw-1", "state": "active"}
    facts["vpc"]["route_tables"]["subnet-1"]["routes"].append(wide)
    assert route_back(facts, "subnet-1", span(APPLIANCE))["target"] == "eni-1"
    assert route_back(facts, "subnet-1", span("192.0.2.1"))["target"] == "igw-1"


def test_the_link_comes_from_the_vmc_api_else_from_nsx():
    assert connected_vpc(world())["state"] == "ACTIVE"
    assert connected_vpc(world(sddc=None)) == {"vpc_id": "vpc-1", "state": None}


def test_the_endpoint_is_reached_on_all_its_ports():
    target = endpoint_target(world())
    assert ([str(each) for each in target.spans], target.ports) == (["172.31.16.5"], (443, 1026, 1027, 1028, 1031))
