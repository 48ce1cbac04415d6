#!/usr/bin/python
# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: vpce_backup
short_description: Interface endpoint for AWS Backup in a VPC
version_added: "1.0.0"
author: The vmc.aws_backup contributors (@vmc-aws-backup)
description:
  - Keeps the interface VPC endpoint through which AWS Backup gateway appliances reach the service privately, and corrects it in place.
  - Only a living endpoint of type Interface that carries the tag C(managed-by=vmc-aws-backup) is ever touched.
    One of somebody else in the same place is refused and named.
  - Private DNS is off on a new endpoint unless O(private_dns_enabled) says otherwise, because it would redirect every caller of the service in the VPC.
extends_documentation_fragment:
  - vmc.aws_backup.state
  - vmc.aws_backup.wait
  - vmc.aws_backup.tags
  - vmc.aws_backup.on_immutable
  - vmc.aws_backup.attributes
  - vmc.aws_backup.aws
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
options:
  name:
    description: What the C(Name) tag of the endpoint says.
    type: str
    default: vmc-aws-backup
  vpc_id:
    description: Id of the VPC that hosts the endpoint, best the one connected to the SDDC. Cannot be changed.
    type: str
    required: true
  service:
    description:
      - The service that the endpoint leads to.
      - The appliances need V(backup-gateway). Callers of the AWS Backup API in a VPC without internet need V(backup) too.
    type: str
    choices: [backup-gateway, backup]
    default: backup-gateway
  subnet_ids:
    description:
      - Ids of the subnets that get a network interface of the endpoint, at most one per availability zone.
      - Required to create it.
    type: list
    elements: str
  security_group_ids:
    description:
      - Ids or names of the security groups. The default group of the VPC is refused.
      - Groups that were attached by others and do not carry our tag stay attached.
      - Required to create it. A name that does not exist yet is predicted in check mode, and refused otherwise.
    type: list
    elements: str
  security_groups_quota:
    description:
      - How many security groups a network interface may have in this account and Region. More are refused before the endpoint is written.
    type: int
    default: 5
  shared:
    description:
      - Whether others use this collection to put subnets and security groups of their own on the endpoint, as several SDDCs in one VPC do.
      - Then O(subnet_ids) and O(security_group_ids) are added and nothing is taken away. A subnet is not added where its zone is served already.
    type: bool
    default: false
  policy_document:
    description:
      - The endpoint policy. It is compared by meaning, not by text.
      - V({}) stands for full access, which is also what AWS gives a new endpoint.
    type: dict
  private_dns_enabled:
    description: Whether the public name of the service leads to the endpoint inside the VPC.
    type: bool
  ip_address_type:
    description: The kind of addresses of the endpoint.
    type: str
    choices: [ipv4, ipv6, dualstack]
  vpc_endpoint_id:
    description: Id of the one endpoint that is meant, if it shall not be found by its tag.
    type: str
  site_id:
    description:
      - Identity of a site that uses it, such as the id of the SDDC. The endpoint carries one tag C(vmc-aws-backup-user:<site>) for each.
      - With it, an endpoint that another site uses, or that carries security groups which were not made for this site, is not removed.
    type: str
  site_was:
    description: A site that is gone for good, and whose place as a user O(site_id) takes.
    type: str
  used:
    description:
      - Whether O(site_id) uses it. With V(false) its tag and its security groups are taken off, and the endpoint stays.
      - When not given, a site that is named counts as a user.
    type: bool
  in_use_by:
    description: What else is known to use it, such as gateways of other accounts. While there is any, it is not removed.
    type: list
    elements: str
  adopt:
    description: Whether the endpoint in O(vpc_endpoint_id) is taken over when it does not carry our tag.
    type: bool
    default: false
seealso:
  - module: vmc.aws_backup.vpce_backup_info
  - module: vmc.aws_backup.backup_security_group
"""

EXAMPLES = r"""
- name: Endpoint in the availability zone of the SDDC
  vmc.aws_backup.vpce_backup:
    region: eu-west-1
    vpc_id: vpc-0123456789abcdef0
    subnet_ids: [subnet-0123456789abcdef0]
    security_group_ids: [vmc-aws-backup]
    tags:
      cost-center: backup
  register: endpoint

- name: The name to hand to the appliances
  ansible.builtin.debug:
    var: endpoint.vpc_endpoint.dns_name

- name: Take over an endpoint that was made by hand
  vmc.aws_backup.vpce_backup:
    region: eu-west-1
    vpc_id: vpc-0123456789abcdef0
    vpc_endpoint_id: vpce-0123456789abcdef0
    adopt: true

- name: No endpoint of ours any more
  vmc.aws_backup.vpce_backup:
    region: eu-west-1
    vpc_id: vpc-0123456789abcdef0
    state: absent
"""

RETURN = r"""
vpc_endpoint:
  description: The endpoint.
  returned: when it exists, or in check mode would
  type: dict
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
changes:
  description: One record for each field that differs from what was asked for.
  returned: always
  type: list
  elements: dict
  contains:
    path:
      description: The field, with dots between the levels.
      type: str
    desired:
      description: What was asked for.
      type: raw
    actual:
      description: What was found.
      type: raw
    effect:
      description:
        - V(create), V(in_place), V(replace) or V(delete). What would need V(replace) is reported, never done.
        - V(denied) was not allowed or is not kept, V(kept) was noticed though nobody asked about it, and is left. Both come with a warning.
      type: str
unverifiable:
  description: The options that no API gives back, so that a difference cannot be seen.
  returned: always
  type: list
  elements: str
done:
  description: What was written before the module failed.
  returned: when it fails after the first write
  type: list
  elements: str
remaining:
  description: What was not written any more.
  returned: when it fails after the first write
  type: list
  elements: str
"""

from ..module_utils.clients.aws import Aws, aws_module
from ..module_utils.engine import runner
from ..module_utils.resources.vpc_endpoint import VpcEndpoint

SPEC = {
    **runner.STATE,
    **runner.WAIT,
    **runner.TAGS,
    **runner.ON_IMMUTABLE,
    "name": {"type": "str", "default": "vmc-aws-backup"},
    "vpc_id": {"type": "str", "required": True},
    "service": {"type": "str", "choices": ["backup-gateway", "backup"], "default": "backup-gateway"},
    "subnet_ids": {"type": "list", "elements": "str"},
    "security_group_ids": {"type": "list", "elements": "str"},
    "security_groups_quota": {"type": "int", "default": 5},
    "shared": {"type": "bool", "default": False},
    "policy_document": {"type": "dict"},
    "private_dns_enabled": {"type": "bool"},
    "ip_address_type": {"type": "str", "choices": ["ipv4", "ipv6", "dualstack"]},
    "vpc_endpoint_id": {"type": "str"},
    **runner.ADOPT,
    **runner.SITE,
    **runner.SITE_WAS,
    "used": {"type": "bool"},
    "in_use_by": {"type": "list", "elements": "str"},
}


def main():
    runner.run(aws_module(SPEC), lambda module: VpcEndpoint(Aws(module, "ec2"), module.params))


if __name__ == "__main__":
    main()
