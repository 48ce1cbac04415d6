# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""pyVmomi's transport, which takes whole answers only: its own reads a page of HTML as "nothing", and so as an empty inventory."""

from __future__ import annotations

import functools
import http.client
import io
import threading
import zlib
from xml.etree import ElementTree

try:
    from pyVmomi import SoapStubAdapter, VmomiSupport, vim
except ImportError:
    SoapStubAdapter = object  # the vSphere client says what is missing

AUTOMATIC = 47  # zlib: gzip or deflate, by what the body begins with
OPTIONAL = 1 << 2  # F_OPTIONAL of pyVmomi
SPOKEN = (200, 500)
LOGOUT = (
    '<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Body><Logout xmlns="urn:vim25">'
    '<_this type="SessionManager">SessionManager</_this></Logout></Body></Envelope>'
)


class Broken(http.client.HTTPException):
    """An answer that is cut, or not that of the method."""


class Soap(SoapStubAdapter):
    def __init__(self, **options):
        super().__init__(**options)
        self._asked = threading.local()  # an upload keeps its lease alive from a thread of its own

    def InvokeMethod(self, mo, info, args, outerStub=None):
        self._asked.method = info.wsdlName
        result = super().InvokeMethod(mo, info, args, outerStub)
        if result is None and info.result is not type(None) and not info.resultFlags & OPTIONAL:
            raise Broken("it is empty")
        return result

    def GetConnection(self):
        connection = super().GetConnection()
        connection.response_class = functools.partial(Answer, self._asked.method)
        return connection


class Answer(http.client.HTTPResponse):
    """Reads all before it gives anything."""

    def __init__(self, asked, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._asked = asked
        self._body = None

    def read(self, amt=None):
        if self._body is None:
            body = whole(super().read)
            if self.status in SPOKEN:
                self._check(body)
            self._body = io.BytesIO(body)
        return self._body.read(amt)

    def _check(self, body):
        if self.getheader("Content-Encoding", "identity").lower() != "identity":
            try:
                body = zlib.decompress(body, AUTOMATIC)
            except zlib.error:
                raise Broken("it cannot be unpacked") from None
        root = parsed(body)
        inside = next((_name(child) for part in root if _name(part) == "Body" for child in part), "")
        if inside != "Fault" and (self.status != 200 or inside != f"{self._asked}Response"):
            raise Broken(f"it is no {self._asked}Response")


def whole(read) -> bytes:
    """What ``read()`` brings, unless it is shorter than the other side said."""
    try:
        return read()
    except http.client.IncompleteRead as cut:
        arrived = len(cut.partial)
        why = f"{arrived} of {arrived + cut.expected} bytes" if cut.expected else "it breaks off"
        raise Broken(why) from None


def parsed(body: bytes):
    try:
        return ElementTree.fromstring(body)
    except (ElementTree.ParseError, ValueError, LookupError):
        raise Broken("it is no XML" if body.strip() else "it is empty") from None


def version(told: bytes) -> str:
    """The newest version of the API that pyVmomi has in common with the answer of vimServiceVersions.xml."""
    root = parsed(told)
    known = {node.text for node in root.iter("version")} if root.tag == "namespaces" else set()
    for each in VmomiSupport.GetServiceVersions("vim25"):
        if VmomiSupport.versionIdMap[each] in known:
            return each
    raise Broken("it names no version of vSphere; is this a vCenter?")


def log_in(*, user: str, password: str, **options):
    """A service and its content, logged in to. The login is sent once."""
    service = vim.ServiceInstance("ServiceInstance", Soap(**options))
    content = service.RetrieveContent()
    content.sessionManager.Login(user, password, None)
    return service, content


def log_out(content):
    content.sessionManager.Logout()


def _name(node) -> str:
    return node.tag.rpartition("}")[2]
