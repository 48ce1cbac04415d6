# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import gzip
import hashlib
import socket
import time
from types import SimpleNamespace

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.clients import nfc
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import ApiError, Conflict, Error, TimedOut
from ansible_collections.vmc.aws_backup.plugins.module_utils.image.stream import Part, Stream
from pyVmomi import vim

CERTIFICATE = b"the certificate of an ESXi host"
SHA1 = hashlib.sha1(CERTIFICATE).hexdigest().upper()
THUMBPRINT = ":".join(SHA1[place : place + 2] for place in range(0, 40, 2))
LEASE = vim.HttpNfcLease("lease-1", None)
MACHINE = vim.VirtualMachine("vm-1", None)


class Client:
    """vCenter as far as a lease needs it."""

    host, port, proxy, context = "vcenter", 443, None, None

    def __init__(self, *, state="ready", error=None, url="https://esx/nfc/1/disk-0.vmdk"):
        self.calls = []
        address = vim.HttpNfcLease.DeviceUrl(importKey="/gw/disk:0", url=url, sslThumbprint=THUMBPRINT)
        info = SimpleNamespace(entity=MACHINE, deviceUrl=[address], leaseTimeout=300)
        self.lease = {"state": state, "error": error, "info": info}
        self.refusals: dict = {}

    def call(self, managed, method, *arguments, **_told):
        self.calls.append((method, *arguments))
        if method in self.refusals:
            raise self.refusals[method]

    def read(self, lease, properties):
        return {lease: {name: self.lease[name] for name in properties[vim.HttpNfcLease]}}

    @property
    def methods(self):
        return [call[0] for call in self.calls]


class Peer(socket.socket):
    """A socket with a certificate at its other end."""

    def __init__(self, certificate, fileno=None):
        super().__init__(fileno=fileno)
        self.certificate = certificate

    def getpeercert(self, binary_form):
        return self.certificate


class Connection:
    """An HTTP connection that keeps what it is given."""

    def __init__(self, status=200, failing=False, certificate=CERTIFICATE):
        self.status, self.failing = status, failing
        self.head, self.body, self.closed = {}, b"", False
        self.tcp = self.sock = Peer(certificate)

    def connect(self):
        pass

    def putrequest(self, method, path):
        self.head.update(method=method, path=path)

    def putheader(self, name, value):
        self.head[name] = value

    def endheaders(self):
        pass

    def send(self, block):
        if self.failing:
            raise ConnectionResetError(104, "Connection reset by peer")
        self.body += block

    def getresponse(self):
        return SimpleNamespace(status=self.status, read=lambda: b"")

    def close(self):
        self.closed = True


class Image:
    """Files of which each is ``content``, in two blocks."""

    def __init__(self, digest=None, *, content=(b"01234", b"56789"), compressed=False, ending=None):
        self.digest, self.content, self.compressed, self.ending = digest, content, compressed, ending

    def streams(self, names):
        size = sum(len(block) for block in self.content)
        return [
            Stream(name, [Part(name, size, self.digest, lambda: iter(self.content))], compressed=self.compressed)
            for name in reversed(names)
        ]

    def finish(self):
        if self.ending:
            raise self.ending


def item(create=False, number=0):
    return vim.OvfManager.FileItem(deviceId=f"/gw/disk:{number}", path=f"disk{number}.vmdk", create=create)


@pytest.fixture
def connection(monkeypatch):
    made = Connection()

    def connect(host, port, **_options):
        made.target = (host, port)
        return made

    monkeypatch.setattr(nfc, "connect", connect)
    return made


def upload(client, image=None, items=None, **limits):
    with nfc.Lease(client, LEASE, **limits) as lease:
        lease.send(image or Image(), items or [item()])
        lease.complete()
    return lease


def test_a_disk_goes_to_the_host_of_the_lease_and_the_lease_is_completed(connection):
    client = Client()
    assert upload(client).entity == MACHINE
    assert connection.target == ("esx", 443)
    assert (connection.head["method"], connection.head["Content-Length"], connection.body) == (
        "POST",
        "10",
        b"0123456789",
    )
    assert client.calls == [("HttpNfcLeaseProgress", 100), ("HttpNfcLeaseComplete",)]


def test_a_file_that_is_not_a_disk_is_put(connection):
    upload(Client(), items=[item(create=True)])
    assert (connection.head["method"], connection.head["Overwrite"]) == ("PUT", "t")


@pytest.mark.parametrize(
    ("url", "target"), [("https://*/nfc/1/d", ("vcenter", 443)), ("https://*:9443/n/1/d", ("vcenter", 9443))]
)
def test_a_star_stands_for_the_vcenter(connection, url, target):
    upload(Client(url=url))
    assert connection.target == target


def test_nothing_is_sent_to_a_host_with_another_certificate(connection):
    connection.sock = Peer(b"another")
    client = Client()
    with pytest.raises(ApiError, match="another certificate"):
        upload(client)
    assert connection.head == {}
    assert client.methods == ["HttpNfcLeaseAbort"]


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        ({"status": 503}, "HTTP 503"),
        ({"failing": True}, "Connection reset by peer"),
        ({"failing": True, "status": 503}, "HTTP 503"),
    ],
)
def test_an_upload_that_fails_aborts_the_lease(connection, trouble, said):
    vars(connection).update(trouble)
    client = Client()
    with pytest.raises(ApiError, match=said):
        upload(client)
    assert client.methods == ["HttpNfcLeaseAbort"]
    assert connection.closed


def test_a_wrong_digest_aborts_the_lease_before_the_last_block_is_sent(connection):
    client = Client()
    with pytest.raises(Error, match="differs from its digest"):
        upload(client, Image(("sha256", "0" * 64)))
    assert (client.methods, connection.body) == (["HttpNfcLeaseAbort"], b"01234")


def test_the_reason_of_a_failed_lease_is_told_instead_of_the_broken_connection(connection):
    connection.failing = True
    client = Client()
    with pytest.raises(ApiError, match="The datastore is full"):
        with nfc.Lease(client, LEASE) as lease:
            client.lease.update(state="error", error=vim.fault.NoDiskSpace(msg="The datastore is full."))
            lease.send(Image(), [item()])


def test_a_lease_that_never_gets_ready_says_why():
    client = Client(state="error", error=vim.fault.NoDiskSpace(msg="The datastore is full."))
    with pytest.raises(ApiError, match="Could not start the import: vCenter ImportVApp: The datastore is full$"):
        upload(client)
    assert client.methods == ["HttpNfcLeaseAbort"]


def test_a_lost_lease_ends_the_upload(connection):
    client = Client()
    with pytest.raises(ApiError, match="lease is gone"):
        with nfc.Lease(client, LEASE) as lease:
            lease.failure = ApiError("lease is gone")
            lease.send(Image(), [item()])
    assert connection.body == b""


def test_what_is_unpacked_on_the_way_is_sent_without_a_length(connection):
    upload(Client(), Image(content=[gzip.compress(b"0123456789")], compressed=True))
    assert connection.head["Transfer-Encoding"] == "chunked"
    assert "Content-Length" not in connection.head
    assert connection.body == b"a\r\n0123456789\r\n0\r\n\r\n"


def test_a_checksum_that_differs_after_the_last_byte_aborts_the_lease(connection):
    client = Client()
    with pytest.raises(Error, match="another file"):
        upload(client, Image(ending=Error("another file")))
    assert (client.methods, connection.body) == (["HttpNfcLeaseAbort"], b"0123456789")


def test_how_far_it_is_is_told_over_all_files(connection):
    client, told = Client(), []
    url = client.lease["info"].deviceUrl[0]
    client.lease["info"].deviceUrl = [
        url,
        vim.HttpNfcLease.DeviceUrl(importKey="/gw/disk:1", url=url.url, sslThumbprint=THUMBPRINT),
    ]
    upload(client, items=[item(), item(number=1)], report=lambda *numbers: told.append(numbers))
    assert told == [("disk1.vmdk", 5, 20), ("disk1.vmdk", 10, 20), ("disk0.vmdk", 15, 20), ("disk0.vmdk", 20, 20)]


def test_an_upload_takes_no_longer_than_was_said(connection):
    client = Client()
    with pytest.raises(TimedOut, match=r"within 0 seconds \(wait_timeout\): 0 of 10 bytes were sent"):
        upload(client, timeout=0)
    assert (client.methods, connection.body) == (["HttpNfcLeaseAbort"], b"")


def test_an_upload_that_stands_still_says_how_far_it_got(connection):
    def stands_still():
        raise TimeoutError("timed out")

    connection.getresponse = stands_still
    with pytest.raises(ApiError, match=r"nothing moved for 7 seconds \(stall_timeout\); 10 of 10 bytes were sent"):
        upload(Client(), stall_timeout=7)


@pytest.mark.parametrize(
    ("lease", "refusal", "said"),
    [
        (
            {"state": "error", "error": vim.fault.NoDiskSpace(msg="The datastore is full.")},
            None,
            "The datastore is full",
        ),
        (
            {"state": "error", "error": vim.fault.NoDiskSpace(msg="The datastore is full.")},
            Conflict("not in this state", busy=True),
            "The datastore is full",
        ),
        ({}, Conflict("not in this state", busy=True), "not in this state"),
        ({}, ApiError("gone", code="ManagedObjectNotFound"), "vCenter has ended the lease"),
        ({}, ApiError("the session has ended", code="NotAuthenticated"), "its login expired"),
    ],
)
def test_a_lease_that_is_lost_wakes_an_upload_that_waits_for_the_network(connection, monkeypatch, lease, refusal, said):
    monkeypatch.setattr(nfc, "SIGN_OF_LIFE", 0.01)
    here, there = socket.socketpair()
    peer = connection.tcp = connection.sock = Peer(CERTIFICATE, here.detach())
    client = Client()

    def waits():
        client.lease.update(lease)
        if refusal:
            client.refusals["HttpNfcLeaseProgress"] = refusal
        if not peer.recv(1):
            raise ConnectionResetError(104, "Connection reset by peer")

    connection.getresponse = waits
    started = time.monotonic()
    with pytest.raises(ApiError, match=said) as caught:
        upload(client)
    assert time.monotonic() - started < 5
    assert not isinstance(caught.value, Conflict)
    there.close()


@pytest.mark.parametrize(("timeout", "signs"), [(0.03, 2), (0, 0), (None, 0), (300, 0)])
def test_signs_of_life_come_as_often_as_the_lease_says_that_it_needs_them(connection, timeout, signs):
    client = Client()
    client.lease["info"].leaseTimeout = timeout
    until = time.monotonic() + (5 if signs else 0.1)

    def slow():
        while client.methods.count("HttpNfcLeaseProgress") < (signs or 1) and time.monotonic() < until:
            time.sleep(0.01)
        assert (client.methods.count("HttpNfcLeaseProgress") >= signs) and bool(client.calls) is bool(signs)
        return SimpleNamespace(status=200, read=lambda: b"")

    connection.getresponse = slow
    upload(client)


def test_a_sign_of_life_that_is_not_answered_is_sent_again(connection, monkeypatch):
    monkeypatch.setattr(nfc, "SIGN_OF_LIFE", 0.01)
    client = Client()
    client.refusals["HttpNfcLeaseProgress"] = ApiError("no answer in time", retryable=True)

    def slow():
        while client.methods.count("HttpNfcLeaseProgress") < 3:
            time.sleep(0.01)
        client.refusals.clear()
        return SimpleNamespace(status=200, read=lambda: b"")

    connection.getresponse = slow
    upload(client)
    assert client.methods[-1] == "HttpNfcLeaseComplete"


@pytest.mark.parametrize(
    ("lives", "pause"),
    [(300, nfc.SIGN_OF_LIFE), (12, 4), (0, nfc.SIGN_OF_LIFE), (None, nfc.SIGN_OF_LIFE)],
)
def test_a_lease_gets_signs_of_life_often_enough_for_how_long_it_lives(lives, pause):
    client = Client()
    client.lease["info"].leaseTimeout = lives
    with nfc.Lease(client, LEASE) as lease:
        assert lease._pause == pause
        lease.complete()
