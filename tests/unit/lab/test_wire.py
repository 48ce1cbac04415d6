# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a spoiled answer looks like on the wire."""

from __future__ import annotations

import socket
import threading
import time

import pytest
from lab import web, wire
from werkzeug.wrappers import Response

JSON = (b'{"Gateways": [1]}', "application/json")
XML = (b"<AnswerResponse><set><item>1</item></set></AnswerResponse>", "text/xml")
SOAP = (b'<E:Envelope xmlns:E="e"><E:Body><GoResponse><x>1</x></GoResponse></E:Body></E:Envelope>', "text/xml")


class World:
    held = 0

    def __init__(self):
        self.stopping = threading.Event()


def heard(kind, answer=JSON, seconds=5) -> bytes:
    """All that arrives until the other side hangs up, or as much as there is time for."""
    world, (body, content_type) = World(), answer

    def app(environ, start_response):
        response = Response(body, content_type=content_type)
        wire.after(kind, environ, world, web.parts(response))
        return response(environ, start_response)

    server = web.serve(app, "127.0.0.1", 0, stopping=world.stopping)
    found, ends = b"", time.monotonic() + seconds
    try:
        with socket.create_connection(("127.0.0.1", server.server_port)) as connection:
            connection.settimeout(seconds)
            connection.sendall(b"GET / HTTP/1.1\r\nHost: lab\r\n\r\n")
            while time.monotonic() < ends:
                piece = connection.recv(4096)
                found += piece
                if not piece:
                    break
    finally:
        world.stopping.set()
        server.shutdown()
        server.server_close()
    return found


@pytest.mark.parametrize(
    ("kind", "head", "sent"),
    [
        ("cut_length", b"Content-Length: 17\r\n", JSON[0][:8]),
        ("cut_chunk", b"Transfer-Encoding: chunked\r\n", b"11\r\n" + JSON[0][:8]),
        ("cut_close", b"Connection: close\r\n", JSON[0][:8]),
        ("html", b"Content-Type: text/html\r\n", wire.HTML),
        ("empty", b"Content-Length: 0\r\n", b""),
        ("{}", b"Content-Length: 2\r\n", b"{}"),
        ("null", b"Content-Length: 4\r\n", b"null"),
        ("other_type", b"Content-Length: 9\r\n", b'["other"]'),
    ],
)
def test_each_way_to_spoil_an_answer(kind, head, sent):
    first, _empty, body = heard(kind).partition(b"\r\n\r\n")
    assert head in first + b"\r\n"
    assert body == sent
    assert (b"Content-Length" in first) == (kind not in ("cut_chunk", "cut_close"))


def test_a_drip_is_a_byte_a_second():
    first, _empty, body = heard("drip", seconds=2).partition(b"\r\n\r\n")
    assert b"Content-Length: 17" in first
    assert JSON[0].startswith(body) and 1 <= len(body) <= 4


def test_of_xml_the_root_stays_where_json_would_hold_nothing():
    assert heard("{}", XML).endswith(b"\r\n\r\n<AnswerResponse />")
    assert b"<GoResponse />" in heard("{}", SOAP) and b"<x>" not in heard("{}", SOAP)


def test_every_way_is_a_fault_that_can_be_asked_for():
    from lab.control import KINDS

    assert set(wire.SPOILED) <= set(KINDS) and set(wire.SPOILED) <= set(wire.AFTER)
