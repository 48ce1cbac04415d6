# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which machines are to be backed up at once."""

from __future__ import annotations

from ansible.errors import AnsibleFilterError

DOCUMENTATION = r"""
name: to_back_up
short_description: Which machines are to be backed up at once
version_added: "1.0.0"
author: The vmc.aws_backup contributors (@vmc-aws-backup)
description:
  - Those that are named, and those that the selections of the named entries take today. A name that means none or several is refused, and so is an entry
    without a plan.
positional: machines, selected, started
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
  selected:
    description: What the looks at the selections registered, one result for each plan.
    type: list
    elements: dict
    required: true
  started:
    description: What the starts of the backups registered. Those that were started have the id of their request then, and the others are left out.
    type: list
    elements: dict
"""

EXAMPLES = r"""
- ansible.builtin.debug:
    msg: "{{ __protection | vmc.aws_backup.to_back_up(found.virtual_machines, looked.results) }}"
"""

RETURN = r"""
_value:
  description: The machines, each with its RV(ignore:name), RV(ignore:resource_arn) and, where there is one, RV(ignore:request_id).
  type: list
  elements: dict
"""


def to_back_up(inputs, machines, selected, started=None):
    """The machines, each once, in the order in which they are named."""
    if started is not None:
        return [{**one["machine"], "request_id": one["request_id"]} for one in started if one.get("job")]
    given, refused = inputs["given"], []
    found: dict = {}
    for reference in given.get("vmc_backup_now_machines") or []:
        meant = [one for one in machines if reference in _names(one)]
        if len(meant) == 1:
            found[meant[0]["resource_arn"]] = meant[0]
        else:
            several = ", ".join(one["resource_arn"] for one in meant)
            refused.append(
                f"vmc_backup_now_machines: {reference} may be any of {several}. Name its folder too, or its ARN."
                if meant
                else f"vmc_backup_now_machines: AWS Backup lists no machine {reference} of this vCenter."
            )
    plans = {each["entry"]["name"]: each["backup_selections"] for each in selected}
    for plan in inputs["protection"]["now"]["plans"]:
        if plan not in plans:
            refused.append(f"vmc_backup_now_entries: there is no plan {plan} yet. site.yml makes it.")
        for selection in plans.get(plan, ()):
            found.update({one["resource_arn"]: one for one in selection["virtual_machines"]})
    if not refused and not found:
        refused = ["vmc_backup_now_entries: the selections take no machine that AWS Backup lists today."]
    if refused:
        raise AnsibleFilterError("\n".join(refused))
    asked = {"request_id": given["vmc_backup_now_request_id"]} if given.get("vmc_backup_now_request_id") else {}
    return [{"name": one["name"], "resource_arn": arn, **asked} for arn, one in found.items()]


def _names(machine) -> tuple:
    # Nobody has seen whether a path is that of the folder or ends in the machine's own name.
    path = (machine["path"] or "").rstrip("/")
    own = path if path.endswith(f"/{machine['name']}") else f"{path}/{machine['name']}"
    return machine["resource_arn"], machine["name"], own


class FilterModule:
    """The filter, for Ansible."""

    def filters(self):
        """Name and function."""
        return {"to_back_up": to_back_up}
