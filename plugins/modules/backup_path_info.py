#!/usr/bin/python
# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: backup_path_info
short_description: Say hop by hop whether appliances reach the endpoint, vCenter and ESXi
version_added: "1.0.0"
author: The vmc.aws_backup contributors (@vmc-aws-backup)
description:
  - Looks at everything that a packet of a gateway appliance meets on its way to the interface endpoint, to vCenter and to ESXi, and says what of
    it is in the way. All hops are judged, so that one finding never hides the next.
  - What can be asked is asked, such as the DNS forwarder through NSX. What only the appliance could try is judged from configuration.
  - Writes nothing. Read-only roles are enough in NSX, VMware Cloud, vCenter and AWS.
  - Only segments and rules of the default compute gateway are judged. Addresses are IPv4.
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
    description:
      - Where the appliances run.
      - V(vsphere) is a site on premises. The hops of VMware Cloud and NSX are C(skipped) then, and none of their options is used.
    type: str
    choices: [vmc, vsphere]
    default: vmc
  addresses:
    description: The IPv4 addresses of the appliances. They need not run yet.
    type: list
    elements: str
  segment:
    description:
      - Instead of O(addresses), a segment by its id or path. Each of its addresses has to get through then.
    type: str
  vpc_id:
    description: The VPC of the endpoint. The connected VPC when neither this nor O(vpc_endpoint_id) is given.
    type: str
  service:
    description: The service that the endpoint leads to.
    type: str
    choices: [backup-gateway, backup]
    default: backup-gateway
  ntp_servers:
    description:
      - The IPv4 addresses of the time servers that are set in the appliances.
      - Nobody but an appliance tells whom it asks for the time, so that the hop C(ntp) is C(unknown) without them.
    type: list
    elements: str
  vpc_endpoint_id:
    description: The endpoint by its id, where a VPC has more than one.
    type: str
  appliances:
    description:
      - What M(vmc.aws_backup.gateway_appliance_info) returned of the appliances, which tells whether they follow the clock of their hosts.
      - vCenter is not asked then.
    type: list
    elements: dict
  predicted:
    description:
      - Roles whose changes a preview has only predicted. In check mode a hop that one of them puts in order is C(skipped), and not C(broken).
    type: list
    elements: str
    choices: [prerequisites, endpoint, appliance, firewall]
    default: []
  vcenter:
    description:
      - A vCenter to ask whether the appliances follow the clock of their hosts. Without it and O(appliances) the clock is C(unknown).
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
  - Belongs to both action groups, C(vmc.aws_backup.endpoint) and C(vmc.aws_backup.vmc), because it takes the options of both.
  - O(vcenter) needs C(pyvmomi).
seealso:
  - module: vmc.aws_backup.vpce_backup
  - module: vmc.aws_backup.nsx_cgw_rule
  - module: vmc.aws_backup.nsx_mgw_rule
"""

EXAMPLES = r"""
- name: Look at the path of an appliance
  vmc.aws_backup.backup_path_info:
    region: eu-west-1
    org_id: "{{ vmc_backup_org_id }}"
    sddc_id: "{{ vmc_backup_sddc_id }}"
    api_token: "{{ vmc_backup_api_token }}"
    addresses: [10.30.5.20]
    vcenter:
      hostname: vcenter.sddc-1-2-3-4.vmwarevmc.com
      username: "{{ vmc_backup_vcenter_username }}"
      password: "{{ vmc_backup_vcenter_password }}"
  register: path

- name: Nothing is in the way
  ansible.builtin.assert:
    that: path.reachable
    fail_msg: "{{ path.hops | selectattr('verdict', 'eq', 'broken') }}"

- name: The same for a site on premises
  vmc.aws_backup.backup_path_info:
    platform: vsphere
    region: eu-west-1
    vpc_id: vpc-0123456789abcdef0
    addresses: [192.0.2.20]
"""

RETURN = r"""
reachable:
  description: Whether no hop is C(broken). Hops that are C(unknown) may still be in the way.
  returned: always
  type: bool
hops:
  description: The hops, in the order in which an appliance comes to need them.
  returned: always
  type: list
  elements: dict
  contains:
    hop:
      description:
        - C(clock), C(ntp), C(segment), C(dns), C(distributed_firewall), C(vcenter_name), C(management_gateway_vcenter),
          C(management_gateway_esxi), C(endpoint), C(connection), C(availability_zone), C(compute_gateway), C(sddc_security_group),
          C(primary_cidr), C(network_acl),
          C(endpoint_security_group) or C(route_table).
      type: str
      sample: endpoint_security_group
    verdict:
      description:
        - C(ok), C(broken), or C(costly) where it works and costs more than it has to.
        - C(unknown) where nobody who was asked could tell, C(skipped) where there is no such hop.
      type: str
      sample: broken
    evidence:
      description: What was seen, and where.
      type: str
      sample: sg-0abc of the endpoint does not let TCP 1031 in from 10.30.5.20.
    change:
      description: What to change, or an empty text.
      type: str
      sample: "Let the appliances in on these ports: backup_security_group."
    mended_by:
      description: The role that puts in order what is ours of it; empty where only a human can.
      type: str
      sample: endpoint
"""

from ..module_utils.checks.path import judge, shown
from ..module_utils.clients.aws import Aws, aws_module
from ..module_utils.clients.nsx import NSX
from ..module_utils.clients.vsphere import VSPHERE
from ..module_utils.engine import runner
from ..module_utils.facts.path import collect

ROLES = ("prerequisites", "endpoint", "appliance", "firewall")
SPEC = {
    **NSX,
    "platform": {"type": "str", "choices": ["vmc", "vsphere"], "default": "vmc"},
    "addresses": {"type": "list", "elements": "str"},
    "segment": {"type": "str"},
    "vpc_id": {"type": "str"},
    "service": {"type": "str", "choices": ["backup-gateway", "backup"], "default": "backup-gateway"},
    "ntp_servers": {"type": "list", "elements": "str"},
    "vpc_endpoint_id": {"type": "str"},
    "appliances": {"type": "list", "elements": "dict"},
    "predicted": {"type": "list", "elements": "str", "choices": list(ROLES), "default": []},
    "vcenter": {"type": "dict", "options": VSPHERE},
}


def fetch(module):
    facts = collect(module.params, Aws(module, "ec2"))
    return shown(judge(facts, runner.predicted(module) or ()))


def main():
    runner.info(aws_module(SPEC), None, fetch)


if __name__ == "__main__":
    main()
