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
    return create_endpoint(ec2, lab.vpc["vpc_id"], lab.vpc["subnet_id"], group)


def create_endpoint(ec2, vpc_id, subnet_id, group_id):
    made = ec2.create_vpc_endpoint(
        VpcEndpointType="Interface",
        VpcId=vpc_id,
        ServiceName="com.amazonaws.eu-west-1.backup-gateway",
        SubnetIds=[subnet_id],
        SecurityGroupIds=[group_id],
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


def test_a_vpc_that_is_attached_is_reached_until_the_sddc_leaves_its_groups(lab):
    breaks.apply(lab.world, "attach_vpc", {})
    ec2 = lab.client("ec2")
    subnet = ec2.describe_subnets(Filters=[{"Name": "cidr-block", "Values": ["172.28.0.0/16"]}])["Subnets"][0]
    group = ec2.create_security_group(GroupName="far", Description="far", VpcId=subnet["VpcId"])["GroupId"]
    name = create_endpoint(ec2, subnet["VpcId"], subnet["SubnetId"], group)

    def found():
        return lab.aws.obstacles(lab.world.sddcs["sddc-a"], name, SOURCE, ENDPOINT_PORTS)

    assert found() == []
    breaks.apply(lab.world, "leave_groups", {})
    assert "is not in the connected VPC" in found()[0]


def test_without_an_endpoint_there_is_nothing_to_break(lab):
    with pytest.raises(breaks.Nonsense, match="no endpoint"):
        breaks.apply(lab.world, "own_route_table", {})
