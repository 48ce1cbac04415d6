# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The hops that the endpoint and the filters of its VPC decide about."""

from __future__ import annotations

from ...engine.findings import broken, ok, skipped, unknown
from ...resources.security_group import PORTS
from .spans import covers, listed, touches, without
from .way import CONNECTED, addresses, endpoint_target, sources, way

ANSWERS = (32768, 60999)  # the ports that an appliance's Linux calls from, and is answered on


def endpoint(facts):
    found = facts["endpoint"]
    if found is None:
        return broken(f"There is no endpoint {facts['asked']}.", "Create it: vpce_backup.")
    where = f"{found['vpc_endpoint_id']} in {found['vpc_id']}"
    if found["state"] != "available":
        return broken(f"{where} is {found['state']}.", "Wait until it is available, or create it anew: vpce_backup.")
    if not found["network_interfaces"]:
        return broken(f"{where} has no network interface.", "Give it a subnet: vpce_backup.")
    return ok(f"{where} is available at {listed(addresses(facts))}.")


def sddc_security_group(facts):
    if way(facts) != CONNECTED:
        return skipped("Only for an endpoint in the connected VPC.")
    interface = facts["interface"]
    if interface is None:
        return unknown(
            f"This account does not see the SDDC's active network interface {facts['active_eni'] or ''}.".strip()
        )
    groups = interface["security_group_ids"]
    egress = [rule for group in groups for rule in facts["security_groups"][group]["egress"]]
    closed = {str(where): _closed(egress, where, PORTS) for where in endpoint_target(facts).spans}
    return _of_groups(
        closed,
        f"{listed(groups)} of the SDDC's network interface {interface['id']}",
        "out to",
        "Let the VPC's default security group send to the endpoint on these ports: it filters the SDDC as if it were an instance.",
    )


def network_acl(facts):
    stopped = []
    for subnet in facts["endpoint"]["subnet_ids"]:
        acl = facts["vpc"]["network_acls"][subnet]
        for source in sources(facts):
            stopped += _stopped(acl, subnet, source, inward=PORTS, outward=ANSWERS)
    interface = facts.get("interface")
    if interface and interface["subnet_id"] not in facts["endpoint"]["subnet_ids"]:
        acl = facts["vpc"]["network_acls"].get(interface["subnet_id"])
        for where in endpoint_target(facts).spans if acl else ():
            stopped += _stopped(acl, interface["subnet_id"], where, inward=ANSWERS, outward=PORTS)
    if stopped:
        change = f"Let these packets in, and their answers out to TCP {ANSWERS[0]}-{ANSWERS[1]}; an ACL keeps no state."
        return broken("; ".join(dict.fromkeys(stopped)) + ".", change)
    return ok(f"The network ACLs let {listed(sources(facts))} in and the answers out.")


def endpoint_security_group(facts):
    groups = facts["endpoint"]["security_group_ids"]
    ingress = [rule for group in groups for rule in facts["security_groups"][group]["ingress"]]
    closed = {str(source): _closed(ingress, source, PORTS) for source in sources(facts)}
    return _of_groups(
        closed,
        f"{listed(groups)} of the endpoint",
        "in from",
        "Let the appliances in on these ports: backup_security_group.",
    )


def _stopped(acl, subnet, other, *, inward, outward) -> list:
    """What an ACL stops: packets in from the other side, and out to it. A pair of ports is a span, else they are one by one."""
    found = []
    for egress, ports, word in ((False, inward, "in from"), (True, outward, "out to")):
        spans = [ports] if ports == ANSWERS else [(port, port) for port in ports]
        entries = [entry for entry in acl["entries"] if entry["egress"] == egress]
        hit = [(low, high) for low, high in spans if _denied(entries, other, low, high)]
        if hit:
            told = listed(str(low) if low == high else f"{low}-{high}" for low, high in hit)
            found.append(f"{acl['id']} of {subnet} does not let TCP {told} {word} {other}")
    return found


def _denied(entries, other, low, high) -> bool:
    """The first entry that fits decides about each port."""
    left = [(low, high)]
    for entry in sorted(entries, key=lambda entry: entry["number"]):
        kept = without(left, *entry["ports"])
        if kept == left:
            continue
        if not entry["allow"] and touches(entry["cidr"], other):
            return True
        if entry["allow"] and covers(entry["cidr"], other):
            left = kept
    return bool(left)


def _closed(group_rules, other, ports) -> list:
    return [
        port
        for port in ports
        if not any(
            low <= port <= high and any(covers(cidr, other) for cidr in rule["cidrs"])
            for rule in group_rules
            for low, high in [rule["ports"]]
        )
    ]


def _of_groups(closed, whose, direction, change):
    told = [f"TCP {listed(ports)} {direction} {other}" for other, ports in closed.items() if ports]
    if told:
        return broken(f"{whose} does not let {'; '.join(told)}.", change)
    return ok(f"{whose} lets TCP {listed(PORTS)} {direction} {listed(closed)}.")
