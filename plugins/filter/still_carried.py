# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which addresses a way stays open for: nothing closes before what replaces it works."""

from __future__ import annotations

import ipaddress

DOCUMENTATION = r"""
name: still_carried
short_description: The planned addresses, and those that a living appliance may still carry
version_added: "1.0.0"
author: The vmc.aws_backup contributors (@vmc-aws-backup)
description:
  - An address that is not planned any more goes only when no living appliance of the site carries it. Where that cannot be asked, it stays.
  - Networks of more than one address are no appliance's, and never stay.
positional: present, machines, retired
options:
  _input:
    description: The planned addresses.
    type: list
    elements: str
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
  retired:
    description: Addresses of appliances that were retired by name, which are let in no more.
    type: list
    elements: str
"""

EXAMPLES = r"""
- ansible.builtin.debug:
    msg: "{{ ['10.30.5.21'] | vmc.aws_backup.still_carried(['10.30.5.20/32'], found.appliances) }}"
"""

RETURN = r"""
_value:
  description: The addresses.
  type: dict
  contains:
    addresses:
      description: The planned ones, and those that stay.
      type: list
      elements: str
    findings:
      description: One sentence for each that stays, and why.
      type: list
      elements: str
"""


def still_carried(planned, present, machines, retired=()):
    """The addresses to let in, and a sentence on each that is not planned."""
    planned = [str(address) for address in planned]
    leaving = [one for one in map(_single, present or []) if one and one not in planned and one not in retired]
    if not leaving:
        return {"addresses": planned, "findings": []}
    if not isinstance(machines, (list, tuple)):
        why = "vCenter could not be asked whether an appliance still has it"
        return {"addresses": planned + leaving, "findings": [_told(one, why) for one in leaving]}
    carried = {one["guest_ip_address"]: one["name"] for one in machines if one.get("guest_ip_address")}
    silent = [one["name"] for one in machines if one.get("powered_on") and not one.get("guest_ip_address")]
    findings = {}
    for address in leaving:
        if address in carried:
            findings[address] = _told(address, f"the appliance {carried[address]} has it")
        elif silent:
            findings[address] = _told(address, f"{', '.join(silent)} runs and does not say which address it has")
    return {"addresses": planned + list(findings), "findings": list(findings.values())}


def _single(text):
    """The address, when it is one."""
    try:
        network = ipaddress.ip_network(str(text))
    except ValueError:
        return None
    return str(network.network_address) if network.num_addresses == 1 else None


def _told(address, why) -> str:
    return f"{address} is not planned, and stays let in: {why}."


class FilterModule:
    """The filter, for Ansible."""

    def filters(self):
        """Name and function."""
        return {"still_carried": still_carried}
