# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.clients import vmc
from ansible_collections.vmc.aws_backup.plugins.module_utils.clients.rest import Reply
from ansible_collections.vmc.aws_backup.plugins.module_utils.clients.vmc import Vmc, vmc_client
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import ApiError, Denied, Invalid


class Api:
    def __init__(self, answer):
        self.answer = answer
        self.asked = []

    def request(self, method, path, *, params=None):
        self.asked.append((method, path, params))
        return self.answer


def test_sddcs_are_those_of_the_organisation():
    api = Api([{"id": "s"}])
    assert Vmc(api, "org").sddcs() == [{"id": "s"}]
    assert api.asked == [("GET", "/vmc/api/orgs/org/sddcs", None)]


def test_the_passwords_of_a_document_are_masked(masked):
    document = {"id": "s", "resource_config": {"cloud_password": "wJ7kq2Vn5mZr8Tt1"}}
    for read in (lambda: Vmc(Api(document), "org").sddc("s"), lambda: Vmc(Api([document]), "org").sddcs()):
        masked.clear()
        read()
        assert "wJ7kq2Vn5mZr8Tt1" in masked


def test_a_missing_sddc_is_none():
    assert Vmc(Api(None), "org").sddc("s") is None


@pytest.mark.parametrize(
    "body",
    [
        {"message": "no Route matched with those values"},
        {"error": "not found", "status": 404},
        {},
        [],
        None,
    ],
)
def test_what_something_before_it_answers_is_no_sddc_that_is_missing(body):
    assert vmc.classify(Reply(404, "text", body)) is ApiError


def test_what_the_api_answers_in_its_own_form_is():
    told = {"status": 404, "path": "/x", "retryable": False, "error_code": "NotFound", "error_messages": ["no"]}
    assert vmc.classify(Reply(404, "text", told)) is None
    assert vmc.classify(Reply(403, "text", told)) is Denied


def test_connections_are_asked_for_one_sddc():
    api = Api([])
    Vmc(api, "org").connections("s")
    assert api.asked == [("GET", "/vmc/api/orgs/org/account-link/sddc-connections", {"sddc": "s"})]


def test_the_name_of_vcenter_is_switched_by_a_task_and_tasks_are_looked_at():
    api = Api({"id": "t"})
    vmc = Vmc(api, "org")
    assert vmc.resolve_vcenter("s", "private") == vmc.task("t") == {"id": "t"}
    vmc.tasks()
    asked = [("PUT", "sddcs/s/dns/private"), ("GET", "tasks/t"), ("GET", "tasks")]
    assert api.asked == [(method, f"/vmc/api/orgs/org/{path}", None) for method, path in asked]


def test_a_missing_organisation_is_no_empty_list():
    with pytest.raises(ApiError, match="no such organisation"):
        Vmc(Api(None), "org").sddcs()


def test_a_refusal_asks_whether_the_organisation_is_right():
    class Refused:
        def request(self, *_asked, **_more):
            raise Denied("no", attempted="read", code="403")

    with pytest.raises(Denied, match="Is org_id right") as caught:
        Vmc(Refused(), "org").sddcs()
    assert caught.value.code == "403"


@pytest.mark.parametrize("option", ["org_id", "sddc_id"])
def test_an_id_has_no_slash(option):
    with pytest.raises(Invalid, match=option):
        vmc_client({"org_id": "o", "sddc_id": "s", option: "../x"})


def test_the_organisation_is_needed():
    with pytest.raises(Invalid, match="org_id"):
        vmc_client({"org_id": None})
