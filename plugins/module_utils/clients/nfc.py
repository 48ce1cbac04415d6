# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sending the files of an image over a lease that vCenter gave for an import."""

from __future__ import annotations

import contextlib
import http.client
import socket
import threading
import time
from urllib.parse import urlsplit

from .. import wait
from ..errors import ApiError, Error, TimedOut
from .https import Upload, connect, matches, unsigned, why
from .vsphere import Vsphere, vim, words

LEASE_TIMEOUT = 600
STALL_TIMEOUT = 600
SIGN_OF_LIFE = 10
SIGNS_IN_A_LEASE = 3  # so that one may be lost
PIECE = 1 << 20
AGAIN = "Run this again: what is left of the upload is recognised and removed then"
LOST = {
    "NotAuthenticated": f"the session has ended: its login expired, or somebody ended it, and the lease with it. {AGAIN}",
    "ManagedObjectNotFound": f"vCenter has ended the lease; its tasks and events may say why. {AGAIN}",
}
THUMBPRINTS = {40: "sha1", 64: "sha256"}


class Lease:
    """An import in progress. Leaving the ``with`` block without ``complete()`` aborts it, and vCenter removes the half-made VM.

    ``stall_timeout`` is how long nothing may move, ``timeout`` how long all of it may take, both in seconds. ``report`` is called with the
    name of the file that is sent, how many bytes of the image were read, and how many there are.
    """

    def __init__(self, client: Vsphere, lease, *, stall_timeout: float = STALL_TIMEOUT, timeout=None, report=None):
        self.client = client
        self.lease = lease
        self.stall_timeout = stall_timeout
        self.timeout = timeout
        self.report = report or (lambda name, sent, total: None)
        self.entity = None
        self._urls: dict = {}
        self.failure = None
        self._started = time.monotonic()
        self._sent = 0
        self._total = 1
        self._over = threading.Event()
        self._open = True
        self._socket = None
        self._keeper = threading.Thread(target=self._keep_alive, daemon=True)
        self._pause = SIGN_OF_LIFE

    def __enter__(self):
        try:
            self._wait_until_ready()
            # vcsim ends itself when a finished lease is read: all that is needed is read now.
            info = self.read("info")
            self.entity = info.entity
            self._urls = {url.importKey: url for url in info.deviceUrl}
            if info.leaseTimeout and info.leaseTimeout > 0:
                self._pause = min(SIGN_OF_LIFE, info.leaseTimeout / SIGNS_IN_A_LEASE)
            self._keeper.start()
        except Error:
            self._abort()
            raise
        return self

    def __exit__(self, *_raised):
        self._stop()
        if self._open:
            self._abort()

    def send(self, image, items):
        """Send every file that vCenter asked for, in the order in which the image has them."""
        wanted: dict = {}
        for item in items:
            wanted.setdefault(item.path, []).append(item)
        streams = image.streams([item.path for item in items])
        self._total = sum(stream.stored for stream in streams) or 1
        done = 0
        for stream in streams:
            item = wanted[stream.name].pop(0)
            self._send_one(stream, self.url(item), done, create=item.create)
            done += stream.stored
        image.finish()

    def complete(self):
        self._stop()
        self._progress(100)
        self.call("HttpNfcLeaseComplete", attempted="complete the import")
        self._open = False

    def url(self, item):
        """Where a file has to go: a DeviceUrl."""
        if item.deviceId not in self._urls:
            raise ApiError(f"the lease has no address for {item.path}", attempted="upload", service="vCenter")
        return self._urls[item.deviceId]

    def call(self, method, *arguments, attempted):
        return self.client.call(self.lease, method, *arguments, attempted=attempted)

    def read(self, name):
        return self.client.read(self.lease, {vim.HttpNfcLease: [name]}).get(self.lease, {}).get(name)

    def moved(self, name, sent, total):
        """So many bytes of the image are done, of so many."""
        self._sent, self._total = sent, total
        self.report(name, sent, total)

    def check(self, attempted):
        """Raise when the lease is lost, or the time is over."""
        if self.failure is not None:
            raise self.failure
        if self.timeout is not None and time.monotonic() - self._started > self.timeout:
            raise TimedOut(f"Could not {attempted} within {self.timeout:g} seconds (wait_timeout): {self._how_far()}.")

    def because(self, error: ApiError) -> ApiError:
        """The error, with the lease's own reason when it has one."""
        if self.failure is not None:
            return self.failure
        try:
            if self.read("state") == "error":
                return ApiError(self._complaint(), attempted=error.attempted, service="vCenter", operation="ImportVApp")
        except Error:
            pass
        return error

    def lose(self, failure):
        """Give it up, and end the upload even while that waits for the network."""
        failure = self.because(failure)
        # Never a Conflict, which would be tried again.
        self.failure = ApiError(
            LOST.get(failure.code, failure.message),
            attempted=failure.attempted,
            service="vCenter",
            operation=failure.operation,
            code=failure.code,
        )
        try:
            if self._socket is not None:
                self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def _send_one(self, stream, url, done, *, create):
        attempted = f"upload {stream.name}"
        address = urlsplit(url.url)
        host, port = address.hostname, address.port or 443
        if host == "*":
            host, port = self.client.host, address.port or self.client.port
        attempted += f" to {host}:{port}"
        connection = self._connect(host, port, url.sslThumbprint, attempted)
        self._socket = connection.tcp
        try:
            connection.putrequest("PUT" if create else "POST", address.path)
            for name, value in _headers(stream.size, create).items():
                connection.putheader(name, value)
            connection.endheaders()
            sent = 0
            for block in stream.blocks(self.stall_timeout):
                for piece in _pieces(block):
                    self.check(attempted)
                    connection.send(piece if stream.size is not None else b"%x\r\n%b\r\n" % (len(piece), piece))
                    sent += len(piece)
                    self._sent = done + (sent if stream.size is not None else stream.taken)
                self.moved(stream.name, self._sent, self._total)
            if stream.size is None:
                connection.send(b"0\r\n\r\n")
            self._accept(connection, attempted)
        except ConnectionError as error:
            # A host that refuses a file may close before all of it has come, and its answer waits to be read.
            with contextlib.suppress(OSError, http.client.HTTPException):
                self._accept(connection, attempted)
            raise self.because(self._broken(error, attempted)) from None
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise self.because(self._broken(error, attempted)) from None
        finally:
            self._socket = None
            connection.close()

    def _accept(self, connection, attempted):
        answer = connection.getresponse()
        answer.read()
        if answer.status not in (200, 201, 204):
            raise self.because(ApiError(f"HTTP {answer.status}", attempted=attempted, service="NFC"))

    def _broken(self, error, attempted, *, connected=True) -> ApiError:
        said = why(error)
        if isinstance(error, TimeoutError) and connected:
            said = f"no answer in time: nothing moved for {self.stall_timeout:g} seconds (stall_timeout)"
        if connected:
            said += f"; {self._how_far()}"
        return ApiError(said, attempted=attempted, service="NFC", code=type(error).__name__, retryable=True)

    def _how_far(self):
        return f"{self._sent} of {self._total} bytes were sent"

    def _connect(self, host, port, thumbprint, attempted):
        """Trust the host that vCenter vouches for by a thumbprint; without one, whom the CA bundle vouches for."""
        context = unsigned() if thumbprint else self.client.context
        connection = connect(
            host, port, context=context, proxy=self.client.proxy, timeout=self.stall_timeout, kind=Upload
        )
        try:
            connection.connect()
        except (OSError, ValueError) as error:
            raise self.because(self._broken(error, attempted, connected=False)) from None
        if thumbprint and not matches(connection.sock.getpeercert(binary_form=True), thumbprint):
            connection.close()
            raise ApiError(
                "it presents another certificate than the one whose thumbprint vCenter gave; nothing was sent",
                attempted=attempted,
                service="NFC",
            )
        return connection

    def _wait_until_ready(self):
        def verdict(state):
            if state == "error":
                raise ApiError(
                    self._complaint(), attempted="start the import", service="vCenter", operation="ImportVApp"
                )
            return state == "ready" or f"lease is {state}"

        wait.until(
            lambda: self.read("state"),
            verdict,
            timeout=LEASE_TIMEOUT,
            interval=0.2,
            longest=5,
            what="the import's lease",
        )

    def _complaint(self) -> str:
        fault = self.read("error")
        return words(fault) if fault is not None else "the lease failed without a reason"

    def _keep_alive(self):
        """Progress is what keeps a lease alive, as long as it says itself that it lives without."""
        while not self._over.wait(self._pause):
            try:
                self._progress(min(99, 100 * self._sent // self._total))
                if self.read("state") == "error":
                    self.lose(ApiError("", attempted="upload"))
                    return
            except ApiError as failure:
                if not failure.retryable:
                    self.lose(failure)
                    return

    def _progress(self, percent):
        self.call("HttpNfcLeaseProgress", int(percent), attempted="keep the import's lease alive")

    def _stop(self):
        self._over.set()
        if self._keeper.is_alive():
            self._keeper.join()

    def _abort(self):
        self._open = False
        try:
            self.client.call(self.lease, "HttpNfcLeaseAbort", attempted="abort the import", missing=True)
        except ApiError:
            pass


def _pieces(block):
    view = memoryview(block)
    return (view[start : start + PIECE] for start in range(0, len(view), PIECE))


def _headers(size, create) -> dict:
    headers = {"Content-Type": "application/octet-stream" if create else "application/x-vnd.vmware-streamVmdk"}
    headers |= {"Transfer-Encoding": "chunked"} if size is None else {"Content-Length": str(size)}
    return {**headers, "Overwrite": "t"} if create else headers
