# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import types

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils import run_store
from ansible_collections.vmc.aws_backup.plugins.module_utils.clients import csp
from ansible_collections.vmc.aws_backup.plugins.module_utils.clients.csp import Csp, classify, csp_client, url_of
from ansible_collections.vmc.aws_backup.plugins.module_utils.clients.rest import Reply
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import ApiError, BadCredentials, Conflict, Invalid

SECRET = "wJ7kq2Vn5mZr8Tt1"
OPTIONS = {
    "csp_url": "https://198.51.100.1",
    "api_token": None,
    "client_id": None,
    "client_secret": None,
    "oauth_endpoint": "/token",
    "ca_bundle": None,
    "proxy": None,
}


class Exchange:
    """A new token each time, or the failure it is told."""

    def __init__(self, failure=None, lifetime=1799):
        self.failure = failure
        self.lifetime = lifetime
        self.asked = []

    def request(self, method, path, *, form, repeat):
        self.asked.append((method, path, form))
        if self.failure:
            raise self.failure
        return {"access_token": f"token-{len(self.asked)}", "expires_in": self.lifetime}


def signed(identity):
    return identity(types.SimpleNamespace(headers={})).headers


def test_an_api_token_goes_into_the_form_and_never_into_the_path():
    exchange = Exchange()
    assert Csp(exchange, api_token=SECRET).token() == "token-1"
    assert exchange.asked == [("POST", csp.AUTHORIZE, {"api_token": SECRET})]


def test_an_oauth_app_uses_the_endpoint_that_is_configured():
    exchange = Exchange()
    Csp(exchange, oauth_endpoint="/token").token()
    assert exchange.asked == [("POST", "/token", {"grant_type": "client_credentials"})]


def test_both_headers_are_sent():
    assert signed(Csp(Exchange(), api_token=SECRET)) == {"csp-auth-token": "token-1", "Authorization": "Bearer token-1"}


def test_a_token_is_kept_for_its_life():
    exchange = Exchange()
    identity = Csp(exchange, api_token=SECRET)
    signed(identity), signed(identity)
    assert len(exchange.asked) == 1


def test_a_token_near_its_end_is_not_used():
    exchange = Exchange(lifetime=30)
    identity = Csp(exchange, api_token=SECRET)
    identity.token(), identity.token()
    assert len(exchange.asked) == 2


def test_renewing_gets_a_new_token():
    identity = Csp(Exchange(), api_token=SECRET)
    identity.token()
    identity.renew()
    assert identity.token() == "token-2"


@pytest.fixture
def store():
    run_store.begin()


def test_the_modules_of_a_run_share_one_token(store):
    exchange = Exchange()
    assert [Csp(exchange, key="it").token() for _module in range(3)] == ["token-1"] * 3
    assert Csp(exchange, key="another").token() == "token-2"


def test_a_token_that_another_module_renewed_is_taken(store):
    exchange = Exchange()
    first, second = Csp(exchange, key="it"), Csp(exchange, key="it")
    first.token(), second.token()
    first.renew(), second.renew()
    assert (first.token(), second.token()) == ("token-2", "token-2")
    assert len(exchange.asked) == 2


def test_a_failure_is_not_kept(store):
    with pytest.raises(ApiError):
        Csp(Exchange(ApiError("no answer")), key="it").token()
    assert Csp(Exchange(), key="it").token() == "token-1"


def test_who_differs_in_anything_has_another_key():
    given = [{"api_token": SECRET}, {"api_token": SECRET, "org_id": "o"}, {"client_id": "a", "client_secret": SECRET}]
    given += [{"api_token": SECRET, "csp_url": "https://198.51.100.2"}, {"api_token": SECRET + "x"}]
    keys = {csp_client({**OPTIONS, **each})._key for each in given}
    assert len(keys) == len(given)
    assert not any(SECRET in key for key in keys)


def test_a_refusal_does_not_repeat_what_the_service_said():
    with pytest.raises(BadCredentials) as failure:
        Csp(Exchange(BadCredentials(f"invalid token: {SECRET}", code="400")), api_token=SECRET).token()
    assert SECRET not in str(failure.value)
    assert failure.value.__suppress_context__
    assert failure.value.code == "400"


def test_of_any_other_refusal_only_the_code_is_told():
    refusal = ApiError(f"for {SECRET}", code="500", attempted="post to /x", service="csp", retryable=True)
    with pytest.raises(ApiError, match=r"csp: refused \(500\)") as failure:
        Csp(Exchange(refusal), api_token=SECRET).token()
    assert SECRET not in str(failure.value)
    assert failure.value.retryable


@pytest.mark.parametrize(
    "odd", ["s3cretTok\nX-Inj: en", "s3cretTok\u20ac", "s3cretTok\ud800", " s3cretTok", "", None, 5]
)
def test_a_token_that_no_header_can_carry_is_refused_when_it_comes(odd, masked, store):
    exchange = Exchange()
    exchange.request = lambda *_asked, **_how: {"access_token": odd}
    with pytest.raises(ApiError, match="the answer holds no token") as caught:
        signed(Csp(exchange, api_token=SECRET, key="odd"))
    assert "s3cretTok" not in str(caught.value)
    assert not odd or str(odd) in masked


def test_that_nobody_answers_is_told():
    with pytest.raises(ApiError, match="no answer from"):
        Csp(Exchange(ApiError("no answer from https://csp.example")), api_token=SECRET).token()


def test_tokens_are_masked(masked):
    exchange = Exchange()
    exchange.request = lambda *_args, **_form: {"access_token": "kq2Vn5mZr8Tt1wJ7", "refresh_token": "Vn5mZr8Tt1wJ7kq2"}
    Csp(exchange, api_token=SECRET).token()
    assert {"kq2Vn5mZr8Tt1wJ7", "Vn5mZr8Tt1wJ7kq2"} <= masked


@pytest.mark.parametrize(
    ("given", "option"),
    [
        ({"api_token": f"{SECRET}\n"}, "api_token"),
        ({"api_token": f"{SECRET}ö"}, "api_token"),
        ({"client_id": "app\n", "client_secret": SECRET}, "client_id"),
        ({"client_id": "app:", "client_secret": SECRET}, "client_id"),
        ({"client_id": "app", "client_secret": f"{SECRET}\r"}, "client_secret"),
    ],
)
def test_what_cannot_be_sent_is_refused_by_its_option(given, option):
    with pytest.raises(Invalid, match=f"^{option}: ") as refusal:
        csp_client({**OPTIONS, **given})
    assert SECRET not in str(refusal.value)


def test_a_token_of_the_environment_that_cannot_be_sent_is_refused_by_its_name(monkeypatch):
    monkeypatch.setenv("VMC_API_TOKEN", f"{SECRET}\n")
    with pytest.raises(Invalid, match="^VMC_API_TOKEN: holds a control character"):
        csp_client(OPTIONS)


@pytest.mark.parametrize("status", [400, 401, 403])
def test_what_csp_refuses_are_the_credentials(status):
    assert classify(Reply(status, "{}", {})) is BadCredentials


def test_other_refusals_are_what_they_are_elsewhere():
    assert classify(Reply(409, "{}", {})) is Conflict


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"api_token": SECRET, "client_id": "app", "client_secret": SECRET},
        {"client_id": "app"},
        {"client_secret": SECRET},
        {"client_id": "app", "client_secret": SECRET, "oauth_endpoint": ".example/token"},
    ],
)
def test_exactly_one_identity_is_needed(given):
    with pytest.raises(Invalid):
        csp_client({**OPTIONS, **given})


def test_each_kind_of_identity_is_enough():
    assert csp_client({**OPTIONS, "api_token": SECRET}).api_token == SECRET
    assert csp_client({**OPTIONS, "client_id": "app", "client_secret": SECRET}).oauth_endpoint == "/token"


def test_a_token_of_the_environment_is_used_if_nothing_is_given(monkeypatch):
    monkeypatch.setenv("VMC_API_TOKEN", SECRET)
    assert csp_client(OPTIONS).api_token == SECRET


def test_a_token_of_the_environment_does_not_collide_with_an_app(monkeypatch):
    monkeypatch.setenv("VMC_API_TOKEN", SECRET)
    assert csp_client({**OPTIONS, "client_id": "app", "client_secret": SECRET}).api_token is None


@pytest.mark.parametrize(
    ("cloud", "csp", "vmc"),
    [
        ("commercial", "https://console.cloud.vmware.com", "https://vmc.vmware.com"),
        ("govcloud", "https://console.cloud-us-gov.vmware.com", "https://www.vmc-us-gov.vmware.com"),
    ],
)
def test_a_cloud_has_its_own_addresses_unless_others_are_given(cloud, csp, vmc):
    params = {"cloud": cloud, "csp_url": None, "vmc_url": None}
    assert (url_of("csp", params), url_of("vmc", params)) == (csp, vmc)
    assert url_of("vmc", {**params, "vmc_url": "https://other.example"}) == "https://other.example"


@pytest.mark.parametrize("lifetime", ["30m", None, [], "1799"])
def test_an_odd_lifetime_is_no_reason_to_fail_or_to_ask_each_time(lifetime):
    exchange = Exchange(lifetime=lifetime)
    identity = Csp(exchange, api_token=SECRET)
    assert identity.token() == identity.token() == "token-1"
    identity.renew()
    assert identity.token() == "token-2"
