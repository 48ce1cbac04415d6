# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The activation page of an appliance: plain HTTP, never through a proxy."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlencode, urlsplit

from ansible.module_utils.basic import missing_required_lib

from .. import wait
from ..errors import ApiError, Error, NotWhole
from ..values import checked_host, checked_port
from . import whole
from .deadline import EXCHANGE, within

try:
    import requests
except ImportError:
    requests = None

CONNECT_TIMEOUT = 10
# The appliance asks AWS before it answers.
ANSWER_TIMEOUT = 60
# While it starts, or when AWS did not answer it in time.
NOT_NOW = (429, 500, 502, 503, 504)
KEY = re.compile(r"^[0-9a-zA-Z-]{5,50}$")
CODE = re.compile(r"\b[A-Z]+(?:_[A-Z]+)+\b")
ATTEMPTED = "get an activation key"


class Appliance:
    """One appliance that is not activated yet."""

    def __init__(self, address: str, port: int):
        if requests is None:
            raise Error(missing_required_lib("requests"))
        host = checked_host("address", address)
        self.url = f"http://{f'[{host}]' if ':' in host else host}:{checked_port('port', port)}/"
        self.session = requests.Session()
        self.session.trust_env = False

    def activation_key(self, query: dict, timeout: float) -> str:
        """Ask until the appliance answers, and give its key."""

        def attempt():
            try:
                return self._ask(query)
            except ApiError as failure:
                if not failure.retryable:
                    raise
                return failure

        def verdict(answer):
            return answer.message if isinstance(answer, ApiError) else True

        return wait.until(attempt, verdict, timeout=timeout, longest=5, what=f"{self.url} to give an activation key")

    def _ask(self, query) -> str:
        """First the form that answers at once; an appliance that does not know it redirects to the console instead."""
        text = urlencode(query)
        answer = self._get(f"{text}&no_redirect")
        key = _key(answer)
        if key is None:
            answer = self._get(text)
            key = _key(answer)
        if key is None:
            raise ApiError(
                f"it answered HTTP {answer.status_code} without a key{_named(answer)}; "
                "is it a Backup gateway that is not activated yet?",
                attempted=ATTEMPTED,
                service=self.url,
                code=str(answer.status_code),
            )
        return key

    def _get(self, query):
        def late():
            return ApiError("no whole answer in time", attempted=ATTEMPTED, service=self.url, retryable=True)

        try:
            with within(EXCHANGE, late):
                answer = self.session.get(
                    f"{self.url}?{query}", allow_redirects=False, timeout=(CONNECT_TIMEOUT, ANSWER_TIMEOUT)
                )
                answer.encoding = "utf-8"  # whatever it says: a key is ASCII
        except requests.exceptions.RequestException as error:
            said = "no answer" if isinstance(error, requests.exceptions.Timeout) else "no connection"
            raise ApiError(said, attempted=ATTEMPTED, service=self.url, retryable=True) from None
        except ValueError as error:  # of http.client, whose text may be what was to be sent
            said = f"the request cannot be sent ({type(error).__name__})"
            raise ApiError(said, attempted=ATTEMPTED, service=self.url) from None
        if answer.status_code in NOT_NOW:
            code = str(answer.status_code)
            raise ApiError(f"HTTP {code}", attempted=ATTEMPTED, service=self.url, code=code, retryable=True)
        length = answer.headers.get("Content-Length")
        missing = whole.short(length, answer.raw.tell()) if length else None
        if missing:  # half a key looks like one
            raise NotWhole(missing, attempted=ATTEMPTED, service=self.url)
        return answer


def _named(answer) -> str:
    """The codes in an answer, and nothing else of it: it may hold a key."""
    codes = dict.fromkeys(CODE.findall(answer.text))
    return f" ({', '.join(codes)})" if codes else ""


def _key(answer) -> str | None:
    """The key in an answer, whichever form it has. An error that the appliance names is raised."""
    if answer.is_redirect:
        values = _values(answer.headers["Location"])
        if values.get("errortype"):
            raise ApiError(
                f"the appliance says {values['errortype']}; can it reach the VPC endpoint on ports 443 and 1026 to 1031, and is its clock right?",
                attempted=ATTEMPTED,
                code=values["errortype"],
            )
        text = values.get("activationkey", "")
    else:
        text = answer.text.strip() if answer.status_code == 200 else ""
    return text if KEY.match(text) else None


def _values(address) -> dict:
    """What a redirect says in the query of its address."""
    try:
        return {name.lower(): value for name, value in parse_qsl(urlsplit(address).query)}
    except ValueError:
        return {}
