# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What test_judge does not show of these hops."""

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.checks.hops import vpc

from ..world import acl, table, world


def test_an_endpoint_without_an_interface_is_no_endpoint_yet():
    assert "no network interface" in vpc.endpoint(world(endpoint__network_interfaces=[]))["evidence"]
    assert "no endpoint for backup-gateway in vpc-1" in vpc.endpoint(world(endpoint=None))["evidence"]


def test_the_sddc_s_own_group_counts_only_in_the_connected_vpc():
    elsewhere = {"sddc__connected_vpc": {"vpc_id": "vpc-2", "state": "ACTIVE"}}
    facts = world(**elsewhere, vpc__route_tables={"subnet-1": table("tgw-1")}, interface=None)
    assert vpc.sddc_security_group(facts)["verdict"] == "skipped"


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ([(1, False, True, "10.30.5.20/32", (443, 443)), (2, False, True, "10.0.0.0/8", (1026, 1031))], "ok"),
        ([(1, False, True, "10.30.5.20/32", (443, 443))], "broken"),
        ([(1, False, True, "0.0.0.0/0", (0, 65535)), (2, False, False, "0.0.0.0/0", (0, 65535))], "ok"),
        ([(2, False, True, "0.0.0.0/0", (0, 65535)), (1, False, False, "0.0.0.0/0", (1027, 1027))], "broken"),
        ([(2, False, True, "0.0.0.0/0", (0, 65535)), (1, False, False, "10.99.0.0/16", (1027, 1027))], "ok"),
    ],
)
def test_the_first_entry_that_fits_decides_about_each_port(entries, expected):
    out = (1, True, True, "0.0.0.0/0", (1024, 65535))
    facts = world(vpc__network_acls={"subnet-1": acl(*entries, out)})
    assert vpc.network_acl(facts)["verdict"] == expected


@pytest.mark.parametrize(
    ("ports", "expected"),
    [
        ([(1024, 65535)], "ok"),
        ([(32768, 60999)], "ok"),
        ([(32768, 50000), (50001, 65535)], "ok"),
        ([(49152, 65535)], "broken"),
    ],
)
def test_answers_need_every_port_that_linux_calls_from(ports, expected):
    out = [(number, True, True, "0.0.0.0/0", each) for number, each in enumerate(ports, 1)]
    facts = world(vpc__network_acls={"subnet-1": acl((1, False, True, "0.0.0.0/0", (0, 65535)), *out)})
    assert vpc.network_acl(facts)["verdict"] == expected


def test_two_groups_of_an_endpoint_add_up():
    facts = world(endpoint__security_group_ids=["sg-1", "sg-2"])
    rules = facts["security_groups"]["sg-1"]["ingress"]
    facts["security_groups"]["sg-2"] = {"ingress": [rules.pop()], "egress": []}
    assert vpc.endpoint_security_group(facts)["verdict"] == "ok"
