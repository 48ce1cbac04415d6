# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import hashlib
import io
from types import SimpleNamespace

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.clients import nfc
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import ApiError, Error
from ansible_collections.vmc.aws_backup.plugins.module_utils.ova import Stream
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
        self.lease = {"state": state, "error": error, "info": SimpleNamespace(entity=MACHINE, deviceUrl=[address])}

    def call(self, managed, method, *arguments, **_told):
        self.calls.append((method, *arguments))

    def read(self, lease, properties):
        return {lease: {name: self.lease[name] for name in properties[vim.HttpNfcLease]}}

    @property
    def methods(self):
        return [call[0] for call in self.calls]


class Connection:
    """An HTTP connection that keeps what it is given."""

    def __init__(self, status=200, failing=False, certificate=CERTIFICATE):
        self.status, self.failing = status, failing
        self.head, self.body, self.closed = {}, b"", False
        self.sock = SimpleNamespace(getpeercert=lambda binary_form: certificate)

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
    def __init__(self, digest=None):
        self.digest = digest

    def stream(self, name):
        return Stream(name, io.BytesIO(b"0123456789"), 10, self.digest)


def item(create=False):
    return vim.OvfManager.FileItem(deviceId="/gw/disk:0", path="disk1.vmdk", create=create)


@pytest.fixture
def connection(monkeypatch):
    made = Connection()

    def connect(host, port, **_options):
        made.target = (host, port)
        return made

    monkeypatch.setattr(nfc, "connect", connect)
    return made


def upload(client, image=None, items=None):
    with nfc.Lease(client, LEASE) as lease:
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
    connection.sock = SimpleNamespace(getpeercert=lambda binary_form: b"another")
    client = Client()
    with pytest.raises(ApiError, match="another certificate"):
        upload(client)
    assert connection.head == {}
    assert client.methods == ["HttpNfcLeaseAbort"]


@pytest.mark.parametrize(
    ("trouble", "said"),
    [({"status": 503}, "HTTP 503"), ({"failing": True}, "Connection reset by peer")],
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
    assert (client.methods, connection.body) == (["HttpNfcLeaseAbort"], b"")


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


@pytest.mark.parametrize("thumbprint", [THUMBPRINT, THUMBPRINT.lower(), hashlib.sha256(CERTIFICATE).hexdigest()])
def test_thumbprints_have_several_forms(thumbprint):
    assert nfc._matches(CERTIFICATE, thumbprint)
    assert not nfc._matches(b"another", thumbprint)


def test_a_thumbprint_of_an_unknown_kind_matches_nothing():
    assert not nfc._matches(CERTIFICATE, "AA:BB")
