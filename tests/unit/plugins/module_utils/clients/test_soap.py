# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import gzip
import io

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.clients import soap
from ansible_collections.vmc.aws_backup.plugins.module_utils.clients.soap import Answer, Broken, Soap, log_in, version
from pyVmomi import vim

ENVELOPE = '<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Body>{}</Body></Envelope>'
VERSIONS = (
    b'<namespaces version="1.0"><namespace><name>urn:vim25</name><version>8.0.2.0</version></namespace></namespaces>'
)
CONTENT = """<RetrieveServiceContentResponse xmlns="urn:vim25"><returnval>
<rootFolder type="Folder">group-d1</rootFolder><propertyCollector type="PropertyCollector">pc</propertyCollector>
<about><name>v</name><fullName>v</fullName><vendor>v</vendor><version>8</version><build>1</build><osType>x</osType>
<productLineId>vpx</productLineId><apiType>VirtualCenter</apiType><apiVersion>8.0.2.0</apiVersion></about>
<sessionManager type="SessionManager">sm</sessionManager></returnval></RetrieveServiceContentResponse>"""


class Socket:
    def __init__(self, text):
        self.text = text

    def makefile(self, _mode):
        return io.BytesIO(self.text)


def http(body, status=200, **headers):
    given = {"Content-Length": len(body), **{name.replace("_", "-"): value for name, value in headers.items()}}
    lines = [f"HTTP/1.1 {status} x", *(f"{name}: {value}" for name, value in given.items() if value is not None)]
    return "\r\n".join([*lines, "", ""]).encode() + body


def read(text, asked="FindByInventoryPath"):
    answer = Answer(asked, Socket(text), method="POST")
    answer.begin()
    return answer.read()


FOUND = ENVELOPE.format("<FindByInventoryPathResponse/>").encode()
FAULT = ENVELOPE.format("<Fault/>").encode()


@pytest.mark.parametrize(
    "text", [http(FOUND), http(FOUND, Content_Length=None), http(FAULT, 500), http(FAULT), http(b"busy", 503)]
)
def test_what_is_whole_is_given_on(text):
    assert read(text) == text.partition(b"\r\n\r\n")[2]


def test_what_is_packed_is_looked_at_too():
    body = gzip.compress(FOUND)
    assert read(http(body, Content_Encoding="gzip")) == body
    with pytest.raises(Broken, match="it is no XML"):
        read(http(gzip.compress(b"<html>"), Content_Encoding="gzip"))
    with pytest.raises(Broken, match="unpacked"):
        read(http(body[:-20], Content_Encoding="gzip", Content_Length=None) + b"")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (http(FOUND)[:-10], f"{len(FOUND) - 10} of {len(FOUND)} bytes"),
        (http(FOUND, Content_Length=None)[:-10], "it is no XML"),
        (http(b"ff\r\n" + FOUND[:50], Content_Length=None, Transfer_Encoding="chunked"), "it breaks off"),
        (http(b""), "it is empty"),
        (http(b"{}"), "it is no XML"),
        (http(b"null"), "it is no XML"),
        (http(b"<html><body><p>Log in</p></body></html>"), "it is no FindByInventoryPathResponse"),
        (http(ENVELOPE.format("<LoginResponse/>").encode()), "it is no FindByInventoryPathResponse"),
        (http(ENVELOPE.format("").encode()), "it is no FindByInventoryPathResponse"),
        (http(FOUND, 500), "it is no FindByInventoryPathResponse"),
    ],
)
def test_what_is_not_whole_is_no_answer(text, why):
    with pytest.raises(Broken, match=f"^{why}$"):
        read(text)


def test_the_version_is_one_that_both_sides_speak():
    assert version(VERSIONS) == "vim.version.v8_0_2_0"


@pytest.mark.parametrize("told", [b"", b"<html/>", b"<html", b"null", VERSIONS.replace(b"8.0", b"1.0")])
def test_what_names_no_version_is_no_vcenter(told):
    with pytest.raises(Broken):
        version(told)


class Connection:
    """A connection whose answers are given, as http.client makes them."""

    response_class = None

    def __init__(self, answers):
        self.answers = answers
        self.sent = []

    def request(self, _method, _path, body, _headers):
        self.sent.append(body)

    def getresponse(self):
        answer = self.response_class(Socket(self.answers.pop(0)), method="POST")
        answer.begin()
        return answer

    def close(self):
        pass


@pytest.fixture
def connection(monkeypatch):
    made = Connection([])
    monkeypatch.setattr(soap.SoapStubAdapter, "GetConnection", lambda self: made)
    return made


def body(text):
    return http(ENVELOPE.format(text).encode())


def test_a_login_is_sent_once_and_gives_the_content(connection):
    connection.answers += [body(CONTENT), body('<LoginResponse xmlns="urn:vim25"/>')]
    with pytest.raises(Broken, match="it is empty"):  # a login that answers with no session
        log_in(user="u", password="p", host="vcenter", version="vim.version.v8_0_2_0")
    assert sum("<Login " in str(sent) for sent in connection.sent) == 1


def test_an_answer_without_what_the_method_always_gives_is_not_whole(connection):
    made = Soap(host="vcenter", version="vim.version.v8_0_2_0")
    connection.answers.append(body('<CreateContainerViewResponse xmlns="urn:vim25"/>'))
    manager, root = vim.view.ViewManager("vm", made), vim.Folder("f", made)
    with pytest.raises(Broken, match="it is empty"):
        manager.CreateContainerView(root, [], True)


def test_nothing_found_may_be_said_with_nothing(connection):
    made = Soap(host="vcenter", version="vim.version.v8_0_2_0")
    connection.answers.append(body('<FindByInventoryPathResponse xmlns="urn:vim25"/>'))
    assert vim.SearchIndex("s", made).FindByInventoryPath("/x") is None
