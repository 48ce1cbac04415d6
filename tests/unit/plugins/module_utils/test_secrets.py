# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64
import html
import json
import re
from types import SimpleNamespace
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import quoteattr

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils import secrets
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import Invalid

# Where pytest would put an address into a test's id, the test has a number: the id comes into the environment.
SECRET = 'p&s <"w/ö rd%'


def masked(*no_log, **params):
    """What a module masks from the beginning."""
    module = SimpleNamespace(no_log_values=set(no_log), params=params)
    secrets.masked_by(module)
    return module.no_log_values


@pytest.mark.parametrize(
    "form",
    [
        str,
        quote,
        quote_plus,
        lambda text: quote(text, safe=""),
        lambda text: json.dumps(text)[1:-1],
        lambda text: quoteattr(text)[1:-1],
        lambda text: base64.b64encode(text.encode()).decode(),
        lambda text: repr(text.encode())[2:-1],
    ],
)
def test_a_secret_is_masked_in_every_form_in_which_it_may_come_back(form):
    shown = form(SECRET)
    for hidden in sorted(masked(SECRET), key=len, reverse=True):
        shown = shown.replace(hidden, "*")
    assert shown == "*"


NASTY = "Ab3/+x=Zq9&<k>'\"~Pw%7\u00f6"


def twice(text):
    return quote(quote(text, safe=""), safe="")


def lower(text):
    return re.sub("%..", lambda each: each[0].lower(), text)


@pytest.mark.parametrize("secret", [NASTY, "wJ7kq2Vn5mZr8Tt1", "tok/En+Val~ue=99xYz"])
@pytest.mark.parametrize(
    "form",
    [
        lambda text: lower(quote(text, safe="")),
        lambda text: lower(quote(text)),
        lambda text: lower(quote_plus(text)),
        twice,
        lambda text: lower(twice(text)),
        lambda text: "".join(f"%{byte:02X}" for byte in text.encode()),
        lambda text: "".join(f"%{byte:02x}" for byte in text.encode()),
        html.escape,
        lambda text: html.escape(text).replace("&#x27;", "&#39;"),
        lambda text: html.escape(text).replace("&quot;", "&#34;").replace("&#x27;", "&#39;"),
        lambda text: html.escape(text, quote=False),
        lambda text: html.escape(text).encode("ascii", "xmlcharrefreplace").decode(),
        lambda text: "".join(f"&#{ord(each)};" for each in text),
        lambda text: "".join(f"&#x{ord(each):x};" for each in text),
        lambda text: "".join(each if each.isalnum() else f"&#x{ord(each):X};" for each in text),
        lambda text: text.replace("/", "\\/"),
        lambda text: json.dumps(text)[1:-1].replace("/", "\\/"),
        lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
        lambda text: (
            json.dumps(text)[1:-1]
            .replace("<", "\\u003c")
            .replace(">", "\\u003e")
            .replace("&", "\\u0026")
            .replace("'", "\\u0027")
        ),
        lambda text: json.dumps(json.dumps(text)[1:-1])[1:-1],
        lambda text: "".join(f"\\u{ord(each):04x}" for each in text),
        lambda text: "".join(f"\\u{ord(each):04X}" for each in text),
        lambda text: base64.b64encode(text.encode()).decode().rstrip("="),
        lambda text: base64.urlsafe_b64encode(text.encode()).decode().rstrip("="),
        lambda text: text.encode().hex(),
        lambda text: text.encode().hex().upper(),
        str.upper,
        str.lower,
    ],
)
def test_so_it_is_in_every_form_that_a_server_may_give_it(form, secret):
    shown = form(secret)
    for hidden in sorted(masked(secret), key=len, reverse=True):
        shown = shown.replace(hidden, "*")
    assert shown.rstrip("=") in ("*", "*" + form(secret).rstrip("=")[-1])  # the last one of base64 holds a few bits


@pytest.mark.parametrize("before", ["", "u:", "me:", "user:", "user@x:"])
@pytest.mark.parametrize("after", ["", "!", "!!", "\n"])
def test_base64_of_something_longer_shows_nothing_of_it(before, after):
    shown = base64.b64encode(f"{before}wJ7kq2Vn5mZr8Tt1{after}".encode()).decode()
    for hidden in masked("wJ7kq2Vn5mZr8Tt1"):
        shown = shown.replace(hidden, "*")
    assert "*" in shown and len(shown) <= len(before) * 4 // 3 + 9


@pytest.mark.parametrize("apart", ["\n", " ", " \n\t "])
def test_a_secret_that_a_server_wraps_is_not_shown(apart):
    module = SimpleNamespace(no_log_values=set(), params={})
    secrets.masked_by(module)
    secrets.hide("a-long-secret-of-1-server")
    assert secrets.shown(f"no: a-long-se{apart}cret-of-1{apart}-server, it says") == "no: ********, it says"
    assert secrets.shown("it is a long secret, of 1 server") == "it is a long secret, of 1 server"


def test_a_short_secret_masks_no_more_of_ordinary_text_than_itself():
    assert all("ab" in form or not form.isalnum() or form == "YWI" for form in masked("ab") - {"YWI="})
    assert "6162" not in masked("ab") and "5a" not in masked("Z")
    assert not {"production", "gw-1"} & (masked("Production") | masked("GW-1"))


def test_a_secret_is_masked_as_a_message_shows_it():
    hidden = masked("s3cretTok\nX-Inj: en\ud800")
    assert {"s3cretTok X-Inj: en\ufffd", "s3cretTok\nX-Inj: en\ufffd"} <= hidden


def test_a_secret_is_masked_without_the_blanks_around_it_too():
    assert "wJ7kq2Vn5mZr8Tt1" in masked("wJ7kq2Vn5mZr8Tt1\n")


def test_what_is_not_text_at_all_is_masked_too():
    assert "a\udcff" in masked("a\udcff")


def test_what_a_client_comes_to_know_is_masked_by_the_module_that_runs():
    first = masked()
    second = masked()
    secrets.hide("a token", None, "")
    assert "a token" in second and not first & second and "" not in second


def test_nothing_is_masked_where_there_is_no_secret():
    assert (
        masked(name="gw-1", url="https://nsx.example/policy?v=1", text="me@example.org: see mailto:me@example.org")
        == set()
    )


@pytest.mark.parametrize("variable", secrets.ENVIRONMENT)
def test_secrets_of_the_environment_are_masked(monkeypatch, variable):
    monkeypatch.setenv(variable, "of the environment")
    assert "of the environment" in masked()


def test_a_password_in_an_address_of_the_environment_is_masked(monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://me:wJ7kq2Vn@proxy.example:3128")
    assert "wJ7kq2Vn" in masked()


@pytest.mark.parametrize(
    "url",
    [
        "http://me:wJ7kq2Vn@proxy.example:3128",
        "http://me:wJ7kq2Vn@proxy.example:3128 and http://another.example",
        "http://me:wJ7kq2V%6E@proxy.example",
        "http://me:w/J7#kq2@Vn@proxy.example",
        "http://me:wJ7k q2Vn@proxy.example",
        "http://:wJ7kq2Vn@proxy.example",
        "http://me:word@proxy.example",
        "https://[me:wJ7kq2Vn@x",
    ],
    ids=range(8),
)
def test_a_password_in_an_address_is_masked_wherever_the_address_is_and_however_odd(url):
    hidden = masked(aws_config={"proxies": [{"https": url}]})
    shown = url
    for text in sorted(hidden, key=len, reverse=True):
        shown = shown.replace(text, "*")
    assert not {part for part in ("wJ7k", "q2V", "J7#kq2@Vn", "me:word") if part in shown}


def test_so_is_the_header_that_a_proxy_gets():
    hidden = masked(proxy="http://me:w%40rd@proxy.example")
    assert base64.b64encode(b"me:w@rd").decode() in hidden


@pytest.mark.parametrize(
    ("where", "kept"),
    [
        ("/images/a.ova?signature=0123456789", set()),
        ("https://images.example.org/a.ova", set()),
        ("https://images.example.org/a.ova?v=1", set()),
        ("https://h/a?region=eu-west-1", {"region=eu-west-1"}),
        ("https://h/a?v=1&X-Amz-Signature=0123456789", {"v=1&X-Amz-Signature=0123456789", "0123456789"}),
        ("https://h/a?sig=0123%2F4567%3D", {"sig=0123%2F4567%3D", "0123/4567=", "0123%2F4567%3D"}),
    ],
    ids=range(6),
)
def test_what_signs_an_address_is_masked(where, kept):
    hidden = masked(ova=where)
    assert kept <= hidden
    assert "eu-west-1" not in hidden
    assert bool(kept) == bool(hidden)


def test_what_an_answer_calls_a_password_or_a_token_is_masked():
    hidden = masked()
    secrets.hide_named(
        [{"resource_config": {"cloud_password": "wJ7kq2Vn5mZr8Tt1"}, "users": [{"password": "Zr8Tt1wJ7kq2Vn5m"}]}]
    )
    secrets.hide_named(
        {"access_token": "kq2Vn5mZr8Tt1wJ7", "token_type": "bearer", "expires_in": 1799, "name": "SDDC number 1"}
    )
    assert {"wJ7kq2Vn5mZr8Tt1", "Zr8Tt1wJ7kq2Vn5m", "kq2Vn5mZr8Tt1wJ7"} <= hidden
    assert not hidden & {"bearer", "SDDC number 1"}


@pytest.mark.parametrize(
    "url", ["https://me:wJ7kq2Vn@nsx.example", "https://me@nsx.example", "me:wJ7kq2Vn@nsx.example"]
)
def test_an_address_with_credentials_is_refused_by_its_option_and_not_shown(url):
    hidden = masked()
    with pytest.raises(Invalid, match="nsx_url: must not hold a user name or a password") as caught:
        secrets.checked_url("nsx_url", url)
    assert "me" not in str(caught.value).split()
    assert ("wJ7kq2Vn" in hidden) == ("wJ7kq2Vn" in url)


@pytest.mark.parametrize("url", [None, "", "https://nsx.example/x:y"])
def test_another_address_is_not(url):
    secrets.checked_url("nsx_url", url)


@pytest.mark.parametrize("odd", ["{}\n", "{}\r\n", "\t{}", "{}\x00", "{}\x7f", "{}\udcff", "{}\u2028"])
@pytest.mark.parametrize("check", [secrets.checked_password, secrets.checked_username, secrets.checked_token])
def test_a_secret_with_control_characters_is_refused_by_its_option_and_not_shown(check, odd):
    with pytest.raises(Invalid, match="password: holds a control character") as caught:
        check("password", odd.format("wJ7kq2Vn"))
    assert "wJ7kq2Vn" not in str(caught.value)


@pytest.mark.parametrize("odd", [" {}", "{} ", "{}ö"])
def test_a_token_that_no_header_can_carry_is_refused_and_a_password_is_not(odd):
    with pytest.raises(Invalid, match="api_token: must be printable ASCII") as caught:
        secrets.checked_token("api_token", odd.format("wJ7kq2Vn"))
    assert "wJ7kq2Vn" not in str(caught.value)
    assert secrets.checked_password("password", odd.format("wJ7kq2Vn")) == odd.format("wJ7kq2Vn")


def test_a_user_name_with_a_colon_is_refused():
    with pytest.raises(Invalid, match="nsx_username: must not hold a colon"):
        secrets.checked_username("nsx_username", "admin:x")


@pytest.mark.parametrize("check", [secrets.checked_password, secrets.checked_username, secrets.checked_token])
def test_none_is_given(check):
    assert check("password", None) is None
