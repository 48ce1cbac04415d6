# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a call was signed with the secret key of its access key: Signature Version 4."""

from __future__ import annotations

import hashlib
import hmac
import re
from urllib.parse import quote

from moto.iam.models import get_account_id_from, iam_backends
from moto.sts.models import sts_backends
from moto.utilities.utils import get_partition

from .errors import AwsError

HEADER = re.compile(r"Credential=[^/]+/(\d{8})/[^,]*, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]+)")
# Code and status of an access key that nobody has, and of a signature that is wrong.
UNKNOWN = {"ec2": ("AuthFailure", 401), "query": ("InvalidClientTokenId", 403)}
WRONG = {"ec2": ("AuthFailure", 401), "query": ("SignatureDoesNotMatch", 403)}
MESSAGES = {
    "AuthFailure": "AWS was not able to validate the provided access credentials",
    "InvalidClientTokenId": "The security token included in the request is invalid",
    "UnrecognizedClientException": "The security token included in the request is invalid.",
}
MISMATCH = "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method."


def refusal(request, known: dict) -> AwsError | None:
    """Why the caller is not let in. ``known`` are the access keys that the lab gave out at first; without any, everybody is."""
    if not known:
        return None
    secret, token = _of(request, known)
    if secret is None or request.headers.get("x-amz-security-token", "") != token:
        return _error(request, UNKNOWN, "UnrecognizedClientException")
    parts = HEADER.search(request.headers.get("authorization", ""))
    if parts is None or not hmac.compare_digest(parts[3], _signature(request, secret, parts[1], parts[2].split(";"))):
        return _error(request, WRONG, "InvalidSignatureException")
    return None


def _of(request, known) -> tuple:
    """The secret key that belongs to an access key, and the token that goes along with it."""
    if request.access_key in known:
        return known[request.access_key], ""
    account, partition = get_account_id_from(request.access_key), get_partition(request.region)
    for assumed in sts_backends[account][partition].assumed_roles:
        if assumed.access_key_id == request.access_key:
            return assumed.secret_access_key, assumed.session_token
    for user in iam_backends[account][partition].users.values():
        for key in user.access_keys:
            if key.access_key_id == request.access_key:
                return key.secret_access_key, ""
    return None, ""


def _error(request, codes, otherwise) -> AwsError:
    code, status = codes.get(request.protocol, (otherwise, 403 if request.protocol.startswith("rest") else 400))
    return AwsError(code, MESSAGES.get(code, MISMATCH), status=status)


def _signature(request, secret, day, signed) -> str:
    headers = "".join(f"{name}:{' '.join(request.headers.get(name, '').split())}\n" for name in signed)
    canonical = "\n".join(
        [
            request.method,
            quote(request.raw_path or "/", safe="/~"),
            "&".join(sorted(each if "=" in each else f"{each}=" for each in request.query.split("&") if each)),
            headers,
            ";".join(signed),
            request.headers.get("x-amz-content-sha256") or hashlib.sha256(request.body).hexdigest(),
        ]
    )
    scope = f"{day}/{request.region}/{request.service}/aws4_request"
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    text = f"AWS4-HMAC-SHA256\n{request.headers.get('x-amz-date', '')}\n{scope}\n{digest}"
    key = f"AWS4{secret}".encode()
    for part in (day, request.region, request.service, "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
