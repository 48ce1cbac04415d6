# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Results of a loop over the plan, by the entry that each is of."""

from __future__ import annotations

DOCUMENTATION = r"""
name: by_entry
short_description: Results of a loop over the plan, by the entry that each is of
version_added: "1.0.0"
author: The vmc.aws_backup contributors (@vmc-aws-backup)
description:
  - Makes a dictionary of what a loop over the entries of the plan registered. What has no such result is left out.
positional: kind
options:
  _input:
    description: Registered results, or things that carry their C(entry) themselves.
    type: list
    elements: dict
    required: true
  kind:
    description: The key of what is wanted of each result. Without it, the thing itself.
    type: str
"""

EXAMPLES = r"""
- ansible.builtin.debug:
    msg: "{{ powered.results | vmc.aws_backup.by_entry('appliance') }}"
"""

RETURN = r"""
_value:
  description: One value for each entry.
  type: dict
"""


def by_entry(things, kind=None):
    """Entry -> the thing, or what it has under a key."""
    found = {}
    for thing in things or []:
        of = thing.get("planned") or thing.get("item") or thing
        value = thing if kind is None else thing.get(kind)
        is_another = kind is None and thing.get("deployed_instance_uuid") not in (None, thing.get("instance_uuid"))
        if of.get("entry") and value and not is_another:
            found[of["entry"]] = value
    return found


class FilterModule:
    """The filter, for Ansible."""

    def filters(self):
        """Name and function."""
        return {"by_entry": by_entry}
