# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""AWS: one service, one choke point, and the forms in which AWS gives tags, times and policies."""

from __future__ import annotations

import copy
import datetime
import difflib
import email.utils
import json
import os
import re
import socket

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.amazon.aws.plugins.module_utils.tagging import (
    ansible_dict_to_boto3_tag_list,
    boto3_tag_list_to_ansible_dict,
)

from .. import secrets, wait
from ..errors import ApiError, BadCredentials, Conflict, Denied, Invalid, Lost, NotWhole
from ..urls import checked_web
from ..values import canonical
from . import answers, whole
from .aws_identity import IDENTITY, AssumedRole, alone, client_as
from .deadline import EXCHANGE, within
from .https import checked_bundle

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
    from botocore.parsers import ResponseParserError

    # What botocore raises, beside its own errors, on an answer that makes no sense to it.
    UNREADABLE = (
        ResponseParserError,
        ArithmeticError,
        AttributeError,
        LookupError,
        RuntimeError,
        TypeError,
        ValueError,
    )
except ImportError:
    UNREADABLE = ()  # AnsibleAWSModule says what is missing

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
READS = ("assume_role", "describe_", "get_", "list_", "test_")
NOT_FOUND = re.compile(r"NotFound|NoSuch")
TRIES = 4  # of a read whose answer is not whole
MOST_PAGES = 10_000
BREAKS_OFF = re.compile("IncompleteRead|InvalidChunkLength")  # what urllib3 says of chunks that do not end
CURSORS = ("NextToken", "NextMarker", "Marker")
THROTTLED = {"RequestLimitExceeded", "SlowDown", "Throttling", "ThrottlingException", "TooManyRequestsException"}

# A client's credentials in botocore's order: the option, and the variable of the environment.
CREDENTIALS = {
    "access_key": "AWS_ACCESS_KEY_ID",
    "secret_key": "AWS_SECRET_ACCESS_KEY",
    "session_token": "AWS_SESSION_TOKEN",
}

# The two ways in which a policy names an account as principal.
ACCOUNT = re.compile(r"^arn:aws[a-z-]*:iam::(\d{12}):root$")


def aws_module(spec: dict, **kwargs) -> AnsibleAWSModule:
    """The Ansible module for a specification, with the options every AWS module has."""
    return AnsibleAWSModule(argument_spec={**IDENTITY, **spec}, supports_check_mode=True, **kwargs)


def beside(module, options: dict):
    """The same module, but with other options to reach AWS by: another account."""
    other = AnsibleAWSModule.__new__(AnsibleAWSModule)
    other.__dict__.update(module.__dict__)
    other._module = copy.copy(module._module)
    other._module.params = {**module.params, **dict.fromkeys(IDENTITY), **options}
    return other


class Aws:
    """One AWS service, with the credentials, region and endpoint of the module that uses it.

    It calls as the role that the options name, unless ``as_caller``.
    """

    def __init__(self, module, service: str, *, as_caller: bool = False):
        self.service = service
        self._module = module
        self._role_arn = None if as_caller else module.params.get("assume_role_arn")
        self._clients: dict = {}
        self._date = None
        # Who deletes, or says that it decides by this, has to be told that there is nothing.
        self._certain = module.params.get("state") == "absent" or bool(module.params.get("certain"))

        self.wrote = False

        self._signature = ""  # of what was sent last

    @property
    def region(self) -> str:
        return self._client(once=False).meta.region_name

    @property
    def partition(self) -> str:
        """The part of AWS that the region lies in, as its ARNs name it: aws, aws-us-gov."""
        return self._client(once=False).meta.partition

    def call(self, operation: str, *, missing=(), once: bool = False, names: str = "", **request):
        """One operation's answer, or ``None`` when AWS answers with a code in ``missing``.

        botocore repeats what failed on the way, unless ``once``: then nothing is sent twice, and a lost answer raises Lost. A write that
        is refused because what it names is not there is repeated while that may only not be seen yet, and so is one whose refusal
        speaks of ``names``.
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
        if not operation.startswith(READS):
            # Who has written looks next whether that, or what others made, may go again.
            self._certain = True
        with self._in_time(operation, once):
            answer = self._whole(operation, once, lambda client: getattr(client, operation)(**request))
        self._date = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date")
        return answer

    def now(self) -> datetime.datetime:
        """The time at AWS when it last answered a call; the clock of this machine may be wrong."""
        try:
            told = email.utils.parsedate_to_datetime(self._date)
            return told.replace(tzinfo=told.tzinfo or datetime.timezone.utc).astimezone(datetime.timezone.utc)
        except (AttributeError, LookupError, OverflowError, TypeError, ValueError):  # there is none, or an odd one
            return datetime.datetime.now(datetime.timezone.utc)

    def pages(self, operation: str, key: str, **request) -> list:
        """What a listing operation has under a key, on all its pages.

        An answer that has not even the key is asked for again, and where that can be done without the filters. What is still not told is
        nothing, unless something would be deleted for it.
        """
        for _again in range(2):
            found = self._listed(operation, key, request)
            if found is not None:
                return found
        name = self._name(operation)
        filters = answers.FILTERS.get(name, {})
        if request and set(request) <= set(filters):
            found = self._listed(operation, key, {})
            if found is not None:
                compared = {filters[each]: wanted for each, wanted in request.items()}
                return [item for item in found if _matches(item, compared)]
        if not (self._certain or name in answers.BEFORE_DELETING) or name in self._told_as_none():
            return []
        raise NotWhole(
            f"it lacks {key}, also when it is asked again. If that is how there being none is told, "
            f"name {name} in empty_answer_is_none (vmc_backup_empty_answer_is_none)",
            retryable=False,
            service=self.service,
            operation=name,
        )

    def _listed(self, operation, key, request) -> list | None:
        """All pages of a listing, or ``None`` where it is not told what is on them."""

        def read(client):
            found, seen = [], set()
            pages = iter(client.get_paginator(operation).paginate(**request))
            while True:
                with self._in_time(operation):
                    page = next(pages, None)
                if page is None:
                    return found
                cursor = next((page[name] for name in CURSORS if page.get(name)), None)
                if (cursor and cursor in seen) or len(seen) == MOST_PAGES:
                    raise NotWhole("its pages have no end", retryable=False, **self._where(operation))
                if cursor is None and (page.get("IsTruncated") or page.get("Truncated")):
                    raise NotWhole("it does not say where its next page is", **self._where(operation))
                self._check(operation, page)
                if page.get(key) is None:
                    if seen or cursor:
                        raise NotWhole(f"a page lacks {key}", **self._where(operation))
                    return None
                seen.add(cursor)
                found += page[key]

        return self._whole(operation, False, read)

    def _whole(self, operation, once, ask):
        """What ``ask(client)`` brings, asked again while an answer is not whole."""
        tries = TRIES if operation.startswith(READS) and not once else 1

        def attempt():
            nonlocal tries
            tries -= 1
            try:
                return self._asked(operation, once, ask)
            except NotWhole as broken:
                if not (tries and broken.retryable):
                    raise
                return broken

        try:
            return wait.until(attempt, lambda answer: not isinstance(answer, NotWhole), timeout=EXCHANGE, interval=0.5)
        except NotWhole as broken:
            if operation.startswith(READS):
                raise
            # A write whose answer is not whole is one whose answer was lost: it may well have been carried out.
            lost = (Lost if once else Conflict)(broken.message, retryable=True, **self._where(operation))
            lost.wrote = self.wrote = True
            raise lost from None

    def _asked(self, operation, once, ask):
        """One exchange. Every call passes here."""
        client = self._client(once)
        try:
            answer = ask(client)
        except (ClientError, BotoCoreError) as failure:
            raise self._error(operation, failure, once) from failure
        except UNREADABLE as failure:
            # Their text may be the body, and that of STS holds a secret key.
            raise NotWhole(f"it cannot be read ({type(failure).__name__})", **self._where(operation)) from None
        if isinstance(answer, dict):
            self._check(operation, answer)
        return answer

    def _check(self, operation, answer):
        name = self._name(operation)
        why = answers.wrong(answer, answers.AWS.get(name, dict))
        if why:
            raise NotWhole(why, **self._where(operation))

    def _received(self, event_name, response_dict, **_more):
        """What botocore lets pass: it compares no length, and takes what it cannot parse for empty."""
        if response_dict is None:
            return
        name = event_name.rpartition(".")[2]
        why = whole.aws(self._models.operation_model(name), response_dict)
        if why:
            raise NotWhole(why, service=self.service, operation=name)

    def _in_time(self, operation, once=False):
        self._client(once)  # the models that it reads take their own time
        seconds = self._module.params.get("exchange_timeout", EXCHANGE)
        late = f"no whole answer within {seconds} seconds"
        return within(seconds, lambda: ApiError(late, retryable=True, **self._where(operation)))

    def _told_as_none(self):
        return self._module.params.get("empty_answer_is_none") or ()

    def _where(self, operation) -> dict:
        return {"service": self.service, "operation": self._name(operation)}

    def _name(self, operation) -> str:
        clients = [client.meta.method_to_api_mapping for client in self._clients.values()]
        return clients[0].get(operation, operation) if clients else operation

    def _client(self, once):
        if once not in self._clients:
            config = Config(**(self._module.params.get("aws_config") or {}))
            if once:
                config = config.merge(Config(retries={"total_max_attempts": 1}))
            else:
                config = Config(retries={"mode": "standard", "total_max_attempts": 5}).merge(config)
            if self._module.params.get("endpoint_url"):
                checked_web("endpoint_url", self._module.params["endpoint_url"])
            checked_bundle("aws_ca_bundle", self._module.params.get("aws_ca_bundle"))
            with alone(self._module.params):
                client = self._connect(config)
            # One of the environment or of a profile, too.
            secrets.checked_url("endpoint_url", client.meta.endpoint_url)
            client.meta.events.register_first("before-sign", self._hide_credentials)
            client.meta.events.register_first("before-send", self._keep_signature)
            check_region(client.meta.region_name)
            self._models = client.meta.service_model
            client.meta.events.register("response-received", self._received)
            self._clients[once] = client
        return self._clients[once]

    def _connect(self, config):
        if not self._role_arn:
            return self._module.client(self.service, aws_config=config)
        role = AssumedRole(self._assume, self._role_arn, self._module.params.get("assume_role_external_id"))
        return client_as(role, self._module, self.service, config)

    def _hide_credentials(self, request_signer, **_event):
        """Whatever they come from: options, the environment, a profile, the machine, a role. What cannot be sent is refused."""
        if request_signer._credentials is not None:
            found = request_signer._credentials.get_frozen_credentials()
            secrets.hide(found.secret_key, found.token)
            of_environment = request_signer._credentials.method == "env"
            for (option, variable), value in zip(CREDENTIALS.items(), found):
                secrets.checked_token(variable if of_environment else option, value)

    def _keep_signature(self, request, **_event):
        header = request.headers.get("Authorization") or ""
        self._signature = header.decode() if isinstance(header, bytes) else header

    def _assume(self, **request) -> dict:
        return Aws(self._module, "sts", as_caller=True).call("assume_role", **request)

    def _error(self, operation, failure, once) -> ApiError:
        error = self._judged(operation, failure, once)
        error.wrote = error.wrote or self.wrote
        return error

    def _judged(self, operation, failure, once) -> ApiError:
        secrets.hide(self._signature, self._signature.rpartition("Signature=")[2])
        where = self._where(operation)
        if not isinstance(failure, ClientError):
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

        answer = failure.response
        code = answer.get("Error", {}).get("Code", "")
        status = answer.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        codes = "/".join(part for part in (code, answer.get("ErrorCode")) if part)
        message = f"{self._said(answer, code)} ({codes or status})"
        if failure.operation_name != where["operation"] or self.service == "sts":
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

    def _said(self, answer, code) -> str:
        """The service's own words. Without a code they are the body of something else, and those of STS may repeat a secret."""
        if self.service == "sts" or not code or code.isdigit():
            return "no message"
        return answer["Error"].get("Message") or "no message"


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


def _matches(item: dict, compared: dict) -> bool:
    """Whether what was listed without filters may be what they ask for. Nobody has seen whether HypervisorId is the bare id or the ARN."""
    return all(
        not item.get(key) or (item[key] == wanted or wanted.endswith(f"/{item[key]}"))
        for key, wanted in compared.items()
    )


def check_region(name: str) -> None:
    """Refuse a region that botocore does not list, unless DNS does: it may be newer than botocore."""
    # Session.get_available_regions would read the whole model of a service for it, and EC2's takes longer than most calls.
    endpoints = botocore.session.create_loader(os.environ.get("AWS_DATA_PATH")).load_data("endpoints")
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
