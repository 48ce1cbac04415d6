# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.resources.vcenter_dns import view
from ansible_collections.vmc.aws_backup.plugins.modules import vmc_vcenter_dns
from arguments import patch_module_args

from ..module_utils.resources.test_vcenter_dns import SECRET, MemoryVmc
from .documentation import documented, returned, specified


@pytest.fixture
def run(monkeypatch, capsys):
    def run(vmc, *, check_mode=False, **options):
        monkeypatch.setattr(vmc_vcenter_dns, "vmc_client", lambda params: vmc)
        given = {"sddc_id": "s", "resolution_address": "private", "_ansible_check_mode": check_mode, **options}
        with patch_module_args(given), pytest.raises(SystemExit):
            vmc_vcenter_dns.main()
        return json.loads(capsys.readouterr().out)

    return run


def test_its_documentation_is_its_specification():
    assert documented(vmc_vcenter_dns) == specified(vmc_vcenter_dns)


def test_its_result_is_documented():
    assert set(returned(vmc_vcenter_dns)["vcenter_dns"]["contains"]) == set(view({"id": "s"}))


def test_check_mode_writes_nothing_and_shows_the_setting_as_it_would_be(run):
    vmc = MemoryVmc()
    result = run(vmc, check_mode=True)
    assert (result["changed"], result["vcenter_dns"]["resolution_address"]) == (True, "private")
    assert vmc.writes == []


def test_what_is_right_is_left_alone_and_no_password_is_returned(run):
    vmc = MemoryVmc(private=True)
    result = run(vmc)
    assert (result["changed"], result["vcenter_dns"]["vcenter_management_ip"]) == (False, "10.20.0.4")
    assert vmc.writes == [] and SECRET not in json.dumps(result)


def test_the_sddc_has_to_be_named(run):
    assert run(MemoryVmc(), sddc_id=None)["msg"].startswith("sddc_id: ")
