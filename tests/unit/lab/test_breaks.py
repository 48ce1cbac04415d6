# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Verbs that put something into the way of an appliance in the VPC: what physics says of it."""

from __future__ import annotations

import pytest
from lab import breaks
from unit.lab.aws_lab import ENDPOINT_PORTS

SOURCE = "127.70.21.5"


@pytest.fixture
def endpoint(lab):
    """The name of an endpoint in the SDDC's zone."""
    ec2 = lab.client("ec2")
    group = ec2.create_security_group(GroupName="a", Description="a", VpcId=lab.vpc["vpc_id"])["GroupId"]
    made = ec2.create_vpc_endpoint(
        VpcEndpointType="Interface",
        VpcId=lab.vpc["vpc_id"],
        ServiceName="com.amazonaws.eu-west-1.backup-gateway",
        SubnetIds=[lab.vpc["subnet_id"]],
        SecurityGroupIds=[group],
        PrivateDnsEnabled=False,
    )
    return made["VpcEndpoint"]["DnsEntries"][0]["DnsName"]


@pytest.mark.parametrize(
    ("verbs", "obstacle", "count"),
    [
        ([], "", 0),
        ([("break_link", {})], "the link to", 1),
        ([("close_default_group", {})], "default security group does not let out", 5),
        ([("deny_in_acl", {"ports": "1026-1028"})], "network ACL", 3),
        ([("deny_in_acl", {"ports": "32768-60999", "direction": "out"})], "network ACL", 5),
        ([("change_primary_cidr", {})], "outside the primary CIDR block 100.64.0.0/16", 1),
        ([("fail_over_eni", {})], "", 0),
        ([("own_route_table", {})], "", 0),
        ([("own_route_table", {}), ("fail_over_eni", {})], "over the active ENI", 1),
        ([("spread_endpoint", {})], "", 0),
    ],
)
def test_it_is_in_the_way(lab, endpoint, verbs, obstacle, count):
    for verb, arguments in verbs:
        breaks.apply(lab.world, verb, arguments)
    found = lab.aws.obstacles(lab.world.sddcs["sddc-a"], endpoint, SOURCE, ENDPOINT_PORTS)
    assert len(found) == count
    assert all(obstacle in reason for reason in found)


def test_without_an_endpoint_there_is_nothing_to_break(lab):
    with pytest.raises(breaks.Nonsense, match="no endpoint"):
        breaks.apply(lab.world, "own_route_table", {})
