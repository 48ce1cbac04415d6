# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an NSX of a VMC SDDC holds from its first day, and what the `prepared` seed adds to it."""

from __future__ import annotations

from . import laws
from .kinds import (
    DISTRIBUTED_RULE,
    FIXED_SEGMENT,
    FORWARDER,
    GROUP,
    LABEL,
    POLICY,
    PROFILE,
    RULE,
    SECURITY_POLICY,
    SERVICE,
    VPC_GROUP,
    ZONE,
)

TCP_SERVICES = {
    "HTTPS": ["443"],
    "HTTP": ["80"],
    "SSH": ["22"],
    "SSO": ["7444"],
    "VMware_Remote_Console": ["902"],
    "VMware_VMotion": ["8000"],
    "DNS": ["53"],
    "HCX-ApplianceManagement": ["9443"],
}
UDP_SERVICES = {"DNS-UDP": ["53"], "NTP": ["123"]}
ICMP_SERVICES = {"ICMP-ALL": {}, "ICMP_Echo_Request": {"icmp_type": 8}}
SERVICE_NAMES = {"VMware_Remote_Console": "Provisioning & Remote Console", "ICMP-ALL": "ICMP ALL", "SSO": "SSO"}
LABELS = ("mgw", "cgw-all", "cgw-public", "cgw-direct-connect", "cgw-vpn", "cgw-cross-vpc")
LAST = 2147483647
CONTROL_NODE = "127.0.0.1/32"


def first_day(nsx):
    """Everything the service itself made."""
    for name in LABELS:
        nsx.make(LABEL, f"/infra/labels/{name}", {})
    _services(nsx)
    _profiles(nsx)
    _groups(nsx)
    for domain, category in (("mgw", "LocalGatewayRules"), ("cgw", "LocalGatewayRules")):
        policy = f"/infra/domains/{domain}/gateway-policies/default"
        nsx.make(POLICY, policy, {"display_name": "default", "category": category}, is_default=True)
    # Whether this rule is listed, and under which id, is UNCONFIRMED.
    _rule(nsx, "mgw", "default-deny-all", "Default Deny All", ["ANY"], ["ANY"], ["ANY"], LAST, action="DROP")
    vti = {"action": "DROP", "scope": ["/infra/labels/cgw-vpn"]}
    _rule(nsx, "cgw", "default-vti-rule", "Default VTI Rule", ["ANY"], ["ANY"], ["ANY"], LAST - 1, **vti)
    uplink = {"action": "DROP", "scope": ["/infra/labels/cgw-all"]}
    _rule(nsx, "cgw", "default-uplink-rule", "Default Uplink Rule", ["ANY"], ["ANY"], ["ANY"], LAST, **uplink)
    section = "/infra/domains/cgw/security-policies/default-layer3-section"
    nsx.make(SECURITY_POLICY, section, {"display_name": "Default Layer3 Section"}, is_default=True)
    nsx.make(DISTRIBUTED_RULE, f"{section}/rules/default-layer3-rule", {"sequence_number": LAST}, is_default=True)
    _dns(nsx)


def outbound(nsx):
    """What the management gateway of an older SDDC lets out from its first day."""
    _rule(nsx, "mgw", "vcenter-outbound", "vCenter Outbound Rule", [nsx.mgw("VCENTER")], ["ANY"], ["ANY"], 10)
    _rule(nsx, "mgw", "esxi-outbound", "ESXi Outbound Rule", [nsx.mgw("ESXI")], ["ANY"], ["ANY"], 20)


def prepared(nsx):
    """A segment for the appliance, and the control node let in to vCenter and ESXi."""
    network = nsx.compute_network
    subnet = {"gateway_address": f"{network}.1/24", "dhcp_ranges": [f"{network}.100-{network}.199"]}
    nsx.make(FIXED_SEGMENT, "/infra/tier-1s/cgw/segments/backup", {"display_name": "backup", "subnets": [subnet]})
    members = [{"resource_type": "IPAddressExpression", "ip_addresses": [CONTROL_NODE]}]
    nsx.make(GROUP, nsx.mgw("control-node"), {"display_name": "control-node", "expression": members})
    for name, target, number in (("vcenter", "VCENTER", 30), ("esxi", "ESXI", 40)):
        sides = [nsx.mgw("control-node")], [nsx.mgw(target)]
        _rule(
            nsx, "mgw", f"control-node-to-{name}", f"control-node-to-{name}", *sides, ["/infra/services/HTTPS"], number
        )


def _rule(nsx, domain, name, display_name, sources, destinations, services, number, **more):
    body = {
        "display_name": display_name,
        "source_groups": sources,
        "destination_groups": destinations,
        "services": services,
        "sequence_number": number,
        **more,
    }
    path = f"/infra/domains/{domain}/gateway-policies/default/rules/{name}"
    nsx.make(RULE, path, body, is_default=number >= LAST - 1)


def _services(nsx):
    entries = {}
    for protocol, table in (("TCP", TCP_SERVICES), ("UDP", UDP_SERVICES)):
        for name, ports in table.items():
            entries[name] = {
                "resource_type": "L4PortSetServiceEntry",
                "l4_protocol": protocol,
                "source_ports": [],
                "destination_ports": ports,
            }
    for name, kind in ICMP_SERVICES.items():
        entries[name] = {"resource_type": "ICMPTypeServiceEntry", "protocol": "ICMPv4", **kind}
    for name, entry in entries.items():
        body = {
            "display_name": SERVICE_NAMES.get(name, name),
            "service_entries": [{"id": name, "display_name": name, **entry}],
        }
        nsx.make(SERVICE, f"/infra/services/{name}", body, is_default=True)


def _profiles(nsx):
    for name in ("SSL", "HTTP", "DNS"):
        attribute = {"key": "APP_ID", "value": [name], "datatype": "STRING"}
        nsx.make(
            PROFILE,
            f"/infra/context-profiles/{name}",
            {"display_name": name, "attributes": [attribute]},
            is_default=True,
        )


def _groups(nsx):
    sddc = nsx.sddc
    addresses = {
        "VCENTER": ("vCenter", sddc.vcenter_private_address),
        "ESXI": ("ESXi", sddc.esxi_private_address),
        "NSX-MANAGER": ("NSX Manager", f"{sddc.management_prefix}.3"),
        "HCX": ("HCX", f"{sddc.management_prefix}.9"),
    }
    for name, (display_name, address) in addresses.items():
        members = [{"resource_type": "IPAddressExpression", "ip_addresses": [address]}]
        body = {"display_name": display_name, "expression": members, "tags": [laws.SYSTEM_TAG]}
        nsx.make(GROUP, nsx.mgw(name), body)
    cidr = sddc.connected_vpc.get("cidr_block")
    members = [{"resource_type": "IPAddressExpression", "ip_addresses": [cidr]}] if cidr else []
    body = {"display_name": "Connected VPC Prefixes", "expression": members, "tags": [laws.SYSTEM_TAG]}
    nsx.make(VPC_GROUP, "/infra/tier-0s/vmc/groups/connected_vpc", body)
    for name in ("s3_prefixes", "directConnect_prefixes"):
        nsx.make(VPC_GROUP, f"/infra/tier-0s/vmc/groups/{name}", {"tags": [laws.SYSTEM_TAG]})


def _dns(nsx):
    for domain, listener in (("mgw", f"{nsx.sddc.management_prefix}.2"), ("cgw", f"{nsx.compute_network}.2")):
        zone = f"/infra/dns-forwarder-zones/{domain}-dns-zone"
        nsx.make(ZONE, zone, {"upstream_servers": ["8.8.8.8", "8.8.4.4"]})
        body = {"listener_ip": listener, "default_forwarder_zone_path": zone}
        nsx.make(FORWARDER, f"/infra/tier-1s/{domain}/dns-forwarder", body)
