# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The hops that NSX and the SDDC decide about."""

from __future__ import annotations

from ...engine.findings import Untold, broken, ok, unknown
from ...resources.nsx_group import group_path
from . import rules
from .rules import Target
from .spans import Span, covers, listed, span
from .way import CONNECTED, PRIVATE, TRANSIT, addresses, endpoint_target, sources, time_targets, way

VCENTER, ESXI = (group_path("mgw", name) for name in ("VCENTER", "ESXI"))
ALL = "/infra/labels/cgw-all"
SCOPES = {
    CONNECTED: {ALL, "/infra/labels/cgw-cross-vpc"},
    TRANSIT: {ALL, "/infra/labels/cgw-direct-connect"},
    PRIVATE: {ALL, "/infra/labels/cgw-direct-connect", "/infra/labels/cgw-vpn"},
}
NOWHERE = Span(0, 0, "(NSX does not tell its addresses)")


def segment(facts):
    lost = [source for source in sources(facts) if segment_of(facts, source) is None]
    if lost:
        return broken(f"No segment holds {listed(lost)}.", "Put the appliances on a routed segment of the SDDC.")
    found = {each["id"]: each for each in (segment_of(facts, source) for source in sources(facts))}
    off = sorted(name for name, each in found.items() if not each["connected"])
    if off:
        return broken(
            f"The segment {listed(off)} is not connected to its gateway, so that its network is not advertised.",
            "Make it a routed segment, with its connectivity on.",
        )
    return ok(f"{listed(sources(facts))} in the segment {listed(sorted(found))}.")


def compute_gateway(facts):
    scopes = SCOPES.get(way(facts)) or set.union(*SCOPES.values())
    there = [rule for rule in facts["rules"]["cgw"] if scopes & set(rule["scope"])]
    change = "Let the appliances reach the endpoint's addresses on these ports, before any rule that stops them: nsx_cgw_rule."
    refused = rules.judged(
        facts, there, sources(facts), [endpoint_target(facts)], gateway="compute gateway", change=change
    )
    return refused or ok(f"The compute gateway lets {_all(facts)} reach {listed(addresses(facts))}.")


def distributed_firewall(facts):
    found = facts["distributed"]
    if isinstance(found, Untold):
        return unknown(f"NSX does not tell the distributed firewall's rules: {found}")
    targets = [*_management(facts), *time_targets(facts["ntp_servers"])]
    if facts["endpoint"]:
        targets.insert(0, endpoint_target(facts))
    change = "Let the appliances through in the distributed firewall, or exclude them from it."
    there = [rule for rule in found if rule["direction"] != "IN"]
    refused = rules.judged(
        facts, there, sources(facts), targets, gateway="distributed firewall", change=change, otherwise=True
    )
    return refused or ok(f"The distributed firewall lets {_all(facts)} through.")


def management_gateway_vcenter(facts):
    return _management_gateway(facts, [vcenter_target(facts)])


def management_gateway_esxi(facts):
    return _management_gateway(facts, [_esxi(facts)])


def _management_gateway(facts, targets):
    there = [rule for rule in facts["rules"]["mgw"] if rule["action"] == rules.ALLOW]  # it does nothing else
    name = targets[0].name
    change = f"Let the appliances reach {name} on these ports: nsx_mgw_rule."
    refused = rules.judged(facts, there, sources(facts), targets, gateway="management gateway", change=change)
    return refused or ok(
        f"The management gateway lets {_all(facts)} reach {name} on TCP {listed(p for t in targets for p in t.ports)}."
    )


def vcenter_target(facts) -> Target:
    return Target("vCenter", _spans(facts, VCENTER), (443,), VCENTER)


def _esxi(facts) -> Target:
    return Target("ESXi", _spans(facts, ESXI), (443, 902), ESXI)


def _management(facts) -> list:
    return [vcenter_target(facts), _esxi(facts)]


def _spans(facts, group) -> tuple:
    """The addresses of a group of the system; where NSX does not tell them, the group itself has to do."""
    found = tuple(span(text) for text in facts["groups"].get(group) or [])
    return found or (NOWHERE,)


def segment_of(facts, source):
    return next((each for each in facts["segments"] if covers(each["network"], source)), None)


def _all(facts) -> str:
    return listed(sources(facts))
