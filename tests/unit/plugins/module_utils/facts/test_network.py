# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What EC2 says becomes facts."""

from __future__ import annotations

from ansible_collections.vmc.aws_backup.plugins.module_utils.engine.findings import Untold
from ansible_collections.vmc.aws_backup.plugins.module_utils.facts.network import collect

from ..resources.aws_api import Api

ENDPOINT = {"vpc_id": "vpc-1", "subnet_ids": ["subnet-1", "subnet-2"], "security_group_ids": ["sg-1"]}
MAIN = {
    "RouteTableId": "rtb-main",
    "Associations": [{"Main": True}],
    "Routes": [
        {"DestinationCidrBlock": "172.31.0.0/16", "GatewayId": "local", "State": "active"},
        {"DestinationCidrBlock": "10.0.0.0/8", "NetworkInterfaceId": "eni-1", "InstanceId": "i-1", "State": "active"},
        {"DestinationPrefixListId": "pl-1", "NetworkInterfaceId": "eni-1", "State": "active"},
        {"DestinationPrefixListId": "pl-s3", "GatewayId": "vpce-s3", "State": "active"},
        {"DestinationIpv6CidrBlock": "::/0", "GatewayId": "igw-1", "State": "active"},
    ],
}
OWN = {
    "RouteTableId": "rtb-own",
    "Associations": [{"Main": False, "SubnetId": "subnet-2"}],
    "Routes": [{"DestinationCidrBlock": "10.0.0.0/8", "TransitGatewayId": "tgw-1", "State": "blackhole"}],
}
ACL = {
    "NetworkAclId": "acl-1",
    "IsDefault": True,
    "Associations": [{"SubnetId": "subnet-1"}, {"SubnetId": "subnet-2"}],
    "Entries": [
        {"RuleNumber": 100, "Egress": False, "RuleAction": "allow", "Protocol": "-1", "CidrBlock": "0.0.0.0/0"},
        {
            "RuleNumber": 50,
            "Egress": True,
            "RuleAction": "deny",
            "Protocol": "6",
            "CidrBlock": "10.0.0.0/8",
            "PortRange": {"From": 1, "To": 9},
        },
        {"RuleNumber": 60, "Egress": True, "RuleAction": "deny", "Protocol": "17", "CidrBlock": "0.0.0.0/0"},
        {"RuleNumber": 101, "Egress": True, "RuleAction": "allow", "Protocol": "-1", "Ipv6CidrBlock": "::/0"},
    ],
}
GROUP = {
    "GroupId": "sg-1",
    "IpPermissions": [
        {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "10.0.0.1/32"}]},
        {"IpProtocol": "-1", "FromPort": -1, "ToPort": -1, "PrefixListIds": [{"PrefixListId": "pl-1"}]},
        {"IpProtocol": "udp", "FromPort": 53, "ToPort": 53, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]},
    ],
    "IpPermissionsEgress": [],
}
INTERFACE = {"NetworkInterfaceId": "eni-1", "SubnetId": "subnet-1", "Groups": [{"GroupId": "sg-1"}]}


def api(**more):
    answers = {
        "describe_vpcs": {"Vpcs": [{"VpcId": "vpc-1", "CidrBlock": "172.31.0.0/16"}]},
        "describe_route_tables": {"RouteTables": [OWN, MAIN]},
        "describe_network_acls": {"NetworkAcls": [ACL]},
        "describe_network_interfaces": {"NetworkInterfaces": [INTERFACE]},
        "describe_security_groups": {"SecurityGroups": [GROUP]},
        "get_managed_prefix_list_entries": {"Entries": [{"Cidr": "10.30.5.0/24"}]},
    }
    return Api(**{**answers, **more})


def test_a_subnet_has_its_own_route_table_else_the_main_one():
    tables = collect(api(), ENDPOINT, "eni-1")["vpc"]["route_tables"]
    assert {subnet: table["id"] for subnet, table in tables.items()} == {"subnet-1": "rtb-main", "subnet-2": "rtb-own"}
    assert [(route["destination"], route["target"]) for route in tables["subnet-1"]["routes"]] == [
        ("172.31.0.0/16", "local"),
        ("10.0.0.0/8", "eni-1"),
        ("10.30.5.0/24", "eni-1"),
    ]
    assert tables["subnet-2"]["routes"][0]["state"] == "blackhole"


def test_entries_of_an_acl_that_speak_of_tcp_over_ipv4_are_kept():
    entries = collect(api(), ENDPOINT, "eni-1")["vpc"]["network_acls"]["subnet-1"]["entries"]
    assert [(each["number"], each["ports"], each["allow"]) for each in entries] == [
        (100, (0, 65535), True),
        (50, (1, 9), False),
    ]


def test_a_group_s_rules_are_networks_and_ports_and_a_prefix_list_is_read_once():
    ec2 = api()
    found = collect(ec2, ENDPOINT, "eni-1")["security_groups"]["sg-1"]
    assert found["ingress"] == [
        {"ports": (443, 443), "cidrs": ["10.0.0.1/32"]},
        {"ports": (0, 65535), "cidrs": ["10.30.5.0/24"]},
    ]
    assert [operation for operation, _request in ec2.calls].count("get_managed_prefix_list_entries") == 1


def test_the_sddc_s_interface_is_what_the_account_sees_of_it():
    assert collect(api(), ENDPOINT, "eni-1")["interface"] == {
        "id": "eni-1",
        "subnet_id": "subnet-1",
        "security_group_ids": ["sg-1"],
    }
    assert collect(api(describe_network_interfaces={}), ENDPOINT, "eni-1")["interface"] is None
    for unasked in (Untold("404"), None):
        ec2 = api()
        assert collect(ec2, ENDPOINT, unasked)["interface"] is None
        assert "describe_network_interfaces" not in [operation for operation, _request in ec2.calls]


def test_nothing_is_written():
    ec2 = api()
    collect(ec2, ENDPOINT, "eni-1")
    assert ec2.writes == []
