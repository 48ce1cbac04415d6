# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What EC2 has of an appliance's path: the endpoint's VPC, its routes, network ACLs and security groups."""

from __future__ import annotations

from ..engine.findings import Untold

TARGETS = (
    "NetworkInterfaceId",
    "TransitGatewayId",
    "GatewayId",
    "NatGatewayId",
    "VpcPeeringConnectionId",
    "LocalGatewayId",
    "CarrierGatewayId",
    "CoreNetworkArn",
    "InstanceId",
)
TCP = ("-1", "6", "tcp")


def collect(ec2, endpoint: dict, active_eni) -> dict:
    interface = None if isinstance(active_eni, Untold) or active_eni is None else _interface(ec2, active_eni)
    subnets = [*endpoint["subnet_ids"], *([interface["subnet_id"]] if interface else [])]
    groups = [*endpoint["security_group_ids"], *(interface["security_group_ids"] if interface else [])]
    lists = PrefixLists(ec2)
    return {
        "interface": interface,
        "vpc": {
            "cidr_block": _described(ec2, "vpcs", "Vpcs", endpoint)[0]["CidrBlock"],
            "route_tables": _by_subnet(
                subnets,
                [_table(raw, lists) for raw in _described(ec2, "route_tables", "RouteTables", endpoint)],
            ),
            "network_acls": _by_subnet(
                subnets, [_acl(raw) for raw in _described(ec2, "network_acls", "NetworkAcls", endpoint)]
            ),
        },
        "security_groups": {raw["GroupId"]: _group(raw, lists) for raw in _groups(ec2, groups)},
    }


class PrefixLists:
    """The networks in prefix lists, each read once."""

    def __init__(self, ec2):
        self.ec2 = ec2
        self._read: dict = {}

    def cidrs(self, prefix_list_id: str) -> list[str]:
        if prefix_list_id not in self._read:
            found = self.ec2.pages("get_managed_prefix_list_entries", "Entries", PrefixListId=prefix_list_id)
            self._read[prefix_list_id] = [entry["Cidr"] for entry in found]
        return self._read[prefix_list_id]


def _described(ec2, what, key, endpoint) -> list:
    return ec2.pages(f"describe_{what}", key, Filters=[{"Name": "vpc-id", "Values": [endpoint["vpc_id"]]}])


def _interface(ec2, interface_id) -> dict | None:
    """The SDDC's network interface, if the account sees it."""
    filters = [{"Name": "network-interface-id", "Values": [interface_id]}]
    found = ec2.pages("describe_network_interfaces", "NetworkInterfaces", Filters=filters)
    if not found:
        return None
    return {
        "id": interface_id,
        "subnet_id": found[0]["SubnetId"],
        "security_group_ids": sorted(group["GroupId"] for group in found[0].get("Groups") or []),
    }


def _groups(ec2, group_ids) -> list:
    filters = [{"Name": "group-id", "Values": sorted(set(group_ids))}]
    return ec2.pages("describe_security_groups", "SecurityGroups", Filters=filters)


def _by_subnet(subnets, found) -> dict:
    """What is associated with each subnet, else the one that is there for all."""
    main = next((each for each in found if each["main"]), None)
    return {subnet: next((each for each in found if subnet in each["subnets"]), main) for subnet in subnets}


def _table(raw, lists) -> dict:
    associations = raw.get("Associations") or []
    return {
        "id": raw["RouteTableId"],
        "main": any(each.get("Main") for each in associations),
        "subnets": [each["SubnetId"] for each in associations if each.get("SubnetId")],
        "routes": [
            {"destination": cidr, "target": _target(route), "state": route.get("State")}
            for route in raw.get("Routes") or []
            for cidr in _destinations(route, lists)
        ],
    }


def _destinations(route, lists) -> list[str]:
    if route.get("DestinationPrefixListId"):
        return lists.cidrs(route["DestinationPrefixListId"]) if _target(route)[:5] != "vpce-" else []
    return [route["DestinationCidrBlock"]] if route.get("DestinationCidrBlock") else []


def _target(route) -> str:
    return next((route[key] for key in TARGETS if route.get(key)), "nothing")


def _acl(raw) -> dict:
    return {
        "id": raw["NetworkAclId"],
        "main": raw.get("IsDefault", False),
        "subnets": [each["SubnetId"] for each in raw.get("Associations") or []],
        "entries": [
            {
                "number": entry["RuleNumber"],
                "egress": entry["Egress"],
                "allow": entry["RuleAction"] == "allow",
                "cidr": entry["CidrBlock"],
                "ports": _ports(entry.get("PortRange") or {}, "From", "To"),
            }
            for entry in raw.get("Entries") or []
            if entry.get("CidrBlock") and entry["Protocol"] in TCP
        ],
    }


def _group(raw, lists) -> dict:
    return {
        "ingress": [_permission(each, lists) for each in raw.get("IpPermissions") or [] if each["IpProtocol"] in TCP],
        "egress": [
            _permission(each, lists) for each in raw.get("IpPermissionsEgress") or [] if each["IpProtocol"] in TCP
        ],
    }


def _permission(raw, lists) -> dict:
    cidrs = [each["CidrIp"] for each in raw.get("IpRanges") or []]
    cidrs += [cidr for each in raw.get("PrefixListIds") or [] for cidr in lists.cidrs(each["PrefixListId"])]
    return {"ports": _ports(raw, "FromPort", "ToPort"), "cidrs": cidrs}


def _ports(raw, low, high) -> tuple:
    """The ports that are spoken of; without any, all."""
    if raw.get(low) is None or raw[low] == -1:
        return (0, 65535)
    return (raw[low], raw[high])
