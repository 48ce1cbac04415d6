# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How many addresses the sources of a rule are together, however they are spelled (SAFETY 26)."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from .errors import Invalid

ALL = {4: 2**32, 6: 2**128}
MOST = {4: 2**16, 6: 2**80}  # 65,536 addresses of IPv4, and a /48 of IPv6
LOW = 2**32 - 1
# Where IPv6 has IPv4 in its last 32 bits: compatible, mapped, translated, and NAT64 with the known prefix or one of the site's own.
HOLDS_IPV4 = tuple(
    ipaddress.IPv6Network(text)
    for text in ("::/96", "::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48")
)
REASON = "Open wide: "
EVERYTHING = ("0.0.0.0/0", "::/0")


@dataclass(frozen=True)
class Untold:
    """A source of which nobody can tell what addresses it is, and why not."""

    name: str
    why: str

    def __str__(self):
        return f"{self.name} {self.why}"


def extent(sources, *, excluded: bool = False) -> dict:
    """How many addresses of each version the sources are together, or with ``excluded`` all others.

    ``sources`` are addresses, networks, ranges and ANY, as texts. What IPv6 holds of IPv4 counts as both, but keeps nobody out by the other.
    """
    spans: dict = {version: [] for version in ALL}
    for version, first, last in (span for text in sources for span in _spans(text)):
        spans[version].append((first, last))
        if version == 6 and not excluded:
            spans[4] += _ipv4_in(first, last)
    counted = {version: _together(found) for version, found in spans.items()}
    return {version: ALL[version] - number if excluded else number for version, number in counted.items()}


def is_everywhere(sources, *, excluded: bool = False) -> bool:
    """Whether the sources are together all addresses of one version."""
    counted = extent([text for text in sources if not isinstance(text, Untold)], excluded=excluded)
    return any(counted[version] == ALL[version] for version in ALL)


def too_wide(sources, *, excluded: bool = False) -> str | None:
    """Why the sources are together more than a rule may let in unasked; ``None`` when they are not.

    ``sources`` are texts as for extent, and Untold.
    """
    untold = [source for source in sources if isinstance(source, Untold)]
    counted = extent([text for text in sources if not isinstance(text, Untold)], excluded=excluded)
    if counted[4] > MOST[4]:
        return f"{counted[4]:,} addresses, which are more than {MOST[4]:,}"
    if counted[6] > MOST[6]:
        return "more of IPv6 than a /48"
    return f"nobody knows how many addresses, because {untold[0]}" if untold else None


def reason_for(option: str, sources, allow_wide: str | None, *, excluded: bool = False) -> str | None:
    """The reason that is given for wide sources; ``None`` when they are not wide. Raises Invalid when they are, and no reason is given."""
    wide = too_wide(sources, excluded=excluded)
    if wide is None:
        return None
    if not (allow_wide or "").strip():
        raise Invalid(
            option,
            f"this lets in {wide}{', as what it names is excluded' if excluded else ''}. Name fewer, or say in allow_wide why it has to be.",
        )
    return allow_wide.strip()


def with_reason(text: str, reason: str) -> str:
    """A description that says why it is open wide, in place of what it said of that before."""
    return f"{text.partition(REASON)[0].rstrip()} {REASON}{reason}".lstrip()


def _spans(text: str):
    """What a text stands for: version, first and last address. A text that is no address stands for everything."""
    if text.upper() == "ANY":
        return [span for network in EVERYTHING for span in _spans(network)]
    try:
        if "-" in text:
            first, last = (ipaddress.ip_address(end.strip()) for end in text.split("-", 1))
        else:
            network = ipaddress.ip_network(text, strict=False)
            first, last = network[0], network[-1]
    except ValueError:
        return _spans("ANY")
    return [(first.version, int(first), int(last))]


def _ipv4_in(first: int, last: int) -> list:
    """The spans of IPv4 in one of IPv6."""
    within = [(max(first, int(held[0])), min(last, int(held[-1]))) for held in HOLDS_IPV4]
    return [(low & LOW, high & LOW) if low >> 32 == high >> 32 else (0, LOW) for low, high in within if low <= high]


def _together(spans) -> int:
    """How many numbers lie in any of the spans."""
    number, reached = 0, -1
    for first, last in sorted(spans):
        number += max(0, last - max(first, reached + 1) + 1)
        reached = max(reached, last)
    return number
