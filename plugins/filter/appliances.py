# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The plan of the appliances: one entry per cluster becomes one entry per appliance."""

from __future__ import annotations

from ansible.errors import AnsibleFilterError

from ..module_utils.errors import Invalid
from ..module_utils.plan import OPTION
from ..module_utils.plan import appliances as planned
from ..plugin_utils.variables import is_given, typed

DOCUMENTATION = r"""
name: appliances
short_description: Names and addresses of the gateway appliances of one SDDC
version_added: "1.0.0"
author: The vmc.aws_backup contributors (@vmc-aws-backup)
description:
  - Turns the plan per cluster into one entry per appliance.
  - A name depends on the SDDC's name, the cluster and the appliance's place in the cluster, and on nothing else. A MAC address depends on the
    planned IPv4 address alone, so that a DHCP reservation can be made before the appliance exists.
positional: name
options:
  _input:
    description: One entry per cluster.
    type: list
    elements: dict
    required: true
    suboptions:
      cluster:
        description: The cluster the appliances run in.
        type: str
        required: true
      addresses:
        description:
          - The planned IPv4 address of each appliance. May be left out where O(_input[].count) is V(0).
          - An empty text leaves its place empty, so that the others keep their names.
        type: list
        elements: str
      count:
        description:
          - How many appliances; as many as O(_input[].addresses) when left out.
          - V(0) says that the cluster needs none, because nothing in it is to be backed up.
        type: int
      name:
        description:
          - What the first appliance of the cluster and its gateway are called; each further one has its place behind it.
          - A gateway of another name is renamed. A virtual machine never is.
        type: str
  name:
    description: Name of the SDDC, with which each appliance's name begins.
    type: str
    required: true
"""

EXAMPLES = r"""
# One appliance in Cluster-1, two in Cluster-2.
- ansible.builtin.debug:
    msg: "{{ plan | vmc.aws_backup.appliances('sddc-1') }}"
  vars:
    plan:
      - cluster: Cluster-1
        addresses: [10.30.5.20]
      - cluster: Cluster-2
        addresses: [10.30.5.21, 10.30.5.22]

# [{"entry": "sddc-1-cluster-1-1", "name": "sddc-1-cluster-1-1", "cluster": "Cluster-1", "ip_address": "10.30.5.20", "mac_address": "00:50:56:1e:05:14"}, ...]
"""

RETURN = r"""
_value:
  description: One entry per appliance. Every other key of the cluster's entry is carried over.
  type: list
  elements: dict
  contains:
    entry:
      description:
        - Name of the entry, from the names of the SDDC and the cluster and the appliance's place. What is made for it carries it.
        - A cluster whose name is not all ASCII has a short digest in it.
      type: str
    name:
      description: Name of the virtual machine and of the gateway, as given or else that of the entry.
      type: str
    given_name:
      description: The name that was given, if one was.
      type: str
    cluster:
      description: The cluster it runs in.
      type: str
    ip_address:
      description: The planned address.
      type: str
    mac_address:
      description: The MAC address that belongs to the planned address, from the range VMware leaves to administrators.
      type: str
"""


def appliances(plan, name):
    """One entry per appliance from one entry per cluster."""
    try:
        return planned(meant(plan), name)
    except Invalid as failure:
        raise AnsibleFilterError(str(failure)) from None


def meant(plan):
    """A plan that a survey or a command line gave as text, as what it says."""
    return typed(OPTION, plan) if isinstance(plan, str) and is_given(plan) else plan


class FilterModule:
    """The filter, for Ansible."""

    def filters(self):
        """Name and function."""
        return {"appliances": appliances}
