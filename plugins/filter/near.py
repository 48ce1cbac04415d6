# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where an endpoint belongs: beside the clusters that its appliances run in."""

from __future__ import annotations

from ..module_utils.resources.sddc import subnet_ids

DOCUMENTATION = r"""
name: near
short_description: The linked subnets of an SDDC in whose availability zones planned appliances run
version_added: "1.0.0"
author: The vmc.aws_backup contributors (@vmc-aws-backup)
description:
  - A stretched SDDC is linked to two subnets, but not each of its clusters need be stretched. An endpoint for appliances in one zone belongs into that one.
  - Where the zones of a cluster are not told, all linked subnets.
positional: appliances
options:
  _input:
    description: An SDDC, as M(vmc.aws_backup.vmc_sddc_info) returns it.
    type: dict
    required: true
  appliances:
    description: The entries of the plan.
    type: list
    elements: dict
    required: true
"""

EXAMPLES = r"""
- ansible.builtin.debug:
    msg: "{{ found.sddcs[0] | vmc.aws_backup.near(__endpoint.appliances) }}"
"""

RETURN = r"""
_value:
  description: Ids of subnets.
  type: list
  elements: str
"""


def near(sddc, appliances):
    """The ids of the subnets."""
    return subnet_ids(sddc or {}, sorted({one["cluster"] for one in appliances or []}))


class FilterModule:
    """The filter, for Ansible."""

    def filters(self):
        """Name and function."""
        return {"near": near}
