#!/usr/bin/python
# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: backup_unconfirmed_info
short_description: Ask real services what documents leave open
version_added: "1.0.0"
author: The vmc.aws_backup contributors (@vmc-aws-backup)
description:
  - The collection rests on some facts that only a live account can confirm, see C(docs/unconfirmed.md). This asks for those that a read can settle.
  - Writes nothing. Read-only roles are enough in NSX, VMware Cloud, vCenter and AWS. Nothing of what is returned is a secret.
extends_documentation_fragment:
  - vmc.aws_backup.attributes
  - vmc.aws_backup.aws
  - vmc.aws_backup.vmc
  - vmc.aws_backup.nsx
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
  platform:
    description: With V(vsphere), a site on premises, nothing of VMware Cloud and NSX is asked.
    type: str
    choices: [vmc, vsphere]
    default: vmc
  vcenter:
    description: A vCenter to ask too.
    type: dict
    suboptions:
      hostname:
        description: Name or address of the vCenter. The environment variable E(VMWARE_HOST) is used when it is not given.
        type: str
        required: true
      username:
        description: User name. The environment variable E(VMWARE_USER) is used when it is not given.
        type: str
        required: true
      password:
        description:
          - Password of the user. The environment variable E(VMWARE_PASSWORD) is used when it is not given.
          - A login that is refused is never repeated, because accounts lock.
        type: str
        required: true
      port:
        description: Port of the vCenter. The environment variable E(VMWARE_PORT) is used when it is not given.
        type: int
        default: 443
      ca_bundle:
        description: File with the certificates of the authorities that are trusted, in PEM form.
        type: path
      proxy_host:
        description: Name or address of an HTTP proxy between this host and the vCenter.
        type: str
      proxy_port:
        description: Port of the proxy, V(80) when not given.
        type: int
      exchange_timeout:
        description: Seconds that one exchange with vCenter may take as a whole.
        type: int
        default: 120
notes:
  - Belongs to both action groups, C(vmc.aws_backup.backup) and C(vmc.aws_backup.vmc), because it takes the options of both.
  - O(vcenter) needs C(pyvmomi).
seealso:
  - module: vmc.aws_backup.backup_path_info
"""

EXAMPLES = r"""
- name: Ask what documents leave open
  vmc.aws_backup.backup_unconfirmed_info:
    region: eu-west-1
    org_id: "{{ vmc_backup_org_id }}"
    sddc_id: "{{ vmc_backup_sddc_id }}"
    api_token: "{{ vmc_backup_api_token }}"
  register: asked

- name: Say what is settled
  ansible.builtin.debug:
    msg: "{{ asked.probes | rejectattr('not_settled') }}"
"""

RETURN = r"""
probes:
  description: One row for each question that a read can settle.
  returned: always
  type: list
  elements: dict
  contains:
    id:
      description: The question, by its id in C(docs/unconfirmed.md).
      type: str
      sample: rule_get_missing
    asked:
      description: What was asked.
      type: str
    answered:
      description: What was answered, in short.
      type: str
      sample: HTTP 404, code 404
    confirms:
      description: Which of the possible behaviours that confirms.
      type: str
      sample: "404"
    not_settled:
      description: Why the answer settles nothing, or null.
      type: str
"""

from ..module_utils.checks.unconfirmed import Sides, judge, shown
from ..module_utils.clients.aws import Aws, aws_module
from ..module_utils.clients.csp import csp_client
from ..module_utils.clients.nsx import NSX, nsx_client
from ..module_utils.clients.vmc import vmc_client
from ..module_utils.clients.vsphere import VSPHERE, Vsphere
from ..module_utils.engine import runner

SPEC = {
    **NSX,
    "platform": {"type": "str", "choices": ["vmc", "vsphere"], "default": "vmc"},
    "vcenter": {"type": "dict", "options": VSPHERE},
}


def fetch(module):
    params = module.params
    sides = Sides(
        backup_gateway=Aws(module, "backup-gateway"),
        backup=Aws(module, "backup"),
        ec2=Aws(module, "ec2"),
        vcenter=Vsphere(params["vcenter"]) if params["vcenter"] else None,
        sddc_id=params["sddc_id"],
    )
    if params["platform"] == "vmc":
        csp = None if params["nsx_auth"] == "basic" else csp_client(params)
        sides.nsx = nsx_client(params, csp)
        sides.vmc = vmc_client(params, csp) if params["org_id"] and csp else None
    return shown(judge(sides))


def main():
    runner.info(aws_module(SPEC), "probes", fetch)


if __name__ == "__main__":
    main()
