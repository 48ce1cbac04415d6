# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import Invalid
from ansible_collections.vmc.aws_backup.plugins.module_utils.resources.iam_role import view
from ansible_collections.vmc.aws_backup.plugins.modules import backup_iam_role

from ..module_utils.resources.test_iam_role import RAW, role
from .documentation import documented, returned, specified


def test_its_documentation_is_its_specification():
    assert documented(backup_iam_role) == specified(backup_iam_role)


def test_its_result_is_documented():
    assert set(returned(backup_iam_role)["iam_role"]["contains"]) == set(view(RAW))


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("name", "vmc-backup"),
        ("name", "vmc-awsbackup"),
        ("name", "AWSBackup role"),
        ("name", "AWSBackup" * 8),
        ("path", "vmc"),
        ("path", "/vmc"),
        ("path", "/v mc/"),
        ("permissions_boundary", "PowerUser"),
        ("permissions_boundary", "arn:aws:iam::123456789012:role/r"),
        ("kms_key_arns", ["arn:aws:kms:eu-west-1:123456789012:key/*"]),
        ("kms_key_arns", ["arn:aws:kms:eu-west-1:123456789012:alias/a"]),
        ("kms_key_arns", ["a"]),
        ("kms_key_arns", ["*"]),
        ("kms_key_arns", [""]),
    ],
)
def test_what_cannot_be_right_is_refused_by_name(option, value):
    with pytest.raises(Invalid) as caught:
        role(**{"purpose": "backup", option: value}).want(None)
    assert caught.value.option == option
