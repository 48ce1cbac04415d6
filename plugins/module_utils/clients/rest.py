# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""JSON over HTTP for CSP, VMC, NSX and the tags of vCenter: the one place where requests is used for them."""

from __future__ import annotations

import base64
import json as jsonlib
import re
import time
from dataclasses import dataclass

from ansible.module_utils.basic import missing_required_lib

from .. import secrets, wait
from ..errors import ApiError, BadCredentials, Conflict, Denied, Error, NotWhole, TimedOut
from ..urls import checked_https, checked_proxy
from . import answers, whole
from .deadline import EXCHANGE, within
from .https import checked_bundle

try:
    import requests
except ImportError:
    requests = None

NO_ANSWER = 0
NOT_ACCEPTED = (429, 503)  # turned away at the door: may be sent again, whatever it was
UNKNOWN_OUTCOME = (NO_ANSWER, 502, 504)  # may have been carried out: sent again only where that is safe
REPEATABLE = ("GET", "DELETE")
VERBS = {"GET": "read", "PUT": "write", "PATCH": "change", "POST": "post to", "DELETE": "delete"}


@dataclass
class Reply:
    """An answer, or with the status NO_ANSWER the reason why there is none. ``body`` is the JSON, if it was any.

    One that is not whole is none, with the reason in ``broken``.
    """

    status: int
    text: str
    body: object = None
    retry_after: float = 0
    broken: str | None = None

    @property
    def code(self) -> str | None:
        """The service's own error code, else the HTTP status; ``None`` when nothing came back."""
        if self.status == NO_ANSWER:
            return None
        body = self.body if isinstance(self.body, dict) else {}
        codes = (body.get(name) for name in ("error_code", "errorCode", "cspErrorCode", "error_type"))
        return str(next((code for code in codes if code), self.status))

    @property
    def message(self) -> str:
        """What the service says, whatever its envelope; proxies answer with pages."""
        if self.status == NO_ANSWER:
            return self.text
        if not isinstance(self.body, dict):
            return f"HTTP {self.status}, and what came is no JSON" if self.text.strip() else f"HTTP {self.status}"
        texts = [self.body.get("error_message") or self.body.get("message"), *_listed(self.body, "error_messages", str)]
        texts += [related.get("error_message") for related in _listed(self.body, "related_errors", dict)]
        texts += [message.get("default_message") for message in _listed(self.body, "messages", dict)]
        told = "; ".join(str(text) for text in texts if text)
        return f"{told} (HTTP {self.status}, code {self.code})" if told else f"HTTP {self.status}, code {self.code}"


def classify(reply: Reply):
    """The exception that an unsuccessful reply stands for; ``None``: the API says that there is no such thing."""
    if reply.status == 404 and isinstance(reply.body, dict):
        return None
    return {401: BadCredentials, 403: Denied, 409: Conflict, 412: Conflict}.get(reply.status, ApiError)


class Basic:
    """HTTP Basic for one user. Has no ``renew()``: a refused password is never sent again, accounts lock."""

    def __init__(self, username: str, password: str):
        secrets.hide(f"{username}:{password}")
        self._header = "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()

    def __call__(self, request):
        request.headers["Authorization"] = self._header
        return request


class Rest:
    """One service behind one base URL.

    ``auth`` is a callable that signs each request, so that ``~/.netrc`` cannot put its own header in place; its ``renew()``, if it has one,
    is asked once for a new token after a 401. ``classify`` tells the service's refusals apart. ``forms`` is the table of what its answers hold,
    ``deadline`` the seconds that an exchange may take as a whole, with all its repetitions.
    """

    def __init__(
        self,
        service: str,
        url: str,
        *,
        auth=None,
        ca_bundle: str | None = None,
        proxy: str | None = None,
        classify=classify,
        patience: float = 60,
        timeout: tuple = (10, 30),
        forms: list | None = None,
        deadline: float = EXCHANGE,
    ):
        if requests is None:
            raise Error(missing_required_lib("requests"))
        checked_https(f"{service}_url", url)
        if proxy:
            checked_proxy("proxy", proxy)
        checked_bundle("ca_bundle", ca_bundle)
        self.service = service
        self.url = url.rstrip("/")  # NSX refuses paths with a double slash
        self.auth = auth
        self.verify = ca_bundle or True
        self.classify = classify
        self.patience = patience
        self.timeout = timeout
        self.forms = forms or []
        self.deadline = deadline

        self.wrote = False
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.proxies = {"http": proxy, "https": proxy} if proxy else {}
        self.session.headers.update({"Accept": "application/json", "User-Agent": "vmc.aws_backup"})

    def request(self, method: str, path: str, *, json=None, params=None, form=None, repeat: bool = False):
        """The JSON of the answer, ``{}`` for an empty one, or ``None`` when the API says that there is no such thing.

        A write whose answer is lost or not whole raises Conflict, without a code: look again before deciding what to do.
        """
        repeat = repeat or method in REPEATABLE
        late = Reply(NO_ANSWER, f"no whole answer from {self.url} within {self.deadline:g} seconds")
        with within(self.deadline, lambda: self._unanswered(method, path, late, repeat)):
            reply = self._until_accepted(method, path, repeat, json=json, params=params, data=form)
            if reply.status == 401 and hasattr(self.auth, "renew"):
                self.auth.renew()
                reply = self._until_accepted(method, path, repeat, json=json, params=params, data=form)
        if 200 <= reply.status < 300:
            self.wrote = self.wrote or method in ("PUT", "PATCH", "DELETE")
            return {} if reply.body is None and not reply.text.strip() else reply.body
        if reply.status == NO_ANSWER or (reply.status in UNKNOWN_OUTCOME and not repeat and method != "POST"):
            raise self._unanswered(method, path, reply, repeat)
        kind = self.classify(reply)
        if kind is None and method in REPEATABLE:
            return None
        raise self._failure(kind or ApiError, method, path, reply)

    def _until_accepted(self, method, path, repeat, **kwargs) -> Reply:
        """The reply, asking again while the service turns us away, not before the time that it names."""
        last, not_before = None, 0.0

        def probe():
            nonlocal last, not_before
            if time.monotonic() >= not_before:
                last = self._send(method, path, **kwargs)
                not_before = time.monotonic() + last.retry_after
            return last

        def done(reply):
            return not (reply.status in NOT_ACCEPTED or (repeat and reply.status in UNKNOWN_OUTCOME))

        try:
            return wait.until(probe, done, timeout=self.patience, interval=0.5, longest=10, what=self.service)
        except TimedOut:
            return last

    def _send(self, method, path, **kwargs) -> Reply:
        try:
            # verify= goes with the request: REQUESTS_CA_BUNDLE wins over session.verify.
            # No redirects: csp-auth-token would go along to another host.
            answer = self.session.request(
                method,
                f"{self.url}{path}",
                auth=self.auth,
                verify=self.verify,
                timeout=self.timeout,
                allow_redirects=False,
                **kwargs,
            )
        except (requests.exceptions.ChunkedEncodingError, requests.exceptions.ContentDecodingError):
            return _not_whole("it breaks off")
        except (requests.ConnectionError, requests.Timeout) as failure:
            if "CERTIFICATE_VERIFY_FAILED" in str(failure):
                reason = Reply(NO_ANSWER, f"the certificate of {self.url} is not trusted; name its CA in ca_bundle")
                raise self._failure(ApiError, method, path, reason) from None
            return Reply(NO_ANSWER, f"no answer from {self.url} ({type(failure).__name__})")
        except (OSError, ValueError) as failure:
            # What else requests and http.client raise, and what a CA bundle does that is gone. Their text may hold what was to be sent.
            reason = Reply(NO_ANSWER, f"the request cannot be sent ({type(failure).__name__})")
            raise self._failure(ApiError, method, path, reason) from None
        answer.encoding = answer.encoding or "utf-8"
        try:
            text = answer.text
        except ValueError:  # of a codec that is none for text, such as idna
            return _not_whole("it cannot be decoded")
        reply = Reply(answer.status_code, text, _json(text), _seconds(answer.headers.get("Retry-After")))
        why = self._lacking(method, path, kwargs.get("params"), answer, reply)
        return _not_whole(why) if why else reply

    def _lacking(self, method, path, params, answer, reply) -> str | None:
        """Why an answer is not whole."""
        length = answer.headers.get("Content-Length")
        missing = whole.short(length, answer.raw.tell()) if length and reply.status not in whole.BODILESS else None
        if missing or not 200 <= reply.status < 300:
            return missing
        asked = "LIST" if "page_size" in (params or {}) else method
        wanted = answers.form(self.forms, asked, path)
        if not reply.text.strip():
            return None if wanted is object and method != "GET" else "it is empty"
        if reply.body is None and reply.text.strip() != "null":
            return "it is no JSON"
        if reply.body is None and wanted is object:
            return "it is null"
        return answers.wrong(reply.body, wanted)

    def _unanswered(self, method, path, reply, repeat) -> ApiError:
        if not repeat and method != "POST":
            return self._failure(Conflict, method, path, reply, code=None)
        if reply.broken:
            return NotWhole(reply.broken, **self._about(method, path))
        return self._failure(ApiError, method, path, reply)

    def _failure(self, kind, method, path, reply, **more):
        details = {"code": reply.code, "retryable": reply.status in NOT_ACCEPTED + UNKNOWN_OUTCOME, **more}
        failure = kind(reply.message, **self._about(method, path), **details)
        failure.wrote = self.wrote
        return failure

    def _about(self, method, path) -> dict:
        return {"attempted": f"{VERBS[method]} {path}", "service": self.service, "operation": method}


def _not_whole(why) -> Reply:
    return Reply(NO_ANSWER, f"the answer is not whole: {why}", broken=why)


def _listed(body, key, kind) -> list:
    """What a body has under a key, as far as it is of a kind."""
    found = body.get(key)
    return [item for item in found if isinstance(item, kind)] if isinstance(found, list) else []


def _json(text):
    try:
        return jsonlib.loads(text)
    except (ValueError, RecursionError):
        return None


def _seconds(retry_after) -> float:
    """Retry-After in seconds; its other form, a date, is left to the backoff."""
    return float(retry_after) if re.fullmatch("[0-9]{1,6}", retry_after or "") else 0
