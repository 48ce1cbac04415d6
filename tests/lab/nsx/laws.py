# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What VMC and NSX refuse although it parses: the management gateway's laws, and what ties objects to each other."""

from __future__ import annotations

import ipaddress
import re

from . import addresses, refusals
from .kinds import (
    DISTRIBUTED_RULE,
    FIXED_BINDING,
    FIXED_SEGMENT,
    FLEXIBLE_BINDING,
    FLEXIBLE_SEGMENT,
    FORWARDER,
    GROUP,
    NAT_RULE,
    RULE,
    ZONE,
)

SYSTEM_TAG = {"scope": "", "tag": "SYSTEM_DEFINED_GROUP"}
MANAGED_SERVICES = {
    "ESXI": {"HTTPS", "ICMP-ALL", "VMware_Remote_Console", "VMware_VMotion"},
    "VCENTER": {"HTTPS", "ICMP-ALL", "SSO"},
    "NSX-MANAGER": {"HTTPS", "ICMP-ALL"},
    "HCX": {"HTTPS", "HCX-ApplianceManagement", "SSH", "ICMP_Echo_Request"},
}


def check(nsx, kind, draft):
    """Refuse a draft that breaks a law of its kind."""
    for law in LAWS.get(kind, ()):
        law(nsx, draft)


def is_system_group(nsx, entry) -> bool:
    return SYSTEM_TAG in nsx.objects.get(entry, {}).get("tags", ())


def check_references(nsx, rule):
    for side in ("source_groups", "destination_groups"):
        entries = rule[side]
        _any_stands_alone(side, entries)
        for entry in entries:
            if entry.startswith("/") and entry not in nsx.objects:
                raise refusals.dangling(entry)
            if not entry.startswith("/") and entry.upper() != "ANY" and not addresses.valid(entry):
                raise refusals.invalid(f"{side} has {entry}, which is no path, address or ANY")
    if rule["services"] or not rule.get("service_entries"):
        _any_stands_alone("services", rule["services"])
    for entry in rule.get("service_entries", ()):
        _check_entry(entry)
    for entry in rule["services"]:
        if entry.upper() != "ANY" and entry not in nsx.objects:
            raise refusals.dangling(entry)
    _any_stands_alone("profiles", rule["profiles"])
    for entry in rule["profiles"]:
        if entry.upper() != "ANY" and entry not in nsx.objects:
            raise refusals.dangling(entry)
    for entry in rule.get("scope", ()):
        if entry.startswith("/infra/labels/") and entry not in nsx.objects:
            raise refusals.dangling(entry)


def _check_entry(entry):
    if not isinstance(entry, dict) or "resource_type" not in entry:
        raise refusals.malformed("a service entry has a resource_type.")
    if entry["resource_type"] == "L4PortSetServiceEntry":
        ports = entry.get("destination_ports") or []
        if entry.get("l4_protocol") not in ("TCP", "UDP"):
            raise refusals.malformed("l4_protocol is TCP or UDP.")
        if len(ports) > 15 or not all(isinstance(port, str) and re.fullmatch(r"\d+(-\d+)?", port) for port in ports):
            raise refusals.invalid("destination_ports are at most 15 ports or ranges")


def _any_stands_alone(key, entries):
    if not entries:
        raise refusals.invalid(f"{key} must not be empty")
    if len(entries) > 1 and any(entry.upper() == "ANY" for entry in entries):
        raise refusals.invalid(f"ANY must be the only entry of {key}")


def check_gateway(nsx, rule):
    if rule["path"].startswith("/infra/domains/mgw/"):
        for law in MANAGEMENT_GATEWAY:
            law(nsx, rule, rule["source_groups"], rule["destination_groups"])


def only_allows(nsx, rule, sources, destinations):
    if rule["action"] != "ALLOW":
        raise refusals.lawless("The management gateway supports the action ALLOW only.")


def has_only_its_own_groups(nsx, rule, sources, destinations):
    for entry in sources + destinations:
        if entry.startswith("/") and not entry.startswith("/infra/domains/mgw/groups/"):
            raise refusals.lawless(f"{entry} is not a group of the management gateway.")


def has_its_own_scope(nsx, rule, sources, destinations):
    if set(rule["scope"]) - {"/infra/labels/mgw", "/infra/tier-1s/mgw"}:
        raise refusals.lawless("A rule of the management gateway has the scope /infra/labels/mgw.")


def touches_a_system_group(nsx, rule, sources, destinations):
    if not any(is_system_group(nsx, entry) for entry in sources + destinations):
        raise refusals.lawless("Source or destination of a management gateway rule must be a system-defined group.")


def has_managed_services_only(nsx, rule, sources, destinations):
    if any(is_system_group(nsx, entry) for entry in sources):
        if [entry.upper() for entry in rule["services"]] != ["ANY"]:
            raise refusals.lawless("Services must be ANY when the source is a system-defined group.")
        return
    names = [entry.rpartition("/")[2] for entry in destinations if is_system_group(nsx, entry)]
    allowed = set.intersection(*(MANAGED_SERVICES[name] for name in names))
    for entry in rule["services"]:
        if entry.rpartition("/")[2] not in allowed:
            raise refusals.lawless(f"Service {entry} is not supported for the destination {', '.join(names)}.")


def has_no_inline_services(nsx, rule, sources, destinations):
    if rule.get("service_entries") and nsx.world.switches["mgw_service_entries_refused"]:
        raise refusals.lawless("A rule of the management gateway takes its services from the managed list only.")


def excludes_nothing(nsx, rule, sources, destinations):
    if (rule["sources_excluded"] or rule["destinations_excluded"]) and nsx.world.switches["mgw_excluded_refused"]:
        raise refusals.lawless("A rule of the management gateway cannot exclude its sources or destinations.")


def exposes_nothing(nsx, rule, sources, destinations):
    """Since SDDC 1.22 a rule from everywhere to vCenter cannot be published; to ESXi and NSX Manager is UNCONFIRMED."""
    guarded = {"VCENTER"} if nsx.version >= (1, 22) else set()
    if guarded and nsx.world.switches["any_to_esxi_refused"]:
        guarded |= {"ESXI", "NSX-MANAGER"}
    exposed = sorted(guarded & {entry.rpartition("/")[2] for entry in destinations if is_system_group(nsx, entry)})
    from_everywhere = any(addresses.is_everything(each) for entry in sources for each in nsx.group_addresses(entry))
    if exposed and from_everywhere:
        raise refusals.lawless(f"A rule from ANY or 0.0.0.0/0 to {', '.join(exposed)} cannot be published.")


MANAGEMENT_GATEWAY = (
    only_allows,
    has_only_its_own_groups,
    has_its_own_scope,
    touches_a_system_group,
    has_no_inline_services,
    has_managed_services_only,
    excludes_nothing,
    exposes_nothing,
)


def check_group(nsx, group):
    expression = group["expression"]
    for place, part in enumerate(expression):
        if not isinstance(part, dict) or "resource_type" not in part:
            raise refusals.malformed("an expression has a resource_type.")
        joint = part["resource_type"] == "ConjunctionOperator"
        if joint != bool(place % 2):
            raise refusals.invalid("conditions and conjunction operators must alternate")
        if part["resource_type"] == "IPAddressExpression":
            _check_addresses(part)
        elif not joint and group["path"].startswith("/infra/domains/mgw/"):
            raise refusals.lawless("A group of the management gateway has IP addresses as members only.")
    if expression and len(expression) % 2 == 0:
        raise refusals.invalid("an expression must not end with a conjunction operator")


def _check_addresses(part):
    entries = part.get("ip_addresses")
    if not isinstance(entries, list) or not entries:
        raise refusals.invalid("ip_addresses must not be empty")
    for entry in entries:
        if not addresses.valid(entry):
            raise refusals.invalid(f"{entry} is not an address, a range or a network")
    if len({addresses.bounds(entry)[0].version for entry in entries}) > 1:
        raise refusals.invalid("IPv4 and IPv6 addresses must not be mixed in one expression")


def check_segment(nsx, segment):
    if len(segment["subnets"]) > 1:
        raise refusals.lawless("A segment has one subnet.")
    for subnet in segment["subnets"]:
        network = network_of(subnet)
        _check_room(nsx, segment, str(network))
        _check_ranges(nsx, segment, subnet, network)
    had = nsx.objects.get(segment["path"], {}).get("subnets", ())
    kept = [each for subnet in segment["subnets"] for each in subnet.get("dhcp_ranges", ())]
    # The console adds DHCP ranges, but neither changes nor removes them; the code is UNCONFIRMED.
    if any(each not in kept for subnet in had for each in subnet.get("dhcp_ranges", ())):
        raise refusals.lawless("The DHCP ranges of a segment can be added to, but neither changed nor removed.")


def _check_room(nsx, segment, network):
    taken = [(f"that of {other['path']}", each) for other in nsx.segments() for each in other["subnets"]]
    taken = [(place, str(network_of(each))) for place, each in taken if place != f"that of {segment['path']}"]
    taken.append(("the management network", nsx.sddc.management_prefix + ".0/24"))
    if nsx.sddc.connected_vpc:
        taken.append(("the connected VPC", nsx.sddc.connected_vpc["cidr_block"]))
    for place, other in taken:
        if addresses.overlap(network, other):
            raise refusals.Refusal(400, 500105, f"Subnet {network} overlaps with {place}.")


def _check_ranges(nsx, segment, subnet, network):
    gateway = str(ipaddress.ip_interface(subnet["gateway_address"]).ip)
    bound = [each["ip_address"] for each in nsx.bindings(segment["path"])]
    for entry in subnet.get("dhcp_ranges", ()):
        if not addresses.valid(entry) or not all(end in network for end in addresses.bounds(entry)):
            raise refusals.invalid(f"the DHCP range {entry} does not lie in {network}")
        for address in [gateway, *bound]:
            if addresses.contains(entry, address):
                raise refusals.invalid(f"the DHCP range {entry} holds {address}, which is taken")
    if len((subnet.get("dhcp_config") or {}).get("dns_servers", ())) > 2:
        raise refusals.invalid("dns_servers are at most 2")


def network_of(subnet):
    try:
        return ipaddress.ip_interface(subnet["gateway_address"]).network
    except (KeyError, TypeError, ValueError):
        raise refusals.invalid("gateway_address must be an address with a prefix length") from None


def check_binding(nsx, binding):
    segment = nsx.objects.get(binding["path"].partition("/dhcp-static-binding-configs/")[0])
    if segment is None:
        raise refusals.invalid_path(binding["path"])
    if (segment.get("dhcp_config_path") or "").startswith("/infra/dhcp-relay-configs/"):
        raise refusals.lawless("A DHCP relay has no static bindings.")
    if not re.fullmatch(r"([0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}", binding.get("mac_address") or ""):
        raise refusals.invalid("mac_address must be six bytes with colons")
    address = binding.get("ip_address") or ""
    subnet = segment["subnets"][0] if segment["subnets"] else {}
    if not addresses.valid(address) or ipaddress.ip_address(address) not in network_of(subnet):
        raise refusals.invalid("ip_address must lie in the segment's subnet")
    for entry in subnet.get("dhcp_ranges", ()):
        if addresses.contains(entry, address):
            raise refusals.invalid(f"ip_address lies in the DHCP range {entry}")
    for other in nsx.bindings(segment["path"]):
        if other["path"] == binding["path"]:
            continue
        if other["ip_address"] == address or other["mac_address"].lower() == binding["mac_address"].lower():
            raise refusals.invalid(f"address or MAC address is taken by {other['path']}")


NAT_FIELDS = {
    "REFLEXIVE": ({"source_network", "translated_network"}, {"destination_network", "service", "translated_ports"}),
    "DNAT": ({"destination_network", "translated_network"}, set()),
    "SNAT": ({"translated_network"}, {"translated_ports"}),
    "NO_SNAT": ({"source_network"}, {"translated_network", "translated_ports"}),
    "NO_DNAT": ({"destination_network"}, {"translated_network", "translated_ports"}),
    "NAT64": (set(), set()),
}


def check_nat(nsx, rule):
    """As the descriptions of PolicyNatRule's fields say."""
    needed, excluded = NAT_FIELDS.get(rule.get("action"), (set(), set()))
    if "action" not in rule:
        raise refusals.invalid("action is missing")
    for key in sorted(needed):
        if not rule.get(key):
            raise refusals.invalid(f"{key} is needed for {rule['action']}")
    for key in sorted(excluded):
        if rule.get(key):
            raise refusals.invalid(f"{key} is not supported for {rule['action']}")
    for key in ("source_network", "destination_network", "translated_network"):
        if rule.get(key) and not all(map(addresses.valid, rule[key].split(","))):
            raise refusals.invalid(f"{key} must be an address or a network")
    for entry in [*rule.get("scope", ()), *([rule["service"]] if rule.get("service") else [])]:
        if entry not in nsx.objects:
            raise refusals.dangling(entry)


def check_zone(nsx, zone):
    servers, domains = zone.get("upstream_servers") or [], zone.get("dns_domain_names") or []
    if not 1 <= len(servers) <= 3:
        raise refusals.invalid("upstream_servers has 1 to 3 entries")
    if not all(isinstance(each, str) and addresses.valid(each) and not set("/-") & set(each) for each in servers):
        raise refusals.invalid("upstream_servers are addresses")
    if len(domains) > 100:
        raise refusals.invalid("dns_domain_names has at most 100 entries")
    for forwarder in nsx.forwarders():
        if domains and forwarder["default_forwarder_zone_path"] == zone["path"]:
            raise refusals.invalid("dns_domain_names must not be set in a default zone")
        if not domains and zone["path"] in forwarder.get("conditional_forwarder_zone_paths", ()):
            raise refusals.invalid("dns_domain_names must be set in a conditional zone")


def check_forwarder(nsx, forwarder):
    conditional = forwarder.get("conditional_forwarder_zone_paths") or []
    if len(conditional) > 5:
        raise refusals.invalid("conditional_forwarder_zone_paths has at most 5 entries")
    for path in [forwarder.get("default_forwarder_zone_path"), *conditional]:
        if path not in nsx.objects:
            raise refusals.dangling(path)
    for path in conditional:
        if not nsx.objects[path].get("dns_domain_names"):
            raise refusals.invalid(f"{path} has no dns_domain_names")


LAWS = {
    RULE: (check_references, check_gateway),
    DISTRIBUTED_RULE: (check_references,),
    GROUP: (check_group,),
    FIXED_SEGMENT: (check_segment,),
    FLEXIBLE_SEGMENT: (check_segment,),
    NAT_RULE: (check_nat,),
    FIXED_BINDING: (check_binding,),
    FLEXIBLE_BINDING: (check_binding,),
    ZONE: (check_zone,),
    FORWARDER: (check_forwarder,),
}
