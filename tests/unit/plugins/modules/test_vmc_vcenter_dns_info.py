# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.resources.vcenter_dns import view
from ansible_collections.vmc.aws_backup.plugins.modules import vmc_vcenter_dns_info
from arguments import patch_module_args

from ..module_utils.resources.test_vcenter_dns import SECRET, MemoryVmc
from .documentation import documented, returned, specified


@pytest.fixture
def run(monkeypatch, capsys):
    def run(**options):
        monkeypatch.setattr(vmc_vcenter_dns_info, "vmc_client", lambda params: MemoryVmc())
        with patch_module_args(options), pytest.raises(SystemExit):
            vmc_vcenter_dns_info.main()
        return json.loads(capsys.readouterr().out)

    return run


def test_its_documentation_is_its_specification():
    assert documented(vmc_vcenter_dns_info) == specified(vmc_vcenter_dns_info)


def test_its_result_is_documented():
    assert set(returned(vmc_vcenter_dns_info)["vcenter_dns_settings"]["contains"]) == set(view({"id": "s"}))


@pytest.mark.parametrize(
    ("options", "shown"), [({}, ["public"]), ({"sddc_id": "s"}, ["public"]), ({"sddc_id": "x"}, [])]
)
def test_one_setting_or_all_are_shown_without_passwords(run, options, shown):
    result = run(**options)
    assert [setting["resolution_address"] for setting in result["vcenter_dns_settings"]] == shown
    assert not result["changed"] and SECRET not in json.dumps(result)
