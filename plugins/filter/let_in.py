# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which addresses a way is open for: nothing closes before what replaces it works."""

from __future__ import annotations

from ..module_utils.checks.hops.spans import covers, span
from ..module_utils.values import addresses_of
from ..plugin_utils.assignment import assigned

DOCUMENTATION = r"""
name: let_in
short_description: The planned addresses, and those that a living appliance may still carry
version_added: "1.0.0"
author: The vmc.aws_backup contributors (@vmc-aws-backup)
description:
  - An address that is not planned any more goes only when no living appliance of the site carries it. Where that cannot be asked, it stays.
  - Of a network or a range that is let in, that goes which no appliance carries. Where nobody can be asked it stays, unless it is more than 65,536
    addresses.
positional: present, machines, given
options:
  _input:
    description: What the first task of a role returned.
    type: dict
    required: true
  present:
    description: The addresses and networks that are let in now.
    type: list
    elements: str
    required: true
  machines:
    description: >-
      The site's virtual machines, as M(vmc.aws_backup.gateway_appliance_info) returns them. Not a list means that nobody could be asked.
    type: raw
    required: true
  given:
    description: The addresses and networks that the user asks for, instead of those of the planned appliances.
    type: list
    elements: str
"""

EXAMPLES = r"""
- ansible.builtin.debug:
    msg: "{{ __endpoint | vmc.aws_backup.let_in(['10.30.5.20/32'], found.appliances) }}"
"""

RETURN = r"""
_value:
  description: Whom the way is for.
  type: dict
  contains:
    addresses:
      description: The planned addresses and those that stay, or what O(given) names instead.
      type: list
      elements: str
    descriptions:
      description: Address -> whose it is, for those that are known.
      type: dict
    leaving:
      description: The addresses that are let in and not planned, for which vCenter is to be asked who carries them.
      type: list
      elements: str
    findings:
      description: One sentence for each that stays, and why.
      type: list
      elements: str
    bindable:
      description: >-
        The entries of the plan that may be bound to their address. That of a machine that still has another one would be lost.
      type: list
      elements: dict
"""

MOST = 65_536  # addresses that are not open wide
MOST_OF_ONE_SEGMENT = 256


def let_in(inputs, present, machines, given=None):
    """The addresses to let in, whose they are, and a sentence on each that is not asked for."""
    entries = inputs["appliances"]
    if given is None:
        wanted = {str(one["ip_address"]): f"AWS Backup appliance {one['name']}" for one in entries}
        gone = {str(one["ip_address"]) for one in inputs["planned"]} - set(wanted)
    else:
        wanted = dict.fromkeys(given, f"AWS Backup of {inputs['name']} by endpoint_cidr_ips")
        gone = set()
    leaving = list(dict.fromkeys(_alone(one) for one in present or [] if one and not _is_in(one, wanted)))
    leaving = [one for one in leaving if one not in gone]
    asked = isinstance(machines, (list, tuple))
    kept = {address: why for address, why in _kept(leaving, machines if asked else None).items() if address not in gone}
    kept = {address: why for address, why in kept.items() if not _is_in(address, wanted)}
    if not kept:
        bindable = entries
    elif not asked:
        bindable = []
    else:
        found = assigned(entries, machines, [], inputs["site_id"])["entries"]
        bindable = [one for one in found if not kept.keys() & set(addresses_of(one["machine"]))]
    findings = [f"{address} is not planned, and stays let in: {why}." for address, why in kept.items()]
    return {
        "addresses": [*wanted, *kept],
        "descriptions": wanted,
        "leaving": leaving,
        "findings": findings,
        "bindable": bindable,
    }


def _kept(leaving, machines) -> dict:
    """Address -> why it stays. Of a network or a range only what an appliance carries of it; all of it where nobody tells."""
    spans = {one: found for one, found in ((one, span(one)) for one in leaving) if found}
    if machines is None:
        why = "vCenter could not be asked whether an appliance still has it"
        return {one: why for one, found in spans.items() if found.last - found.first < MOST}
    carried = {address: one["name"] for one in machines for address in addresses_of(one)}
    kept = {
        address: f"the appliance {name} has it"
        for address, name in carried.items()
        if any(covers(one, span(address)) for one in spans if span(address))
    }
    silent = [one["name"] for one in machines if one.get("powered_on") and not one.get("guest_ip_address")]
    if silent:
        for one, found in spans.items():
            if found.last - found.first < MOST_OF_ONE_SEGMENT and one not in kept:
                kept[one] = f"{', '.join(silent)} runs and does not say which address it has"
    return kept


def _alone(text):
    """An address as such, where it is written as a network."""
    return str(text).removesuffix("/32")


def _is_in(text, wanted) -> bool:
    """Whether all of it is let in anyway."""
    found = span(_alone(text))
    return bool(found) and any(covers(one, found) for one in wanted)


class FilterModule:
    """The filter, for Ansible."""

    def filters(self):
        """Name and function."""
        return {"let_in": let_in}
