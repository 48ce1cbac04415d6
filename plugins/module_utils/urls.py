# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""URLs of services and of proxies, judged before anything is sent. They may hold secrets, so that they are not shown."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from . import secrets
from .errors import Invalid
from .values import HOST


def checked_https(option: str, url: str | None) -> str | None:
    """The URL of a service that tokens are sent to. They travel through TLS; a loopback address needs none."""
    secrets.checked_url(option, url)
    scheme, host = _scheme_and_host(url)
    if not (host and (scheme == "https" or (scheme == "http" and _is_loopback(host)))):
        raise Invalid(
            option,
            "is not an https URL, like https://host.example or https://host.example:8443/path, and nothing more.",
        )
    return url


def checked_web(option: str, url: str | None) -> str | None:
    """The URL of a service to which no secret is sent as it is."""
    secrets.checked_url(option, url)
    scheme, host = _scheme_and_host(url)
    if not host or scheme not in ("http", "https"):
        raise Invalid(option, "is not a URL, like https://host.example:8443, and nothing more.")
    return url


def checked_proxy(option: str, url: str | None) -> str | None:
    """The URL of a proxy, which may hold what the proxy asks for."""
    secrets.hide(*secrets.in_url(url or ""))
    if not all(_scheme_and_host(url)):
        raise Invalid(option, "must be a URL, like http://proxy.example.com:3128.")
    return url


def _scheme_and_host(url) -> tuple:
    """Empty where something is odd: the port, the host, a space, or what comes after the path."""
    text = url or ""
    try:
        parts = urlsplit(text)
        odd = parts.port == 0 or parts.query or parts.fragment or text != "".join(text.split())
    except ValueError:
        return "", None
    host = parts.hostname or ""
    return (parts.scheme, host) if HOST.fullmatch(host) and not odd else ("", None)


def _is_loopback(host):
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
