# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How calls go wrong when a fault rule hits them."""

from __future__ import annotations

from ..wire import carried
from .errors import AwsError

THROTTLED = {"ec2": ("RequestLimitExceeded", 503), "query": ("Throttling", 400)}
EXPIRED = {"ec2": ("RequestExpired", 400), "query": ("ExpiredToken", 403)}
DENIED = {"ec2": ("UnauthorizedOperation", 403), "query": ("AccessDenied", 403)}
BUSY = {"ec2": ("DependencyViolation", 400), "query": ("ConcurrentModification", 409)}
INTERNAL = {"ec2": "InternalError", "query": "InternalFailure", "json": "InternalServerException"}
HTML = b"<html><body><h1>503 Service Temporarily Unavailable</h1></body></html>"


def error_for(kind: str, request) -> AwsError | None:
    """The error that a fault answers with, or None for those that answer otherwise."""
    protocol = request.protocol
    if kind == "throttle":
        code, status = THROTTLED.get(protocol, ("ThrottlingException", 400))
        return AwsError(code, "Rate exceeded", status=status, error_code="TooManyRequests")
    if kind == "500":
        code = INTERNAL.get(protocol, "ServiceUnavailableException")
        return AwsError(code, "An internal error has occurred", status=500, error_code="InternalError")
    if kind == "403":
        code, status = DENIED.get(protocol, ("AccessDeniedException", 403))
        message = f"You are not authorized to perform: {request.service}:{request.operation}"
        return AwsError(code, message, status=status, error_code="AccessDenied")
    if kind == "expired":
        code, status = EXPIRED.get(protocol, ("ExpiredTokenException", 400))
        return AwsError(code, "The security token included in the request is expired", status=status)
    if kind == "echo":
        return AwsError("ValidationException", carried(request.headers, request.body), error_code="Echo")
    if kind == "busy":
        code, status = BUSY.get(protocol, ("ConflictException", 409))
        return AwsError(code, "The resource is in use", status=status, error_code="Conflict")
    return None


def unknown(request, name: str) -> AwsError:
    """What a service says of a thing that it is asked to work with and does not know."""
    text = f"{name} does not exist."
    if request.service == "ec2":
        kind = "InvalidGroup" if "sg-" in name else "InvalidVpcEndpointId"
        return AwsError(f"{kind}.NotFound", text)
    if request.service == "iam":
        return AwsError("NoSuchEntity", text, status=404)
    if request.service == "kms":
        return AwsError("NotFoundException", text)
    if ":role/" in name:
        # How a role is refused that cannot be assumed yet is UNCONFIRMED.
        return AwsError("AccessDeniedException", f"The role {name} cannot be assumed.", error_code="RoleNotAssumable")
    return AwsError("ResourceNotFoundException", text, error_code="ResourceNotFound")
