# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The hops on which the time of an appliance rests: its host's clock, and the servers that are set in it."""

from __future__ import annotations

from ...engine.findings import Untold, broken, ok, unknown
from ...values import addresses_of
from . import rules
from .gateways import ALL
from .spans import covers, listed, span
from .way import TIME, sources, time_targets

UPLINKS = ("cgw-cross-vpc", "cgw-direct-connect", "cgw-public", "cgw-vpn")
AMAZON = "169.254.169.123"
OTHER_SERVERS = "Set time servers in the appliances that are on that way, and name them in vmc_backup_ntp_servers."
CHANGE = "Let the appliances reach exactly these servers on UDP 123, before any rule that stops them: vmc_backup_ntp_servers, or nsx_cgw_rule."


def clock(facts):
    appliances = facts["appliances"]
    if appliances is None:
        return unknown("No vcenter was given, and only vCenter tells whether an appliance follows its host's clock.")
    ours = [
        each
        for each in appliances
        if any(
            covers(str(source), one) for one in filter(None, map(span, addresses_of(each))) for source in sources(facts)
        )
    ]
    if not ours:
        return unknown(f"vCenter shows no appliance with an address of {_all(facts)}: it is not there, or not running.")
    free = [each["name"] for each in ours if not each["sync_time_with_host"]]
    if free:
        return broken(
            f"{listed(free)} does not follow the clock of its host, and AWS refuses who is five minutes off.",
            "Set sync_time_with_host: gateway_appliance.",
        )
    return ok(f"{listed(each['name'] for each in ours)} follows the clock of its host.")


def ntp(facts):
    servers = facts["ntp_servers"]
    if not servers:
        return unknown("No NTP servers were given, and nobody tells which ones the appliances ask.")
    if facts["platform"] != "vmc":
        return unknown(f"Only the appliances can ask {listed(servers)} on UDP {TIME}.")
    beyond = [text for text in servers if not _inside(facts, text)]
    refused = _gateway(facts, beyond) if beyond else None
    if refused:
        return refused
    may = f"{_all(facts)} may ask {listed(servers)} on UDP {TIME}."
    if AMAZON not in servers:
        return ok(may)
    where = f"{AMAZON} answers only where the SDDC's default route does not lead on premises"
    routes = facts["learned_routes"]
    if isinstance(routes, Untold):
        return unknown(f"{may} {where}, and NSX does not tell what it has learned: {routes}", OTHER_SERVERS)
    away = [each for each in routes if covers(each["network"], span(AMAZON))]
    if away:
        taught = listed(f"{each['network']} by {each['by']}" for each in away)
        return broken(f"{where}, and the SDDC has learned {taught}.", OTHER_SERVERS)
    return ok(
        f"{may} {where}: by Direct Connect and Transit Connect it has learned no such way; what a VPN teaches is not told."
    )


def _inside(facts, text) -> bool:
    """Whether a server is in a segment of the SDDC, to which no uplink of the compute gateway leads."""
    return any(covers(each["network"], span(text)) for each in facts["segments"])


def _gateway(facts, servers):
    """What the rules of the uplinks say; where only some let through, it depends on the way, which nobody tells."""
    of_uplink = {uplink: _by(facts, uplink, servers) for uplink in UPLINKS}
    through = [uplink for uplink, said in of_uplink.items() if said is None]
    refused = [said for said in of_uplink.values() if said]
    if not through or not refused:
        return min(refused, key=lambda said: said["verdict"] == "broken", default=None)
    return unknown(
        f"{listed(servers)} can be asked by {listed(through)} only, and nobody tells which way leads there.", CHANGE
    )


def _by(facts, uplink, servers):
    there = [rule for rule in facts["rules"]["cgw"] if {ALL, f"/infra/labels/{uplink}"} & set(rule["scope"])]
    return rules.judged(facts, there, sources(facts), time_targets(servers), gateway="compute gateway", change=CHANGE)


def _all(facts) -> str:
    return listed(sources(facts))
