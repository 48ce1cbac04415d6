# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What it means that AWS refused a call, or did not answer."""

from __future__ import annotations

import re

from ..errors import ApiError, BadCredentials, Conflict, Denied, Lost

try:
    from botocore.exceptions import (
        ClientError,
        CredentialRetrievalError,
        HTTPClientError,
        NoCredentialsError,
        PartialCredentialsError,
    )
    from botocore.exceptions import (
        ConnectionError as NoConnection,
    )
except ImportError:
    ClientError = None  # AnsibleAWSModule says what is missing

BAD_CREDENTIALS = {
    "AuthFailure",
    "ExpiredToken",
    "ExpiredTokenException",
    "IncompleteSignature",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "RequestExpired",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
}
DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"}
# What lies over the policies of a caller, and who can change it. The rest is said in docs/permissions.md.
LIES_OVER = {
    "service control policy": "That is a policy of the organisation: nothing in the account can allow it.",
    "resource control policy": "That is a policy of the organisation: nothing in the account can allow it.",
    "permissions boundary": "That is the boundary of the caller: its policies alone cannot allow it.",
    "VPC endpoint policy": "That is the policy of the endpoint that the call went through.",
    "session policy": "That is a policy given when the role was assumed.",
}
BUSY = {
    "ConcurrentModification",
    "DependencyViolation",
    "IncorrectState",
    "InvalidGroup.InUse",
    "OperationInProgress",
    "ResourceInUseException",
}
CONFLICT = {"AlreadyExistsException", "ConflictException", "InvalidGroup.Duplicate", "InvalidPermission.Duplicate"}
NOT_FOUND = re.compile(r"NotFound|NoSuch")
BREAKS_OFF = re.compile("IncompleteRead|InvalidChunkLength")  # what urllib3 says of chunks that do not end
THROTTLED = {"RequestLimitExceeded", "SlowDown", "Throttling", "ThrottlingException", "TooManyRequestsException"}


def judged(failure, where: dict, once: bool) -> ApiError:
    """The error that botocore's failure stands for. A call that is sent ``once`` may have been carried out where its answer is lost."""
    return (_refused if isinstance(failure, ClientError) else _not_answered)(failure, dict(where), once)


def _not_answered(failure, where, once) -> ApiError:
    if isinstance(failure, CredentialRetrievalError):
        # Its text is what a process or a server said.
        return BadCredentials(f"no credentials came from {failure.kwargs.get('provider')}", **where)
    if isinstance(failure, (NoCredentialsError, PartialCredentialsError)):
        return BadCredentials(str(failure), **where)
    unanswered = isinstance(failure, (NoConnection, HTTPClientError))
    said = str(failure)
    if failure.__class__ == HTTPClientError:
        said = f"the request could not be sent ({type(failure.kwargs.get('error')).__name__})"
    if BREAKS_OFF.search(str(failure.kwargs.get("error", ""))):
        said = "the answer is not whole: it breaks off"
    return (Lost if once and unanswered else ApiError)(said, retryable=unanswered, **where)


def _refused(failure, where, once) -> ApiError:
    answer = failure.response
    code = answer.get("Error", {}).get("Code", "")
    status = answer.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    codes = "/".join(part for part in (code, answer.get("ErrorCode")) if part)
    message = f"{_said(where['service'], answer, code)} ({codes or status})"
    if failure.operation_name != where["operation"] or where["service"] == "sts":
        # Who gives credentials may repeat those that it was sent.
        where["operation"] = failure.operation_name
        message = f"refused ({codes or status})"
    where["code"] = code
    if code in BAD_CREDENTIALS:
        return BadCredentials(message, **where)
    if code in DENIED:
        return Denied(f"{message}. {_advice(message)}", **where)
    if status == 403:
        return Denied(message, **where)
    if code in THROTTLED:
        # What was throttled was not done, so that even a call that is sent once may be sent later.
        kind = Conflict(message, busy=True, retryable=True, **where) if once else None
        return kind or ApiError(message, retryable=True, **where)
    if code in BUSY:
        return Conflict(message, busy=True, **where)
    # What the call names may only not be seen yet.
    if code in CONFLICT or status in (409, 412) or _is_absence(codes, message):
        return Conflict(message, **where)
    return (Lost if once and status >= 500 else ApiError)(message, retryable=status >= 500, **where)


def _said(service, answer, code) -> str:
    """The service's own words. Without a code they are the body of something else, and those of STS may repeat a secret."""
    if service == "sts" or not code or code.isdigit():
        return "no message"
    return answer["Error"].get("Message") or "no message"


def _is_absence(codes: str, message: str) -> bool:
    return bool(NOT_FOUND.search(codes)) or ("ValidationException" in codes and "does not exist" in message)


def may_appear(refusal, names: str) -> bool:
    """Whether a call was refused because of something that may not be seen yet. Who may not pass a role is told so, of the role too."""
    if names and names in refusal.message and "PassRole" not in refusal.message:
        return True
    return _is_absence(refusal.code or "", refusal.message)


def _advice(message: str) -> str:
    """What somebody who was denied has to look at, by what AWS says of the reason."""
    over = [advice for name, advice in LIES_OVER.items() if name in message]
    advice = over[0] if over else "Which policy of this collection allows what: docs/permissions.md."
    if "Encoded authorization failure message" in message and "is not authorized to perform" not in message:
        advice += " What was missing: aws sts decode-authorization-message."
    return advice
