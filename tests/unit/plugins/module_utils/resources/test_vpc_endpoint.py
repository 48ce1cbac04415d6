# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import Ambiguous, ApiError, Conflict, Error, Foreign
from ansible_collections.vmc.aws_backup.plugins.module_utils.resources.vpc_endpoint import VpcEndpoint, view
from ansible_collections.vmc.aws_backup.plugins.module_utils.values import Unresolved
from ansible_collections.vmc.aws_backup.plugins.modules import vpce_backup

from .aws_api import Api, params

OURS = [{"Key": "managed-by", "Value": "vmc-aws-backup"}, {"Key": "Name", "Value": "vmc-aws-backup"}]
SUFFIX = "backup-gateway.eu-west-1.vpce.amazonaws.com"
SUBNETS = [
    {"SubnetId": "subnet-1", "VpcId": "vpc-1", "AvailabilityZone": "eu-west-1a", "AvailabilityZoneId": "euw1-az3"},
    {"SubnetId": "subnet-2", "VpcId": "vpc-1", "AvailabilityZone": "eu-west-1b", "AvailabilityZoneId": "euw1-az1"},
]
GROUPS = [
    {"GroupId": "sg-1", "GroupName": "ours", "Tags": OURS},
    {"GroupId": "sg-2", "GroupName": "also-ours", "Tags": OURS},
    {"GroupId": "sg-8", "GroupName": "theirs"},
    {"GroupId": "sg-9", "GroupName": "default"},
]


def endpoint(number=1, state="available", tags=None, **more):
    return {
        "VpcEndpointId": f"vpce-{number}",
        "VpcEndpointType": "Interface",
        "VpcId": "vpc-1",
        "ServiceName": "com.amazonaws.eu-west-1.backup-gateway",
        "State": state,
        "SubnetIds": ["subnet-1"],
        "NetworkInterfaceIds": ["eni-1"],
        "Groups": [{"GroupId": "sg-1", "GroupName": "ours"}],
        "IpAddressType": "ipv4",
        "PolicyDocument": '{"Statement": [{"Action": "*", "Effect": "Allow", "Principal": "*", "Resource": "*"}]}',
        "DnsEntries": [
            {"DnsName": f"vpce-{number}-abc.{SUFFIX}"},
            {"DnsName": f"vpce-{number}-abc-eu-west-1a.{SUFFIX}"},
            {"DnsName": "backup-gateway.eu-west-1.amazonaws.com"},
        ],
        "Tags": OURS if tags is None else tags,
        **more,
    }


def resource(*endpoints, given=None, **answers):
    def chosen(Filters):
        wanted = {item["Name"]: item["Values"] for item in Filters}.get("vpc-endpoint-id")
        return {"VpcEndpoints": [raw for raw in endpoints if wanted is None or raw["VpcEndpointId"] in wanted]}

    interface = {"NetworkInterfaceId": "eni-1", "PrivateIpAddress": "10.0.0.9", "SubnetId": "subnet-1"}
    client = Api(
        **{
            "describe_vpc_endpoints": chosen,
            "describe_network_interfaces": {"NetworkInterfaces": [interface]},
            "describe_subnets": {"Subnets": SUBNETS},
            "describe_security_groups": {"SecurityGroups": GROUPS},
            **answers,
        }
    )
    return VpcEndpoint(client, params(vpce_backup, vpc_id="vpc-1", **(given or {})))


def test_the_view_tells_the_regional_name_from_the_zonal_ones():
    have = resource(endpoint()).observe()
    assert have["dns_name"] == f"vpce-1-abc.{SUFFIX}"
    assert have["zonal_dns_names"] == [f"vpce-1-abc-eu-west-1a.{SUFFIX}"]
    assert have["availability_zone_ids"] == ["euw1-az3"]
    assert have["network_interfaces"] == [
        {
            "network_interface_id": "eni-1",
            "private_ip_address": "10.0.0.9",
            "subnet_id": "subnet-1",
            "availability_zone": "eu-west-1a",
            "availability_zone_id": "euw1-az3",
        }
    ]


@pytest.mark.parametrize("state", ["deleting", "Deleted", "rejected", "failed", "expired"])
def test_a_dead_endpoint_is_none(state):
    assert resource(endpoint(state=state)).observe() is None


@pytest.mark.parametrize("state", ["PendingAcceptance", "pending", "available"])
def test_a_living_endpoint_is_ours_by_its_tag(state):
    assert resource(endpoint(state=state)).observe()["vpc_endpoint_id"] == "vpce-1"


def test_two_of_ours_are_ambiguous():
    with pytest.raises(Ambiguous, match="vpce-1, vpce-2"):
        resource(endpoint(1), endpoint(2)).observe()


def test_one_of_others_in_the_same_place_is_named_and_refused():
    alone = resource(endpoint(tags=[]))
    assert alone.observe() is None
    with pytest.raises(Foreign, match="vpce-1"):
        alone.want(None)
    assert resource(endpoint(1, tags=[]), endpoint(2)).observe()["vpc_endpoint_id"] == "vpce-2"


def test_one_of_others_is_taken_over_by_id_and_only_when_told():
    theirs = endpoint(tags=[])
    with pytest.raises(Foreign):
        resource(theirs, given={"vpc_endpoint_id": "vpce-1"}).observe()
    adopted = resource(theirs, given={"vpc_endpoint_id": "vpce-1", "adopt": True})
    assert adopted.want(adopted.observe())["tags"]["managed-by"] == "vmc-aws-backup"


def test_groups_are_found_by_name_and_those_of_others_stay():
    attached = [{"GroupId": "sg-1"}, {"GroupId": "sg-2"}, {"GroupId": "sg-8"}]
    asked = resource(endpoint(Groups=attached), given={"security_group_ids": ["ours"]})
    assert asked.want(asked.observe())["security_group_ids"] == ["sg-1", "sg-8"]


def test_where_it_is_shared_things_are_added_and_a_zone_is_served_once():
    twin = {**SUBNETS[0], "SubnetId": "subnet-1-too"}
    attached = [{"GroupId": "sg-1"}]
    for subnet, subnets in (("subnet-2", ["subnet-1", "subnet-2"]), ("subnet-1-too", ["subnet-1"])):
        given = {"shared": True, "subnet_ids": [subnet], "security_group_ids": ["also-ours"]}
        asked = resource(endpoint(Groups=attached), given=given, describe_subnets={"Subnets": [*SUBNETS, twin]})
        want = asked.want(asked.observe())
        assert want["subnet_ids"] == subnets
        assert want["security_group_ids"] == ["sg-1", "sg-2"]


def test_a_group_that_does_not_exist_yet_is_unresolved():
    asked = resource(given={"security_group_ids": ["to-come"], "subnet_ids": ["subnet-1"]})
    (group,) = asked.want(None)["security_group_ids"]
    assert isinstance(group, Unresolved)


def test_what_is_not_given_is_not_wanted():
    asked = resource(endpoint())
    assert set(asked.want(asked.observe())) == {"vpc_id", "service_name", "vpc_endpoint_type", "tags"}


def test_no_policy_means_full_access():
    asked = resource(endpoint(), given={"policy_document": {}})
    have = asked.observe()
    assert asked.want(have)["policy_document"] == have["policy_document"]


def test_everything_that_changes_is_one_call():
    asked = resource(
        endpoint(), given={"subnet_ids": ["subnet-2"], "security_group_ids": ["also-ours"], "private_dns_enabled": True}
    )
    have = asked.observe()
    asked.update(have, {key: value for key, value in asked.want(have).items() if have[key] != value})
    assert asked.client.writes == [
        (
            "modify_vpc_endpoint",
            {
                "VpcEndpointId": "vpce-1",
                "AddSubnetIds": ["subnet-2"],
                "RemoveSubnetIds": ["subnet-1"],
                "AddSecurityGroupIds": ["sg-2"],
                "RemoveSecurityGroupIds": ["sg-1"],
                "PrivateDnsEnabled": True,
            },
        )
    ]


NEW = {"security_group_ids": ["ours"], "subnet_ids": ["subnet-1"]}


def created(*endpoints, answers):
    """The client tokens under which an endpoint was asked for."""
    answers = iter(answers)
    asked = resource(*endpoints, given=NEW, create_vpc_endpoint=lambda **request: next(answers))
    asked.create(asked.want(None))
    requests = [request for operation, request in asked.client.writes]
    assert all(request["PrivateDnsEnabled"] is False for request in requests)
    return [request["ClientToken"] for request in requests]


def test_the_token_is_that_of_the_generation():
    living = {"VpcEndpoint": endpoint(3)}
    first = created(endpoint(3), answers=[living])
    after_a_death = created(endpoint(3), endpoint(1, state="deleted"), answers=[living])
    assert first == created(endpoint(3), answers=[living])
    assert first != after_a_death


def test_a_ghost_is_not_taken_for_the_new_endpoint():
    ghost, living = {"VpcEndpoint": endpoint(1, state="deleted")}, {"VpcEndpoint": endpoint(3)}
    tokens = created(endpoint(3), answers=[ghost, living])
    assert len(set(tokens)) == 2


MISMATCH = ApiError("used before", code="IdempotentParameterMismatch")


def test_a_ghost_that_had_other_parameters_is_no_error(monkeypatch):
    ghost = endpoint(1, state="deleted")
    answers = iter([MISMATCH, {"VpcEndpoint": ghost}, {"VpcEndpoint": ghost}, {"VpcEndpoint": endpoint(3)}])
    asked = resource(ghost, given=NEW, create_vpc_endpoint=lambda **request: next(answers))
    monkeypatch.setattr(asked, "_lives", lambda identifier: True)
    asked.create(asked.want(None))
    tokens = [request["ClientToken"] for operation, request in asked.client.writes]
    assert len(tokens) == 4 and tokens[0] != tokens[1]


def test_an_endpoint_that_a_run_for_another_sddc_just_made_is_not_made_again():
    """Both ask under the token of the generation, each for its own security group."""
    with pytest.raises(Conflict, match="vpce-3"):
        created(endpoint(3), answers=[MISMATCH])


def test_nothing_but_ghosts_is_an_error():
    ghosts = [{"VpcEndpoint": endpoint(number, state="deleted")} for number in range(5)]
    with pytest.raises(Error, match="vpce-4"):
        created(answers=ghosts)


def test_a_refused_delete_is_an_error_and_a_lost_endpoint_none():
    have = resource(endpoint()).observe()
    refusal = {"Unsuccessful": [{"Error": {"Code": "OperationNotPermitted", "Message": "no"}}]}
    with pytest.raises(ApiError, match="OperationNotPermitted"):
        resource(delete_vpc_endpoints=refusal).delete(have)
    resource(delete_vpc_endpoints={"Unsuccessful": [{"Error": {"Code": "InvalidVpcEndpoint.NotFound"}}]}).delete(have)


def test_ready_means_available():
    ready = resource().ready
    raw = {"VpcEndpoint": endpoint(state="pending"), "NetworkInterfaces": {}, "Subnets": {}}
    assert ready(view(raw)) == "its state is pending"
    unseen = {**view(raw), "state": "available"}
    assert ready(unseen) == "the addresses of eni-1 are not seen"
    raw["NetworkInterfaces"] = {"eni-1": {"NetworkInterfaceId": "eni-1", "PrivateIpAddress": "10.0.0.9"}}
    assert ready({**view(raw), "state": "available"}) is None
