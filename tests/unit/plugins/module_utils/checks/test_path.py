# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""For each hop worlds in which only that hop is not as it should be: exactly that hop is named."""

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.checks.path import HOPS, judge, shown
from ansible_collections.vmc.aws_backup.plugins.module_utils.engine.findings import Untold

from .world import APPLIANCE, ENDPOINT, ESXI, NAME, TIME, VCENTER, acl, rule, table, to_time, world

TO_ENDPOINT = rule("to-endpoint", [APPLIANCE], [ENDPOINT], 443, "1026-1028", 1031)
ELSEWHERE = {"sddc__connected_vpc": {"vpc_id": "vpc-2", "state": "ACTIVE"}}
BACK = {"vpc__route_tables": {"subnet-1": table("tgw-1")}}
HALF_GROUP = {"ingress": [{"ports": (443, 1030), "cidrs": ["10.30.0.0/16"]}], "egress": []}
TOO_NARROW = {"ingress": [], "egress": [{"ports": (443, 443), "cidrs": ["172.31.0.0/16"]}]}
OTHER_SUBNET = {"id": "eni-1", "subnet_id": "subnet-2", "security_group_ids": ["sg-default"]}


def drop(*where, **more):
    return rule("stop", *where, action="DROP", category="Emergency", applied_to=["ANY"], **more)


def entries(*more):
    """An open ACL with more entries before."""
    rest = [(100, egress, True, "0.0.0.0/0", (0, 65535)) for egress in (False, True)]
    return {"vpc__network_acls": {"subnet-1": acl(*more, *rest)}}


CASES = [
    (
        "clock",
        "broken",
        "gw-1",
        {"appliances": [{"name": "gw-1", "guest_ip_address": APPLIANCE, "sync_time_with_host": False}]},
    ),
    ("clock", "unknown", "No vcenter was given", {"appliances": None}),
    ("clock", "unknown", "no appliance", {"appliances": []}),
    ("ntp", "unknown", "No NTP servers were given", {"ntp_servers": []}),
    ("ntp", "broken", "to the time server 169.254.169.123 on UDP 123", {"rules__cgw": [TO_ENDPOINT]}),
    ("ntp", "broken", "the time server 10.1.1.1", {"ntp_servers": [TIME, "10.1.1.1"]}),
    (
        "ntp",
        "broken",
        "no rule of the compute gateway",
        {"rules__cgw": [TO_ENDPOINT, rule("tcp", [APPLIANCE], [TIME], 123)]},
    ),
    (
        "ntp",
        "unknown",
        "by cgw-public only",
        {"rules__cgw": [TO_ENDPOINT, to_time(scope=["/infra/labels/cgw-public"])]},
    ),
    ("ntp", "unknown", "whom y speaks", {"rules__cgw": [TO_ENDPOINT, to_time(id="y", source_groups=["/cgw/dynamic"])]}),
    ("segment", "broken", "No segment holds 10.30.5.20", {"segments": []}),
    (
        "segment",
        "broken",
        "backup is not connected",
        {"segments": [{"id": "backup", "network": "10.30.5.0/24", "connected": False, "dns_servers": []}]},
    ),
    ("dns", "broken", "forwarder is off", {"forwarder__enabled": False}),
    ("dns", "broken", "8.8.8.8) answers NXDOMAIN", {f"answers__{NAME}": {"addresses": [], "text": "NXDOMAIN"}}),
    ("dns", "broken", "not 172.31.16.5", {f"answers__{NAME}": {"addresses": ["172.31.16.9"], "text": ""}}),
    ("dns", "broken", "esx-0.example", {"answers__esx-0.example": {"addresses": [], "text": ""}}),
    ("dns", "unknown", "does not tell the answer: 403", {f"answers__{NAME}": Untold("403")}),
    (
        "dns",
        "unknown",
        "Only the appliance can ask 10.2.2.2",
        {"segments": [{"id": "s", "network": "10.30.5.0/24", "connected": True, "dns_servers": ["10.2.2.2"]}]},
    ),
    ("distributed_firewall", "broken", "rule stop", {"distributed": [drop(["ANY"], [ENDPOINT], 1031)]}),
    (
        "distributed_firewall",
        "broken",
        "to ESXi 10.20.16.0/28 on TCP 902",
        {"distributed": [drop([APPLIANCE], ["10.20.16.4"], 902)]},
    ),
    ("distributed_firewall", "broken", "on UDP 123", {"distributed": [drop([APPLIANCE], [TIME])]}),
    ("distributed_firewall", "unknown", "403", {"distributed": Untold("403")}),
    (
        "distributed_firewall",
        "unknown",
        "NSX does not tell whom stop speaks of",
        {"distributed": [drop(["/cgw/dynamic"], ["ANY"])]},
    ),
    ("vcenter_name", "broken", "arrives from 192.0.2.110", {"sddc__dns_with_management_vm_private_ip": False}),
    ("management_gateway_vcenter", "broken", "to vCenter 10.20.0.4", {"rules__mgw": [rule("x", [APPLIANCE], [ESXI])]}),
    ("management_gateway_esxi", "broken", "TCP 902", {"rules__mgw": [rule("x", ["ANY"], [VCENTER, ESXI], 443)]}),
    (
        "management_gateway_esxi",
        "unknown",
        "does not tell whom x",
        {"rules__mgw": [rule("y", [APPLIANCE], [VCENTER], 443), rule("x", ["/mgw/dynamic"], [ESXI])]},
    ),
    ("endpoint", "broken", "is pending", {"endpoint__state": "pending"}),
    ("connection", "broken", "is BROKEN", {"sddc__connected_vpc__state": "BROKEN"}),
    (
        "connection",
        "broken",
        "no route of its subnets",
        {**ELSEWHERE, "vpc__route_tables": {"subnet-1": table("igw-1")}},
    ),
    ("connection", "broken", "not that of a group", {**ELSEWHERE, **BACK}),
    ("connection", "unknown", "404", {**ELSEWHERE, **BACK, "attachments": Untold("404")}),
    ("connection", "costly", "that of the SDDC's group", {**ELSEWHERE, **BACK, "attachments": [{"tgw_id": "tgw-1"}]}),
    (
        "connection",
        "costly",
        "virtual private gateway",
        {**ELSEWHERE, "vpc__route_tables": {"subnet-1": table("vgw-1")}},
    ),
    ("availability_zone", "costly", "crosses zones", {"endpoint__availability_zone_ids": ["euw1-az2"]}),
    ("availability_zone", "costly", "further zone", {"endpoint__availability_zone_ids": ["euw1-az1", "euw1-az2"]}),
    ("availability_zone", "unknown", "", {"sddc__availability_zone_ids": []}),
    ("compute_gateway", "broken", "no rule of the compute gateway", {"rules__cgw": [to_time()]}),
    (
        "compute_gateway",
        "unknown",
        "NSX does not tell whom x speaks of",
        {"rules__cgw": [rule("x", [APPLIANCE], [ENDPOINT], profiles=["/infra/context-profiles/SSL"]), to_time()]},
    ),
    ("compute_gateway", "broken", "on TCP 1031", {"rules__cgw": [rule("x", ["ANY"], ["ANY"], "443-1030"), to_time()]}),
    (
        "sddc_security_group",
        "broken",
        "1026, 1027, 1028, 1031 out to 172.31.16.5",
        {"security_groups__sg-default": TOO_NARROW},
    ),
    ("sddc_security_group", "unknown", "does not see", {"interface": None}),
    ("primary_cidr", "broken", "outside 100.64.0.0/16", {"vpc__cidr_block": "100.64.0.0/16"}),
    ("network_acl", "broken", "TCP 1031 in from 10.30.5.20", entries((50, False, False, "10.0.0.0/8", (1031, 1031)))),
    ("network_acl", "broken", "TCP 32768-60999 out to", entries((50, True, False, "10.30.0.0/16", (40000, 50000)))),
    (
        "network_acl",
        "broken",
        "in from",
        {"vpc__network_acls": {"subnet-1": acl((1, True, True, "0.0.0.0/0", (0, 65535)))}},
    ),
    (
        "network_acl",
        "broken",
        "subnet-2 does not let TCP 443",
        {"interface": OTHER_SUBNET, "vpc__network_acls__subnet-2": acl((1, False, True, "0.0.0.0/0", (0, 65535)))},
    ),
    ("endpoint_security_group", "broken", "TCP 1031 in from 10.30.5.20", {"security_groups__sg-1": HALF_GROUP}),
    ("route_table", "broken", "eni-1 is the SDDC's active", {"vpc__route_tables": {"subnet-1": table("eni-2")}}),
    (
        "route_table",
        "broken",
        "no route to 10.30.5.20",
        {"vpc__route_tables": {"subnet-1": table(destination="10.20.0.0/16")}},
    ),
    ("route_table", "broken", "which is gone", {"vpc__route_tables": {"subnet-1": table(state="blackhole")}}),
    ("route_table", "unknown", "404", {"active_eni": Untold("404")}),
]


def verdicts(result):
    return {hop["hop"]: hop["verdict"] for hop in result["hops"]}


def test_nothing_is_in_the_way_of_a_world_that_is_as_it_should_be():
    result = shown(judge(world()))
    assert set(verdicts(result).values()) == {"ok"}
    assert [hop["hop"] for hop in result["hops"]] == [hop.id for hop in HOPS]
    assert result["reachable"]


def test_every_hop_has_a_world_in_which_it_is_not_ok():
    assert {case[0] for case in CASES} == {hop.id for hop in HOPS}


@pytest.mark.parametrize(("hop", "verdict", "says", "changes"), CASES, ids=[f"{c[0]} {c[1]} {c[2]}" for c in CASES])
def test_exactly_that_hop_is_named(hop, verdict, says, changes):
    result = shown(judge(world(**changes)))
    found = verdicts(result)
    assert {name: each for name, each in found.items() if each not in ("ok", "skipped")} == {hop: verdict}, result
    told = next(each for each in result["hops"] if each["hop"] == hop)
    assert says in told["evidence"]
    assert told["change"] or verdict == "unknown"
    assert result["reachable"] == (verdict != "broken")


def test_all_that_is_broken_is_told_at_once():
    result = shown(judge(world(rules__cgw=[], endpoint__state="pending", sddc__connected_vpc__state="BROKEN")))
    broken = {name for name, verdict in verdicts(result).items() if verdict == "broken"}
    assert broken == {"ntp", "compute_gateway", "endpoint", "connection"}


def test_without_an_endpoint_what_needs_one_is_skipped():
    result = shown(judge(world(endpoint=None)))
    found = verdicts(result)
    assert found["endpoint"] == "broken" and not result["reachable"]
    assert {found[name] for name in ("dns", "compute_gateway", "route_table", "connection")} == {"skipped"}
    assert {found[name] for name in ("segment", "distributed_firewall", "vcenter_name")} == {"ok"}


def test_on_premises_only_aws_and_vcenter_are_judged():
    facts = world(platform="vsphere", vpc__route_tables={"subnet-1": table("vgw-1")})
    facts = {key: value for key, value in facts.items() if key not in ("rules", "groups", "segments", "distributed")}
    facts.update(sddc=None, link=None, active_eni=None, interface=None, esxi_names=[], here={NAME: [ENDPOINT]})
    found = verdicts(shown(judge(facts)))
    judged = {
        "clock": "ok",
        "ntp": "unknown",
        "dns": "unknown",
        "endpoint": "ok",
        "network_acl": "ok",
        "endpoint_security_group": "ok",
    }
    assert {name: verdict for name, verdict in found.items() if verdict != "skipped"} == {**judged, "route_table": "ok"}


@pytest.mark.parametrize("target", ["igw-1", "nat-1"])
def test_on_premises_answers_do_not_go_to_the_internet(target):
    facts = world(platform="vsphere", vpc__route_tables={"subnet-1": table(target)})
    assert verdicts(shown(judge(facts)))["route_table"] == "broken"


def test_without_the_vmc_api_the_link_is_read_from_nsx():
    found = verdicts(shown(judge(world(sddc=None))))
    assert {name for name, verdict in found.items() if verdict != "ok"} == {"vcenter_name"}
    blind = verdicts(shown(judge(world(sddc=None, link=None, active_eni=Untold("404")))))
    assert blind["connection"] == "unknown"
