#!/usr/bin/python
# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: backup_selection
short_description: What a backup plan protects
version_added: "1.0.0"
author: The vmc.aws_backup contributors (@vmc-aws-backup)
description:
  - Keeps a selection of virtual machines for a plan. It names machines, or takes those of a hypervisor, of a folder, or with tags.
  - AWS cannot change a selection. The next one is made as C(<name>-<generation>) and read back before the one that it replaces goes.
  - No ARN says which hypervisor a machine is of. With O(hypervisor) its machines get the tag C(vmc-aws-backup-site), and the selection
    asks for it. A machine that comes later is protected once it carries the tag, after the next run.
  - C(ListOfTags) of AWS takes anything in the account that has one of these tags. It is never written, and taken off where it is found.
  - What would leave a machine without protection is refused unless O(allow_less_protection) names it.
extends_documentation_fragment:
  - vmc.aws_backup.state
  - vmc.aws_backup.site
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
    description: Name of the selection, 1 to 40 letters, digits, hyphens, dots and underscores.
    type: str
    required: true
  backup_plan:
    description: Name or id of the plan, one of ours.
    type: str
    required: true
  iam_role_arn:
    description: The role with which AWS Backup works, by ARN or name. Its name has to contain C(AWSBackup) or C(AwsBackup).
    type: str
  hypervisor:
    description: Name or ARN of the hypervisor whose machines are meant. Needed where the account has several and O(virtual_machines) is not given.
    type: str
  virtual_machines:
    description: The machines, each by name, by path and name such as V(/dc/vm/prod/web-1), or by ARN. At most 500.
    type: list
    elements: str
  folder:
    description: Only machines in folders that fit this pattern, such as V(/SDDC-Datacenter/vm/Workloads*).
    type: str
  conditions:
    description: What the AWS tags of a machine have to fulfil, all of it. With the others there are at most 30.
    type: dict
    suboptions:
      string_equals:
        description: Tags that have this value.
        type: dict
      string_not_equals:
        description: Tags that do not have this value, or are not there.
        type: dict
      string_like:
        description: Tags whose value fits this pattern, with V(*).
        type: dict
      string_not_like:
        description: Tags whose value does not fit this pattern, or that are not there.
        type: dict
  not_virtual_machines:
    description: Machines that are left out, each by name, path and name, or ARN.
    type: list
    elements: str
  not_folders:
    description: Patterns of folders whose machines are left out.
    type: list
    elements: str
    default: ["*/Management VMs*", "*/vCLS*"]
  path_conditions:
    description:
      - Whether folders are conditions of the selection, so that machines that come later are taken or left out as well.
      - With V(false) they are the machines that are in them today, by ARN. Set it where AWS does not take conditions on the tag
        C(aws:backup-gateway:path), which nobody has seen.
    type: bool
    default: true
  allow_less_protection:
    description: The names of the machines that may be protected no more, or V(*).
    type: list
    elements: str
  keep_older:
    description:
      - Whether what this selection replaces stays for now, so that a machine that moves from one selection to another is in one of them all the time.
      - Another run without this removes it.
    type: bool
    default: false
seealso:
  - module: vmc.aws_backup.backup_selection_info
  - module: vmc.aws_backup.backup_plan
"""

EXAMPLES = r"""
- name: All machines of an SDDC but those of VMware
  vmc.aws_backup.backup_selection:
    region: eu-west-1
    name: all
    backup_plan: sddc-1-daily
    iam_role_arn: AWSBackup-vmc-jobs
    hypervisor: sddc-1
    site_id: "{{ vmc_backup_sddc_id }}"

- name: The databases more often
  vmc.aws_backup.backup_selection:
    region: eu-west-1
    name: databases
    backup_plan: sddc-1-hourly
    iam_role_arn: AWSBackup-vmc-jobs
    hypervisor: sddc-1
    site_id: "{{ vmc_backup_sddc_id }}"
    conditions:
      string_equals: {tier: database}
"""

RETURN = r"""
backup_selection:
  description: The selection.
  returned: when it exists, or in check mode would
  type: dict
  contains:
    name:
      description: Its name.
      type: str
    backup_plan:
      description: Name of the plan.
      type: str
    older:
      description: Selections of ours that it has replaced and that are still there.
      type: list
      elements: str
    unmarked:
      description: The machines of the hypervisor that do not carry the site's mark yet.
      type: list
      elements: str
    virtual_machines:
      description: The machines that AWS Backup takes by it today. In a list it is null unless it is asked for.
      type: list
      elements: dict
      contains:
        name:
          description: Its name.
          type: str
        path:
          description: Where it is in the inventory of the vCenter.
          type: str
        resource_arn:
          description: Its ARN.
          type: str
    selection_name:
      description: Its name in AWS, with the number of its generation.
      type: str
      sample: all-1
    selection_id:
      description: Its id.
      type: str
    backup_plan_id:
      description: Id of the plan.
      type: str
    creation_date:
      description: When it was made.
      type: str
    creator_request_id:
      description: The id of the request that made it, by which ours are known.
      type: str
    iam_role_arn:
      description: ARN of the role with which AWS Backup works.
      type: str
    resources:
      description: The ARNs that it takes, or the pattern for all machines.
      type: list
      elements: str
    not_resources:
      description: The ARNs that it leaves out.
      type: list
      elements: str
    conditions:
      description: What each machine has to fulfil, all of it.
      type: list
      elements: dict
      contains:
        operator:
          description: V(string_equals), V(string_not_equals), V(string_like) or V(string_not_like).
          type: str
        key:
          description: The key, such as V(aws:ResourceTag/tier).
          type: str
        value:
          description: The value.
          type: str
    list_of_tags:
      description: Tags of which one is enough for anything in the account to be taken. Nothing here writes them.
      type: list
      elements: dict
      contains:
        key:
          description: The key.
          type: str
        value:
          description: The value.
          type: str
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
from ..module_utils.resources.backup_selection import OPERATORS, BackupSelection

SERVICES = ("backup", "backup-gateway", "resourcegroupstaggingapi", "iam", "sts")
SPEC = {
    **runner.STATE,
    **runner.SITE,
    "name": {"type": "str", "required": True},
    "backup_plan": {"type": "str", "required": True},
    "iam_role_arn": {"type": "str"},
    "hypervisor": {"type": "str"},
    "virtual_machines": {"type": "list", "elements": "str"},
    "folder": {"type": "str"},
    "conditions": {"type": "dict", "options": {operator: {"type": "dict"} for operator in OPERATORS}},
    "not_virtual_machines": {"type": "list", "elements": "str"},
    "not_folders": {"type": "list", "elements": "str", "default": ["*/Management VMs*", "*/vCLS*"]},
    "path_conditions": {"type": "bool", "default": True},
    "allow_less_protection": {"type": "list", "elements": "str"},
    "keep_older": {"type": "bool", "default": False},
}


def made(module):
    return BackupSelection(*(Aws(module, service) for service in SERVICES), module.params)


def main():
    runner.run(aws_module(SPEC), made)


if __name__ == "__main__":
    main()
