#!/usr/bin/python
# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: backup_security_group
short_description: Security group of the endpoint for AWS Backup
version_added: "1.0.0"
author: The vmc.aws_backup contributors (@vmc-aws-backup)
description:
  - Keeps the security group of the interface endpoint. It is owned whole, so that exactly the ports the appliances need are open, from exactly their addresses.
  - Those ports are TCP 443, 1026, 1027, 1028 and 1031, and 2222 with O(support_access).
  - For outgoing traffic it has what EC2 gives a new group, or nothing. An endpoint opens no connection, so that neither matters. Any other rule
    is somebody's, and is taken out.
extends_documentation_fragment:
  - vmc.aws_backup.state
  - vmc.aws_backup.adopt
  - vmc.aws_backup.site
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
  take_over:
    description: Whether one that carries no site's mark, since an earlier version made it, is known to be this site's and gets its mark.
    type: bool
    default: false
  site_was:
    description: A site that is gone for good, and whose things are taken over by O(site_id).
    type: str
  name:
    description: Name of the group. It is found by this name.
    type: str
    required: true
  vpc_id:
    description: Id of the VPC that the group is in.
    type: str
    required: true
  description:
    description:
      - Description of the group. Cannot be changed.
      - When not given, a new group gets one that says what it is for.
    type: str
  cidr_ips:
    description:
      - The IPv4 addresses and networks of the appliances. An address alone stands for itself.
      - V([]) closes the group. Networks with host bits are refused, and without O(allow_wide) more than 65,536 addresses together.
    type: list
    elements: str
  ingress_descriptions:
    description:
      - Whom the rules let in, by the addresses and networks of O(cidr_ips). It becomes the description of their rules.
      - Put on rules that exist without closing them meanwhile. Where that is denied there is a warning, and all else is done.
    type: dict
  allow_wide:
    description:
      - Why the group may let in more than 65,536 addresses together, by whatever spelling. Without a reason that is refused.
      - The reason is kept in the description of the rules.
    type: str
  rules_quota:
    description:
      - How many rules for incoming IPv4 traffic a group may have in this account and Region. More are refused before anything is written.
      - Each address needs three, one for each stretch of neighbouring ports. Rules that exist stay as they are spelled.
      - New rules are opened before old ones are closed. Only where there is no room for all at once, sources that go make room for those that come.
    type: int
    default: 60
  support_access:
    description: Whether the appliances may open the support channel of AWS, TCP 2222. Looked at together with O(cidr_ips).
    type: bool
    default: false
seealso:
  - module: vmc.aws_backup.backup_security_group_info
  - module: vmc.aws_backup.vpce_backup
"""

EXAMPLES = r"""
- name: Let two appliances in
  vmc.aws_backup.backup_security_group:
    region: eu-west-1
    name: vmc-aws-backup
    vpc_id: vpc-0123456789abcdef0
    cidr_ips: [10.2.32.10, 10.2.32.11]

- name: No group of ours any more
  vmc.aws_backup.backup_security_group:
    region: eu-west-1
    name: vmc-aws-backup
    vpc_id: vpc-0123456789abcdef0
    state: absent
"""

RETURN = r"""
security_group:
  description: The security group.
  returned: when it exists, or in check mode would
  type: dict
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
      description: Its rules for outgoing traffic, sorted, in the form of RV(security_group.ingress).
      type: list
      elements: dict
    site_id:
      description: The site that it was made for, from the tag C(vmc-aws-backup-site). Empty where it carries none.
      type: str
    tags:
      description: Its tags.
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
from ..module_utils.resources.security_group import BackupSecurityGroup

SPEC = {
    **runner.STATE,
    **runner.ADOPT,
    **runner.SITE,
    **runner.SITE_WAS,
    **runner.TAKE_OVER,
    **runner.TAGS,
    **runner.ON_IMMUTABLE,
    "name": {"type": "str", "required": True},
    "vpc_id": {"type": "str", "required": True},
    "description": {"type": "str"},
    "cidr_ips": {"type": "list", "elements": "str"},
    "ingress_descriptions": {"type": "dict"},
    "allow_wide": {"type": "str"},
    "rules_quota": {"type": "int", "default": 60},
    "support_access": {"type": "bool", "default": False},
}


def main():
    runner.run(aws_module(SPEC), lambda module: BackupSecurityGroup(Aws(module, "ec2"), module.params))


if __name__ == "__main__":
    main()
