# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Facts of a world in which an appliance gets everywhere; each test breaks something."""

from __future__ import annotations

import copy

APPLIANCE = "10.30.5.20"
ENDPOINT = "172.31.16.5"
TIME = "169.254.169.123"
NAME = "vpce-1-abc.backup-gateway.eu-west-1.vpce.amazonaws.com"
VCENTER, ESXI = "/infra/domains/mgw/groups/VCENTER", "/infra/domains/mgw/groups/ESXI"
PORTS = (443, 1026, 1027, 1028, 1031)
EVERYTHING = {"ports": (0, 65535), "cidrs": ["0.0.0.0/0"]}


def rule(id, sources, destinations, *ports, **more):
    entry = {"resource_type": "L4PortSetServiceEntry", "l4_protocol": "TCP", "destination_ports": list(map(str, ports))}
    return {
        "id": id,
        "source_groups": sources,
        "sources_excluded": False,
        "destination_groups": destinations,
        "destinations_excluded": False,
        "services": [] if ports else ["ANY"],
        "service_entries": [entry] if ports else [],
        "scope": ["/infra/labels/cgw-all"],
        "action": "ALLOW",
        "direction": "IN_OUT",
        "ip_protocol": "IPV4_IPV6",
        "disabled": False,
        **more,
    }


def to_time(**more):
    found = rule("to-ntp", [APPLIANCE], [TIME], 123)
    found["service_entries"][0]["l4_protocol"] = "UDP"
    return {**found, **more}


def acl(*entries):
    """Entries as (number, egress, allow, cidr, ports)."""
    keys = ("number", "egress", "allow", "cidr", "ports")
    return {"id": "acl-1", "entries": [dict(zip(keys, entry)) for entry in entries]}


def open_acl():
    return acl(*((100, egress, True, "0.0.0.0/0", (0, 65535)) for egress in (False, True)))


def table(target="eni-1", destination="10.30.0.0/16", state="active"):
    local = {"destination": "172.31.0.0/16", "target": "local", "state": "active"}
    return {"id": "rtb-1", "routes": [local, {"destination": destination, "target": target, "state": state}]}


WORLD = {
    "platform": "vmc",
    "sources": [APPLIANCE],
    "asked": "for backup-gateway in vpc-1",
    "endpoint": {
        "vpc_endpoint_id": "vpce-1",
        "vpc_id": "vpc-1",
        "state": "available",
        "subnet_ids": ["subnet-1"],
        "security_group_ids": ["sg-1"],
        "dns_name": NAME,
        "network_interfaces": [{"private_ip_address": ENDPOINT}],
        "availability_zone_ids": ["euw1-az1"],
    },
    "sddc": {
        "vcenter_hostname": "vcenter.example",
        "vcenter_management_ip": "10.20.0.4",
        "vcenter_public_ip": "192.0.2.10",
        "dns_with_management_vm_private_ip": True,
        "availability_zone_ids": ["euw1-az1"],
        "connected_vpc": {"vpc_id": "vpc-1", "state": "ACTIVE"},
    },
    "link": {"vpc_id": "vpc-1", "availability_zone_ids": ["euw1-az1"]},
    "active_eni": "eni-1",
    "interface": {"id": "eni-1", "subnet_id": "subnet-1", "security_group_ids": ["sg-default"]},
    "attachments": [],
    "public_address": "192.0.2.110",
    "rules": {
        "mgw": [
            rule("to-vcenter", ["/mgw/appliances"], [VCENTER], 443, scope=["/infra/labels/mgw"]),
            rule("to-esxi", ["/mgw/appliances"], [ESXI], 443, 902, scope=["/infra/labels/mgw"]),
            rule("deny", ["ANY"], ["ANY"], action="DROP", scope=["/infra/labels/mgw"]),
        ],
        "cgw": [rule("to-endpoint", [APPLIANCE], [ENDPOINT], 443, "1026-1028", 1031), to_time()],
    },
    "distributed": [rule("default", ["ANY"], ["ANY"], category="Application", applied_to=["ANY"])],
    "groups": {"/mgw/appliances": [APPLIANCE], VCENTER: ["10.20.0.4"], ESXI: ["10.20.16.0/28"]},
    "services": {},
    "segments": [{"id": "backup", "path": "/backup", "network": "10.30.5.0/24", "connected": True, "dns_servers": []}],
    "forwarder": {"enabled": True, "zones": [{"id": "cgw-dns-zone", "domains": [], "servers": ["8.8.8.8"]}]},
    "esxi_names": ["esx-0.example"],
    "answers": {
        NAME: {"addresses": [ENDPOINT], "text": ""},
        "esx-0.example": {"addresses": ["10.20.16.4"], "text": ""},
    },
    "here": {"vcenter.example": ["10.20.0.4"]},
    "vpc": {
        "cidr_block": "172.31.0.0/16",
        "route_tables": {"subnet-1": table()},
        "network_acls": {"subnet-1": open_acl()},
    },
    "security_groups": {
        "sg-1": {"ingress": [{"ports": (p, p), "cidrs": [f"{APPLIANCE}/32"]} for p in PORTS], "egress": []},
        "sg-default": {"ingress": [], "egress": [EVERYTHING]},
    },
    "ntp_servers": [TIME],
    "learned_routes": [],
    "appliances": [{"name": "gw-1", "guest_ip_address": APPLIANCE, "sync_time_with_host": True}],
}


def world(**changes) -> dict:
    """The facts with some of them replaced: keys joined by two underscores lead down."""
    facts = copy.deepcopy(WORLD)
    for path, value in changes.items():
        *way, last = path.split("__")
        place = facts
        for key in way:
            place = place[key]
        place[last] = value
    return facts
