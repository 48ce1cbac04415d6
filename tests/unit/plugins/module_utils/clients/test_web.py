# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import hashlib
import http.client
import socket
import ssl
from types import SimpleNamespace

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.clients import web
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import ApiError, Error, Invalid

CONTENT = bytes(range(100))
URL = "https://images.example.org/a.ova?signature=secret"


class Server:
    """An HTTPS server that is a function: what it answers, and what it was asked."""

    def __init__(self):
        self.content, self.mark, self.ranges = CONTENT, '"1"', True
        self.answers: list = []  # to give instead, one after the other: an error, or a status and headers
        self.breaks: list = []  # after how many bytes an answer ends
        self.asked: list = []
        self.targets: list = []

    def connect(self, host, port, **options):
        self.targets.append((host, port, options.get("proxy")))
        peer = Peer(b"the certificate of " + host.encode())
        return SimpleNamespace(sock=peer, close=peer.close, request=self.request, getresponse=lambda: self.answer)

    def request(self, method, path, headers):
        self.asked.append((path, headers["Range"], headers.get("If-Range")))
        start = int(headers["Range"][6:-1])
        given = self.answers.pop(0) if self.answers else None
        if given is not None:
            return self._give(given)
        if self.ranges and headers.get("If-Range") in (None, self.mark):
            span = f"bytes {start}-{len(self.content) - 1}/{len(self.content)}"
            return self._set(206, {"Content-Range": span, "ETag": self.mark}, self.content[start:])
        return self._set(200, {"Content-Length": str(len(self.content)), "ETag": self.mark}, self.content)

    def _give(self, given):
        if isinstance(given, Exception):
            raise given
        return self._set(*given, b"")

    def _set(self, status, headers, content):
        if self.breaks and content:
            content = content[: self.breaks.pop(0)]
        self.answer = Answer(status, headers, content)


class Peer(socket.socket):
    """A socket with a certificate at its other end."""

    def __init__(self, certificate):
        super().__init__()
        self.certificate = certificate

    def getpeercert(self, binary_form):
        return self.certificate


class Answer:
    reason = "said so"

    def __init__(self, status, headers, content):
        self.status, self.headers, self.content = status, headers, content

    def getheader(self, name):
        return self.headers.get(name)

    def read(self, count):
        given, self.content = self.content[:count], self.content[count:]
        return given

    def readinto(self, buffer):
        given = self.read(len(buffer))
        buffer[: len(given)] = given
        return len(given)


@pytest.fixture
def server(monkeypatch):
    server = Server()
    monkeypatch.setattr(web, "connect", server.connect)
    monkeypatch.setattr(web, "NEAR", 10)
    monkeypatch.setattr(web.wait.time, "sleep", lambda seconds: None)
    return server


def download(**options):
    return web.Download(URL, context=None, **{"patience": 0, **options})


def ranges(server):
    return [(asked, condition) for _path, asked, condition in server.asked]


def test_a_file_is_read_front_to_back_over_one_connection(server):
    assert download().read() == CONTENT
    assert ranges(server) == [("bytes=0-", None)]
    assert server.targets == [("images.example.org", 443, None)]


def test_a_part_is_asked_for_and_what_is_near_is_read_through(server):
    file = download()
    assert file.seek(-20, 2) == 80
    assert file.read(5) == CONTENT[80:85]
    file.seek(90)
    assert file.read(5) == CONTENT[90:95]
    assert ranges(server) == [("bytes=0-", None), ("bytes=80-", '"1"')]


def test_a_broken_connection_is_taken_up_where_it_was(server):
    server.breaks = [30, 40]
    server.answers = [None, ConnectionResetError(104, "Connection reset by peer")]
    assert download(patience=60).read() == CONTENT
    assert ranges(server) == [("bytes=0-", None), *[("bytes=30-", '"1"')] * 2, ("bytes=70-", '"1"')]


@pytest.mark.parametrize("error", [http.client.IncompleteRead(b""), OSError(5, "I/O error"), TimeoutError("timed out")])
def test_a_read_that_fails_is_a_broken_connection(server, error):
    file = download()

    def fails(buffer):
        raise error

    file._answer.readinto = fails
    assert file.read() == CONTENT


def test_a_server_that_stays_away_is_told_after_the_time_given(server):
    server.breaks = [30]
    file = download()
    server.answers = [OSError(111, "Connection refused")] * 5
    with pytest.raises(
        Error, match="closed too early.*Gave up waiting for .* after 0 seconds. Last seen: Connection ref"
    ):
        file.read()


def test_a_server_that_never_sends_a_byte_is_given_up(server):
    file = download(patience=60)
    server.breaks = [30] + [0] * 9
    file._answer.content = b""
    server.content = CONTENT
    server.breaks = [0] * 9
    with pytest.raises(ApiError, match="closed too early"):
        file.read()
    assert len(server.asked) == 1 + web.VAIN


@pytest.mark.parametrize("ranges_too", [True, False])
def test_a_file_that_changed_meanwhile_is_refused(server, ranges_too):
    server.breaks = [30]
    file = download()
    server.mark = '"2"'
    if ranges_too:  # a server that does not mind the condition
        server.answers = [(206, {"Content-Range": "bytes 30-99/100", "ETag": '"2"'})]
    with pytest.raises(ApiError, match="was changed on its server while it was read"):
        file.read()


def test_a_weak_mark_is_compared_but_not_sent(server):
    server.mark = 'W/"1"'
    server.breaks = [30]
    assert download().read() == CONTENT
    assert ranges(server)[1] == ("bytes=30-", None)


def test_without_ranges_what_is_not_wanted_is_read_through(server):
    server.ranges = False
    file = download()
    file.seek(80)
    assert file.read(5) == CONTENT[80:85]
    file.seek(10)
    assert file.read(5) == CONTENT[10:15]


def test_without_ranges_a_broken_connection_cannot_be_taken_up(server):
    server.ranges = False
    server.breaks = [30]
    with pytest.raises(ApiError, match="after 30 of 100 bytes; its server does not answer range requests"):
        download().read()


def test_a_redirect_is_followed_and_the_next_one_from_the_start_again(server):
    server.answers = [(302, {"Location": "https://mirror.example.org:8443/b.ova?x=1"})]
    file = download()
    assert file.read() == CONTENT
    assert [path for path, *_more in server.asked] == ["/a.ova?signature=secret", "/b.ova?x=1"]
    assert server.targets[1][:2] == ("mirror.example.org", 8443)


def test_what_signs_the_address_that_a_redirect_leads_to_is_masked(server, masked):
    server.answers = [(302, {"Location": "https://mirror.example.org/b.ova?X-Amz-Signature=0123456789"})]
    download()
    assert "0123456789" in masked


@pytest.mark.parametrize(
    ("refuse", "url"),
    [
        (lambda url: web.Download(url, context=None), "https://me:wJ7kq2Vn@images.example.org/a.ova"),
        (web.proxy_at, "http://me:wJ7kq2Vn@proxy.example.org"),
        (web.proxy_at, "http://me:wJ7k/q2Vn@proxy.example.org"),
    ],
    ids=range(3),
)
def test_the_password_in_an_address_that_is_refused_is_masked(masked, refuse, url):
    with pytest.raises(Invalid) as caught:
        refuse(url)
    password = url.partition("me:")[2].partition("@")[0]
    assert password in masked
    assert password not in str(caught.value)


def test_who_answered_in_the_end_is_kept_for_others(server):
    server.answers = [(302, {"Location": "https://mirror.example.org:8443/b.ova?x=1"})]
    url, thumbprint = download().served_by
    assert url == "https://mirror.example.org:8443/b.ova?x=1"
    digest = hashlib.sha1(b"the certificate of mirror.example.org").hexdigest().upper()
    assert thumbprint.replace(":", "") == digest
    assert [len(part) for part in thumbprint.split(":")] == [2] * 20


def untrusted():
    error = ssl.SSLCertVerificationError("x")
    error.verify_message = "self-signed certificate"
    return error


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ([(404, {})], "Could not read ova https://images.example.org/a.ova: HTTPS GET: HTTP 404 said so"),
        ([(503, {})], "HTTP 503"),
        ([(302, {"Location": "http://mirror.example.org/a.ova"})], "not https"),
        ([(302, {"Location": "http://[mirror/a.ova"})], "not https"),
        ([(302, {"Location": "https://:1/a.ova"})], "not https"),
        ([(302, {"Location": "https://mirror.example.org:soon/a.ova"})], "not https"),
        ([(200, {"Content-Length": "soon"})], "does not say how long it is"),
        ([(302, {"Location": "/a.ova"})] * 5, "without end"),
        ([(200, {})], "does not say how long"),
        ([(206, {"Content-Range": "bytes 5-9/10"})], "another range"),
        ([(206, {})], "another range"),
        ([OSError(111, "Connection refused")], "Connection refused"),
        ([untrusted()], "certificate is not trusted"),
    ],
)
def test_what_cannot_be_read_is_told_without_the_secret_in_its_address(server, answers, said):
    server.answers = answers
    with pytest.raises(ApiError, match=said) as caught:
        download()
    assert "secret" not in str(caught.value)


def test_a_proxy_is_used(server):
    download(proxy=web.proxy_at("http://proxy.example.org:3128"))
    assert server.targets == [("images.example.org", 443, ("proxy.example.org", 3128))]


@pytest.mark.parametrize(
    "proxy", ["proxy:3128", "https://proxy", "http://me:x@proxy", "http://proxy:port", "http://a/b"]
)
def test_a_proxy_that_cannot_be_one_is_refused(proxy):
    with pytest.raises(Invalid) as caught:
        web.proxy_at(proxy)
    assert caught.value.option == "ova_proxy"


def test_no_proxy_is_none():
    assert web.proxy_at(None) is None


def test_a_part_whose_request_is_not_answered_is_asked_for_again(server):
    file = download()
    server.answers = [ConnectionResetError(104, "Connection reset by peer"), (503, {})]
    file.patience = 60
    file.seek(80)
    assert file.read() == CONTENT[80:]
    server.answers = [(404, {})]
    file.seek(0)
    with pytest.raises(ApiError, match="HTTP 404"):
        file.read()


@pytest.mark.parametrize(
    "refused", [ValueError("Invalid header value b'secret'"), UnicodeEncodeError("ascii", "/secret\xe9", 7, 8, "no")]
)
def test_what_python_refuses_to_send_is_not_shown_and_not_tried_again(server, refused):
    server.answers = [refused]
    with pytest.raises(ApiError, match="the request cannot be sent") as caught:
        download(patience=60)
    assert "secret" not in str(caught.value) and len(server.asked) == 1
