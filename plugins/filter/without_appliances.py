# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The plan of the appliances with the places of some of them left empty."""

from __future__ import annotations

from .appliances import appliances, meant

DOCUMENTATION = r"""
name: without_appliances
short_description: The plan of one SDDC without some of its appliances
version_added: "1.0.0"
author: The vmc.aws_backup contributors (@vmc-aws-backup)
description:
  - Leaves the places of the named appliances empty, so that the others keep their names.
positional: names, name
options:
  _input:
    description: One entry per cluster, as P(vmc.aws_backup.appliances#filter) takes it.
    type: list
    elements: dict
    required: true
  names:
    description: Names or entries of the appliances to leave out.
    type: list
    elements: str
    required: true
  name:
    description: Name of the SDDC, with which each appliance's name begins.
    type: str
    required: true
"""

EXAMPLES = r"""
# [{"cluster": "Cluster-1", "addresses": ["", "10.30.5.21"]}]
- ansible.builtin.debug:
    msg: "{{ plan | vmc.aws_backup.without_appliances(['sddc-1-cluster-1-1'], 'sddc-1') }}"
  vars:
    plan:
      - cluster: Cluster-1
        addresses: [10.30.5.20, 10.30.5.21]
"""

RETURN = r"""
_value:
  description: The plan.
  type: list
  elements: dict
"""


def without_appliances(plan, names, name):
    """The plan with an empty text in place of the addresses of these appliances."""
    gone = [one["ip_address"] for one in appliances(plan, name) if {one["name"], one["entry"]} & set(names)]
    return [
        {
            **{key: value for key, value in entry.items() if key != "count" or value == 0},
            "addresses": ["" if address in gone else address for address in entry.get("addresses") or []],
        }
        for entry in meant(plan)
    ]


class FilterModule:
    """The filter, for Ansible."""

    def filters(self):
        """Name and function."""
        return {"without_appliances": without_appliances}
