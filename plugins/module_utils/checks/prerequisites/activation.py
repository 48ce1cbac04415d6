# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The way to the activation page of an appliance, and what a killed run left open of it."""

from __future__ import annotations

from ...activation import is_private, nat_source, single
from ...engine.findings import Untold, broken, ok, unknown
from ...errors import Invalid
from ..hops.spans import covers, span

BASTION = "Let the tasks run on a bastion that reaches the appliances, vmc_backup_delegate_to"


def by_nat(facts) -> bool:
    return facts.on_vmc and facts.given.get("registration_activation_by") == "nat"


def _controls(facts) -> list:
    return facts.given.get("vmc_backup_control_addresses") or []


def to_activate(facts) -> list:
    """The appliances of the plan that are no gateways yet, as far as anybody tells."""
    known = [] if isinstance(facts.gateways, Untold) else facts.gateways
    taken = {name for each in known for name in (each.get("name"), each.get("entry")) if name}
    return (
        []
        if isinstance(facts.plan, Untold)
        else [each for each in facts.plan if not {each["entry"], each["name"]} & taken]
    )


def source(facts):
    if not by_nat(facts):
        return None
    try:
        nat_source(facts.given.get("registration_nat_source_address"), _controls(facts))
    except Invalid as refusal:
        return broken(str(refusal))
    return None


def readable(facts):
    """The page speaks plain HTTP."""
    if not by_nat(facts) or not to_activate(facts):
        return None
    names = ", ".join(each["name"] for each in to_activate(facts))
    return broken(
        f"registration_activation_by is nat, so that the activation key of {names} crosses the internet readable. "
        "Whoever reads it before it is used can make the appliance a gateway of another account.",
        f"{BASTION}, where there is one.",
    )


def comes_back(facts):
    """What comes in by NAT is answered by the default route."""
    if not by_nat(facts) or isinstance(facts.mgw_groups, Untold):
        return None
    if isinstance(facts.learned_routes, Untold):
        return unknown(
            f"whether answers to the internet leave the SDDC on premises is not told: {facts.learned_routes}"
        )
    away = [each for each in facts.learned_routes if each["network"] == "0.0.0.0/0"]
    if not away:
        return None
    return broken(
        f"the default route leaves on premises (learned by {', '.join(each['by'] for each in away)}), so that what comes to a public address by NAT is "
        "never answered.",
        f"{BASTION}, and set registration_activation_by: address.",
    )


def reached(facts):
    """A public address reaches a private one by NAT only, unless a way back to it was learned."""
    if not facts.on_vmc or by_nat(facts) or facts.bastion or not to_activate(facts):
        return None
    outside = [address for address in map(single, _controls(facts)) if address and not is_private(address)]
    outside = [str(address) for address in outside if not address.is_loopback and not _is_known(facts, str(address))]
    if not outside or len(outside) != len(_controls(facts)):
        return None
    return broken(
        f"{', '.join(outside)} is an address of the internet, from which nothing leads to an appliance's own address.",
        f"{BASTION}, or set registration_activation_by: nat. The activation key then crosses the internet readable.",
    )


def _is_known(facts, address) -> bool:
    """Whether the SDDC has learned a way to an address, or nobody tells."""
    routes = facts.learned_routes
    return isinstance(routes, Untold) or any(
        covers(each["network"], span(address)) for each in routes if each["network"] != "0.0.0.0/0"
    )


def left(facts) -> list | None:
    """What there is of a way in that only exists while a key is fetched; ``None`` where NSX does not tell."""
    if isinstance(facts.cgw_rules, Untold):
        return None
    own = f"{facts.name}-activation"
    kinds = {
        "cgw_rule": facts.cgw_rules,
        "nat_rule": facts.nat_rules,
        "public_ip": facts.public_ips,
    }
    return [
        kind for kind, found in kinds.items() if not isinstance(found, Untold) and own in [each["id"] for each in found]
    ]


def closed(facts):
    found = left(facts) or []
    if not found:
        return None
    words = {"cgw_rule": "rule of the compute gateway", "nat_rule": "NAT rule", "public_ip": "public address"}
    return broken(
        f"the {' and the '.join(words[each] for each in found)} {facts.name}-activation exist only while a key is fetched, and "
        f"{'is' if len(found) == 1 else 'are'} there: a run was killed, or one is under way.",
        "The role registration removes what is left.",
    )


def seen(facts):
    if left(facts) is None:
        return unknown("NSX does not tell whether a way in was left open.")
    if not by_nat(facts):
        return ok("Each appliance is asked on its own address, from where the tasks run.")
    return ok("Each appliance is asked on a public address, which exists only while its key is fetched.")
