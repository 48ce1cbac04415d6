# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""S3, for reports only: moto's, which does not look whose a bucket is. Who calls is not asked for a signature."""

from __future__ import annotations

from moto.iam.models import get_account_id_from
from moto.s3.models import s3_backends
from moto.utilities.utils import get_partition

from . import bridge
from .access import Need

OWNER = "x-amz-expected-bucket-owner"
DENIED = b'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code><Message>%s</Message></Error>'


def needs(request) -> list[Need]:
    arn = f"arn:{get_partition(request.region)}:s3:::{request.path.strip('/')}"
    locked = "x-amz-object-lock-mode" in request.headers
    return [
        Need(f"s3:{request.operation}", arn),
        *([Need("s3:PutObjectRetention", arn)] if locked else []),
    ]


def answer(request, query, refused) -> tuple:
    if refused:
        return _denied(f"User is not authorized to perform: {refused[0].action}")
    bucket = request.path.strip("/").partition("/")[0]
    expected = request.headers.get(OWNER)
    owner = _owner(bucket, request)
    if expected and owner and expected != owner:
        return _denied("Access Denied")
    return bridge.ask(request, query)


def _owner(bucket, request):
    """The account whose the bucket is, wherever it lies."""
    partition = get_partition(request.region)
    accounts = {get_account_id_from(request.access_key), *s3_backends}
    return next((each for each in accounts if bucket in s3_backends[each][partition].buckets), None)


def _denied(message) -> tuple:
    return 403, {"Content-Type": "application/xml"}, DENIED % message.encode()
