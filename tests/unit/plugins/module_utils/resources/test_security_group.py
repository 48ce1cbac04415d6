# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.engine.reconcile import reconcile
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import Denied, Foreign, Invalid
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


def test_each_appliance_gets_the_five_ports_and_no_other_one_and_support_only_when_asked():
    ports = [(rule["from_port"], rule["to_port"]) for rule in group(cidr_ips=["10.0.0.1"]).want(None)["ingress"]]
    assert sorted(ports) == [(443, 443), (1026, 1028), (1031, 1031)]
    ingress = group(cidr_ips=["10.0.0.1", "10.0.0.1/32"], support_access=True).want(None)["ingress"]
    assert {"from_port": 2222, "to_port": 2222, "cidr_ip": "10.0.0.1/32"} in ingress
    assert len(ingress) == 4


def test_rules_are_not_managed_unless_appliances_are_given():
    assert "ingress" not in group().want(None)
    assert group(cidr_ips=[]).want(None)["ingress"] == []


def test_rules_open_before_others_close():
    resource = group(cidr_ips=["10.0.0.1"])
    have = resource.observe()
    resource.update(have, {"ingress": resource.want(have)["ingress"]})
    (first, opened), (second, closed) = resource.client.writes
    assert (first, second) == ("authorize_security_group_ingress", "revoke_security_group_ingress")
    assert [(rule["FromPort"], rule["ToPort"]) for rule in opened["IpPermissions"]] == [(1026, 1028), (1031, 1031)]
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


class Ec2(Api):
    """An EC2 with one security group, which does what it is asked."""

    def __init__(self, *sources, egress=()):
        super().__init__(describe_vpcs={"Vpcs": [{"VpcId": "vpc-1"}]})
        self.denied = ()
        self.gone = False
        self.rules = {((port, port), source): "" for source in sources for port in (443, 1026, 1027, 1028, 1031)}
        self.most = 0
        self.egress = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}, *egress]

    def call(self, operation, *, missing=(), once=False, **request):
        if operation in self.denied:
            raise Denied("You may not.", code="UnauthorizedOperation")
        self.gone = self.gone or operation == "delete_security_group"
        for permission in request.get("IpPermissions", []):
            self._do(operation, permission)
        return super().call(operation, missing=missing, **request)

    def pages(self, operation, key, **request):
        if operation != "describe_security_groups":
            return super().pages(operation, key, **request)
        if self.gone:
            return []
        permissions = [
            {
                "IpProtocol": "tcp",
                "FromPort": low,
                "ToPort": high,
                "IpRanges": [{"CidrIp": source, **({"Description": text} if text else {})}],
            }
            for ((low, high), source), text in self.rules.items()
        ]
        return [{**RAW, "IpPermissions": permissions, "IpPermissionsEgress": self.egress}]

    def _do(self, operation, permission):
        if operation == "revoke_security_group_egress":
            self.egress.remove(permission)
            return
        (source,) = permission["IpRanges"]
        rule = (permission["FromPort"], permission["ToPort"]), source["CidrIp"]
        if operation.startswith("revoke"):
            del self.rules[rule]
        else:
            self.rules[rule] = source.get("Description", "")
            self.most = max(self.most, len(self.rules))

    def operations(self):
        return [operation for operation, _request in self.writes]


def lets_in(client, *cidr_ips, **given):
    asked = {"name": "g", "vpc_id": "vpc-1", "cidr_ips": list(cidr_ips), **given}
    return BackupSecurityGroup(client, params(backup_security_group, **asked))


NAMES = {"10.0.0.1": "Appliance a", "10.0.0.2/32": "Appliance b"}


def test_rules_that_are_there_get_their_descriptions_in_place():
    client = Ec2("10.0.0.1/32", "10.0.0.2/32")
    outcome = reconcile(lets_in(client, "10.0.0.1", "10.0.0.2", ingress_descriptions=NAMES))
    assert client.operations() == ["update_security_group_rule_descriptions_ingress"]
    assert [(change.path, change.desired, change.effect) for change in outcome.changes] == [
        ("ingress_descriptions.10.0.0.1/32", "Appliance a", "in_place"),
        ("ingress_descriptions.10.0.0.2/32", "Appliance b", "in_place"),
    ]
    assert set(client.rules.values()) == {"Appliance a", "Appliance b"}
    assert not reconcile(lets_in(client, "10.0.0.1", "10.0.0.2", ingress_descriptions=NAMES)).changed


def test_new_rules_come_with_their_descriptions():
    client = Ec2("10.0.0.1/32")
    client.rules = dict.fromkeys(client.rules, "Appliance a")
    reconcile(lets_in(client, "10.0.0.1", "10.0.0.2", ingress_descriptions=NAMES))
    assert client.operations() == ["authorize_security_group_ingress"]
    assert {text for (_port, source), text in client.rules.items() if source == "10.0.0.2/32"} == {"Appliance b"}


def test_a_denied_description_is_one_record_for_each_source_and_the_rest_is_done():
    client = Ec2("10.0.0.1/32", "10.0.0.9/32")
    client.denied = ("update_security_group_rule_descriptions_ingress",)
    outcome = reconcile(lets_in(client, "10.0.0.1", ingress_descriptions={"10.0.0.1": "Appliance a"}))
    assert outcome.changed and client.operations() == ["revoke_security_group_ingress"]
    effects = {change.path.split(".")[0]: change.effect for change in outcome.changes}
    assert effects == {"ingress": "in_place", "ingress_descriptions": "denied"}
    again = reconcile(lets_in(client, "10.0.0.1", ingress_descriptions={"10.0.0.1": "Appliance a"}))
    assert (again.changed, len(again.warnings)) == (False, 1)


def test_descriptions_of_others_rules_are_left_until_the_rules_go():
    client = Ec2("10.0.0.1/32", "10.0.0.9/32")
    client.rules = {rule: "theirs" if rule[1] == "10.0.0.9/32" else "Appliance a" for rule in client.rules}
    outcome = reconcile(lets_in(client, "10.0.0.1", ingress_descriptions={"10.0.0.1": "Appliance a"}))
    assert [change.path for change in outcome.changes] == ["ingress"]


@pytest.mark.parametrize(
    ("given", "option"),
    [
        ({"ingress_descriptions": {"10.0.0.7": "nobody"}}, "ingress_descriptions"),
        ({"ingress_descriptions": {"10.0.0.1": "a|b"}}, "ingress_descriptions"),
        ({"ingress_descriptions": {"10.0.0.1": "x" * 256}}, "ingress_descriptions"),
        ({"cidr_ips": ["0.0.0.0/0"]}, "cidr_ips"),
        ({"cidr_ips": ["0.0.0.0/1", "128.0.0.0/1"]}, "cidr_ips"),
        ({"cidr_ips": ["10.0.0.0/16", "10.1.0.0/24"]}, "cidr_ips"),
        ({"cidr_ips": ["0.0.0.0/0"], "allow_wide": " "}, "cidr_ips"),
        ({"cidr_ips": ["0.0.0.0/0"], "allow_wide": "a|b"}, "allow_wide"),
        ({"cidr_ips": [f"10.0.0.{number}" for number in range(21)]}, "cidr_ips"),
        ({"rules_quota": 2}, "cidr_ips"),
    ],
)
def test_what_cannot_be_is_refused_before_the_first_write(given, option):
    client = Ec2()
    with pytest.raises(Invalid) as caught:
        reconcile(lets_in(client, **{"cidr_ips": ["10.0.0.1"], **given}))
    assert (caught.value.option, client.writes) == (option, [])


def test_a_wide_source_keeps_its_reason():
    client = Ec2()
    asked = {"ingress_descriptions": {"10.0.0.0/8": "The lab"}, "allow_wide": "it moves"}
    reconcile(lets_in(client, "10.0.0.0/8", **asked))
    assert set(client.rules.values()) == {"The lab Open wide: it moves"}
    assert not reconcile(lets_in(client, "10.0.0.0/8", **asked)).changed


def addresses(network, number):
    return [f"10.0.{network}.{host}" for host in range(number)]


def test_all_addresses_of_a_full_group_can_change():
    client = Ec2(*(f"{address}/32" for address in addresses(0, 12)))
    reconcile(lets_in(client, *addresses(1, 20)))
    assert {source for _ports, source in client.rules} == {f"{address}/32" for address in addresses(1, 20)}
    assert client.most == 60
    assert not reconcile(lets_in(client, *addresses(1, 20))).changed


def test_who_stays_is_open_before_anybody_s_rules_go():
    client = Ec2("10.0.0.0/32", "10.0.0.1/32")
    del client.rules[(1031, 1031), "10.0.0.0/32"]
    reconcile(lets_in(client, "10.0.0.0", *addresses(1, 2), rules_quota=11))
    opened = [request["IpPermissions"] for operation, request in client.writes if operation.startswith("authorize")]
    assert [(rule["FromPort"], rule["IpRanges"][0]["CidrIp"]) for rule in opened[0]][0] == (1031, "10.0.0.0/32")
    assert (client.operations()[1], client.most) == ("revoke_security_group_ingress", 11)


def test_the_quota_counts_what_is_still_to_be_closed_of_who_stays():
    client = Ec2()
    client.rules = {((443, 65535 - number), "10.0.0.1/32"): "" for number in range(2)}
    with pytest.raises(Invalid, match="cidr_ips: 5 rules.*more than the 4"):
        reconcile(lets_in(client, "10.0.0.1", rules_quota=4))
    assert client.writes == []
    assert reconcile(lets_in(client, "10.0.0.1", rules_quota=5)).changed


@pytest.mark.parametrize(
    "spelled",
    [
        [(443, 443), (1026, 1028), (1031, 1031)],
        [(443, 443), (1026, 1026), (1027, 1028), (1031, 1031)],
        [(443, 443), (1026, 1027), (1027, 1028), (1026, 1028), (1031, 1031)],
    ],
)
def test_how_ranges_are_spelled_is_no_difference(spelled):
    client = Ec2()
    client.rules = {(span, "10.0.0.1/32"): "" for span in spelled}
    assert not reconcile(lets_in(client, "10.0.0.1")).changed


def test_a_range_over_the_gap_goes_and_what_is_missing_comes_first():
    client = Ec2()
    client.rules = {((443, 443), "10.0.0.1/32"): "", ((1026, 1031), "10.0.0.1/32"): ""}
    reconcile(lets_in(client, "10.0.0.1"))
    assert sorted(span for span, _source in client.rules) == [(443, 443), (1026, 1028), (1031, 1031)]
    assert client.operations() == ["authorize_security_group_ingress", "revoke_security_group_ingress"]


def test_a_group_beyond_its_quota_can_be_narrowed():
    client = Ec2(*(f"10.0.0.{number}/32" for number in range(7)))
    assert reconcile(lets_in(client, "10.0.0.1", rules_quota=4)).changed


THEIRS = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "198.51.100.0/24"}]}


def test_an_egress_rule_of_somebody_goes_and_that_of_ec2_stays():
    client = Ec2("10.0.0.1/32", egress=[THEIRS])
    outcome = reconcile(lets_in(client, "10.0.0.1"))
    assert [(change.path, change.effect) for change in outcome.changes] == [("egress", "in_place")]
    assert client.writes == [("revoke_security_group_egress", {"GroupId": "sg-1", "IpPermissions": [THEIRS]})]
    assert not reconcile(lets_in(client, "10.0.0.1")).changed


def test_where_that_is_denied_it_is_told():
    client = Ec2("10.0.0.1/32", egress=[THEIRS])
    client.denied = ("revoke_security_group_egress",)
    outcome = reconcile(lets_in(client, "10.0.0.1"))
    assert (outcome.changed, [change.effect for change in outcome.changes]) == (False, ["denied"])


def test_a_site_s_mark_that_may_not_be_written_is_told_and_nothing_else_is_done():
    client = Ec2("10.0.0.1/32")
    client.denied = ("create_tags",)
    outcome = reconcile(lets_in(client, "10.0.0.1", site_id="a", take_over=True))
    assert [(change.path, change.desired, change.actual, change.effect) for change in outcome.changes] == [
        ("site_id", "a", "", "denied")
    ]
    assert (outcome.changed, len(outcome.warnings), client.writes) == (False, 1, [])


def test_a_group_that_nobody_says_who_may_come_into_and_that_is_wide_is_told():
    client = Ec2("0.0.0.0/1", "128.0.0.0/1")
    outcome = reconcile(BackupSecurityGroup(client, params(backup_security_group, name="g", vpc_id="vpc-1")))
    assert [(change.path, change.effect) for change in outcome.changes] == [("ingress", "kept")]
    assert reconcile(lets_in(Ec2("0.0.0.0/1"), state="absent"), state="absent").changed
