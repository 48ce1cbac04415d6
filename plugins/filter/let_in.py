# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which addresses a way is open for: nothing closes before what replaces it works."""

from __future__ import annotations

import ipaddress

from ..module_utils.values import addresses_of
from ..plugin_utils.assignment import assigned

DOCUMENTATION = r"""
name: let_in
short_description: The planned addresses, and those that a living appliance may still carry
version_added: "1.0.0"
author: The vmc.aws_backup contributors (@vmc-aws-backup)
description:
  - An address that is not planned any more goes only when no living appliance of the site carries it. Where that cannot be asked, it stays.
  - Networks of more than one address are no appliance's, and never stay.
positional: present, machines
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
      description: The planned addresses and those that stay, or what C(endpoint_cidr_ips) names instead.
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


def let_in(inputs, present, machines):
    """The addresses to let in, whose they are, and a sentence on each that is not planned."""
    given = inputs["given"].get("endpoint_cidr_ips")
    if given is not None:
        whose = f"AWS Backup of {inputs['name']} by endpoint_cidr_ips"
        return _answer(list(given), dict.fromkeys(given, whose), [], {}, inputs["appliances"])
    entries = inputs["appliances"]
    planned = {str(one["ip_address"]): f"AWS Backup appliance {one['name']}" for one in entries}
    retired = {str(one["ip_address"]) for one in inputs["planned"]} - set(planned)
    leaving = list(
        dict.fromkeys(one for one in map(_single, present or []) if one and one not in planned and one not in retired)
    )
    asked = isinstance(machines, (list, tuple))
    kept = _kept(leaving, machines if asked else None)
    if not kept:
        bindable = entries
    elif not asked:
        bindable = []
    else:
        found = assigned(entries, machines, [], inputs["site_id"])["entries"]
        bindable = [one for one in found if not kept.keys() & set(addresses_of(one["machine"]))]
    return _answer([*planned, *kept], planned, leaving, kept, bindable)


def _answer(addresses, descriptions, leaving, kept, bindable) -> dict:
    findings = [f"{address} is not planned, and stays let in: {why}." for address, why in kept.items()]
    return {
        "addresses": addresses,
        "descriptions": descriptions,
        "leaving": leaving,
        "findings": findings,
        "bindable": bindable,
    }


def _kept(leaving, machines) -> dict:
    """Address -> why it stays."""
    if machines is None:
        return dict.fromkeys(leaving, "vCenter could not be asked whether an appliance still has it")
    carried = {address: one["name"] for one in machines for address in addresses_of(one)}
    silent = [one["name"] for one in machines if one.get("powered_on") and not one.get("guest_ip_address")]
    why = {address: f"the appliance {carried[address]} has it" for address in leaving if address in carried}
    if silent:
        for address in leaving:
            why.setdefault(address, f"{', '.join(silent)} runs and does not say which address it has")
    return {address: why[address] for address in leaving if address in why}


def _single(text):
    """The address, when it is one."""
    try:
        network = ipaddress.ip_network(str(text))
    except ValueError:
        return None
    return str(network.network_address) if network.num_addresses == 1 else None


class FilterModule:
    """The filter, for Ansible."""

    def filters(self):
        """Name and function."""
        return {"let_in": let_in}
