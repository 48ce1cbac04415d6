#!/usr/bin/python
# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: vpce_backup_info
short_description: List interface endpoints for AWS Backup
version_added: "1.0.0"
author: The vmc.aws_backup contributors (@vmc-aws-backup)
description:
  - Lists the interface VPC endpoints of a region that lead to AWS Backup, ours and those of others.
extends_documentation_fragment:
  - vmc.aws_backup.attributes
  - vmc.aws_backup.aws
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
    details: Changes nothing, so that there is nothing to compare.
options:
  vpc_id:
    description: Only endpoints in this VPC.
    type: str
  service:
    description: The service that the endpoints lead to.
    type: str
    choices: [backup-gateway, backup]
    default: backup-gateway
  name:
    description: Only endpoints with this C(Name) tag.
    type: str
  owned_only:
    description: Only endpoints that carry the tag C(managed-by=vmc-aws-backup).
    type: bool
    default: false
seealso:
  - module: vmc.aws_backup.vpce_backup
"""

EXAMPLES = r"""
- name: All endpoints for backup gateways in a VPC
  vmc.aws_backup.vpce_backup_info:
    region: eu-west-1
    vpc_id: vpc-0123456789abcdef0
  register: found
"""

RETURN = r"""
vpc_endpoints:
  description: The endpoints, without those that are deleted.
  returned: always
  type: list
  elements: dict
  contains:
    vpc_endpoint_id:
      description: Id of the endpoint.
      type: str
      sample: vpce-0123456789abcdef0
    vpc_endpoint_type:
      description: Always V(Interface).
      type: str
      sample: Interface
    state:
      description: State of the endpoint.
      type: str
      sample: available
    service_name:
      description: Name of the service it leads to.
      type: str
      sample: com.amazonaws.eu-west-1.backup-gateway
    vpc_id:
      description: Id of its VPC.
      type: str
      sample: vpc-0123456789abcdef0
    subnet_ids:
      description: Ids of the subnets it has a network interface in.
      type: list
      elements: str
    security_group_ids:
      description: Ids of its security groups.
      type: list
      elements: str
    private_dns_enabled:
      description: Whether the service's public name leads to it inside the VPC.
      type: bool
    ip_address_type:
      description: V(ipv4), V(ipv6) or V(dualstack).
      type: str
      sample: ipv4
    policy_document:
      description: The endpoint policy, lists sorted and single values without a list around them.
      type: dict
    dns_name:
      description: The regional name, which is the one to hand to an appliance.
      type: str
      sample: vpce-0123456789abcdef0-abcd1234.backup-gateway.eu-west-1.vpce.amazonaws.com
    zonal_dns_names:
      description: The names of one availability zone each.
      type: list
      elements: str
    network_interfaces:
      description: The network interfaces with their addresses.
      type: list
      elements: dict
      contains:
        network_interface_id:
          description: Id of the network interface.
          type: str
        private_ip_address:
          description: Its address.
          type: str
        subnet_id:
          description: Id of its subnet.
          type: str
        availability_zone:
          description: Name of the zone in this account.
          type: str
          sample: eu-west-1a
        availability_zone_id:
          description: Id of the zone, the same in every account.
          type: str
          sample: euw1-az1
    availability_zone_ids:
      description: Ids of the zones of its subnets.
      type: list
      elements: str
    users:
      description: The sites that use it, by their tags C(vmc-aws-backup-user:<site>).
      type: list
      elements: str
    tags:
      description: Its tags, without those of its users.
      type: dict
"""

from ..module_utils.clients.aws import Aws, aws_module
from ..module_utils.engine import runner
from ..module_utils.ownership import is_ours
from ..module_utils.resources.vpc_endpoint import find, view

SPEC = {
    "vpc_id": {"type": "str"},
    "service": {"type": "str", "choices": ["backup-gateway", "backup"], "default": "backup-gateway"},
    "name": {"type": "str"},
    "owned_only": {"type": "bool", "default": False},
}


def fetch(module):
    filters = {key: module.params[key] for key in ("vpc_id", "service", "name")}
    found = [view(raw) for raw in find(Aws(module, "ec2"), **filters)]
    return [
        endpoint
        for endpoint in found
        if endpoint["state"] not in ("deleting", "deleted")
        and (is_ours(endpoint["tags"]) or not module.params["owned_only"])
    ]


def main():
    runner.info(aws_module(SPEC), "vpc_endpoints", fetch)


if __name__ == "__main__":
    main()
