# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import Foreign
from ansible_collections.vmc.aws_backup.plugins.module_utils.resources.security_group import (
    BackupSecurityGroup,
    view,
)
from ansible_collections.vmc.aws_backup.plugins.modules import backup_security_group

from .aws_api import Api, params

OURS = [{"Key": "managed-by", "Value": "vmc-aws-backup"}]
RAW = {
    "GroupId": "sg-1",
    "GroupName": "g",
    "VpcId": "vpc-1",
    "Description": "d",
    "Tags": OURS,
    "IpPermissions": [
        {
            "IpProtocol": "tcp",
            "FromPort": 443,
            "ToPort": 443,
            "IpRanges": [{"CidrIp": "10.0.0.2/32"}, {"CidrIp": "10.0.0.1/32"}],
            "Ipv6Ranges": [{"CidrIpv6": "fd00::/64"}],
        },
        {"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": "sg-9", "UserId": "1"}]},
    ],
}


def group(raw=None, vpcs=("vpc-1",), **given):
    client = Api(
        describe_security_groups={"SecurityGroups": [raw or RAW]},
        describe_vpcs={"Vpcs": [{"VpcId": vpc} for vpc in vpcs]},
    )
    return BackupSecurityGroup(client, params(backup_security_group, **{"name": "g", "vpc_id": "vpc-1", **given}))


def test_the_view_has_every_rule_in_order():
    assert view(RAW)["ingress"] == [
        {"from_port": -1, "to_port": -1, "source_group_id": "sg-9", "protocol": "-1"},
        {"from_port": 443, "to_port": 443, "cidr_ip": "10.0.0.1/32"},
        {"from_port": 443, "to_port": 443, "cidr_ip": "10.0.0.2/32"},
        {"from_port": 443, "to_port": 443, "cidr_ipv6": "fd00::/64"},
    ]


def test_each_appliance_gets_the_five_ports_and_support_only_when_asked():
    ports = {rule["from_port"] for rule in group(cidr_ips=["10.0.0.1"]).want(None)["ingress"]}
    assert ports == {443, 1026, 1027, 1028, 1031}
    ingress = group(cidr_ips=["10.0.0.1", "10.0.0.1/32"], support_access=True).want(None)["ingress"]
    assert {"from_port": 2222, "to_port": 2222, "cidr_ip": "10.0.0.1/32"} in ingress
    assert len(ingress) == 6


def test_rules_are_not_managed_unless_appliances_are_given():
    assert "ingress" not in group().want(None)
    assert group(cidr_ips=[]).want(None)["ingress"] == []


def test_rules_open_before_others_close():
    resource = group(cidr_ips=["10.0.0.1"])
    have = resource.observe()
    resource.update(have, {"ingress": resource.want(have)["ingress"]})
    (first, opened), (second, closed) = resource.client.writes
    assert (first, second) == ("authorize_security_group_ingress", "revoke_security_group_ingress")
    assert [rule["FromPort"] for rule in opened["IpPermissions"]] == [1026, 1027, 1028, 1031]
    assert closed["IpPermissions"] == [
        {"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": "sg-9"}]},
        {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "10.0.0.2/32"}]},
        {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "Ipv6Ranges": [{"CidrIpv6": "fd00::/64"}]},
    ]


def test_a_group_of_others_is_refused_unless_it_is_adopted():
    theirs = {**RAW, "Tags": []}
    with pytest.raises(Foreign, match="sg-1"):
        group(theirs).observe()
    resource = group(theirs, adopt=True)
    assert resource.want(resource.observe())["tags"] == {"managed-by": "vmc-aws-backup"}


def test_the_description_of_a_group_that_exists_is_left_alone_unless_given():
    assert group().want(None)["description"]
    assert "description" not in group().want(view(RAW))


def test_what_is_wanted_is_stable():
    resource = group(cidr_ips=["10.0.0.1"], tags={"a": 1})
    want = resource.want(view(RAW))
    assert resource.want({**view(RAW), **want}) == want
