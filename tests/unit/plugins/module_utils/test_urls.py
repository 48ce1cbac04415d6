# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import Invalid
from ansible_collections.vmc.aws_backup.plugins.module_utils.urls import checked_https, checked_proxy, checked_web

GOOD = [
    "https://host.example",
    "https://host.example:8443/base/path",
    "https://198.51.100.1:9443",
    "https://[fd00::1]:8443/x",
]
ODD = [
    None,
    "",
    "host.example",
    "//host.example",
    "https://",
    "https:///path",
    "https://host.example:port",
    "https://host.example:0",
    "https://host.example:70000",
    "https://host .example",
    " https://host.example",
    "https://host.example\n",
    "https://host_name/%zz?token=hush",
    "https://host.example/#part",
    "https://[fd00::1",
    "ftp://host.example",
]


@pytest.mark.parametrize("url", [*GOOD, "http://127.0.0.1:9000", "http://localhost:9000"])
def test_tokens_go_to_https_or_loopback(url):
    assert checked_https("vmc_url", url) == url


@pytest.mark.parametrize("url", [*ODD, "http://host.example"])
def test_what_is_no_https_url_is_refused_and_not_shown(url):
    with pytest.raises(Invalid, match="vmc_url: is not an https URL") as caught:
        checked_https("vmc_url", url)
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize("url", [*GOOD, "http://10.0.0.9:4566"])
def test_the_url_of_aws_may_be_without_tls(url):
    assert checked_web("endpoint_url", url) == url


@pytest.mark.parametrize("url", ODD)
def test_what_is_no_url_is_refused(url):
    with pytest.raises(Invalid, match="endpoint_url: is not a URL"):
        checked_web("endpoint_url", url)


@pytest.mark.parametrize("check", [checked_https, checked_web])
def test_a_url_with_a_password_is_refused(check, masked):
    with pytest.raises(Invalid, match="must not hold a user name or a password"):
        check("url", "https://me:wJ7kq2Vn@host.example")
    assert "wJ7kq2Vn" in masked


@pytest.mark.parametrize(
    "url", ["http://proxy.example:3128", "http://me:wJ7kq2Vn@proxy.example:3128", "https://[fd00::1]:8080"]
)
def test_a_proxy_may_ask_for_a_password(url, masked):
    assert checked_proxy("proxy", url) == url
    assert ("wJ7kq2Vn" in masked) == ("wJ7kq2Vn" in url)


@pytest.mark.parametrize(
    "url", ["proxy.example:3128", "me:wJ7kq2Vn@proxy.example", "http://", "http://proxy.example:port"]
)
def test_a_proxy_is_a_url(url, masked):
    with pytest.raises(Invalid, match="proxy: must be a URL") as caught:
        checked_proxy("proxy", url)
    assert "wJ7kq2Vn" not in str(caught.value)
