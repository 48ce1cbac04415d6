#!/usr/bin/python
# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dns_answer_info
version_added: "1.0.0"
short_description: Ask DNS servers for names, each server for itself
description:
  - Asks each of some DNS servers for each of some names, past the resolver of the host that it runs on, and says which answered what.
  - Meant to be run before M(vmc.aws_backup.nsx_dns_zone) lets a default zone ask other servers. A server that does not answer for a name
    then is no failure of the module, but RV(answers[].answered) is false.
  - Asks over UDP, and over TCP where an answer is cut short. Names that lead to other names are followed as far as the server answers for them.
  - Needs neither boto3 nor credentials, so that it can run on a bastion in or near the SDDC. Servers may answer others than this host
    otherwise, so that it is best asked from where the SDDC's own questions come from.
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
  - dnspython >= 2.3.0
options:
  servers:
    description: Addresses of the DNS servers, at least one.
    type: list
    elements: str
    required: true
  names:
    description: The names to ask for, at least one, each as a whole, because no domain is added to them.
    type: list
    elements: str
    required: true
  port:
    description: Port of the servers, for UDP and TCP alike.
    type: int
    default: 53
  timeout:
    description: How long to wait for one answer, in seconds. A server that does not answer is asked twice.
    type: int
    default: 5
seealso:
  - module: vmc.aws_backup.nsx_dns_zone
  - module: vmc.aws_backup.backup_path_info
"""

EXAMPLES = r"""
- name: Ask the organisation's DNS servers
  vmc.aws_backup.dns_answer_info:
    servers: [10.1.0.53, 10.2.0.53]
    names:
      - vcenter.sddc-1-2-3-4.vmwarevmc.com
      - "{{ endpoint.vpc_endpoint.dns_name }}"
  register: asked

- name: All of them answer
  ansible.builtin.assert:
    that: asked.answers | rejectattr('answered') | length == 0
    fail_msg: "{{ asked.answers | rejectattr('answered') }}"
"""

RETURN = r"""
answers:
  description: One record for each server and each name, in the order in which they were given.
  returned: always
  type: list
  elements: dict
  contains:
    server:
      description: The server that was asked.
      type: str
      sample: 10.1.0.53
    name:
      description: The name that it was asked for.
      type: str
      sample: vcenter.sddc-1-2-3-4.vmwarevmc.com
    addresses:
      description: The IPv4 addresses that it gave, then the IPv6 addresses.
      type: list
      elements: str
      sample: [10.30.0.4]
    answered:
      description: Whether it gave an address.
      type: bool
    error:
      description: Why it gave none, or an empty text.
      type: str
      sample: no answer in time
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.clients.dns import Dns
from ..module_utils.engine import runner

SPEC = {
    "servers": {"type": "list", "elements": "str", "required": True},
    "names": {"type": "list", "elements": "str", "required": True},
    "port": {"type": "int", "default": 53},
    "timeout": {"type": "int", "default": 5},
}


def fetch(module):
    params = module.params
    return Dns(params["port"], params["timeout"]).answers(params["servers"], params["names"])


def main():
    runner.info(AnsibleModule(SPEC, supports_check_mode=True), "answers", fetch)


if __name__ == "__main__":
    main()
