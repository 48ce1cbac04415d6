# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import types

from ansible_collections.vmc.aws_backup.plugins.module_utils.resources import job
from ansible_collections.vmc.aws_backup.plugins.module_utils.resources.restore_job import RestoreJob
from ansible_collections.vmc.aws_backup.plugins.modules import restore_job

from ..module_utils.resources.aws_api import Api, params
from ..module_utils.resources.test_restore_job import VMWARE, Backup, action
from .documentation import documented, returned, specified


def test_its_documentation_is_its_specification():
    assert documented(restore_job) == specified(restore_job)


def test_its_result_is_documented():
    one = action(Backup())
    one.find()
    made = one.view({"RestoreJobId": "1", "Status": "RUNNING"})
    assert set(returned(restore_job)) == set(made) - {"warnings"}
    assert set(returned(restore_job)["job"]["contains"]) == set(job.view("restore", {"RestoreJobId": "1"}))
    assert set(returned(restore_job)["expected"]["contains"]) == set(made["expected"])


def test_it_speaks_to_three_services(monkeypatch):
    asked = []
    monkeypatch.setattr(restore_job, "Aws", lambda module, service: asked.append(service) or Api())
    assert isinstance(restore_job.build(types.SimpleNamespace(params=params(restore_job, **VMWARE))), RestoreJob)
    assert asked == ["backup", "backup-gateway", "ec2"]
