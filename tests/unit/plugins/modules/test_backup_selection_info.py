# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.vmc.aws_backup.plugins.module_utils.resources.backup_selection import view
from ansible_collections.vmc.aws_backup.plugins.modules import backup_selection_info

from .documentation import documented, returned, specified

RAW = {
    "SelectionId": "1",
    "BackupPlanId": "2",
    "BackupSelection": {"SelectionName": "s-1", "IamRoleArn": "arn"},
}


def test_its_documentation_is_its_specification():
    assert documented(backup_selection_info) == specified(backup_selection_info)


def test_its_result_is_documented():
    assert set(returned(backup_selection_info)["backup_selections"]["contains"]) == {*view(RAW), "virtual_machines"}
