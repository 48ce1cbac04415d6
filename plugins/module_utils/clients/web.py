# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A file on an HTTPS server, read by position; where the connection breaks, it is read on from there."""

from __future__ import annotations

import http.client
import io
import re
import socket
from urllib.parse import urljoin, urlsplit

from .. import secrets, wait
from ..errors import ApiError, Error, Invalid, TimedOut
from ..values import checked_host, checked_port
from .https import connect, thumbprint, why

REDIRECTS = 5
NEAR = 1 << 20  # a gap that is read through rather than asked around
LONGEST_READ = 60
VAIN = 3  # connections in a row that bring nothing
MOVED = (301, 302, 303, 307, 308)
AGAIN = (408, 425, 429, 500, 502, 503, 504)
CONTENT_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+)$")


class Download(io.RawIOBase):
    """The file as a stream that can be sought. Only one version of it is ever read: another one, by its ETag, date or size, is an error.

    ``patience`` in seconds is how long a broken connection is tried again. ApiError says which file, without the query of its address.
    """

    _connection = None  # also of one that was refused before it began

    def __init__(self, url: str, *, context, proxy: tuple | None = None, patience: float = 600):
        super().__init__()
        self.url = _checked(url)
        self.name = self.url.partition("?")[0]
        self.context = context
        self.proxy = proxy
        self.patience = patience
        self.size = None
        self.ranges = False
        self.mark = None
        self.served_by = None  # the address after all redirections, and the thumbprint of the certificate there
        self._answer = None
        self._answers_at = 0
        self._position = 0
        self._vain = 0
        self._open(0)

    def readable(self):
        return True

    def seekable(self):
        return True

    def tell(self):
        return self._position

    def seek(self, offset, whence=io.SEEK_SET):
        self._position = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self.size}[whence]
        return self._position

    def readinto(self, buffer):
        """All that was asked for, unless the file ends before."""
        view, filled = memoryview(buffer), 0
        while filled < len(view) and self._position < self.size:
            try:
                self._reach(self._position)
                count = self._answer.readinto(view[filled:])
                broken = None if count else self._failed("the connection was closed too early", retryable=True)
            except (OSError, http.client.HTTPException) as error:
                count, broken = 0, self._unanswered(error)
            except ApiError as failure:
                if not failure.retryable:
                    raise
                count, broken = 0, failure
            if broken is not None:
                self._take_up(broken)
                continue
            self._vain = 0
            filled += count
            self._position += count
            self._answers_at += count
        return filled

    def release(self):
        """Drop the connection; the next read opens another one."""
        connection, self._connection, self._answer = self._connection, None, None
        if connection is None:
            return
        try:
            if connection.sock is not None:
                # Not its own shutdown: that would leave TLS first.
                socket.socket.shutdown(connection.sock, socket.SHUT_RDWR)
        except OSError:
            pass
        connection.close()

    def close(self):
        self.release()
        super().close()

    def _reach(self, position):
        """Have an answer whose next byte is the one at that position."""
        gap = position - self._answers_at
        if self._answer is None or gap < 0 or (gap > NEAR and self.ranges):
            self._open(position)
        while self._answers_at < position:
            skipped = len(self._answer.read(min(NEAR, position - self._answers_at)))
            if not skipped:
                raise http.client.IncompleteRead(b"")
            self._answers_at += skipped

    def _take_up(self, broken):
        self.release()
        self._vain += 1
        if not self.ranges and self._position:
            raise self._failed(
                f"{broken.message}, after {self._position} of {self.size} bytes; its server does not answer range requests, "
                "so that it cannot be read on from there"
            )
        if self._vain > VAIN:
            raise broken

        def attempt():
            try:
                return self._open(self._position)
            except ApiError as failure:
                if not failure.retryable:
                    raise
                return failure

        try:
            wait.until(
                attempt, lambda failure: failure is None or failure.message, timeout=self.patience, what=self.name
            )
        except TimedOut as late:
            raise Error(f"{broken}. {late}") from None

    def _open(self, position):
        self.release()
        url = self.url
        for _redirect in range(REDIRECTS):
            answer, presented = self._request(url, position)
            if answer.status not in MOVED:
                self._accept(answer, position)
                self.served_by = (url, presented)
                return
            self.release()
            url = _led(url, answer.getheader("Location") or "")
            secrets.hide_urls(url)
            if url is None:
                raise self._failed("its server points to an address that is not https")
        raise self._failed("its server points from one address to the next without end")

    def _request(self, url, position):
        parts = urlsplit(url)
        headers = {"Range": f"bytes={position}-", "Accept-Encoding": "identity", "User-Agent": "vmc.aws_backup"}
        # A weak ETag is not allowed there.
        if self.ranges and self.mark and not self.mark.startswith("W/"):
            headers["If-Range"] = self.mark
        try:
            self._connection = connect(
                parts.hostname,
                parts.port or 443,
                context=self.context,
                proxy=self.proxy,
                timeout=min(LONGEST_READ, self.patience),
            )
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            self._connection.request("GET", target, headers=headers)
            presented = thumbprint(self._connection.sock.getpeercert(binary_form=True))
            return self._connection.getresponse(), presented
        except (OSError, ValueError, http.client.HTTPException) as error:
            self.release()
            raise self._unanswered(error) from None

    def _accept(self, answer, position):
        if answer.status not in (200, 206):
            self.release()
            raise self._failed(f"HTTP {answer.status} {answer.reason}", retryable=answer.status in AGAIN)
        span = CONTENT_RANGE.match(answer.getheader("Content-Range") or "") if answer.status == 206 else None
        if answer.status == 206 and (span is None or int(span[1]) != position):
            self.release()
            raise self._failed("its server answered with another range than the one asked for")
        size = span[2] if span else answer.getheader("Content-Length")
        if not re.fullmatch("[0-9]+", size or ""):
            self.release()
            raise self._failed("its server does not say how long it is")
        mark = answer.getheader("ETag") or answer.getheader("Last-Modified")
        if self.size is not None and (mark, int(size)) != (self.mark, self.size):
            self.release()
            raise self._failed("it was changed on its server while it was read; run this again")
        self.ranges, self.mark, self.size = span is not None, mark, int(size)
        self._answer, self._answers_at = answer, position if span else 0

    def _failed(self, said, **more):
        return ApiError(said, attempted=f"read ova {self.name}", service="HTTPS", operation="GET", **more)

    def _unanswered(self, error):
        return self._failed(why(error), retryable=not isinstance(error, ValueError), code=type(error).__name__)


def _led(url: str, location: str) -> str | None:
    """Where a redirect leads, if that is an address to be asked over HTTPS."""
    try:
        parts = urlsplit(urljoin(url, location))
        return parts.geturl() if parts.scheme == "https" and parts.hostname and parts.port != 0 else None
    except ValueError:
        return None


def proxy_at(url: str | None) -> tuple | None:
    """The host and port of a proxy given as ``http://host:port``."""
    if not url:
        return None
    secrets.hide(*secrets.in_url(url))
    parts = urlsplit(url)
    try:
        port = parts.port or 80
    except ValueError:
        raise Invalid("ova_proxy", "its port is not a number") from None
    if parts.scheme != "http" or parts.username or parts.path.strip("/") or parts.query:
        raise Invalid("ova_proxy", "has to be like http://proxy.example.org:3128, without user and password")
    return checked_host("ova_proxy", parts.hostname or ""), checked_port("ova_proxy", port)


def _checked(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme == "http":
        raise Invalid("ova", "http:// is refused: on the way anybody could change the image. Use https:// or a path")
    if parts.scheme != "https":
        raise Invalid("ova", f"{parts.scheme}:// is no kind of address that can be read: use https:// or a path")
    if parts.username or parts.password:
        secrets.hide(*secrets.in_url(url))
        raise Invalid("ova", "an address with a user name and password in it is refused: logs would show them")
    try:
        port = parts.port or 443
    except ValueError:
        raise Invalid("ova", "the port in its address is not a number") from None
    checked_host("ova", parts.hostname or "")
    checked_port("ova", port)
    return url.partition("#")[0]
