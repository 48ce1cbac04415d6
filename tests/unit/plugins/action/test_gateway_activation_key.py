# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.vmc.aws_backup.plugins.action.gateway_activation_key import ActionModule
from ansible_collections.vmc.aws_backup.plugins.plugin_utils.in_process import InProcess


def answered(monkeypatch, **answer):
    """What is registered when the module answers so."""
    monkeypatch.setattr(InProcess, "run", lambda self, tmp=None, task_vars=None: dict(answer))
    return ActionModule.__new__(ActionModule).run(task_vars={})


def test_a_key_is_registered_and_never_shown(monkeypatch):
    found = answered(monkeypatch, changed=True, activation_key="AAAAA-BBBBB")
    assert found["activation_key"] == "AAAAA-BBBBB"
    assert found["_ansible_no_log"] is True


def test_a_failure_can_be_read(monkeypatch):
    found = answered(monkeypatch, failed=True, msg="The appliance does not answer.")
    assert "_ansible_no_log" not in found
