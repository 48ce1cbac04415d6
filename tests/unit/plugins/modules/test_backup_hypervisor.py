# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import Invalid
from ansible_collections.vmc.aws_backup.plugins.module_utils.resources.hypervisor import view
from ansible_collections.vmc.aws_backup.plugins.modules import backup_hypervisor

from ..module_utils.resources.test_hypervisor import MAPPING, NEW, ROLE, hypervisor, resource
from .documentation import documented, returned, specified


def test_its_documentation_is_its_specification():
    assert documented(backup_hypervisor) == specified(backup_hypervisor)


def test_its_result_is_documented():
    assert set(returned(backup_hypervisor)["hypervisor"]["contains"]) == set(
        view({"Hypervisor": hypervisor(), "Mappings": {}, "Gateways": [], "Tags": {}})
    )


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("name", "with.dot"),
        ("host", "ab"),
        ("host", "https://vcenter.example.com"),
        ("kms_key_arn", "arn:aws:kms:us-east-1:123456789012:key/1"),
        ("vmware_to_aws_tag_mappings", [{**MAPPING, "vmware_category": ""}]),
        ("vmware_to_aws_tag_mappings", [{**MAPPING, "aws_tag_key": "aws:x"}]),
        ("vmware_to_aws_tag_mappings", [{**MAPPING, "aws_tag_value": "x" * 257}]),
        ("username", "DOMAIN\\user"),
        ("username", "domain/user"),
        ("username", " "),
        ("username", "x" * 101),
        ("password", "p\u00e4ss"),
        ("password", "x" * 101),
        ("kms_key_arn", "alias/aws/backup"),
        ("log_group_arn", "/vmc/backup"),
        ("iam_role_arn", "AWSBackupTags"),
        ("vmware_to_aws_tag_mappings", [MAPPING] * 11),
    ],
)
def test_what_cannot_be_right_is_refused_by_name(option, value):
    with pytest.raises(Invalid) as caught:
        resource(given={**NEW, "iam_role_arn": ROLE, option: value}).want(None)
    assert caught.value.option == option


def test_a_refused_password_is_not_told():
    with pytest.raises(Invalid) as caught:
        resource(given={**NEW, "password": "p\u00e4ss"}).want(None)
    assert "p\u00e4ss" not in str(caught.value)
