# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""vCenter through pyVmomi: one login, one property collector, tasks that are waited for."""

from __future__ import annotations

import atexit
import http.client
from http.cookies import CookieError, SimpleCookie
from xml.parsers.expat import ExpatError

from ansible.module_utils.basic import env_fallback, missing_required_lib

from .. import secrets, wait
from ..errors import ApiError, BadCredentials, Conflict, Denied, Error, NotWhole
from ..values import checked_host, checked_port
from .deadline import EXCHANGE, EXCHANGE_TIMEOUT, within
from .https import connect, tls_context, why
from .left_open import Closing, closed, opened
from .soap import LOGOUT, Broken, log_in, log_out, version, whole

try:
    from pyVmomi import vim, vmodl
except ImportError:
    vim = vmodl = None

VSPHERE = {
    "hostname": {"type": "str", "required": True, "fallback": (env_fallback, ["VMWARE_HOST"])},
    "username": {"type": "str", "required": True, "fallback": (env_fallback, ["VMWARE_USER"])},
    "password": {"type": "str", "required": True, "no_log": True, "fallback": (env_fallback, ["VMWARE_PASSWORD"])},
    "port": {"type": "int", "default": 443, "fallback": (env_fallback, ["VMWARE_PORT"])},
    "ca_bundle": {"type": "path"},
    "proxy_host": {"type": "str"},
    "proxy_port": {"type": "int"},
    **EXCHANGE_TIMEOUT,
}

CONNECT_TIMEOUT = 5
FIRST_ANSWER_TIMEOUT = 30
ANSWER_TIMEOUT = 300
# Reads that may be sent again when their answer is not whole.
READS = (
    "CreateContainerView",
    "FindByInventoryPath",
    "PbmQueryAssociatedProfile",
    "PbmQueryProfile",
    "PbmRetrieveContent",
    "PbmRetrieveServiceContent",
    "RetrievePropertiesEx",
)
TRIES = 3
UNANSWERED = (OSError, http.client.HTTPException, ExpatError)
# What pyVmomi raises on an answer whose types are not those of the method.
UNREADABLE = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


class Vsphere:
    """One session with one vCenter, opened by the first call and closed when Python ends."""

    def __init__(self, params: dict):
        if vim is None:
            raise Error(missing_required_lib("pyvmomi"))
        self.params = params
        secrets.checked_password("username", params["username"])
        secrets.checked_password("password", params["password"])
        self.host = checked_host("hostname", params["hostname"])
        self.port = checked_port("port", params["port"])
        self.proxy = None
        if params.get("proxy_host"):
            port = 80 if params["proxy_port"] is None else params["proxy_port"]
            self.proxy = (checked_host("proxy_host", params["proxy_host"]), checked_port("proxy_port", port))
        self.context = tls_context(params.get("ca_bundle"))
        self._content = None
        self._refused = None
        self.certificate_expires = None  # once it has been reached

    @property
    def content(self):
        """The service's content. An invalid login is remembered, so that no second one is ever sent."""
        if self._refused is not None:
            raise self._refused
        if self._content is None:
            try:
                self._content = self._login()
            except BadCredentials as refused:
                self._refused = refused
                raise
        return self._content

    @property
    def api_version(self) -> tuple:
        return tuple(int(part) for part in self.content.about.apiVersion.split(".") if part.isdigit())

    def call(self, managed, method: str, *arguments, attempted: str, missing: bool = False):
        """Invoke a method of a managed object. With ``missing``, an object that is gone answers ``None``."""
        tries = TRIES if method in READS else 1

        def attempt():
            nonlocal tries
            tries -= 1
            try:
                return self._asked(managed, method, arguments, attempted)
            except Broken as broken:
                if not tries:
                    raise unanswered(broken, attempted, method) from None
                return broken

        try:
            with self._in_time(attempted, method):
                return wait.until(
                    attempt, lambda answer: not isinstance(answer, Broken), timeout=ANSWER_TIMEOUT, interval=0.5
                )
        except vmodl.fault.ManagedObjectNotFound as fault:
            if missing:
                return None
            raise failure(fault, attempted, method) from None

    def _asked(self, managed, method, arguments, attempted):
        """One exchange. Every call passes here."""
        try:
            return getattr(managed, method)(*arguments)
        except vmodl.fault.ManagedObjectNotFound:
            raise
        except vmodl.MethodFault as fault:
            raise failure(fault, attempted, method) from None
        except Broken:
            raise
        except UNANSWERED as error:
            raise unanswered(error, attempted, method) from None
        except UNREADABLE as error:
            raise Broken(f"it cannot be read ({type(error).__name__})") from None

    def task(self, managed, method: str, *arguments, attempted: str, missing: bool = False, timeout: float = 1800):
        """Start a task and wait for its end; its result."""
        task = self.call(managed, method, *arguments, attempted=attempted, missing=missing)
        if task is None:
            return None
        info = wait.until(
            lambda: self.read(task, {type(task): ["info"]})[task]["info"],
            lambda info: info.state in ("success", "error"),
            timeout=timeout,
            interval=0.2,
            longest=5,
            what=f"vCenter to {attempted}",
        )
        if info.state == "error":
            if missing and isinstance(info.error, vmodl.fault.ManagedObjectNotFound):
                return None
            raise failure(info.error, attempted, method)
        return info.result

    def find(self, path: str):
        """The object at an inventory path, or ``None``."""
        return self.call(self.content.searchIndex, "FindByInventoryPath", path, attempted=f"look for {path}")

    def read(self, roots, properties: dict, along=()) -> dict:
        """Read ``properties`` (type -> paths) of ``roots`` and of what ``along`` leads to, in one go: object -> path -> value.

        Objects that are gone are left out. A property that the user may not read raises Denied.
        """
        collector = vmodl.query.PropertyCollector
        roots = roots if isinstance(roots, (list, tuple)) else [roots]
        filters = [
            collector.FilterSpec(
                objectSet=[collector.ObjectSpec(obj=root, skip=False, selectSet=list(along)) for root in roots],
                propSet=[collector.PropertySpec(type=kind, pathSet=paths) for kind, paths in properties.items()],
                reportMissingObjectsInResults=True,
            )
        ]
        service, attempted = self.content.propertyCollector, "read the inventory"
        options = collector.RetrieveOptions()
        page = self.call(service, "RetrievePropertiesEx", filters, options, attempted=attempted, missing=True)
        found: dict = {}
        while page is not None:
            for item in page.objects:
                for absent in item.missingSet:
                    if isinstance(absent.fault, vim.fault.NoPermission):
                        raise failure(absent.fault, f"read {absent.path} of {item.obj._moId}", "RetrievePropertiesEx")
                found.setdefault(item.obj, {}).update({entry.name: entry.val for entry in item.propSet})
            if not page.token:
                break
            page = self.call(service, "ContinueRetrievePropertiesEx", page.token, attempted=attempted)
        return found

    def all(self, kind, root, paths: list) -> dict:
        """Every object of a kind beneath a root: object -> path -> value."""
        return self.several(root, {kind: paths})[kind]

    def several(self, root, wanted: dict) -> dict:
        """Every object of these kinds (kind -> paths) beneath a root, in one go: kind -> object -> path -> value."""
        attempted = f"list {' and '.join(kind.__name__.rpartition('.')[2] for kind in wanted)} objects"
        manager = self.content.viewManager
        # It ends with the session: DestroyView would be one call more for each list.
        view = self.call(manager, "CreateContainerView", root, list(wanted), True, attempted=attempted)
        found = self.read(view, wanted, [step(vim.view.ContainerView, "view")])
        # That there are none has to be told: an empty answer does not even know the view.
        if not found and not self.read(view, {vim.view.ContainerView: ["type"]}):
            raise unanswered(Broken("it is empty"), attempted, "RetrievePropertiesEx")
        return {kind: {item: values for item, values in found.items() if isinstance(item, kind)} for kind in wanted}

    def _login(self):
        attempted = f"log in to vCenter {self.host}:{self.port}"
        try:
            with self._in_time(attempted, "Login"):
                service, content = log_in(
                    host=self.host,
                    port=self.port,
                    version=self._probe(),
                    user=self.params["username"],
                    password=self.params["password"],
                    sslContext=self.context,
                    httpConnectionTimeout=ANSWER_TIMEOUT,
                    httpProxyHost=self.proxy[0] if self.proxy else None,
                    httpProxyPort=self.proxy[1] if self.proxy else 80,
                )
            cookie = service._stub.cookie
            secrets.hide(*_session(cookie))
            opened(cookie, self._closing(cookie))
            atexit.register(self._leave, content, cookie)
            return content
        except vim.fault.InvalidLogin:
            raise BadCredentials(
                f"the user name or the password is wrong, or {self.params['username']} is locked. "
                "It was tried once and is not tried again, because accounts lock",
                attempted=attempted,
                service="vCenter",
                operation="Login",
                code="InvalidLogin",
            ) from None
        except vmodl.MethodFault as fault:
            raise failure(fault, attempted, "Login") from None
        except UNANSWERED as error:
            raise unanswered(error, attempted, "Login") from None
        except UNREADABLE as error:
            raise unanswered(Broken(f"it cannot be read ({type(error).__name__})"), attempted, "Login") from None

    def _leave(self, content, cookie):
        try:
            with self._in_time("log out", "Logout"):
                log_out(content)
        except (Error, vmodl.MethodFault, *UNANSWERED, *UNREADABLE):
            return
        closed(cookie)

    def _closing(self, cookie) -> Closing:
        headers = {"Cookie": cookie, "Content-Type": "text/xml; charset=UTF-8", "SOAPAction": '"urn:vim25"'}
        proxy = list(self.proxy) if self.proxy else None
        return Closing(self.host, self.port, proxy, self.params.get("ca_bundle"), "POST", "/sdk", headers, LOGOUT)

    def _in_time(self, attempted, operation):
        seconds = self.params.get("exchange_timeout", EXCHANGE)
        told = {"attempted": attempted, "service": "vCenter", "operation": operation, "retryable": True}
        return within(seconds, lambda: ApiError(f"no whole answer within {seconds} seconds", **told))

    def _probe(self) -> str:
        """Reach vCenter within a time limit before any credentials are sent: the version of the API to speak."""
        connection = connect(self.host, self.port, context=self.context, proxy=self.proxy, timeout=CONNECT_TIMEOUT)
        try:
            connection.connect()
            connection.sock.settimeout(FIRST_ANSWER_TIMEOUT)
            self.certificate_expires = (connection.sock.getpeercert() or {}).get("notAfter")
            connection.request("GET", "/sdk/vimServiceVersions.xml")
            return version(whole(connection.getresponse().read))
        finally:
            connection.close()


def _session(cookie: str | None) -> list:
    """What a cookie of a session holds, which is as good as the password for as long as that lasts."""
    try:
        found = [morsel.value for morsel in SimpleCookie(cookie or "").values()]
    except CookieError:
        found = []
    return found or [cookie]


def step(kind, path: str, *onward):
    """One step from objects of a kind along a property, and onward from there."""
    collector = vmodl.query.PropertyCollector
    return collector.TraversalSpec(type=kind, path=path, skip=False, selectSet=list(onward))


def throughout(kind, path: str):
    """The same step again and again: up through all parents, down through all children."""
    collector = vmodl.query.PropertyCollector
    again = collector.SelectionSpec(name=path)
    return collector.TraversalSpec(name=path, type=kind, path=path, skip=False, selectSet=[again])


def words(fault) -> str:
    """What a fault says, or if it says nothing, what it is called."""
    if isinstance(fault, vim.fault.NotAuthenticated):
        return "the session has ended"
    if isinstance(fault, vim.fault.NoPermission):
        where = getattr(fault.object, "_moId", "an object")
        return f"the user lacks the privilege {fault.privilegeId} on {where}"
    return (getattr(fault, "msg", None) or type(fault).__name__.rpartition(".")[2]).strip().rstrip(".")


def failure(fault, attempted: str, operation: str) -> ApiError:
    """A fault as the error that says what to do about it."""
    told = {
        "attempted": attempted,
        "service": "vCenter",
        "operation": operation,
        "code": type(fault).__name__.rpartition(".")[2],
    }
    if isinstance(fault, vim.fault.NoPermission) and not isinstance(fault, vim.fault.NotAuthenticated):
        return Denied(words(fault), **told)
    if isinstance(fault, (vim.fault.DuplicateName, vim.fault.InvalidPowerState, vim.fault.ConcurrentAccess)):
        return Conflict(words(fault), **told)
    if isinstance(
        fault, (vim.fault.TaskInProgress, vim.fault.ResourceInUse, vim.fault.InvalidState, vim.fault.MethodDisabled)
    ):
        return Conflict(words(fault), busy=True, **told)
    return ApiError(words(fault), **told)


def unanswered(error: Exception, attempted: str, operation: str) -> ApiError:
    told = {"attempted": attempted, "service": "vCenter", "operation": operation, "code": type(error).__name__}
    if isinstance(error, Broken):
        return NotWhole(str(error), **told)
    return ApiError(why(error), retryable=True, **told)
