# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import ApiError
from ansible_collections.vmc.aws_backup.plugins.module_utils.resources.account import find, view

from .aws_api import Api

STS = Api(get_caller_identity={"Account": "111122223333", "Arn": "arn:aws:iam::111122223333:user/me", "UserId": "U"})
SERVICE = {"ServiceName": "com.amazonaws.eu-west-1.backup-gateway", "AvailabilityZones": ["eu-west-1b", "eu-west-1a"]}
SUBNET = {"SubnetId": "subnet-1", "VpcId": "vpc-1", "AvailabilityZone": "eu-west-1a", "AvailabilityZoneId": "euw1-az1"}
EC2 = Api(describe_vpc_endpoint_services={"ServiceDetails": [SERVICE]}, describe_subnets={"Subnets": [SUBNET]})


def test_who_calls_is_told_without_asking_ec2():
    ec2 = Api()
    assert view(find(STS, ec2)) == {
        "account_id": "111122223333",
        "arn": "arn:aws:iam::111122223333:user/me",
        "partition": "aws",
        "region": "eu-west-1",
    }
    assert ec2.calls == []


def test_the_service_and_the_zones_of_the_subnets_are_told():
    shown = view(find(STS, EC2, subnet_ids=["subnet-1"]))
    assert shown["endpoint_services"][0]["availability_zones"] == ["eu-west-1a", "eu-west-1b"]
    assert [subnet["availability_zone_id"] for subnet in shown["subnets"]] == ["euw1-az1"]


def test_no_subnets_given_asks_for_none():
    """Without ids DescribeSubnets would list all."""
    ec2 = Api(describe_vpc_endpoint_services={"ServiceDetails": []})
    shown = view(find(STS, ec2, subnet_ids=[]))
    assert (shown["endpoint_services"], shown["subnets"]) == ([], [])
    assert [operation for operation, _request in ec2.calls] == ["describe_vpc_endpoint_services"]


def test_a_subnet_that_is_not_there_is_no_failure():
    missing = ApiError("no", code="InvalidSubnetID.NotFound")
    ec2 = Api(describe_vpc_endpoint_services={"ServiceDetails": [SERVICE]}, describe_subnets=missing)
    assert view(find(STS, ec2, subnet_ids=["subnet-2"]))["subnets"] == []
