# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Connections: who is at the other end, and those that end without an answer or never get one."""

from __future__ import annotations

import base64
import select
import socket
import struct
import threading
from urllib.parse import unquote_plus

AFTER = ("reset_after", "hang_after")  # the call is carried out, and its answer never arrives

caller = threading.local()  # its address, of the connection that a thread serves


def before(fault, environ, world):
    """What a fault does to a call before it is carried out."""
    if fault == "hang":
        hang(environ, world)
    if fault == "reset_before":
        reset(environ)


def after(fault, environ, world):
    """What a fault does to the answer of a call that was carried out."""
    if fault == "hang_after":
        hang(environ, world)
    if fault == "reset_after":
        reset(environ)


def carried(headers, body: bytes) -> str:
    """All that a request carries, in the words of a service that repeats what it was sent, and the Basic header in clear."""
    sent = dict(headers)
    basic = next((value[6:] for value in sent.values() if value.startswith("Basic ")), "")
    clear = base64.b64decode(basic).decode()
    text = body.decode(errors="replace")
    return " ".join([f"You sent {sent}", clear, text, unquote_plus(text)])


def reset(environ):
    """End the connection of a WSGI request at once."""
    connection = environ["werkzeug.socket"]
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.shutdown(socket.SHUT_RDWR)
    raise ConnectionResetError("fault: reset")


def hang(environ, world):
    """Answer nothing until the client gives up or the lab ends."""
    connection = environ["werkzeug.socket"]
    world.held += 1
    try:
        # Whether the client is gone can be asked even while what it sent is not read.
        gone = select.poll()
        gone.register(connection, select.POLLRDHUP)
        while not world.stopping.wait(0.1):
            if gone.poll(0):
                break
    finally:
        world.held -= 1
    raise ConnectionResetError("fault: hang")
