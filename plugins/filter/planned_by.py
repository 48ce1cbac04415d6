# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which hosts plan an appliance of a name."""

from __future__ import annotations

from ..module_utils.errors import Invalid
from ..module_utils.plan import appliances
from .appliances import meant

DOCUMENTATION = r"""
name: planned_by
short_description: Which hosts plan an appliance of a name
version_added: "1.0.0"
author: The vmc.aws_backup contributors (@vmc-aws-backup)
description:
  - Looks through the plans of hosts for an appliance, by its entry or by its name. A plan that is wrong plans nothing here; its host says why.
positional: appliance
options:
  _input:
    description: Variables of the hosts, as C(hostvars) has them.
    type: list
    elements: dict
    required: true
  appliance:
    description: The entry or the name.
    type: str
    required: true
"""

EXAMPLES = r"""
- ansible.builtin.debug:
    msg: "{{ ansible_play_hosts_all | map('extract', hostvars) | list | vmc.aws_backup.planned_by('sddc-1-cluster-1-1') }}"
"""

RETURN = r"""
_value:
  description: The names of the hosts.
  type: list
  elements: str
"""


def planned_by(hosts, appliance):
    """The hosts whose plan has it."""
    found = []
    for host in hosts:
        name = str(host.get("vmc_backup_name") or host["inventory_hostname"])
        try:
            planned = appliances(meant(host.get("vmc_backup_appliances")) or [], name)
        except Invalid:
            planned = []
        if any(appliance in (entry["entry"], entry["name"]) for entry in planned):
            found.append(host["inventory_hostname"])
    return found


class FilterModule:
    """The filter, for Ansible."""

    def filters(self):
        """Name and function."""
        return {"planned_by": planned_by}
