#!/usr/bin/python
# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: backup_readiness_info
short_description: Say whether everything is there that AWS Backup for VMware needs
version_added: "1.0.0"
author: The vmc.aws_backup contributors (@vmc-aws-backup)
description:
  - Asks VMware Cloud, NSX and one or two AWS accounts, and says of each thing that AWS Backup needs what there is of it, what is wrong, and who
    puts it right. All of it is judged, so that one finding never hides the next.
  - What nobody was asked, or would not say, is C(unknown), with the reason.
  - vCenter and DNS servers may be in reach of another host only. What tasks there saw is handed in as O(seen).
  - Writes nothing. Read-only roles are enough.
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
  host:
    description: The host of the play, after which things are named where O(given) has no name.
    type: str
    required: true
  given:
    description:
      - The variables of the role P(vmc.aws_backup.prerequisites#role) and what else it takes from others, without secrets.
      - What is empty or null is not given.
    type: dict
    required: true
  identity:
    description: What the first task of the role found out of the site, as C(inputs) returns it.
    type: dict
    default: {}
  vcenter_options:
    description: Which options to reach vCenter by are given.
    type: list
    elements: str
    default: []
  seen:
    description: What tasks on other hosts saw.
    type: dict
    default: {}
    suboptions:
      vcenter:
        description: What M(vmc.aws_backup.vsphere_about_info) returned, failed or not.
        type: dict
        default: {}
      dns:
        description: What M(vmc.aws_backup.dns_answer_info) returned, failed or not.
        type: dict
        default: {}
  endpoint:
    description: How the account of the endpoint is reached, where that is another one than that of the backups.
    type: dict
    suboptions:
      region:
        description: The region.
        type: str
      endpoint_url:
        description: Address of the API, where it is not the public one.
        type: str
      access_key:
        description: Access key.
        type: str
      secret_key:
        description: Secret key.
        type: str
      session_token:
        description: Session token.
        type: str
      profile:
        description: Profile in the files of the AWS CLI.
        type: str
      assume_role_arn:
        description: A role to assume.
        type: str
      assume_role_external_id:
        description: External ID that the trust policy of the role asks for.
        type: str
      aws_ca_bundle:
        description: File with the certificates of the authorities that are trusted.
        type: path
      aws_config:
        description: Further settings of botocore.
        type: dict
      exchange_timeout:
        description: Seconds that one exchange may take as a whole.
        type: int
        default: 120
      empty_answer_is_none:
        description: Operations whose empty answer means that there is nothing.
        type: list
        elements: str
        default: []
notes:
  - Belongs to both action groups, C(vmc.aws_backup.backup) and C(vmc.aws_backup.vmc), because it takes the options of both.
seealso:
  - module: vmc.aws_backup.backup_path_info
  - plugin: vmc.aws_backup.report
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Look at everything, vCenter first
  vmc.aws_backup.vsphere_about_info:
    appliances: true
    datastores: true
  failed_when: false
  register: vcenter

- name: Judge
  vmc.aws_backup.backup_readiness_info:
    region: eu-west-1
    org_id: "{{ vmc_backup_org_id }}"
    sddc_id: "{{ vmc_backup_sddc_id }}"
    api_token: "{{ vmc_backup_api_token }}"
    host: "{{ inventory_hostname }}"
    given:
      vmc_backup_aws_region: eu-west-1
      vmc_backup_segment: backup
    seen:
      vcenter: "{{ vcenter }}"
  register: readiness
"""

RETURN = r"""
findings:
  description: One for each thing that is needed, one for each check that has something to say, and one for each hop of the path.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: The check.
      type: str
      sample: zones_served
    subject:
      description: C(readiness), or C(path) for the hops of M(vmc.aws_backup.backup_path_info).
      type: str
    kind:
      description: The thing that it is about.
      type: str
      sample: vpc
    name:
      description: What that is called.
      type: str
      sample: Availability zone
    verdict:
      description: C(ok), C(broken), C(costly), C(unknown) or C(skipped).
      type: str
    severity:
      description: C(critical) stands in the way, C(warning) should be known, C(info) is in order.
      type: str
    evidence:
      description: What was seen, or why nothing was.
      type: str
    change:
      description: What a human may do about it.
      type: str
    mended_by:
      description: The role that puts it in order; empty where a human has to.
      type: str
sddcs:
  description: The SDDC, as M(vmc.aws_backup.vmc_sddc_info) returns it; left out where nobody told.
  returned: when it was told
  type: list
  elements: dict
nsx_groups:
  description: The groups of both gateways that are this collection's by their id.
  returned: when they were told
  type: list
  elements: dict
appliances:
  description: The planned appliances.
  returned: success
  type: list
  elements: dict
gateways:
  description: The gateways of the account, as M(vmc.aws_backup.backup_gateway_info) returns them; none where nobody told.
  returned: success
  type: list
  elements: dict
vpc_id:
  description: The VPC of the endpoint, given or connected; empty where none is known.
  returned: success
  type: str
subnet_ids:
  description: The subnets of the endpoint, given or linked.
  returned: success
  type: list
  elements: str
dns_names:
  description: The names by which the DNS servers are to be tried, before the default zones ask them.
  returned: success
  type: list
  elements: str
to_try:
  description: Of what may still be refused, that of which enough was seen to try it in check mode.
  returned: success
  type: list
  elements: str
activation_left:
  description: Kinds of what exists only while an activation key is fetched, and is there. Left out where NSX does not tell.
  returned: success
  type: list
  elements: str
vcenter_in_reach:
  description: Whether vCenter answers, or does not for another reason than that the tasks are not let in yet.
  returned: success
  type: bool
"""

from ..module_utils import recall
from ..module_utils.checks.prerequisites import activation, dns, sddc
from ..module_utils.checks.readiness import judge, to_try
from ..module_utils.clients.aws import IDENTITY, aws_module
from ..module_utils.clients.nsx import NSX
from ..module_utils.engine import runner
from ..module_utils.engine.findings import Untold
from ..module_utils.facts.readiness import Readiness

SPEC = {
    **NSX,
    "host": {"type": "str", "required": True},
    "given": {"type": "dict", "required": True},
    "identity": {"type": "dict", "default": {}},
    "vcenter_options": {"type": "list", "elements": "str", "default": []},
    "seen": {
        "type": "dict",
        "default": {},
        "options": {"vcenter": {"type": "dict", "default": {}}, "dns": {"type": "dict", "default": {}}},
    },
    "endpoint": {
        "type": "dict",
        "options": {
            **{name: {key: held for key, held in spec.items() if key != "aliases"} for name, spec in IDENTITY.items()},
            "region": {"type": "str"},
            "endpoint_url": {"type": "str"},
            "aws_ca_bundle": {"type": "path"},
            "aws_config": {"type": "dict"},
        },
    },
}


def fetch(module):
    # Asked again with what DNS servers answered, it looks at nothing else again.
    with recall.gone_by():
        return answer(Readiness(module, module.params["given"], module.params["seen"]))


def answer(facts: Readiness) -> dict:
    told = {} if isinstance(facts.sddc, Untold) else {"sddcs": [facts.sddc] if facts.sddc else []}
    groups = (facts.mgw_groups, facts.cgw_groups)
    if not any(isinstance(each, Untold) for each in groups):
        told["nsx_groups"] = [each for listed in groups for each in listed if each["id"] in sddc.own_ids(facts)]
    left = activation.left(facts) if facts.names_nsx else None
    if left is not None:
        told["activation_left"] = left
    return {
        **told,
        "findings": judge(facts),
        "appliances": [] if isinstance(facts.plan, Untold) else facts.plan,
        "gateways": [] if isinstance(facts.gateways, Untold) else facts.gateways,
        "vpc_id": facts.vpc_id,
        "subnet_ids": facts.subnet_ids,
        "dns_names": dns.names(facts),
        "to_try": to_try(facts),
        "vcenter_in_reach": sddc.in_reach(facts),
    }


def main():
    runner.info(aws_module(SPEC), None, fetch)


if __name__ == "__main__":
    main()
