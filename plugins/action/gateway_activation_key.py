# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Registers the key without showing it. With ``no_log`` on the task, a failure could not be read either."""

from __future__ import annotations

from ..plugin_utils.in_process import InProcess


class ActionModule(InProcess):
    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        if "activation_key" in result:
            result["_ansible_no_log"] = True
        return result
