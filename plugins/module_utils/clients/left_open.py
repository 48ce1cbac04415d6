# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The sessions that a module has open, noted where whoever started it can close them should it be killed."""

from __future__ import annotations

import contextlib
from dataclasses import asdict, dataclass, field

from ..anonymous import anonymous, read, write
from .https import connect, tls_context

PATIENCE = 5
_file = None


@dataclass
class Closing:
    """The one request that closes a session."""

    host: str
    port: int
    proxy: list | None
    ca_bundle: str | None
    method: str
    path: str
    headers: dict = field(default_factory=dict)
    body: str | None = None

    def send(self) -> None:
        connection = connect(
            self.host, self.port, context=tls_context(self.ca_bundle), proxy=self.proxy, timeout=PATIENCE
        )
        connection.request(self.method, self.path, body=self.body, headers=self.headers)
        connection.getresponse().read()


@contextlib.contextmanager
def noted():
    """A place for the notes of the module that is started within. Nobody but that inherits it."""
    global _file
    with anonymous() as file:
        _file = file.fileno()
        try:
            yield _file
        finally:
            _file = None


def opened(name: str, closing: Closing) -> None:
    """Note how a session is closed. Where nobody made a place for that, it is closed by who opened it or not at all."""
    if _file is not None:
        write(_file, {**read(_file), name: asdict(closing)})


def closed(name: str) -> None:
    if _file is not None:
        write(_file, {key: closing for key, closing in read(_file).items() if key != name})


def left(notes: int) -> list[Closing]:
    """What is still open."""
    return [Closing(**told) for told in read(notes).values()]
