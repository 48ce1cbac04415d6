# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Shows how far an upload is."""

from __future__ import annotations

from ..plugin_utils.in_process import InProcess
from ..plugin_utils.progress import shown


class ActionModule(InProcess):
    def run(self, tmp=None, task_vars=None):
        args = self._task.args
        called = args.get("name") or args.get("entry", "appliance")
        with shown(self, f"{task_vars['inventory_hostname']}: {called}"):
            return super().run(tmp, task_vars)
