# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is to be protected, laid beside the machines and plans that there are."""

from __future__ import annotations

from ..module_utils.engine.findings import sentence
from ..module_utils.resources.backup_plan import own_requests

DOCUMENTATION = r"""
name: protection
short_description: The plans and selections of a site, beside what there is
version_added: "1.0.0"
author: The vmc.aws_backup contributors (@vmc-aws-backup)
description:
  - Leaves the appliances of the site out of each selection, and says which plans and rules of the site nobody asks for any more.
  - A plan of the site that is not asked for stays, and so does a rule, unless C(protection_allow_less) names it.
positional: machines, appliances, plans, copies
options:
  _input:
    description: What the first task of the role returned.
    type: dict
    required: true
  machines:
    description: The machines of the vCenter, as M(vmc.aws_backup.backup_virtual_machine_info) returns them.
    type: list
    elements: dict
    required: true
  appliances:
    description: The appliances of the site, as M(vmc.aws_backup.gateway_appliance_info) returns them.
    type: list
    elements: dict
    required: true
  plans:
    description: The plans whose names begin like those of the site, as M(vmc.aws_backup.backup_plan_info) returns them.
    type: list
    elements: dict
    required: true
  copies:
    description: What is known of the copies, as M(vmc.aws_backup.backup_copy_info) returns it, where a vault is made for them.
    type: dict
    default: {}
"""

EXAMPLES = r"""
- ansible.builtin.debug:
    msg: "{{ (__protection | vmc.aws_backup.protection(found.virtual_machines, appliances, plans)).entries }}"
"""

RETURN = r"""
_value:
  description: What is to be written.
  type: dict
  contains:
    entries:
      description: The entries, each with its RV(ignore:plan), and the options of the modules that make plan and selection.
      type: list
      elements: dict
    going:
      description: The entries whose plan is to be removed, each with its RV(ignore:plan), the id of that, and with what the ids of its requests begin.
      type: list
      elements: dict
    copies_policy:
      description: The policy of the vault that is copied to, where that is of another account; else nothing.
      type: dict
    findings:
      description: >-
        One sentence for each plan and rule of the site that nobody asks for any more, and for what nobody told of what copies need.
      type: list
      elements: str
    refused:
      description: One sentence for each thing that copies need and that is not so.
      type: list
      elements: str
"""


def protection(inputs, machines, appliances, plans, copies=None):
    """The entries as the modules take them, those that go, and what is told."""
    given, told = inputs["given"], inputs["protection"]
    allowed = given["protection_allow_less"]
    ours = {plan["name"]: plan for plan in plans if _is_of(plan, inputs["site_id"])}
    left_out = _of_appliances(machines, appliances)
    arn = told["copied_to"].replace("*", (copies or {}).get("destination_account_id") or "")
    # While a site is taken off, nobody asks for anything.
    wanted = told["entries"] if given["state"] == "present" else []
    entries = [_entry(entry, ours.get(entry["plan"]), left_out, arn, allowed) for entry in wanted]
    unasked = [name for name in ours if name not in [entry["plan"] for entry in entries]]
    prefix = f"{inputs['name']}-"
    going = [
        {
            "name": name[len(prefix) :],
            "plan": name,
            "backup_plan_id": ours[name]["backup_plan_id"],
            "requests": own_requests(name[len(prefix) :], inputs["site_id"]),
        }
        for name in unasked
        if given["state"] == "absent" or name[len(prefix) :] in allowed
    ]
    gone = [each["plan"] for each in going]
    findings = [
        f"The plan {name} of this site is in vmc_backup_protection no more, and protects on. Name {name[len(prefix) :]} in protection_allow_less to "
        "have it removed."
        for name in unasked
        if name not in gone
    ]
    for entry in entries:
        findings += _further_rules(entry, ours.get(entry["plan"]), allowed)
    judged = (copies or {}).get("findings") or []
    return {
        "entries": entries,
        "going": going,
        "copies_policy": _lets_in(copies or {}),
        "findings": findings + [sentence(one) for one in judged if one["verdict"] == "unknown"],
        "refused": [f"vmc_backup_protection: {sentence(one)}" for one in judged if one["verdict"] == "broken"],
    }


def _lets_in(copies):
    """The account of the backups may copy into the vault, where that is of another one."""
    source, destination = copies.get("source_account_id"), copies.get("destination_account_id")
    if not source or source == destination:
        return None
    who = {"AWS": f"arn:{copies['partition']}:iam::{source}:root"}
    statement = {
        "Sid": "CopyIn",
        "Effect": "Allow",
        "Principal": who,
        "Action": "backup:CopyIntoBackupVault",
        "Resource": "*",
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


def _is_of(plan, site_id) -> bool:
    return plan["tags"].get("managed-by") == "vmc-aws-backup" and plan["site_id"] == site_id


def _entry(entry, plan, left_out, arn, allowed) -> dict:
    further = [name for name in _names(plan) if name not in [rule["name"] for rule in entry["rules"]]]
    return {
        **entry,
        "rules": [_rule(rule, arn) for rule in entry["rules"]],
        # What stays unasked is told; only who names one has them removed.
        "purge_rules": any(name in allowed for name in further),
        "not_virtual_machines": list(dict.fromkeys([*entry.get("not_virtual_machines", ()), *left_out])),
    }


def _rule(rule, arn) -> dict:
    copied = rule.get("copied")
    plain = {key: held for key, held in rule.items() if key != "copied"}
    return plain if copied is None else {**plain, "copy_actions": [{"destination_backup_vault_arn": arn, **copied}]}


def _names(plan) -> list:
    return [rule["name"] if isinstance(rule, dict) else rule for rule in (plan or {}).get("rules", ())]


def _further_rules(entry, plan, allowed):
    asked = [rule["name"] for rule in entry["rules"]]
    for name in _names(plan):
        if name not in asked and name not in allowed:
            yield (
                f"The rule {name} of the plan {entry['plan']} is not in vmc_backup_protection, and stays. Name it in protection_allow_less to have it "
                "removed."
            )


def _of_appliances(machines, appliances) -> list:
    """The ARNs of the appliances, as AWS Backup lists them; before it lists anything, what they are going to be called there."""
    if not machines:
        return [_path(one) for one in appliances if one.get("datacenter")]
    own = {_path(one) for one in appliances}
    return [one["resource_arn"] for one in machines if own & set(_paths(one))]


def _path(appliance) -> str:
    folder = appliance.get("folder") or ""
    return "/".join(["", appliance.get("datacenter") or "", "vm", *filter(None, [folder]), appliance["name"]])


def _paths(machine) -> tuple:
    # Nobody has seen whether a path is that of the folder or ends in the machine's own name.
    path = (machine["path"] or "").rstrip("/")
    return path, f"{path}/{machine['name']}"


class FilterModule:
    """The filter, for Ansible."""

    def filters(self):
        """Name and function."""
        return {"protection": protection}
