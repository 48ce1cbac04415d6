#!/usr/bin/python
# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: backup_cost_info
short_description: Estimate what backups cost, and what would cost less
version_added: "1.0.0"
author: The vmc.aws_backup contributors (@vmc-aws-backup)
description:
  - Estimates what a month of AWS Backup for VMware costs, of the world as it is or as it is planned, one row for each thing that is paid for.
  - Prices are the user's own. One that is not given is asked for and never guessed, and the sum says that it is incomplete.
  - Each practice that would cost less is a finding, with what it would save.
  - docs/cost.md says how each row is computed, and what is not counted.
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
  prices:
    description:
      - What things cost, as C(examples/prices.yml) has it, with C(currency), C(exchange_rates) and C(regions).
      - A price of another Region never counts. One of another currency is converted where C(exchange_rates) says by how much, and is else unknown.
    type: dict
    required: true
  of:
    description:
      - With V(world), AWS Backup is asked for machines, their sizes, plans, and points that could not be deleted.
      - With V(plan), nobody is asked, and O(scenario) has to say everything.
    type: str
    choices: [world, plan]
    default: world
  planned_rules:
    description:
      - With O(of=plan), the rules of a plan as O(vmc.aws_backup.backup_plan#module:rules) has them, instead of those in O(scenario).
    type: list
    elements: dict
    default: []
  hypervisor:
    description: Only machines of the hypervisor with this name or ARN.
    type: str
  seen:
    description: What other tasks saw.
    type: dict
    default: {}
    suboptions:
      endpoints:
        description: The RV(vmc.aws_backup.vpce_backup_info#module:vpc_endpoints) of M(vmc.aws_backup.vpce_backup_info).
        type: list
        elements: dict
      sddcs:
        description: The RV(vmc.aws_backup.vmc_sddc_info#module:sddcs) of M(vmc.aws_backup.vmc_sddc_info).
        type: list
        elements: dict
  scenario:
    description: What nobody can be asked, or what is to be otherwise than it was seen.
    type: dict
    default: {}
    suboptions: &scenario
      machines:
        description: Groups of machines.
        type: list
        elements: dict
        suboptions:
          count:
            description: How many.
            type: int
            default: 1
          size_gb:
            description: GB of disk that each uses, deleted data that is still allocated among them; 1 GB is 2^30 bytes.
            type: float
            required: true
          rules:
            description: Names of the rules that take them. Without it all do.
            type: list
            elements: str
      change_percent_per_day:
        description: The part of a machine that changes in a day. Nobody can be asked for it.
        type: float
      rules:
        description: The rules of backup plans.
        type: list
        elements: dict
        suboptions:
          name:
            description: Its name.
            type: str
          backups_per_day:
            description: How often a day it runs; 0.0329 is once a month.
            type: float
            default: 1
          vault:
            description: The vault. In each vault a machine is stored once, and beside that what changes.
            type: str
            default: vault
          move_to_cold_storage_after_days:
            description: Days after which a point moves to cold storage.
            type: int
          delete_after_days:
            description: Days after which a point is deleted.
            type: int
          keep_forever:
            description: Whether points are never deleted.
            type: bool
            default: false
          copies:
            description: Copies of each point.
            type: list
            elements: dict
            default: []
            suboptions:
              region:
                description: The Region of the copy. The default is that of the backup.
                type: str
              account_id:
                description: The account of the copy.
                type: str
              vault:
                description: The vault of the copy.
                type: str
                default: copy
              move_to_cold_storage_after_days:
                description: Days after which the copy moves to cold storage.
                type: int
              delete_after_days:
                description: Days after which the copy is deleted.
                type: int
              keep_forever:
                description: Whether the copy is never deleted.
                type: bool
                default: false
      cold_points:
        description: >-
          Whether a point in cold storage holds what it adds, V(incremental), or the whole machine, V(full). No document says it of machines
          (docs/unconfirmed.md).
        type: str
        choices: [incremental, full]
      endpoint_zone_ids:
        description: The zones that the endpoint is in, by id.
        type: list
        elements: str
      sddc_zone_ids:
        description: The zones that the appliances are in, by id.
        type: list
        elements: str
      way:
        description: How appliances reach the endpoint.
        type: str
        choices: [connected_vpc, transit_connect, on_premises]
      transit_attachments:
        description: How many attachments of Transit Connect are paid for. Two unless told otherwise, that of the SDDC and that of the VPC.
        type: int
      restores:
        description: Restores and drills of a month.
        type: list
        elements: dict
        suboptions:
          count:
            description: How many.
            type: int
            default: 1
          size_gb:
            description: GB of each.
            type: float
            required: true
          storage:
            description: Where the point is.
            type: str
            choices: [warm, cold]
            default: warm
          to:
            description: Where it goes. What goes to vSphere passes the endpoint, and needs room on its datastore.
            type: str
            choices: [vsphere, ec2, ebs]
            default: vsphere
      restored_items_per_month:
        description: How many single items are restored.
        type: int
      audit_evaluations_per_month:
        description: Evaluations of AWS Backup Audit Manager, controls times resources times runs. This collection does not set it up.
        type: int
      expired_gb:
        description: GB in points that could not be deleted.
        type: float
      extra_hosts:
        description: Hosts that VMware Cloud has added by itself. Without it O(scenario.datastore_used_percent) says whether it will.
        type: int
      datastore_used_percent:
        description: How full the datastore of the machines is.
        type: float
      datastore_capacity_gb:
        description: How large it is.
        type: float
      hours_per_month:
        description: Hours of a month. 730 unless told otherwise.
        type: float
      horizon_days:
        description: Days after which what is kept for ever is counted. 365 unless told otherwise.
        type: int
  what_if:
    description: What is to be otherwise than that, to see the difference. It takes what O(scenario) takes.
    type: dict
    default: {}
    suboptions: *scenario
  compare_with:
    description: An RV(estimate) of before, to see the difference to.
    type: dict
seealso:
  - module: vmc.aws_backup.vpce_backup_info
  - module: vmc.aws_backup.backup_plan_info
"""

EXAMPLES = r"""
- name: What it costs, and what a longer retention would
  vmc.aws_backup.backup_cost_info:
    region: eu-west-1
    prices: "{{ lookup('ansible.builtin.file', 'prices.yml') | from_yaml }}"
    scenario:
      change_percent_per_day: 3
      endpoint_zone_ids: [euw1-az1]
      sddc_zone_ids: [euw1-az1]
      restores:
        - count: 4
          size_gb: 200
    what_if:
      change_percent_per_day: 5
  register: cost

- name: Show it
  ansible.builtin.debug:
    msg: "{{ cost.table }}"
"""

RETURN = r"""
estimate:
  description: The estimate.
  returned: always
  type: dict
  contains:
    currency:
      description: The currency of all amounts.
      type: str
    month:
      description: What a month comes to, as far as it is known.
      type: float
    once:
      description: What the first backup and the first copies come to.
      type: float
    complete:
      description: Whether nothing is missing in that.
      type: bool
    missing:
      description: What is missing, a sentence each.
      type: list
      elements: str
    not_counted:
      description: What is paid beside and no row of it.
      type: list
      elements: str
    rows:
      description: One for each thing that is paid for.
      type: list
      elements: dict
      contains:
        id:
          description: What it is.
          type: str
          sample: warm_storage
        name:
          description: The same for people.
          type: str
        of:
          description: Which of several, such as a copy.
          type: str
        region:
          description: The Region whose price counts.
          type: str
        once:
          description: Whether it is paid once, and not each month.
          type: bool
        quantity:
          description: How much; null where it is unknown.
          type: float
        unit:
          description: Of what.
          type: str
        formula:
          description: How the quantity is computed.
          type: str
        quantity_from:
          description: Where what stands in the formula comes from.
          type: str
        price:
          description: What one costs, or a list of tiers; null where it is unknown.
          type: raw
        price_from:
          description: Where the price comes from.
          type: str
        price_name:
          description: Where it stands in the file of prices.
          type: str
        amount:
          description: What it comes to; null where it is unknown.
          type: float
        state:
          description: C(known) or C(unknown).
          type: str
        why:
          description: Why it is unknown.
          type: str
what_if:
  description: The estimate with O(what_if); empty without it.
  returned: always
  type: dict
difference:
  description: >-
    From the estimate to that with O(what_if), or from O(compare_with) to the estimate.
    C(rows) has C(before), C(after) and C(change) of each that differs, C(month)
    and C(once) what that comes to. Empty where nothing is compared.
  returned: always
  type: dict
table:
  description: The estimate for people, line by line, and the difference.
  returned: always
  type: list
  elements: str
advice:
  description: What would cost less, and what is unknown, a sentence each.
  returned: always
  type: list
  elements: str
findings:
  description: The sum, each row that is unknown, and each practice that would cost less.
  returned: always
  type: list
  elements: dict
"""

from ..module_utils.clients.aws import Aws, aws_module
from ..module_utils.costs.estimate import difference, estimate, lines
from ..module_utils.costs.practices import findings
from ..module_utils.costs.prices import Prices
from ..module_utils.costs.quantities import Scenario
from ..module_utils.engine import runner
from ..module_utils.engine.findings import sentence
from ..module_utils.errors import Invalid
from ..module_utils.facts import cost

KEPT = {
    "move_to_cold_storage_after_days": {"type": "int"},
    "delete_after_days": {"type": "int"},
    "keep_forever": {"type": "bool", "default": False},
}
COPY = {
    "region": {"type": "str"},
    "account_id": {"type": "str"},
    "vault": {"type": "str", "default": "copy"},
    **KEPT,
}
RULE = {
    "name": {"type": "str"},
    "backups_per_day": {"type": "float", "default": 1},
    "vault": {"type": "str", "default": "vault"},
    **KEPT,
    "copies": {"type": "list", "elements": "dict", "default": [], "options": COPY},
}
MACHINES = {
    "count": {"type": "int", "default": 1},
    "size_gb": {"type": "float", "required": True},
    "rules": {"type": "list", "elements": "str"},
}
RESTORE = {
    "count": {"type": "int", "default": 1},
    "size_gb": {"type": "float", "required": True},
    "storage": {"type": "str", "choices": ["warm", "cold"], "default": "warm"},
    "to": {"type": "str", "choices": ["vsphere", "ec2", "ebs"], "default": "vsphere"},
}
SCENARIO = {
    "machines": {"type": "list", "elements": "dict", "options": MACHINES},
    "change_percent_per_day": {"type": "float"},
    "rules": {"type": "list", "elements": "dict", "options": RULE},
    "cold_points": {"type": "str", "choices": ["incremental", "full"]},
    "endpoint_zone_ids": {"type": "list", "elements": "str"},
    "sddc_zone_ids": {"type": "list", "elements": "str"},
    "way": {"type": "str", "choices": ["connected_vpc", "transit_connect", "on_premises"]},
    "transit_attachments": {"type": "int"},
    "restores": {"type": "list", "elements": "dict", "options": RESTORE},
    "restored_items_per_month": {"type": "int"},
    "audit_evaluations_per_month": {"type": "int"},
    "expired_gb": {"type": "float"},
    "extra_hosts": {"type": "int"},
    "datastore_used_percent": {"type": "float"},
    "datastore_capacity_gb": {"type": "float"},
    "hours_per_month": {"type": "float"},
    "horizon_days": {"type": "int"},
}
SPEC = {
    "prices": {"type": "dict", "required": True},
    "of": {"type": "str", "choices": ["world", "plan"], "default": "world"},
    "planned_rules": {"type": "list", "elements": "dict", "default": []},
    "hypervisor": {"type": "str"},
    "seen": {
        "type": "dict",
        "default": {},
        "options": {
            "endpoints": {"type": "list", "elements": "dict"},
            "sddcs": {"type": "list", "elements": "dict"},
        },
    },
    "scenario": {"type": "dict", "default": {}, "options": SCENARIO},
    "what_if": {"type": "dict", "default": {}, "options": SCENARIO},
    "compare_with": {"type": "dict"},
}


def fetch(module):
    params = module.params
    otherwise = _given(params["what_if"])
    if otherwise and params["compare_with"]:
        raise Invalid("compare_with", "is compared with what there is, so that it excludes what_if.")
    if params["planned_rules"] and params["of"] == "world":
        raise Invalid("planned_rules", "is what is planned, so that of has to be plan.")
    prices = Prices(params["prices"])
    now = Scenario(*_values(module))
    told = estimate(now, prices)
    what_if = estimate(now.but(**otherwise), prices) if otherwise else {}
    compared = {}
    if what_if:
        compared = difference(told, what_if)
    elif params["compare_with"]:
        compared = difference(params["compare_with"], told)
    found = findings(now, prices, told)
    return {
        "estimate": told,
        "what_if": what_if,
        "difference": compared,
        "table": lines(told, compared),
        "advice": [sentence(each) for each in found if each["verdict"] != "ok"],
        "findings": found,
    }


def _values(module) -> tuple[dict, dict]:
    """What was seen, with what is given over it, and where each comes from."""
    params = module.params
    clients: dict = {}

    def client(service):
        return clients.setdefault(service, Aws(module, service))

    values, sources = cost.of_seen(params["seen"])
    if params["of"] == "world":
        seen = cost.of_region(client, params["hypervisor"])
        values, sources = {**values, **seen[0]}, {**sources, **seen[1]}
    elif params["planned_rules"]:
        planned = cost.of_planned(params["planned_rules"])
        values, sources = {**values, **planned[0]}, {**sources, **planned[1]}
    given = _given(params["scenario"])
    left = {name: told for name, told in sources.items() if name not in given}
    if {"machines", "rules"} <= set(given):
        values.pop("not_counted", None)
    return {**values, **given, "region": client("backup").region}, left


def _given(options: dict) -> dict:
    return {name: held for name, held in options.items() if held is not None}


def main():
    runner.info(aws_module(SPEC), None, fetch)


if __name__ == "__main__":
    main()
