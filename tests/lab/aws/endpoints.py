# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Interface endpoints as objects: their network interfaces, names, and the states they pass through."""

from __future__ import annotations

import datetime
import hashlib
import ipaddress
import json

from moto.ec2.models.vpcs import VPCEndPoint

READS_PER_STEP = 2
SECONDS_PER_STEP = 60
LINGER_SECONDS = 3600
NEXT = {"pending": "available", "deleting": "deleted"}


class Endpoint(VPCEndPoint):
    """Lives among moto's own endpoints, so that tags work on it. A step is done after two reads or a minute."""

    def __init__(
        self, backend, world, endpoint_id, vpc_id, service_name, *, private_dns, ip_address_type, policy, token
    ):
        super().__init__(
            backend,
            endpoint_id,
            vpc_id,
            service_name,
            "Interface",
            policy,
            [],
            subnet_ids=[],
            private_dns_enabled=private_dns,
            client_token=token,
            security_group_ids=[],
        )
        self.world = world
        self.ip_address_type = ip_address_type
        self.creation_timestamp = world.utc()
        self.interfaces: dict[str, str] = {}  # subnet id -> network interface id
        self.enter("pending")

    def enter(self, state):
        self.state, self.since, self.reads = state, self.world.now(), 0

    @property
    def living(self) -> bool:
        return self.state not in ("deleting", "deleted")

    @property
    def forgotten(self) -> bool:
        return self.state == "deleted" and self.world.now() - self.since > LINGER_SECONDS

    def read(self):
        """Somebody looks: time may have passed."""
        self.reads += 1
        late = self.world.now() - self.since >= SECONDS_PER_STEP
        if self.state in NEXT and (self.reads > READS_PER_STEP or late):
            self.enter(NEXT[self.state])
            if self.state == "deleted":
                self.remove_interfaces(list(self.interfaces))

    def add_interfaces(self, subnet_ids):
        for subnet_id in subnet_ids:
            eni = self.ec2_backend.create_network_interface(
                subnet_id,
                free_address(self.ec2_backend, subnet_id),
                group_ids=self.security_group_ids,
                description=f"VPC Endpoint Interface {self.id}",
            )
            eni.requester_managed, eni.interface_type, eni.status = True, "vpc_endpoint", "in-use"
            self.interfaces[subnet_id] = eni.id

    def remove_interfaces(self, subnet_ids):
        for subnet_id in subnet_ids:
            self.ec2_backend.enis.pop(self.interfaces.pop(subnet_id), None)

    def set_groups(self, group_ids):
        self.security_group_ids = group_ids
        for eni_id in self.interfaces.values():
            self.ec2_backend.modify_network_interface_attribute(eni_id, group_ids)

    @property
    def enis(self) -> list:
        return [self.ec2_backend.enis[eni_id] for eni_id in self.interfaces.values()]

    @property
    def service(self) -> str:
        return self.service_name.rpartition(".")[2]

    @property
    def dns_names(self) -> list[str]:
        """The regional name first, then one per zone."""
        digest = hashlib.sha256(self.id.encode()).hexdigest()[:8]
        region = self.ec2_backend.region_name
        zones = sorted(eni.availability_zone for eni in self.enis)
        return [
            f"{self.id}-{digest}{suffix}.{self.service}.{region}.vpce.amazonaws.com"
            for suffix in ["", *(f"-{zone}" for zone in zones)]
        ]

    def view(self) -> dict:
        """The endpoint as DescribeVpcEndpoints shows it."""
        names = self.dns_names if self.living else []
        if self.private_dns_enabled and self.living:
            names.append(f"{self.service}.{self.ec2_backend.region_name}.amazonaws.com")
        return {
            **base_view(self),
            # The model has a capital, and no answer was seen with one.
            "State": self.state.capitalize() if self.world.switches["model_enforced"] else self.state,
            "SubnetIds": list(self.interfaces),
            "IpAddressType": self.ip_address_type,
            "DnsOptions": {"DnsRecordIpType": self.ip_address_type},
            "NetworkInterfaceIds": list(self.interfaces.values()),
            "DnsEntries": [{"DnsName": name, "HostedZoneId": "Z38GZ743OKFT7T"} for name in names],
            "ServiceRegion": self.ec2_backend.region_name,
        }


def base_view(endpoint) -> dict:
    """What endpoints of every type show, moto's gateway endpoints included."""
    groups = [endpoint.ec2_backend.get_security_group_from_id(group) for group in endpoint.security_group_ids]
    return {
        "VpcEndpointId": endpoint.id,
        "VpcEndpointType": endpoint.vpc_endpoint_type or "Gateway",
        "VpcId": endpoint.vpc_id,
        "ServiceName": endpoint.service_name,
        "State": endpoint.state,
        "PolicyDocument": endpoint.policy_document,
        "RouteTableIds": endpoint.route_table_ids,
        "Groups": [{"GroupId": group.id, "GroupName": group.name} for group in groups if group],
        "PrivateDnsEnabled": bool(endpoint.private_dns_enabled),
        "RequesterManaged": False,
        "CreationTimestamp": endpoint.creation_timestamp.astimezone(datetime.timezone.utc),
        "Tags": [{"Key": tag["key"], "Value": tag["value"]} for tag in endpoint.get_tags()],
        "OwnerId": endpoint.owner_id,
    }


def free_address(backend, subnet_id) -> str:
    """The lowest address of the subnet that no network interface has; AWS keeps the first four for itself."""
    subnet = backend.get_subnet(subnet_id)
    taken = {address["PrivateIpAddress"] for eni in backend.enis.values() for address in eni.private_ip_addresses}
    for host in list(ipaddress.ip_network(subnet.cidr_block).hosts())[9:]:
        if str(host) not in taken:
            return str(host)
    raise AssertionError(f"{subnet_id} is full")


def fingerprint(params: dict) -> str:
    """What must be the same for a client token to mean the same call."""
    meant = {key: value for key, value in params.items() if key != "ClientToken"}
    return json.dumps(meant, sort_keys=True, default=str)
