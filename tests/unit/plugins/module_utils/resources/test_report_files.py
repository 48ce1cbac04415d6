# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64
import datetime
import hashlib

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import Invalid
from ansible_collections.vmc.aws_backup.plugins.module_utils.resources.report_files import ReportFiles
from ansible_collections.vmc.aws_backup.plugins.modules import backup_report_files

from .aws_api import NOW, Api, params

FILE = {"name": "drift.json", "content": base64.b64encode(b"{}").decode(), "content_type": "application/json"}


def files(s3, **given):
    asked = {"uri": "s3://reports-1/a/b/", "files": [FILE], **given}
    sts = Api(get_caller_identity={"Account": "123456789012"})
    return ReportFiles(s3, sts, params(backup_report_files, **asked))


def test_each_file_is_put_into_the_bucket_of_the_callers_account():
    s3 = Api(put_object={"VersionId": "v1"})
    resource = files(s3)
    assert resource.find() is None and s3.calls == []
    told = resource.view(resource.done(resource.start(), 0))
    assert s3.calls == [
        (
            "put_object",
            {
                "Bucket": "reports-1",
                "Key": "a/b/drift.json",
                "Body": b"{}",
                "ContentType": "application/json",
                "ChecksumAlgorithm": "SHA256",
                "ExpectedBucketOwner": "123456789012",
            },
        )
    ]
    assert told == {
        "objects": [
            {
                "uri": "s3://reports-1/a/b/drift.json",
                "sha256": hashlib.sha256(b"{}").hexdigest(),
                "version_id": "v1",
                "retain_until": "",
            }
        ]
    }


def test_a_bucket_of_another_account_has_to_be_named():
    s3 = Api()
    files(s3, uri="s3://reports-1", bucket_owner="210987654321").start()
    ((_operation, request),) = s3.calls
    assert (request["Key"], request["ExpectedBucketOwner"]) == ("drift.json", "210987654321")


def test_a_lock_is_until_a_day_by_the_clock_of_aws():
    s3 = Api()
    resource = files(s3, object_lock={"mode": "COMPLIANCE", "days": 30})
    told = resource.view(resource.start())
    until = NOW + datetime.timedelta(days=30)
    ((_operation, request),) = s3.calls
    assert (request["ObjectLockMode"], request["ObjectLockRetainUntilDate"]) == ("COMPLIANCE", until)
    assert told["objects"][0]["retain_until"] == until.isoformat()


@pytest.mark.parametrize(
    ("given", "option"),
    [
        ({"uri": "https://reports-1/a"}, "uri"),
        ({"uri": "s3://Reports"}, "uri"),
        ({"uri": "s3:///a"}, "uri"),
        ({"bucket_owner": "me"}, "bucket_owner"),
        ({"object_lock": {"mode": "GOVERNANCE", "days": 0}}, "object_lock.days"),
        ({"files": [{**FILE, "content": "?"}]}, "files[0].content"),
    ],
)
def test_what_cannot_be_is_refused_before_the_first_file(given, option):
    s3 = Api()
    with pytest.raises(Invalid) as caught:
        files(s3, **given)
    assert caught.value.option == option and s3.calls == []
