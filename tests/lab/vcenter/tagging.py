# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""vCenter's REST API, as far as tags go. The simulator keeps them behind the older paths under /rest; clients use those or /api."""

from __future__ import annotations

import json
import re
import secrets
import threading

import urllib3
from werkzeug.wrappers import Response

from ..web import answer, journaled
from .simulator import USERNAME

OLDER = "/rest/com/vmware/cis"
ROUTE = re.compile(r"/api/cis/tagging/(?P<kind>category|tag|tag-association)(/(?P<id>[^/]+))?\Z")
OLDER_ROUTE = re.compile(rf"{OLDER}/tagging/(?P<kind>category|tag|tag-association)(/id:(?P<id>[^/]+))?\Z")
OPERATIONS = {
    ("GET", "category", False, ""): "read",
    ("GET", "category", True, ""): "read",
    ("POST", "category", False, ""): "write",
    ("GET", "tag", True, ""): "read",
    ("POST", "tag", False, ""): "write",
    ("POST", "tag", False, "list-tags-for-category"): "read",
    ("POST", "tag-association", False, "list-attached-tags"): "read",
    ("POST", "tag-association", True, "attach"): "write",
    ("POST", "tag-association", True, "detach"): "write",
}
# InventoryService.Tagging.*, as "vSphere Security, vSphere Tagging Privileges" has them.
PRIVILEGES = {
    ("category", ""): "CreateCategory",
    ("tag", ""): "CreateTag",
    ("tag-association", "attach"): "AttachTag",
    ("tag-association", "detach"): "AttachTag",
}
ERRORS = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "UNAUTHORIZED",
    404: "NOT_FOUND",
    409: "RESOURCE_BUSY",
    429: "UNABLE_TO_ALLOCATE_RESOURCE",
    500: "INTERNAL_SERVER_ERROR",
}
MADE_BY_LAB = {"description": "made by the lab"}


class Refused(Exception):
    def __init__(self, status: int, text: str, error_type: str | None = None):
        super().__init__(text)
        self.response = refusal(status, text, error_type)


class Tagging:
    """The tags of one vCenter. The simulator owns them; whether they may be given is decided here."""

    def __init__(self, vcenter):
        self.vcenter = vcenter
        self.world = vcenter.world
        self.lock = threading.RLock()
        self.pool = urllib3.PoolManager(maxsize=4, retries=False)
        self.app = journaled(self.world, "tagging", self._find, refusal, sddc=vcenter.sddc.name)
        self.forget()

    def forget(self):
        self.sessions: set[str] = set()  # those that are open
        self.given: list[str] = []  # all that ever were
        self._session = None  # the lab's own, in the simulator
        self._seen = None  # what is attached, as long as nothing is written

    # What other parts of the lab ask and do

    def of(self, moid: str) -> list[dict]:
        """The tags of a machine, as AWS Backup calls them."""
        with self.lock:
            if self._seen is None:
                self._seen = self._all()
            return self._seen.get(moid, [])

    def replace(self, moid: str, category: str, name: str):
        """Give a machine this tag in place of those it has."""
        with self.lock:
            for tag in self._ask("POST", "tag-association", action="list-attached-tags", body=_object(moid)):
                self._ask("POST", "tag-association", tag, "detach", _object(moid))
            self._ask("POST", "tag-association", self._known(category, name), "attach", _object(moid))

    # Requests

    def _find(self, request):
        if request.path.startswith("/rest/"):
            return self._find_older(request)
        if request.path == "/api/session":
            run = {"POST": self._log_in, "DELETE": self._log_out}.get(request.method)
            if run is not None:
                return f"{request.method} /api/session", "read", lambda: _answered(run, request)
        route, action = ROUTE.match(request.path), request.args.get("action", "")
        kind = OPERATIONS.get((request.method, route["kind"], bool(route["id"]), action)) if route else None
        if kind is None:
            missing = refusal(404, f"There is no operation {request.method} {request.path}.")
            return f"{request.method} {request.path}", "unknown", lambda: missing
        operation = f"{request.method} /api/cis/tagging/{route['kind']}{'/{id}' if route['id'] else ''}"
        operation += f"?action={action}" if action else ""
        return operation, kind, lambda: _answered(self._run, request, route, action, kind)

    def _find_older(self, request):
        """The same by the older paths, whose answers lie in an envelope."""
        name, action = f"{request.method} {request.path}", request.args.get("~action", "")
        if request.path == f"{OLDER}/session":
            runs = {("POST", ""): self._log_in, ("POST", "get"): self._session_of, ("DELETE", ""): self._log_out}
            run = runs.get((request.method, action))
            return name, "read" if run else "unknown", lambda: _enveloped(_answered(run or _nothing, request))
        route = OLDER_ROUTE.match(request.path)
        if route is None:
            return name, "unknown", lambda: _answered(_nothing, request)
        kind = "read" if request.method == "GET" or action.startswith(("list", "get")) else "write"
        operation = f"{request.method} {OLDER}/tagging/{route['kind']}" + (f"?~action={action}" if action else "")
        return operation, kind, lambda: _enveloped(_answered(self._run_older, request, route, action, kind))

    def _run_older(self, request, route, action, kind):
        self._authenticate(request)
        body = json.loads(request.get_data() or "null")
        with self.lock:
            if kind == "write":
                self._check(route, action, body)
                self._seen = None
            return answer(200, self._relay(request.method, request.full_path.rstrip("?"), body))

    def _session_of(self, request):
        self._authenticate(request)
        moment = self.world.utc().isoformat()
        return answer(200, {"user": self.vcenter.username, "created_time": moment, "last_accessed_time": moment})

    def _log_in(self, request):
        login = request.authorization
        if login is None or self.vcenter.check_login(login.username or "", login.password or ""):
            raise Refused(401, "Authentication required.")
        token = secrets.token_hex(16)
        self.sessions.add(token)
        self.given.append(token)
        return answer(201, token)

    def _log_out(self, request):
        self._authenticate(request)
        self.sessions.discard(request.headers["vmware-api-session-id"])
        return Response("", 204)

    def _run(self, request, route, action, kind):
        self._authenticate(request)
        body = json.loads(request.get_data() or "null")
        with self.lock:
            if kind == "write":
                self._check(route, action, body)
            value = self._ask(request.method, route["kind"], route["id"], action, body)
        if value is None:
            return Response("", 204)
        return answer(201 if kind == "write" else 200, value)

    def _authenticate(self, request):
        if request.headers.get("vmware-api-session-id") not in self.sessions:
            raise Refused(401, "Authentication required.")

    def _check(self, route, action, body):
        """What vCenter refuses, and the simulator does not."""
        if PRIVILEGES.get((route["kind"], action)) not in self.world.switches["tagging_privileges"].split():
            raise Refused(403, "Permission to perform this operation was denied.")
        if not action:
            return
        moid = body["object_id"]["id"]
        if moid not in self.vcenter.machines or moid in self.vcenter.hand.protected:
            raise Refused(403, "Permission to perform this operation was denied.")
        if action == "attach":
            tag = self._ask("GET", "tag", route["id"])
            category = self._ask("GET", "category", tag["category_id"])
            if category["associable_types"] and body["object_id"]["type"] not in category["associable_types"]:
                raise Refused(400, f"Tags of {category['name']} are not for this object.")
            others = [other for other in self.of(moid) if other["category"] == category["name"]]
            if category["cardinality"] == "SINGLE" and any(other["name"] != tag["name"] for other in others):
                raise Refused(400, f"The object has a tag of {category['name']}, which allows one.")

    # The simulator

    def _ask(self, method, kind, identifier=None, action="", body=None):
        """One operation on the simulator, in the form of its paths."""
        if method == "POST" and not action:
            body = {"create_spec": body}
        if action == "list-tags-for-category":
            identifier, body = body["category_id"], None
        path = f"{OLDER}/tagging/{kind}" + (f"/id:{identifier}" if identifier else "")
        if action:
            path += f"?~action={action}"
        if method != "GET" and not action.startswith("list"):
            self._seen = None
        value = self._relay(method, path, body)
        # The simulator leaves an empty list out.
        return {"associable_types": [], **value} if (method, kind) == ("GET", "category") and identifier else value

    def _relay(self, method, path, body, again=True):
        simulator = self.vcenter.simulator
        base = f"http://{simulator.host}:{simulator.port}"
        if self._session is None:
            login = urllib3.make_headers(basic_auth=f"{USERNAME}:{simulator.password}")
            self._session = self.pool.request("POST", f"{base}{OLDER}/session", headers=login).json()["value"]
        headers = {"vmware-api-session-id": self._session}
        found = self.pool.request(method, base + path, body=json.dumps(body), headers=headers)
        if found.status == 401 and again:  # the simulator ends a session that rests
            self._session = None
            return self._relay(method, path, body, again=False)
        if found.status >= 400:
            said = json.loads(found.data or "{}") if found.data.startswith(b"{") else {}
            error_type = said.get("type", "").rpartition(".")[2].upper() or None
            raise Refused(found.status, f"{method} {path} was refused.", error_type)
        value = json.loads(found.data).get("value") if found.data else None
        # The simulator's empty list is a null.
        return [] if value is None and (method == "GET" or "list" in path) else value

    def _known(self, category: str, name: str) -> str:
        """The id of a tag, made if need be."""
        categories = [self._ask("GET", "category", one) for one in self._ask("GET", "category")]
        found = next((one["id"] for one in categories if one["name"] == category), None)
        if found is None:
            spec = {"name": category, "cardinality": "SINGLE", "associable_types": ["VirtualMachine"], **MADE_BY_LAB}
            found = self._ask("POST", "category", body=spec)
        listed = self._ask("POST", "tag", action="list-tags-for-category", body={"category_id": found})
        tags = [self._ask("GET", "tag", one) for one in listed]
        known = next((one["id"] for one in tags if one["name"] == name), None)
        return known or self._ask("POST", "tag", body={"name": name, "category_id": found, **MADE_BY_LAB})

    def _all(self) -> dict[str, list[dict]]:
        found: dict[str, list[dict]] = {}
        for identifier in self._ask("GET", "tag"):
            tag = self._ask("GET", "tag", identifier)
            category = self._ask("GET", "category", tag["category_id"])
            for one in self._ask("POST", "tag-association", identifier, "list-attached-objects"):
                found.setdefault(one["id"], []).append({"category": category["name"], "name": tag["name"]})
        return {moid: sorted(tags, key=repr) for moid, tags in found.items()}


def refusal(status: int, text: str, error_type: str | None = None) -> Response:
    message = {"id": "lab", "default_message": text, "args": []}
    return answer(status, {"error_type": error_type or ERRORS.get(status, "ERROR"), "messages": [message]})


def _answered(run, *arguments) -> Response:
    try:
        return run(*arguments)
    except Refused as refused:
        return refused.response


def _nothing(request):
    raise Refused(404, f"There is no operation {request.method} {request.path}.")


def _enveloped(response) -> Response:
    """As /rest answers: what is good lies under value, and nothing was created."""
    if response.status_code >= 400:
        return response
    return answer(200, {"value": json.loads(response.get_data() or "null")})


def _object(moid: str) -> dict:
    return {"object_id": {"type": "VirtualMachine", "id": moid}}
