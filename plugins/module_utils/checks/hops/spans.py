# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Addresses and ports as spans: what of one lies within another."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

EVERYTHING = "0.0.0.0-255.255.255.255"


@dataclass(frozen=True)
class Span:
    """IPv4 addresses from ``first`` to ``last``."""

    first: int
    last: int
    text: str

    def __str__(self):
        return self.text


def span(text: str) -> Span | None:
    """An address, a range, a network or ANY; ``None`` for what is nothing of IPv4."""
    written = EVERYTHING if text.upper() == "ANY" else text
    try:
        if "-" in written:
            first, last = (ipaddress.IPv4Address(end.strip()) for end in written.split("-", 1))
        else:
            network = ipaddress.IPv4Network(written, strict=False)
            first, last = network[0], network[-1]
    except ValueError:
        return None
    return Span(int(first), int(last), text)


def covers(text: str, wanted: Span) -> bool:
    """Whether all of the wanted addresses are in an entry."""
    found = span(text)
    return found is not None and found.first <= wanted.first and wanted.last <= found.last


def touches(text: str, wanted: Span) -> bool:
    """Whether any of the wanted addresses is in an entry."""
    found = span(text)
    return found is not None and found.first <= wanted.last and wanted.first <= found.last


def without(ports: list, low: int, high: int) -> list:
    """What is left of spans of ports when one is taken out."""
    left = []
    for first, last in ports:
        if high < first or last < low:
            left.append((first, last))
            continue
        left += [(first, low - 1)] * (first < low) + [(high + 1, last)] * (high < last)
    return left


def listed(ports) -> str:
    return ", ".join(map(str, ports))
