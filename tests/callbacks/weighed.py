# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes down at the start of each task what the process of Ansible holds: memory in KiB, open files, children, and what modules share."""

from __future__ import annotations

import json
import os
import pathlib
import sys

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: weighed
type: notification
short_description: Writes down what Ansible holds at the start of each task
description: One line of JSON each, into the file that E(WEIGHED_TO) names.
requirements: [to be enabled]
"""
IN_PROCESS = "ansible_collections.vmc.aws_backup.plugins.plugin_utils.in_process"
PAGE = os.sysconf("SC_PAGE_SIZE") // 1024


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "weighed"
    CALLBACK_NEEDS_ENABLED = True

    def v2_playbook_on_task_start(self, task, is_conditional):
        process = pathlib.Path("/proc/self")
        in_process = sys.modules.get(IN_PROCESS)
        held = {
            "primed": in_process is not None and in_process.prime.cache_info().currsize == 1,
            "memory": int((process / "statm").read_text().split()[1]) * PAGE,
            "files": len(list((process / "fd").iterdir())),
            "children": len((process / "task" / str(os.getpid()) / "children").read_text().split()),
        }
        with open(os.environ["WEIGHED_TO"], "a") as file:
            file.write(json.dumps(held) + "\n")
