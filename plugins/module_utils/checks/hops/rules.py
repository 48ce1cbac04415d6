# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the firewalls of NSX decide about a packet, by their rules in order."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from ...engine.findings import broken, unknown
from .spans import Span, covers, listed, touches

ALLOW = "ALLOW"
JUMP = "JUMP_TO_APPLICATION"
NUMBERS = {"TCP": 6, "UDP": 17}


@dataclass(frozen=True)
class Target:
    """Where packets go: addresses, and the group that stands for them, if one does."""

    name: str
    spans: tuple
    ports: tuple
    group: str = ""
    protocol: str = "TCP"


@dataclass
class Decision:
    """The rule that decides, or ``None``, and those before it of which nobody can say whether they match."""

    rule: dict | None
    doubts: list
    otherwise: bool  # whether a packet that no rule matches passes

    @property
    def passes(self) -> bool:
        return self.otherwise if self.rule is None else self.rule["action"] == ALLOW

    @property
    def doubtful(self) -> bool:
        """Whether a rule in doubt would decide otherwise."""
        return any((rule["action"] == ALLOW) != self.passes for rule in self.doubts)


def judged(facts: dict, rules: list, sources: list, targets: list, *, gateway: str, change: str, otherwise=False):
    """The verdict on every packet from the sources to the targets, or ``None`` if all pass."""
    stopped: dict = {}
    doubted: dict = {}
    for source, target in itertools.product(sources, targets):
        for where, port in itertools.product(target.spans, target.ports):
            decision = _decide(facts, rules, source, target, where, port, otherwise)
            if decision.doubtful:
                doubted.setdefault((_doubt(decision), source, target, where), []).append(port)
            elif not decision.passes:
                stopped.setdefault((_why(decision, gateway), source, target, where), []).append(port)
    if stopped:
        return broken(_packets_text(stopped), change)
    return unknown(_packets_text(doubted), change) if doubted else None


def _decide(facts, rules, source, target, where, port, otherwise) -> Decision:
    doubts, jumped = [], False
    for rule in rules:
        if jumped and rule.get("category") != "Application":
            continue
        hit = _matches(facts, rule, source, target, where, port)
        if hit and rule["action"] == JUMP:
            jumped = True
        elif hit:
            return Decision(rule, doubts, otherwise)
        elif hit is None:
            doubts.append(rule)
    return Decision(None, doubts, otherwise)


def _doubt(decision) -> str:
    names = ", ".join(rule["id"] for rule in decision.doubts)
    return f"NSX does not tell whom {names} speaks of, which may decide about"


def _why(decision, gateway) -> str:
    if decision.rule is None:
        return f"no rule of the {gateway} lets through"
    return f"rule {decision.rule['id']} of the {gateway} stops"


def _packets_text(packets: dict) -> str:
    return "; ".join(
        f"{why} {source} to {target.name} {where} on {target.protocol} {listed(ports)}"
        for (why, source, target, where), ports in packets.items()
    )


def _matches(facts, rule, source, target, where, port):
    """Whether a rule speaks of a packet; ``None`` when that cannot be told. A rule that allows has to match the whole of a span."""
    if rule["disabled"] or rule["ip_protocol"] == "IPV6":
        return False
    sides = (
        _applies(facts, rule, source),
        _side(facts, rule, "source", source, ""),
        _side(facts, rule, "destination", where, target.group),
        _serves(facts, rule, target.protocol, port),
        _fits(rule),
    )
    if False in sides:
        return False
    return None if None in sides else True


def _applies(facts, rule, source):
    """Whether a rule of the distributed firewall is in force at the source; those of gateways name none."""
    applied_to = rule.get("applied_to", ["ANY"])
    return applied_to == ["ANY"] or among(facts, applied_to, source, whole=rule["action"] == ALLOW)


def _side(facts, rule, side, wanted, group):
    negated = rule[f"{side}s_excluded"]
    whole = (rule["action"] == ALLOW) != negated
    hit = among(facts, rule[f"{side}_groups"], wanted, group, whole=whole)
    return hit if hit is None or not negated else not hit


def among(facts: dict, entries: list, wanted: Span, group: str = "", *, whole: bool = True):
    """Whether addresses are among the members of a rule; ``None`` when the members of a group cannot be told."""
    within = covers if whole else touches
    in_doubt = False
    for entry in entries:
        if group and entry == group:
            return True
        members = facts["groups"].get(entry) if entry.startswith("/") else [entry]
        if members is None:
            in_doubt = True
        elif any(within(member, wanted) for member in members):
            return True
    return None if in_doubt else False


def _fits(rule):
    """Whether traffic fits the context profiles of a rule, which look into it."""
    return True if rule.get("profiles", ["ANY"]) == ["ANY"] else None


def _serves(facts, rule, protocol, port):
    if rule["services"] == ["ANY"]:
        return True
    entries = list(rule["service_entries"])
    in_doubt = False
    for path in rule["services"]:
        found = facts["services"].get(path)
        in_doubt = in_doubt or found is None
        entries += found or []
    found = [_opens(entry, protocol, port) for entry in entries]
    if True in found:
        return True
    return None if in_doubt or None in found else False


def _opens(entry, protocol, port):
    kind = entry.get("resource_type")
    if kind == "L4PortSetServiceEntry":
        ports = entry.get("destination_ports") or ["0-65535"]
        return entry.get("l4_protocol") == protocol and any(_in_range(port, text) for text in ports)
    if kind == "IPProtocolServiceEntry":
        return entry.get("protocol_number") == NUMBERS[protocol]
    return None if kind == "NestedServiceServiceEntry" else False


def _in_range(port, text) -> bool:
    low, _dash, high = str(text).partition("-")
    return int(low) <= port <= int(high or low)
