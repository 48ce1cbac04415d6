# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files of a report in a bucket of S3."""

from __future__ import annotations

import base64
import binascii
import datetime
import hashlib
import re

from ..errors import Invalid

URI = re.compile(r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/(.*))?")
ACCOUNT = re.compile(r"[0-9]{12}")


class ReportFiles:
    """Each file is put once for each call: the same bytes again are the same object, or another version of it."""

    def __init__(self, s3, sts, params: dict):
        self.s3 = s3
        self.sts = sts
        found = URI.fullmatch(params["uri"])
        if found is None:
            raise Invalid("uri", f"{params['uri']!r} is no address such as s3://bucket/folder.")
        self.bucket, self.folder = found[1], (found[2] or "").strip("/")
        self.owner = params["bucket_owner"]
        if self.owner is not None and not ACCOUNT.fullmatch(self.owner):
            raise Invalid("bucket_owner", f"{self.owner!r} is no account, which has 12 digits.")
        self.lock = params["object_lock"]
        if self.lock and self.lock["days"] < 1:
            raise Invalid("object_lock.days", f"{self.lock['days']} must be at least 1.")
        self.until: datetime.datetime | None = None
        self.files = [{**each, "content": _bytes(place, each)} for place, each in enumerate(params["files"])]

    def find(self):
        """Files are put anew, whatever there was."""
        return None

    def start(self):
        if self.lock:
            self.until = (self.s3.now() + datetime.timedelta(days=self.lock["days"])).replace(microsecond=0)
        owner = self.owner or self.sts.call("get_caller_identity")["Account"]
        return [{**each, "answer": self._put(owner, each)} for each in self.files]

    def _put(self, owner, file):
        lock = {}
        if self.lock:
            lock = {"ObjectLockMode": self.lock["mode"], "ObjectLockRetainUntilDate": self.until}
        return self.s3.call(
            "put_object",
            Bucket=self.bucket,
            Key=self._key(file),
            Body=file["content"],
            ContentType=file["content_type"],
            ChecksumAlgorithm="SHA256",
            ExpectedBucketOwner=owner,
            **lock,
        )

    def _key(self, file) -> str:
        return "/".join(filter(None, [self.folder, file["name"]]))

    def done(self, answer, timeout):
        return answer

    def view(self, answer) -> dict:
        return {
            "objects": [
                {
                    "uri": f"s3://{self.bucket}/{self._key(each)}",
                    "sha256": hashlib.sha256(each["content"]).hexdigest(),
                    "version_id": each["answer"].get("VersionId") or "",
                    "retain_until": self.until.isoformat() if self.until else "",
                }
                for each in answer
            ]
        }


def _bytes(place, file) -> bytes:
    try:
        return base64.b64decode(file["content"], validate=True)
    except (binascii.Error, ValueError):
        raise Invalid(f"files[{place}].content", "is no Base64.") from None
