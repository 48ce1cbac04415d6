# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import re

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import Invalid
from ansible_collections.vmc.aws_backup.plugins.module_utils.resources.nsx_subnet import (
    can_become,
    network,
    overlap,
    view,
    wanted,
)

PLAIN = {"gateway_address": "10.30.5.1/27", "dhcp_ranges": [], "dhcp_config": {}}


def subnet(**given):
    return wanted({"gateway_address": "10.30.5.1/27", **given}, None)


def test_a_subnet_is_shown_in_one_form():
    raw = {
        "gateway_address": "10.30.5.1/27",
        "network": "10.30.5.0/27",
        "dhcp_ranges": ["10.30.5.20 - 10.30.5.25".replace(" ", ""), "10.30.5.9", "10.30.5.12/30"],
        "dhcp_config": {"resource_type": "SegmentDhcpV4Config", "server_address": "10.30.5.30/27"},
    }
    assert view(raw) == {
        "gateway_address": "10.30.5.1/27",
        "dhcp_ranges": ["10.30.5.12/30", "10.30.5.20-10.30.5.25", "10.30.5.9-10.30.5.9"],
        "dhcp_config": {"dns_servers": [], "lease_time": 86400},
    }
    assert view({"gateway_address": "10.30.5.1/27"}) == PLAIN


def test_what_is_asked_for_has_the_form_in_which_it_is_shown():
    asked = {"dhcp_ranges": ["10.30.5.20-10.30.5.25", "10.30.5.9"], "dhcp_config": {"dns_servers": ["10.9.9.9"]}}
    want = subnet(**asked)
    assert want == view(want)
    assert want["dhcp_config"] == {"dns_servers": ["10.9.9.9"], "lease_time": 86400}
    assert wanted({"gateway_address": "10.30.5.1/255.255.255.224"}, None) == PLAIN


def test_what_is_not_given_of_a_subnet_stays():
    have = subnet(dhcp_ranges=["10.30.5.9"], dhcp_config={"dns_servers": ["10.9.9.9"], "lease_time": 600})
    assert wanted({"gateway_address": "10.30.5.1/27"}, have) == have
    want = wanted({"gateway_address": "10.30.5.1/27", "dhcp_config": {"dns_servers": []}}, have)
    assert want["dhcp_config"] == {"dns_servers": [], "lease_time": 600}


def test_the_first_dns_server_stays_the_first():
    assert subnet(dhcp_config={"dns_servers": ["10.9.9.9", "10.1.1.1"]})["dhcp_config"]["dns_servers"][0] == "10.9.9.9"


@pytest.mark.parametrize(
    ("gateway", "why"),
    [
        ("10.30.5.1", "prefix length"),
        ("10.30.5.300/24", "prefix length"),
        ("fd00::1/64", "prefix length"),
        ("gateway/24", "prefix length"),
        ("10.30.5.0/24", "network address of 10.30.5.0/24; a gateway is one in it: 10.30.5.1/24"),
        ("10.30.5.255/24", "broadcast address"),
        ("10.30.5.1/31", "longest prefix"),
        ("10.30.5.1/32", "longest prefix"),
        ("100.64.1.1/24", "100.64.0.0/16"),
        ("169.254.7.1/24", "link-local"),
        ("225.0.0.1/24", "multicast"),
    ],
)
def test_a_gateway_that_cannot_be(gateway, why):
    with pytest.raises(Invalid, match=f"subnets: gateway_address: .*{re.escape(why)}"):
        wanted({"gateway_address": gateway}, None)


def test_a_lab_has_its_segments_on_loopback():
    assert network(wanted({"gateway_address": "127.64.21.1/24"}, None)) == "127.64.21.0/24"


@pytest.mark.parametrize(
    ("ranges", "why"),
    [
        (["10.30.5.30-10.30.5.40"], "outside the subnet, which is 10.30.5.0/27"),
        (["10.30.6.0/28"], "outside"),
        (["fd00::1-fd00::2"], "outside"),
        (["10.30.5.1-10.30.5.9"], "the gateway's own address"),
        (["10.30.5.0/27"], "the gateway's own address"),
        (["10.30.5.20-10.30.5.31"], "network or broadcast"),
        (["10.30.5.9-10.30.5.12", "10.30.5.12-10.30.5.14"], "overlap"),
        (["10.30.5.9-10.30.5.20", "10.30.5.12"], "overlap"),
        (["all"], "neither a range"),
        ([""], "neither a range"),
        (["10.30.5.12-10.30.5.9"], "from a lower to a higher"),
        (["10.30.5.9/28"], "host bits"),
    ],
)
def test_dhcp_ranges_that_cannot_be(ranges, why):
    with pytest.raises(Invalid, match=f"subnets: .*{re.escape(why)}"):
        subnet(dhcp_ranges=ranges)


@pytest.mark.parametrize(
    ("config", "why"),
    [
        ({"dns_servers": ["10.0.0.1", "10.0.0.2", "10.0.0.3"]}, "at most 2"),
        ({"dns_servers": ["10.0.0.1", "10.0.0.1"]}, "each once"),
        ({"dns_servers": ["dns.example"]}, "not an IPv4 address"),
        ({"dns_servers": ["fd00::1"]}, "not an IPv4 address"),
        ({"lease_time": 59}, "60 to 4294967295"),
        ({"lease_time": 4294967296}, "60 to 4294967295"),
    ],
)
def test_a_dhcp_config_that_cannot_be(config, why):
    with pytest.raises(Invalid, match=f"subnets: .*{why}"):
        subnet(dhcp_config=config)


@pytest.mark.parametrize(
    ("have", "want", "possible"),
    [
        ([], ["10.30.5.9"], True),
        (["10.30.5.9"], ["10.30.5.9", "10.30.5.12"], True),
        (["10.30.5.9"], [], False),
        (["10.30.5.9"], ["10.30.5.9-10.30.5.10"], False),
    ],
)
def test_ranges_are_added_only(have, want, possible):
    assert can_become(subnet(dhcp_ranges=have), subnet(dhcp_ranges=want)) is possible


def test_a_gateway_stays_but_what_dhcp_tells_may_change():
    assert not can_become(PLAIN, {**PLAIN, "gateway_address": "10.30.5.2/27"})
    assert can_become(PLAIN, {**PLAIN, "dhcp_config": {"dns_servers": ["10.0.0.1"], "lease_time": 60}})


@pytest.mark.parametrize(
    ("one", "other", "shared"),
    [
        ("10.0.0.0/24", "10.0.0.128/25", True),
        ("10.0.0.128/25", "10.0.0.0/8", True),
        ("10.0.0.0/24", "10.0.1.0/24", False),
        ("10.0.0.5", "10.0.0.1-10.0.0.5", True),
        ("10.0.0.6", "10.0.0.1-10.0.0.5", False),
        ("10.0.0.0/24", "10.0.0.7/16", True),
        ("10.0.0.0/24", "fd00::/8", False),
        ("10.0.0.0/24", "unknown", False),
    ],
)
def test_overlaps(one, other, shared):
    for pair in ((one, other), (other, one)):
        assert overlap(*pair) is shared
