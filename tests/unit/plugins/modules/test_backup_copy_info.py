# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.vmc.aws_backup.plugins.modules import backup_copy_info

from .documentation import documented, returned, specified


def test_its_documentation_is_its_specification():
    assert documented(backup_copy_info) == specified(backup_copy_info)


def test_its_result_is_documented():
    told = {"source_account_id", "destination_account_id", "partition", "findings"}
    assert set(returned(backup_copy_info)["copies"]["contains"]) == told
