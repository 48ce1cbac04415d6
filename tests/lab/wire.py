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
from xml.etree import ElementTree

# The call is carried out, and its answer arrives in part, as something else, or a byte a second.
CUT = ("cut_length", "cut_chunk", "cut_close")
SPOILED = (*CUT, "html", "empty", "{}", "null", "other_type", "drip")
AFTER = ("reset_after", "hang_after", *SPOILED)  # the call is carried out, and its answer never arrives as a whole
HTML = b"<html><body><p>Log in</p></body></html>"
XML = ("text/xml", "application/xml")

caller = threading.local()  # its address, of the connection that a thread serves


def before(fault, environ, world):
    """What a fault does to a call before it is carried out."""
    if fault == "hang":
        hang(environ, world)
    if fault == "reset_before":
        reset(environ)


def after(fault, environ, world, answer=(200, (), b"")):
    """What a fault does to the answer of a call that was carried out: ``answer`` is its status, headers and body."""
    if fault == "hang_after":
        hang(environ, world)
    if fault == "reset_after":
        reset(environ)
    if fault in SPOILED:
        spoil(fault, environ, world, *answer)


def spoil(fault, environ, world, status, headers, body):
    """Send an answer that is not whole, and hang up."""
    connection = environ["werkzeug.socket"]
    headers = {name.title(): value for name, value in headers}
    if fault not in (*CUT, "drip"):
        body, status = other(fault, body, headers.get("Content-Type", "")), 200
    if fault == "html":
        headers["Content-Type"] = "text/html"
    sent, headers = body, {**headers, "Content-Length": len(body), "Connection": "close"}
    if fault in CUT:
        sent = body[: len(body) // 2]
    if fault == "cut_length":
        headers["Content-Length"] = len(body) or 9  # nothing cannot be cut
    if fault in ("cut_chunk", "cut_close"):
        del headers["Content-Length"]
    if fault == "cut_chunk":
        headers["Transfer-Encoding"] = "chunked"
        sent = f"{len(body) or 9:x}\r\n".encode() + sent
    lines = [f"HTTP/1.1 {status} lab", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    connection.sendall("\r\n".join(lines).encode())
    if fault == "drip":
        _drip(connection, world, sent)
    else:
        connection.sendall(sent)
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:  # the client was faster
        pass
    raise ConnectionResetError(f"fault: {fault}")


def other(fault, body: bytes, content_type: str) -> bytes:
    """What comes in place of an answer. Of one in XML only the root is left where a JSON one would be {}."""
    xml = content_type.startswith(XML)
    if fault == "html":
        return HTML
    if fault == "empty":
        return b""
    if fault == "null":
        return b"null"
    if fault == "other_type":
        return b"<Other><other>1</other></Other>" if xml else b'{"other": 1}' if body[:1] == b"[" else b'["other"]'
    return _bare(body) if xml else b"{}"


def _bare(body: bytes) -> bytes:
    """An answer in XML that holds nothing: of SOAP and of queries the envelope stays."""
    try:
        root = ElementTree.fromstring(body)
    except ElementTree.ParseError:
        return body
    inside = next((node for node in root if node.tag.endswith(("}Body", "Result"))), root)
    for node in inside if inside.tag.endswith("}Body") else [inside]:
        node.clear()
    return ElementTree.tostring(root)


def _drip(connection, world, body):
    """A byte a second, until the client gives up or the lab ends."""
    world.held += 1
    try:
        for byte in body:
            connection.sendall(bytes([byte]))
            if world.stopping.wait(1):
                break
    finally:
        world.held -= 1


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
