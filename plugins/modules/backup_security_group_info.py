#!/usr/bin/python
# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: backup_security_group_info
short_description: List security groups of a VPC
version_added: "1.0.0"
author: The vmc.aws_backup contributors (@vmc-aws-backup)
description:
  - Lists security groups in the form that M(vmc.aws_backup.backup_security_group) has them.
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
  name:
    description: Only groups of this name.
    type: str
  vpc_id:
    description: Only groups in this VPC.
    type: str
seealso:
  - module: vmc.aws_backup.backup_security_group
"""

EXAMPLES = r"""
- name: The group of the endpoint
  vmc.aws_backup.backup_security_group_info:
    region: eu-west-1
    name: vmc-aws-backup
    vpc_id: vpc-0123456789abcdef0
  register: found
"""

RETURN = r"""
security_groups:
  description: The security groups.
  returned: always
  type: list
  elements: dict
  contains:
    group_id:
      description: Id of the group.
      type: str
      sample: sg-0123456789abcdef0
    name:
      description: Name of the group.
      type: str
      sample: vmc-aws-backup
    vpc_id:
      description: Id of its VPC.
      type: str
      sample: vpc-0123456789abcdef0
    description:
      description: Its description.
      type: str
    ingress:
      description: Its rules for incoming traffic, sorted. A rule that is not TCP from an IPv4 network names what it is instead.
      type: list
      elements: dict
      contains:
        from_port:
          description: First port.
          type: int
        to_port:
          description: Last port.
          type: int
        cidr_ip:
          description: The IPv4 network that may come in.
          type: str
        cidr_ipv6:
          description: The IPv6 network that may come in.
          type: str
        prefix_list_id:
          description: The prefix list that may come in.
          type: str
        source_group_id:
          description: The security group that may come in.
          type: str
        protocol:
          description: The protocol, where it is not TCP.
          type: str
    ingress_descriptions:
      description: What the rules for incoming traffic say of each source, empty where its rules do not say the same.
      type: dict
    egress:
      description: Its rules for outgoing traffic, sorted, in the form of RV(security_groups[].ingress).
      type: list
      elements: dict
    site_id:
      description: The site that it was made for, from the tag C(vmc-aws-backup-site). Empty where it carries none.
      type: str
    tags:
      description: Its tags.
      type: dict
"""

from ..module_utils.clients.aws import Aws, aws_module
from ..module_utils.engine import runner
from ..module_utils.resources.security_group import find, view

SPEC = {
    "name": {"type": "str"},
    "vpc_id": {"type": "str"},
}


def fetch(module):
    filters = {key: module.params[key] for key in SPEC}
    return [view(raw) for raw in find(Aws(module, "ec2"), **filters)]


def main():
    runner.info(aws_module(SPEC), "security_groups", fetch)


if __name__ == "__main__":
    main()
