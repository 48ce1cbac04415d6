# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""HTTPS connections that neither pyVmomi nor requests makes: whom they trust, how they send, and why they broke."""

from __future__ import annotations

import codecs
import functools
import hashlib
import hmac
import http.client
import importlib.util
import socket
import ssl

from ansible.module_utils.basic import missing_required_lib

from ..errors import Error, Invalid

MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
DER_SEQUENCE = 0x30  # what every certificate in DER form begins with
THUMBPRINTS = {40: "sha1", 64: "sha256"}


def checked_bundle(option: str, path: str | None) -> str | None:
    """A file of certificates that can be trusted, looked at before anything is sent."""
    if not path:
        return path
    try:
        with open(path, "rb") as file:
            held = file.read()
    except FileNotFoundError:
        raise Invalid(option, f"{path} does not exist.") from None
    except OSError as error:
        raise Invalid(option, f"{path} cannot be read: {error.strerror}.") from None
    wrong = _no_bundle(held)
    if wrong:
        raise Invalid(option, f"{path} {wrong}.")
    return path


@functools.lru_cache(maxsize=8)
def _no_bundle(held: bytes) -> str | None:
    """What is wrong with the certificates of a file."""
    if not held.strip():
        return "is empty"
    if held.startswith(MARKS):
        return "begins with a byte order mark, which hides its first certificate: save it as plain text"
    if b"-----BEGIN " not in held:
        in_der = held[0] == DER_SEQUENCE
        return (
            "is in DER form: openssl x509 -inform der -in FILE gives PEM"
            if in_der
            else "holds no certificate in PEM form"
        )
    try:
        ssl.create_default_context(cadata=held.decode("ascii", "ignore"))
    except (ssl.SSLError, ValueError):
        return "holds no certificate in PEM form, or one that cannot be read"
    return None


def tls_context(ca_bundle: str | None) -> ssl.SSLContext:
    checked_bundle("ca_bundle", ca_bundle)
    try:
        return ssl.create_default_context(cafile=ca_bundle)
    except OSError as error:
        raise Invalid("ca_bundle", f"cannot be used: {error}") from None


def unsigned() -> ssl.SSLContext:
    """A context for a certificate that is compared by its thumbprint instead of its signature."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def connect(host, port, *, context, proxy=None, timeout, kind=http.client.HTTPSConnection):
    """An HTTPS connection that is not opened yet, through the proxy if there is one."""
    connection = kind(*(proxy or (host, port)), context=context, timeout=timeout, blocksize=1 << 20)
    if proxy is not None:
        connection.set_tunnel(host, port)
    return connection


def need_urllib3():
    """Error when an upload would lack what it needs."""
    if importlib.util.find_spec("urllib3") is None:
        raise Error(missing_required_lib("urllib3"))


class Upload(http.client.HTTPSConnection):
    """Hands a piece to the network as a whole. Python's own TLS socket does so record by record, 64 times as often."""

    def __init__(self, *address, context, **options):
        super().__init__(*address, context=context, **options)
        self.context = context
        self.tcp = None

    def connect(self):
        from urllib3.util.ssltransport import SSLTransport  # late, because most runs upload nothing

        http.client.HTTPConnection.connect(self)
        self.sock = self.tcp = _Socket(fileno=self.sock.detach())
        self.tcp.settimeout(self.timeout)
        self.sock = SSLTransport(self.tcp, self.context, self._tunnel_host or self.host)


class _Socket(socket.socket):
    """Counts its timeout from the byte that moved last, where Python's own ``sendall`` counts it from the first one."""

    def sendall(self, data, flags=0):
        left = memoryview(data)
        while left:
            left = left[self.send(left, flags) :]


def thumbprint(certificate: bytes) -> str:
    """As vCenter writes it: the SHA-1 digest, whose bytes have colons between them."""
    return hashlib.sha1(certificate, usedforsecurity=False).digest().hex(":").upper()


def matches(certificate: bytes, told: str) -> bool:
    """Whether it is the certificate of a thumbprint, in any of the forms in which vCenter tells one."""
    wanted = told.replace(":", "").lower()
    algorithm = THUMBPRINTS.get(len(wanted))
    return algorithm is not None and hmac.compare_digest(hashlib.new(algorithm, certificate).hexdigest(), wanted)


def why(error: Exception) -> str:
    """What to say of a connection that could not be made, or broke."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({error.verify_message}); see ca_bundle"
    if isinstance(error, TimeoutError):
        return "no answer in time; is it reachable from here, and does a firewall let this host in?"
    if isinstance(error, ssl.SSLError):
        return "the TLS connection broke off"
    if isinstance(error, ValueError):
        return f"the request cannot be sent ({type(error).__name__})"  # its text would be what was to be sent
    if isinstance(error, http.client.HTTPException) and error.__class__ != http.client.HTTPException:
        return f"an answer that makes no sense ({type(error).__name__})"  # its text would be what was sent
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
