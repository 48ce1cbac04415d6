#!/usr/bin/python
# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: backup_verification_info
short_description: Say which virtual machines of a vCenter are protected, and what keeps the others from it
version_added: "1.0.0"
author: The vmc.aws_backup contributors (@vmc-aws-backup)
description:
  - Counts what vCenter has, not what AWS Backup lists, since a machine that was never synced is invisible there. What a task that may run on another
    host saw of vCenter is handed in as O(seen).
  - A machine is protected if a plan selects it, its newest point is younger than O(objective_hours) in a vault that a rule of such a plan stores in,
    and the same holds for the copies of those rules. Plans of others and of the organisation count.
  - Judges besides whether the hypervisor is online and synced, gateways are heard of and private, plans run, their machines fit into their windows,
    vaults are locked as wanted, keys are rotated, copies succeed, and points that are past their time are deleted.
  - What nobody was asked, or would not say, is C(unknown), with the reason.
  - Makes no call for a single machine. The calls are the pages of ListVirtualMachines, GetResources, ListProtectedResources and, where plans copy,
    of ListCopyJobs, and about twenty more, with two for each further plan and one for each further selection and gateway.
  - Frameworks of AWS Backup Audit Manager and multi-party approval are not looked at.
  - Writes nothing. Read-only roles are enough.
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
  hypervisor:
    description: The hypervisor of the vCenter, by its name or ARN.
    type: str
    required: true
  seen:
    description: What tasks on other hosts saw.
    type: dict
    default: {}
    suboptions:
      vcenter:
        description: What M(vmc.aws_backup.vsphere_virtual_machine_info) returned, failed or not.
        type: dict
        default: {}
  subjects:
    description:
      - What is judged. V(protection) is which machines are protected, and what keeps the others from it.
      - V(day2) is what comes with time - disks that need consolidation, snapshots of backups that stay, vCenter's certificate and release, datastores
        that fill up, machines that moved or got another ARN, rules that are due at once, and copies that are in one account only.
    type: list
    elements: str
    choices: [protection, day2]
    default: [protection]
  objective_hours:
    description: How old the newest point of a machine may be.
    type: int
    default: 26
  copy_objective_hours:
    description:
      - How old its newest copy may be. Like O(objective_hours), unless given.
      - A copy of a rule that runs less than daily may be older by the time between two of its runs.
    type: int
  sync_max_age_hours:
    description: How long ago the last metadata sync that succeeded may be.
    type: int
    default: 26
  last_seen_max_age:
    description: For how many seconds AWS Backup may have heard nothing of a gateway.
    type: int
    default: 900
  drill_folder:
    description: The folder of restore drills, which is outside every selection.
    type: str
  exclusions:
    description:
      - Machines that are not protected on purpose.
      - Templates, appliances of this collection, C(vCLS) machines and what is in the folder C(Management VMs) are always left out.
    type: list
    elements: dict
    default: []
    suboptions:
      virtual_machine:
        description: Machines by name, or by folder and name. C(*) stands for anything.
        type: str
      folder:
        description: All machines in a folder and below it.
        type: str
      reason:
        description: Why.
        type: str
        required: true
      approver:
        description: Who has approved it.
        type: str
        required: true
      expires:
        description: The last day on which it counts, such as V(2026-12-31), in UTC.
        type: str
  locks:
    description: The lock that is wanted of vaults, by their name. Only the keys that are given are compared.
    type: dict
    default: {}
seealso:
  - module: vmc.aws_backup.vsphere_virtual_machine_info
  - module: vmc.aws_backup.backup_virtual_machine_info
  - module: vmc.aws_backup.backup_readiness_info
"""

EXAMPLES = r"""
- name: Look at vCenter
  vmc.aws_backup.vsphere_virtual_machine_info:
    hostname: vcenter.example.org
    username: backup@example.org
    password: "{{ vault_vcenter_password }}"
  failed_when: false
  register: vcenter

- name: Judge
  vmc.aws_backup.backup_verification_info:
    region: eu-west-1
    hypervisor: sddc-1
    seen:
      vcenter: "{{ vcenter }}"
    exclusions:
      - folder: /SDDC-Datacenter/vm/Scratch
        reason: Holds nothing that cannot be made again
        approver: backup board
        expires: "2027-06-30"
    locks:
      vmc-daily: {mode: governance, min_retention_days: 7}
  register: verification

- name: Name what is wrong
  ansible.builtin.debug:
    msg: "{{ verification.findings | selectattr('verdict', 'eq', 'broken') | map(attribute='evidence') }}"
"""

RETURN = r"""
findings:
  description: What each check says.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: The check.
      type: str
      sample: machine_not_selected
    subject:
      description: What it is about.
      type: str
      sample: protection
    kind:
      description: The kind of thing.
      type: str
      sample: virtual_machine
    name:
      description: The thing.
      type: str
      sample: /SDDC-Datacenter/vm/Workloads/web-1
    verdict:
      description: One of C(ok), C(broken), C(costly), C(unknown) and C(skipped).
      type: str
    severity:
      description: One of C(critical), C(warning) and C(info).
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
population:
  description: Every machine that vCenter has, none where nobody told.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: Its folder and name.
      type: str
    class:
      description:
        - C(protected); C(outdated), without a young point where it is meant to be; C(not_copied), without a young copy; C(not_selected); C(not_synced);
          C(unprotectable); C(excluded); C(unknown).
      type: str
    why:
      description: Why it is of that class.
      type: str
    resource_arn:
      description: Its ARN at AWS. Empty where it is not listed, or where it is not clear which one it is.
      type: str
    backup_plans:
      description: The names of the plans that select it.
      type: list
      elements: str
    recovery_point_arn:
      description: Its newest point where one is meant to be.
      type: str
    backed_up_at:
      description: When that was made.
      type: str
caller:
  description: The ARN of who has looked, for evidence. Empty where AWS does not tell.
  returned: success
  type: str
  sample: arn:aws:sts::111122223333:assumed-role/verification/vmc-aws-backup
backup_plans:
  description: The plans that select any of them, for evidence.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: Its name.
      type: str
    backup_plan_id:
      description: Its id.
      type: str
    version_id:
      description: Its version.
      type: str
    of_organisation:
      description: Whether a policy of AWS Organizations made it.
      type: bool
    virtual_machine_count:
      description: How many of the machines it selects.
      type: int
"""

import datetime

from ..module_utils.checks.protection.machines import population
from ..module_utils.checks.protection.plans import selecting
from ..module_utils.checks.verification import SUBJECTS, judge
from ..module_utils.clients.aws import aws_module
from ..module_utils.engine import runner
from ..module_utils.errors import Invalid
from ..module_utils.facts.protection import Protection

SPEC = {
    "hypervisor": {"type": "str", "required": True},
    "seen": {"type": "dict", "default": {}, "options": {"vcenter": {"type": "dict", "default": {}}}},
    "subjects": {"type": "list", "elements": "str", "choices": list(SUBJECTS), "default": ["protection"]},
    "objective_hours": {"type": "int", "default": 26},
    "copy_objective_hours": {"type": "int"},
    "sync_max_age_hours": {"type": "int", "default": 26},
    "last_seen_max_age": {"type": "int", "default": 900},
    "drill_folder": {"type": "str"},
    "exclusions": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "virtual_machine": {"type": "str"},
            "folder": {"type": "str"},
            "reason": {"type": "str", "required": True},
            "approver": {"type": "str", "required": True},
            "expires": {"type": "str"},
        },
    },
    "locks": {"type": "dict", "default": {}},
}
LOCK = ("mode", "min_retention_days", "max_retention_days")


def fetch(module):
    params = module.params
    _check(params)
    if params["copy_objective_hours"] is None:
        params["copy_objective_hours"] = params["objective_hours"]
    return answer(Protection(module), params["subjects"])


def answer(facts, subjects) -> dict:
    counted = selecting(facts)
    return {
        "findings": judge(facts, subjects),
        "caller": facts.caller if isinstance(facts.caller, str) else "",
        "population": population(facts),
        "backup_plans": [
            {
                "name": plan["name"],
                "backup_plan_id": plan["id"],
                "version_id": plan["version_id"],
                "of_organisation": plan["of_organisation"],
                "virtual_machine_count": counted[plan["id"]],
            }
            for plan in (facts.plans if isinstance(facts.plans, list) else [])
            if plan["id"] in counted
        ],
    }


def _check(params):
    for option in ("objective_hours", "copy_objective_hours", "sync_max_age_hours", "last_seen_max_age"):
        if params[option] is not None and params[option] < 1:
            raise Invalid(option, f"{params[option]} must be 1 or more.")
    for each in params["exclusions"]:
        if bool(each.get("virtual_machine")) == bool(each.get("folder")):
            raise Invalid("exclusions", "Each needs virtual_machine or folder, one of them.")
        for key in ("reason", "approver"):
            if not each[key].strip():
                raise Invalid("exclusions", f"{key} is empty.")
        if each.get("expires"):
            _check_date(each["expires"])
    for name, wanted in params["locks"].items():
        if not isinstance(wanted, dict) or not set(wanted) <= set(LOCK):
            raise Invalid("locks", f"What is wanted of {name} can have {', '.join(LOCK)} only.")


def _check_date(text):
    try:
        datetime.datetime.strptime(text, "%Y-%m-%d")
    except ValueError:
        raise Invalid("exclusions", f"expires is {text!r}, but must be a day such as 2026-12-31.") from None


def main():
    runner.info(aws_module(SPEC), None, fetch)


if __name__ == "__main__":
    main()
