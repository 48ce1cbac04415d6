# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What test_judge does not show of these hops."""

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.checks.hops import names
from ansible_collections.vmc.aws_backup.plugins.module_utils.engine.findings import Untold

from ..world import NAME, VCENTER, rule, world

DEFAULT = {"id": "default", "domains": [], "servers": ["8.8.8.8"]}
AMAZON = {"id": "amazon", "domains": ["amazonaws.com"], "servers": ["10.0.0.2"]}
VPCE = {"id": "vpce", "domains": ["other.example", "vpce.amazonaws.com"], "servers": ["10.0.0.3"]}


@pytest.mark.parametrize(
    ("zones", "named"),
    [([DEFAULT], "zone default (8.8.8.8)"), ([DEFAULT, AMAZON], "zone amazon"), ([VPCE, AMAZON, DEFAULT], "zone vpce")],
)
def test_the_zone_with_the_longest_domain_is_the_one_that_answers(zones, named):
    found = names.dns(world(forwarder__zones=zones))
    assert f"For {NAME} the compute gateway's {named}" in found["evidence"]


def test_what_this_host_was_told_is_evidence_too():
    answers = {NAME: Untold("404"), "esx-0.example": Untold("404")}
    found = names.dns(world(answers=answers, here={NAME: [], "esx-0.example": ["10.20.16.4"]}))
    assert found["verdict"] == "unknown"
    assert "Asked from here: no answer." in found["evidence"] and "here: 10.20.16.4." in found["evidence"]


def test_some_of_the_endpoint_s_addresses_are_an_answer():
    facts = world()
    facts["endpoint"]["network_interfaces"].append({"private_ip_address": "172.31.32.5"})
    assert names.dns(facts)["verdict"] == "ok"


def test_no_forwarder_at_all_resolves_nothing():
    assert names.dns(world(forwarder=None))["verdict"] == "broken"


def test_a_segment_with_servers_of_its_own_needs_no_forwarder():
    own = {"id": "s", "network": "10.30.5.0/24", "connected": True, "dns_servers": ["10.2.2.2"]}
    assert names.dns(world(forwarder=None, segments=[own]))["verdict"] == "unknown"


def test_a_public_name_is_fine_where_the_public_source_is_let_in():
    facts = world(sddc__dns_with_management_vm_private_ip=False)
    facts["rules"]["mgw"].insert(0, rule("public", ["192.0.2.110"], [VCENTER], 443))
    assert names.vcenter_name(facts)["verdict"] == "ok"
    assert names.vcenter_name({**facts, "public_address": Untold("404")})["verdict"] == "unknown"
