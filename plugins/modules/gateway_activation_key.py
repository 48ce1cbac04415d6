#!/usr/bin/python
# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: gateway_activation_key
version_added: "1.0.0"
short_description: Get the activation key from a gateway appliance
description:
  - Asks a gateway appliance for the key with which M(vmc.aws_backup.backup_gateway) activates it through a VPC endpoint.
  - Whoever asks an appliance that is not activated yet first owns it, so asking counts as a write. In check mode nothing is asked, and no key is returned.
  - Needs neither boto3 nor credentials, so that it can run on a bastion that reaches the appliance. A proxy from the environment is never used.
  - A key is good for 30 minutes, and once. The result is never shown, only registered.
author:
  - The vmc.aws_backup contributors (@vmc-aws-backup)
extends_documentation_fragment:
  - vmc.aws_backup.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
requirements:
  - requests
options:
  address:
    description: Address of the appliance.
    type: str
    required: true
  port:
    description: Port of the appliance's activation page.
    type: int
    default: 80
  region:
    description:
      - Region in which the gateway is to be activated.
      - The appliance would take a misspelt one for C(us-east-1), so it is checked first.
    type: str
    required: true
  vpc_endpoint:
    description:
      - Regional DNS name of the interface VPC endpoint for C(backup-gateway), the RV(vmc.aws_backup.vpce_backup#module:vpc_endpoint.dns_name).
      - Without it the gateway would use the public endpoint.
      - An empty text stands for an endpoint that does not exist yet. Check mode predicts with it, and otherwise it is refused.
    type: str
    required: true
  endpoint_type:
    description: Whether the appliance uses standard or dual-stack endpoints.
    type: str
    choices: [standard, dualstack]
    default: standard
  ip_version:
    description: Which IP version the appliance uses with O(endpoint_type=dualstack).
    type: str
    choices: [ipv4, ipv6]
    default: ipv4
  wait_timeout:
    description: How long to ask an appliance that does not answer yet, in seconds.
    type: int
    default: 300
seealso:
  - module: vmc.aws_backup.gateway_appliance
  - module: vmc.aws_backup.backup_gateway
"""

EXAMPLES = r"""
- name: Get the key of an appliance
  vmc.aws_backup.gateway_activation_key:
    address: 10.10.20.11
    region: eu-west-1
    vpc_endpoint: "{{ endpoint.vpc_endpoint.dns_name }}"
  register: key

- name: Activate it as a gateway
  vmc.aws_backup.backup_gateway:
    name: sddc-1-cluster-1-1
    activation_key: "{{ key.activation_key }}"
"""

RETURN = r"""
activation_key:
  description: The key. Not there in check mode.
  returned: when it was asked for
  type: str
  sample: BME11-LQPTD-DF11P-BLLQ0-111V1
endpoint:
  description: DNS name of the endpoint that the key is for.
  returned: when it was asked for
  type: str
  sample: vpce-0123456789abcdef0-abcdefgh.backup-gateway.eu-west-1.vpce.amazonaws.com
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.clients.appliance import Appliance
from ..module_utils.engine import runner
from ..module_utils.resources.activation_key import ActivationKey

SPEC = {
    "address": {"type": "str", "required": True},
    "port": {"type": "int", "default": 80},
    "region": {"type": "str", "required": True},
    "vpc_endpoint": {"type": "str", "required": True},
    "endpoint_type": {"type": "str", "choices": ["standard", "dualstack"], "default": "standard"},
    "ip_version": {"type": "str", "choices": ["ipv4", "ipv6"], "default": "ipv4"},
    "wait_timeout": {"type": "int", "default": 300},
}


def main():
    runner.act(
        AnsibleModule(SPEC, supports_check_mode=True),
        lambda module: ActivationKey(Appliance(module.params["address"], module.params["port"]), module.params),
    )


if __name__ == "__main__":
    main()
