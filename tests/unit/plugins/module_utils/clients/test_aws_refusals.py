# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.clients.aws_refusals import judged, may_appear
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import (
    ApiError,
    BadCredentials,
    Conflict,
    Denied,
    Lost,
)
from botocore.exceptions import ClientError, ConnectionClosedError

WHERE = {"service": "backup", "operation": "CreateBackupVault"}


def refused(code, message="no", status=400, *, once=False, operation="CreateBackupVault", service="backup"):
    told = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return judged(ClientError(told, operation), {**WHERE, "service": service}, once)


@pytest.mark.parametrize(
    ("code", "status", "once", "kind"),
    [
        ("ExpiredToken", 403, False, BadCredentials),
        ("AccessDenied", 403, False, Denied),
        ("Anything", 403, False, Denied),
        ("ThrottlingException", 400, False, ApiError),
        ("ThrottlingException", 400, True, Conflict),
        ("DependencyViolation", 400, False, Conflict),
        ("AlreadyExistsException", 400, False, Conflict),
        ("Anything", 412, False, Conflict),
        ("InvalidGroup.NotFound", 400, False, Conflict),
        ("InternalError", 500, False, ApiError),
        ("InternalError", 500, True, Lost),
        ("InvalidParameterValueException", 400, False, ApiError),
    ],
)
def test_what_a_code_means(code, status, once, kind):
    found = refused(code, status=status, once=once)
    assert found.__class__ is kind
    assert (found.service, found.operation, found.code) == ("backup", "CreateBackupVault", code)


def test_only_what_may_pass_by_itself_is_worth_another_try():
    assert refused("ThrottlingException").retryable and refused("X", status=503).retryable
    assert not refused("X").retryable


def test_of_who_gives_credentials_nothing_is_repeated():
    assert "secret" not in str(refused("AccessDenied", "secret", service="sts"))
    found = refused("AccessDenied", "secret", operation="AssumeRole")
    assert ("secret" in str(found), found.operation) == (False, "AssumeRole")


@pytest.mark.parametrize(("once", "kind"), [(True, Lost), (False, ApiError)])
def test_no_answer_to_what_is_sent_once_is_lost(once, kind):
    assert isinstance(judged(ConnectionClosedError(endpoint_url="https://x"), WHERE, once), kind)


@pytest.mark.parametrize(
    ("code", "message", "names", "may"),
    [
        ("ResourceNotFoundException", "no", "", True),
        ("ValidationException", "role r does not exist", "", True),
        ("ValidationException", "the-role cannot be assumed", "the-role", True),
        ("AccessDenied", "not authorized to PassRole the-role", "the-role", False),
        ("ValidationException", "is wrong", "the-role", False),
    ],
)
def test_what_a_call_names_may_only_not_be_seen_yet(code, message, names, may):
    assert may_appear(ApiError(message, code=code), names) is may
