# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether an endpoint may go, asked of exactly the one that would, from what hangs on it."""

from __future__ import annotations

DOCUMENTATION = r"""
name: in_use
short_description: Whether an endpoint may go, and who uses it
version_added: "1.0.0"
author: The vmc.aws_backup contributors (@vmc-aws-backup)
description:
  - An endpoint that gateways, other sites or others' security groups use stays. So it does where the gateways of its account could not be asked for.
positional: groups, gateways, gateways_beside, inputs
options:
  _input:
    description: The endpoints, as M(vmc.aws_backup.vpce_backup_info) returns them.
    type: list
    elements: dict
    required: true
  groups:
    description: This site's security groups, as M(vmc.aws_backup.backup_security_group_info) returns them.
    type: list
    elements: dict
    required: true
  gateways:
    description: The gateways of the account of the backups.
    type: list
    elements: dict
    required: true
  gateways_beside:
    description: What the look for gateways in the account of the endpoint registered, skipped or failed or not.
    type: dict
    required: true
  inputs:
    description: What the first task of the role returned.
    type: dict
    required: true
"""

EXAMPLES = r"""
- ansible.builtin.debug:
    msg: "{{ (found.vpc_endpoints | vmc.aws_backup.in_use(groups, gateways, beside, __endpoint)).kept }}"
"""

RETURN = r"""
_value:
  description: What is known of it.
  type: dict
  contains:
    endpoint:
      description: The endpoint that would go; empty where there is none. Of several it has no id, so that a module refuses and names them.
      type: dict
    users:
      description: The names of the gateways that use it.
      type: list
      elements: str
    kept:
      description: One sentence for each reason why it stays.
      type: list
      elements: str
    told:
      description: The same, and what is left as it is or is not known in any case.
      type: list
      elements: str
    group_is_free:
      description: Whether the security group of this site may go.
      type: bool
"""

DYING = ("deleting", "deleted", "rejected", "failed", "expired")


def in_use(endpoints, groups, gateways, gateways_beside, inputs):
    """Which endpoint would go, who uses it, and why it stays."""
    given = inputs["given"]
    wanted = given.get("endpoint_vpc_endpoint_id")
    living = [one for one in endpoints if one["state"] not in DYING and wanted in (None, one["vpc_endpoint_id"])]
    known_as = {one[key] for one in living for key in ("dns_name", "vpc_endpoint_id")}
    every = [*gateways, *(gateways_beside.get("gateways") or [])]
    users = _once(
        one["name"]
        for one in every
        if one["vpc_endpoint"] in known_as and one["gateway_arn"] not in given.get("gateways_gone", ())
    )
    sites = _once(site for one in living for site in one["users"] if site != inputs["site_id"])
    own = {group["group_id"] for group in groups}
    others = _once(group for one in living for group in one["security_group_ids"] if group not in own)
    untold = gateways_beside.get("msg") if not gateways_beside.get("skipped") else None
    kept = [
        f"The endpoint stays, because {why}"
        for why, holds in (
            (f"gateways use it: {', '.join(users)}.", users),
            (f"its tags name other sites that use it: {', '.join(sites)}.", sites),
            (f"others have put their security groups on it: {', '.join(others)}.", others),
            (f"the gateways of its account could not be asked for: {untold}", untold),
        )
        if holds
    ]
    by_scope = "The endpoint and its security group stay: they go only with vmc_backup_teardown_scope: account."
    return {
        "endpoint": _going(living),
        "users": users,
        "kept": kept,
        "told": [
            *kept,
            *([] if given["vmc_backup_teardown_scope"] == "account" else [by_scope]),
            "Whether gateways of accounts that nobody named use the endpoint is not known.",
        ],
        "group_is_free": not kept or bool(others),
    }


def _going(living) -> dict:
    return living[0] if len(living) == 1 else {**living[0], "vpc_endpoint_id": ""} if living else {}


def _once(names) -> list:
    return list(dict.fromkeys(names))


class FilterModule:
    """The filter, for Ansible."""

    def filters(self):
        """Name and function."""
        return {"in_use": in_use}
