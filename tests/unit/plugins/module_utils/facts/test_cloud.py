# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import ApiError
from ansible_collections.vmc.aws_backup.plugins.module_utils.facts import cloud
from ansible_collections.vmc.aws_backup.plugins.modules.vmc_sddc_info import SPEC


class Client:
    """Answers each request with its number."""

    def __init__(self):
        self.asked = []
        self.fault = None

    def request(self, method, path, *, params=None):
        self.asked.append(path)
        if self.fault:
            raise self.fault
        return len(self.asked)

    def sddc(self, sddc_id):
        self.request("GET", f"/sddcs/{sddc_id}")
        return {"resource_config": {"nsx_api_public_endpoint_url": f"https://nsx.of.{sddc_id}"}}


def made(monkeypatch, **given):
    """A cloud whose clients are made by hand, and the options that its NSX was made from."""
    client, seen = Client(), []
    monkeypatch.setattr(cloud, "csp_client", lambda params: "csp")
    monkeypatch.setattr(cloud, "vmc_client", lambda params, csp: client)
    monkeypatch.setattr(cloud, "nsx_client", lambda params, csp: seen.append((params["nsx_url"], csp)) or Client())
    defaults = {option: spec.get("default") for option, spec in SPEC.items()}
    return cloud.Cloud({**defaults, "org_id": "o", "sddc_id": "s", **given}), client, seen


def test_what_was_said_once_is_not_asked_again():
    client = cloud.remembering(Client())
    assert [client.request("GET", "/a"), client.request("GET", "/b"), client.request("GET", "/a")] == [1, 2, 1]
    assert client.request("GET", "/a", params={"page": 2}) == 3


def test_a_failure_is_asked_again():
    client = cloud.remembering(Client())
    client.fault = ApiError("no")
    with pytest.raises(ApiError):
        client.request("GET", "/a")
    client.fault = None
    assert client.request("GET", "/a") == 2


def test_the_sddc_says_where_its_nsx_is_unless_the_options_do(monkeypatch):
    told, client, seen = made(monkeypatch)
    assert told.nsx is told.nsx
    assert seen == [("https://nsx.of.s", "csp")] and client.asked == ["/sddcs/s"]
    told, client, seen = made(monkeypatch, nsx_url="https://given")
    assert told.nsx and seen == [("https://given", "csp")] and client.asked == []


def test_an_nsx_that_knows_its_users_needs_no_identity_in_the_cloud(monkeypatch):
    told, client, seen = made(monkeypatch, nsx_auth="basic", nsx_url="https://given")
    assert told.nsx and seen == [("https://given", None)] and client.asked == []
