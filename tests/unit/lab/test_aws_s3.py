# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""S3, as far as reports need it: whose a bucket is, and what is locked."""

from __future__ import annotations

import datetime

import pytest

from .aws_lab import ACCOUNT, error_code

UNTIL = datetime.datetime(2030, 1, 1, tzinfo=datetime.timezone.utc)


@pytest.fixture
def s3(lab):
    client = lab.client("s3")
    where = {"LocationConstraint": client.meta.region_name}
    client.create_bucket(Bucket="reports-1", CreateBucketConfiguration=where)
    client.create_bucket(Bucket="locked-1", CreateBucketConfiguration=where, ObjectLockEnabledForBucket=True)
    return client


def test_what_is_put_into_a_bucket_of_the_expected_account_is_there(s3):
    s3.put_object(
        Bucket="reports-1", Key="a b/c.json", Body=b"{}", ExpectedBucketOwner=ACCOUNT, ChecksumAlgorithm="SHA256"
    )
    assert s3.get_object(Bucket="reports-1", Key="a b/c.json")["Body"].read() == b"{}"


def test_a_bucket_of_another_account_is_refused(s3):
    stranger = {"Bucket": "reports-1", "Key": "a", "Body": b"", "ExpectedBucketOwner": "999999999999"}
    assert error_code(s3.put_object, **stranger) == "AccessDenied"


def test_one_that_is_not_there_is_told(s3):
    assert (
        error_code(s3.put_object, Bucket="nothing-1", Key="a", Body=b"", ExpectedBucketOwner=ACCOUNT) == "NoSuchBucket"
    )


def test_what_is_locked_says_until_when(s3):
    lock = {"ObjectLockMode": "GOVERNANCE", "ObjectLockRetainUntilDate": UNTIL}
    put = s3.put_object(
        Bucket="locked-1", Key="a", Body=b"x", ExpectedBucketOwner=ACCOUNT, ChecksumAlgorithm="SHA256", **lock
    )
    told = s3.head_object(Bucket="locked-1", Key="a")
    assert put["VersionId"] and told["ObjectLockMode"] == "GOVERNANCE" and told["ObjectLockRetainUntilDate"] == UNTIL


def test_the_journal_says_what_was_asked(s3, lab):
    s3.put_object(Bucket="reports-1", Key="a", Body=b"")
    call = lab.world.journal[-1]
    assert (call.service, call.operation, call.kind, call.status) == ("s3", "PutObject", "write", 200)
