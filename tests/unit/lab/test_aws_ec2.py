# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ConnectionClosedError, ReadTimeoutError
from unit.lab.aws_lab import ACCOUNT, ENDPOINT_PORTS, error_code

SERVICE = "com.amazonaws.eu-west-1.backup-gateway"


@pytest.fixture
def group(lab):
    ec2 = lab.client("ec2")
    group_id = ec2.create_security_group(GroupName="g", Description="d", VpcId=lab.vpc["vpc_id"])["GroupId"]
    ec2.authorize_security_group_ingress(
        GroupId=group_id,
        IpPermissions=[
            {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [{"CidrIp": "127.70.21.0/24"}]}
            for port in ENDPOINT_PORTS
        ],
    )
    return group_id


def create(lab, group, **kwargs):
    asked = {
        "VpcEndpointType": "Interface",
        "VpcId": lab.vpc["vpc_id"],
        "ServiceName": SERVICE,
        "SubnetIds": [lab.vpc["subnet_id"]],
        "SecurityGroupIds": [group],
        "PrivateDnsEnabled": False,
        "TagSpecifications": [{"ResourceType": "vpc-endpoint", "Tags": [{"Key": "Name", "Value": "n"}]}],
        **kwargs,
    }
    return lab.client("ec2").create_vpc_endpoint(**asked)["VpcEndpoint"]


def describe(lab, **kwargs):
    return lab.client("ec2").describe_vpc_endpoints(**kwargs)["VpcEndpoints"]


def until(lab, endpoint_id, state):
    for _turn in range(5):
        found = describe(lab, VpcEndpointIds=[endpoint_id])[0]
        if found["State"] == state:
            return found
    raise AssertionError(found["State"])


def test_the_seed_is_a_connected_vpc(lab):
    ec2 = lab.client("ec2")
    subnets = ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [lab.vpc["vpc_id"]]}])["Subnets"]
    assert len({subnet["AvailabilityZoneId"] for subnet in subnets}) == 3
    own = next(subnet for subnet in subnets if subnet["SubnetId"] == lab.vpc["subnet_id"])
    assert own["AvailabilityZoneId"] == "euw1-az1" == lab.vpc["availability_zone_id"]
    for attribute in ("enableDnsSupport", "enableDnsHostnames"):
        found = ec2.describe_vpc_attribute(VpcId=lab.vpc["vpc_id"], Attribute=attribute)
        assert found[attribute[0].upper() + attribute[1:]]["Value"] is True
    tables = ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [lab.vpc["vpc_id"]]}])["RouteTables"]
    routes = {route["DestinationCidrBlock"]: route.get("NetworkInterfaceId") for route in tables[0]["Routes"]}
    assert routes["127.70.16.0/20"] == lab.vpc["active_network_interface_id"]
    assert lab.world.sddcs["sddc-b"].connected_vpc["vpc_id"] == lab.vpc["vpc_id"]
    assert lab.client("sts").get_caller_identity()["Account"] == ACCOUNT


def test_interfaces_are_named_for_their_region_and_the_default_group_admits_itself(lab):
    ec2 = lab.client("ec2")
    wanted = [{"Name": "vpc-id", "Values": [lab.vpc["vpc_id"]]}]
    names = {each["PrivateDnsName"] for each in ec2.describe_network_interfaces(Filters=wanted)["NetworkInterfaces"]}
    assert names and all(name.endswith(".eu-west-1.compute.internal") for name in names)
    (group,) = ec2.describe_security_groups(Filters=wanted)["SecurityGroups"]
    (rule,) = group["IpPermissions"]
    assert (group["GroupName"], rule["IpProtocol"]) == ("default", "-1")
    assert [pair["GroupId"] for pair in rule["UserIdGroupPairs"]] == [group["GroupId"]]


def test_the_patterns_of_the_models_can_be_enforced(lab, group):
    types = lab.client("backup").describe_region_settings
    assert "Storage Gateway" in types()["ResourceTypeOptInPreference"]
    lab.world.switches["model_enforced"] = True
    assert all(" " not in name for name in types()["ResourceTypeOptInPreference"])
    refused = {"ResourceTypeOptInPreference": {"Storage Gateway": True}}
    assert error_code(lab.client("backup").update_region_settings, **refused) == "ValidationException"
    made = create(lab, group)["VpcEndpointId"]
    assert describe(lab, VpcEndpointIds=[made])[0]["State"] == "Pending"
    wanted = [{"Name": "vpc-endpoint-state", "Values": ["pending", "available"]}]
    assert [each["VpcEndpointId"] for each in describe(lab, Filters=wanted)] == [made]


def test_an_endpoint_is_born_lives_and_dies(lab, group):
    made = create(lab, group)
    assert made["State"] == "pending"
    assert made["Tags"] == [{"Key": "Name", "Value": "n"}]
    found = until(lab, made["VpcEndpointId"], "available")
    names = [entry["DnsName"] for entry in found["DnsEntries"]]
    assert names[0].startswith(made["VpcEndpointId"] + "-")
    assert names[0].endswith(".backup-gateway.eu-west-1.vpce.amazonaws.com")
    assert "-eu-west-1b.backup-gateway." in names[1]
    eni = lab.client("ec2").describe_network_interfaces(NetworkInterfaceIds=found["NetworkInterfaceIds"])
    eni = eni["NetworkInterfaces"][0]
    assert eni["SubnetId"] == lab.vpc["subnet_id"] and eni["Groups"][0]["GroupId"] == group
    assert eni["InterfaceType"] == "vpc_endpoint" and eni["PrivateIpAddress"].startswith("172.29.")

    seen = lab.aws.endpoint(names[0])
    assert seen["eni_addresses"] == [eni["PrivateIpAddress"]]
    assert seen["subnets"][0]["az_id"] == "euw1-az1"
    assert {rule["from_port"] for rule in seen["ingress"]} == set(ENDPOINT_PORTS)
    assert lab.aws.endpoint("vpce-other.example") is None

    assert error_code(lab.client("ec2").delete_security_group, GroupId=group) == "DependencyViolation"
    lab.client("ec2").delete_vpc_endpoints(VpcEndpointIds=[made["VpcEndpointId"]])
    assert until(lab, made["VpcEndpointId"], "deleted")["DnsEntries"] == []
    lab.client("ec2").delete_security_group(GroupId=group)
    lab.world.ahead += 4000
    assert describe(lab) == []
    assert error_code(describe, lab, VpcEndpointIds=[made["VpcEndpointId"]]) == "InvalidVpcEndpointId.NotFound"


def test_a_client_token_outlives_its_endpoint(lab, group):
    made = create(lab, group, ClientToken="t1")
    assert create(lab, group, ClientToken="t1")["VpcEndpointId"] == made["VpcEndpointId"]
    assert error_code(create, lab, group, ClientToken="t1", IpAddressType="dualstack") == "IdempotentParameterMismatch"
    lab.client("ec2").delete_vpc_endpoints(VpcEndpointIds=[made["VpcEndpointId"]])
    until(lab, made["VpcEndpointId"], "deleted")
    ghost = create(lab, group, ClientToken="t1")
    assert (ghost["VpcEndpointId"], ghost["State"]) == (made["VpcEndpointId"], "deleted")
    assert create(lab, group, ClientToken="t2")["VpcEndpointId"] != made["VpcEndpointId"]


def test_modify(lab, group):
    made = create(lab, group)
    other = next(subnet for subnet in lab.vpc["subnet_ids"] if subnet != lab.vpc["subnet_id"])
    ec2 = lab.client("ec2")
    own = ec2.create_security_group(GroupName="h", Description="d", VpcId=lab.vpc["vpc_id"])["GroupId"]
    ec2.modify_vpc_endpoint(
        VpcEndpointId=made["VpcEndpointId"],
        AddSubnetIds=[other],
        AddSecurityGroupIds=[own],
        RemoveSecurityGroupIds=[group],
        PrivateDnsEnabled=True,
        IpAddressType="dualstack",
        PolicyDocument='{"Statement": []}',
    )
    found = until(lab, made["VpcEndpointId"], "available")
    assert len(found["NetworkInterfaceIds"]) == 2 and set(found["SubnetIds"]) == {lab.vpc["subnet_id"], other}
    assert [item["GroupId"] for item in found["Groups"]] == [own]
    assert found["PrivateDnsEnabled"] and found["IpAddressType"] == "dualstack"
    assert found["PolicyDocument"] == '{"Statement": []}'
    assert len([entry for entry in found["DnsEntries"] if ".vpce." in entry["DnsName"]]) == 3
    ec2.modify_vpc_endpoint(VpcEndpointId=made["VpcEndpointId"], RemoveSubnetIds=[other], ResetPolicy=True)
    found = until(lab, made["VpcEndpointId"], "available")
    assert found["SubnetIds"] == [lab.vpc["subnet_id"]] and "Allow" in found["PolicyDocument"]
    assert error_code(create, lab, own, PrivateDnsEnabled=True) == "InvalidParameter"


def test_filters_and_tags(lab, group):
    made = create(lab, group)
    lab.client("ec2").create_tags(Resources=[made["VpcEndpointId"]], Tags=[{"Key": "foreign", "Value": "x"}])

    def count(name, value):
        return len(describe(lab, Filters=[{"Name": name, "Values": [value]}]))

    assert count("tag:foreign", "x") == 1 and count("tag:foreign", "y") == 0
    assert count("vpc-id", lab.vpc["vpc_id"]) == 1 and count("vpc-id", "vpc-0") == 0
    assert count("service-name", SERVICE) == 1 and count("vpc-endpoint-type", "Interface") == 1
    assert count("vpc-endpoint-state", "available") + count("vpc-endpoint-state", "pending") == 1
    assert error_code(count, "nonsense", "x") == "InvalidFilter"
    lab.client("ec2").delete_tags(Resources=[made["VpcEndpointId"]], Tags=[{"Key": "foreign"}])
    assert count("tag:foreign", "x") == 0


def test_refusals(lab, group):
    ec2 = lab.client("ec2")
    second = ec2.create_subnet(VpcId=lab.vpc["vpc_id"], CidrBlock="172.29.240.0/24", AvailabilityZone="eu-west-1b")
    same_zone = [lab.vpc["subnet_id"], second["Subnet"]["SubnetId"]]
    assert error_code(create, lab, group, SubnetIds=same_zone) == "DuplicateSubnetsInSameZone"
    foreign = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    outside = ec2.create_subnet(VpcId=foreign, CidrBlock="10.9.0.0/24")["Subnet"]["SubnetId"]
    assert error_code(create, lab, group, SubnetIds=[outside]) == "InvalidParameter"
    assert error_code(create, lab, group, ServiceName="com.amazonaws.eu-west-1.nothing") == "InvalidServiceName"
    assert error_code(create, lab, group, VpcId="vpc-0123") == "InvalidVpcID.NotFound"
    assert error_code(create, lab, "sg-0123") == "InvalidGroup.NotFound"
    ec2.modify_vpc_attribute(VpcId=lab.vpc["vpc_id"], EnableDnsHostnames={"Value": False})
    assert error_code(create, lab, group, PrivateDnsEnabled=True) == "InvalidParameter"
    lab.world.switches["endpoint_service_lacks_zone"] = "euw1-az1"
    assert error_code(create, lab, group) == "InvalidParameter"


def test_services(lab):
    found = lab.client("ec2").describe_vpc_endpoint_services(ServiceNames=[SERVICE])["ServiceDetails"][0]
    assert found["AvailabilityZones"] == ["eu-west-1a", "eu-west-1b", "eu-west-1c"]
    assert found["VpcEndpointPolicySupported"] is True
    asked = {"ServiceNames": ["com.amazonaws.eu-central-2.backup-gateway"]}
    ec2 = lab.client("ec2", region_name="eu-central-2")
    assert error_code(ec2.describe_vpc_endpoint_services, **asked) == "InvalidServiceName"


def test_obstacles_in_the_vpc(lab, group):
    name = create(lab, group)["DnsEntries"][0]["DnsName"]
    sddc = lab.world.sddcs["sddc-a"]
    ec2 = lab.client("ec2")

    def found():
        return lab.aws.obstacles(sddc, name, "127.70.21.5", ENDPOINT_PORTS)

    assert found() == []
    table, passive = lab.vpc["route_table_id"], list(lab.vpc["network_interface_addresses"])[1]
    ec2.replace_route(RouteTableId=table, DestinationCidrBlock="127.70.16.0/20", NetworkInterfaceId=passive)
    assert "active ENI" in found()[0]
    active = lab.vpc["active_network_interface_id"]
    ec2.replace_route(RouteTableId=table, DestinationCidrBlock="127.70.16.0/20", NetworkInterfaceId=active)
    assert found() == []
    own = ec2.create_route_table(VpcId=lab.vpc["vpc_id"])["RouteTable"]["RouteTableId"]
    link = ec2.associate_route_table(RouteTableId=own, SubnetId=lab.vpc["subnet_id"])["AssociationId"]
    assert "route table" in found()[0]
    ec2.disassociate_route_table(AssociationId=link)
    everything = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
    ec2.revoke_security_group_egress(GroupId=lab.vpc["security_group_id"], IpPermissions=everything)
    assert "default security group" in found()[0]
    ec2.authorize_security_group_egress(GroupId=lab.vpc["security_group_id"], IpPermissions=everything)
    acl = ec2.describe_network_acls(Filters=[{"Name": "association.subnet-id", "Values": [lab.vpc["subnet_id"]]}])
    ec2.create_network_acl_entry(
        NetworkAclId=acl["NetworkAcls"][0]["NetworkAclId"],
        RuleNumber=50,
        Protocol="6",
        RuleAction="deny",
        Egress=False,
        CidrBlock="127.70.0.0/16",
        PortRange={"From": 1031, "To": 1031},
    )
    assert found() == [f"the network ACL of {lab.vpc['subnet_id']} does not let 127.70.21.5 to port 1031"]


def test_journal_and_unknown_operations(lab):
    lab.client("ec2").describe_vpcs()
    lab.client("kms").create_key()
    lab.client("backup").list_backup_vaults()
    error_code(lab.client("backup").list_frameworks)
    calls = [(call.service, call.operation, call.kind, call.status) for call in lab.world.journal]
    assert calls == [
        ("ec2", "DescribeVpcs", "read", 200),
        ("kms", "CreateKey", "write", 200),
        ("backup", "ListBackupVaults", "read", 200),
        ("backup", "ListFrameworks", "unknown", 400),
    ]


def test_managed_policies_exist(lab):
    arn = "arn:aws:iam::aws:policy/service-role/AWSBackupGatewayServiceRolePolicyForVirtualMachineMetadataSync"
    assert lab.client("iam").get_policy(PolicyArn=arn)["Policy"]["Arn"] == arn


@pytest.mark.parametrize(
    ("kind", "service", "call", "code"),
    [
        ("throttle", "ec2", "describe_vpcs", "RequestLimitExceeded"),
        ("throttle", "backup-gateway", "list_gateways", "ThrottlingException"),
        ("500", "sts", "get_caller_identity", "InternalFailure"),
        ("500", "backup-gateway", "list_gateways", "InternalServerException"),
        ("403", "backup", "list_backup_vaults", "AccessDeniedException"),
        ("403", "ec2", "describe_vpcs", "UnauthorizedOperation"),
        ("expired", "backup-gateway", "list_gateways", "ExpiredTokenException"),
        ("html503", "backup-gateway", "list_gateways", "503"),
        ("html503", "ec2", "describe_vpcs", "503"),
    ],
)
def test_faults_that_answer(lab, kind, service, call, code):
    lab.fault(kind, service)
    assert error_code(getattr(lab.client(service), call)) == code
    getattr(lab.client(service), call)()


def test_faults_that_do_not_answer(lab):
    quick = Config(retries={"total_max_attempts": 1}, read_timeout=4)
    kms = boto3.client("kms", config=quick, **lab.access)
    lab.fault("reset_before", "kms", "CreateKey")
    with pytest.raises(ConnectionClosedError):
        kms.create_key()
    assert kms.list_keys()["Keys"] == []
    lab.fault("reset_after", "kms", "CreateKey")
    with pytest.raises(ConnectionClosedError):
        kms.create_key()
    assert len(kms.list_keys()["Keys"]) == 1
    lab.fault("hang", "kms", "ListKeys")
    with pytest.raises(ReadTimeoutError):
        kms.list_keys()
