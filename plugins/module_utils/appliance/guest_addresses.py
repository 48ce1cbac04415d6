# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The addresses that a guest reports. It may have bridges of its own, and which address is called its first one is anybody's guess."""

from __future__ import annotations

import ipaddress

from .machine import Raw


def own(raw: Raw) -> str | None:
    """The IPv4 address of its first network adapter that has one, a link-local one last; None while it has none."""
    adapters = _of_adapters(raw)
    strange = {address for net in _nets(raw) if net not in adapters for address in _addresses(net)} if adapters else ()
    parsed = [_parsed(address) for address in all_of(raw) if address not in strange]
    found = [address for address in parsed if address is not None and address.version == 4]
    found.sort(key=lambda address: address.is_link_local)
    return str(found[0]) if found else None


def all_of(raw: Raw) -> list[str]:
    """Every address, those of its adapters first."""
    first = raw.own.get("guest.ipAddress")
    mine, rest = ([address for net in nets for address in _addresses(net)] for nets in (_of_adapters(raw), _nets(raw)))
    return list(dict.fromkeys([*mine, *([first] if first else []), *rest]))


def _nets(raw) -> list:
    return list(raw.own.get("guest.net") or ())


def _of_adapters(raw) -> list:
    return [net for adapter in raw.adapters for net in _nets(raw) if _is_of(net, adapter)]


def _is_of(net, adapter) -> bool:
    """Whether it is that adapter, or what the guest has made on top of it. A bridge of its own has neither its key nor its MAC address."""
    reported, given = ((mac or "").lower() for mac in (net.macAddress, adapter.macAddress))
    return net.deviceConfigId == adapter.key or bool(reported) and reported == given


def _addresses(net) -> list[str]:
    config = getattr(net, "ipConfig", None)
    configured = [each.ipAddress for each in getattr(config, "ipAddress", None) or ()]
    return configured or list(net.ipAddress or ())


def _parsed(text):
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None
