# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Why a registration failed, with what was seen on the path of the appliances."""

from __future__ import annotations

DOCUMENTATION = r"""
name: explained
short_description: Why a registration failed, with what was seen on the path of the appliances
version_added: "1.0.0"
author: The vmc.aws_backup contributors (@vmc-aws-backup)
description:
  - Adds to the message of a failure which gateways have to be replaced, what is broken on the path and who mends it, and how a site that is gone
    is removed.
positional: path, found, machines, inputs
options:
  _input:
    description: The outcome of the failure, as P(vmc.aws_backup.outcome#filter) returns it.
    type: dict
    required: true
  path:
    description: What M(vmc.aws_backup.backup_path_info) returned, if it was asked.
    type: dict
    required: true
  found:
    description: What M(vmc.aws_backup.gateway_appliance_info) returned, failed or not.
    type: dict
    required: true
  machines:
    description: The appliances that are known.
    type: list
    elements: dict
    required: true
  inputs:
    description: What the first task of the role returned.
    type: dict
    required: true
"""

EXAMPLES = r"""
- ansible.builtin.fail:
    msg: "{{ registration_result | vmc.aws_backup.explained(path, found, found.appliances, __registration) }}"
"""

RETURN = r"""
_value:
  description: The message, a line each.
  type: str
"""


def explained(outcome, path, found, machines, inputs):
    """The message of a failure, and what may be behind it."""
    lines = [outcome["msg"], *_on_the_path(outcome, path)] if machines else [outcome["msg"]]
    given = inputs.get("given") or {}  # without any where already the first task failed
    if found.get("failed") and given.get("state") == "absent" and not inputs["site_gone"]:
        lines.append(
            f"Only where the site is gone for good, vmc_backup_site_gone={inputs['site_id']} takes off what is left of it in AWS."
        )
    return "\n".join(lines)


def _on_the_path(outcome, path) -> list:
    lost = [change["object"] for change in outcome["changes"] if change["effect"] == "replace"]
    gateways = list(dict.fromkeys(name for name in lost if name.startswith("gateway")))
    replace = (
        f"No API mends a gateway that lost its appliance or its endpoint ({', '.join(gateways)}). "
        "Plan a second address for its cluster, then run vmc.aws_backup.replace_gateway with vmc_backup_replace, its name."
    )
    broken = [hop for hop in path.get("hops") or [] if hop["verdict"] == "broken"]
    return ([replace] if gateways else []) + [_hop(hop) for hop in broken]


def _hop(hop) -> str:
    mended = f"The tag {hop['mended_by']} puts in order what is ours." if hop.get("mended_by") else ""
    return " ".join(f"{hop['hop']}: {hop['evidence']} {hop['change']} {mended}".split())


class FilterModule:
    """The filter, for Ansible."""

    def filters(self):
        """Name and function."""
        return {"explained": explained}
