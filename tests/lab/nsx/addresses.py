# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Addresses as NSX writes them: one address, a range a-b, a network, or ANY."""

from __future__ import annotations

import ipaddress

EVERYTHING = ("any", "0.0.0.0/0", "::/0")


def bounds(entry: str):
    """The first and the last address of an entry. ValueError when it is none."""
    first, dash, last = entry.partition("-")
    if dash:
        low, high = ipaddress.ip_address(first.strip()), ipaddress.ip_address(last.strip())
        if low.version != high.version or low > high:
            raise ValueError(f"{entry} is not a range")
        return low, high
    network = ipaddress.ip_network(entry, strict=False)
    return network[0], network[-1]


def valid(entry) -> bool:
    try:
        bounds(entry)
    except (ValueError, AttributeError):
        return False
    return True


def is_everything(entry: str) -> bool:
    return entry.lower() in EVERYTHING


def contains(entry: str, address: str) -> bool:
    if is_everything(entry):
        return True
    low, high = bounds(entry)
    wanted = ipaddress.ip_address(address)
    return low.version == wanted.version and low <= wanted <= high


def overlap(one: str, other: str) -> bool:
    (low, high), (begin, end) = bounds(one), bounds(other)
    return low.version == begin.version and low <= end and begin <= high


def in_range(entry: str):
    """Each address of an entry, in order."""
    low, high = bounds(entry)
    return (str(ipaddress.ip_address(number)) for number in range(int(low), int(high) + 1))
