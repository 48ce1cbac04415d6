# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stands where a module of the collection would, in the copy that recorded.py makes: keeps what it is asked, and answers from the variable answers."""

from __future__ import annotations

import json
import os

from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):
    _supports_check_mode = True

    def run(self, tmp=None, task_vars=None):
        super().run(tmp, task_vars)
        call = {
            "host": task_vars["inventory_hostname"],
            "role": self._task._role and self._task._role.get_name(include_role_fqcn=False),
            "module": self._task.action.rpartition(".")[2],
            "options": self._task.args,
            "check_mode": bool(self._task.check_mode),
            "on": self._task.delegate_to,
            "throttle": self._task.throttle,
        }
        with open(os.environ["RECORDED"], "a", encoding="utf-8") as file:
            file.write(json.dumps(call) + "\n")
        known = self._templar.template(task_vars["answers"]).get(call["module"], [])
        asked = {**self._task.args, "check_mode": call["check_mode"]}
        return {"changed": False, **next((each["gives"] for each in known if each["to"].items() <= asked.items()), {})}
