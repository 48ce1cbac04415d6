# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Policy objects over WSGI: revisions, laws, references, late deletes, lists, and the journal."""

from __future__ import annotations

import base64
import socket

import pytest
from lab import breaks, physics
from lab.breaks import change_dns_servers, hide_appliances, learn_route
from lab.nsx import seeds
from lab.world import Fault
from unit.lab.nsx_lab import API, CGW_RULES, MGW, NAT_RULES, PROXY, RULES, SDDC, SEGMENT, group, refused, rule

ZONES = "/infra/dns-forwarder-zones"
FORWARDER = "/infra/tier-1s/cgw/dns-forwarder"

# Revisions


def test_a_new_object_starts_at_revision_zero_and_shows_what_the_server_adds(call):
    made = call("PUT", f"{MGW}/groups/mine", group("127.64.21.10", "127.64.21.10")).json
    assert (made["_revision"], made["path"], made["id"]) == (0, f"{MGW}/groups/mine", "mine")
    assert made["extended_expression"] == [] and made["reference"] is False
    assert made["expression"][0]["ip_addresses"] == ["127.64.21.10"]
    assert made["expression"][0]["parent_path"] == f"{MGW}/groups/mine"
    assert call("GET", f"{MGW}/groups/mine").json == made


def test_a_put_needs_the_present_revision(call):
    made = call("PUT", f"{MGW}/groups/mine", group("127.64.21.10")).json
    refused(call("PUT", f"{MGW}/groups/mine", group("127.64.21.11")), 400, 500127)
    assert call("PUT", f"{MGW}/groups/mine", {**made, "description": "one"}).json["_revision"] == 1
    message = refused(call("PUT", f"{MGW}/groups/mine", {**made, "description": "two"}), 412, 604)
    assert "Fetch the latest copy" in message


def test_a_put_forgets_what_is_not_given_but_keeps_the_identity(call):
    first = call("PUT", f"{MGW}/groups/mine", {**group("127.64.21.10"), "description": "one"}).json
    second = call("PUT", f"{MGW}/groups/mine", {**group("127.64.21.10"), "_revision": 0}).json
    assert "description" not in second and second["unique_id"] == first["unique_id"]


@pytest.mark.parametrize("merges", [True, False])
def test_a_patch_merges_or_replaces(call, world, merges):
    world.switches["patch_merges"] = merges
    call("PUT", f"{MGW}/groups/mine", {**group("127.64.21.10"), "description": "one"})
    answer = call("PATCH", f"{MGW}/groups/mine", {"display_name": "Mine"})
    assert (answer.status_code, answer.data) == (200, b"")
    have = call("GET", f"{MGW}/groups/mine").json
    assert have["display_name"] == "Mine" and ("description" in have) is merges and bool(have["expression"]) is merges


def test_a_patch_creates_and_minds_a_stale_revision(call, world):
    assert call("PATCH", f"{MGW}/groups/mine", group("127.64.21.10")).status_code == 200
    call("PATCH", f"{MGW}/groups/mine", {"description": "one"})
    refused(call("PATCH", f"{MGW}/groups/mine", {"description": "two", "_revision": 0}), 412, 604)
    world.switches["patch_minds_revision"] = False
    assert call("PATCH", f"{MGW}/groups/mine", {"description": "two", "_revision": 0}).status_code == 200


def test_an_object_can_be_written_back_as_it_was_read(call):
    have = call("GET", f"{RULES}/control-node-to-esxi").json
    again = call("PUT", f"{RULES}/control-node-to-esxi", have).json
    times = ("_last_modified_time", "_last_modified_user", "_revision")
    assert {k: v for k, v in again.items() if k not in times} == {k: v for k, v in have.items() if k not in times}


# Bodies


@pytest.mark.parametrize(
    "body",
    [
        {"colour": "red"},
        {"logged": "yes"},
        {"sequence_number": True},
        {"action": "PERMIT"},
        {"tags": ["x"]},
        {"resource_type": "Group"},
    ],
)
def test_what_does_not_parse_is_refused(call, body):
    refused(call("PUT", f"{RULES}/mine", rule(source_groups=["ANY"], **body)), 400, 287)


def test_a_body_that_is_not_json_is_refused(call):
    answer = call.client.put(f"{API}{RULES}/mine", data="x", headers=call.headers)
    assert answer.status_code == 415


def test_a_name_that_is_too_long_or_another_id_is_refused(call):
    refused(call("PUT", f"{MGW}/groups/mine", {"display_name": "x" * 256}), 400, 255)
    refused(call("PUT", f"{MGW}/groups/mine", {"id": "other"}), 400, 255)


@pytest.mark.parametrize(
    "expression",
    [
        group("127.64.21.300")["expression"],
        group()["expression"],
        group("127.0.0.1", "::1")["expression"],
        group("127.0.0.1")["expression"] * 2,
        [{"resource_type": "ConjunctionOperator", "conjunction_operator": "OR"}],
    ],
)
def test_a_groups_expression_is_checked(call, expression):
    refused(call("PUT", "/infra/domains/cgw/groups/mine", {"expression": expression}), 400, 255)


def test_addresses_come_as_addresses_ranges_and_networks(call, nsx):
    call("PUT", f"{MGW}/groups/mine", group("127.64.21.10", "127.64.21.20-127.64.21.30", "127.64.22.0/24"))
    assert nsx.group_addresses(f"{MGW}/groups/mine") == ["127.64.21.10", "127.64.21.20-127.64.21.30", "127.64.22.0/24"]


# The management gateway's laws


@pytest.fixture
def members(call):
    call("PUT", f"{MGW}/groups/mine", group("127.64.21.10"))
    call("PUT", f"{MGW}/groups/everyone", group("0.0.0.0/0"))
    call("PUT", "/infra/domains/cgw/groups/mine", group("127.64.21.10"))


@pytest.mark.parametrize(
    ("change", "law"),
    [
        ({"action": "DROP"}, "ALLOW only"),
        ({"destination_groups": ["127.64.16.21"]}, "system-defined group"),
        ({"source_groups": ["ANY"], "destination_groups": ["ANY"]}, "system-defined group"),
        ({"services": ["/infra/services/SSH"]}, "not supported"),
        ({"services": ["ANY"]}, "not supported"),
        (
            {"destination_groups": [f"{MGW}/groups/VCENTER"], "services": ["/infra/services/VMware_Remote_Console"]},
            "not supported",
        ),
        ({"source_groups": ["/infra/domains/cgw/groups/mine"]}, "not a group of the management gateway"),
        ({"scope": ["/infra/labels/cgw-all"]}, "scope"),
        ({"source_groups": [f"{MGW}/groups/ESXI"], "destination_groups": ["ANY"]}, "Services must be ANY"),
        ({"sources_excluded": True}, "exclude"),
        ({"source_groups": ["ANY"], "destination_groups": [f"{MGW}/groups/VCENTER"]}, "ANY or 0.0.0.0/0"),
        (
            {"source_groups": [f"{MGW}/groups/everyone"], "destination_groups": [f"{MGW}/groups/VCENTER"]},
            "ANY or 0.0.0.0/0",
        ),
        (
            {
                "service_entries": [
                    {"resource_type": "L4PortSetServiceEntry", "l4_protocol": "TCP", "destination_ports": ["443"]}
                ]
            },
            "managed list",
        ),
    ],
)
def test_the_management_gateway_refuses_what_breaks_its_laws(call, members, change, law):
    assert law in refused(call("PUT", f"{RULES}/mine", rule(**change)), 400, 650001)
    assert call("GET", f"{RULES}/mine").status_code == 404


def test_the_management_gateway_takes_the_rules_of_a_backup_appliance(call, members):
    services = ["/infra/services/HTTPS", "/infra/services/VMware_Remote_Console"]
    made = call("PUT", f"{RULES}/mine", rule(services=services)).json
    assert made["scope"] == ["/infra/labels/mgw"] and made["profiles"] == ["ANY"] and made["rule_id"] > 1000
    to_many = [f"{MGW}/groups/{name}" for name in ("VCENTER", "ESXI", "NSX-MANAGER")]
    assert call("PUT", f"{RULES}/many", rule(destination_groups=to_many)).status_code == 200


def test_older_sddcs_and_other_targets_may_be_opened_to_everyone(call, members, world, nsx):
    refused(call("PUT", f"{RULES}/esxi2", rule(source_groups=["ANY"])), 400, 650001)
    world.switches["any_to_esxi_refused"] = False
    exposed = call("PUT", f"{RULES}/esxi", rule(source_groups=["ANY"])).json
    nsx.sddc.vmc["resource_config"]["sddc_manifest"]["vmc_version"] = "1.20"
    to_vcenter = rule(source_groups=["ANY"], destination_groups=[f"{MGW}/groups/VCENTER"])
    to_all = call("PUT", f"{RULES}/vcenter", to_vcenter).json
    found = call("GET", "/infra/sddc/mgw/gateway-policies/invalid-fw-rules", api="/cloud-service/api/v1").json
    assert {entry["key"]: [each["rule_id"] for each in entry["value"]] for entry in found["invalid_rules"]} == {
        "ESXI": [exposed["rule_id"]],
        "VCENTER": [to_all["rule_id"]],
    }


def test_what_the_system_made_stays(call):
    for path in (f"{MGW}/groups/VCENTER", f"{RULES}/default-deny-all", "/infra/services/HTTPS"):
        refused(call("DELETE", path), 403, 289)
        refused(call("PATCH", path, {"description": "mine"}), 403, 289)
    assert call("DELETE", f"{RULES}/control-node-to-esxi").status_code == 200


def test_the_deny_rule_may_be_unlisted(call, world):
    ids = [each["id"] for each in call("GET", RULES).json["results"]]
    assert ids[-1] == "default-deny-all"
    world.switches["deny_rule_listed"] = False
    assert "default-deny-all" not in [each["id"] for each in call("GET", RULES).json["results"]]
    assert call("GET", f"{RULES}/default-deny-all").status_code == 404


# The compute gateway


def test_the_compute_gateway_takes_inline_services_and_shows_more_than_was_sent(call, members):
    entries = [
        {"resource_type": "L4PortSetServiceEntry", "l4_protocol": "TCP", "destination_ports": ["443", "1026-1028"]}
    ]
    body = rule(
        source_groups=["/infra/domains/cgw/groups/mine"],
        destination_groups=["172.29.0.9", "/infra/tier-0s/vmc/groups/connected_vpc"],
        services=["ANY"],
        service_entries=entries,
        scope=["/infra/labels/cgw-cross-vpc"],
        action="DROP",
    )
    made = call("PUT", f"{CGW_RULES}/mine", body).json
    assert made["service_entries"][0]["source_ports"] == [] and made["service_entries"][0]["id"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"source_groups": ["ANY", "10.0.0.1"]}, 255),
        ({"source_groups": []}, 255),
        ({"source_groups": ["everyone"]}, 255),
        ({"source_groups": ["/infra/domains/cgw/groups/none"]}, 500232),
        ({"services": ["/infra/services/none"]}, 500232),
        ({"scope": ["/infra/labels/none"]}, 500232),
    ],
)
def test_a_rule_names_only_what_exists(call, change, code):
    body = {"source_groups": ["10.0.0.1"], "destination_groups": ["ANY"], "services": ["ANY"], **change}
    refused(call("PUT", f"{CGW_RULES}/mine", body), 400, code)


# Deleting


def test_a_group_in_use_stays_and_a_deleted_rule_lets_go_of_it_late(call, members):
    call("PUT", f"{RULES}/mine", rule())
    assert f"{RULES}/mine" in refused(call("DELETE", f"{MGW}/groups/mine"), 400, 500030)
    assert call("DELETE", f"{RULES}/mine").status_code == 200
    refused(call("DELETE", f"{MGW}/groups/mine"), 400, 500030)
    assert call("DELETE", f"{MGW}/groups/mine").status_code == 200


def test_what_was_just_deleted_cannot_be_made_again_at_once(call, world):
    call("PUT", f"{MGW}/groups/mine", group("127.64.21.10"))
    call("DELETE", f"{MGW}/groups/mine")
    refused(call("PUT", f"{MGW}/groups/mine", group("127.64.21.10")), 400, 500045)
    assert call("PUT", f"{MGW}/groups/mine", group("127.64.21.10")).json["_revision"] == 0
    call("DELETE", f"{MGW}/groups/mine")
    refused(call("GET", f"{MGW}/groups/mine"), 404, 600)
    assert call("PUT", f"{MGW}/groups/mine", group("127.64.21.10")).status_code == 200
    world.switches["deletes_linger"] = 0
    call("DELETE", f"{MGW}/groups/mine")
    assert call("PUT", f"{MGW}/groups/mine", group("127.64.21.10")).status_code == 200


@pytest.mark.parametrize(("status", "code"), [(404, 600), (400, 500012)])
def test_a_missing_rule_is_missing_in_one_of_two_ways(call, world, status, code):
    world.switches["rule_get_missing"] = world.switches["rule_delete_missing"] = status
    refused(call("GET", f"{RULES}/none"), status, code)
    refused(call("DELETE", f"{RULES}/none"), status, code)


def test_deleting_a_missing_rule_may_be_fine(call, world):
    world.switches["rule_delete_missing"] = 200
    assert call("DELETE", f"{RULES}/none").status_code == 200


# Lists, policies, state


def test_a_list_comes_in_pages(call):
    seen, cursor = [], None
    while True:
        query = {"page_size": 2, **({"cursor": cursor} if cursor else {})}
        page = call("GET", RULES, query_string=query).json
        assert ("result_count" in page) is (cursor is None)
        seen += [each["id"] for each in page["results"]]
        cursor = page.get("cursor")
        if cursor is None:
            break
    assert seen == [
        "control-node-to-vcenter",
        "control-node-to-esxi",
        "default-deny-all",
    ]
    refused(call("GET", RULES, query_string={"page_size": 1001}), 400, 255)
    refused(call("GET", RULES, query_string={"cursor": "zzz"}), 400, 255)


def test_a_policy_carries_its_rules(call, members):
    path = f"{MGW}/gateway-policies/default"
    before = call("GET", path).json
    assert before["category"] == "LocalGatewayRules" and before["rule_count"] == 3
    assert call("PATCH", path, {"rules": [{"id": "mine", **rule()}]}).status_code == 200
    assert call("GET", path).json["rule_count"] == 4
    kept = [each for each in call("GET", path).json["rules"] if each["id"] in ("mine", "default-deny-all")]
    after = call("PUT", path, {**call("GET", path).json, "rules": kept}).json
    assert [each["id"] for each in after["rules"]] == ["mine", "default-deny-all"]


def test_revise_puts_a_rule_in_its_place(call, members, nsx):
    seeds.outbound(nsx)
    call("PUT", f"{RULES}/mine", rule(sequence_number=99))
    query = {"action": "revise", "operation": "insert_before", "anchor_path": f"{RULES}/esxi-outbound"}
    assert call("POST", f"{RULES}/mine", rule(), query_string=query).status_code == 200
    ids = [each["id"] for each in call("GET", RULES).json["results"]]
    assert ids[:3] == ["vcenter-outbound", "mine", "esxi-outbound"]


def test_realization_comes_after_a_look(call):
    query = {"intent_path": f"{RULES}/control-node-to-esxi"}
    first = call("GET", "/infra/realized-state/status", query_string=query).json
    second = call("GET", "/infra/realized-state/status", query_string=query).json
    assert [each["consolidated_status"]["consolidated_status"] for each in (first, second)] == [
        "IN_PROGRESS",
        "SUCCESS",
    ]
    assert [each["publish_status"] for each in (first, second)] == ["UNREALIZED", "REALIZED"]
    refused(call("GET", "/infra/realized-state/status", query_string={"intent_path": f"{RULES}/none"}), 400, 500012)


def test_members_of_a_group_change_one_by_one(call):
    path = f"{MGW}/groups/mine"
    made = call("PUT", path, group("127.64.21.10")).json
    expression = f"{path}/ip-address-expressions/{made['expression'][0]['id']}"
    call("POST", expression, {"ip_addresses": ["127.64.21.11"]}, query_string={"action": "add"})
    call("POST", expression, {"ip_addresses": ["127.64.21.10"]}, query_string={"action": "remove"})
    answer = call("PATCH", f"{path}/ip-address-expressions/more", {"ip_addresses": ["127.64.21.12"]})
    assert answer.status_code == 200, answer.text
    assert call("GET", f"{path}/members/ip-addresses").json["results"] == ["127.64.21.11", "127.64.21.12"]
    call("DELETE", f"{path}/ip-address-expressions/more")
    assert call("GET", f"{path}/members/ip-addresses").json["results"] == ["127.64.21.11"]


def test_objects_are_found_by_search_and_by_reference(call, nsx):
    seeds.outbound(nsx)
    query = {"query": 'resource_type:Rule AND display_name:"vCenter Outbound Rule"'}
    assert [each["id"] for each in call("GET", "/search/query", query_string=query).json["results"]] == [
        "vcenter-outbound"
    ]
    query = {"intent_path": f"{MGW}/groups/control-node"}
    users = call("GET", "/infra/group-service-associations", query_string=query).json["results"]
    assert [each["target_id"] for each in users] == [
        f"{RULES}/control-node-to-esxi",
        f"{RULES}/control-node-to-vcenter",
    ]


# Segments and addresses


def test_a_new_segment_becomes_a_network_of_the_vcenter(call, nsx):
    body = {"display_name": "apps", "subnets": [{"gateway_address": "127.64.22.1/24"}]}
    made = call("PUT", "/infra/tier-1s/cgw/segments/s1", body).json
    assert made["subnets"][0]["network"] == "127.64.22.0/24"
    assert nsx.sddc.vcenter.networks == ["apps"] and nsx.segment_of("apps") == "s1"
    call("PUT", "/infra/tier-1s/cgw/segments/s1", made)
    assert nsx.sddc.vcenter.networks == ["apps"]


def test_a_segment_that_is_gone_is_no_network_any_more(call, nsx):
    call("PUT", "/infra/tier-1s/cgw/segments/s1", {"subnets": [{"gateway_address": "127.64.22.1/24"}]})
    assert nsx.sddc.vcenter.networks == ["s1"]
    assert call("DELETE", "/infra/tier-1s/cgw/segments/s1").status_code == 200
    assert nsx.sddc.vcenter.networks == []


@pytest.mark.parametrize("gateway", ["127.64.21.129/25", "127.64.16.5/24", "172.29.200.1/24"])
def test_segments_do_not_overlap(call, gateway):
    refused(call("PUT", "/infra/segments/s1", {"subnets": [{"gateway_address": gateway}]}), 400, 500105)


def test_dhcp_ranges_are_added_but_neither_changed_nor_removed(call):
    def subnet(*ranges):
        have = call("GET", SEGMENT).json
        return {**have, "subnets": [{**have["subnets"][0], "dhcp_ranges": list(ranges)}]}

    both = ("127.64.21.100-127.64.21.199", "127.64.21.210-127.64.21.219")
    assert call("PUT", SEGMENT, subnet(*both)).status_code == 200
    refused(call("PUT", SEGMENT, subnet(both[0])), 400, 650001)
    refused(call("PUT", SEGMENT, subnet(both[0], "127.64.21.210-127.64.21.220")), 400, 650001)
    assert call("GET", SEGMENT).json["subnets"][0]["dhcp_ranges"] == list(both)


@pytest.mark.parametrize(
    "subnet",
    [
        {"dhcp_ranges": ["127.64.23.10-127.64.23.19"]},
        {"dhcp_ranges": ["127.64.22.1-127.64.22.9"]},
        {"dhcp_ranges": ["all"]},
        {"dhcp_config": {"dns_servers": ["10.0.0.1", "10.0.0.2", "10.0.0.3"]}},
    ],
)
def test_the_dhcp_of_a_segment_is_checked(call, subnet):
    body = {"subnets": [{"gateway_address": "127.64.22.1/24", **subnet}]}
    refused(call("PUT", "/infra/tier-1s/cgw/segments/s1", body), 400, 255)


def test_a_machine_gets_a_lease_and_keeps_it(nsx):
    first = nsx.address_for("backup", "00:50:56:00:00:01")
    assert first == "127.64.21.100" == nsx.address_for("backup", "00:50:56:00:00:01".upper())
    assert nsx.address_for("backup", "00:50:56:00:00:02") == "127.64.21.101"
    assert nsx.address_for("none", "00:50:56:00:00:02") is None


def test_a_static_binding_decides_the_address(call, nsx):
    body = {
        "resource_type": "DhcpV4StaticBindingConfig",
        "mac_address": "00:50:56:00:00:0A",
        "ip_address": "127.64.21.10",
    }
    path = f"{SEGMENT}/dhcp-static-binding-configs/one"
    assert call("PUT", path, body).json["lease_time"] == 86400
    assert nsx.address_for("backup", "00:50:56:00:00:0a") == "127.64.21.10"
    state = path.replace("binding-configs", "bindings") + "/state"
    assert [call("GET", state).json["state"] for _turn in range(2)] == ["in_progress", "success"]
    refused(call("PUT", path.replace("/one", "/two"), body), 400, 255)
    refused(call("PUT", path.replace("/one", "/two"), {**body, "ip_address": "127.64.99.1"}), 400, 255)
    refused(call("PUT", path.replace("/backup/", "/none/"), body), 400, 500012)
    refused(call("DELETE", SEGMENT), 400, 500030)
    assert [each["id"] for each in call("GET", f"{SEGMENT}/dhcp-static-binding-configs").json["results"]] == ["one"]


@pytest.mark.parametrize("address", ["127.64.21.100", "127.64.21.199"])
def test_an_address_of_a_dhcp_range_is_not_bound(call, address):
    body = {"mac_address": "00:50:56:00:00:0a", "ip_address": address}
    refused(call("PUT", f"{SEGMENT}/dhcp-static-binding-configs/one", body), 400, 255)


def test_a_bound_address_does_not_become_part_of_a_range(call):
    body = {"mac_address": "00:50:56:00:00:0a", "ip_address": "127.64.21.10"}
    assert call("PUT", f"{SEGMENT}/dhcp-static-binding-configs/one", body).status_code == 200
    have = call("GET", SEGMENT).json
    have["subnets"][0]["dhcp_ranges"].append("127.64.21.5-127.64.21.15")
    refused(call("PUT", SEGMENT, have), 400, 255)


def test_a_relay_neither_gives_nor_binds_an_address(call, nsx, world):
    assert nsx.address_for("backup", "00:50:56:00:00:01") == "127.64.21.100"
    breaks.apply(world, "relay_dhcp", {"segment": "backup"})
    body = {"mac_address": "00:50:56:00:00:0a", "ip_address": "127.64.21.10"}
    refused(call("PUT", f"{SEGMENT}/dhcp-static-binding-configs/one", body), 400, 650001)
    assert nsx.address_for("backup", "00:50:56:00:00:01") is None


def test_a_segment_with_machines_stays(call, nsx):
    assert call("GET", f"{SEGMENT}/ports").json["results"] == []
    refused(call("GET", "/infra/tier-1s/cgw/segments/none/ports"), 400, 500012)
    nsx.sddc.vcenter.machines.append(type("Machine", (), {"name": "one", "network": "backup"}))
    assert [each["display_name"] for each in call("GET", f"{SEGMENT}/ports").json["results"]] == ["one.vmx"]
    nsx.sddc.vcenter.networks.append("backup")
    refused(call("DELETE", SEGMENT), 400, 503040)
    assert call("DELETE", SEGMENT, query_string={"force": "true"}).status_code == 200


def test_dns_comes_from_the_segment_or_from_the_forwarder(call, nsx):
    assert nsx.dns_servers("backup") == ["8.8.8.8", "8.8.4.4"]
    call("PATCH", "/infra/dns-forwarder-zones/cgw-dns-zone", {"upstream_servers": ["10.1.1.1"]})
    assert nsx.dns_servers("backup") == ["10.1.1.1"]
    have = call("GET", SEGMENT).json
    have["subnets"][0]["dhcp_config"] = {"resource_type": "SegmentDhcpV4Config", "dns_servers": ["10.2.2.2"]}
    call("PUT", SEGMENT, have)
    assert nsx.dns_servers("backup") == ["10.2.2.2"]


def put(call, path, **fields):
    have = call("GET", path).json
    kept = have if have.get("resource_type") else {}
    return call("PUT", path, {**kept, **fields})


def test_a_name_is_asked_for_in_the_zone_with_the_longest_domain_it_lies_in(call, nsx):
    wide, narrow = f"{ZONES}/wide", f"{ZONES}/narrow"
    put(call, wide, upstream_servers=["10.1.1.1"], dns_domain_names=["amazonaws.com"])
    put(call, narrow, upstream_servers=["10.1.1.2"], dns_domain_names=["vpce.amazonaws.com"])
    assert put(call, FORWARDER, conditional_forwarder_zone_paths=[wide, narrow]).status_code == 200
    asked = {
        name: nsx.dns_servers("backup", name) for name in ("a.vpce.amazonaws.com", "b.amazonaws.com", "xamazonaws.com")
    }
    assert list(asked.values()) == [["10.1.1.2"], ["10.1.1.1"], ["8.8.8.8", "8.8.4.4"]]


@pytest.mark.parametrize(
    "fields",
    [
        {"upstream_servers": []},
        {"upstream_servers": ["10.1.1.1", "10.1.1.2", "10.1.1.3", "10.1.1.4"]},
        {"upstream_servers": ["dns.example"]},
        {"upstream_servers": ["10.1.1.0/24"]},
        {"dns_domain_names": ["corp.example"]},
    ],
)
def test_a_default_zone_that_cannot_be_is_refused(call, fields):
    refused(put(call, f"{ZONES}/cgw-dns-zone", **fields), 400, 255)


def test_a_zone_has_few_enough_domains(call):
    names = [f"d{number}.example" for number in range(101)]
    refused(put(call, f"{ZONES}/one", upstream_servers=["10.1.1.1"], dns_domain_names=names), 400, 255)


def test_a_forwarder_asks_zones_that_exist_and_have_domains_and_no_more_than_five(call):
    refused(put(call, FORWARDER, conditional_forwarder_zone_paths=[f"{ZONES}/none"]), 400, 500232)
    put(call, f"{ZONES}/bare", upstream_servers=["10.1.1.1"])
    refused(put(call, FORWARDER, conditional_forwarder_zone_paths=[f"{ZONES}/bare"]), 400, 255)
    paths = [f"{ZONES}/z{number}" for number in range(6)]
    for path in paths:
        put(call, path, upstream_servers=["10.1.1.1"], dns_domain_names=[f"{path[-2:]}.example"])
    assert put(call, FORWARDER, conditional_forwarder_zone_paths=paths[:5]).status_code == 200
    refused(put(call, FORWARDER, conditional_forwarder_zone_paths=paths), 400, 255)
    refused(put(call, paths[0], dns_domain_names=[]), 400, 255)
    refused(call("DELETE", paths[0]), 400, 500030)


def test_somebody_may_change_the_servers_of_a_zone(world, nsx):
    change_dns_servers(world, servers="10.1.1.1,10.1.1.2")
    assert nsx.dns_servers("backup") == ["10.1.1.1", "10.1.1.2"]


def test_a_default_zone_stays(call):
    refused(call("DELETE", f"{ZONES}/mgw-dns-zone"), 400, 500030)


REFLEXIVE = {"action": "REFLEXIVE", "source_network": "127.64.21.10", "translated_network": "198.51.100.10"}


def test_nat_rules_are_kept(call):
    assert call("PUT", f"{NAT_RULES}/one", REFLEXIVE).json["firewall_match"] == "MATCH_INTERNAL_ADDRESS"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"action": None}, 255),
        ({"action": "DNAT"}, 255),
        ({"source_network": None}, 255),
        ({"translated_network": "somewhere"}, 255),
        ({"destination_network": "10.0.0.1"}, 255),
        ({"translated_ports": "80"}, 255),
        ({"scope": ["/infra/labels/none"]}, 500232),
        ({"action": "SNAT", "service": "/infra/services/none"}, 500232),
    ],
)
def test_a_nat_rule_has_what_its_action_needs_and_no_more(call, change, code):
    refused(call("PUT", f"{NAT_RULES}/one", {**REFLEXIVE, **change}), 400, code)


def test_a_public_address_that_a_nat_rule_uses_stays(call):
    path, api = "/infra/public-ips/one", "/cloud-service/api/v1"
    call("PUT", path, {"id": "one", "display_name": "one"}, api=api)
    address = [call("GET", path, api=api).json["ip"] for _turn in range(2)][1]
    call("PUT", f"{NAT_RULES}/one", {**REFLEXIVE, "translated_network": address})
    assert f"{NAT_RULES}/one" in refused(call("DELETE", path, api=api), 400, 500030)
    call("DELETE", f"{NAT_RULES}/one")
    assert call("DELETE", path, api=api).status_code == 200


# The way in


def test_every_route_leads_to_the_same_objects(call, nsx):
    for prefix in ("", PROXY, f"{PROXY}/sks-nsxt-manager"):
        assert call("GET", f"{MGW}/groups/ESXI", api=prefix + API).json["display_name"] == "ESXi"
        assert call("GET", "/infra/mgmt-vms", api=f"{prefix}/cloud-service/api/v1").status_code == 200


def test_the_direct_route_may_lack_the_cloud_service(call, world):
    world.switches["cloud_service_on_direct_route"] = False
    assert call("GET", "/infra/mgmt-vms", api="/cloud-service/api/v1").status_code == 404
    assert call("GET", "/infra/mgmt-vms", api=f"{PROXY}/cloud-service/api/v1").status_code == 200


def test_a_token_is_needed_and_grows_old(call, world):
    assert call.client.get(f"{API}{MGW}/groups").status_code == 401
    only_cloud = {"csp-auth-token": call.headers["csp-auth-token"]}
    assert call.client.get(f"{API}{MGW}/groups", headers=only_cloud).status_code == 401
    assert call.client.get(f"{PROXY}{API}{MGW}/groups", headers=only_cloud).status_code == 200
    world.ahead += 1800
    refused(call("GET", f"{MGW}/groups"), 401, 401)


def test_local_users_come_in_by_the_direct_route_only(call, nsx):
    def basic(user, password):
        return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}

    known = nsx.world.vmc.secrets(nsx.sddc)
    admin = basic("cloud_admin", known["nsx_cloud_admin_password"])
    audit = basic("cloud_audit", known["nsx_cloud_audit_password"])
    assert call.client.get(f"{API}{MGW}/groups", headers=admin).status_code == 200
    assert call.client.get(f"{PROXY}{API}{MGW}/groups", headers=admin).status_code == 401
    assert call.client.get(f"{API}{MGW}/groups", headers=basic("cloud_admin", "x")).status_code == 403
    assert call.client.get(f"{API}{MGW}/groups", headers=audit).status_code == 200
    assert call.client.put(f"{API}{MGW}/groups/mine", json={}, headers=audit).status_code == 403


def test_other_places_are_refused(call):
    refused(call("GET", "/infra/domains/default/groups/x"), 401, 401)
    refused(call("PUT", f"{MGW}/gateway-policies/other/rules/x", {}), 400, 500012)
    refused(call("GET", "/infra/tier-1s/none/dns-forwarder"), 400, 500012)
    assert call("GET", f"{MGW}//groups").status_code == 400
    assert call("GET", f"{MGW}/groups", api=PROXY.replace(SDDC, "another") + API).content_type.startswith("text/html")


def test_the_journal_tells_reads_writes_and_the_unknown_apart(call, world):
    world.journal.clear()
    call("GET", f"{RULES}/control-node-to-esxi")
    call("PUT", f"{MGW}/groups/mine", group("127.64.21.10"))
    call("POST", f"{RULES}/x", {}, query_string={"action": "revise"})
    call("GET", "/infra/linked-vpcs", api="/cloud-service/api/v1")
    call("GET", "/infra/ip-pools")
    seen = [(each.service, each.operation, each.kind, each.status, each.sddc) for each in world.journal]
    assert seen == [
        ("nsx", f"GET {RULES}/{{id}}", "read", 200, SDDC),
        ("nsx", f"PUT {MGW}/groups/{{id}}", "write", 200, SDDC),
        ("nsx", f"POST {RULES}/{{id}}?action=revise", "write", 400, SDDC),
        ("nsx", "GET /cloud-service/api/v1/infra/linked-vpcs", "read", 200, SDDC),
        ("nsx", "GET /policy/api/v1/infra/ip-pools", "unknown", 404, SDDC),
    ]


# Faults


@pytest.mark.parametrize(
    ("kind", "status"),
    [("throttle", 429), ("500", 500), ("html503", 503), ("403", 403), ("expired", 401), ("409", 409)],
)
def test_a_fault_answers_once_and_writes_nothing(call, world, kind, status):
    world.faults.append(Fault(kind, "nsx", f"PUT {MGW}/groups/{{id}}"))
    answer = call("PUT", f"{MGW}/groups/mine", group("127.64.21.10"))
    assert answer.status_code == status and answer.is_json is (kind != "html503")
    assert ("Retry-After" in answer.headers) is (kind == "throttle")
    assert call("GET", f"{MGW}/groups/mine").status_code == 404
    assert call("PUT", f"{MGW}/groups/mine", group("127.64.21.10")).status_code == 200


@pytest.mark.parametrize(("kind", "written"), [("reset_before", 404), ("reset_after", 200)])
def test_a_connection_breaks_before_or_after_the_write(call, world, kind, written):
    world.faults.append(Fault(kind))
    ours, theirs = socket.socketpair()
    with ours, theirs, pytest.raises(ConnectionResetError):
        call("PUT", f"{MGW}/groups/mine", group("127.64.21.10"), environ_overrides={"werkzeug.socket": ours})
    assert call("GET", f"{MGW}/groups/mine").status_code == written
    assert world.journal[-2].detail == kind


# Cloud service and seeds


def test_the_connected_vpc_is_shown_with_its_zone_id(call):
    found = call("GET", "/infra/linked-vpcs", api="/cloud-service/api/v1").json["results"][0]
    assert found["linked_vpc_id"] == "vpc-0abc" and found["active_eni"] == "eni-1"
    assert found["linked_vpc_subnets"] == [
        {
            "id": "subnet-0abc",
            "cidr": "172.29.0.0/20",
            "availability_zone": "eu-west-1c",
            "availability_zone_id": "euw1-az2",
        }
    ]
    services = call("GET", "/infra/linked-vpcs/vpc-0abc/connected-services", api="/cloud-service/api/v1").json
    assert services["results"] == [{"name": "s3", "enabled": True}]


def test_management_vms_are_shown_with_their_services(call):
    found = call("GET", "/infra/mgmt-vms", api="/cloud-service/api/v1").json["results"]
    esxi = next(each for each in found if each["group_path"] == f"{MGW}/groups/ESXI")
    assert "/infra/services/VMware_Remote_Console" in [each["path"] for each in esxi["services"]]


def test_a_public_address_appears_late(call):
    path, api = "/infra/public-ips/one", "/cloud-service/api/v1"
    assert call("PUT", path, {"id": "one", "display_name": "one", "ip": None}, api=api).json["ip"] is None
    assert [call("GET", path, api=api).json["ip"] for _turn in range(2)] == [None, "127.64.25.10"]
    assert call("DELETE", path, api=api).status_code == 200
    assert call("GET", path, api=api).status_code == 404


def test_an_empty_world_has_what_the_system_made_and_no_more(nsx):
    nsx.reset("empty")
    assert [each["id"] for each in nsx.rules("mgw")] == ["default-deny-all"]
    assert [each["id"] for each in nsx.rules("cgw")] == ["default-vti-rule", "default-uplink-rule"]
    assert nsx.segments() == [] and nsx.sddc.vmc["resource_config"]["dns_with_management_vm_private_ip"] is False


def test_a_prepared_world_has_a_segment_private_names_and_lets_the_control_node_in(nsx):
    assert nsx.segment_of("backup") == "backup"
    assert nsx.group_addresses(f"{MGW}/groups/control-node") == ["127.0.0.1/32"]
    assert nsx.sddc.vmc["resource_config"]["dns_with_management_vm_private_ip"] is True
    assert nsx.sddc.vcenter.networks == []


def test_the_forwarder_looks_names_up(call, nsx, world):
    class Aws:
        def endpoint(self, dns_name):
            return {"eni_addresses": ["172.29.0.20"]} if dns_name == "known" else None

    world.aws = Aws()

    def look_up(name):
        answer = call("GET", "/infra/tier-1s/cgw/dns-forwarder/nslookup", query_string={"address": name})
        return answer.json["dns_answer_per_enforcement_point"][0]

    assert look_up("known")["non_authoritative_answers"] == [{"name": "known", "address": "172.29.0.20"}]
    assert look_up("unknown")["raw_answer"] == "unknown: NXDOMAIN"
    nsx.resolvers["8.8.8.8"] = "drops private answers"
    assert "non_authoritative_answers" not in look_up("known")
    world.switches["forwarder_looks_up"] = False
    assert (
        call("GET", "/infra/tier-1s/cgw/dns-forwarder/nslookup", query_string={"address": "known"}).status_code == 400
    )


def test_the_distributed_firewall_comes_with_a_rule_that_lets_everything_through(call):
    section = "/infra/domains/cgw/security-policies/default-layer3-section"
    assert call("GET", f"{section}/rules/default-layer3-rule").json["action"] == "ALLOW"


# A way in from the internet

WAY_IN = "/infra/domains/cgw/gateway-policies/default/rules/way-in"
LETS_IN = {
    "action": "ALLOW",
    "source_groups": [physics.CONTROL_NODE_OUTSIDE],
    "destination_groups": ["127.64.21.50"],
    "services": ["/infra/services/HTTP"],
    "scope": ["/infra/labels/cgw-public"],
    "sequence_number": 1,
}
LEADS_IN = {
    "action": "DNAT",
    "translated_network": "127.64.21.50",
    "service": "/infra/services/HTTP",
    "translated_ports": "80",
    "scope": ["/infra/labels/cgw-public"],
}


@pytest.fixture
def public(call, world):
    """A public address that leads to an appliance which nothing else leads to, and why the control node does not get there."""
    sddc = next(iter(world.sddcs.values()))
    hide_appliances(world)
    call("PUT", "/infra/public-ips/one", {"id": "one"}, api="/cloud-service/api/v1")
    address = [call("GET", "/infra/public-ips/one", api="/cloud-service/api/v1").json["ip"] for _turn in range(2)][1]

    def why_not(port=80, **changed):
        leads, lets = ({**body, **{key: changed[key] for key in body.keys() & changed}} for body in (LEADS_IN, LETS_IN))
        for path, body in ((f"{NAT_RULES}/one", {**leads, "destination_network": address}), (WAY_IN, lets)):
            revision = (call("GET", path).json or {}).get("_revision")
            assert (
                call("PUT", path, {**body, **({} if revision is None else {"_revision": revision})}).status_code == 200
            )
        return physics.control_reaches(world, sddc, address, port)

    why_not.address = address
    return why_not


def test_a_hidden_appliance_is_reached_by_its_public_address_only(world, public):
    sddc = next(iter(world.sddcs.values()))
    assert physics.control_reaches(world, sddc, public.address, 80).startswith("no NAT rule leads from")
    assert public() is None
    assert (
        physics.control_reaches(world, sddc, "127.64.21.50", 80)
        == "nothing leads from the control node to 127.64.21.50"
    )


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"translated_network": "127.64.21.51"}, "no enabled rule"),
        ({"service": "/infra/services/HTTPS"}, "no NAT rule"),
        ({"source_groups": ["203.0.113.10"]}, "no enabled rule"),
        ({"services": ["/infra/services/HTTPS"]}, "no enabled rule"),
        ({"port": 443}, "no NAT rule"),
    ],
)
def test_what_does_not_fit_leads_nowhere(public, changed, why):
    assert public(**changed).startswith(why)


def test_what_is_answered_by_another_way_arrives_nowhere(world, public):
    learn_route(world)
    assert "leaves the SDDC on premises" in public()
