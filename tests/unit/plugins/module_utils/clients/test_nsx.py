# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import functools
from types import SimpleNamespace

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils import recall
from ansible_collections.vmc.aws_backup.plugins.module_utils.clients import nsx
from ansible_collections.vmc.aws_backup.plugins.module_utils.clients.nsx import NSX, Nsx, classify, nsx_client
from ansible_collections.vmc.aws_backup.plugins.module_utils.clients.rest import Reply
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import (
    ApiError,
    BadCredentials,
    Conflict,
    Denied,
    Error,
    Invalid,
    NotWhole,
)

NOTHING = {option: spec.get("default") for option, spec in NSX.items()}


class Api:
    """Answers in order; keeps what was asked."""

    url = "https://nsx.example.org"

    def __init__(self, *answers):
        self.answers = list(answers)
        self.asked = []

    def request(self, method, path, *, json=None, params=None):
        self.asked.append((method, path, params))
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def reply(status, code=None, text=""):
    body = None if code is None else {"error_code": code, "error_message": text}
    return Reply(status, text, body)


def test_a_login_that_is_refused_names_the_domain_that_was_asked_for():
    def refused(path):
        api = Api(BadCredentials("HTTP 401, code 401", attempted=f"read {path}", service="nsx", code="401"))
        with pytest.raises(BadCredentials) as caught:
            Nsx(api).get(path)
        return str(caught.value)

    assert "It was asked for the domain mgw; a domain that is not there" in refused("/infra/domains/mgw/groups/one")
    assert "domain" not in refused("/infra/services/HTTPS")


@pytest.mark.parametrize(("status", "code"), [(404, 600), (404, 202), (400, 500012)])
def test_absent_is_what_nsx_calls_not_found(status, code):
    assert classify(reply(status, code)) is None


@pytest.mark.parametrize("answer", [reply(404), reply(404, 404), Reply(404, "{}", {"message": "no route"})])
def test_a_404_from_before_nsx_is_an_error(answer):
    assert classify(answer) is ApiError


@pytest.mark.parametrize("code", [500127, 500087, 100148])
def test_lost_races_are_conflicts(code):
    assert classify(reply(400, code)) is Conflict


@pytest.mark.parametrize("code", [500030, 500045, 607])
def test_objects_in_use_are_waited_for(code):
    kind = classify(reply(400, code))
    assert isinstance(kind, functools.partial)
    assert kind("text").busy


def test_parallel_writes_that_clash_are_waited_for():
    assert classify(reply(400, 1, "AtomicRequest failed"))("text").busy


def test_stale_revisions_and_refusals_are_told_apart():
    assert classify(reply(412, 604)) is Conflict
    assert classify(reply(403, 289)) is Denied


def test_ids_are_quoted_and_the_base_is_the_policy_api():
    api = Api({})
    Nsx(api).get("/infra/domains/mgw/groups/vCenter group")
    assert api.asked[0][1] == "/policy/api/v1/infra/domains/mgw/groups/vCenter%20group"


@pytest.mark.parametrize("last", [None, "0000x"])
def test_a_list_is_read_page_by_page(last):
    api = Api({"results": [1], "cursor": "a"}, {"results": [2], "cursor": last})
    assert Nsx(api).list("/infra/x") == [1, 2]
    assert [params.get("cursor") for _method, _path, params in api.asked] == [None, "a"]


def test_a_bare_list_is_taken_as_it_is():
    assert Nsx(Api([{"id": "a"}])).cloud_list("/infra/mgmt-vms") == [{"id": "a"}]


def test_the_clouds_own_objects_have_a_base_of_their_own():
    api = Api({"id": "a"}, {"id": "a"}, {})
    client = Nsx(api)
    client.cloud_get("/infra/public-ips/a")
    client.cloud_put("/infra/public-ips/a", {"id": "a"})
    client.cloud_delete("/infra/public-ips/a")
    path = "/cloud-service/api/v1/infra/public-ips/a"
    assert api.asked == [("GET", path, None), ("PUT", path, None), ("DELETE", path, None)]


def test_a_list_that_is_not_there_is_empty():
    assert Nsx(Api(None)).cloud_list("/infra/mgmt-vms") == []


def test_a_list_that_has_to_be_certain_is_not_taken_for_empty_where_it_is_not_there():
    with pytest.raises(ApiError, match="there is no such list"):
        Nsx(Api(None)).cloud_list("/infra/external/routes/learned", "routes", certain=True)


def test_rows_may_be_called_otherwise():
    assert Nsx(Api({"routes": [1], "cursor": "a"}, {"routes": [2]})).cloud_list("/infra/routes", "routes") == [1, 2]


@pytest.mark.parametrize(
    "status",
    [
        {"publish_status": "REALIZED", "consolidated_status": {"consolidated_status": "IN_PROGRESS"}},
        {"consolidated_status": {"consolidated_status": "SUCCESS"}},
        None,
        ApiError("nothing here", code="404"),
    ],
)
def test_realized_is_in_force_and_so_is_what_nsx_does_not_tell(status):
    assert Nsx(Api(status)).unrealized("/infra/x") is None


def test_what_is_not_realized_says_so():
    assert "UNREALIZED" in Nsx(Api({"publish_status": "UNREALIZED"})).unrealized("/infra/x")


def test_an_object_that_nsx_gave_up_on_is_not_waited_for():
    with pytest.raises(Error, match="in force"):
        Nsx(Api({"publish_status": "ERROR"})).unrealized("/infra/x")


def test_a_refused_status_call_is_an_error():
    with pytest.raises(Denied):
        Nsx(Api(Denied("no", code="403"))).unrealized("/infra/x")


@pytest.mark.parametrize(
    ("given", "option"),
    [
        ({"api_token": "t" * 20}, "nsx_url"),
        ({"nsx_auth": "basic"}, "nsx_auth"),
        (
            {"nsx_auth": "basic", "nsx_username": "a", "nsx_password": "x\n", "nsx_url": "https://h"},
            "nsx_password: holds",
        ),
        (
            {"nsx_auth": "basic", "nsx_username": "a\n", "nsx_password": "x", "nsx_url": "https://h"},
            "nsx_username: holds",
        ),
        ({"api_token": "t" * 20, "nsx_url": "https://me:x@h"}, "nsx_url: must not hold"),
        ({"nsx_auth": "basic", "nsx_username": "admin", "nsx_password": "x" * 20}, "nsx_auth"),
        ({"api_token": "t" * 20, "nsx_username": "admin", "nsx_password": "x" * 20}, "nsx_auth"),
        ({}, "api_token"),
    ],
)
def test_the_options_have_to_name_an_nsx_and_an_identity(given, option):
    with pytest.raises(Invalid, match=option):
        nsx_client({**NOTHING, **given})


def test_basic_signs_without_a_token():
    made = nsx_client(
        {
            **NOTHING,
            "nsx_auth": "basic",
            "nsx_url": "https://198.51.100.1/",
            "nsx_username": "admin",
            "nsx_password": "x" * 20,
        }
    )
    assert isinstance(made.rest.auth, nsx.Basic)
    assert made.rest.url == "https://198.51.100.1"


OWN, OTHER = "5a1e0000-1111-4222-8333-944444444444", "5a1e0000-9999-4222-8333-944444444444"
WITH_TOKEN = {**NOTHING, "api_token": "t" * 20, "org_id": "o", "sddc_id": OWN}


class Sddcs:
    """VMware Cloud with two SDDCs, each with an NSX of its own, and an address that both have."""

    def sddcs(self):
        return [
            {"id": each, "resource_config": {"nsx_mgr_url": f"https://{host}/", "nsx_mgr_management_ip": "10.2.0.131"}}
            for each, host in ((OTHER, "nsx.other.example"), (OWN, "nsx.own.example"))
        ]


@pytest.fixture
def sddcs(monkeypatch):
    monkeypatch.setattr(nsx, "vmc_client", lambda params, csp: Sddcs())


@pytest.mark.parametrize(
    "url", [f"https://h/vmc/reverse-proxy/api/orgs/o/sddcs/{OTHER}/sks-nsxt-manager", "https://nsx.other.example"]
)
def test_the_nsx_of_another_sddc_is_refused(sddcs, url):
    with pytest.raises(Invalid, match=f"nsx_url: leads to the NSX of the SDDC {OTHER}, and sddc_id is {OWN}"):
        nsx_client({**WITH_TOKEN, "nsx_url": url})


@pytest.mark.parametrize(
    "url",
    [
        f"https://h/vmc/reverse-proxy/api/orgs/o/sddcs/{OWN.upper()}/sks-nsxt-manager",
        "https://nsx.own.example",
        "https://10.2.0.131",
        "https://a-name-of-the-company.example",
    ],
)
def test_its_own_and_one_of_which_nobody_tells_are_not(sddcs, url):
    assert nsx_client({**WITH_TOKEN, "nsx_url": url}).rest.url == url


def test_where_vmware_cloud_does_not_tell_nothing_is_refused(monkeypatch):
    def refuse():
        raise ApiError("no")

    monkeypatch.setattr(nsx, "vmc_client", lambda params, csp: SimpleNamespace(sddcs=refuse))
    assert nsx_client({**WITH_TOKEN, "nsx_url": "https://nsx.other.example"})


@pytest.mark.parametrize("cursors", [["a", "a"], ["a", "b", "a"]])
def test_a_cursor_that_repeats_is_an_error_and_no_endless_list(cursors):
    with pytest.raises(NotWhole, match="no end"):
        Nsx(Api(*({"results": [1], "cursor": cursor} for cursor in cursors))).list("/infra/x")


def test_a_list_that_lacks_what_it_announces_is_an_error():
    with pytest.raises(NotWhole, match="3 are announced, and 2 came"):
        Nsx(Api({"results": [1], "cursor": "a", "result_count": 3}, {"results": [2]})).list("/infra/x")


def test_a_list_has_so_many_pages_and_no_more(monkeypatch):
    monkeypatch.setattr(nsx, "MOST_PAGES", 3)
    with pytest.raises(NotWhole, match="no end"):
        Nsx(Api(*({"results": [1], "cursor": str(page)} for page in range(1, 9)))).list("/infra/x")


@pytest.fixture
def look():
    recall.begin()
    recall.belong("l")


def gone_by(ask, *answers):
    """What a module of a look is told, and what it asks for."""
    api = Api(*answers)
    with recall.gone_by():
        told = ask(Nsx(api))
    recall.keep()
    return told, [path for _method, path, _params in api.asked]


def test_what_a_look_has_listed_is_not_read_one_by_one(look):
    gone_by(lambda nsx: nsx.list("/infra/domains/mgw/groups"), {"results": [{"id": "a", "tag": 1}]})
    assert gone_by(lambda nsx: nsx.get("/infra/domains/mgw/groups/a")) == ({"id": "a", "tag": 1}, [])
    assert gone_by(lambda nsx: nsx.get("/infra/domains/mgw/groups/b")) == (None, [])
    assert gone_by(lambda nsx: nsx.get("/infra/domains/cgw/groups/a"), {"id": "a"})[1]


def test_what_a_look_has_read_is_not_read_again(look):
    gone_by(lambda nsx: nsx.get("/infra/x"), {"id": "x"})
    gone_by(lambda nsx: nsx.cloud_list("/infra/linked-vpcs"), [1])
    assert gone_by(lambda nsx: nsx.get("/infra/x")) == ({"id": "x"}, [])
    assert gone_by(lambda nsx: nsx.cloud_list("/infra/linked-vpcs")) == ([1], [])
    assert gone_by(lambda nsx: nsx.cloud_get("/infra/linked-vpcs"), {}) == (
        {},
        ["/cloud-service/api/v1/infra/linked-vpcs"],
    )
