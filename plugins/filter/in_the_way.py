# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is in the way of the appliances, in one text."""

from __future__ import annotations

import re

DOCUMENTATION = r"""
name: in_the_way
short_description: What is in the way of the appliances, in one text
version_added: "1.0.0"
author: The vmc.aws_backup contributors (@vmc-aws-backup)
description:
  - Says which appliances are cut off, why, and that nothing was given up for them.
positional: inputs
options:
  _input:
    description: The hops, as M(vmc.aws_backup.backup_path_info) returns them.
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
    msg: "{{ path.hops | vmc.aws_backup.in_the_way(__registration) }}"
"""

RETURN = r"""
_value:
  description: The text; empty where nothing is in the way.
  type: str
"""


def in_the_way(hops, inputs):
    """The evidence of each broken hop, and whom it cuts off."""
    evidence = " ".join(hop["evidence"] for hop in hops if hop["verdict"] == "broken")
    named = set(re.findall(r"[0-9.]*[0-9]", evidence))
    cut_off = ", ".join(one["name"] for one in inputs["appliances"] if one["ip_address"] in named)
    given = inputs["given"]
    kept = ", ".join(dict.fromkeys(name for name in (*given["retired"], given["retire"]) if name))
    told = f"{cut_off}: {evidence}" if cut_off else evidence
    return (
        f"{told}\n{kept} is not given up, and serves as before. Mend that, and run this again."
        if kept and told
        else told
    )


class FilterModule:
    """The filter, for Ansible."""

    def filters(self):
        """Name and function."""
        return {"in_the_way": in_the_way}
