# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""WSGI over TCP or TLS on a loopback address, with the physics of a connection that is never answered."""

from __future__ import annotations

import json
import socket
import socketserver
import ssl
import sys
import threading
import time

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler
from werkzeug.wrappers import Request, Response

from . import wire
from .lag import Ask

STATUS = {"throttle": 429, "expired": 401, "busy": 409, "echo": 400}  # of a fault that has a name


class QuietHandler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, type, message, *args):  # the journal is the log
        pass

    def send_response(self, code, message=None):  # a date of its own would be a second one beside the app's
        self.send_response_only(code, message)


class Server(ThreadedWSGIServer):
    """One listener. ``permit`` is asked at each connection: a reason why not leaves the client waiting, as a dropped packet does.

    Where ``gone`` says so nobody is there, and the connection ends at once.
    """

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, app, address, port, *, tls: ssl.SSLContext | None = None, permit=None, gone=None, stopping=None):
        super().__init__(address, port, app, handler=QuietHandler)
        self.tls = tls
        self.permit = permit
        self.gone = gone
        self.stopping = stopping or threading.Event()

    def finish_request(self, request, client_address):
        wire.caller.address = client_address[0]
        if self.gone is not None and self.gone():
            return
        request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.permit is not None and self.permit(client_address[0]):
            request.settimeout(1)
            while not self.stopping.is_set():
                try:
                    if not request.recv(65536):
                        return
                except socket.timeout:
                    continue
                except OSError:
                    return
            return
        if self.tls is not None:
            try:
                request.settimeout(30)
                request = self.tls.wrap_socket(request, server_side=True)
                request.settimeout(None)
            except (OSError, ssl.SSLError):
                return
        try:
            super().finish_request(request, client_address)
        finally:
            if self.tls is not None:
                try:
                    request.close()
                except OSError:
                    pass

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], (ConnectionError, ssl.SSLError)):
            socketserver.BaseServer.handle_error(self, request, client_address)


def serve(app, address, port, **kwargs) -> Server:
    """Serve in a thread of its own, until shut down."""
    server = Server(app, address, port, **kwargs)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()
    return server


def answer(status: int, body=None, headers=None) -> Response:
    """A JSON answer, empty when there is no body."""
    text = "" if body is None else json.dumps(body)
    return Response(text, status, headers, content_type="application/json")


def journaled(world, service: str, find, refuse, *, sddc: str = "", unknown=None):
    """A WSGI app all of whose calls pass the journal and the faults.

    `find(request)` says what a request is: operation, kind, and a function that answers it.
    `refuse(status, text)` makes an error in the service's own shape, `unknown(name)` the one for a name in a body that is not known.
    """

    def app(environ, start_response):
        request = Request(environ)
        started, status = time.time(), 0
        operation, kind, run = find(request)
        ask = Ask(service, operation, kind, (service, sddc, request.full_path), request.get_data(as_text=True), sddc)
        fault = world.fault(service, operation)
        try:
            wire.before(fault, environ, world)
            response = (
                lagging(world.lag, ask, run, unknown)
                if fault in (None, *wire.AFTER)
                else faulty(fault, refuse, request)
            )
            status = response.status_code
            wire.after(fault, environ, world, parts(response))
            return response(environ, start_response)
        finally:
            world.record(service, operation, kind, status, started, sddc=sddc, detail=fault or "")

    return app


def lagging(lag, ask, run, unknown) -> Response:
    """The answer of an app: what it was before the last write, or what the service says of what it does not know yet."""
    known = lag.stale(ask)
    if known is None:
        name = lag.unknown(ask) if unknown and ask.kind == "write" else None
        response = unknown(name) if name else run()
        known = (response.get_data(), response.status_code, dict(response.headers))
        lag.keep(ask, known, response.get_data(as_text=True), good=response.status_code < 300)
    return Response(*known)


def parts(response) -> tuple:
    """Status, headers and body of an answer."""
    return response.status_code, list(response.headers), response.get_data()


def faulty(fault, refuse, request):
    if fault == "html503":
        return Response("<html><body><h1>503 Service Unavailable</h1></body></html>", 503, content_type="text/html")
    said = wire.carried(request.headers, request.get_data()) if fault == "echo" else "this fault was asked for"
    response = refuse(STATUS.get(fault) or int(fault), said)
    if fault == "throttle":
        response.headers["Retry-After"] = "1"
    return response
