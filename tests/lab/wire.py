# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Connections that end without an answer, or never get one."""

from __future__ import annotations

import select
import socket
import struct


def reset(environ):
    """End the connection of a WSGI request at once."""
    connection = environ["werkzeug.socket"]
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.shutdown(socket.SHUT_RDWR)
    raise ConnectionResetError("fault: reset")


def hang(environ, stopping):
    """Answer nothing until the client gives up or the lab ends."""
    connection = environ["werkzeug.socket"]
    while not stopping.is_set():
        readable, _, _ = select.select([connection], [], [], 0.2)
        # The plain socket's recv: a TLS socket refuses to peek.
        if readable and not socket.socket.recv(connection, 1, socket.MSG_PEEK):
            break
    raise ConnectionResetError("fault: hang")
