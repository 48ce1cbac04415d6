# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tags of vCenter, which its SOAP interface does not have: its REST API, with a session of its own."""

from __future__ import annotations

import atexit

from .. import secrets
from ..errors import ApiError, BadCredentials, Conflict, Error
from ..values import checked_host, checked_port
from . import answers, left_open, rest
from .deadline import EXCHANGE
from .rest import Basic, Rest

SERVICE = "vCenter"
MACHINES = "VirtualMachine"


class Session:
    """Signs requests with a session, which the first one opens and the end of Python closes."""

    def __init__(self, login: Rest, closing):
        self.login = login
        self._closing = closing  # closing(token): the request that ends such a session
        self._token = None
        self._refused = None

    def __call__(self, request):
        if self._token is None:
            self.renew()
        return self._signed(request)

    def renew(self):
        """Log in. A refusal is remembered, so that the password is never sent a second time."""
        if self._refused is not None:
            raise self._refused
        try:
            token = self.login.request("POST", "/session", repeat=True)
        except BadCredentials as refused:
            self._refused = refused
            raise
        secrets.hide(token)
        if not secrets.fits_header(token):
            raise ApiError("the answer holds no session", attempted="log in", service=SERVICE, operation="POST")
        if self._token is None:
            atexit.register(self._close)
        else:
            left_open.closed(self._token)
        self._token = token
        left_open.opened(token, self._closing(token))

    def _signed(self, request):
        request.headers["vmware-api-session-id"] = self._token
        return request

    def _close(self):
        try:
            # Signed without renew(): a session that has ended already is not opened again to be closed.
            self.login.auth = self._signed
            self.login.request("DELETE", "/session")
        except Error:
            return
        left_open.closed(self._token)


class Tagging:
    """Categories, the tags in them, and which of these a machine has. Takes the options of the vSphere client."""

    def __init__(self, params: dict):
        host, port = checked_host("hostname", params["hostname"]), checked_port("port", params["port"])
        proxy = [params["proxy_host"], params["proxy_port"] or 80] if params.get("proxy_host") else None
        ca_bundle = params.get("ca_bundle")
        to = {
            "ca_bundle": ca_bundle,
            "proxy": f"http://{proxy[0]}:{proxy[1]}" if proxy else None,
            "classify": classify,
            "forms": answers.TAGGING,
            "deadline": params.get("exchange_timeout", EXCHANGE),
        }
        url = f"https://{f'[{host}]' if ':' in host else host}:{port}/api"
        username = secrets.checked_username("username", params["username"])
        password = secrets.checked_password("password", params["password"])

        def closing(token):
            headers = {"vmware-api-session-id": token}
            return left_open.Closing(host, port, proxy, ca_bundle, "DELETE", "/api/session", headers)

        session = Session(Rest(SERVICE, url, auth=Basic(username, password), **to), closing)
        self.rest = Rest(SERVICE, url, auth=session, **to)
        self._read: dict[str, dict] = {}  # by id, which keep their names as long as a run lasts

    def categories(self) -> list[dict]:
        """Those that the user may see, with ``id``, ``name``, ``cardinality`` and ``associable_types``."""
        return self._each("category", self.rest.request("GET", "/cis/tagging/category") or [])

    def tags(self, category_id: str) -> list[dict]:
        """Those of a category, with ``id``, ``name`` and ``category_id``."""
        listed = self._ask("tag?action=list-tags-for-category", category_id=category_id)
        return self._each("tag", listed)

    def attached(self, moid: str) -> list[dict]:
        """The tags of a machine, each with its ``category``."""
        listed = self._ask("tag-association?action=list-attached-tags", object_id=_machine(moid))
        tags = self._each("tag", listed)
        ids = list(dict.fromkeys(tag["category_id"] for tag in tags))
        names = {category["id"]: category["name"] for category in self._each("category", ids)}
        return [{**tag, "category": names[tag["category_id"]]} for tag in tags if tag["category_id"] in names]

    def create_category(self, name: str, description: str) -> str:
        return self._ask(
            "category", name=name, description=description, cardinality="SINGLE", associable_types=[MACHINES]
        )

    def create_tag(self, name: str, category_id: str, description: str) -> str:
        return self._ask("tag", name=name, description=description, category_id=category_id)

    def attach(self, tag_id: str, moid: str):
        self._ask(f"tag-association/{tag_id}?action=attach", object_id=_machine(moid))

    def detach(self, tag_id: str, moid: str):
        self._ask(f"tag-association/{tag_id}?action=detach", object_id=_machine(moid))

    def _ask(self, path, **body):
        # Each of them may be sent twice: names are unique, and what is attached is attached.
        return self.rest.request("POST", f"/cis/tagging/{path}", json=body, repeat=True)

    def _each(self, kind, ids) -> list[dict]:
        """The objects of these ids, each asked for once; those that went meanwhile are left out."""
        for identifier in ids:
            if self._read.get(identifier) is None:
                self._read[identifier] = self.rest.request("GET", f"/cis/tagging/{kind}/{identifier}")
        return [self._read[identifier] for identifier in ids if self._read[identifier] is not None]


def classify(reply):
    if reply.status == 400 and reply.code == "ALREADY_EXISTS":
        return Conflict
    return rest.classify(reply)


def _machine(moid: str) -> dict:
    return {"type": MACHINES, "id": moid}
