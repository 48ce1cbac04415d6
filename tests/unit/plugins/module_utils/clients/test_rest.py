# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64
import contextlib
import time

import pytest
import requests
from ansible_collections.vmc.aws_backup.plugins.module_utils import wait
from ansible_collections.vmc.aws_backup.plugins.module_utils.clients import rest
from ansible_collections.vmc.aws_backup.plugins.module_utils.clients.rest import Basic, Rest
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import (
    ApiError,
    BadCredentials,
    Conflict,
    Denied,
    Invalid,
    NotWhole,
)

URL = "https://198.51.100.1:9443/base/"
from lab.certificates import authority


class Clock:
    def __init__(self):
        self.now = 0.0

    def monotonic(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


class Answer:
    def __init__(self, status, text="", headers=None):
        self.status_code = status
        self.text = text
        self.headers = headers or {}
        self.encoding = None


class Session:
    """Answers in order, the last one for ever; keeps what was asked."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.asked = []

    def request(self, method, url, **kwargs):
        self.asked.append({"method": method, "url": url, **kwargs})
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


class Identity:
    def __init__(self):
        self.renewed = 0

    def renew(self):
        self.renewed += 1


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(wait, "time", clock)
    monkeypatch.setattr(rest, "time", clock)
    return clock


def client(*answers, **kwargs):
    made = Rest("nsx", URL, **kwargs)
    made.session = Session(*answers)
    return made


def test_the_ca_bundle_goes_with_each_request_and_no_redirect_is_followed(tmp_path):
    bundle = tmp_path / "ca.pem"
    bundle.write_text(authority().pem)
    made = client(Answer(200, "{}"), ca_bundle=str(bundle))
    made.request("GET", "/x")
    assert made.session.asked[0]["verify"] == str(bundle)
    assert made.session.asked[0]["allow_redirects"] is False
    assert made.session.asked[0]["url"] == "https://198.51.100.1:9443/base/x"


def test_the_environment_is_not_trusted():
    assert Rest("nsx", URL).session.trust_env is False


def test_a_proxy_is_used_when_it_is_given():
    assert Rest("nsx", URL, proxy="http://192.0.2.1:3128").session.proxies["https"] == "http://192.0.2.1:3128"


@pytest.mark.parametrize(
    "url", ["http://198.51.100.1", "ftp://x", "nsx.example", "https://[x", "https://x:70000", "", None]
)
def test_a_token_is_not_sent_without_tls(url):
    with pytest.raises(Invalid, match="nsx_url"):
        Rest("nsx", url)


def test_a_loopback_address_needs_no_tls():
    assert Rest("nsx", "http://127.70.0.1:9000")


def test_a_proxy_is_a_url_and_is_never_shown():
    with pytest.raises(Invalid, match="proxy: must be a URL") as caught:
        Rest("nsx", URL, proxy="user:secret@proxy.example")
    assert "secret" not in str(caught.value)


def test_an_address_with_a_password_is_refused_and_its_password_never_shown(masked):
    with pytest.raises(Invalid, match="nsx_url: must not hold a user name or a password") as caught:
        Rest("nsx", "https://me:wJ7kq2Vn@nsx.example")
    assert "wJ7kq2Vn" not in str(caught.value)
    assert "wJ7kq2Vn" in masked


@pytest.mark.parametrize(
    "proxy", ["http://me:wJ7kq2Vn@proxy.example:3128", "me:wJ7kq2Vn@proxy.example"], ids=["url", "host"]
)
def test_the_password_of_a_proxy_is_masked(masked, proxy):
    with contextlib.suppress(Invalid):
        Rest("nsx", URL, proxy=proxy)
    assert {"wJ7kq2Vn", base64.b64encode(b"me:wJ7kq2Vn").decode()} <= masked


def test_a_basic_header_is_masked(masked):
    Basic("admin", "wJ7kq2Vn")
    assert base64.b64encode(b"admin:wJ7kq2Vn").decode() in masked


def test_a_missing_ca_bundle_is_named():
    with pytest.raises(Invalid, match="ca_bundle: /none does not exist"):
        Rest("nsx", URL, ca_bundle="/none")


def test_an_empty_answer_is_an_empty_dictionary():
    assert client(Answer(200)).request("DELETE", "/x") == {}


@pytest.mark.parametrize("page", ["<html>Log in</html>", "the header was Bearer abcdef"])
def test_a_page_instead_of_json_is_asked_again_and_then_an_error_that_does_not_show_it(clock, page):
    made = client(Answer(200, page))
    with pytest.raises(NotWhole, match="it is no JSON") as caught:
        made.request("GET", "/x")
    assert len(made.session.asked) > 1
    assert page not in str(caught.value)


def test_absent_is_what_the_api_says_is_absent():
    assert client(Answer(404, '{"status": 404}')).request("GET", "/x") is None


def test_a_404_of_a_proxy_is_not_absence():
    with pytest.raises(ApiError, match="HTTP 404"):
        client(Answer(404, "<h1>no such host</h1>")).request("GET", "/x")


def test_a_404_of_a_write_is_an_error():
    with pytest.raises(ApiError):
        client(Answer(404, "{}")).request("PUT", "/x", json={})


@pytest.mark.parametrize(
    ("status", "kind"), [(401, BadCredentials), (403, Denied), (409, Conflict), (412, Conflict), (400, ApiError)]
)
def test_refusals_are_told_apart(status, kind):
    with pytest.raises(kind) as failure:
        client(Answer(status, '{"error_code": 7, "error_message": "because"}')).request("PUT", "/x", json={})
    assert isinstance(failure.value, Conflict) is (kind is Conflict)
    assert failure.value.code == "7"
    assert "because" in str(failure.value)


def test_a_refused_token_is_renewed_once():
    identity = Identity()
    made = client(Answer(401, "{}"), Answer(200, '{"id": 1}'), auth=identity)
    assert made.request("GET", "/x") == {"id": 1}
    assert identity.renewed == 1


def test_a_token_that_is_refused_twice_is_bad():
    identity = Identity()
    made = client(Answer(401, "{}"), auth=identity)
    with pytest.raises(BadCredentials):
        made.request("GET", "/x")
    assert (identity.renewed, len(made.session.asked)) == (1, 2)


def test_a_refused_password_is_never_sent_again():
    made = client(Answer(401, "{}"), auth=Basic("admin", "x" * 20))
    with pytest.raises(BadCredentials):
        made.request("GET", "/x")
    assert len(made.session.asked) == 1


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_read_is_repeated_until_it_is_answered(clock, status):
    made = client(Answer(status, "<html>busy</html>"), Answer(status), Answer(200, "{}"))
    assert made.request("GET", "/x") == {}
    assert len(made.session.asked) == 3


def test_retry_after_is_respected(clock):
    made = client(Answer(429, "", {"Retry-After": "20"}), Answer(200, "{}"))
    made.request("GET", "/x")
    assert clock.now >= 20
    assert len(made.session.asked) == 2


def test_a_service_that_stays_away_is_an_error_in_the_end(clock):
    made = client(requests.ConnectionError("gone"))
    with pytest.raises(ApiError) as failure:
        made.request("GET", "/x")
    assert failure.value.retryable
    assert failure.value.code is None
    assert clock.now >= 60


def test_a_write_that_was_turned_away_is_sent_again(clock):
    made = client(Answer(503, "<html>"), Answer(200, "{}"))
    assert made.request("PUT", "/x", json={}) == {}


@pytest.mark.parametrize("lost", [requests.ConnectionError("reset"), requests.ReadTimeout("late"), Answer(504, "late")])
def test_a_write_whose_answer_is_lost_is_not_sent_again(clock, lost):
    made = client(lost, Answer(200, "{}"))
    with pytest.raises(Conflict) as failure:
        made.request("PUT", "/x", json={})
    assert failure.value.code is None
    assert len(made.session.asked) == 1


def test_a_delete_whose_answer_is_lost_is_sent_again(clock):
    made = client(requests.ConnectionError("reset"), Answer(404, "{}"))
    assert made.request("DELETE", "/x") is None


def test_an_untrusted_certificate_is_not_tried_again(clock):
    made = client(requests.exceptions.SSLError("CERTIFICATE_VERIFY_FAILED"))
    with pytest.raises(ApiError, match="ca_bundle"):
        made.request("GET", "/x")
    assert len(made.session.asked) == 1


def test_a_ca_bundle_that_goes_away_is_no_traceback():
    made = client(OSError("Could not find a suitable TLS CA certificate bundle"))
    with pytest.raises(ApiError, match="cannot be sent"):
        made.request("GET", "/x")


def test_a_message_never_holds_a_header_value():
    made = client(requests.exceptions.InvalidHeader("Invalid header value: 'Bearer abcdef'"))
    with pytest.raises(ApiError) as failure:
        made.request("GET", "/x")
    assert "abcdef" not in str(failure.value)


@pytest.mark.parametrize(
    "failure",
    [
        ValueError("Invalid header value b'Bearer abcdef\\nx'"),
        UnicodeEncodeError("latin-1", "Bearer abcdef\u20ac", 13, 14, "ordinal not in range(256)"),
    ],
)
def test_nor_does_one_of_a_header_that_python_refuses(failure):
    with pytest.raises(ApiError, match=r"the request cannot be sent \((Value|UnicodeEncode)Error\)") as caught:
        client(failure).request("GET", "/x")
    assert "abcdef" not in str(caught.value) and caught.value.__suppress_context__


class Undecoded(Answer):
    @property
    def text(self):
        raise UnicodeError("Unsupported error handling replace")

    @text.setter
    def text(self, text):
        pass


def test_an_answer_in_a_codec_that_is_none_for_text_is_not_whole(clock):
    with pytest.raises(NotWhole, match="it cannot be decoded"):
        client(Undecoded(200)).request("GET", "/x")


@pytest.mark.parametrize("status", [200, 204, 205])
@pytest.mark.parametrize("path", ["/thing", "/list", "/other"])
def test_no_body_is_no_answer_to_a_read(status, path, clock):
    made = client(Answer(status), forms=FORMS)
    with pytest.raises(NotWhole, match="it is empty"):
        made.request("GET", path)
    assert len(made.session.asked) > 1


def test_no_body_is_an_answer_to_a_write_only_where_nothing_of_it_is_read(clock):
    for method in ("DELETE", "PATCH", "POST", "PUT"):
        assert client(Answer(204), forms=FORMS).request(method, "/other") == {}
    with pytest.raises(Conflict, match="it is empty"):
        client(Answer(204), forms=FORMS).request("PUT", "/thing")


def test_related_errors_are_told():
    text = '{"error_message": "failed", "error_code": 1, "related_errors": [{"error_message": "the real cause"}]}'
    with pytest.raises(ApiError, match="failed; the real cause"):
        client(Answer(400, text)).request("GET", "/x")


class Counted:
    """The bytes that have arrived."""

    def __init__(self, count):
        self.count = count

    def tell(self):
        return self.count


def counted(status, text, told, arrived):
    answer = Answer(status, text, {"Content-Length": str(told)})
    answer.raw = Counted(arrived)
    return answer


FORMS = [("GET /list", [dict]), ("(GET|PUT) /thing", {"id": str})]


@pytest.mark.parametrize(
    ("path", "broken"),
    [
        ("/thing", Answer(200, "{}")),
        ("/thing", Answer(200, "null")),
        ("/thing", Answer(200, "")),
        ("/thing", Answer(200, "[]")),
        ("/thing", Answer(200, '{"id": 5}')),
        ("/list", Answer(200, "{}")),
        ("/list", Answer(200, "[null]")),
        ("/other", Answer(200, "null")),
        ("/other", Answer(200, "<html>")),
        ("/other", Answer(200, "[" * 100_000)),
        ("/thing", counted(200, '{"id": "a"}', 840, 312)),
        ("/thing", counted(404, "{}", 840, 312)),
        ("/thing", requests.exceptions.ChunkedEncodingError("IncompleteRead")),
        ("/thing", requests.exceptions.ContentDecodingError("gzip")),
    ],
)
def test_a_read_whose_answer_is_not_whole_is_asked_again_and_then_an_error(path, broken, clock):
    good = Answer(200, "[]" if path == "/list" else '{"id": "a"}')
    made = client(broken, good, forms=FORMS)
    assert made.request("GET", path) in ([], {"id": "a"})
    assert len(made.session.asked) == 2
    with pytest.raises(NotWhole, match="not whole"):
        client(broken, forms=FORMS).request("GET", path)


def test_a_cut_answer_says_how_much_of_it_arrived(clock):
    with pytest.raises(NotWhole, match="Could not read /x: nsx GET: the answer is not whole: 312 of 840 bytes"):
        client(counted(200, "{}", 840, 312)).request("GET", "/x")


@pytest.mark.parametrize("broken", [Answer(200, "{}"), Answer(200, "<html>"), Answer(200, "null")])
def test_a_write_whose_answer_is_not_whole_is_looked_at_again_instead(broken, clock):
    made = client(broken, forms=FORMS)
    with pytest.raises(Conflict, match="not whole") as caught:
        made.request("PUT", "/thing")
    assert caught.value.code is None
    assert len(made.session.asked) == 1


def test_an_error_of_an_odd_form_is_told_as_far_as_it_makes_sense():
    odd = '{"error_messages": 5, "related_errors": ["x", {"error_message": "why"}], "messages": {"a": 1}, "message": "no"}'
    with pytest.raises(ApiError, match="no; why"):
        client(Answer(400, odd)).request("GET", "/x")


@pytest.mark.parametrize("told", ["\u00b2", "9" * 50, "-1", "soon"])
def test_an_odd_retry_after_is_left_to_the_backoff(told, clock):
    client(Answer(429, "", {"Retry-After": told}), Answer(200, "{}")).request("GET", "/x")
    assert clock.now < 10


def test_an_exchange_has_a_deadline():
    class Dripping:
        def request(self, *_asked, **_more):
            for _byte in range(50):
                try:
                    time.sleep(0.1)
                except Exception:
                    pass

    made = Rest("nsx", URL, deadline=0.1)
    made.session = Dripping()
    with pytest.raises(ApiError, match="no whole answer from .* within 0.1 seconds"):
        made.request("GET", "/x")
    with pytest.raises(Conflict, match="no whole answer"):
        made.request("PUT", "/x")
