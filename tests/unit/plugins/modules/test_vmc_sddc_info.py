# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json

import pytest
from ansible_collections.vmc.aws_backup.plugins.modules import vmc_sddc_info
from arguments import patch_module_args

SECRET = "pw-" + "a" * 17
SDDC = {
    "id": "s",
    "name": "one",
    "sddc_state": "READY",
    "resource_config": {"cloud_password": SECRET, "nsx_api_public_endpoint_url": "https://told"},
}


class Cloud:
    """VMC and NSX in one, with the URLs that NSX was asked at."""

    def __init__(self):
        self.urls = []

    def sddcs(self):
        return [SDDC]

    def sddc(self, sddc_id):
        return SDDC if sddc_id == "s" else None

    def connections(self, sddc_id):
        return []

    def reservations(self):
        return []

    def cloud_list(self, path):
        return []


@pytest.fixture
def cloud(monkeypatch):
    cloud = Cloud()

    def nsx_client(params, csp):
        cloud.urls.append(params["nsx_url"])
        return cloud

    monkeypatch.setattr(vmc_sddc_info, "vmc_client", lambda params, csp: cloud)
    monkeypatch.setattr(vmc_sddc_info, "nsx_client", nsx_client)
    return cloud


@pytest.fixture
def run(cloud, capsys):
    def run(**options):
        with patch_module_args({"api_token": "t" * 20, **options}), pytest.raises(SystemExit):
            vmc_sddc_info.main()
        return json.loads(capsys.readouterr().out)

    return run


def test_an_sddc_is_shown_without_its_passwords(run):
    result = run(sddc_id="s")
    assert [sddc["name"] for sddc in result["sddcs"]] == ["one"]
    assert SECRET not in json.dumps(result)


def test_an_sddc_that_is_not_there_is_an_empty_list(run):
    assert run(sddc_id="x")["sddcs"] == []


@pytest.mark.parametrize(
    ("options", "url"),
    [
        ({"sddc_id": "s"}, "https://told"),
        ({"sddc_id": "s", "nsx_url": "https://given"}, "https://given"),
        ({"nsx_url": "https://given"}, "https://told"),
    ],
)
def test_nsx_is_asked_where_the_sddc_says_or_where_one_sddc_is_said_to_have_it(run, cloud, options, url):
    run(**options)
    assert cloud.urls == [url]
