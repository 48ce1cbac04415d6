# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The connected VPC as the SDDCs need it, and what of it stands in the way of their packets."""

from __future__ import annotations

import ipaddress

from moto.ec2.models import ec2_backends

from . import zones
from .endpoints import Endpoint, free_address

CIDR = "172.29.0.0/16"
NAME = "sddc-connected"


def connect(sddc, account):
    """The SDDC's place in the connected VPC: its network interfaces, and the routes to what lies behind them."""
    backend = ec2_backends[account][sddc.region]
    vpc = next((vpc for vpc in backend.vpcs.values() if vpc.cidr_block == CIDR), None) or new_vpc(backend, account)
    subnets = [subnet for subnet in subnets_of(backend) if subnet.vpc_id == vpc.id]
    subnet = next(subnet for subnet in subnets if zone_id(subnet) == sddc.zone_id)
    enis = []
    for number in range(2):
        eni = backend.create_network_interface(
            subnet.id, free_address(backend, subnet.id), description=f"VMware VMC Interface {sddc.name} {number}"
        )
        eni.source_dest_check, eni.status = False, "in-use"
        enis.append(eni)
    table = main_table(backend, vpc.id)
    routes = cidrs_of(sddc)
    for cidr in routes:
        backend.create_route(table.id, cidr, interface_id=enis[0].id)
    sddc.connected_vpc = {
        "account_id": account,
        "vpc_id": vpc.id,
        "cidr_block": vpc.cidr_block,
        "subnet_id": subnet.id,
        "subnet_cidr_block": subnet.cidr_block,
        "availability_zone": subnet.availability_zone,
        "availability_zone_id": zone_id(subnet),
        "subnet_ids": [item.id for item in subnets],
        "security_group_id": backend.get_default_security_group(vpc.id).id,
        "route_table_id": table.id,
        "routes": routes,
        "network_interface_addresses": {eni.id: eni.private_ip_address for eni in enis},
        "active_network_interface_id": enis[0].id,
        "active_network_interface_address": enis[0].private_ip_address,
    }


def disconnect(sddc):
    """Its network interfaces and the routes over them go with an SDDC."""
    connected = sddc.connected_vpc
    backend = ec2_backends[connected["account_id"]][sddc.region]
    for table in backend.route_tables.values():
        for cidr in connected["routes"]:
            if any(route.destination_cidr_block == cidr for route in table.routes):
                backend.delete_route(table.id, cidr)
    for eni_id in connected["network_interface_addresses"]:
        backend.enis.pop(eni_id, None)


def stretch(sddc, further_zone_id):
    """A second linked subnet, with a network interface that takes over when the zone of the first one is lost."""
    connected = sddc.connected_vpc
    backend = ec2_backends[connected["account_id"]][sddc.region]
    ours = [subnet for subnet in subnets_of(backend) if subnet.vpc_id == connected["vpc_id"]]
    subnet = next(subnet for subnet in ours if zone_id(subnet) == further_zone_id)
    eni = backend.create_network_interface(
        subnet.id, free_address(backend, subnet.id), description=f"VMware VMC Interface {sddc.name} stretched"
    )
    eni.source_dest_check, eni.status = False, "in-use"
    (first, address), *others = connected["network_interface_addresses"].items()
    # The further one is the next to be active.
    connected["network_interface_addresses"] = {first: address, eni.id: eni.private_ip_address, **dict(others)}
    connected["further_subnets"] = [
        {
            "id": subnet.id,
            "cidr": subnet.cidr_block,
            "availability_zone": subnet.availability_zone,
            "availability_zone_id": further_zone_id,
        }
    ]


def admit_itself(backend, vpc):
    """The default security group lets in what carries it, which moto leaves out."""
    group = backend.get_default_security_group(vpc.id)
    itself = [{"GroupId": group.id, "OwnerId": group.owner_id}]
    backend.authorize_security_group_ingress(group.id, "-1", None, None, [], source_groups=itself)


def new_vpc(backend, account):
    vpc = backend.create_vpc(CIDR)
    admit_itself(backend, vpc)
    vpc.add_tag("Name", NAME)
    for attribute in ("enable_dns_support", "enable_dns_hostnames"):
        backend.modify_vpc_attribute(vpc.id, attribute, "true")
    blocks = ipaddress.ip_network(CIDR).subnets(new_prefix=20)
    for (zone, _unused), block in zip(zones.of(account, backend.region_name).items(), blocks):
        subnet = backend.create_subnet(vpc.id, str(block), availability_zone=zone)
        subnet.add_tag("Name", f"{NAME}-{zone}")
    return vpc


def cidrs_of(sddc) -> list[str]:
    """The SDDC's networks: management, and the sixteen behind it that its compute segments lie in."""
    first, block, third = sddc.prefix.split(".")
    return [f"{first}.{block}.{third}.0/20"]


def zone_id(subnet) -> str:
    return zones.of(subnet.owner_id, subnet.ec2_backend.region_name)[subnet.availability_zone]


def subnets_of(backend) -> list:
    return list(backend.describe_subnets())


def main_table(backend, vpc_id):
    return next(
        table for table in backend.route_tables.values() if table.vpc_id == vpc_id and table.main_association_id
    )


def table_of(backend, subnet):
    for table in backend.route_tables.values():
        if subnet.id in [association.get("SubnetId") for association in table.associations]:
            return table
    return main_table(backend, subnet.vpc_id)


def find(account_backends, dns_name) -> Endpoint | None:
    for backend in account_backends:
        for endpoint in backend.vpc_end_points.values():
            if isinstance(endpoint, Endpoint) and dns_name in endpoint.dns_names:
                return endpoint
    return None


def view(endpoint) -> dict:
    """The endpoint as physics sees it."""
    backend = endpoint.ec2_backend
    groups = [backend.get_security_group_from_id(group_id) for group_id in endpoint.security_group_ids]
    return {
        "id": endpoint.id,
        "state": endpoint.state,
        "vpc_id": endpoint.vpc_id,
        "service_name": endpoint.service_name,
        "subnets": [
            {"id": eni.subnet.id, "cidr": eni.subnet.cidr_block, "az_id": zone_id(eni.subnet)} for eni in endpoint.enis
        ],
        "ingress": [rule for group in groups if group for rule in tcp_rules(group.ingress_rules)],
        "eni_addresses": [eni.private_ip_address for eni in endpoint.enis],
    }


def tcp_rules(rules) -> list[dict]:
    return [
        {
            "from_port": 0 if rule.from_port is None else rule.from_port,
            "to_port": 65535 if rule.to_port is None else rule.to_port,
            "cidr_ip": rule.cidr_ipv4,
        }
        for rule in rules
        if rule.ip_protocol in ("tcp", "-1") and rule.cidr_ipv4
    ]


def obstacles(sddc, endpoint, source: str, ports) -> list[str]:
    """What in the VPC keeps packets from the source in the SDDC, or their answers, from getting through."""
    backend, connected = endpoint.ec2_backend, sddc.connected_vpc
    if sddc.on_premises:  # Direct Connect or a VPN leads to any VPC and back
        return acl_obstacles(endpoint, source, ports)
    if connected.get("vpc_id") != endpoint.vpc_id:
        return obstacles_elsewhere(sddc, endpoint, source, ports)
    found = []
    if connected.get("state", "ACTIVE") != "ACTIVE":
        found.append(f"the link to {endpoint.vpc_id} is {connected['state']}")
    primary = ipaddress.ip_network(backend.get_vpc(endpoint.vpc_id).cidr_block)
    own_group = backend.get_security_group_from_id(connected["security_group_id"])
    for eni in endpoint.enis:
        address = eni.private_ip_address
        if ipaddress.ip_address(address) not in primary:
            found.append(f"{address} is outside the primary CIDR block {primary}")
        if not routed_back(table_of(backend, eni.subnet), source, connected["active_network_interface_id"]):
            found.append(
                f"the route table of {eni.subnet.id} has no route from {address} to {source} over the active ENI"
            )
        for port in ports:
            if not allowed(tcp_rules(own_group.egress_rules), address, port):
                found.append(f"the connected VPC's default security group does not let out {address}:{port}")
            if not acl_allows(backend, eni.subnet, source, port):
                found.append(f"the network ACL of {eni.subnet.id} does not let {source} to port {port}")
    return found


def obstacles_elsewhere(sddc, endpoint, source: str, ports) -> list[str]:
    """The same in a VPC that is not the connected one: a transit gateway of the SDDC's group may lead there and back."""
    backend, connected = endpoint.ec2_backend, sddc.connected_vpc
    ours = {group["tgw_id"] for group in connected.get("groups", ())}
    found = []
    for eni in endpoint.enis:
        route = route_to(table_of(backend, eni.subnet), source)
        if route is None or route.transit_gateway is None or route.transit_gateway.id not in ours:
            found.append(
                f"{endpoint.id} is not in the connected VPC {connected.get('vpc_id')}, "
                f"and no transit gateway of the SDDC's group leads from {eni.subnet.id} to {source}"
            )
    return found + acl_obstacles(endpoint, source, ports)


def acl_obstacles(endpoint, source: str, ports) -> list[str]:
    return [
        f"the network ACL of {eni.subnet.id} does not let {source} to port {port}"
        for eni in endpoint.enis
        for port in ports
        if not acl_allows(endpoint.ec2_backend, eni.subnet, source, port)
    ]


def routed_back(table, source, active_eni) -> bool:
    route = route_to(table, source)
    return route is not None and route.interface is not None and route.interface.id == active_eni


def route_to(table, source):
    """The route with the longest prefix."""
    routes = [
        (ipaddress.ip_network(route.destination_cidr_block), route)
        for route in table.routes
        if route.destination_cidr_block
    ]
    matching = [item for item in routes if ipaddress.ip_address(source) in item[0]]
    return max(matching, key=lambda item: item[0].prefixlen)[1] if matching else None


def allowed(rules, address, port) -> bool:
    return any(
        rule["from_port"] <= port <= rule["to_port"]
        and ipaddress.ip_address(address) in ipaddress.ip_network(rule["cidr_ip"])
        for rule in rules
    )


def acl_allows(backend, subnet, source, port) -> bool:
    acl = next(
        (
            acl
            for acl in backend.network_acls.values()
            if subnet.id in [association.subnet_id for association in acl.associations]
        ),
        None,
    )
    if acl is None:
        return True
    return passes(acl, source, port, egress=False) and passes(acl, source, 32768, egress=True)


def passes(acl, address, port, *, egress) -> bool:
    """The first entry that fits decides. Answers go to a high port."""
    entries = [entry for entry in acl.entries if is_true(entry.egress) == egress and entry.cidr_block]
    for entry in sorted(entries, key=lambda entry: int(entry.rule_number)):
        ports = entry.port_range_from is None or int(entry.port_range_from) <= port <= int(entry.port_range_to)
        fits = str(entry.protocol) in ("-1", "6") and ports
        if fits and ipaddress.ip_address(address) in ipaddress.ip_network(entry.cidr_block):
            return entry.rule_action == "allow"
    return False


def is_true(value) -> bool:
    return str(value).lower() == "true"
