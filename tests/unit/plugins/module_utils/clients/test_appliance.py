# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from types import SimpleNamespace

import pytest
import requests
from ansible_collections.vmc.aws_backup.plugins.module_utils.clients.appliance import Appliance
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import ApiError, TimedOut

KEY = "BME11-LQPTD-DF11P-BLLQ0-111V1"
QUERY = {"activationRegion": "eu-west-1", "gatewayType": "BACKUP_VM"}


def page(status=200, text="", location=None):
    headers = {"Location": location} if location else {}
    return SimpleNamespace(status_code=status, text=text, headers=headers, is_redirect=location is not None)


def ask(*answers, timeout=0, address="10.0.0.1"):
    """The key, or the error, and the URLs that were asked for."""
    client, urls, answers = Appliance(address, 80), [], list(answers)

    def get(url, **options):
        assert options["allow_redirects"] is False
        urls.append(url)
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    assert client.session.trust_env is False
    client.session = SimpleNamespace(get=get)
    try:
        return client.activation_key(QUERY, timeout), urls
    except (ApiError, TimedOut) as error:
        return error, urls


def test_the_form_without_a_redirect_is_asked_for_first():
    key, urls = ask(page(text=f" {KEY}\n"))
    assert key == KEY
    assert urls == ["http://10.0.0.1:80/?activationRegion=eu-west-1&gatewayType=BACKUP_VM&no_redirect"]


@pytest.mark.parametrize("first", [page(404), page(200, "<html>"), page(302, location="https://console/?other=1")])
def test_an_appliance_that_does_not_know_it_is_asked_the_other_way(first):
    key, urls = ask(first, page(302, location=f"https://console/?activationkey={KEY}"))
    assert key == KEY
    assert urls[1].endswith("gatewayType=BACKUP_VM")


def test_what_python_refuses_to_send_is_not_shown():
    error, _urls = ask(ValueError("Invalid header value b'abcdef'"))
    assert "the request cannot be sent (ValueError)" in str(error) and "abcdef" not in str(error)


def test_an_appliance_that_is_still_starting_is_asked_again(monkeypatch):
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    key, urls = ask(requests.exceptions.ConnectionError(), page(504), page(503, "<html>"), page(text=KEY), timeout=60)
    assert (key, len(urls)) == (KEY, 4)


def test_one_that_never_answers_is_given_up():
    error, _urls = ask(requests.exceptions.ConnectTimeout())
    assert isinstance(error, TimedOut)
    assert "no answer" in str(error)


def test_an_error_that_the_appliance_names_is_told_at_once():
    error, urls = ask(page(302, location="https://console/?errorType=PRIVATE_LINK_ENDPOINT_UNREACHABLE"), timeout=60)
    assert "PRIVATE_LINK_ENDPOINT_UNREACHABLE" in str(error)
    assert len(urls) == 1


def test_a_page_without_a_key_is_not_taken_for_one():
    error, urls = ask(page(200, "<html>activated</html>"), page(200, "<html>activated</html>"), timeout=60)
    assert "without a key" in str(error)
    assert len(urls) == 2


def test_the_code_on_a_page_without_a_key_is_told_and_nothing_else_of_it():
    said = f"Activation failed: CLOCK_SKEW, not {KEY}"
    error, _urls = ask(page(200, said), page(200, said))
    assert "HTTP 200 without a key (CLOCK_SKEW);" in str(error)
    assert KEY not in str(error)


def test_an_ipv6_address_is_bracketed():
    assert ask(page(text=KEY), address="fd00::1")[1][0].startswith("http://[fd00::1]:80/?")


def test_half_a_key_is_no_key():
    cut = page(text=KEY[:11])
    cut.headers, cut.raw = {"Content-Length": str(len(KEY))}, SimpleNamespace(tell=lambda: 11)
    error, urls = ask(cut)
    assert "not whole: 11 of 29 bytes" in str(error)
    assert len(urls) == 1


def test_a_redirect_to_nowhere_holds_no_key():
    error, _urls = ask(page(302, location="http://[console"), page(302, location="http://[console"))
    assert "without a key" in str(error)
