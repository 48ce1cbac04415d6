# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import itertools

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.plan import appliances
from ansible_collections.vmc.aws_backup.plugins.plugin_utils.claims import collisions

from ..filter.test_appliances import pairs


def host(name, *clusters, vpc_id="", **more):
    """What a host of the play claims: one appliance in each cluster, at an address that nobody else has."""
    number = next(NUMBERS)
    plan = [
        {"cluster": cluster, "addresses": [f"10.{number // 250 + 1}.{number % 250}.{place}"]}
        for place, cluster in enumerate(clusters, start=1)
    ]
    return {
        "host": f"{name}.example",
        "site_id": f"site-{number}",
        "vcenter": "",
        "name": name,
        "entries": appliances(plan, name),
        "region": "eu-west-1",
        "account": "123456789012",
        "vpc_id": vpc_id,
        "endpoint": {},
        "shared": True,
        **more,
    }


NUMBERS = itertools.count()
DENY = {"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}
FOUND_FIRST = (("prod", "East-Cluster-1"), ("prod-east", "Cluster-1"))
PAIRS = [tuple(host(*one) for one in pair) for pair in (*pairs(50), FOUND_FIRST)]


def names(one):
    return {entry[key] for entry in one["entries"] for key in ("entry", "name")}


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: " and ".join(one["entries"][0]["entry"] for one in pair))
def test_two_hosts_that_would_share_a_name_are_refused_and_the_name_is_told(pair):
    first, second = pair
    shared = names(first) & names(second)
    told = collisions([first, second])
    for name in shared:
        assert any(f"plan an appliance called {name}:" in sentence for sentence in told)
    if first["name"] == second["name"]:
        assert any(f"would be called {first['name']}:" in sentence for sentence in told)
    assert bool(told) == bool(shared or first["name"] == second["name"])
    assert collisions([first, {**second, "region": "us-east-1"}]) == []
    assert collisions([first, {**second, "account": "210987654321"}]) == []
    assert collisions([first, {**second, "account": ""}]) == told


def test_some_of_the_pairs_meet_and_others_do_not():
    found = [bool(collisions(list(pair))) for pair in PAIRS]
    assert found[-1] and min(found.count(True), found.count(False)) >= 5


def test_hosts_that_are_told_apart_are_in_nobody_s_way():
    assert collisions([host("a", "C"), host("b", "C"), host("c", "D")]) == []
    assert collisions([host("a", "C")]) == collisions([]) == []


def test_a_given_name_meets_an_entry():
    named = appliances([{"cluster": "X", "addresses": ["10.9.0.1"], "name": "b-c-1"}], "a")
    (told,) = collisions([host("a", entries=named), host("b", "C")])
    assert told == (
        "a.example and b.example plan an appliance called b-c-1: give one of them another vmc_backup_name, "
        "or another name in its plan."
    )


def test_two_hosts_of_one_site_are_a_copied_inventory():
    (told,) = collisions([host("a", site_id="s"), host("b", site_id="s", region="us-east-1")])
    assert told.startswith("a.example and b.example are the site s: copied inventory?")


def test_two_hosts_that_name_no_site_are_one_where_they_have_one_vcenter():
    first = host("a", site_id="", vcenter="vc.example")
    (told,) = collisions([first, host("b", site_id="", vcenter="vc.example")])
    assert "have the vCenter vc.example" in told
    assert collisions([first, host("b", site_id="", vcenter="other.example")]) == []
    assert collisions([first, host("b", vcenter="vc.example")]) == []


@pytest.mark.parametrize(("vpc", "meet"), [("vpc-1", True), ("vpc-2", False), ("", False)])
def test_one_address_is_not_for_two_appliances_towards_one_vpc(vpc, meet):
    entries = appliances([{"cluster": "C", "addresses": ["10.0.0.1"]}], "x")
    others = appliances([{"cluster": "C", "addresses": ["10.0.0.1"]}], "y")
    told = collisions([host("x", entries=entries, vpc_id="vpc-1"), host("y", entries=others, vpc_id=vpc)])
    assert [sentence for sentence in told if "plan the address 10.0.0.1 towards one VPC, vpc-1" in sentence] == told
    assert bool(told) is meet


@pytest.mark.parametrize(
    ("first", "second", "differs"),
    [
        ({}, {}, False),
        ({"vmc_backup_endpoint_name": "x"}, {}, True),
        ({"vmc_backup_endpoint_name": "vmc-aws-backup"}, {}, False),
        ({"endpoint_private_dns_enabled": True}, {}, True),
        ({"endpoint_private_dns_enabled": False}, {}, False),
        ({"endpoint_private_dns_enabled": False}, {"endpoint_private_dns_enabled": None}, False),
        ({"endpoint_private_dns_enabled": True}, {"endpoint_private_dns_enabled": True}, False),
        ({"endpoint_policy_document": {"Statement": []}}, {"endpoint_policy_document": {"Statement": []}}, False),
        ({"endpoint_policy_document": '{"Statement": []}'}, {"endpoint_policy_document": {"Statement": []}}, False),
        ({"endpoint_policy_document": {"Statement": DENY}}, {"endpoint_policy_document": {"Statement": [DENY]}}, False),
        ({"endpoint_policy_document": {"Statement": DENY}}, {"endpoint_policy_document": {"Statement": []}}, True),
        ({"endpoint_policy_document": "{"}, {"endpoint_policy_document": {"Statement": []}}, True),
        ({"endpoint_policy_document": ["x"]}, {"endpoint_policy_document": {"Statement": []}}, True),
        ({"endpoint_ip_address_type": "dualstack"}, {"endpoint_ip_address_type": "ipv4"}, True),
        ({"endpoint_vpc_endpoint_id": "vpce-1"}, {}, True),
    ],
)
def test_who_shares_an_endpoint_asks_for_the_same_one(first, second, differs):
    hosts = [host("a", vpc_id="vpc-1", endpoint=first), host("b", vpc_id="vpc-1", endpoint=second)]
    told = collisions(hosts)
    assert bool(told) is differs
    if differs:
        (variable,) = first
        assert told == [
            f"a.example and b.example share the endpoint of vpc-1, but do not give {variable} the same value."
        ]
    assert collisions([hosts[0], {**hosts[1], "vpc_id": "vpc-2"}]) == []


def test_who_shares_an_endpoint_says_so():
    hosts = [host("a", vpc_id="vpc-1"), host("b", vpc_id="vpc-1", shared=False)]
    (told,) = collisions(hosts)
    assert told == "a.example and b.example share the endpoint of vpc-1: endpoint_shared must be true for each of them."
    assert collisions([host("a", vpc_id="vpc-1", shared=False)]) == []


def test_each_host_of_a_claim_is_named_and_no_other():
    (told,) = collisions([host(name, site_id="s" if name != "c" else "t") for name in "abcd"])
    assert told.startswith("a.example and b.example and d.example are the site s")
