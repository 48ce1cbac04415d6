# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""AWS: one service, one choke point, and the forms in which AWS gives tags, times and policies."""

from __future__ import annotations

import datetime
import difflib
import email.utils
import json
import re
import socket

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.tagging import (
    ansible_dict_to_boto3_tag_list,
    boto3_tag_list_to_ansible_dict,
)

from .. import wait
from ..errors import ApiError, BadCredentials, Conflict, Denied, Invalid, Lost
from ..values import canonical
from .aws_identity import IDENTITY, AssumedRole, client_as

try:
    import botocore.session
    from botocore.config import Config
    from botocore.exceptions import (
        BotoCoreError,
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
    pass  # AnsibleAWSModule says what is missing

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
CONFLICT = {"ConflictException", "InvalidGroup.Duplicate", "InvalidPermission.Duplicate"}
NOT_FOUND = re.compile(r"NotFound|NoSuch")
READS = ("describe_", "list_", "get_", "assume_", "test_")
THROTTLED = {"RequestLimitExceeded", "SlowDown", "Throttling", "ThrottlingException", "TooManyRequestsException"}

# The two ways in which a policy names an account as principal.
ACCOUNT = re.compile(r"^arn:aws[a-z-]*:iam::(\d{12}):root$")


def aws_module(spec: dict, **kwargs) -> AnsibleAWSModule:
    """The Ansible module for a specification, with the options every AWS module has."""
    return AnsibleAWSModule(argument_spec={**IDENTITY, **spec}, supports_check_mode=True, **kwargs)


class Aws:
    """One AWS service, with the credentials, region and endpoint of the module that uses it.

    It calls as the role that the options name, unless O(as_caller).
    """

    def __init__(self, module, service: str, *, as_caller: bool = False):
        self.service = service
        self._module = module
        self._role_arn = None if as_caller else module.params.get("assume_role_arn")
        self._clients: dict = {}
        self._date = None
        self.wrote = False

    @property
    def region(self) -> str:
        return self._client(once=False).meta.region_name

    @property
    def partition(self) -> str:
        """The part of AWS that the region lies in, as its ARNs name it: aws, aws-us-gov."""
        return self._client(once=False).meta.partition

    def call(self, operation: str, *, missing=(), once: bool = False, names: str = "", **request):
        """One operation's answer, or ``None`` when AWS answers with a code in O(missing).

        botocore repeats what failed on the way, unless O(once): then nothing is sent twice, and a lost answer raises Lost. A write that
        is refused because what it names is not there is repeated while that may only not be seen yet, and so is one whose refusal
        speaks of O(names).
        """
        writes = not operation.startswith(READS)

        def attempt():
            try:
                return self._ask(operation, once, request)
            except ApiError as refusal:
                return refusal

        def done(answer):
            return not (isinstance(answer, ApiError) and answer.code not in missing and _may_appear(answer, names))

        answer = wait.seen(attempt, done) if writes and not once else attempt()
        if not isinstance(answer, ApiError):
            self.wrote = self.wrote or writes
            return answer
        if answer.code in missing:
            return None
        raise answer

    def _ask(self, operation, once, request):
        client = self._client(once)
        try:
            answer = getattr(client, operation)(**request)
        except (ClientError, BotoCoreError) as failure:
            raise self._error(client, operation, failure, once) from failure
        self._date = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date")
        return answer

    def now(self) -> datetime.datetime:
        """The time at AWS when it last answered a call; the clock of this machine may be wrong."""
        if self._date:
            return email.utils.parsedate_to_datetime(self._date)
        return datetime.datetime.now(datetime.timezone.utc)

    def pages(self, operation: str, key: str, **request) -> list:
        """What a listing operation has under a key, on all its pages."""
        client = self._client(once=False)
        try:
            return client.get_paginator(operation).paginate(**request).build_full_result().get(key, [])
        except (ClientError, BotoCoreError) as failure:
            raise self._error(client, operation, failure, once=False) from failure

    def _client(self, once):
        if once not in self._clients:
            config = Config(**(self._module.params.get("aws_config") or {}))
            if once:
                config = config.merge(Config(retries={"total_max_attempts": 1}))
            else:
                config = Config(retries={"mode": "standard", "total_max_attempts": 5}).merge(config)
            client = self._connect(config)
            check_region(client.meta.region_name)
            self._clients[once] = client
        return self._clients[once]

    def _connect(self, config):
        if not self._role_arn:
            return self._module.client(self.service, aws_config=config)
        role = AssumedRole(self._assume, self._role_arn, self._module.params.get("assume_role_external_id"))
        return client_as(role, self._module, self.service, config)

    def _assume(self, **request) -> dict:
        return Aws(self._module, "sts", as_caller=True).call("assume_role", **request)

    def _error(self, client, operation, failure, once) -> ApiError:
        error = self._judged(client, operation, failure, once)
        error.wrote = error.wrote or self.wrote
        return error

    def _judged(self, client, operation, failure, once) -> ApiError:
        where = {"service": self.service, "operation": client.meta.method_to_api_mapping.get(operation, operation)}
        if not isinstance(failure, ClientError):
            if isinstance(failure, (NoCredentialsError, PartialCredentialsError, CredentialRetrievalError)):
                return BadCredentials(str(failure), **where)
            unanswered = isinstance(failure, (NoConnection, HTTPClientError))
            return (Lost if once and unanswered else ApiError)(str(failure), retryable=unanswered, **where)

        answer = failure.response
        code = answer.get("Error", {}).get("Code", "")
        status = answer.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        codes = "/".join(part for part in (code, answer.get("ErrorCode")) if part)
        message = f"{answer.get('Error', {}).get('Message') or 'no message'} ({codes})"
        where["code"] = code
        if code in BAD_CREDENTIALS:
            return BadCredentials(message, **where)
        if code in DENIED:
            return Denied(f"{message}. {_advice(message)}", **where)
        if status == 403:
            return Denied(message, **where)
        if code in THROTTLED:
            # What was throttled was not done, so that even a call that is sent once may be sent later.
            return (
                Conflict(message, busy=True, retryable=True, **where)
                if once
                else ApiError(message, retryable=True, **where)
            )
        if code in BUSY:
            return Conflict(message, busy=True, **where)
        if code in CONFLICT or status in (409, 412):
            return Conflict(message, **where)
        if _is_absence(codes, message):
            return Conflict(message, **where)  # what the call names may only not be seen yet
        return (Lost if once and status >= 500 else ApiError)(message, retryable=status >= 500, **where)


def _is_absence(codes: str, message: str) -> bool:
    return bool(NOT_FOUND.search(codes)) or ("ValidationException" in codes and "does not exist" in message)


def _may_appear(refusal, names: str) -> bool:
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


def check_region(name: str) -> None:
    """Refuse a region that botocore does not list, unless DNS does: it may be newer than botocore."""
    # Session.get_available_regions would read the whole model of a service for it, and EC2's takes longer than most calls.
    endpoints = botocore.session.get_session().get_component("data_loader").load_data("endpoints")
    known = [region for partition in endpoints["partitions"] for region in partition["regions"]]
    if name in known or name.endswith("-global") or _resolves(f"ec2.{name}.amazonaws.com"):
        return
    near = difflib.get_close_matches(name, known, n=1)
    meant = f" Is {near[0]} meant?" if near else ""
    raise Invalid("region", f"{name} is no region that botocore or DNS knows.{meant}")


def _resolves(host: str) -> bool:
    try:
        return bool(socket.getaddrinfo(host, 443))
    except OSError:
        return False


def tags_of(tag_list) -> dict:
    """Tags as a dictionary, without those that AWS keeps itself."""
    tags = boto3_tag_list_to_ansible_dict(tag_list or [])
    return {key: value for key, value in tags.items() if not key.startswith("aws:")}


def tag_list(tags: dict) -> list:
    """Tags as AWS takes them."""
    return ansible_dict_to_boto3_tag_list(tags)


def retag(have: dict, want: dict, *, put, remove) -> None:
    """Hand the tags that are new or another to ``put(tag list)``, and the keys no longer wanted to ``remove(keys)``."""
    fresh = {key: value for key, value in want.items() if have.get(key) != value}
    stale = sorted(set(have) - set(want))
    if fresh:
        put(tag_list(fresh))
    if stale:
        remove(stale)


def timestamp(moment) -> str | None:
    """A time as text, in UTC."""
    return moment.astimezone(datetime.timezone.utc).isoformat(timespec="seconds") if moment else None


def canonical_policy(document) -> dict:
    """A policy as it is compared: parsed, with one spelling for what IAM reads alike."""
    policy = json.loads(document) if isinstance(document, str) else document
    statements = policy.get("Statement", [])
    statements = statements if isinstance(statements, list) else [statements]
    return {
        **{key: value for key, value in policy.items() if value is not None},
        "Version": str(policy.get("Version") or "2008-10-17"),
        "Statement": canonical(_one_spelling(statement) for statement in statements),
    }


def _one_spelling(value, key=""):
    if isinstance(value, dict):
        value = {name: _one_spelling(value[name], name) for name in sorted(value)}
        return "*" if key in ("Principal", "NotPrincipal") and value == {"AWS": "*"} else value
    if isinstance(value, list):
        items = canonical(_one_spelling(item, key) for item in value)
        return items[0] if len(items) == 1 else items
    if isinstance(value, bool):
        return str(value).lower()
    if key == "AWS":
        return ACCOUNT.sub(r"\1", str(value))
    return str(value)
