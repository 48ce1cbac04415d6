# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""AWS: one service, one choke point."""

from __future__ import annotations

import copy
import datetime
import difflib
import email.utils
import functools
import os
import socket

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from .. import recall, secrets, wait
from ..errors import ApiError, Conflict, Invalid, Lost, NotWhole
from ..urls import checked_web
from . import answers, whole
from .aws_identity import IDENTITY, AssumedRole, alone, client_as
from .aws_refusals import judged, may_appear
from .deadline import EXCHANGE, within
from .https import checked_bundle

try:
    import botocore.session
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError, ClientError
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

LOOKS = ("describe_", "get_", "list_")
READS = ("assume_role", "test_", *LOOKS)
TRIES = 4  # of a read whose answer is not whole
MOST_PAGES = 10_000
CURSORS = ("NextToken", "NextMarker", "Marker")

# A client's credentials in botocore's order: the option, and the variable of the environment.
CREDENTIALS = {
    "access_key": "AWS_ACCESS_KEY_ID",
    "secret_key": "AWS_SECRET_ACCESS_KEY",
    "session_token": "AWS_SESSION_TOKEN",
}


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
        return self._recalled("region", {}, lambda: self._client(once=False).meta.region_name)

    @property
    def partition(self) -> str:
        """The part of AWS that the region lies in, as its ARNs name it: aws, aws-us-gov."""
        return self._recalled("partition", {}, lambda: self._client(once=False).meta.partition)

    def call(self, operation: str, *, missing=(), once: bool = False, names: str = "", **request):
        """One operation's answer, or ``None`` when AWS answers with a code in ``missing``.

        botocore repeats what failed on the way, unless ``once``: then nothing is sent twice, and a lost answer raises Lost. A write that
        is refused because what it names is not there is repeated while that may only not be seen yet, and so is one whose refusal
        speaks of ``names``.
        """
        if operation.startswith(LOOKS) and not once:
            return self._recalled(operation, request, lambda: self._told(operation, missing, once, names, request))
        return self._told(operation, missing, once, names, request)

    def _told(self, operation, missing, once, names, request):
        writes = not operation.startswith(READS)

        def attempt():
            try:
                return self._ask(operation, once, request)
            except ApiError as refusal:
                return refusal

        def done(answer):
            return not (isinstance(answer, ApiError) and answer.code not in missing and may_appear(answer, names))

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

    def _recalled(self, operation, request, ask):
        """What this look has asked already, with the date of the answer; who deletes, or says that it decides by it, always asks."""
        if self._certain:
            return ask()

        def dated():
            answer = ask()
            return None if answer is None else [answer, self._date]

        found = recall.asked([self.service, self._who, operation, request], dated)
        if found is None:
            return None
        answer, date = found
        self._date = date or self._date
        return answer

    @functools.cached_property
    def _who(self) -> dict:
        """All that says which account and which region is asked."""
        params = self._module.params
        named = {name: params.get(name) for name in (*IDENTITY, "region", "endpoint_url")}
        of_environment = {name: held for name, held in os.environ.items() if name.startswith("AWS_")}
        return {**named, "as_caller": self._role_arn is None, "environment": of_environment}

    def now(self) -> datetime.datetime:
        """The time at AWS when it last answered a call; the clock of this machine may be wrong."""
        try:
            told = email.utils.parsedate_to_datetime(self._date)
            return told.replace(tzinfo=told.tzinfo or datetime.timezone.utc).astimezone(datetime.timezone.utc)
        except (AttributeError, LookupError, OverflowError, TypeError, ValueError):  # there is none, or an odd one
            return datetime.datetime.now(datetime.timezone.utc)

    def pages(self, operation: str, key: str, *, view=None, **request) -> list:
        """What a listing operation has under a key, on all its pages; each as ``view`` makes it, of which no page is kept longer than needed.

        An answer that has not even the key is asked for again, and where that can be done without the filters. What is still not told is
        nothing, unless something would be deleted for it.
        """
        if view:
            return self._all(operation, key, request, view)
        return self._recalled(operation, request, lambda: self._all(operation, key, request))

    def _all(self, operation, key, request, view=None) -> list:
        for _again in range(2):
            found = self._listed(operation, key, request, view)
            if found is not None:
                return found
        name = self._name(operation)
        filters = answers.FILTERS.get(name, {})
        if request and set(request) <= set(filters):
            found = self._listed(operation, key, {})
            if found is not None:
                compared = {filters[each]: wanted for each, wanted in request.items()}
                matching = (item for item in found if _matches(item, compared))
                return [view(item) for item in matching] if view else list(matching)
        if not (self._certain or name in answers.BEFORE_DELETING) or name in self._told_as_none():
            return []
        raise NotWhole(
            f"it lacks {key}, also when it is asked again. If that is how there being none is told, "
            f"name {name} in empty_answer_is_none (vmc_backup_empty_answer_is_none)",
            retryable=False,
            service=self.service,
            operation=name,
        )

    def _listed(self, operation, key, request, view=None) -> list | None:
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
                found += map(view, page[key]) if view else page[key]

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
        try:
            return Aws(self._module, "sts", as_caller=True).call("assume_role", **request)
        except ApiError as refusal:
            # What STS says is not shown, so that the role is named that was asked for.
            told = {"service": refusal.service, "operation": refusal.operation, "code": refusal.code}
            attempted = f"take on the role {self._role_arn}"
            raise type(refusal)(refusal.message, attempted=attempted, retryable=refusal.retryable, **told) from None

    def _error(self, operation, failure, once) -> ApiError:
        secrets.hide(self._signature, self._signature.rpartition("Signature=")[2])
        error = judged(failure, self._where(operation), once)
        error.wrote = error.wrote or self.wrote
        return error


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
