# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The plan of the appliances: one entry per cluster becomes one entry per appliance."""

from __future__ import annotations

import ipaddress
import re

from ansible.errors import AnsibleFilterError

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

# [{"name": "sddc-1-cluster-1-1", "cluster": "Cluster-1", "ip_address": "10.30.5.20", "mac_address": "00:50:56:1e:05:14"}, ...]
"""

RETURN = r"""
_value:
  description: One entry per appliance. Every other key of the cluster's entry is carried over.
  type: list
  elements: dict
  contains:
    name:
      description: Name of the virtual machine and of the gateway.
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

PLACE = ("cluster", "addresses", "count")
LONGEST_NAME = 100


def appliances(plan, name):
    """One entry per appliance from one entry per cluster."""
    if not re.fullmatch(r"[a-zA-Z0-9-]+", name):
        raise AnsibleFilterError(f"The name {name!r} may hold letters, digits and hyphens only.")
    planned = [entry for cluster in plan for entry in _of_cluster(cluster, name)]
    for key in ("name", "ip_address", "mac_address"):
        values = [entry[key] for entry in planned]
        doubled = sorted({value for value in values if values.count(value) > 1})
        if doubled:
            raise AnsibleFilterError(f"Two appliances would share the {key} {', '.join(doubled)}.")
    return planned


def mac_address(address):
    """The MAC address that belongs to a planned IPv4 address."""
    _first, second, third, fourth = ipaddress.IPv4Address(address).packed
    # vSphere lets an administrator set 00:50:56:00:00:00 to 00:50:56:3f:ff:ff.
    return f"00:50:56:{second & 0x3F:02x}:{third:02x}:{fourth:02x}"


def _of_cluster(entry, name):
    cluster = entry.get("cluster")
    if not cluster:
        raise AnsibleFilterError(f"An entry without a cluster: {entry!r}.")
    addresses = entry.get("addresses") or []
    planned = [address for address in addresses if address]
    count = int(entry["count"]) if entry.get("count") is not None else len(planned) or int(not addresses)
    if count != len(planned):
        raise AnsibleFilterError(
            f"{cluster} is to have {count} appliance(s), but {len(planned)} address(es) are planned: give one for each."
        )
    carried = {key: value for key, value in entry.items() if key not in PLACE}
    return [
        {
            **carried,
            "name": _checked_name(f"{name}-{_slug(cluster)}-{place}"),
            "cluster": cluster,
            "ip_address": _checked_address(cluster, address),
            "mac_address": mac_address(address),
        }
        for place, address in enumerate(addresses, start=1)
        if address
    ]


def _slug(cluster):
    return re.sub(r"[^a-z0-9]+", "-", cluster.lower()).strip("-")


def _checked_name(name):
    if len(name) > LONGEST_NAME:
        raise AnsibleFilterError(f"The name {name} is longer than the {LONGEST_NAME} characters AWS Backup allows.")
    return name


def _checked_address(cluster, address):
    try:
        return str(ipaddress.IPv4Address(address))
    except ValueError as failure:
        raise AnsibleFilterError(f"{cluster}: {address!r} is not an IPv4 address.") from failure


class FilterModule:
    """The filter, for Ansible."""

    def filters(self):
        """Name and function."""
        return {"appliances": appliances}
