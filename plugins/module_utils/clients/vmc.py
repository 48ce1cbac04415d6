# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The VMware Cloud on AWS API."""

from __future__ import annotations

import re

from .. import secrets
from ..errors import ApiError, Denied, Invalid
from . import answers, rest
from .csp import CLOUDS, Csp, csp_client, url_of
from .deadline import EXCHANGE, EXCHANGE_TIMEOUT
from .rest import Reply, Rest

VMC = {
    "cloud": {"type": "str", "choices": list(CLOUDS), "default": "commercial"},
    "csp_url": {"type": "str"},
    "vmc_url": {"type": "str"},
    "org_id": {"type": "str"},
    "sddc_id": {"type": "str"},
    "api_token": {"type": "str", "no_log": True},
    "client_id": {"type": "str"},
    "client_secret": {"type": "str", "no_log": True},
    "oauth_endpoint": {"type": "str", "default": "/csp/gateway/am/api/auth/token"},
    "ca_bundle": {"type": "path"},
    "proxy": {"type": "str"},
    **EXCHANGE_TIMEOUT,
}

OF_AN_ERROR = {"error_code", "error_messages", "path", "retryable", "status", "transaction_id"}


class Vmc:
    """The SDDCs of one organisation. An SDDC's document holds passwords: pass on what is needed, never the whole."""

    def __init__(self, rest: Rest, org_id: str):
        self.rest = rest
        self.org = f"/vmc/api/orgs/{org_id}"

    def request(self, method: str, path: str, *, params=None):
        try:
            answer = self.rest.request(method, f"{self.org}{path}", params=params)
            secrets.hide_named(answer)
            return answer
        except Denied as refusal:
            told = {"attempted": refusal.attempted, "service": "vmc", "operation": method, "code": refusal.code}
            raise Denied(f"{refusal.message} Is org_id right?", **told) from None

    def sddcs(self) -> list[dict]:
        return self._listed("/sddcs")

    def sddc(self, sddc_id: str) -> dict | None:
        return self.request("GET", f"/sddcs/{sddc_id}")

    def connections(self, sddc_id: str) -> list[dict]:
        """The links of an SDDC to the customer's VPC."""
        return self._listed("/account-link/sddc-connections", params={"sddc": sddc_id})

    def connected_accounts(self) -> list[dict]:
        """The AWS accounts of the organisation that SDDCs are linked to."""
        return self._listed("/account-link/connected-accounts")

    def resolve_vcenter(self, sddc_id: str, address: str) -> dict:
        """Begin to let the name of an SDDC's vCenter resolve to its private or its public address: the task."""
        return self.request("PUT", f"/sddcs/{sddc_id}/dns/{address}")

    def tasks(self) -> list[dict]:
        """What the organisation's SDDCs do and did."""
        return self._listed("/tasks")

    def task(self, task_id: str) -> dict | None:
        return self.request("GET", f"/tasks/{task_id}")

    def reservations(self) -> list[dict] | None:
        """Planned maintenance of the organisation's SDDCs, or ``None`` where the API does not tell."""
        return self.request("GET", "/reservations")

    def _listed(self, path, params=None):
        found = self.request("GET", path, params=params)
        if found is None:  # an organisation that is not there is no empty one
            raise ApiError(
                "there is no such organisation, or it is not this identity's; see org_id",
                attempted=f"read {path}",
                service="vmc",
            )
        return found


def classify(reply: Reply):
    """A 404 is of the API only in its own form: something before it may answer with JSON too, and nothing is gone for that."""
    own = isinstance(reply.body, dict) and len(OF_AN_ERROR & set(reply.body)) > 1
    return ApiError if reply.status == 404 and not own else rest.classify(reply)


def vmc_client(params: dict, csp: Csp | None = None) -> Vmc:
    if not params["org_id"]:
        raise Invalid("org_id", "is needed to ask the VMC API.")
    for option in ("org_id", "sddc_id"):
        if params[option] and not re.fullmatch(r"[\w-]+", params[option]):
            raise Invalid(option, f"{params[option]!r} is not an id.")
    auth = csp or csp_client(params)
    client = Rest(
        "vmc",
        url_of("vmc", params),
        auth=auth,
        ca_bundle=params["ca_bundle"],
        proxy=params["proxy"],
        classify=classify,
        forms=answers.VMC,
        deadline=params.get("exchange_timeout", EXCHANGE),
    )
    return Vmc(client, params["org_id"])
