# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A zone of a gateway's DNS forwarder: the default one, or one for some domains."""

from __future__ import annotations

import re

from ..errors import Error, Invalid
from ..forms import checked_address
from ..ownership import claim
from ..values import canonical, given
from .nsx_object import Stored, checked_id, checked_reference, tag_list, wanted_tag_list

ZONES = "/infra/dns-forwarder-zones"
GATEWAYS = ("cgw", "mgw")
CONDITIONAL = "conditional_forwarder_zone_paths"
MOST_SERVERS = 3
MOST_DOMAINS = 100
MOST_CONDITIONAL_ZONES = 5
DOMAIN = re.compile(r"(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*")


class DnsZone:
    """Without an id it is the gateway's default zone, which NSX made: changed, but never made, marked or removed."""

    kind = "dns_zone"
    immutable = ()

    def __init__(self, nsx, params: dict):
        self.nsx = nsx
        self.params = params
        self.gateway = params["gateway"]
        if params["id"] is not None:
            checked_id("id", params["id"])
        self.forwarders = {
            gateway: Stored(nsx, forwarder_path(gateway), "PolicyDnsForwarder", _uses) for gateway in GATEWAYS
        }
        self.stored = None

    @property
    def forwarder(self):
        return self.forwarders[self.gateway]

    def observe(self):
        for forwarder in self.forwarders.values():
            forwarder.read()
        if self.forwarder.raw is None:
            raise Error(f"The gateway {self.gateway} has no DNS forwarder.")
        path = self._path()
        if self.stored is None or self.stored.path != path:
            self.stored = Stored(self.nsx, path, "PolicyDnsForwarderZone", _zone)
        raw = self.stored.read()
        have = raw and view({"zone": raw, "forwarders": self._raw_forwarders()})
        if not self._is_default():
            return have and claim(f"The DNS zone {path}", have, self.params, by="id", located=True)
        if have is None:
            raise Error(f"The default zone {path} of the gateway {self.gateway} does not exist.")
        return have

    def want(self, have):
        want = given(self.params, "display_name", "description")
        if self.params["source_ip"] is not None:
            want["source_ip"] = self.params["source_ip"] and checked_address("source_ip", self.params["source_ip"])
        if self.params["upstream_servers"] is not None:
            want["upstream_servers"] = self._servers(self.params["upstream_servers"])
        if self.params["dns_domain_names"] is not None:
            want["dns_domain_names"] = _domains(self.params["dns_domain_names"])
        return self._of_default(want) if self._is_default() else self._of_conditional(want, have)

    def create(self, want):
        self.stored.write(_body(want))

    def update(self, have, changes):
        fields = _body(changes)
        if fields:
            self.stored.write(fields)
        if "gateways" in changes:
            self.forwarder.write({CONDITIONAL: [*_conditional(self.forwarder.raw), self.stored.path]})

    def delete(self, have):
        """The forwarder lets go of it first: what is referred to stays."""
        used = _conditional(self.forwarder.read() or {})
        if self.stored.path in used:
            self.forwarder.write({CONDITIONAL: [path for path in used if path != self.stored.path]})
        self.stored.remove()

    def held(self, have):
        others = [gateway for gateway in have["gateways"] if gateway != self.gateway]
        return f"the gateway {', '.join(others)} uses it too" if others else None

    def ready(self, have):
        return self.stored.unrealized() or self.forwarder.unrealized()

    def _path(self) -> str:
        """Where the zone is. The default zone of a gateway goes by whatever id its forwarder says."""
        default = self.forwarder.raw.get("default_forwarder_zone_path")
        path = default if self.params["id"] is None else zone_path(self.params["id"])
        if path is None:
            raise Error(f"The DNS forwarder of the gateway {self.gateway} has no default zone.")
        for gateway, raw in self._raw_forwarders().items():
            if path == raw.get("default_forwarder_zone_path") and gateway != self.gateway and path != default:
                raise Invalid("id", f"{self.params['id']} is the default zone of the gateway {gateway}.")
        if path == default and self.params["state"] == "absent":
            raise Invalid("state", f"the default zone of the gateway {self.gateway} is never removed.")
        return path

    def _raw_forwarders(self) -> dict:
        return {gateway: stored.raw for gateway, stored in self.forwarders.items() if stored.raw is not None}

    def _is_default(self):
        return self.stored.path == self.forwarder.raw.get("default_forwarder_zone_path")

    def _servers(self, texts) -> list[str]:
        """In their order: the forwarder asks the first one first."""
        servers = list(dict.fromkeys(checked_address("upstream_servers", text) for text in texts))
        if not 1 <= len(servers) <= MOST_SERVERS:
            raise Invalid("upstream_servers", f"a zone has 1 to {MOST_SERVERS} servers, not {len(servers)}.")
        listener = self.forwarder.raw.get("listener_ip")
        if listener in servers:
            raise Invalid("upstream_servers", f"{listener} is this forwarder itself, which would ask itself for ever.")
        return servers

    def _of_default(self, want):
        if want.get("dns_domain_names"):
            raise Invalid(
                "dns_domain_names", "the default zone answers for all names; give an id for a zone of its own."
            )
        if self.params["tags"] is not None:
            raise Invalid("tags", "the default zone is the system's, and keeps its tags.")
        return want

    def _of_conditional(self, want, have):
        if have is None and "upstream_servers" not in want:
            raise Invalid("upstream_servers", "is needed to create a zone.")
        domains = {**(have or {}), **want}.get("dns_domain_names") or []
        if not 1 <= len(domains) <= MOST_DOMAINS:
            raise Invalid("dns_domain_names", f"a zone that is not the default one has 1 to {MOST_DOMAINS} domains.")
        if have is None or self.gateway not in have["gateways"] or domains != have["dns_domain_names"]:
            self._check_place(domains)
        want["gateways"] = canonical([*(have["gateways"] if have else []), self.gateway])
        want["tags"] = wanted_tag_list(have, self.params)
        return want

    def _check_place(self, domains):
        """Refuse a zone more than a forwarder takes, and a second one for a domain."""
        others = [path for path in _conditional(self.forwarder.raw) if path != self.stored.path]
        if len(others) >= MOST_CONDITIONAL_ZONES:
            raise Invalid(
                "gateway", f"{self.gateway} has {len(others)} zones beside the default one, and takes no more."
            )
        for path in others:
            taken = set(domains) & set(_zone({"id": path, **(self.nsx.get(path) or {})})["dns_domain_names"])
            if taken:
                raise Invalid("dns_domain_names", f"{', '.join(sorted(taken))} is already asked for in {path}.")


def zone_path(zone_id: str) -> str:
    return f"{ZONES}/{zone_id}"


def forwarder_path(gateway: str) -> str:
    return f"/infra/tier-1s/{gateway}/dns-forwarder"


def find(nsx, *, gateway: str | None = None, id: str | None = None) -> list[dict]:
    """Zones with the forwarders of the gateways; with ``gateway`` those that this one uses."""
    read = {name: nsx.get(forwarder_path(name)) for name in GATEWAYS}
    forwarders = {name: raw for name, raw in read.items() if raw is not None}
    zones = nsx.list(ZONES) if id is None else [nsx.get(zone_path(checked_reference("id", id)))]
    found = [{"zone": zone, "forwarders": forwarders} for zone in zones if zone is not None]
    return [raw for raw in found if gateway is None or gateway in view(raw)["gateways"]]


def view(raw: dict) -> dict:
    path = zone_path(raw["zone"]["id"])
    forwarders = raw["forwarders"]
    return {
        "id": raw["zone"]["id"],
        **_zone(raw["zone"]),
        "gateways": canonical(gateway for gateway, forwarder in forwarders.items() if path in _uses(forwarder)),
        "default": any(path == forwarder.get("default_forwarder_zone_path") for forwarder in forwarders.values()),
    }


def _zone(raw) -> dict:
    return {
        "display_name": raw.get("display_name") or raw["id"],
        "description": raw.get("description") or "",
        "upstream_servers": list(raw.get("upstream_servers") or []),
        "dns_domain_names": canonical(name.rstrip(".").lower() for name in raw.get("dns_domain_names") or []),
        "source_ip": raw.get("source_ip") or "",
        "tags": tag_list(raw.get("tags")),
    }


def _uses(forwarder) -> list[str]:
    """The paths of all zones that a forwarder asks."""
    return [forwarder.get("default_forwarder_zone_path"), *_conditional(forwarder)]


def _conditional(forwarder) -> list[str]:
    return list(forwarder.get(CONDITIONAL) or [])


def _body(fields) -> dict:
    body = {key: value for key, value in fields.items() if key != "gateways"}
    if "source_ip" in body:
        body["source_ip"] = body["source_ip"] or None
    return body


def _domains(texts) -> list[str]:
    names = canonical(text.rstrip(".").lower() for text in texts)
    for name in names:
        if not DOMAIN.fullmatch(name) or re.fullmatch(r"[0-9.]+", name):
            raise Invalid(
                "dns_domain_names", f"{name!r} is not a domain, such as corp.example or 5.30.10.in-addr.arpa."
            )
    return names
