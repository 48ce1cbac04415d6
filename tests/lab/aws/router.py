# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One WSGI app for all services: finds the operation, lets faults happen, asks the backend, keeps the journal."""

from __future__ import annotations

import time
from email.utils import format_datetime
from urllib.parse import unquote

from moto.core.exceptions import ServiceException
from moto.iam.models import get_account_id_from

from .. import wire
from ..lag import Ask, another
from . import access, bridge, faults, protocol, s3, signature
from .errors import AwsError

# AssumeRole hands out credentials and changes nothing that a second run could find changed.
READS = ("Describe", "Head", "List", "Get", "Search", "Simulate", "AssumeRole", "Decode", "Filter")


class Forward(Exception):
    """Raised by an operation that has checked what moto does not, and leaves the rest to it."""


def kind_of(operation: str) -> str:
    return "read" if operation.startswith(READS) else "write"


class Router:
    """The services are objects with one method per operation: call(request, params) -> answer."""

    def __init__(self, world, services: dict, lock):
        self.world = world
        self.services = services
        self.lock = lock
        self.access = access.Access()
        self.credentials: dict[str, str] = {}  # access key -> secret key, of those that signatures are checked against

    def __call__(self, environ, start_response):
        started = time.time()
        request = protocol.read(environ)
        service, operation = request.service or "unknown", request.operation or "unknown"
        kind = kind_of(operation) if request.known else "unknown"
        fault = self.world.fault(service, operation)
        status, detail = 0, fault or ""
        needed = self.needed(request) if request.known else []
        try:
            wire.before(fault, environ, self.world)
            with self.lock:
                refused = self.access.refusal(request, needed)
            detail = detail or (f"denied {refused[0].action}" if refused else "")
            status, headers, body = self.faulty(fault, request) or self.lagging(kind, environ, request, refused)
            if status == 501:
                kind, status = "unknown", 400
            wire.after(fault, environ, self.world, (status, headers.items(), body))
        finally:
            actions = sorted({need.action for need in needed})
            self.world.record(service, operation, kind, status, started, detail=detail, actions=actions)
        headers = [(name, value) for name, value in headers.items() if name.lower() not in ("content-length", "date")]
        now = format_datetime(self.world.utc(), usegmt=True)
        start_response(str(status), [*headers, ("Date", now), ("Content-Length", str(len(body)))])
        return [body]

    def faulty(self, fault, request):
        if fault == "html503":
            return 503, {"Content-Type": "text/html"}, faults.HTML
        error = faults.error_for(fault, request) if fault else None
        return protocol.failure(request, error) if error else None

    def listed(self, request, result) -> dict:
        """A list that has nothing to list, as the service may say so."""
        bare = self.world.switches["empty_list_answer"] == "nothing"
        if bare and request.service in ("backup", "backup-gateway") and request.operation.startswith("List"):
            return {key: value for key, value in result.items() if value != []}
        return result

    def lagging(self, kind, environ, request, refused) -> tuple:
        """The answer: what it was before the last write, or what a service says of what it does not know yet."""
        lag = self.world.lag
        question = (request.service, account_of(request), request.region, request.path, request.query, request.body)
        text = f"{request.path} {request.query} {unquote(request.body.decode(errors='replace'))}"
        ask = Ask(request.service, request.operation, kind, (*question, request.operation), text)
        known = lag.stale(ask)
        if known is not None:
            return known
        name = lag.unknown(ask)
        if name and kind == "write":
            return protocol.failure(request, faults.unknown(request, name))
        if name:
            status, headers, body = self.answer(environ, protocol.without(request, name), refused, signed=request)
            name = name.rpartition("/")[2]
            return status, headers, body.replace(another(name).encode(), name.encode())
        answer = self.answer(environ, request, refused)
        lag.keep(ask, answer, answer[2].decode(errors="replace"), good=answer[0] < 300)
        return answer

    def needed(self, request) -> list:
        """The permissions that a call needs. What is wrong with its parameters is for the service to say."""
        if request.service == "s3":
            return s3.needs(request)
        with self.lock:
            try:
                params = protocol.parameters(request, unchecked=("",))
            except AwsError:
                params = {}
            place, backup = self.services["backup-gateway"].seen(request), self.services.get("backup")
            return access.needs(request, params, place, backup.tagged(request) if backup else {})

    def answer(self, environ, request, refused, *, signed=None) -> tuple:
        """``signed`` is the request as it was sent, where another one is answered."""
        if not request.known:
            return protocol.failure(request, unknown(request))
        if request.service == "s3":
            with self.lock:
                return s3.answer(request, environ.get("QUERY_STRING", ""), refused)
        stranger = signature.refusal(signed or request, self.credentials)
        if stranger:
            return protocol.failure(request, stranger)
        if "sts" in self.services and self.services["sts"].expired(request.access_key):
            return protocol.failure(request, faults.error_for("expired", request))
        if refused:
            return protocol.failure(request, refused[1])
        backend = self.services.get(request.service)
        operation = getattr(backend, request.operation, None)
        try:
            if operation is not None:
                with self.lock:
                    params = protocol.parameters(request, unchecked=backend.UNCHECKED)
                    result = self.listed(request, operation(request, params))
                    return protocol.answer(request, result, unchecked=backend.UNCHECKED)
        except AwsError as error:
            return protocol.failure(request, error)
        except ServiceException as error:
            return protocol.failure(request, AwsError(error.code, error.message))
        except AssertionError as error:
            return 500, {"Content-Type": "text/plain"}, str(error).encode()
        except Forward:
            pass
        try:
            with self.lock:
                return bridge.ask(request, environ.get("QUERY_STRING", ""))
        except bridge.NotBuilt:
            return not_built(request)


def account_of(request) -> str:
    return get_account_id_from(request.access_key)


def unknown(request) -> AwsError:
    """What the real service says to an operation it does not have."""
    if request.protocol in ("ec2", "query"):
        return AwsError("InvalidAction", f"The action {request.operation} is not valid for this web service.")
    status = 404 if request.protocol.startswith("rest") else 400
    return AwsError("UnknownOperationException", f"Unknown operation {request.operation}", status=status)


def not_built(request) -> tuple:
    """A real operation that this lab lacks; status 501 tells the journal."""
    _unused, headers, body = protocol.failure(request, unknown(request))
    return 501, headers, body
