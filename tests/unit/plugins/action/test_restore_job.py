# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import socket
from types import SimpleNamespace

import pytest
from ansible_collections.vmc.aws_backup.plugins.action import restore_job
from ansible_collections.vmc.aws_backup.plugins.module_utils.image.progress import PROGRESS
from ansible_collections.vmc.aws_backup.plugins.plugin_utils import progress
from ansible_collections.vmc.aws_backup.plugins.plugin_utils.in_process import InProcess

from ..plugin_utils.told import Told, message


@pytest.mark.parametrize(
    ("args", "called"),
    [({"vm_name": "web-1", "request_id": "1"}, "web-1"), ({"request_id": "CHG1"}, "CHG1"), ({}, "restore")],
)
def test_it_says_how_far_a_restore_is(monkeypatch, args, called):
    said = Told()

    def run(self, tmp, task_vars):
        (path,) = (each[PROGRESS] for each in self._task.environment if PROGRESS in each)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as module:
            module.sendto(message(0), path)
            module.sendto(message(500), path)
        return {"changed": True}

    monkeypatch.setattr(progress, "displayed_by_ansible", lambda: said)
    monkeypatch.setattr(InProcess, "run", run)
    action = restore_job.ActionModule.__new__(restore_job.ActionModule)
    action._task = SimpleNamespace(args=args, environment=None)
    action._connection = SimpleNamespace(transport="local")
    assert action.run(task_vars={"inventory_hostname": "sddc-1"}) == {"changed": True}
    assert [line.split(" %")[0] for line in said.lines()] == [f"sddc-1: {called}: 50"]
