# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An HTTPS server of images, as good or as bad as a test wants it."""

from __future__ import annotations

import fcntl
import re
import socket
import ssl
import struct
import sys
import termios
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from .certificates import Certificate

PIECE = 1 << 20
DELIVERED_WITHIN = 5
PAGE = b"<html><body>Please log in</body></html>"


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], (OSError, ValueError)):  # a connection that was reset, by either side
            super().handle_error(request, client_address)


class Downloads:
    """Serves one file at one address. The attributes say what is wrong with it; ``asked`` keeps the ranges that were asked for, ``sources`` by whom."""

    def __init__(self, path, *, address="127.0.0.1", issuer: Certificate | None = None):
        self.path = path
        self.status = 200
        self.ranges = True
        self.page = False  # it sends a page instead of the file
        self.breaks: list[float] = []  # at which shares of the file a connection is reset, one after the other
        self.breaks_from = 2  # not the first connection: a reset could overtake its headers
        self.breaks_hosts = False  # only the connections that ask for no range, as those of ESXi
        self.changes = False  # when it breaks, the file is replaced by another one
        self.moved_to = None
        self.version = 1
        self.asked: list[str | None] = []
        self.sources: set[str] = set()
        self.certificate = Certificate("images", addresses=[address], issuer=issuer)
        self.server = Server((address, 0), self._handler())
        context = self.certificate.context()
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        self.url = f"https://{address}:{self.server.server_port}/images/appliance.ova"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def __enter__(self):
        return self

    def __exit__(self, *_raised):
        self.close()

    def _handler(self):
        downloads = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_arguments):
                pass

            def do_GET(self):
                try:
                    downloads._answer(self)
                except (ConnectionError, ssl.SSLError):
                    self.close_connection = True

        return Handler

    def _answer(self, request):
        self.asked.append(request.headers.get("Range"))
        self.sources.add(request.client_address[0])
        number = len(self.asked)
        if self.moved_to and request.path.endswith("appliance.ova"):
            return self._head(request, 302, 0, Location=self.moved_to)
        if self.status != 200:
            return self._head(request, self.status, 0)
        if self.page:
            self._head(request, 200, len(PAGE))
            return request.wfile.write(PAGE)
        return self._send(request, number)

    def _send(self, request, number):
        with open(self.path, "rb") as handle:
            size = handle.seek(0, 2)
            mark = f'"version-{self.version}"'
            span = re.match(r"bytes=(\d+)-", request.headers.get("Range") or "")
            condition = request.headers.get("If-Range")
            start = int(span[1]) if span and self.ranges and condition in (None, mark) else None
            extra = {} if start is None else {"Content-Range": f"bytes {start}-{size - 1}/{size}"}
            self._head(request, 200 if start is None else 206, size - (start or 0), ETag=mark, **extra)
            place = handle.seek(start or 0)
            while piece := handle.read(PIECE):
                breaks = self.breaks and number >= self.breaks_from and not (span and self.breaks_hosts)
                if breaks and place + len(piece) > self.breaks[0] * size:
                    request.wfile.write(piece[: max(0, int(self.breaks.pop(0) * size) - place)])
                    self.version += self.changes
                    self._reset(request)
                    return
                request.wfile.write(piece)
                place += len(piece)

    def _head(self, request, status, length, **headers):
        request.send_response(status)
        for name, value in {"Content-Length": str(length), **headers}.items():
            request.send_header(name.replace("_", "-"), value)
        request.end_headers()

    def _reset(self, request):
        """Reset the connection once the other side has what was sent: a reset overtakes what is on its way."""
        deadline = time.monotonic() + DELIVERED_WITHIN
        while _on_its_way(request.connection) and time.monotonic() < deadline:
            time.sleep(0.01)
        request.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        request.close_connection = True
        socket.socket.shutdown(request.connection, socket.SHUT_RDWR)


def _on_its_way(connection) -> int:
    """How many bytes a connection has sent that nobody has acknowledged."""
    return struct.unpack("i", fcntl.ioctl(connection.fileno(), termios.TIOCOUTQ, bytes(4)))[0]
