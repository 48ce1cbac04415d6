# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.clients.dns import Dns
from ansible_collections.vmc.aws_backup.plugins.modules import dns_answer_info
from arguments import patch_module_args

from .documentation import documented, returned, specified


class Silent(Dns):
    """Servers that answer for one name only."""

    def _query(self, server, name, kind):
        assert (self.port, self.timeout) == (53, 5)
        return ["10.0.0.4"] if (name, kind) == ("known.example", "A") else []


@pytest.fixture
def run(monkeypatch, capsys):
    def run(**options):
        monkeypatch.setattr(dns_answer_info, "Dns", Silent)
        with patch_module_args(options), pytest.raises(SystemExit):
            dns_answer_info.main()
        return json.loads(capsys.readouterr().out)

    return run


def test_its_documentation_is_its_specification():
    assert documented(dns_answer_info) == specified(dns_answer_info)


def test_its_result_is_documented(run):
    result = run(servers=["10.1.0.53"], names=["known.example"], _ansible_check_mode=True)
    documentation = returned(dns_answer_info)
    assert set(result) - {"changed", "invocation"} == set(documentation)
    assert set(result["answers"][0]) == set(documentation["answers"]["contains"])


def test_a_name_without_an_answer_is_no_failure_of_the_module(run):
    result = run(servers=["10.1.0.53"], names=["known.example", "unknown.example"])
    assert [each["answered"] for each in result["answers"]] == [True, False]
    assert (result["changed"], result.get("failed")) == (False, None)
