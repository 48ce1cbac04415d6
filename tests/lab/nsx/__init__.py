# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The NSX of one SDDC: its objects, and what the rest of the lab asks of them."""

from __future__ import annotations

import threading

from . import addresses, seeds
from .app import routes
from .cloud_service import CloudService
from .laws import network_of
from .policy import Policy
from .store import Store

BINDINGS = "dhcp-static-binding-configs"
SECURITY_POLICIES = "/infra/domains/cgw/security-policies"
CATEGORIES = ("Ethernet", "Emergency", "Infrastructure", "Environment", "Application")


class Nsx:
    """State, and questions about it. The protocol is in app, policy and cloud_service; `app` serves all of it."""

    def __init__(self, world, sddc):
        self.world, self.sddc = world, sddc
        self.lock = threading.RLock()  # of the API's calls; what other parts ask takes none
        self.when_allotted = lambda: None  # public addresses have come or gone
        self.app = routes(self)
        self.reset("empty")

    def reset(self, seed: str):
        self.world.vmc.reset_sddc(self.sddc, private_dns=seed != "empty")
        self.store = Store(self.world)
        self.policy = Policy(self)
        self.cloud_service = CloudService(self)
        self.when_allotted()
        self.leases: dict[tuple, str] = {}
        self.resolvers: dict[str, str] = {}  # DNS server -> what is wrong with it
        self.unannounced: list[tuple[str, bool]] = []  # name of a segment, and whether it is new or gone
        seeds.first_day(self)
        if seed != "empty":
            seeds.prepared(self)
        self.unannounced.clear()  # a vCenter that starts looks for itself

    @property
    def objects(self) -> dict[str, dict]:
        return self.store.objects

    @property
    def version(self) -> tuple:
        return tuple(map(int, self.sddc.vmc["resource_config"]["sddc_manifest"]["vmc_version"].split(".")))

    @property
    def compute_network(self) -> str:
        """The first three octets of the segment that the `prepared` seed has."""
        first, second, third = self.sddc.prefix.split(".")
        return f"{first}.{second}.{int(third) + 5}"

    def mgw(self, group: str) -> str:
        return f"/infra/domains/mgw/groups/{group}"

    def make(self, kind, path, body, *, is_default=False):
        """An object that the service, or somebody before us, has made."""
        self.policy.fill(kind, path, body)
        draft = self.store.draft("PUT", kind, path, body, "admin")
        if is_default:
            draft["is_default"] = True
        self.policy.save(kind, draft)

    def announce_segments(self):
        """Segments become networks of the vCenter, for as long as they are there."""
        while self.unannounced:
            name, there = self.unannounced.pop(0)
            if self.sddc.vcenter is not None:
                (self.sddc.vcenter.on_segment if there else self.sddc.vcenter.on_segment_gone)(name)

    # Firewall

    def rules(self, domain: str) -> list[dict]:
        """The rules of a gateway in the order in which they are looked at."""
        found = self.store.children(f"/infra/domains/{domain}/gateway-policies/default/rules")
        return sorted(found, key=lambda rule: (rule["sequence_number"], rule["path"]))

    def distributed_rules(self) -> list[dict]:
        """The rules of the distributed firewall in their order, each with its category and with the members it is applied to."""
        policies = self.store.children(SECURITY_POLICIES)
        policies.sort(key=lambda each: (CATEGORIES.index(each["category"]), each["sequence_number"]))
        found = []
        for policy in policies:
            rules = sorted(self.store.children(f"{policy['path']}/rules"), key=lambda rule: rule["sequence_number"])
            for rule in rules:
                members = policy["scope"] if rule["scope"] == ["ANY"] else rule["scope"]
                found.append({**rule, "category": policy["category"], "applied_to": members})
        return found

    def group_addresses(self, entry: str) -> list[str]:
        """The addresses behind an entry of a rule: a group's path, an address or network, or ANY."""
        if not entry.startswith("/"):
            return ["0.0.0.0/0"] if entry.upper() == "ANY" else [entry]
        found = []
        for part in self.objects.get(entry, {}).get("expression", ()):
            found += part.get("ip_addresses", ())
            for path in part.get("paths", ()):
                found += [str(network_of(subnet)) for subnet in self.objects.get(path, {}).get("subnets", ())]
        return found

    def service_entries(self, rule: dict) -> list[dict] | None:
        """What a rule lets through; None means everything."""
        inline = rule.get("service_entries") or []
        if [entry.upper() for entry in rule["services"]] in ([], ["ANY"]):
            # The console stores inline entries beside ANY, and means the entries.
            return inline or None
        services = [self.objects.get(path, {}) for path in rule["services"]]
        return inline + [entry for service in services for entry in service.get("service_entries", ())]

    def nat_rules(self) -> list[dict]:
        """The NAT rules of the compute gateway in the order in which they are looked at."""
        found = self.store.children("/infra/tier-1s/cgw/nat/USER/nat-rules")
        return sorted(found, key=lambda rule: (rule["sequence_number"], rule["path"]))

    # Segments

    def segments(self) -> list[dict]:
        fixed = self.store.children("/infra/tier-1s/cgw/segments")
        return fixed + self.store.children("/infra/segments")

    def segment(self, name: str) -> dict | None:
        return next((each for each in self.segments() if each["id"] == name), None)

    def segment_of(self, network_name: str) -> str | None:
        """The id of the segment that vCenter shows under this name."""
        return next((each["id"] for each in self.segments() if each["display_name"] == network_name), None)

    def ports(self, segment: dict) -> list[str]:
        """The names of the ports that machines have on a segment."""
        vcenter = self.sddc.vcenter
        machines = vcenter.appliances() if vcenter is not None else ()
        return [f"{each.name}.vmx" for each in machines if each.network == segment["display_name"]]

    def bindings(self, segment_path: str) -> list[dict]:
        return self.store.children(f"{segment_path}/{BINDINGS}")

    def address_for(self, segment_id: str, mac: str) -> str | None:
        """The address DHCP gives out: the MAC's static binding, else its lease."""
        segment, mac = self.segment(segment_id), mac.lower()
        if segment is None or "/dhcp-relay-configs/" in segment.get("dhcp_config_path", ""):
            return None
        bound = {each["mac_address"].lower(): each["ip_address"] for each in self.bindings(segment["path"])}
        if mac in bound:
            return bound[mac]
        if (segment_id, mac) not in self.leases:
            taken = {*bound.values(), *self.leases.values()}
            ranges = [each for subnet in segment["subnets"] for each in subnet.get("dhcp_ranges", ())]
            free = (each for entry in ranges for each in addresses.in_range(entry) if each not in taken)
            address = next(free, None)
            if address is None:
                return None
            self.leases[segment_id, mac] = address
        return self.leases[segment_id, mac]

    # Names

    def forwarders(self) -> list[dict]:
        paths = [f"/infra/tier-1s/{gateway}/dns-forwarder" for gateway in ("cgw", "mgw")]
        return [self.objects[path] for path in paths if path in self.objects]

    def dns_servers(self, segment_id: str, name: str = "") -> list[str]:
        """Whom a workload asks for a name: its segment's servers, else those behind the compute gateway's forwarder."""
        for subnet in (self.segment(segment_id) or {}).get("subnets", ()):
            servers = subnet.get("dhcp_config", {}).get("dns_servers")
            if servers:
                return servers
        forwarder = self.objects.get("/infra/tier-1s/cgw/dns-forwarder", {})
        if not forwarder.get("enabled"):
            return []
        return self.objects.get(self._zone_for(forwarder, name), {}).get("upstream_servers", [])

    def _zone_for(self, forwarder, name) -> str:
        """The path of the conditional zone with the longest domain that a name lies in, else of the default one."""
        fitting = [
            (len(domain), path)
            for path in forwarder.get("conditional_forwarder_zone_paths", ())
            for domain in self.objects[path]["dns_domain_names"]
            if f".{name}".endswith(f".{domain}")
        ]
        return max(fitting)[1] if fitting else forwarder["default_forwarder_zone_path"]
