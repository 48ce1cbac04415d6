# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What nobody planned: things of ours beyond the plan, and what others have made that opens what should be closed. Named, never touched."""

from __future__ import annotations

from ...engine.findings import Untold, broken
from ...extent import is_everywhere
from ...ownership import is_of, is_ours
from .sddc import own_ids

MANAGEMENT = ("VCENTER", "ESXI")  # the system-defined groups


def _listed(*lists) -> list:
    return [each for listed in lists if not isinstance(listed, Untold) for each in listed]


def exposed(facts):
    """The management gateway only allows, so that each rule counts, whoever's it is. Ours are compared field by field."""
    found = [
        f"{each['id']} lets everybody in to {', '.join(_targets(each))}"
        for each in _listed(facts.mgw_rules)
        if not is_ours(each["tags"]) and _allows(each) and _targets(each) and _is_open(each)
    ]
    if not found:
        return None
    return broken(
        f"{'; '.join(found)}. It is not this collection's.", "Have it narrowed to those who need it, or removed."
    )


def _allows(rule) -> bool:
    """Its last rule, which nobody can change, drops everything."""
    return not rule["disabled"] and rule.get("action") == "ALLOW"


def _targets(rule) -> list:
    """Which of the two it leads to. A name, a path and ANY may stand there."""
    named = [each.rpartition("/")[2] for each in rule.get("destination_groups") or []]
    return [each for each in MANAGEMENT if each in named or "ANY" in named]


def _is_open(rule) -> bool:
    sources = rule.get("source_groups") or []
    return is_everywhere(
        [each for each in sources if "/infra/" not in each], excluded=bool(rule.get("sources_excluded"))
    )


def unplanned_objects(facts):
    """Objects of NSX with the mark of this site under names that the roles do not give."""
    site, own = facts.identity.get("site_id"), own_ids(facts)
    lists = _listed(facts.mgw_groups, facts.cgw_groups, facts.mgw_rules, facts.cgw_rules)
    found = sorted({each["id"] for each in lists if site and is_of(each["tags"], site) and each["id"] not in own})
    if not found:
        return None
    return broken(
        f"{', '.join(found)}: the collection has made it for this site, and nothing of the plan needs it.",
        "Remove it, if nothing else goes by it.",
    )


def unplanned_gateways(facts):
    """Gateways of this site that no entry of the plan stands for."""
    site = facts.identity.get("site_id")
    if not site or isinstance(facts.plan, Untold):
        return None
    planned = {name for each in facts.plan for name in (each["entry"], each["name"])}
    found = sorted(
        each["name"]
        for each in _listed(facts.gateways)
        if each.get("site_id") == site and not {each.get("entry"), each["name"]} & planned
    )
    if not found:
        return None
    return broken(
        f"{', '.join(found)}: gateways of this site that vmc_backup_appliances does not plan.",
        "Plan them, or give them up with vmc.aws_backup.replace_gateway or teardown.",
    )


def strangers(facts):
    """Gateways that somebody else has activated through the endpoint."""
    others = [each for each in _listed(facts.gateways) if not is_ours(each["tags"]) and each["vpc_endpoint"]]
    names = facts.endpoint_names if others else []
    found = sorted(each["name"] for each in others if each["vpc_endpoint"] in names)
    if not found:
        return None
    return broken(
        f"{', '.join(found)}: activated through the endpoint by somebody else, and without the mark of any site.",
        "Ask whose it is. The endpoint stays as long as it uses it.",
    )
