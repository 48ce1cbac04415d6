# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import codecs
import hashlib
import http.client
import re
import socket
import ssl
import threading
import time
from urllib.parse import urlsplit

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.clients import https
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import Error, Invalid
from lab.certificates import authority
from lab.downloads import Downloads

CERTIFICATE = b"the certificate of an ESXi host"
PIECE = 1 << 20


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (socket.timeout(), "no answer in time"),
        (ConnectionRefusedError(111, "Connection refused"), "Connection refused"),
        (ssl.SSLError(8, "EOF occurred in violation of protocol (_ssl.c:1)"), "the TLS connection broke off"),
        (ssl.SSLCertVerificationError("self-signed"), "not trusted"),
        (http.client.HTTPException("502 Bad Gateway"), "502 Bad Gateway"),
        (UnicodeEncodeError("ascii", "/a?sig=\xe9", 7, 8, "no"), "the request cannot be sent (UnicodeEncodeError)"),
        (ValueError("Invalid header value b'a'"), "the request cannot be sent (ValueError)"),
    ],
)
def test_what_was_not_answered_is_told_plainly(error, said):
    if isinstance(error, ssl.SSLCertVerificationError):
        error.verify_message = "self-signed certificate"
    assert said in https.why(error)


PEM = authority().pem


@pytest.mark.parametrize(
    ("held", "says"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (ssl.PEM_cert_to_DER_cert(PEM), "is in DER form: openssl x509 -inform der"),
        (codecs.BOM_UTF8 + PEM.encode(), "byte order mark"),
        (PEM.encode("utf-16"), "byte order mark"),
        (b"certificates follow", "holds no certificate in PEM form"),
        (b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "holds no certificate in PEM form"),
        (PEM.encode()[:200], "or one that cannot be read"),
    ],
)
def test_a_bundle_that_is_none_is_told_before_anything_is_sent(tmp_path, held, says):
    bundle = tmp_path / "ca.pem"
    bundle.write_bytes(held)
    for use in (lambda: https.checked_bundle("ca_bundle", str(bundle)), lambda: https.tls_context(str(bundle))):
        with pytest.raises(Invalid, match=f"ca_bundle: .*{says}"):
            use()


def test_a_bundle_may_have_more_than_certificates_in_it(tmp_path):
    bundle = tmp_path / "ca.pem"
    bundle.write_text(f"# 認証局\r\n{PEM}\n{PEM}")
    assert https.checked_bundle("ca_bundle", str(bundle)) == str(bundle)
    assert https.tls_context(str(bundle)) and https.checked_bundle("ca_bundle", None) is None


@pytest.mark.parametrize(
    ("path", "says"), [("/nowhere.pem", "does not exist"), ("/", "cannot be read: Is a directory")]
)
def test_a_bundle_that_cannot_be_opened_is_told(path, says):
    with pytest.raises(Invalid, match=f"aws_ca_bundle: {path} {says}"):
        https.checked_bundle("aws_ca_bundle", path)


def test_an_answer_that_makes_no_sense_is_not_repeated():
    said = https.why(http.client.BadStatusLine("Bearer wJ7kq2Vn"))
    assert said == "an answer that makes no sense (BadStatusLine)"


def test_a_thumbprint_is_written_as_vcenter_does():
    assert re.fullmatch(r"([0-9A-F]{2}:){19}[0-9A-F]{2}", https.thumbprint(CERTIFICATE))


@pytest.mark.parametrize(
    "told",
    [
        https.thumbprint(CERTIFICATE),
        https.thumbprint(CERTIFICATE).lower(),
        hashlib.sha256(CERTIFICATE).hexdigest(),
    ],
)
def test_thumbprints_have_several_forms(told):
    assert https.matches(CERTIFICATE, told)
    assert not https.matches(b"another", told)


def test_a_thumbprint_of_an_unknown_kind_matches_nothing():
    assert not https.matches(CERTIFICATE, "AA:BB")


class Counted:
    """A socket that counts how often it is given something to send."""

    def __init__(self, tcp):
        self.tcp, self.given = tcp, []

    def sendall(self, data):
        self.given.append(len(data))
        self.tcp.sendall(data)

    def __getattr__(self, name):
        return getattr(self.tcp, name)


@pytest.fixture
def server(tmp_path):
    image, issuer = tmp_path / "image.ova", authority()
    image.write_bytes(b"0123456789")
    with Downloads(image, issuer=issuer) as server:
        server.ca = issuer.pem
        yield server


def test_a_piece_goes_to_the_network_as_a_whole(server):
    address = urlsplit(server.url)
    context = ssl.create_default_context(cadata=server.ca)
    connection = https.connect(address.hostname, address.port, context=context, timeout=10, kind=https.Upload)
    connection.connect()
    counted = connection.sock.socket = Counted(connection.tcp)
    connection.putrequest("GET", address.path)
    connection.endheaders()
    assert connection.getresponse().read() == b"0123456789"
    counted.given.clear()
    connection.send(bytes(PIECE))
    assert len(counted.given) == 1
    assert counted.given[0] > PIECE
    connection.close()
    assert connection.tcp.fileno() == -1


def test_an_upload_waits_as_long_as_was_said_for_each_byte(server):
    address = urlsplit(server.url)
    context = ssl.create_default_context(cadata=server.ca)
    connection = https.connect(address.hostname, address.port, context=context, timeout=10, kind=https.Upload)
    connection.connect()
    assert isinstance(connection.tcp, https._Socket)
    assert connection.tcp.gettimeout() == 10
    connection.close()


def test_a_slow_receiver_is_not_one_that_stands_still():
    here, there = socket.socketpair()
    sender, received = https._Socket(fileno=here.detach()), []
    sender.settimeout(0.5)

    def slowly():
        while block := there.recv(1 << 16):
            received.append(block)
            time.sleep(0.1)

    reading = threading.Thread(target=slowly)
    reading.start()
    started = time.monotonic()
    sender.sendall(bytes(PIECE))
    assert time.monotonic() - started > 0.5
    sender.close()
    reading.join()
    assert b"".join(received) == bytes(PIECE)
    there.close()


def test_a_receiver_that_stands_still_is_given_up():
    here, there = socket.socketpair()
    sender = https._Socket(fileno=here.detach())
    sender.settimeout(0.1)
    with pytest.raises(TimeoutError):
        sender.sendall(bytes(PIECE))
    sender.close()
    there.close()


def test_an_upload_trusts_whom_the_ca_bundle_vouches_for(server):
    address = urlsplit(server.url)
    context = ssl.create_default_context()
    connection = https.connect(address.hostname, address.port, context=context, timeout=10, kind=https.Upload)
    with pytest.raises(ssl.SSLCertVerificationError):
        connection.connect()
    connection.close()
    assert connection.tcp.fileno() == -1


def test_what_an_upload_lacks_is_named(monkeypatch):
    https.need_urllib3()
    monkeypatch.setattr(https.importlib.util, "find_spec", {"urllib3": None}.get)
    with pytest.raises(Error, match="urllib3"):
        https.need_urllib3()
