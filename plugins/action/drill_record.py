# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes down how far a restore drill is, so that another run can take it up and nothing that it has made is forgotten."""

from __future__ import annotations

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from ..module_utils.checks import drill
from ..module_utils.errors import Error
from ..plugin_utils import drills


class ActionModule(ActionBase):
    _supports_check_mode = False  # which skips it there
    _requires_connection = False

    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        if result.get("skipped"):
            return result
        args = self._task.args
        record = {**args["record"], **{key: held for key, held in (args.get("add") or {}).items() if held is not None}}
        record.setdefault("opened_at", drills.now())
        if args.get("judge") is not None:
            record.update(drill.judged(record, **{key: held or None for key, held in args["judge"].items()}))
        if args.get("close") is not None:
            _close(record, args["close"])
        try:
            path = drills.write(args["dir"], drill.kept(record))
        except (Error, OSError) as failure:
            raise AnsibleActionFail(f"The record of the drill cannot be written: {failure}") from None
        result.update(changed=True, record=record, path=path)
        return result


def _close(record, close):
    """``close`` holds the task that failed, what came of removing what was made, and what else is there under its name."""
    failed = close.get("failed") or None
    tried = [each for each in close.get("removed") or [] if not each.get("skipped")]
    left = [str(each["msg"]) for each in tried if each.get("failed")]
    left += [
        f"{each['folder']}/{each['name']} ({each['instance_uuid']}) has its name, and was not known for what it has made."
        for each in close.get("found") or []
        if each["instance_uuid"] not in (record.get("there_before") or [])
    ]
    record["left"] = left
    record["failure"] = str(failed.get("msg") or "a task has failed") if failed else ""
    resumed = bool(record.get("resumed"))
    if drill.closes(record, failed, removed=bool(tried), left=left, resumed=resumed):
        record.update(state="closed", closed_at=drills.now())
