# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What has to work before any backup does: the hypervisor, its sync, its gateways, the opt-in."""

from __future__ import annotations

import datetime

from ...clients.aws_forms import timestamp
from ...engine.findings import Untold, broken, ok, unknown

HOUR = datetime.timedelta(hours=1)


def hypervisor(facts):
    found = facts.hypervisor
    if isinstance(found, Untold):
        return unknown(found)
    if found is None:
        return broken(f"AWS Backup has no hypervisor {facts.params['hypervisor']}.", "Run the role registration.")
    state = found.get("State")
    if state is None:
        return unknown("AWS Backup does not tell its state.")
    return ok("It is ONLINE.") if state == "ONLINE" else broken(f"Its state is {state}: nothing is backed up.")


def synced(facts):
    """What came to be since the last sync is invisible to AWS."""
    found, hours = facts.hypervisor, facts.params["sync_max_age_hours"]
    if not isinstance(found, dict):
        return None
    status, last = found.get("LatestMetadataSyncStatus"), found.get("LastSuccessfulMetadataSyncTime")
    said = f" ({found['LatestMetadataSyncStatusMessage']})" if found.get("LatestMetadataSyncStatusMessage") else ""
    if status in ("FAILED", "PARTIALLY_FAILED"):
        return broken(f"The latest sync is {status}{said}. The last that succeeded: {timestamp(last) or 'none'}.")
    if last is None:
        return unknown("AWS Backup does not tell of a sync that succeeded.")
    if facts.now - last > hours * HOUR:
        return broken(
            f"The last sync that succeeded was at {timestamp(last)}, more than {hours} hours ago.",
            "Start a metadata sync of the hypervisor. If it does not succeed, ask backup_path_info what is in the way.",
        )
    return ok(f"The last sync that succeeded was at {timestamp(last)}.")


def gateways(facts):
    found = facts.gateways
    if not isinstance(facts.hypervisor, dict):
        return None  # it is said already
    if isinstance(found, Untold):
        return unknown(found)
    if not found:
        return broken("No gateway is linked to the hypervisor: nothing is backed up.", "Run the role registration.")
    return ok(f"{len(found)} linked: {', '.join(each['GatewayDisplayName'] for each in found)}.")


def fresh(facts):
    """Whether AWS has heard of each lately."""
    seconds = facts.params["last_seen_max_age"]
    return [(each["GatewayDisplayName"], _fresh(each, facts.now, seconds)) for each in _told(facts.gateways)]


def _fresh(gateway, now, seconds):
    seen = gateway.get("LastSeenTime")
    if seen is None:
        return unknown("AWS Backup does not tell when it last heard of it.")
    if (now - seen).total_seconds() > seconds:
        return broken(
            f"AWS Backup last heard of it at {timestamp(seen)}, more than {seconds} seconds ago.",
            "Ask backup_path_info what is in its way. If it stays silent, replace it.",
        )
    return ok(f"AWS Backup heard of it at {timestamp(seen)}.")


def private(facts):
    """Whether each goes through an endpoint of a VPC."""
    return [
        (
            each["GatewayDisplayName"],
            ok(f"It goes through {each['VpcEndpoint']}.")
            if each.get("VpcEndpoint")
            else broken(
                "It is public: backups go over the internet.",
                "Replace it: only another gateway, with another key, changes that.",
            ),
        )
        for each in _told(facts.gateways)
    ]


def opted_in(facts):
    if isinstance(facts.opted_in, Untold):
        return unknown(facts.opted_in)
    if facts.opted_in:
        return ok("The Region supports virtual machines.")
    return broken("The support for virtual machines is off in the Region: jobs fail, and selections by tags take none.")


def _told(found) -> list:
    return [] if isinstance(found, Untold) else found
