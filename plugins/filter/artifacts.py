# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a job of AWX leaves for an approver and for the next job of a workflow."""

from __future__ import annotations

import re

from ..plugin_utils.commands import COMMANDS

DOCUMENTATION = r"""
name: artifacts
short_description: What a job of AWX leaves for an approver and for the next job of a workflow
version_added: "1.0.0"
author: The vmc.aws_backup contributors (@vmc-aws-backup)
description:
  - Counts what the roles did to each host, and says how it ended. No name of an object, no message and no secret is in it.
  - Artifacts become extra variables of the next job, and those of one slice overwrite those of another that have the same name.
    So each host has a name of its own, C(vmc_backup_outcome_) and its name with C(_) for what cannot be in one.
options:
  _input:
    description: Variables of the hosts, as C(hostvars) has them.
    type: list
    elements: dict
    required: true
"""

EXAMPLES = r"""
- ansible.builtin.set_stats:
    data: "{{ ansible_play_hosts_all | map('extract', hostvars) | vmc.aws_backup.artifacts }}"
  run_once: true

# {"vmc_backup_outcome_sddc_1": {"sddc-1": {"verdict": "changed", "changes": {"endpoint": 3}, "notes": 0}}}
"""

RETURN = r"""
_value:
  description:
    - For each host that a role has left something of, its artifact. RV(ignore:verdict) is C(failed), C(needs_you), C(changed) or C(unchanged),
      RV(ignore:changes) counts the changed fields by role, RV(ignore:notes) what was noted, and RV(ignore:failed) names the role that failed.
  type: dict
"""
NONE_WRITTEN = ("kept", "denied", "replace")


def artifacts(hosts):
    """One artifact for each host."""
    found: dict = {}
    for host in hosts:
        name = str(host["inventory_hostname"])
        results = {role: host[f"{role}_result"] for role in COMMANDS if f"{role}_result" in host}
        if results:
            found.setdefault("vmc_backup_outcome_" + re.sub(r"\W", "_", name, flags=re.ASCII), {})[name] = _of(results)
    return found


def _of(results) -> dict:
    changes = {role: _count(result) for role, result in results.items()}
    failed = [role for role, result in results.items() if result.get("failed")]
    kinds = {
        "failed": failed,
        "needs_you": any(result.get("needs_you") for result in results.values()),
        "changed": any(result.get("changed") for result in results.values()),
    }
    return {
        "verdict": next((kind for kind, holds in kinds.items() if holds), "unchanged"),
        "changes": {role: count for role, count in changes.items() if count},
        "notes": sum(len(result.get("findings") or []) for result in results.values()),
        **({"failed": failed[-1]} if failed else {}),
    }


def _count(result) -> int:
    return sum(change["effect"] not in NONE_WRITTEN for change in result.get("changes") or [])


class FilterModule:
    """The filter, for Ansible."""

    def filters(self):
        """Name and function."""
        return {"artifacts": artifacts}
