# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Truth tables of who reaches whom."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from lab import physics
from unit.lab.nsx_lab import CGW_RULES, MGW, RULES, SDDC, SEGMENT, group

NAME = "vpce-1.backup-gateway.eu-west-1.vpce.amazonaws.com"
SOURCE = "127.64.21.10"
ENIS = ["172.29.0.20", "172.29.16.20"]
PORTS = list(physics.ENDPOINT_PORTS)
CGW = "/infra/domains/cgw/groups"
SECTIONS = "/infra/domains/cgw/security-policies"


@dataclass
class Appliance:
    sddc: str = SDDC
    name: str = "gw-1"
    address: str | None = SOURCE
    network: str = "backup"
    clock_skew: float = 0


class Aws:
    """An endpoint whose group lets in what it should, until a test says otherwise."""

    def __init__(self):
        self.vpc_id = "vpc-0abc"
        self.state, self.ports, self.source, self.found = "available", set(PORTS), "127.64.21.0/24", []

    def endpoint(self, dns_name):
        ingress = [{"from_port": port, "to_port": port, "cidr_ip": self.source} for port in sorted(self.ports)]
        known = {"id": "vpce-1", "vpc_id": self.vpc_id, "state": self.state, "ingress": ingress, "eni_addresses": ENIS}
        return known if dns_name == NAME else None

    def obstacles(self, sddc, dns_name, source, ports):
        return self.found


@pytest.fixture
def open_world(world, call):
    """Everything a gateway needs, as the roles would have made it."""
    world.aws = Aws()
    call("PUT", f"{CGW}/gw", group(SOURCE))
    call("PUT", f"{CGW}/endpoint", group(*ENIS))
    call("PUT", f"{MGW}/groups/gw", group(SOURCE))
    entry = {
        "resource_type": "L4PortSetServiceEntry",
        "l4_protocol": "TCP",
        "destination_ports": ["443", "1026-1028", "1031"],
    }
    to_endpoint = {
        "source_groups": [f"{CGW}/gw"],
        "destination_groups": [f"{CGW}/endpoint"],
        "services": ["ANY"],
        "service_entries": [entry],
        "scope": ["/infra/labels/cgw-cross-vpc"],
        "sequence_number": 10,
    }
    call("PUT", f"{CGW_RULES}/to-endpoint", to_endpoint)
    https, console = "/infra/services/HTTPS", "/infra/services/VMware_Remote_Console"
    for name, target, services in (("vcenter", "VCENTER", [https]), ("esxi", "ESXI", [https, console])):
        body = {
            "source_groups": [f"{MGW}/groups/gw"],
            "destination_groups": [f"{MGW}/groups/{target}"],
            "services": services,
        }
        call("PUT", f"{RULES}/gw-to-{name}", body)
    return world


def change(call, path, **fields):
    have = call("GET", path).json
    answer = call("PUT", path, {**have, **fields})
    assert answer.status_code == 200, answer.text


def reasons(world):
    return physics.appliance_reaches_endpoint(world, Appliance(), NAME)


# Appliance to endpoint


def test_the_endpoint_is_reached_when_everything_is_in_place(open_world):
    assert reasons(open_world) == []


@pytest.mark.parametrize("port", PORTS)
def test_the_endpoints_group_must_let_in_each_port(open_world, port):
    open_world.aws.ports.discard(port)
    assert reasons(open_world) == [f"the endpoint's security groups do not let in {SOURCE} on TCP {port}"]


def test_the_endpoints_group_must_name_the_appliance(open_world):
    open_world.aws.source = "127.64.22.0/24"
    assert reasons(open_world) == [
        f"the endpoint's security groups do not let in {SOURCE} on TCP 443, 1026, 1027, 1028, 1031"
    ]


def test_the_endpoint_must_be_available_and_known(open_world):
    open_world.aws.state = "pending"
    assert reasons(open_world) == ["the endpoint vpce-1 is pending"]
    assert "no such endpoint" in physics.appliance_reaches_endpoint(open_world, Appliance(), "vpce-2")[0]


def test_what_is_wrong_in_the_vpc_is_told(open_world):
    open_world.aws.found = ["no route back"]
    assert reasons(open_world) == ["no route back"]


def test_an_appliance_without_an_address_reaches_nothing(open_world):
    nowhere = Appliance(address=None)
    assert physics.appliance_reaches_endpoint(open_world, nowhere, NAME) == ["gw-1 has no address"]
    assert physics.appliance_reaches_management(open_world, nowhere, "ESXI", 443) == "gw-1 has no address"


@pytest.mark.parametrize(
    ("fields", "count"),
    [
        ({"disabled": True}, 10),
        ({"action": "DROP"}, 10),
        ({"scope": ["/infra/labels/cgw-public"]}, 10),
        ({"scope": ["/infra/labels/cgw-all"]}, 0),
        ({"scope": ["/infra/labels/cgw-public", "/infra/labels/cgw-cross-vpc"]}, 0),
        ({"destination_groups": ["172.29.0.20"]}, 5),
        ({"destination_groups": ["/infra/tier-0s/vmc/groups/connected_vpc"]}, 0),
        ({"source_groups": ["127.64.21.11-127.64.21.12"]}, 10),
        ({"source_groups": ["ANY"]}, 0),
        ({"sources_excluded": True}, 10),
        ({"service_entries": [], "services": ["/infra/services/HTTPS"]}, 8),
        ({"service_entries": [], "services": ["ANY"]}, 0),
        ({"services": []}, 0),
    ],
)
def test_the_compute_gateway_must_let_the_appliance_out(open_world, call, fields, count):
    change(call, f"{CGW_RULES}/to-endpoint", **fields)
    assert len(reasons(open_world)) == count


def test_the_way_to_another_vpc_leads_over_another_uplink(open_world, call):
    open_world.aws.vpc_id = "vpc-elsewhere"
    assert len(reasons(open_world)) == 10
    change(call, f"{CGW_RULES}/to-endpoint", scope=["/infra/labels/cgw-direct-connect"])
    assert reasons(open_world) == []


@pytest.mark.parametrize(("number", "disabled", "stopped"), [(5, False, True), (5, True, False), (15, False, False)])
def test_the_first_rule_that_matches_decides(open_world, call, number, disabled, stopped):
    body = {
        "action": "REJECT",
        "source_groups": ["ANY"],
        "destination_groups": [ENIS[0]],
        "services": ["/infra/services/HTTPS"],
        "scope": ["/infra/labels/cgw-all"],
        "sequence_number": number,
        "disabled": disabled,
    }
    call("PUT", f"{CGW_RULES}/stop", body)
    found = reasons(open_world)
    expected = f"the compute gateway's rule stop stops {SOURCE} on its way to {ENIS[0]} on TCP 443"
    assert found == ([expected] if stopped else [])


def test_a_deleted_rule_closes_the_way(open_world, call):
    call("DELETE", f"{CGW_RULES}/to-endpoint")
    assert f"no enabled rule of the compute gateway lets {SOURCE} reach {ENIS[0]} on TCP 443" in reasons(open_world)


def test_the_name_must_resolve(open_world, call, nsx):
    nsx.resolvers["8.8.8.8"] = "drops private answers"
    assert reasons(open_world) == [f"{NAME} does not resolve: the DNS server 8.8.8.8 drops private answers"]
    have = call("GET", SEGMENT).json
    have["subnets"][0]["dhcp_config"] = {"resource_type": "SegmentDhcpV4Config", "dns_servers": ["10.2.2.2"]}
    call("PUT", SEGMENT, have)
    assert reasons(open_world) == []


def test_a_forwarder_that_is_off_resolves_nothing(open_world, call):
    call("PATCH", "/infra/tier-1s/cgw/dns-forwarder", {"enabled": False})
    assert reasons(open_world) == [f"{NAME} does not resolve: segment backup has no DNS server"]


# Appliance to its time servers


def asks(world, servers):
    world.switches["appliance_asks_ntp"] = servers
    return physics.clock_skew(world, Appliance())


def test_a_clock_that_asks_nobody_is_that_of_its_host(open_world):
    assert asks(open_world, "") == 0
    assert physics.clock_skew(open_world, Appliance(clock_skew=3600)) == 3600


def test_a_clock_that_asks_needs_one_answer(open_world, call):
    assert asks(open_world, "169.254.169.123 192.0.2.5") == 3600
    entry = {"resource_type": "L4PortSetServiceEntry", "l4_protocol": "TCP", "destination_ports": ["123"]}
    to_time = {
        "source_groups": [f"{CGW}/gw"],
        "destination_groups": ["192.0.2.5"],
        "service_entries": [entry],
        "scope": ["/infra/labels/cgw-all"],
        "sequence_number": 11,
    }
    call("PUT", f"{CGW_RULES}/to-ntp", {**to_time, "services": ["ANY"]})
    assert asks(open_world, "169.254.169.123 192.0.2.5") == 3600
    change(call, f"{CGW_RULES}/to-ntp", service_entries=[{**entry, "l4_protocol": "UDP"}])
    assert asks(open_world, "169.254.169.123 192.0.2.5") == 0
    assert asks(open_world, "169.254.169.123") == 3600


def test_a_time_server_in_a_segment_is_asked_without_the_compute_gateway(open_world):
    assert asks(open_world, "127.64.21.77") == 0


# Appliance to management


@pytest.mark.parametrize(
    ("name", "port", "open_"),
    [("VCENTER", 443, True), ("ESXI", 443, True), ("ESXI", 902, True), ("VCENTER", 902, False)],
)
def test_management_is_reached_by_the_ports_of_its_rule(open_world, name, port, open_):
    assert (physics.appliance_reaches_management(open_world, Appliance(), name, port) is None) is open_


@pytest.mark.parametrize("fields", [{"disabled": True}, {"source_groups": [f"{MGW}/groups/control-node"]}])
def test_the_reason_names_gateway_source_target_and_port(open_world, call, fields):
    change(call, f"{RULES}/gw-to-vcenter", **fields)
    found = physics.appliance_reaches_management(open_world, Appliance(), "VCENTER", 443)
    assert found == f"no enabled rule of the management gateway lets {SOURCE} reach vCenter on TCP 443"


def test_another_address_is_not_let_in(open_world):
    moved = Appliance(address="127.64.21.11")
    assert physics.appliance_reaches_management(open_world, moved, "ESXI", 902) is not None


def test_a_public_name_hides_the_private_source(open_world, nsx):
    nsx.sddc.vmc["resource_config"]["dns_with_management_vm_private_ip"] = False
    found = physics.appliance_reaches_management(open_world, Appliance(), "VCENTER", 443)
    assert found == "no enabled rule of the management gateway lets 192.0.2.110 reach vCenter on TCP 443"
    assert physics.appliance_reaches_management(open_world, Appliance(), "ESXI", 443) is None


def test_the_compute_gateway_has_no_say_in_it(open_world, call):
    """What goes to the management network crosses none of its uplinks."""
    body = {"source_groups": [f"{CGW}/gw"], "destination_groups": ["127.64.16.0/24"], "services": ["ANY"]}
    assert call("PUT", f"{CGW_RULES}/to-management", {**body, "action": "DROP"}).status_code == 200
    assert physics.appliance_reaches_management(open_world, Appliance(), "ESXI", 902) is None


# Control node


@pytest.mark.parametrize("seed", ["empty", "prepared"])
def test_the_control_node_needs_rules_to_vcenter_and_esxi(world, nsx, seed):
    nsx.reset(seed)
    sddc = nsx.sddc
    for name, address in (("vCenter", sddc.vcenter_address), ("ESXi", sddc.esxi_address)):
        expected = f"no enabled rule of the management gateway lets 127.0.0.1 reach {name} on TCP 443"
        assert physics.control_reaches(world, sddc, address, 9443) == (expected if seed == "empty" else None)


def test_nsx_and_the_cloud_are_always_reached(world, nsx):
    nsx.reset("empty")
    assert physics.control_reaches(world, nsx.sddc, nsx.sddc.nsx_address, 9443) is None
    assert physics.control_reaches(world, nsx.sddc, "127.64.0.1", 9002) is None


@pytest.mark.parametrize(
    ("fields", "open_"),
    [
        ({"services": ["/infra/services/HTTP"]}, True),
        ({"services": ["/infra/services/HTTP"], "scope": ["/infra/labels/cgw-vpn"]}, True),
        ({"services": ["/infra/services/HTTPS"]}, False),
        ({"services": ["/infra/services/HTTP"], "source_groups": ["127.0.0.2"]}, False),
        ({"services": ["/infra/services/HTTP"], "disabled": True}, False),
    ],
)
def test_activation_needs_port_80_through_the_compute_gateway(world, call, nsx, fields, open_):
    body = {"source_groups": ["127.0.0.1"], "destination_groups": [SOURCE], **fields}
    assert call("PUT", f"{CGW_RULES}/activation", body).status_code == 200
    assert (physics.control_reaches(world, nsx.sddc, SOURCE, 8080) is None) is open_


# The distributed firewall, and the segment


def distrust(call, category="Emergency", **fields):
    call("PUT", f"{SECTIONS}/mine", {"category": category})
    answer = call("PUT", f"{SECTIONS}/mine/rules/stop", {"action": "DROP", **fields})
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    ("fields", "count"),
    [
        ({}, 10),
        ({"source_groups": [SOURCE], "destination_groups": [ENIS[1]]}, 5),
        ({"services": ["/infra/services/HTTPS"]}, 2),
        ({"source_groups": ["127.64.21.11"]}, 0),
        ({"direction": "IN"}, 0),
        ({"disabled": True}, 0),
        ({"scope": [f"{CGW}/gw"]}, 10),
        ({"scope": [f"{CGW}/endpoint"]}, 0),
        ({"category": "Ethernet", "action": "JUMP_TO_APPLICATION"}, 0),
    ],
)
def test_the_distributed_firewall_stops_what_it_is_told_to(open_world, call, fields, count):
    distrust(call, **fields)
    found = reasons(open_world)
    assert len(found) == count
    assert all("the distributed firewall's rule stop stops" in reason for reason in found)


def test_the_distributed_firewall_stands_before_vcenter_and_esxi_too(open_world, call):
    distrust(call, services=["/infra/services/VMware_Remote_Console"])
    assert physics.appliance_reaches_management(open_world, Appliance(), "ESXI", 443) is None
    assert "rule stop" in physics.appliance_reaches_management(open_world, Appliance(), "ESXI", 902)


def test_a_jump_leaves_out_what_comes_before_the_application_rules(open_world, call):
    distrust(call, category="Environment", sequence_number=10)
    call("PUT", f"{SECTIONS}/mine/rules/jump", {"action": "JUMP_TO_APPLICATION", "sequence_number": 5})
    assert reasons(open_world) == []


def test_a_segment_that_is_not_connected_leads_nowhere(open_world, call):
    have = call("GET", SEGMENT).json
    call("PUT", SEGMENT, {**have, "advanced_config": {"connectivity": "OFF"}})
    assert reasons(open_world) == ["segment backup is not connected to its gateway"]
    found = physics.appliance_reaches_management(open_world, Appliance(), "ESXI", 902)
    assert found == "segment backup is not connected to its gateway"


def test_on_premises_no_gateway_of_vmware_cloud_is_on_the_way(open_world):
    sddc = open_world.sddcs[SDDC]
    sddc.nsx.reset("empty")
    assert physics.appliance_reaches_management(open_world, Appliance(), "VCENTER", 443)
    sddc.on_premises = True
    assert physics.appliance_reaches_endpoint(open_world, Appliance(), NAME) == []
    for name, port in (("VCENTER", 443), ("ESXI", 443), ("ESXI", 902)):
        assert physics.appliance_reaches_management(open_world, Appliance(), name, port) is None
    assert physics.control_reaches(open_world, sddc, SOURCE, 80) is None
    open_world.aws.ports.discard(1031)
    assert any("1031" in each for each in physics.appliance_reaches_endpoint(open_world, Appliance(), NAME))
