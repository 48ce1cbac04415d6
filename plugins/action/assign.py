# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lays what a role's looks found beside what is planned. Refuses what does not fit, before the role writes."""

from __future__ import annotations

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from ..plugin_utils.claims import rivals_in
from ..plugin_utils.commands import nothing_changed
from ..plugin_utils.laid_out import laid_out


class ActionModule(ActionBase):
    _supports_check_mode = True
    _requires_connection = False

    def run(self, tmp=None, task_vars=None):
        """The option inputs is what the action of that name returned, the others are what modules returned, failed and skipped or not."""
        result = super().run(tmp, task_vars)
        asked, role = self._task.args, self._task._role.get_name(include_role_fqcn=False)
        plan = laid_out(
            role,
            {**asked["inputs"], "host": task_vars["inventory_hostname"]},
            _of(asked, "appliances"),
            _of(asked, "gateways") or [],
            _of(asked, "vpc_endpoints") or [],
            _of(asked, "deployed") or [],
        )
        # prerequisites tell it with all else that is missing.
        if role == "prerequisites":
            # Whoever had no connected VPC when the role began has one now.
            plan["rivals"] = rivals_in(task_vars)
        elif plan["refused"]:
            raise AnsibleActionFail("\n".join(filter(None, [*plan["refused"], nothing_changed(task_vars)])))
        result.update(changed=False, **plan)
        return result


def _of(asked, option) -> list | None:
    """What a look found, or nothing where there was none."""
    found = asked.get(option)
    return found if isinstance(found, list) else (found or {}).get(option)
