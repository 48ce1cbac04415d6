# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.engine.reconcile import reconcile
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import (
    Ambiguous,
    ApiError,
    Conflict,
    Denied,
    Error,
    Foreign,
    Invalid,
)
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


def test_a_subnet_is_not_taken_from_others_who_use_it():
    of_two = endpoint(Tags=[*endpoint()["Tags"], {"Key": "vmc-aws-backup-user:b", "Value": ""}])
    given = {"subnet_ids": ["subnet-2"], "site_id": "a"}
    asked = resource(of_two, given=given)
    with pytest.raises(Invalid, match="subnet_ids: subnet-1 must not be taken off vpce-1.*other sites that use it, b"):
        asked.want(asked.observe())
    alone = resource(endpoint(), given={"subnet_ids": ["subnet-2"]})
    assert alone.want(alone.observe())["subnet_ids"] == ["subnet-2"]
    more = resource(of_two, given={**given, "subnet_ids": ["subnet-1", "subnet-2"]})
    assert more.want(more.observe())["subnet_ids"] == ["subnet-1", "subnet-2"]


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


def kept(outcome):
    return [(change.path, change.actual) for change in outcome.changes if change.effect == "kept"]


@pytest.mark.parametrize(
    ("changed", "silenced", "told"),
    [
        ({"PrivateDnsEnabled": True}, {"private_dns_enabled": True}, "private_dns_enabled"),
        (
            {"PolicyDocument": '{"Statement": []}'},
            {"policy_document": {"Statement": [{"Effect": "Deny"}]}},
            "policy_document",
        ),
    ],
)
def test_what_somebody_changed_and_nobody_asked_about_is_told(changed, silenced, told):
    outcome = reconcile(resource(endpoint(**changed)))
    assert [path for path, _actual in kept(outcome)] == [told]
    assert (outcome.changed, len(outcome.warnings)) == (False, 1)
    assert kept(reconcile(resource(endpoint(**changed), given=silenced), check_mode=True)) == []


@pytest.mark.parametrize(
    ("sources", "told"),
    [
        ({"IpRanges": [{"CidrIp": "10.0.0.0/24"}]}, False),
        ({"UserIdGroupPairs": [{"GroupId": "sg-7"}]}, False),
        ({"IpRanges": [{"CidrIp": "0.0.0.0/1"}, {"CidrIp": "128.0.0.0/1"}]}, True),
        ({"Ipv6Ranges": [{"CidrIpv6": "::/0"}]}, True),
        ({"PrefixListIds": [{"PrefixListId": "pl-1"}]}, True),
    ],
)
def test_a_group_of_others_that_opens_the_endpoint_is_told_and_stays(sources, told):
    theirs = {"GroupId": "sg-8", "GroupName": "theirs", "IpPermissions": [{"IpProtocol": "-1", **sources}]}
    attached = endpoint(Groups=[{"GroupId": "sg-1"}, {"GroupId": "sg-8"}])
    answers = {"describe_security_groups": {"SecurityGroups": [GROUPS[0], theirs]}}
    outcome = reconcile(resource(attached, given={"security_group_ids": ["ours"]}, **answers))
    assert kept(outcome) == ([("security_group_ids", "sg-8")] if told else [])
    assert not outcome.changed


def test_more_groups_than_an_interface_takes_are_refused_with_the_number_and_their_names():
    groups = [{"GroupId": f"sg-{number}", "GroupName": f"site-{number}", "Tags": OURS} for number in range(6)]
    attached = endpoint(Groups=[{"GroupId": f"sg-{number}"} for number in range(5)])
    answers = {"describe_security_groups": {"SecurityGroups": groups}}
    sixth = resource(attached, given={"security_group_ids": ["site-5"], "shared": True}, **answers)
    with pytest.raises(Invalid, match=r"security_group_ids: 6 groups \(site-0, .*site-5\) are more than the 5"):
        reconcile(sixth)
    assert sixth.client.writes == []
    raised = {"shared": True, "security_group_ids": ["site-5"], "security_groups_quota": 6}
    assert reconcile(resource(attached, given=raised, **answers), check_mode=True).changed
    settled = {"shared": True, "security_group_ids": ["site-4"], "security_groups_quota": 4}
    assert not reconcile(resource(attached, given=settled, **answers)).changed


# Who uses it: it is shared, so that it carries its users' marks and never one site's


def tags(**more):
    return [*OURS, *({"Key": key, "Value": value} for key, value in more.items())]


def used_by(*sites):
    return tags(**{f"vmc-aws-backup-user:{site}": "true" for site in sites})


def group(number, site=None, owner=True):
    marks = {**({"managed-by": "vmc-aws-backup"} if owner else {}), **({"vmc-aws-backup-site": site} if site else {})}
    return {
        "GroupId": f"sg-{number}",
        "GroupName": f"group-{number}",
        "Tags": [{"Key": key, "Value": value} for key, value in marks.items()],
    }


def with_groups(*groups, sites=("a",), given=None, **more):
    """An endpoint with these groups on it and these users, as site a sees it."""
    attached = endpoint(tags=used_by(*sites), Groups=[{"GroupId": raw["GroupId"]} for raw in groups], **more)
    answers = {"describe_security_groups": {"SecurityGroups": list(groups)}}
    return resource(attached, given={"site_id": "a", **(given or {})}, **answers)


def changes(asked):
    have = asked.observe()
    want = asked.want(have)
    return {key: value for key, value in want.items() if value != have[key]}


MINE, THEIRS, EARLIER, FOREIGN = group(1, "a"), group(2, "b"), group(3), group(4, owner=False)


def test_the_users_are_read_from_the_tags():
    assert resource(endpoint(tags=used_by("b", "a"))).observe()["users"] == ["a", "b"]
    assert resource(endpoint()).observe()["users"] == []


def test_a_site_puts_its_user_s_tag_beside_those_of_others_and_never_its_mark():
    asked = with_groups(MINE, sites=("b",))
    assert changes(asked) == {"users": ["a", "b"]}
    asked.update(asked.observe(), changes(asked))
    ((operation, request),) = asked.client.writes
    assert operation == "create_tags"
    assert request["Tags"] == [{"Key": "vmc-aws-backup-user:a", "Value": "true"}]
    assert changes(with_groups(MINE, sites=("a", "b"))) == {}
    living = endpoint(3)
    made = resource(living, given={**NEW, "site_id": "a"}, create_vpc_endpoint={"VpcEndpoint": living})
    made.create(made.want(None))
    ((_operation, request),) = made.client.writes
    (specification,) = request["TagSpecifications"]
    assert {tag["Key"] for tag in specification["Tags"]} == {"managed-by", "Name", "vmc-aws-backup-user:a"}


def test_without_a_site_no_user_is_written_and_none_is_taken_off():
    assert changes(resource(endpoint(tags=used_by("b")))) == {}


def test_a_purge_leaves_the_users():
    asked = with_groups(MINE, sites=("a", "b"), given={"tags": {}, "purge_tags": True})
    assert changes(asked) == {}


def test_the_user_that_a_site_was_goes_when_it_is_taken_over():
    asked = with_groups(MINE, sites=("dead", "b"), given={"site_was": "dead"})
    assert changes(asked) == {"users": ["a", "b"]}
    asked.update(asked.observe(), changes(asked))
    (_put, put), (_delete, removed) = asked.client.writes
    assert [tag["Key"] for tag in put["Tags"]] == ["vmc-aws-backup-user:a"]
    assert removed["Tags"] == [{"Key": "vmc-aws-backup-user:dead"}]


@pytest.mark.parametrize(
    ("sites", "given", "users", "denied"),
    [(("b",), {}, ["a", "b"], "create_tags"), (("a", "b"), {"used": False}, ["b"], "delete_tags")],
)
def test_a_user_s_tag_that_may_not_be_written_is_told_and_nothing_else_is_done(sites, given, users, denied):
    asked = with_groups(MINE, sites=sites, given=given)
    asked.client.answers[denied] = Denied("You may not.", code="UnauthorizedOperation")
    outcome = reconcile(asked)
    assert [(change.path, change.desired, change.actual, change.effect) for change in outcome.changes] == [
        ("users", users, list(sites), "denied")
    ]
    assert (outcome.changed, len(outcome.warnings)) == (False, 1)
    assert [operation for operation, _request in asked.client.writes] == [denied]


@pytest.mark.parametrize("site_id", ["a b", "-a", "x" * 65])
def test_what_can_be_no_site_is_refused_before_it_is_written(site_id):
    with pytest.raises(Invalid, match="site_id"):
        changes(resource(endpoint(), given={"site_id": site_id}))


@pytest.mark.parametrize("others", [(THEIRS,), (EARLIER,), (FOREIGN,), (THEIRS, FOREIGN)])
def test_a_site_that_uses_it_no_more_takes_off_its_tag_and_its_groups_and_nothing_else(others):
    asked = with_groups(MINE, *others, sites=("a", "b"), given={"used": False, "security_group_ids": ["group-1"]})
    found = changes(asked)
    assert found["security_group_ids"] == [raw["GroupId"] for raw in others]
    assert set(found) == {"security_group_ids", "users"}
    assert found["users"] == ["b"]
    asked.update(asked.observe(), found)
    assert [operation for operation, _request in asked.client.writes] == ["modify_vpc_endpoint", "delete_tags"]
    assert asked.client.writes[0][1]["RemoveSecurityGroupIds"] == ["sg-1"]
    assert asked.client.writes[1][1]["Tags"] == [{"Key": "vmc-aws-backup-user:a"}]


def test_the_last_group_stays_since_an_endpoint_cannot_be_without():
    assert set(changes(with_groups(MINE, given={"used": False}))) == {"users"}


def test_to_use_it_no_more_a_site_and_an_endpoint_are_needed():
    with pytest.raises(Invalid, match="used: needs site_id"):
        changes(resource(endpoint(), given={"used": False}))
    with pytest.raises(Invalid, match="used: There is no living endpoint"):
        resource(given={"used": False, "site_id": "a"}).want(None)


def test_another_site_s_group_stays_though_the_collection_made_it():
    asked = with_groups(MINE, THEIRS, EARLIER, given={"security_group_ids": ["group-1"]})
    assert changes(asked) == {}


@pytest.mark.parametrize(
    ("groups", "sites", "given", "why"),
    [
        ((MINE,), ("a",), {}, None),
        ((MINE,), (), {}, None),
        ((MINE,), ("a", "b"), {}, "its tags name other sites that use it, b"),
        ((MINE, THEIRS), ("a",), {}, "others have put their security groups on it, sg-2"),
        ((MINE, EARLIER), ("a",), {}, "sg-3"),
        ((MINE, FOREIGN), ("a",), {}, "sg-4"),
        ((MINE,), ("a",), {"in_use_by": ["gateway x", "gateway y"]}, "it is used by gateway x, gateway y"),
        ((MINE,), ("a",), {"in_use_by": []}, None),
        ((MINE, THEIRS), ("b",), {"in_use_by": ["g"]}, "use it, b; others have .*sg-2; it is used by g"),
        ((MINE,), ("b",), {"site_id": None}, "other sites that use it, b"),
        ((MINE, THEIRS), (), {"site_id": None}, None),
    ],
)
def test_whatever_hangs_on_it_or_hints_at_another_user_keeps_it(groups, sites, given, why):
    asked = with_groups(*groups, sites=sites, given=given)
    if why is None:
        assert asked.held(asked.observe()) is None
        return
    for check_mode in (True, False):
        with pytest.raises(Foreign, match=f"The vpc_endpoint vpce-1 must not be removed: .*{why}"):
            reconcile(asked, state="absent", check_mode=check_mode)
    assert not asked.client.writes


def test_a_group_that_is_not_told_counts_as_another_s():
    asked = with_groups(MINE, THEIRS, sites=("a",))
    asked.client.answers["describe_security_groups"] = {"SecurityGroups": [MINE]}
    assert "sg-2" in asked.held(asked.observe())
