# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""DNS servers, asked one by one and past the resolver of this host."""

from __future__ import annotations

import ipaddress
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from ansible.module_utils.basic import missing_required_lib

from ..errors import ApiError, Error, Invalid
from ..values import checked_host, checked_port

try:
    import dns.exception
    import dns.message
    import dns.name
    import dns.query
    import dns.rcode
except ImportError:
    dns = None

TRIES = 2  # a datagram may be lost
AT_ONCE = 8
SAID = {
    "NXDOMAIN": "NXDOMAIN: there is no such name",
    "REFUSED": "REFUSED: it does not serve this host, or does not ask other servers",
    "SERVFAIL": "SERVFAIL: it could not find out",
}


class Dns:
    """Servers on one port. ``timeout`` is for one try."""

    def __init__(self, port: int, timeout: int):
        if dns is None:
            raise Error(missing_required_lib("dnspython"))
        self.port = checked_port("port", port)
        if timeout < 1:
            raise Invalid("timeout", f"{timeout} is less than a second.")
        self.timeout = timeout

    def answers(self, servers: list[str], names: list[str]) -> list[dict]:
        """What each server says to each name, in this order."""
        names = checked_names(names)
        pairs = [(server, name) for server in checked_servers(servers) for name in names]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return list(pool.map(lambda pair: self.answer(*pair), pairs))

    def answer(self, server: str, name: str) -> dict:
        """What one server says to one name. IPv6 counts too, but its failure does not where there is IPv4."""
        addresses, error = [], "no address: there is none, or private ones are held back"
        try:
            addresses += self._ask(server, name, "A")
            addresses += self._ask(server, name, "AAAA")
        except ApiError as failure:
            error = failure.message
        return {
            "server": server,
            "name": name,
            "addresses": addresses,
            "answered": bool(addresses),
            "error": "" if addresses else error,
        }

    def _ask(self, server, name, kind) -> list[str]:
        for left in reversed(range(TRIES)):
            try:
                return self._query(server, name, kind)
            except ApiError as failure:
                if not (left and failure.retryable):
                    raise

    def _query(self, server, name, kind) -> list[str]:
        """The addresses of a name, those of its canonical name included. Every question passes here."""
        asked = dns.message.make_query(name, kind)
        failure = partial(ApiError, service=server, operation=kind)
        try:
            said, _over_tcp = dns.query.udp_with_fallback(
                asked, server, timeout=self.timeout, port=self.port, ignore_unexpected=True
            )
            found = said.resolve_chaining().answer
        except dns.exception.Timeout:
            raise failure("no answer in time", retryable=True) from None
        except (OSError, EOFError) as error:
            why = getattr(error, "strerror", None) or error
            raise failure(f"no connection: {why}", retryable=True) from None
        except dns.exception.DNSException as error:
            raise failure(f"an answer that makes no sense: {error}") from None
        code = dns.rcode.to_text(said.rcode())
        if code != "NOERROR":
            raise failure(SAID.get(code, code), code=code, retryable=code == "SERVFAIL")
        return sorted(record.address for record in found or ())


def checked_servers(servers: list[str]) -> list[str]:
    """The servers, each once, if they are addresses: a name would have to be asked for first."""
    if not servers:
        raise Invalid("servers", "give at least one.")
    for server in servers:
        if not _is_address(server):
            raise Invalid("servers", f"{server!r} is not an address.")
    return list(dict.fromkeys(servers))


def checked_names(names: list[str]) -> list[str]:
    """The names, each once, if they are names. To ask for none would prove nothing."""
    if not names:
        raise Invalid("names", "give at least one.")
    for name in names:
        if _is_address(checked_host("names", name)):
            raise Invalid("names", f"{name} is an address, not a name.")
        try:
            dns.name.from_text(name)
        except dns.exception.DNSException as error:
            raise Invalid("names", f"{name!r} is not the name of a host: {error}") from None
    return list(dict.fromkeys(names))


def _is_address(text) -> bool:
    try:
        return bool(ipaddress.ip_address(text))
    except ValueError:
        return False
