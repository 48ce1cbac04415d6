#!/usr/bin/python
# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: vsphere_about_info
version_added: "1.0.0"
short_description: What a vCenter says of itself
description:
  - Logs in to a vCenter, and returns its version and its instance UUID, by which it is told from every other.
  - With the same login it tells of the appliances and datastores, if it is asked to.
author:
  - The vmc.aws_backup contributors (@vmc-aws-backup)
extends_documentation_fragment:
  - vmc.aws_backup.vsphere
  - vmc.aws_backup.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
options:
  appliances:
    description: Whether to return the appliances as well, as M(vmc.aws_backup.gateway_appliance_info) does.
    type: bool
    default: false
  datastores:
    description: Whether to return the datastores as well, as M(vmc.aws_backup.vsphere_datastore_info) does.
    type: bool
    default: false
  image:
    description: The path of an image on the host that this runs on. It is told whether it can be read.
    type: str
seealso:
  - module: vmc.aws_backup.gateway_appliance_info
  - module: vmc.aws_backup.vsphere_datastore_info
"""

EXAMPLES = r"""
- name: Which vCenter is it?
  vmc.aws_backup.vsphere_about_info:
    hostname: vcenter.example.org
    username: backup@example.org
    password: "{{ vault_vcenter_password }}"
  register: about
"""

RETURN = r"""
vcenters:
  description: The vCenter, as a list of one.
  returned: success
  type: list
  elements: dict
  contains:
    instance_uuid:
      description: Its instance UUID, which stays as long as it lives.
      type: str
      sample: 2f1c3a52-6a3e-4b7c-9d7e-1f0a4c1b9e55
    name:
      description: What the product is called.
      type: str
      sample: VMware vCenter Server
    version:
      description: Its version.
      type: str
      sample: 8.0.3
    build:
      description: Its build.
      type: str
    api_version:
      description: Version of its API.
      type: str
      sample: 8.0.3.0
appliances:
  description: The appliances.
  returned: with O(appliances)
  type: list
  elements: dict
datastores:
  description: The datastores, with the clusters that see each, and how many virtual machines are on it.
  returned: with O(datastores)
  type: list
  elements: dict
images:
  description: The image, as a list of one.
  returned: with O(image)
  type: list
  elements: dict
  contains:
    path:
      description: Its path.
      type: str
    readable:
      description: Whether it is a file that can be read.
      type: bool
"""

import os

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.clients.vsphere import VSPHERE, Vsphere
from ..module_utils.engine import runner
from ..module_utils.resources import about, appliance, datastore

SPEC = {
    **VSPHERE,
    "appliances": {"type": "bool", "default": False},
    "datastores": {"type": "bool", "default": False},
    "image": {"type": "str"},
}


def fetch(module):
    params = module.params
    client = Vsphere(params)
    found = {"vcenters": [about.view(about.find(client))]}
    if params["appliances"]:
        found["appliances"] = [appliance.view(raw) for raw in appliance.find(client, None)]
    if params["datastores"]:
        found["datastores"] = [datastore.view(raw) for raw in datastore.find(client)]
    if params["image"]:
        path = params["image"]
        found["images"] = [{"path": path, "readable": os.path.isfile(path) and os.access(path, os.R_OK)}]
    return found


def main():
    runner.info(AnsibleModule(SPEC, supports_check_mode=True), None, fetch)


if __name__ == "__main__":
    main()
