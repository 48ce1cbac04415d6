# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import types

from ansible_collections.vmc.aws_backup.plugins.module_utils.resources import job
from ansible_collections.vmc.aws_backup.plugins.modules import backup_job_info

from ..module_utils.resources.aws_api import Api, params
from .documentation import documented, returned, specified


def test_its_documentation_is_its_specification():
    assert documented(backup_job_info) == specified(backup_job_info)


def test_its_result_is_documented():
    assert set(returned(backup_job_info)["jobs"]["contains"]) == set(job.view("backup", {"BackupJobId": "1"}))


def test_only_filters_that_were_given_are_sent(monkeypatch):
    client = Api(list_copy_jobs={"CopyJobs": [{"CopyJobId": "1", "State": "FAILED"}]})
    monkeypatch.setattr(backup_job_info, "Aws", lambda module, service: client)
    module = types.SimpleNamespace(params=params(backup_job_info, type="copy", state="FAILED"))
    assert [each["job_id"] for each in backup_job_info.fetch(module)] == ["1"]
    assert client.calls == [("list_copy_jobs", {"ByState": "FAILED"})]
