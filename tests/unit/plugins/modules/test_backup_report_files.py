# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.vmc.aws_backup.plugins.module_utils.resources.report_files import ReportFiles
from ansible_collections.vmc.aws_backup.plugins.modules import backup_report_files

from ..module_utils.resources.aws_api import Api, params
from .documentation import documented, returned, specified

OPTIONS = {"uri": "s3://reports", "files": [{"name": "a", "content": "", "content_type": "text/plain"}]}


def test_its_documentation_is_its_specification():
    assert documented(backup_report_files) == specified(backup_report_files)


def test_its_result_is_documented():
    made = ReportFiles(Api(), Api(get_caller_identity={"Account": "1"}), params(backup_report_files, **OPTIONS))
    (told,) = made.view(made.start())["objects"]
    assert set(returned(backup_report_files)["objects"]["contains"]) == set(told)
