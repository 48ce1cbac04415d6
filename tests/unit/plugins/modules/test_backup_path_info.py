# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.checks.path import HOPS
from ansible_collections.vmc.aws_backup.plugins.modules import backup_path_info
from arguments import patch_module_args

from ..module_utils.checks.world import world
from .documentation import documented, returned, specified


@pytest.fixture
def run(monkeypatch, capsys):
    """Run the module on facts; gives what it returns and which options were used."""

    def run(facts, **options):
        used = {}

        def collect(params, ec2):
            used.update(params)
            return facts

        monkeypatch.setattr(backup_path_info, "collect", collect)
        with patch_module_args({"region": "eu-west-1", **options}), pytest.raises(SystemExit):
            backup_path_info.main()
        return json.loads(capsys.readouterr().out), used

    return run


def test_its_documentation_is_its_specification():
    assert documented(backup_path_info) == specified(backup_path_info)


def test_its_result_is_documented(run):
    result, _used = run(world())
    documentation = returned(backup_path_info)
    assert set(result) - {"changed", "invocation"} == set(documentation)
    assert {key for hop in result["hops"] for key in hop} == set(documentation["hops"]["contains"])
    told = " ".join(documentation["hops"]["contains"]["hop"]["description"])
    assert [hop.id for hop in HOPS if f"C({hop.id})" not in told] == []


def test_what_is_broken_is_no_failure_of_the_module(run):
    result, _used = run(world(endpoint=None))
    assert (result["reachable"], result["changed"], result.get("failed")) == (False, False, None)


def test_a_vcenter_has_the_defaults_of_the_vsphere_modules(run):
    _result, used = run(world(), vcenter={"hostname": "vcenter.example", "username": "u", "password": "p" * 12})
    assert used["vcenter"]["port"] == 443


@pytest.mark.parametrize(
    ("check_mode", "predicted", "verdict"),
    [(True, ["endpoint"], "skipped"), (True, ["firewall"], "broken"), (False, ["endpoint"], "broken")],
)
def test_what_a_preview_predicted_is_not_broken_yet(run, check_mode, predicted, verdict):
    result, _used = run(world(endpoint=None), _ansible_check_mode=check_mode, predicted=predicted)
    (hop,) = (hop for hop in result["hops"] if hop["hop"] == "endpoint")
    assert hop["verdict"] == verdict
    assert ("The role endpoint would put it in order: " in hop["evidence"]) is (verdict == "skipped")
