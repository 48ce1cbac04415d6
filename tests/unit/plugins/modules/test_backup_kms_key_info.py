# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.vmc.aws_backup.plugins.module_utils.resources.kms_key import view
from ansible_collections.vmc.aws_backup.plugins.modules import backup_kms_key_info

from ..module_utils.resources.test_kms_key import RAW
from .documentation import documented, returned, specified


def test_its_documentation_is_its_specification():
    assert documented(backup_kms_key_info) == specified(backup_kms_key_info)


def test_its_result_is_documented():
    assert set(returned(backup_kms_key_info)["kms_keys"]["contains"]) == set(view(RAW))
