# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From a request to an operation: the routes to an NSX, who may take them, and what the journal calls it."""

from __future__ import annotations

import re
from functools import partial

from werkzeug.wrappers import Response

from ..web import answer, journaled
from . import cloud_service, refusals
from .kinds import CALLS, KINDS, operation, pattern
from .policy import Policy
from .refusals import Refusal

ROUTE = re.compile(
    r"(?P<proxy>/vmc/reverse-proxy/api/orgs/(?P<org>[^/]+)/sddcs/(?P<sddc>[^/]+)(/sks-nsxt-manager)?)?"
    r"(?P<api>/policy/api/v1|/cloud-service/api/v1)(?P<path>/.*)\Z"
)
OF_ONE_OBJECT = {"GET": Policy.read, "PUT": Policy.put, "PATCH": Policy.patch, "DELETE": Policy.delete}
OF_A_CALL = dict(
    zip(
        CALLS,
        (
            Policy.revise,
            Policy.patch_expression,
            Policy.delete_expression,
            Policy.post_expression,
            Policy.members,
            Policy.associations,
            Policy.status,
            Policy.ports,
            Policy.binding_state,
            Policy.binding_state,
            Policy.search,
            Policy.look_up,
        ),
        strict=True,
    )
)


def _table():
    """Every operation: method, pattern of its path, template, and a function of (nsx, parts, path, request, user)."""
    rows = []

    def add(method, template, run):
        rows.append((method, pattern(template), template, run))

    def of_kind(handler, kind):
        return lambda nsx, parts, path, request, user: handler(nsx.policy, kind, path, request, user)

    def of_call(handler):
        return lambda nsx, parts, path, request, user: handler(nsx.policy, parts, path, request, user)

    for kind in KINDS:
        for method in kind.methods:
            add(method, kind.path, of_kind(OF_ONE_OBJECT[method], kind))
        if kind.listed:
            add("GET", kind.path.rpartition("/")[0], of_kind(Policy.list, kind))
    for (method, template), handler in OF_A_CALL.items():
        add(method, template, of_call(handler))
    return rows


def _cloud_table():
    def of_cloud(handler):
        return lambda nsx, parts, path, request, user: handler(nsx.cloud_service, parts, request)

    return [
        (method, pattern(path), cloud_service.PREFIX + path, of_cloud(run))
        for method, path, run in cloud_service.ROUTES
    ]


TABLES = {"/policy/api/v1": _table(), cloud_service.PREFIX: _cloud_table()}


def routes(nsx):
    """The WSGI app of one NSX."""

    def find(request):
        route = ROUTE.match(request.path)
        if route is None or "//" in request.path:
            return f"{request.method} {request.path}", "unknown", lambda: _nowhere(nsx, request)
        for method, path, template, run in TABLES[route["api"]]:
            parts = path.match(route["path"])
            action = template.partition("?action=")[2]
            if parts and method == request.method and (not action or action == request.args.get("action")):
                name = operation(method, template, parts.groupdict())
                kind = "read" if method == "GET" else "write"
                return name, kind, partial(_respond, nsx, request, route, parts.groupdict(), run)
        return f"{request.method} {route['api']}{route['path']}", "unknown", lambda: _nowhere(nsx, request)

    def unknown(path):
        return refusals.dangling(path).response()

    return journaled(nsx.world, "nsx", find, refusals.plain, sddc=nsx.sddc.id, unknown=unknown)


def _nowhere(nsx, request):
    if "//" in request.path:
        return refusals.plain(400, f"The URI {request.path} has an empty segment.")
    return refusals.plain(404, f"The requested URI: {request.path} does not exist.")


def _respond(nsx, request, route, parts, run):
    if route["proxy"] and route["sddc"] != nsx.sddc.id:
        return Response("<html><body>404 Not Found</body></html>", 404, content_type="text/html")
    direct_cloud = not route["proxy"] and route["api"] == cloud_service.PREFIX
    if direct_cloud and not nsx.world.switches["cloud_service_on_direct_route"]:
        return refusals.plain(404, f"The requested URI: {request.path} does not exist.")
    try:
        user = _user(nsx, request, bool(route["proxy"]))
        _check_place(parts, route["path"])
        with nsx.lock:
            body = run(nsx, parts, route["path"], request, user)
            response = answer(200, body)
        nsx.announce_segments()
    except Refusal as refusal:
        return refusal.response()
    return response


def _user(nsx, request, proxied) -> str:
    """Who asks. The direct route knows a bearer or a local user, the proxy only the cloud's tokens."""
    basic = request.authorization if request.authorization and request.authorization.type == "basic" else None
    if basic and not proxied:
        known = nsx.world.vmc.secrets(nsx.sddc)
        passwords = {"cloud_admin": known["nsx_cloud_admin_password"], "cloud_audit": known["nsx_cloud_audit_password"]}
        if passwords.get(basic.username) != basic.password:
            text = "The credentials were incorrect or the account specified has been locked."
            raise Refusal(403, 403, text, "common-services")
        if basic.username == "cloud_audit" and request.method != "GET":
            raise refusals.forbidden(request.path)
        return basic.username
    user = nsx.world.vmc.user_of(request, header="csp-auth-token" if proxied else None)
    if user is None:
        raise Refusal(401, 401, "User is not authenticated, or the token has expired.", "common-services")
    return user


def _check_place(parts, path):
    """VMC has two domains, two tier-1 gateways for us, one policy each, and NAT rules of one kind."""
    if parts.get("domain", "mgw") not in ("mgw", "cgw"):
        # A path in another domain answers 401 rather than 404: terraform-provider-nsxt issue 729.
        raise Refusal(401, 401, "The user is not authorized to access this domain.", "common-services")
    if parts.get("policy", "default") != "default" or parts.get("nat", "USER") != "USER":
        raise refusals.invalid_path(path)
    if parts.get("tier1", "cgw") not in (("cgw",) if "/segments" in path or "/nat/" in path else ("mgw", "cgw")):
        raise refusals.invalid_path(path)
