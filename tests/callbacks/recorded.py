# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes down what each task and each item of a loop returned, one line of JSON each."""

from __future__ import annotations

import json
import os

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: recorded
type: notification
short_description: Writes down what each task returned
description: One line of JSON each, into the file that E(RECORDED_TO) names.
requirements: [to be enabled]
"""


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "recorded"
    CALLBACK_NEEDS_ENABLED = True

    def _record(self, event, told):
        task = getattr(told, "task", None) or told._task
        result = told.result if hasattr(told, "result") else told._result
        host = getattr(told, "host", None) or told._host
        line = {
            "task": task.get_name(),
            "action": task.action,
            "host": host.get_name(),
            "event": event,
            "result": result,
        }
        with open(os.environ["RECORDED_TO"], "a") as file:
            file.write(json.dumps(line, default=str) + "\n")

    def v2_runner_on_ok(self, result):
        self._record("ok", result)

    def v2_runner_on_failed(self, result, ignore_errors=False):
        self._record("ignored" if ignore_errors else "failed", result)

    def v2_runner_on_skipped(self, result):
        self._record("skipped", result)

    def v2_runner_on_unreachable(self, result):
        self._record("unreachable", result)

    def v2_runner_on_async_ok(self, result):
        self._record("async ok", result)

    def v2_runner_on_async_failed(self, result):
        self._record("async failed", result)

    def v2_runner_item_on_ok(self, result):
        self._record("item ok", result)

    def v2_runner_item_on_failed(self, result):
        self._record("item failed", result)

    def v2_runner_item_on_skipped(self, result):
        self._record("item skipped", result)

    def v2_runner_retry(self, result):
        self._record("retry", result)
