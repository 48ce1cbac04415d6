# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stands where a module of the collection would, in the copy that recorded.py makes: keeps what it is asked, and answers from a table."""

from __future__ import annotations

import json
import os
import pathlib

from ansible.plugins.action import ActionBase
from ansible.plugins.loader import filter_loader, test_loader

from ..plugin_utils.tries import is_tried, tried

# Known to the parent of all workers, so that not each of them looks for what is in every template.
test_loader.get("defined")
for path in (pathlib.Path(__file__).parents[1] / "filter").glob("*.py"):
    filter_loader.get(f"vmc.aws_backup.{path.stem}")


class Answers:
    """What each module answers, by what it is asked."""

    def __init__(self, table: dict):
        self._table = table

    def to(self, module: str, **asked) -> dict:
        return next((each["gives"] for each in self._table.get(module, []) if each["to"].items() <= asked.items()), {})


class ActionModule(ActionBase):
    _supports_check_mode = True

    def run(self, tmp=None, task_vars=None):
        super().run(tmp, task_vars)
        tries = is_tried(self._task, task_vars)
        call = {
            "host": task_vars["inventory_hostname"],
            "role": self._task._role and self._task._role.get_name(include_role_fqcn=False),
            "module": self._task.action.rpartition(".")[2],
            "options": self._task.args,
            "check_mode": tries or bool(self._task.check_mode),
            "on": self._task.delegate_to,
            "throttle": self._task.throttle,
        }
        folder = pathlib.Path(os.environ["RECORDED"])
        with (folder / "calls").open("a", encoding="utf-8") as file:
            file.write(json.dumps(call) + "\n")
        answers = Answers(json.loads((folder / f"answers-{call['host']}.json").read_text()))
        answer = {"changed": False, **self.answered(answers, call)}
        return tried(answer) if tries else answer

    def answered(self, answers, call) -> dict:
        return answers.to(call["module"], **{**call["options"], "check_mode": call["check_mode"]})
