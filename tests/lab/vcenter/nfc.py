# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Uploads of disks to ESXi."""

from __future__ import annotations

import http.client
import time
import urllib.parse
import zlib
from dataclasses import dataclass, field

from .. import wire

PIECE = 65536
BEGINNING = 64 << 20
# What happens to an upload when a share of it has arrived.
UPLOAD_FAULTS = {
    "reset_at_10": 0.1,
    "reset_at_50": 0.5,
    "reset_at_99": 0.99,
    "stall_at_50": 0.5,
    "full_at_50": 0.5,
    "lost_at_50": 0.5,
}
FULL = ("NoDiskSpace", "Insufficient disk space on datastore 'WorkloadDatastore'.")
LOST = ("SystemError", "A general system error occurred: the host has left vCenter.")


@dataclass
class Lease:
    """An open door to the disks of one machine."""

    id: str
    moid: str
    disks: set[str]
    alive_at: float  # when its owner was last heard of
    state: str = "ready"  # then completed or aborted
    failure: tuple | None = None  # the fault and its message that its state is error for
    received: dict[str, int] = field(default_factory=dict)
    sums: dict[str, int] = field(default_factory=dict)  # CRC-32 of the beginning of each disk
    devices: dict[str, tuple] = field(default_factory=dict)  # import key -> key and disk
    progress: int = 0
    checksums: dict[str, str] = field(default_factory=dict)  # key -> the algorithm that was asked for
    digests: dict[str, tuple] = field(default_factory=dict)  # key -> algorithm, digest and length of what was pulled

    @property
    def content(self) -> list[str]:
        """What each disk was filled with: its length, and the sum of its beginning."""
        return sorted(f"{self.received[disk]} bytes, {self.sums[disk]:08x}" for disk in self.received)

    @property
    def complete(self) -> bool:
        return self.state == "completed" and all(self.received.get(disk) for disk in self.disks)


class Filling:
    """A disk of a lease on its way into the simulator."""

    def __init__(self, simulator, lease: Lease, name: str, method: str):
        self.lease = lease
        self.name = name
        self.upstream = http.client.HTTPConnection(simulator.host, simulator.port)
        self.upstream.putrequest(method, f"/nfc/{urllib.parse.quote(lease.id)}/{name}", skip_accept_encoding=True)
        self.upstream.putheader("Transfer-Encoding", "chunked")
        self.upstream.endheaders()
        lease.received[name] = lease.sums[name] = 0

    def add(self, piece):
        self.upstream.send(b"%x\r\n%s\r\n" % (len(piece), piece))
        if self.lease.received[self.name] < BEGINNING:
            self.lease.sums[self.name] = zlib.crc32(piece, self.lease.sums[self.name])
        self.lease.received[self.name] += len(piece)

    def end(self) -> tuple:
        self.upstream.send(b"0\r\n\r\n")
        answer = self.upstream.getresponse()
        answer.read()
        self.upstream.close()
        return answer.status, answer.reason

    def drop(self):
        self.upstream.close()
        self.lease.received[self.name] = 0


class Uploads:
    """WSGI: relays what a client uploads, and counts it."""

    def __init__(self, vcenter):
        self.vcenter = vcenter
        self.world = vcenter.world

    def __call__(self, environ, start_response):
        started = time.time()
        status = 0
        operation = {"PUT": "upload", "POST": "upload", "GET": "download"}.get(environ["REQUEST_METHOD"], "unknown")
        fault = self.world.fault("nfc", operation)
        try:
            if fault == "hang":
                wire.hang(environ, self.world)
            status, reason = self._answer(environ, fault)
        finally:
            kind = "read" if operation == "download" else "write"
            self.world.record("nfc", operation, kind, status, started, sddc=self.vcenter.sddc.name, detail=fault or "")
        start_response(
            f"{status} {reason}", [("Content-Length", "0"), *([] if status == 200 else [("Connection", "close")])]
        )
        return [b""]

    def _answer(self, environ, fault):
        lease_id, _separator, name = environ["PATH_INFO"].removeprefix("/nfc/").partition("/")
        lease = self.vcenter.leases.get(lease_id)
        if lease is None or lease.state != "ready" or name not in lease.disks:
            return 404, "Not Found"
        if fault in ("500", "html503", "throttle"):
            return 503, "Service Unavailable"
        if fault in ("403", "expired"):
            return 403, "Forbidden"
        if lease.failure:
            return 500, "Internal Server Error"
        status, reason = self._relay(environ, lease, name, fault)
        wire.after(fault, environ, self.world)
        return status, reason

    def _relay(self, environ, lease, name, fault):
        length = environ.get("CONTENT_LENGTH")
        filling = Filling(self.vcenter.simulator, lease, name, environ["REQUEST_METHOD"])
        left = int(length) if length else None
        share = UPLOAD_FAULTS.get(fault, 0 if fault == "reset_before" else None)
        until = None if share is None else share * (left or 0)
        while left is None or left > 0:
            piece = environ["wsgi.input"].read(PIECE if left is None else min(PIECE, left))
            if not piece:
                break
            filling.add(piece)
            if until is not None and lease.received[name] >= until:
                filling.drop()
                self._fail(environ, lease, fault)
            left = None if left is None else left - len(piece)
        if left:
            filling.drop()
            raise ConnectionResetError("the client went away in the middle of an upload")
        return filling.end()

    def _fail(self, environ, lease, fault):
        """End in the middle of an upload, or let it wait."""
        lease.failure = {"full_at_50": FULL, "lost_at_50": LOST}.get(fault)
        if fault in ("stall_at_50", "lost_at_50"):
            wire.hang(environ, self.world)
        wire.reset(environ)
