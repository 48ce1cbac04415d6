# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import types

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.clients import left_open
from ansible_collections.vmc.aws_backup.plugins.module_utils.clients.rest import Basic, Reply, Rest
from ansible_collections.vmc.aws_backup.plugins.module_utils.clients.tagging import Session, Tagging, classify
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import (
    ApiError,
    BadCredentials,
    Conflict,
    Denied,
    Invalid,
)

OPTIONS = {"hostname": "vcenter.example.org", "port": 443, "username": "me", "password": "wJ7kq2Vn5mZr8Tt1"}


class Api:
    """A vCenter that is a dictionary: what it is asked for -> its answer. What is posted is kept."""

    def __init__(self, **answers):
        self.answers = answers
        self.asked = []

    def request(self, method, path, *, json=None, repeat=False):
        self.asked.append((method, path))
        self.sent = json
        assert method == "GET" or repeat
        return self.answers[path.rpartition("/cis/tagging/")[2]]


def tagging(**answers):
    made = Tagging(OPTIONS)
    made.rest = Api(**answers)
    return made


KNOWN = {
    "tag/t-1": {"id": "t-1", "name": "team-a", "category_id": "c-1"},
    "tag/t-2": {"id": "t-2", "name": "gold", "category_id": "c-2"},
    "category/c-1": {"id": "c-1", "name": "Owner"},
    "category/c-2": {"id": "c-2", "name": "Tier"},
}
ATTACHED = {"tag-association?action=list-attached-tags": ["t-1", "t-2"]}


def test_the_tags_of_a_machine_come_with_the_names_of_their_categories():
    asked = tagging(**KNOWN, **ATTACHED)
    found = [(tag["category"], tag["name"]) for tag in asked.attached("vm-1")]
    assert found == [("Owner", "team-a"), ("Tier", "gold")]
    assert len(asked.rest.asked) == 5


def test_a_name_is_asked_for_once():
    asked = tagging(**KNOWN, **ATTACHED)
    asked.attached("vm-1"), asked.attached("vm-1")
    assert len(asked.rest.asked) == 6


@pytest.mark.parametrize("gone", ["tag/t-2", "category/c-2"])
def test_what_goes_meanwhile_is_left_out(gone):
    found = tagging(**{**KNOWN, gone: None}, **ATTACHED).attached("vm-1")
    assert [tag["name"] for tag in found] == ["team-a"]


def test_a_machine_is_told_by_its_type_and_id():
    asked = tagging(**{"tag-association/t-1?action=attach": {}})
    asked.attach("t-1", "vm-1")
    assert asked.rest.sent == {"object_id": {"type": "VirtualMachine", "id": "vm-1"}}


def test_a_new_category_is_for_one_tag_of_a_virtual_machine():
    asked = tagging(category="c-3")
    assert asked.create_category("Image", "ours") == "c-3"
    assert asked.rest.sent == {
        "name": "Image",
        "description": "ours",
        "cardinality": "SINGLE",
        "associable_types": ["VirtualMachine"],
    }


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, {"error_type": "ALREADY_EXISTS"}, Conflict),
        (400, {"error_type": "INVALID_ARGUMENT"}, ApiError),
        (401, {"error_type": "UNAUTHENTICATED"}, BadCredentials),
        (403, {"error_type": "UNAUTHORIZED"}, Denied),
        (404, {"error_type": "NOT_FOUND"}, None),
        (404, None, ApiError),
    ],
)
def test_refusals_are_told_apart(status, body, kind):
    assert classify(Reply(status, "", body)) is kind


def test_a_refusal_repeats_what_vcenter_says():
    said = Reply(400, "", {"error_type": "INVALID_ARGUMENT", "messages": [{"default_message": "not for this object"}]})
    assert said.message == "not for this object (HTTP 400, code INVALID_ARGUMENT)"


@pytest.mark.parametrize(
    ("options", "url", "proxy"),
    [
        ({}, "https://vcenter.example.org:443/api", {}),
        ({"hostname": "fd00::1"}, "https://[fd00::1]:443/api", {}),
        ({"proxy_host": "proxy", "proxy_port": 3128}, None, "http://proxy:3128"),
        ({"proxy_host": "proxy", "proxy_port": None}, None, "http://proxy:80"),
    ],
)
def test_it_goes_where_the_options_of_the_vsphere_client_say(options, url, proxy):
    made = Tagging({**OPTIONS, **options})
    for rest in (made.rest, made.rest.auth.login):
        assert url in (None, rest.url)
        assert rest.session.proxies == ({"http": proxy, "https": proxy} if proxy else {})


def test_a_host_that_is_none_is_refused():
    with pytest.raises(Invalid, match="hostname"):
        Tagging({**OPTIONS, "hostname": "vcenter/api"})


# The session


class Login:
    """Gives sessions, and keeps with which sign it was asked."""

    def __init__(self):
        self.auth = Basic("me", "secret")
        self.asked = []

    def request(self, method, path, *, repeat=False):
        self.asked.append((method, path, type(self.auth).__name__))
        return f"session-{len(self.asked)}"


@pytest.fixture
def at_exit(monkeypatch):
    registered = []
    monkeypatch.setattr("atexit.register", registered.append)
    return registered


def closing(token):
    return left_open.Closing("vcenter", 443, None, None, "DELETE", "/api/session", {"vmware-api-session-id": token})


def signed(session):
    return session(types.SimpleNamespace(headers={})).headers


def test_one_session_signs_all_requests_and_ends_with_python(at_exit):
    login = Login()
    session = Session(login, closing)
    assert signed(session) == signed(session) == {"vmware-api-session-id": "session-1"}
    [close] = at_exit
    close()
    assert login.asked == [("POST", "/session", "Basic"), ("DELETE", "/session", "method")]


def test_a_session_that_has_ended_is_opened_again_and_closed_once(at_exit):
    session = Session(Login(), closing)
    signed(session)
    session.renew()
    assert signed(session) == {"vmware-api-session-id": "session-2"}
    assert len(at_exit) == 1


def test_a_session_is_masked(at_exit, masked):
    login = Login()
    login.request = lambda *_asked, **_how: "wJ7kq2Vn5mZr8Tt1"
    signed(Session(login, closing))
    assert "wJ7kq2Vn5mZr8Tt1" in masked


def test_a_login_that_is_refused_is_not_sent_again_and_leaves_nothing_to_close(at_exit):
    login = Login()

    def refuse(method, path, **_how):
        login.asked.append(method)
        raise BadCredentials("no")

    login.request = refuse
    session = Session(login, closing)
    for ask in (lambda: signed(session), session.renew, lambda: signed(session)):
        with pytest.raises(BadCredentials):
            ask()
    assert login.asked == ["POST"]
    assert at_exit == []


def test_a_login_that_is_not_answered_leaves_nothing_to_close(at_exit, monkeypatch):
    session = Tagging(OPTIONS).rest.auth
    monkeypatch.setattr(Rest, "_send", lambda self, *_asked, **_how: Reply(500, "", {}))
    with pytest.raises(ApiError):
        signed(session)
    assert at_exit == []


@pytest.mark.parametrize("answer", [None, {}, "", {"value": "x"}, "a\nb", "ö"])
def test_an_answer_without_a_session_is_an_error(at_exit, answer):
    login = Login()
    login.request = lambda *_asked, **_how: answer
    with pytest.raises(ApiError, match="the answer holds no session"):
        signed(Session(login, closing))


@pytest.mark.parametrize(
    ("option", "value"), [("password", "wJ7kq2Vn\n"), ("username", "me\n"), ("username", "me:you")]
)
def test_what_cannot_be_sent_is_refused_by_its_option(option, value):
    with pytest.raises(Invalid, match=f"^{option}: "):
        Tagging({**OPTIONS, option: value})


def test_a_session_that_cannot_be_closed_is_left(at_exit):
    login = Login()
    session = Session(login, closing)
    signed(session)

    def fails(*_arguments):
        raise ApiError("gone")

    login.request = fails
    at_exit[0]()


def test_a_session_that_has_ended_before_is_not_opened_again_to_be_closed(at_exit, monkeypatch):
    session = Tagging(OPTIONS).rest.auth
    sent = []

    def answer(self, method, path, **_given):
        sent.append(method)
        return Reply(201, "", "session-1") if len(sent) == 1 else Reply(401, "", {"error_type": "UNAUTHENTICATED"})

    monkeypatch.setattr(Rest, "_send", answer)
    signed(session)
    at_exit[0]()
    assert sent == ["POST", "DELETE"]


def test_what_is_open_is_noted_until_it_is_closed(at_exit):
    with left_open.noted() as notes:
        session = Session(Login(), closing)
        signed(session)
        session.renew()
        assert left_open.left(notes) == [closing("session-2")]
        at_exit[0]()
        assert left_open.left(notes) == []


def test_what_cannot_be_closed_stays_noted(at_exit):
    def refuse(method, path, **_how):
        raise ApiError("no")

    with left_open.noted() as notes:
        session = Session(Login(), closing)
        signed(session)
        session.login.request = refuse
        at_exit[0]()
        assert left_open.left(notes) == [closing("session-1")]


def test_it_is_closed_where_it_was_opened():
    options = {**OPTIONS, "hostname": "::1", "proxy_host": "proxy", "proxy_port": None}
    made = Tagging(options).rest.auth._closing("t")
    assert (made.host, made.port, made.proxy, made.headers) == (
        "::1",
        443,
        ["proxy", 80],
        {"vmware-api-session-id": "t"},
    )
