# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Uploads of disks to ESXi."""

from __future__ import annotations

import http.client
import time
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

    moid: str
    disks: set[str]
    alive_at: float  # when its owner was last heard of
    state: str = "ready"  # then completed or aborted
    failure: tuple | None = None  # the fault and its message that its state is error for
    received: dict[str, int] = field(default_factory=dict)
    sums: dict[str, int] = field(default_factory=dict)  # CRC-32 of the beginning of each disk

    @property
    def content(self) -> list[str]:
        """What each disk was filled with: its length, and the sum of its beginning."""
        return sorted(f"{self.received[disk]} bytes, {self.sums[disk]:08x}" for disk in self.received)

    @property
    def complete(self) -> bool:
        return self.state == "completed" and all(self.received.get(disk) for disk in self.disks)


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
        upstream = http.client.HTTPConnection(self.vcenter.simulator.host, self.vcenter.simulator.port)
        upstream.putrequest(environ["REQUEST_METHOD"], environ["REQUEST_URI"], skip_accept_encoding=True)
        upstream.putheader("Transfer-Encoding", "chunked")
        upstream.endheaders()
        left = int(length) if length else None
        share = UPLOAD_FAULTS.get(fault, 0 if fault == "reset_before" else None)
        until = None if share is None else share * (left or 0)
        lease.received[name] = lease.sums[name] = 0
        while left is None or left > 0:
            piece = environ["wsgi.input"].read(PIECE if left is None else min(PIECE, left))
            if not piece:
                break
            upstream.send(b"%x\r\n%s\r\n" % (len(piece), piece))
            if lease.received[name] < BEGINNING:
                lease.sums[name] = zlib.crc32(piece, lease.sums[name])
            lease.received[name] += len(piece)
            if until is not None and lease.received[name] >= until:
                upstream.close()
                lease.received[name] = 0
                self._fail(environ, lease, fault)
            left = None if left is None else left - len(piece)
        if left:
            lease.received[name] = 0
            upstream.close()
            raise ConnectionResetError("the client went away in the middle of an upload")
        upstream.send(b"0\r\n\r\n")
        answer = upstream.getresponse()
        answer.read()
        upstream.close()
        return answer.status, answer.reason

    def _fail(self, environ, lease, fault):
        """End in the middle of an upload, or let it wait."""
        lease.failure = {"full_at_50": FULL, "lost_at_50": LOST}.get(fault)
        if fault in ("stall_at_50", "lost_at_50"):
            wire.hang(environ, self.world)
        wire.reset(environ)
