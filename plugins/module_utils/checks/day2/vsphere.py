# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What vCenter shows that backups leave behind, or will stumble over."""

from __future__ import annotations

import datetime

from ...engine.findings import Untold, broken, ok, unknown
from ..prerequisites.sddc import LISTED

HOUR, DAY = datetime.timedelta(hours=1), datetime.timedelta(days=1)
OLD_SNAPSHOT = 24 * HOUR
OF_BACKUPS = ("aws", "backup")  # what the names of such snapshots may hold
SOON = 30 * DAY
FULL = 70  # percent: beyond it nothing is deployed or restored (SAFETY 8)
GROWS = 80  # percent: at which VMware Cloud on AWS adds a host by itself


def _machines(facts) -> list:
    return [] if isinstance(facts.vcenter, Untold) else facts.vcenter["virtual_machines"]


def _name(machine) -> str:
    return f"{machine['path']}/{machine['name']}"


def told(facts):
    return unknown(facts.vcenter) if isinstance(facts.vcenter, Untold) else None


def consolidation(facts):
    change = "Consolidate its disks in vCenter, while no backup of it runs."
    return [
        (
            _name(one),
            broken("Its disks need consolidation, as after a snapshot that could not be removed whole.", change),
        )
        for one in _machines(facts)
        if one["consolidation_needed"]
    ]


def snapshots(facts):
    """Those of backups that nobody has removed: they grow, and the next backup waits or fails."""
    found = []
    for one in _machines(facts):
        old = [each for each in one["snapshots"] if _is_left(each, facts.now)]
        if old:
            names = ", ".join(f"{each['name']} of {each['created']}" for each in old)
            change = "Remove it in vCenter, unless somebody needs it."
            found.append((_name(one), broken(f"It has snapshots that are more than a day old: {names}.", change)))
    return found


def _is_left(snapshot, now) -> bool:
    of_backup = any(word in snapshot["name"].lower() for word in OF_BACKUPS)
    return of_backup and now - datetime.datetime.fromisoformat(snapshot["created"]) > OLD_SNAPSHOT


def certificate(facts):
    """A gateway logs in to a vCenter whose certificate has expired no more."""
    expires = (
        "" if isinstance(facts.vcenter, Untold) else (facts.vcenter.get("vcenter") or {}).get("certificate_expires")
    )
    if not expires:
        return (
            None
            if isinstance(facts.vcenter, Untold)
            else unknown("vCenter does not tell when its certificate expires.")
        )
    left = datetime.datetime.fromisoformat(expires) - facts.now
    if left < SOON:
        when = f"in {left.days} days" if left > DAY else "within a day, or has already"
        return broken(
            f"Its certificate expires {when}, on {expires}.",
            "Renew it, and see that the hypervisor is ONLINE afterwards.",
        )
    return ok(f"Its certificate is good until {expires}.")


def release(facts):
    version = "" if isinstance(facts.vcenter, Untold) else (facts.vcenter.get("vcenter") or {}).get("version") or ""
    if not version:
        return None if isinstance(facts.vcenter, Untold) else unknown("vCenter does not tell its version.")
    if version.startswith(LISTED):
        return ok(f"It is vSphere {version}.")
    return broken(
        f"It is vSphere {version}, and AWS lists 8, 7.0 and 6.7 for AWS Backup.", "Ask AWS before you rely on it."
    )


def room(facts):
    """A restore needs room, and a datastore that fills up costs a host."""
    stores = [] if isinstance(facts.vcenter, Untold) else facts.vcenter.get("datastores") or []
    found = []
    for one in stores:
        used = 100 * (one["capacity"] - one["free_space"]) // one["capacity"] if one["capacity"] else 0
        if used >= FULL:
            evidence = f"{used} % of it are used. Beyond {FULL} % nothing is restored to it, and at {GROWS} % VMware Cloud on AWS adds a host."
            found.append((one["name"], broken(evidence, "Make room, or add a host.")))
    return found
