# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from types import SimpleNamespace

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.clients import nfc, pull
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import ApiError, Error, Invalid, TimedOut
from ansible_collections.vmc.aws_backup.plugins.module_utils.image.stream import Part, Stream
from pyVmomi import vim

LEASE = vim.HttpNfcLease("lease-1", None)
TASK = vim.Task("task-1", None)
URL = "https://images.example.org/image.ova?signature=1"
SHA256 = ("sha256", "ab" * 32)
BUSY = ApiError("try again", retryable=True)


class Client:
    """vCenter as far as a pull needs it. ``states`` are what the task says, one after the other: (state, percent)."""

    api_version = (8, 0, 2)

    def __init__(self, *states, able=True, told=(), fault=None):
        self.states = list(states)
        self.told = list(told)
        self.calls = []
        self.refusals: dict = {}
        self.fault = fault
        address = vim.HttpNfcLease.DeviceUrl(key="/vm-1/disk:0", importKey="/gw/disk:0", url="https://esx/nfc/1/d")
        self.lease = {
            "state": "ready",
            "info": SimpleNamespace(entity=None, deviceUrl=[address], leaseTimeout=300),
            "capabilities": None
            if able is None
            else vim.HttpNfcLease.Capabilities(pullModeSupported=able, corsSupported=False),
        }

    def call(self, managed, method, *arguments, **_told):
        self.calls.append((method, *arguments))
        if method in self.refusals:
            raise self.refusals[method]
        return {pull.TASK: TASK, "HttpNfcLeaseGetManifest": self.told}.get(method)

    def read(self, roots, properties):
        if not isinstance(roots, list):
            return {LEASE: {name: self.lease[name] for name in properties[vim.HttpNfcLease]}}
        now = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        if isinstance(now, Error):
            raise now
        state, percent, *transferred = now
        info = SimpleNamespace(state=state, progress=percent, error=self.fault)
        return {TASK: {"info": info}, LEASE: {"transferProgress": transferred[0] if transferred else None}}

    def argument(self, method):
        return next(call[1] for call in self.calls if call[0] == method)

    @property
    def methods(self):
        return [call[0] for call in self.calls]


class Image:
    """One disk of 200 bytes on a web server."""

    def __init__(self, digest=SHA256, *, checksum=None, remote=True, stored=("disk0.vmdk",), compressed=False):
        self.digests = {"disk0.vmdk": digest} if digest else {}
        self.files = {"disk0.vmdk": (list(stored), compressed)}
        self.source = SimpleNamespace(
            name="https://images.example.org/image.ova",
            remote=remote,
            checksum=checksum,
            size=lambda name: 200,
            stored=lambda name: name,
            handle=SimpleNamespace(served_by=(URL, "AA:BB")),
        )
        self.read = 0

    def streams(self, names):
        self.read += 1
        return [Stream(name, [Part(name, 200, None, lambda: iter([b"x" * 100] * 2))]) for name in names]

    def finish(self):
        self.read += 1


def entry(digest=SHA256[1], algorithm="sha256"):
    made = vim.HttpNfcLease.ManifestEntry(key="/vm-1/disk:0", sha1="0", size=200, disk=True)
    made.checksum, made.checksumType = digest, algorithm
    return made


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(pull.wait.time, "sleep", lambda seconds: None)


def run(client, image, **limits):
    items = [vim.OvfManager.FileItem(deviceId="/gw/disk:0", path="disk0.vmdk", create=False)]
    with nfc.Lease(client, LEASE, **limits) as lease:
        pull.pull(lease, image, items)
        lease.complete()


def test_the_host_is_given_the_address_and_the_certificate_and_its_digest_is_believed():
    client, image = Client(("running", 50), ("success", 100), told=[entry(SHA256[1].upper())]), Image()
    run(client, image)
    (file,) = client.argument(pull.TASK)
    assert (file.url, file.sslThumbprint, file.memberName) == (URL, "AA:BB", "disk0.vmdk")
    assert (file.targetDeviceId, file.create) == ("/gw/disk:0", False)
    (kind,) = client.argument("HttpNfcLeaseSetManifestChecksumType")
    assert (kind.key, kind.value) == ("/vm-1/disk:0", "sha256")
    assert image.read == 0
    assert client.methods[-1] == "HttpNfcLeaseComplete"


@pytest.mark.parametrize(
    ("told", "digest", "checksum"),
    [
        ([], SHA256, None),
        ([entry(algorithm="sha1")], SHA256, None),
        ([entry(digest=None)], SHA256, None),
        ([entry()], ("sha512", "ab" * 64), None),
        ([entry()], SHA256, ("sha256", "cd" * 32)),
    ],
)
def test_what_the_host_does_not_tell_is_read_here(told, digest, checksum):
    image = Image(digest, checksum=checksum)
    run(Client(("success", 100), told=told), image)
    assert image.read == 2


def test_nothing_is_compared_where_there_is_no_manifest():
    client, image = Client(("success", 100)), Image(None)
    run(client, image)
    assert image.read == 0
    assert "HttpNfcLeaseGetManifest" not in client.methods


@pytest.mark.parametrize("refused", ["HttpNfcLeaseSetManifestChecksumType", "HttpNfcLeaseGetManifest"])
def test_a_vcenter_that_knows_no_digests_is_done_without(refused):
    client, image = Client(("success", 100)), Image()
    client.refusals[refused] = ApiError("there is no such thing", code="NotSupported")
    run(client, image)
    assert image.read == 2


def test_another_digest_leaves_no_machine():
    client = Client(("success", 100), told=[entry("cd" * 32)])
    with pytest.raises(Error, match="received as /vm-1/disk:0 differs from its digest"):
        run(client, Image())
    assert client.methods[-1] == "HttpNfcLeaseAbort"


def test_a_host_is_not_asked_for_a_digest_that_it_cannot_compute():
    client = Client(("success", 100))
    run(client, Image(("sha512", "ab" * 64)))
    assert client.argument("HttpNfcLeaseSetManifestChecksumType") == []


@pytest.mark.parametrize(("version", "able"), [((6, 5), True), ((6, 6, 9), True), ((6, 7), False), ((8, 0), None)])
def test_a_lease_that_cannot_is_given_up(version, able):
    client = Client(("success", 100), able=able)
    client.api_version = version
    with pytest.raises(ApiError, match="Leave pull out"):
        run(client, Image())
    assert pull.TASK not in client.methods
    assert client.methods[-1] == "HttpNfcLeaseAbort"


@pytest.mark.parametrize("version", [(6, 7), (6, 7, 1), (7, 0)])
def test_the_first_version_that_can_is_enough(version):
    client = Client(("success", 100))
    client.api_version = version
    run(client, Image())
    assert pull.TASK in client.methods


def test_how_far_it_is_is_told_by_the_task_or_by_the_lease():
    client, told = Client(("running", 10), ("running", None, 40), ("success", 100), told=[entry()]), []
    run(client, Image(), report=lambda name, sent, total: told.append((sent, total)))
    assert told == [(20, 200), (80, 200), (200, 200)]


def test_reading_it_here_as_well_is_the_second_half():
    client, told = Client(("success", 100)), []
    run(client, Image(checksum=("sha256", "cd" * 32)), report=lambda name, sent, total: told.append((sent, total)))
    assert told == [(200, 400), (300, 400), (400, 400)]


def test_an_answer_that_fails_once_is_asked_for_again():
    run(Client(BUSY, BUSY, ("success", 100), told=[entry()]), Image())


def test_a_session_that_ends_is_said_and_the_host_is_stopped():
    client = Client(ApiError("the session has ended", code="NotAuthenticated"))
    with pytest.raises(ApiError, match="login expired"):
        run(client, Image())
    assert client.methods[-2:] == ["CancelTask", "HttpNfcLeaseAbort"]


def test_a_host_that_stands_still_is_stopped():
    client = Client(("running", 30))
    with pytest.raises(Error, match="nothing moved for 0.1 seconds"):
        run(client, Image(), stall_timeout=0.1)
    assert client.methods[-2:] == ["CancelTask", "HttpNfcLeaseAbort"]


def test_a_vcenter_that_answers_no_more_is_given_up():
    with pytest.raises(Error, match="nothing moved for 0.1 seconds"):
        run(Client(("running", 30), BUSY), Image(), stall_timeout=0.1)


def test_a_host_takes_no_longer_than_was_said():
    client = Client(*[("running", percent) for percent in range(100)] * 10000)
    with pytest.raises(TimedOut, match=r"within 0.1 seconds \(wait_timeout\)"):
        run(client, Image(), timeout=0.1)
    assert client.methods[-2:] == ["CancelTask", "HttpNfcLeaseAbort"]


def test_what_the_task_says_is_told():
    fault = vim.fault.HttpFault(msg=f"HTTP 404 Not Found of {URL}", statusCode=404, statusMessage="Not Found")
    client = Client(("error", 0), fault=fault)
    with pytest.raises(ApiError, match="let the ESXi host fetch the disks: .*HTTP 404 Not Found of https") as caught:
        run(client, Image())
    assert "signature" not in str(caught.value)
    assert client.methods[-1] == "HttpNfcLeaseAbort"


def test_the_reason_of_the_lease_is_told_before_that_of_the_task():
    client = Client(("error", 0), fault=vim.fault.HttpFault(msg="HTTP 0"))
    client.lease |= {"error": vim.fault.NoDiskSpace(msg="Insufficient disk space"), "state": "ready"}
    client.refusals["CancelTask"] = ApiError("it has ended")
    with pytest.raises(ApiError, match="Insufficient disk space"), nfc.Lease(client, LEASE) as lease:
        client.lease["state"] = "error"
        pull.pull(lease, Image(), [vim.OvfManager.FileItem(deviceId="/gw/disk:0", path="disk0.vmdk", create=False)])


@pytest.mark.parametrize(
    ("image", "said"),
    [
        (Image(remote=False), "https://"),
        (Image(compressed=True), "packed with gzip"),
        (Image(stored=("disk0.vmdk.000000000", "disk0.vmdk.000000001")), "cut into chunks"),
    ],
)
def test_an_image_that_no_host_could_fetch_is_refused(image, said):
    with pytest.raises(Invalid, match=said):
        pull.refuse(image)
