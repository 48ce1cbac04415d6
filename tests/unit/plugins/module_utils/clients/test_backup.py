# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.clients.backup import vault
from ansible_collections.vmc.aws_backup.plugins.module_utils.values import Unresolved

from ..resources.aws_api import Api

ARN = "arn:aws:backup:eu-west-1:123456789012:backup-vault:v1"
LISTED = {"BackupVaultList": [{"BackupVaultName": "v1", "BackupVaultArn": ARN}]}


@pytest.mark.parametrize("reference", ["v1", ARN])
def test_a_vault_is_found_by_name_or_arn(reference):
    assert vault(Api(list_backup_vaults=LISTED), reference)["BackupVaultArn"] == ARN


def test_one_that_is_not_listed_is_not_there():
    found = vault(Api(list_backup_vaults=LISTED), "v")
    assert isinstance(found, Unresolved) and str(found) == "v"
