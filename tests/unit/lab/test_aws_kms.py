# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from unit.lab.aws_lab import error_code


@pytest.fixture
def kms(lab):
    return lab.client("kms")


@pytest.fixture
def key(kms):
    return kms.create_key()["KeyMetadata"]["KeyId"]


def test_a_rotation_has_its_period(kms, key):
    assert "RotationPeriodInDays" not in kms.get_key_rotation_status(KeyId=key)
    kms.enable_key_rotation(KeyId=key)
    assert kms.get_key_rotation_status(KeyId=key)["RotationPeriodInDays"] == 365
    kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=90)
    assert kms.get_key_rotation_status(KeyId=key)["RotationPeriodInDays"] == 90
    kms.disable_key_rotation(KeyId=key)
    assert not kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"]


def test_a_disabled_key_keeps_its_rotation(kms, key):
    kms.disable_key(KeyId=key)
    assert error_code(kms.enable_key_rotation, KeyId=key) == "DisabledException"
    kms.enable_key(KeyId=key)
    kms.enable_key_rotation(KeyId=key)


def test_a_key_that_is_going_to_be_deleted_takes_no_change(kms, key):
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    refused = "KMSInvalidStateException"
    assert error_code(kms.enable_key, KeyId=key) == refused
    assert error_code(kms.create_alias, AliasName="alias/a", TargetKeyId=key) == refused
    assert error_code(kms.schedule_key_deletion, KeyId=key, PendingWindowInDays=7) == refused


def test_a_key_that_is_not_there_is_not_found(kms, key):
    other = key[:-1] + ("0" if key[-1] != "0" else "1")
    assert error_code(kms.enable_key_rotation, KeyId=other) == "NotFoundException"


def test_only_symmetric_keys_rotate(kms):
    key = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
    assert error_code(kms.get_key_rotation_status, KeyId=key) == "UnsupportedOperationException"


def test_a_key_is_named_by_its_arn_as_well(kms, key):
    arn = kms.describe_key(KeyId=key)["KeyMetadata"]["Arn"]
    policy = '{"Version": "2012-10-17", "Statement": []}'
    kms.disable_key(KeyId=arn)
    kms.enable_key(KeyId=arn)
    kms.tag_resource(KeyId=arn, Tags=[{"TagKey": "a", "TagValue": "b"}])
    kms.put_key_policy(KeyId=arn, Policy=policy)
    kms.create_alias(AliasName="alias/a", TargetKeyId=arn)
    assert kms.get_key_policy(KeyId=arn)["Policy"] == policy
    assert kms.list_resource_tags(KeyId=arn)["Tags"] == kms.list_resource_tags(KeyId=key)["Tags"] != []
    assert kms.describe_key(KeyId="alias/a")["KeyMetadata"]["Enabled"]
    assert (
        error_code(kms.list_resource_tags, KeyId=f"{arn[:-1]}{'0' if arn[-1] != '0' else '1'}") == "NotFoundException"
    )
