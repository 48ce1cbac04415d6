# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whom an appliance may be asked by for its activation key: whoever asks it first owns it (SAFETY 10)."""

from __future__ import annotations

import ipaddress

from .errors import Invalid

SOURCE = "registration_nat_source_address"
# What the internet never sees a machine with.
PRIVATE = tuple(
    ipaddress.IPv4Network(text)
    for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16")
)
WHY = "Whoever asks an appliance first owns it, so that exactly one address may. Nothing was changed."


def single(text) -> ipaddress.IPv4Address | None:
    """The one IPv4 address that a text is, if it is one."""
    try:
        network = ipaddress.IPv4Network(str(text).strip())
    except ValueError:
        return None
    return network.network_address if network.prefixlen == 32 else None


def is_private(address: ipaddress.IPv4Address) -> bool:
    return any(address in network for network in PRIVATE)


def nat_source(given: str | None, control_addresses: list) -> str:
    """The address that is let in from the internet, as a /32: what is given, else the control node's, where that can be it."""
    if given is not None:
        address = single(given)
        if address is None:
            raise Invalid(SOURCE, f"{given!r} is not one IPv4 address. {WHY}")
    else:
        address = single(control_addresses[0]) if len(control_addresses) == 1 else None
        if address is None:
            raise Invalid(
                SOURCE, f"is not given, and vmc_backup_control_addresses is not one IPv4 address instead. {WHY}"
            )
    if is_private(address):
        raise Invalid(
            SOURCE,
            f"{address} is private, and nobody comes from the internet with it. Give the address that the internet sees where the tasks run. "
            "Nothing was changed.",
        )
    return f"{address}/32"
