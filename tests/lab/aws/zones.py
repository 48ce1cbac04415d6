# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Availability Zones: an account has names of its own for them, the IDs are the same for all."""

from __future__ import annotations

import hashlib

from moto.ec2.models.availability_zones_and_regions import RegionsAndZonesBackend

from ..world import SHADOW_ACCOUNT

# Accounts whose names differ from those that moto has.
SHUFFLED = {"111122223333", SHADOW_ACCOUNT}


def of(account: str, region: str) -> dict[str, str]:
    names, ids = zip(*((zone.name, zone.zone_id) for zone in RegionsAndZonesBackend.zones[region]), strict=True)
    return dict(zip(names, ids[1:] + ids[:1] if account in SHUFFLED else ids, strict=True))


def digest(*parts, length=17) -> str:
    """A name's stable stand-in for what AWS draws at random."""
    return hashlib.sha256("/".join(parts).encode()).hexdigest()[:length]
