# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""VMware Cloud services: an API token or an OAuth app becomes an access token."""

from __future__ import annotations

import math
import os
import time

from .. import run_store, secrets
from ..errors import ApiError, BadCredentials, Invalid
from ..values import token
from . import answers, rest
from .deadline import EXCHANGE
from .rest import Basic, Rest

CLOUDS = {
    "commercial": {"csp": "https://console.cloud.vmware.com", "vmc": "https://vmc.vmware.com"},
    "govcloud": {"csp": "https://console.cloud-us-gov.vmware.com", "vmc": "https://www.vmc-us-gov.vmware.com"},
}
AUTHORIZE = "/csp/gateway/am/api/auth/api-tokens/authorize"
SPARE = 60  # seconds before its end at which a token is no longer used


class Csp:
    """The access token of one identity, kept for its life of about 30 minutes by all modules of a run. Signs the requests of other clients."""

    def __init__(self, rest: Rest, *, api_token: str | None = None, oauth_endpoint: str | None = None, key: str = ""):
        self.rest = rest
        self.api_token = api_token
        self.oauth_endpoint = oauth_endpoint
        self._key = key  # of this identity in the run's store
        self._held: dict = {}
        self._refused = None

    def __call__(self, request):
        """Sign a request: the VMC API and the reverse proxy want csp-auth-token, an NSX Manager wants Bearer."""
        token = self.token()
        request.headers["csp-auth-token"] = token
        request.headers["Authorization"] = f"Bearer {token}"
        return request

    def renew(self):
        """Do not use the token again that was refused. Another module may have fetched a new one meanwhile."""
        self._refused = self._held.get("token")
        self.token()

    def token(self) -> str:
        if not self._good(self._held):
            self._held = run_store.kept(self._key, self._good, self._fetch)
            secrets.hide(self._held["token"])
        return self._held["token"]

    def _good(self, held) -> bool:
        # The clock runs since the machine started: it is the same for all processes.
        ends = held.get("ends")
        return "token" in held and held["token"] != self._refused and (ends is None or time.monotonic() < ends)

    def _fetch(self) -> dict:
        answer = self._exchange()
        life = _lifetime(answer.get("expires_in"))
        ends = time.monotonic() + life - SPARE if math.isfinite(life) else None
        return {"token": answer["access_token"], "ends": ends}

    def _exchange(self) -> dict:
        path, form = self.oauth_endpoint, {"grant_type": "client_credentials"}
        if self.api_token:
            path, form = AUTHORIZE, {"api_token": self.api_token}
        try:
            answer = self.rest.request("POST", path, form=form, repeat=True)
        except BadCredentials as refusal:
            # The service's own words are left out: they may repeat the token.
            text = "the API token or OAuth app is not accepted: wrong, expired, revoked, or not of this csp_url"
            raise BadCredentials(text, attempted="get an access token", service="csp", code=refusal.code) from None
        except ApiError as refusal:
            if refusal.code is None:
                raise
            told = {"service": "csp", "code": refusal.code, "retryable": refusal.retryable}
            raise ApiError(f"refused ({refusal.code})", attempted="get an access token", **told) from None
        secrets.hide_named(answer)
        token = answer.get("access_token") if isinstance(answer, dict) else None
        secrets.hide(token)
        if not secrets.fits_header(token):
            raise ApiError("the answer holds no token", attempted="get an access token", service="csp")
        return answer


def _lifetime(told) -> float:
    """The seconds for which a token may be used. Where that is not told as a number, until it is refused."""
    try:
        return float(told)
    except (TypeError, ValueError):
        return math.inf


def classify(reply):
    return BadCredentials if reply.status in (400, 401, 403) else rest.classify(reply)


def csp_client(params: dict) -> Csp:
    """The identity that the options name: an API token or an OAuth app."""
    app = [params["client_id"], params["client_secret"]]
    api_token = params["api_token"] or (None if any(app) else os.environ.get("VMC_API_TOKEN"))
    secrets.checked_token("api_token" if params["api_token"] else "VMC_API_TOKEN", api_token)
    secrets.checked_username("client_id", params["client_id"])
    secrets.checked_password("client_secret", params["client_secret"])
    if bool(api_token) == any(app):
        raise Invalid("api_token", "give either this, or client_id and client_secret.")
    if any(app) and not all(app):
        raise Invalid("client_id", "client_id and client_secret go together.")
    if not params["oauth_endpoint"].startswith("/"):
        raise Invalid("oauth_endpoint", "is a path of csp_url, so it begins with /.")
    exchange = Rest(
        "csp",
        url_of("csp", params),
        auth=None if api_token else Basic(*app),
        ca_bundle=params["ca_bundle"],
        proxy=params["proxy"],
        classify=classify,
        forms=answers.CSP,
        deadline=params.get("exchange_timeout", EXCHANGE),
    )
    key = token(exchange.url, params["oauth_endpoint"], api_token, *app, params.get("org_id"))
    return Csp(exchange, api_token=api_token, oauth_endpoint=params["oauth_endpoint"], key=key)


def url_of(service: str, params: dict) -> str:
    """Where a service of VMware Cloud is: as given, else as its cloud has it."""
    return params[f"{service}_url"] or CLOUDS[params["cloud"]][service]
