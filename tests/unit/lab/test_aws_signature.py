# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who signs with a secret key that is not that of the access key is not let in, in the words of each protocol."""

from __future__ import annotations

import pytest
from unit.lab.aws_lab import error_code
from unit.lab.test_aws_sts import as_role, assume

CALLS = [
    ("sts", "get_caller_identity", "SignatureDoesNotMatch", "InvalidClientTokenId"),
    ("iam", "list_roles", "SignatureDoesNotMatch", "InvalidClientTokenId"),
    ("ec2", "describe_vpcs", "AuthFailure", "AuthFailure"),
    ("kms", "list_keys", "InvalidSignatureException", "UnrecognizedClientException"),
    ("backup", "describe_region_settings", "InvalidSignatureException", "UnrecognizedClientException"),
    ("backup-gateway", "list_gateways", "InvalidSignatureException", "UnrecognizedClientException"),
]


@pytest.fixture
def guarded(lab):
    lab.aws.app.credentials = {lab.access["aws_access_key_id"]: lab.access["aws_secret_access_key"]}
    return lab


@pytest.mark.parametrize(("service", "operation", "wrong", "unknown"), CALLS)
def test_a_wrong_secret_key_is_refused(guarded, service, operation, wrong, unknown):
    assert getattr(guarded.client(service), operation)()
    other = guarded.client(service, aws_secret_access_key="another")
    assert error_code(getattr(other, operation)) == wrong
    stranger = guarded.client(service, aws_access_key_id="AKIAAAAAAAAAAAAAAAAA")
    assert error_code(getattr(stranger, operation)) == unknown


def test_what_is_in_the_path_the_query_and_the_body_is_signed_too(guarded):
    backup = guarded.client("backup")
    backup.create_backup_vault(BackupVaultName="a-b_c", BackupVaultTags={"a b": "ü/+?&"})
    assert backup.list_tags(ResourceArn=backup.describe_backup_vault(BackupVaultName="a-b_c")["BackupVaultArn"])["Tags"]
    assert backup.list_backup_jobs(ByResourceType="VirtualMachine", ByState="RUNNING")["BackupJobs"] == []


def test_the_keys_of_roles_and_users_are_good_too_and_those_of_roles_with_their_token_only(guarded):
    given = assume(guarded)
    assert as_role(guarded, given, "backup-gateway").list_gateways()
    for spoilt in ({"SessionToken": "other"}, {"SecretAccessKey": "other"}):
        assert error_code(as_role(guarded, {**given, **spoilt}, "sts").get_caller_identity)
    iam = guarded.client("iam")
    iam.create_user(UserName="awx")
    key = iam.create_access_key(UserName="awx")["AccessKey"]
    own = {"aws_access_key_id": key["AccessKeyId"], "aws_secret_access_key": key["SecretAccessKey"]}
    assert guarded.client("sts", **own).get_caller_identity()["Arn"].endswith(":user/awx")
