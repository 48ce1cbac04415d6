# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The NSX of an SDDC: the policy API, and VMware Cloud's own additions to it."""

from __future__ import annotations

import functools
import re
from urllib.parse import quote, urlsplit

from .. import recall, run_store, secrets
from ..errors import ApiError, BadCredentials, Conflict, Error, Invalid, NotWhole
from . import answers, rest
from .csp import Csp, csp_client
from .deadline import EXCHANGE
from .rest import Basic, Rest
from .vmc import VMC, vmc_client

NSX = {
    **VMC,
    "nsx_url": {"type": "str"},
    "nsx_auth": {"type": "str", "choices": ["token", "basic"], "default": "token"},
    "nsx_username": {"type": "str"},
    "nsx_password": {"type": "str", "no_log": True},
}

POLICY = "/policy/api/v1"
CLOUD = "/cloud-service/api/v1"
DOMAIN = re.compile(r"/infra/domains/([^/]+)")
PAGE = 1000
MOST_PAGES = 10_000
OF_SDDC = re.compile(r"/sddcs/([\w-]+)")
UNTOLD = "untold"  # nobody says whose it is

ABSENT = {"202", "600", "500012"}
RACE = {"206", "100148", "500087", "500090", "500127", "500232"}  # 500232: what the body names is not there, or not yet
BUSY = {"607", "610", "500030", "500045"}  # 500030: still referred to; 500045: an older one is still being deleted


class Nsx:
    """One NSX Manager, reached through the reverse proxy or directly."""

    def __init__(self, rest: Rest):
        self.rest = rest

    def request(self, method: str, path: str, *, json=None, params=None):
        try:
            return self.rest.request(method, quote(path), json=json, params=params)
        except BadCredentials as refused:
            domain = DOMAIN.search(path)
            if domain is None:
                raise
            # VMware Cloud was seen answering 401 for a domain that is not there (terraform-provider-nsxt issue 729).
            said = f"{refused.message}. It was asked for the domain {domain[1]}; a domain that is not there is refused in the same way."
            told = {"service": refused.service, "operation": refused.operation, "code": refused.code}
            raise BadCredentials(said, attempted=refused.attempted, **told) from None

    def get(self, path: str) -> dict | None:
        folder, _slash, name = path.rpartition("/")
        listed = recall.recalled(self._question("list", f"{POLICY}{folder}"))
        if listed is not None:
            return next((raw for raw in listed if raw.get("id") == name), None)
        return self._asked(f"{POLICY}{path}")

    def put(self, path: str, body: dict) -> dict:
        """Write the whole object. Refused with Conflict unless it carries the revision that the server has."""
        return self.request("PUT", f"{POLICY}{path}", json=body)

    def delete(self, path: str):
        """Remove it; already gone is fine."""
        self.request("DELETE", f"{POLICY}{path}")

    def list(self, path: str) -> list[dict]:
        return self._listed(f"{POLICY}{path}")

    def cloud_list(self, path: str, key: str = "results", *, certain: bool = False) -> list[dict]:
        """A list of VMware Cloud's own API on NSX, whose rows are under ``key``. Where it has to be ``certain``, no list is not an empty one."""
        if certain:
            return self._pages(f"{CLOUD}{path}", key, certain)
        return self._listed(f"{CLOUD}{path}", key)

    def cloud_get(self, path: str) -> dict | None:
        return self._asked(f"{CLOUD}{path}")

    def cloud_put(self, path: str, body: dict) -> dict:
        """Write the whole object. Unlike those of the policy API it has no revision."""
        return self.request("PUT", f"{CLOUD}{path}", json=body)

    def cloud_delete(self, path: str):
        """Remove it; already gone is fine."""
        self.request("DELETE", f"{CLOUD}{path}")

    def unrealized(self, path: str) -> str | None:
        """Why the object is not in force yet, or ``None``. Raises when NSX gave up on it."""
        try:
            status = self.request("GET", f"{POLICY}/infra/realized-state/status", params={"intent_path": path})
        except ApiError as failure:
            if failure.code != "404":  # whether VMC answers this call for each kind of object has not been seen
                raise
            status = None
        if status is None:
            return None
        published = status.get("publish_status")
        consolidated = (status.get("consolidated_status") or {}).get("consolidated_status")
        if "ERROR" in (published, consolidated):
            raise Error(f"NSX could not put {path} in force: {status.get('publish_status_error') or 'status ERROR'}.")
        if published == "REALIZED" or (published is None and consolidated == "SUCCESS"):
            return None
        return f"its status is {published or consolidated or 'unknown'}"

    def _asked(self, path) -> dict | None:
        return recall.asked(self._question("get", path), lambda: self.request("GET", path))

    def _listed(self, path, key="results") -> list[dict]:
        return recall.asked(self._question("list", path), lambda: self._pages(path, key))

    def _question(self, how, path) -> list:
        return ["nsx", self.rest.url, how, path]

    def _pages(self, path, key="results", certain=False):
        found, cursor, seen, announced = [], None, set(), 0
        while True:
            page = self.request("GET", path, params={"page_size": PAGE, **({"cursor": cursor} if cursor else {})})
            if page is None and certain:
                raise ApiError("there is no such list", attempted=f"list {path}", service="nsx", code="404")
            if not isinstance(page, dict):
                return found + (page or [])
            found += page.get(key) or []
            announced = max(announced, page.get("result_count") or 0)
            cursor = page.get("cursor")
            if not cursor or str(cursor).startswith("0000"):
                if len(found) < announced:
                    raise self._not_whole(path, f"{announced} are announced, and {len(found)} came")
                return found
            if cursor in seen or len(seen) == MOST_PAGES:
                raise self._not_whole(path, "its pages have no end")
            seen.add(cursor)

    @staticmethod
    def _not_whole(path, why):
        return NotWhole(why, retryable=False, attempted=f"list {path}", service="nsx")


def classify(reply):
    """NSX says in the body's error_code what its HTTP status leaves open."""
    if reply.code in ABSENT:
        return None
    if reply.code in BUSY or "AtomicRequest" in reply.text:
        return functools.partial(Conflict, busy=True)
    if reply.code in RACE:
        return Conflict
    return rest.classify(reply) or ApiError  # a bare 404 comes from something before NSX


def nsx_client(params: dict, csp: Csp | None = None) -> Nsx:
    """The NSX Manager that the options name, by its URL or by its SDDC."""
    if params["nsx_auth"] == "basic":
        if not (params["nsx_username"] and params["nsx_password"] and params["nsx_url"]):
            raise Invalid("nsx_auth", "basic needs nsx_url, nsx_username and nsx_password.")
        username = secrets.checked_username("nsx_username", params["nsx_username"])
        password = secrets.checked_password("nsx_password", params["nsx_password"])
        return _at(params["nsx_url"], params, Basic(username, password))
    if params["nsx_username"] or params["nsx_password"]:
        raise Invalid("nsx_auth", "nsx_username and nsx_password are used with basic only.")
    csp = csp or csp_client(params)
    manager = _at(params["nsx_url"] or _url_of(params, csp), params, csp)
    if params["nsx_url"]:
        _refuse_anothers(params["nsx_url"], params, csp)
    return manager


def _refuse_anothers(url: str, params: dict, csp: Csp):
    """In an NSX everything counts as the site's own, so that it has to be that of its SDDC."""
    if not (params["org_id"] and params["sddc_id"]):
        return
    named = OF_SDDC.search(url)
    if named:
        owner = named[1]
    else:
        owner = run_store.kept(
            f"NSX {params['org_id']} {params['sddc_id']} {url}", bool, lambda: _owner(url, params, csp)
        )
    if owner.lower() not in (params["sddc_id"].lower(), UNTOLD):
        raise Invalid(
            "nsx_url", f"leads to the NSX of the SDDC {owner}, and sddc_id is {params['sddc_id']}. Nothing was changed."
        )


def _owner(url: str, params: dict, csp: Csp) -> str:
    """The SDDC whose NSX Manager is at that address: the own one, if it may be several."""
    try:
        sddcs = vmc_client(params, csp).sddcs()
    except ApiError:
        return UNTOLD
    host = urlsplit(url).hostname
    owners = [raw["id"] for raw in sddcs if host in _hosts(raw.get("resource_config") or {})]
    return next((each for each in owners if each == params["sddc_id"]), owners[0] if owners else UNTOLD)


def _hosts(config: dict) -> list:
    urls = [config.get(name) for name in ("nsx_mgr_url", "nsx_mgr_login_url", "nsx_api_public_endpoint_url")]
    return [urlsplit(url).hostname for url in urls if url] + [config.get("nsx_mgr_management_ip")]


def _at(url: str, params: dict, auth) -> Nsx:
    manager = Rest(
        "nsx",
        url,
        auth=auth,
        ca_bundle=params["ca_bundle"],
        proxy=params["proxy"],
        classify=classify,
        forms=answers.NSX,
        deadline=params.get("exchange_timeout", EXCHANGE),
    )
    return Nsx(manager)


def _url_of(params, csp):
    if not (params["org_id"] and params["sddc_id"]):
        raise Invalid("nsx_url", "give either this, or org_id and sddc_id.")
    sddc = vmc_client(params, csp).sddc(params["sddc_id"])
    if sddc is None:
        raise Invalid("sddc_id", f"there is no SDDC {params['sddc_id']} in the organisation {params['org_id']}.")
    return proxied_url(sddc)


def proxied_url(sddc: dict) -> str | None:
    """Where an SDDC's NSX is reached through the reverse proxy."""
    return (sddc.get("resource_config") or {}).get("nsx_api_public_endpoint_url")
