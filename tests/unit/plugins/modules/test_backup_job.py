# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import types

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.resources import job
from ansible_collections.vmc.aws_backup.plugins.module_utils.resources.backup_job import BackupJob, Stop
from ansible_collections.vmc.aws_backup.plugins.modules import backup_job

from ..module_utils.resources.aws_api import Api, params
from .documentation import documented, returned, specified

OPTIONS = {
    "resource_arn": "arn:aws:backup-gateway:eu-west-1:123456789012:vm/vm-1",
    "iam_role_arn": "arn:aws:iam::123456789012:role/AWSBackup-jobs",
    "keep_forever": True,
}


def test_its_documentation_is_its_specification():
    assert documented(backup_job) == specified(backup_job)


def test_its_result_is_documented():
    made = BackupJob(Api(), Api(), params(backup_job, **OPTIONS)).view({"BackupJobId": "1", "State": "RUNNING"})
    assert set(returned(backup_job)) == set(made) - {"warnings"}
    assert set(returned(backup_job)["job"]["contains"]) == set(job.view("backup", {"BackupJobId": "1"}))


@pytest.mark.parametrize(("state", "kind"), [("started", BackupJob), ("stopped", Stop)])
def test_a_state_is_an_action(monkeypatch, state, kind):
    monkeypatch.setattr(backup_job, "Aws", lambda module, service: Api())
    module = types.SimpleNamespace(params=params(backup_job, state=state, **OPTIONS))
    assert isinstance(backup_job.build(module), kind)
