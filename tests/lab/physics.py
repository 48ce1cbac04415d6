# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who reaches whom, as pure questions about the world. The answers are reasons why not, in plain words."""

from __future__ import annotations

from .nsx import addresses

CONTROL_NODE = "127.0.0.1"
CONTROL_NODE_OUTSIDE = "203.0.113.9"  # as the internet sees it
ENDPOINT_PORTS = (443, 1026, 1027, 1028, 1031)
NTP = 123
AMAZON_TIME = "169.254.169.123"
REAL_PORTS = {9443: 443, 8080: 80}  # the lab runs without root; a firewall knows the real port
NAMES = {"VCENTER": "vCenter", "ESXI": "ESXi"}
TO_THE_VPC = {"/infra/labels/cgw-all", "/infra/labels/cgw-cross-vpc"}
TO_THE_GROUP = {"/infra/labels/cgw-all", "/infra/labels/cgw-direct-connect"}
TO_THE_INTERNET = {"/infra/labels/cgw-all", "/infra/labels/cgw-public"}


def control_reaches(world, sddc, address: str, port: int) -> str | None:
    """Why a connection from the control node is never answered."""
    if sddc.on_premises:
        return None
    port = REAL_PORTS.get(port, port)
    for name, listening, target in (
        ("VCENTER", sddc.vcenter_address, sddc.vcenter_private_address),
        ("ESXI", sddc.esxi_address, sddc.esxi_private_address),
    ):
        if address == listening:
            return _management_gateway_stops(sddc.nsx, CONTROL_NODE, name, target, port)
    if address in sddc.nsx.cloud_service.addresses():
        return _internet_stops(sddc, address, port)
    if _in_a_segment(sddc.nsx, address):
        if sddc.hides_appliances:
            return f"nothing leads from the control node to {address}"
        return _compute_gateway_stops(sddc.nsx, CONTROL_NODE, address, port)
    return None


def behind(sddc, public: str, port: int) -> dict | None:
    """The NAT rule that leads from a public address into the SDDC, with the address that it leads to as ``inside``."""
    for rule in sddc.nsx.nat_rules():
        reflexive = rule["action"] == "REFLEXIVE"
        if not rule.get("enabled", True) or not TO_THE_INTERNET & set(rule.get("scope") or TO_THE_INTERNET):
            continue
        if reflexive and rule["translated_network"] == public:
            return {**rule, "inside": rule["source_network"]}
        if rule["action"] == "DNAT" and rule["destination_network"] == public and _is_for(sddc.nsx, rule, port):
            return {**rule, "inside": rule["translated_network"]}
    return None


def _is_for(nsx, rule, port) -> bool:
    service = nsx.objects.get(rule.get("service") or "", {}).get("service_entries")
    return (not rule.get("service") or _serves(service or [], port, "TCP")) and rule.get("translated_ports") in (
        None,
        "",
        str(port),
    )


def _internet_stops(sddc, public, port):
    """A public address leads nowhere without NAT, and an answer that leaves through the customer's network comes to nobody."""
    rule = behind(sddc, public, port)
    if rule is None:
        return f"no NAT rule leads from {public} into the SDDC on TCP {port}"
    if sddc.leaves_on_premises:
        return f"what {rule['inside']} answers leaves the SDDC on premises"
    match = rule.get("firewall_match", "MATCH_INTERNAL_ADDRESS")
    if match == "BYPASS":
        return None
    target = rule["inside"] if match == "MATCH_INTERNAL_ADDRESS" else public
    return _compute_gateway_stops(sddc.nsx, CONTROL_NODE_OUTSIDE, target, port, TO_THE_INTERNET)


def appliance_reaches_endpoint(world, appliance, dns_name: str) -> list[str]:
    """Everything that keeps an appliance from the VPC endpoint."""
    sddc = world.sddcs[appliance.sddc]
    source, segment = appliance.address, sddc.nsx.segment_of(appliance.network)
    if source is None:
        return [f"{appliance.name} has no address"]
    endpoint = world.aws.endpoint(dns_name)
    if endpoint is None:
        return [f"{dns_name} does not resolve: no such endpoint"]
    found = [] if sddc.on_premises else _resolution(sddc.nsx, segment, dns_name) + _cut_off(sddc.nsx, segment)
    if endpoint["state"] != "available":
        found.append(f"the endpoint {endpoint['id']} is {endpoint['state']}")
    closed = [port for port in ENDPOINT_PORTS if not _lets_in(endpoint["ingress"], source, port)]
    if closed:
        found.append(f"the endpoint's security groups do not let in {source} on TCP {_listed(closed)}")
    scopes = TO_THE_VPC if endpoint["vpc_id"] == sddc.connected_vpc.get("vpc_id") else TO_THE_GROUP
    for target in [] if sddc.on_premises else endpoint["eni_addresses"]:
        reasons = [_compute_gateway_stops(sddc.nsx, source, target, port, scopes) for port in ENDPOINT_PORTS]
        reasons += [_distributed_firewall_stops(sddc.nsx, source, target, port) for port in ENDPOINT_PORTS]
        found += [reason for reason in reasons if reason]
    return found + world.aws.obstacles(sddc, dns_name, source, ENDPOINT_PORTS)


def appliance_reaches_management(world, appliance, name: str, port: int) -> str | None:
    """Why an appliance does not reach vCenter or ESXi."""
    sddc = world.sddcs[appliance.sddc]
    source = appliance.address
    if source is None:
        return f"{appliance.name} has no address"
    if sddc.on_premises:
        return None
    target = {"VCENTER": sddc.vcenter_private_address, "ESXI": sddc.esxi_private_address}[name]
    stopped = _cut_off(sddc.nsx, sddc.nsx.segment_of(appliance.network))
    stopped.append(_distributed_firewall_stops(sddc.nsx, source, target, port))
    if any(stopped):
        return next(reason for reason in stopped if reason)
    if name == "VCENTER" and not sddc.vmc["resource_config"]["dns_with_management_vm_private_ip"]:
        # The public address is reached from outside, so that a rule on the private source does not match.
        source = world.vmc.snat_address(sddc)
    return _management_gateway_stops(sddc.nsx, source, name, target, port)


def clock_skew(world, appliance) -> float:
    """By how many seconds the clock of an appliance is off. Whether it asks anybody but its host is UNCONFIRMED."""
    servers = world.switches["appliance_asks_ntp"].split()
    if not servers:
        return appliance.clock_skew
    reached = any(appliance_reaches_time(world, appliance, server) is None for server in servers)
    return 0 if reached else world.switches["unsynced_clock_skew"]


def appliance_reaches_time(world, appliance, server: str) -> str | None:
    """Why an appliance gets no answer from a time server. Which uplink leads there is not minded, and within the SDDC none does."""
    sddc, source = world.sddcs[appliance.sddc], appliance.address
    if source is None:
        return f"{appliance.name} has no address"
    if sddc.on_premises:
        return None
    stopped = _cut_off(sddc.nsx, sddc.nsx.segment_of(appliance.network))
    stopped.append(_distributed_firewall_stops(sddc.nsx, source, server, NTP, "UDP"))
    if server == AMAZON_TIME and sddc.leaves_on_premises:
        stopped.append(f"{server} is asked on premises, where nobody answers")
    if not _in_a_segment(sddc.nsx, server):
        stopped.append(_compute_gateway_stops(sddc.nsx, source, server, NTP, protocol="UDP"))
    return next((reason for reason in stopped if reason), None)


def appliance_hot_adds(world, appliance, machine) -> str | None:
    """Why the disks of a machine cannot be hung on an appliance: its host has to see their datastores."""
    seen = world.sddcs[appliance.sddc].vcenter.datastores(appliance.cluster)
    unseen = sorted(machine.datastores.difference(seen))
    return f"no host of {appliance.cluster}, where {appliance.name} runs, sees {_listed(unseen)}" if unseen else None


def out_of_reach(world, sddc) -> list[str]:
    """The customer's machines that none of the gateways that are linked to a hypervisor can back up."""
    places = world.aws.backup_gateway.places.values()
    linked = {one.instance_uuid for place in places for one in place.gateways.values() if one.hypervisor_arn}
    able = [one for one in sddc.vcenter.appliances() if one.powered_on and one.instance_uuid in linked]
    machines = sddc.vcenter.workloads()
    return sorted(row.name for row in machines if all(appliance_hot_adds(world, one, row) for one in able))


def _management_gateway_stops(nsx, source, name, target, port):
    """The management gateway only allows: one matching rule is enough."""
    for rule in nsx.rules("mgw"):
        if rule["action"] == "ALLOW" and _matches(nsx, rule, source, target, port):
            return None
    return f"no enabled rule of the management gateway lets {source} reach {NAMES[name]} on TCP {port}"


def _compute_gateway_stops(nsx, source, target, port, scopes=None, protocol="TCP"):
    """The first rule that matches decides; without one the packet is dropped."""
    for rule in nsx.rules("cgw"):
        if rule["is_default"]:  # it speaks of route-based VPN only
            continue
        if (scopes is None or scopes & set(rule["scope"])) and _matches(nsx, rule, source, target, port, protocol):
            if rule["action"] == "ALLOW":
                return None
            return f"the compute gateway's rule {rule['id']} stops {source} on its way to {target} on {protocol} {port}"
    return f"no enabled rule of the compute gateway lets {source} reach {target} on {protocol} {port}"


def _distributed_firewall_stops(nsx, source, target, port, protocol="TCP"):
    """In force at the machine's own card. The first rule that matches decides; without one the packet passes."""
    jumped = False
    for rule in nsx.distributed_rules():
        in_force = rule["applied_to"] == ["ANY"] or _among(nsx, rule["applied_to"], source)
        left_out = rule["direction"] == "IN" or not in_force or (jumped and rule["category"] != "Application")
        if left_out or not _matches(nsx, rule, source, target, port, protocol):
            continue
        if rule["action"] == "JUMP_TO_APPLICATION":
            jumped = True
        elif rule["action"] == "ALLOW":
            return None
        else:
            return f"the distributed firewall's rule {rule['id']} stops {source} on its way to {target} on {protocol} {port}"
    return None


def _in_a_segment(nsx, address) -> bool:
    return any(addresses.contains(subnet["network"], address) for each in nsx.segments() for subnet in each["subnets"])


def _cut_off(nsx, segment) -> list[str]:
    connectivity = ((nsx.segment(segment) or {}).get("advanced_config") or {}).get("connectivity", "ON")
    return [] if connectivity == "ON" else [f"segment {segment} is not connected to its gateway"]


def _matches(nsx, rule, source, target, port, protocol="TCP") -> bool:
    return (
        not rule["disabled"]
        and _among(nsx, rule["source_groups"], source) != rule["sources_excluded"]
        and _among(nsx, rule["destination_groups"], target) != rule["destinations_excluded"]
        and _serves(nsx.service_entries(rule), port, protocol)
    )


def _among(nsx, entries, address) -> bool:
    return any(addresses.contains(each, address) for entry in entries for each in nsx.group_addresses(entry))


def _serves(entries, port, protocol) -> bool:
    if entries is None:
        return True
    ports = [each for entry in entries if entry.get("l4_protocol") == protocol for each in entry["destination_ports"]]
    return any(int(low) <= port <= int(high or low) for low, _dash, high in (each.partition("-") for each in ports))


def _resolution(nsx, segment, dns_name) -> list[str]:
    """The first server of a list that answers decides; one that is not known to be broken answers."""
    servers = nsx.dns_servers(segment, dns_name)
    if not servers:
        return [f"{dns_name} does not resolve: segment {segment} has no DNS server"]
    wrong = nsx.resolvers.get(servers[0])
    return [f"{dns_name} does not resolve: the DNS server {servers[0]} {wrong}"] if wrong else []


def _lets_in(ingress, source, port) -> bool:
    return any(
        rule["from_port"] <= port <= rule["to_port"] and addresses.contains(rule["cidr_ip"], source) for rule in ingress
    )


def _listed(ports) -> str:
    return ", ".join(map(str, ports))
