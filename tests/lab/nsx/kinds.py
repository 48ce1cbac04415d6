# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The kinds of policy objects the lab knows: their paths, fields and enums, as in NSX's published bindings."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from . import refusals

WRITABLE = {"id": str, "display_name": str, "description": str, "resource_type": str, "tags": list, "_revision": int}
SERVER_OWNED = {
    "path": str,
    "relative_path": str,
    "parent_path": str,
    "remote_path": str,
    "unique_id": str,
    "realization_id": str,
    "owner_id": str,
    "marked_for_delete": bool,
    "overridden": bool,
    "_create_user": str,
    "_create_time": int,
    "_last_modified_user": str,
    "_last_modified_time": int,
    "_system_owned": bool,
    "_protection": str,
}
LENGTHS = {"display_name": 255, "description": 1024, "notes": 2048}


@dataclass(frozen=True, eq=False)
class Kind:
    """One kind of object. Names in a path that stay in the journal's operation are in KEPT; others are shown as they are here."""

    resource_type: str
    path: str
    fields: dict
    defaults: dict = field(default_factory=dict)
    enums: dict = field(default_factory=dict)
    methods: tuple = ("GET", "PUT", "PATCH", "DELETE")
    read_only: tuple = ()
    listed: bool = True

    def check(self, body):
        """Refuse what the service could not even parse."""
        if not isinstance(body, dict):
            raise refusals.malformed("a JSON object is expected.")
        known = {**WRITABLE, **SERVER_OWNED, **self.fields}
        for key, value in body.items():
            if key not in known:
                raise refusals.malformed(f"property {key} is unrecognized.")
            wrong = not isinstance(value, known[key]) or (known[key] is int and isinstance(value, bool))
            if value is not None and wrong:
                raise refusals.malformed(f"property {key} is not of type {known[key].__name__}.")
            if value is not None and key in self.enums and value not in self.enums[key]:
                raise refusals.malformed(f"{value} is not a value of {key}.")
            if key in LENGTHS and value is not None and len(value) > LENGTHS[key]:
                raise refusals.invalid(f"{key} is longer than {LENGTHS[key]} characters")
        if body.get("resource_type") not in (None, self.resource_type):
            raise refusals.malformed(f"resource_type {body['resource_type']} does not fit {self.resource_type}.")
        for tag in body.get("tags") or []:
            if not isinstance(tag, dict) or set(tag) - {"scope", "tag"}:
                raise refusals.malformed("a tag has a scope and a tag.")


RULE = Kind(
    "Rule",
    "/infra/domains/{domain}/gateway-policies/{policy}/rules/{id}",
    fields={
        "action": str,
        "rule_id": int,
        "sequence_number": int,
        "sources_excluded": bool,
        "destinations_excluded": bool,
        "source_groups": list,
        "destination_groups": list,
        "services": list,
        "service_entries": list,
        "profiles": list,
        "logged": bool,
        "scope": list,
        "disabled": bool,
        "notes": str,
        "direction": str,
        "tag": str,
        "ip_protocol": str,
        "is_default": bool,
    },
    defaults={
        "action": "ALLOW",
        "sequence_number": 0,
        "sources_excluded": False,
        "destinations_excluded": False,
        "source_groups": ["ANY"],
        "destination_groups": ["ANY"],
        "services": ["ANY"],
        "profiles": ["ANY"],
        "logged": False,
        "disabled": False,
        "direction": "IN_OUT",
        "ip_protocol": "IPV4_IPV6",
        "is_default": False,
    },
    enums={
        "action": ("ALLOW", "DROP", "REJECT", "JUMP_TO_APPLICATION"),
        "direction": ("IN", "OUT", "IN_OUT"),
        "ip_protocol": ("IPV4", "IPV6", "IPV4_IPV6"),
    },
    read_only=("rule_id", "is_default"),
)
POLICY = Kind(
    "GatewayPolicy",
    "/infra/domains/{domain}/gateway-policies/{policy}",
    fields={
        "rules": list,
        "sequence_number": int,
        "internal_sequence_number": int,
        "category": str,
        "stateful": bool,
        "tcp_strict": bool,
        "locked": bool,
        "comments": str,
        "scope": list,
        "rule_count": int,
        "is_default": bool,
    },
    defaults={"sequence_number": 0, "stateful": True, "locked": False, "is_default": False},
    methods=("GET", "PUT", "PATCH"),
    read_only=("rules", "rule_count", "is_default"),
)
SECURITY_POLICY = Kind(
    "SecurityPolicy",
    "/infra/domains/{domain}/security-policies/{section}",
    {name: kind for name, kind in POLICY.fields.items() if name != "rules"},
    {"category": "Application", "scope": ["ANY"], **POLICY.defaults},
    read_only=("rule_count", "is_default"),
)
DISTRIBUTED_RULE = Kind(
    "Rule",
    "/infra/domains/{domain}/security-policies/{section}/rules/{id}",
    RULE.fields,
    {"scope": ["ANY"], **RULE.defaults},
    RULE.enums,
    read_only=RULE.read_only,
)
GROUP = Kind(
    "Group",
    "/infra/domains/{domain}/groups/{id}",
    fields={"expression": list, "extended_expression": list, "state": str, "reference": bool, "group_type": list},
    defaults={"expression": [], "extended_expression": [], "reference": False},
)
VPC_GROUP = Kind("Group", "/infra/tier-0s/{tier0}/groups/{id}", GROUP.fields, GROUP.defaults, methods=("GET",))
SERVICE = Kind(
    "Service",
    "/infra/services/{id}",
    fields={"service_entries": list, "service_type": str, "is_default": bool},
    defaults={"service_entries": [], "is_default": False},
    read_only=("is_default",),
)
PROFILE = Kind(
    "PolicyContextProfile",
    "/infra/context-profiles/{id}",
    fields={"attributes": list, "is_default": bool},
    methods=("GET",),
    read_only=("is_default",),
)
SEGMENT_FIELDS = {
    "type": str,
    "subnets": list,
    "domain_name": str,
    "overlay_id": int,
    "l2_extension": dict,
    "connectivity_path": str,
    "vlan_ids": list,
    "transport_zone_path": str,
    "advanced_config": dict,
    "dhcp_config_path": str,
    "admin_state": str,
    "replication_mode": str,
}
SEGMENT_ENUMS = {"type": ("ROUTED", "EXTENDED", "ROUTED_AND_EXTENDED", "DISCONNECTED"), "admin_state": ("UP", "DOWN")}
SEGMENT_DEFAULTS = {"type": "ROUTED", "subnets": [], "admin_state": "UP", "advanced_config": {"connectivity": "ON"}}
FIXED_SEGMENT, FLEXIBLE_SEGMENT = (
    Kind("Segment", path, SEGMENT_FIELDS, SEGMENT_DEFAULTS, SEGMENT_ENUMS)
    for path in ("/infra/tier-1s/{tier1}/segments/{segment}", "/infra/segments/{segment}")
)
BINDING_FIELDS = {
    "gateway_address": str,
    "host_name": str,
    "ip_address": str,
    "mac_address": str,
    "lease_time": int,
    "options": dict,
}
FIXED_BINDING, FLEXIBLE_BINDING = (
    Kind(
        "DhcpV4StaticBindingConfig",
        segment.path + "/dhcp-static-binding-configs/{id}",
        BINDING_FIELDS,
        {"lease_time": 86400},
    )
    for segment in (FIXED_SEGMENT, FLEXIBLE_SEGMENT)
)
ZONE = Kind(
    "PolicyDnsForwarderZone",
    "/infra/dns-forwarder-zones/{id}",
    fields={"dns_domain_names": list, "upstream_servers": list, "source_ip": str},
)
FORWARDER = Kind(
    "PolicyDnsForwarder",
    "/infra/tier-1s/{tier1}/dns-forwarder",
    fields={
        "listener_ip": str,
        "default_forwarder_zone_path": str,
        "conditional_forwarder_zone_paths": list,
        "log_level": str,
        "enabled": bool,
        "cache_size": int,
    },
    defaults={"log_level": "INFO", "enabled": True, "cache_size": 1024},
    enums={"log_level": ("DEBUG", "INFO", "WARNING", "ERROR", "FATAL")},
    listed=False,
)
NAT_RULE = Kind(
    "PolicyNatRule",
    "/infra/tier-1s/{tier1}/nat/{nat}/nat-rules/{id}",
    fields={
        "sequence_number": int,
        "action": str,
        "source_network": str,
        "destination_network": str,
        "service": str,
        "translated_network": str,
        "translated_ports": str,
        "scope": list,
        "enabled": bool,
        "logging": bool,
        "firewall_match": str,
    },
    defaults={"sequence_number": 0, "enabled": True, "logging": False, "firewall_match": "MATCH_INTERNAL_ADDRESS"},
    enums={
        "action": ("SNAT", "DNAT", "REFLEXIVE", "NO_SNAT", "NO_DNAT", "NAT64"),
        "firewall_match": ("MATCH_EXTERNAL_ADDRESS", "MATCH_INTERNAL_ADDRESS", "BYPASS"),
    },
)
LABEL = Kind("PolicyLabel", "/infra/labels/{id}", {"type": str, "refs": list}, {"refs": []}, methods=("GET",))

KINDS = (
    RULE,
    POLICY,
    DISTRIBUTED_RULE,
    SECURITY_POLICY,
    GROUP,
    VPC_GROUP,
    SERVICE,
    PROFILE,
    FIXED_SEGMENT,
    FLEXIBLE_SEGMENT,
    FIXED_BINDING,
    FLEXIBLE_BINDING,
    ZONE,
    FORWARDER,
    NAT_RULE,
    LABEL,
)

# Calls that are not plain reads and writes of one object, or of a list.
CALLS = (
    ("POST", "/infra/domains/{domain}/gateway-policies/{policy}/rules/{id}?action=revise"),
    ("PATCH", "/infra/domains/{domain}/groups/{id}/ip-address-expressions/{expression}"),
    ("DELETE", "/infra/domains/{domain}/groups/{id}/ip-address-expressions/{expression}"),
    ("POST", "/infra/domains/{domain}/groups/{id}/ip-address-expressions/{expression}"),
    ("GET", "/infra/domains/{domain}/groups/{id}/members/ip-addresses"),
    ("GET", "/infra/group-service-associations"),
    ("GET", "/infra/realized-state/status"),
    ("GET", "/infra/tier-1s/{tier1}/segments/{segment}/ports"),
    ("GET", "/infra/tier-1s/{tier1}/segments/{segment}/dhcp-static-bindings/{id}/state"),
    ("GET", "/infra/segments/{segment}/dhcp-static-bindings/{id}/state"),
    ("GET", "/search/query"),
    ("GET", "/infra/tier-1s/{tier1}/dns-forwarder/nslookup"),
)
KEPT = ("domain", "policy", "tier0", "tier1", "nat")


def pattern(template: str) -> re.Pattern:
    """A path template as a pattern with one named group for each of its parts."""
    return re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(template.partition("?")[0])) + r"\Z")


def operation(method: str, template: str, parts: dict) -> str:
    """What the journal calls a request: the template, with what says which gateway filled in."""
    return f"{method} " + re.sub(r"\{(\w+)\}", lambda m: parts[m[1]] if m[1] in KEPT else m[0], template)
