#!/usr/bin/python
# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: vmc_sddc_info
short_description: Describe the SDDCs of an organisation
description:
  - Reads what a play needs to know of an SDDC, such as its vCenter, its NSX, its region, its availability zones, and the VPC it is connected to.
  - The passwords that the SDDC's document holds are never returned.
  - Ids of availability zones are read from its NSX, at O(nsx_url) if given together with O(sddc_id), else where its document says.
options:
  name:
    description:
      - Only SDDCs of this name.
    type: str
version_added: "1.0.0"
author:
  - The vmc.aws_backup contributors (@vmc-aws-backup)
extends_documentation_fragment:
  - vmc.aws_backup.vmc
  - vmc.aws_backup.nsx
  - vmc.aws_backup.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
"""

EXAMPLES = r"""
- name: Look at one SDDC
  vmc.aws_backup.vmc_sddc_info:
    org_id: "{{ vmc_backup_org_id }}"
    sddc_id: "{{ vmc_backup_sddc_id }}"
    api_token: "{{ vmc_backup_api_token }}"
  register: found

- name: Its connected VPC is there
  ansible.builtin.assert:
    that: found.sddcs[0].connected_vpc.state == "ACTIVE"
"""

RETURN = r"""
sddcs:
  description: The SDDCs found; with O(sddc_id) at most one.
  returned: always
  type: list
  elements: dict
  contains:
    id:
      description: Its id.
      type: str
    name:
      description: Its name.
      type: str
    org_id:
      description: Its organisation.
      type: str
    sddc_state:
      description: C(READY), or what it is busy with.
      type: str
    maintenance_state:
      description:
        - C(RUNNING) while VMware maintains or upgrades the SDDC, else empty; null where VMware Cloud does not tell.
        - Its regular maintenance window alone does not count.
      type: str
    version:
      description: Its release.
      type: str
      sample: "1.24"
    region:
      description: The AWS region, as AWS writes it.
      type: str
      sample: eu-west-1
    availability_zones:
      description: Names of its availability zones in VMware's account. They may mean other zones in yours.
      type: list
      elements: str
    availability_zone_ids:
      description: Ids of the availability zones of the linked subnets, which are the same in all accounts.
      type: list
      elements: str
      sample: [euw1-az2]
    witness_availability_zone:
      description:
        - Name of the availability zone of the witness of a stretched SDDC, in VMware's account, or null.
        - No endpoint is needed there.
      type: str
    deployment_type:
      description: C(SINGLE_AZ) or C(MULTI_AZ).
      type: str
    clusters:
      description: Its clusters.
      type: list
      elements: dict
      contains:
        name:
          description: Its name.
          type: str
        availability_zone_ids:
          description:
            - Ids of the availability zones that its hosts are in. A cluster of a stretched SDDC need not be stretched.
            - Empty where that is not told.
          type: list
          elements: str
    vcenter_url:
      description: URL of the vCenter Server.
      type: str
    vcenter_hostname:
      description: Fully qualified name of the vCenter Server.
      type: str
    vcenter_management_ip:
      description: Private address of the vCenter Server.
      type: str
    vcenter_public_ip:
      description: Public address of the vCenter Server.
      type: str
    dns_with_management_vm_private_ip:
      description: Whether the name of the vCenter Server resolves to its private address.
      type: bool
    nsx_url:
      description: Base URL of NSX through the reverse proxy.
      type: str
    nsx_manager_url:
      description: Base URL of the NSX Manager itself.
      type: str
    cloud_username:
      description: The initial administrator of the vCenter Server.
      type: str
    connected_vpc:
      description: The VPC it is linked to, or null.
      type: dict
      contains:
        vpc_id:
          description: The VPC.
          type: str
        subnet_id:
          description: The linked subnet; the first one where the SDDC is stretched.
          type: str
        availability_zone:
          description: Availability zone of the subnet, by name.
          type: str
        availability_zone_id:
          description: Availability zone of the subnet, by id.
          type: str
        subnets:
          description: All linked subnets, one in each availability zone that holds data, which is two where the SDDC is stretched.
          type: list
          elements: dict
          contains:
            subnet_id:
              description: The subnet.
              type: str
            availability_zone:
              description: Its availability zone, by name.
              type: str
            availability_zone_id:
              description: Its availability zone, by id.
              type: str
              sample: euw1-az2
        account_id:
          description: The AWS account of the VPC.
          type: str
        cidr_block_vpc:
          description: Addresses of the VPC.
          type: str
        state:
          description: C(ACTIVE) or C(BROKEN).
          type: str
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.clients.csp import csp_client
from ..module_utils.clients.nsx import NSX, nsx_client
from ..module_utils.clients.vmc import vmc_client
from ..module_utils.engine import runner
from ..module_utils.resources.sddc import describe, find

SPEC = {**NSX, "name": {"type": "str"}}


def fetch(module):
    params = module.params
    csp = csp_client(params)
    vmc = vmc_client(params, csp)

    def nsx_at(url):
        return nsx_client({**params, "nsx_url": (params["sddc_id"] and params["nsx_url"]) or url}, csp)

    return [describe(vmc, nsx_at, raw) for raw in find(vmc, sddc_id=params["sddc_id"], name=params["name"])]


def main():
    runner.info(AnsibleModule(argument_spec=SPEC, supports_check_mode=True), "sddcs", fetch)


if __name__ == "__main__":
    main()
