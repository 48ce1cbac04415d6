# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The plan of a site's appliances: one entry for each, from one for each cluster."""

from __future__ import annotations

import hashlib
import ipaddress
import re

from .errors import Invalid

OPTION = "vmc_backup_appliances"
PLACE = ("cluster", "addresses", "count", "name", "hosts")
LONGEST_NAME = 80  # of a virtual machine; that of a gateway may be longer
NAME = re.compile(r"[a-zA-Z0-9-]+")
DIGEST = 8


def appliances(plan, site: str) -> list[dict]:
    """One entry per appliance. Invalid names the variable and says what is wrong with the plan.

    ``entry`` is derived and never changes; ``name`` is what the appliance and its gateway are called, which is the same unless a name is given.
    """
    if not isinstance(site, str) or not NAME.fullmatch(site):
        raise Invalid("vmc_backup_name", f"The name {site!r} may hold letters, digits and hyphens only.")
    if not isinstance(plan, (list, tuple)):
        raise Invalid(OPTION, f"{plan!r} is no list with one entry for each cluster.")
    planned = [entry for cluster in plan for entry in _of_cluster(cluster, site)]
    for key in ("name", "entry", "ip_address", "mac_address"):
        values = [entry[key] for entry in planned]
        doubled = sorted({value for value in values if values.count(value) > 1})
        if doubled:
            raise Invalid(OPTION, f"Two appliances would share the {key} {', '.join(doubled)}.")
    entries = {entry["entry"] for entry in planned}
    for one in planned:
        if one["given_name"] and one["name"] != one["entry"] and one["name"] in entries:
            raise Invalid(OPTION, f"The name {one['name']} is given to {one['entry']}, but is another entry's own.")
    return planned


def mac_address(address: str) -> str:
    """The MAC address that belongs to a planned IPv4 address."""
    _first, second, third, fourth = ipaddress.IPv4Address(address).packed
    # vSphere lets an administrator set 00:50:56:00:00:00 to 00:50:56:3f:ff:ff.
    return f"00:50:56:{second & 0x3F:02x}:{third:02x}:{fourth:02x}"


def _of_cluster(entry, site):
    if not isinstance(entry, dict):
        raise Invalid(OPTION, f"{entry!r} is no entry of a cluster, with cluster and addresses.")
    cluster = entry.get("cluster")
    if not cluster or not isinstance(cluster, str):
        raise Invalid(OPTION, f"An entry without a cluster: {entry!r}.")
    addresses = entry.get("addresses") or []
    if not isinstance(addresses, (list, tuple)):
        raise Invalid(OPTION, f"{cluster}: {addresses!r} is no list of addresses.")
    planned = [address for address in addresses if address]
    count = _count(cluster, entry.get("count"), len(planned) or int(not addresses))
    if count != len(planned):
        raise Invalid(
            OPTION,
            f"{cluster} is to have {count} appliance(s), but {len(planned)} address(es) are planned: give one for each.",
        )
    hosts = entry.get("hosts") or []
    if not isinstance(hosts, (list, tuple)) or (hosts and len(hosts) < len(addresses)):
        raise Invalid(OPTION, f"{cluster}: hosts has to be a list with one host for each address, not {hosts!r}.")
    carried = {key: value for key, value in entry.items() if key not in PLACE}
    return [
        {
            **carried,
            **_names(f"{site}-{_slug(cluster)}-{place}", entry.get("name"), place),
            "cluster": cluster,
            **({"host": hosts[place - 1]} if hosts else {}),
            "ip_address": _checked_address(cluster, address),
            "mac_address": mac_address(address),
        }
        for place, address in enumerate(addresses, start=1)
        if address
    ]


def _count(cluster, given, otherwise) -> int:
    if given is None or given == "":
        return otherwise
    try:
        return int(str(given))
    except ValueError:
        raise Invalid(OPTION, f"{cluster}: the count {given!r} is no number.") from None


def _names(derived, given, place) -> dict:
    """The first appliance of a cluster has the name that is given, each further one with its place behind it."""
    entry = _checked_name(derived)
    if not given:
        return {"entry": entry, "name": entry, "given_name": None}
    name = _checked_name(str(given) if place == 1 else f"{given}-{place}")
    return {"entry": entry, "name": name, "given_name": name}


def _slug(cluster):
    """The cluster's name as a part of others; one that is not all ASCII, or leaves nothing, is told from its likes by a digest."""
    slug = re.sub(r"[^a-z0-9]+", "-", cluster.lower()).strip("-")
    if slug and cluster.isascii():
        return slug
    digest = hashlib.sha256(cluster.encode()).hexdigest()[:DIGEST]
    return f"{slug}-{digest}" if slug else digest


def _checked_name(name):
    if len(name) > LONGEST_NAME:
        raise Invalid(OPTION, f"The name {name} is longer than the {LONGEST_NAME} characters vSphere allows.")
    if not NAME.fullmatch(name):
        raise Invalid(OPTION, f"The name {name!r} may hold letters, digits and hyphens only.")
    return name


def _checked_address(cluster, address):
    try:
        return str(ipaddress.IPv4Address(str(address)))
    except ValueError:
        raise Invalid(OPTION, f"{cluster}: {address!r} is not an IPv4 address.") from None
