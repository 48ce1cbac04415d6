# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.vmc.aws_backup.plugins.modules import nsx_mgw_rule

RULES = "/infra/domains/mgw/gateway-policies/default/rules"
TO_ESXI = {"id": "r", "source_groups": ["10.0.0.5"], "destination_groups": ["ESXI"], "services": ["HTTPS"]}


def test_a_rule_is_written_to_the_management_gateway_and_waited_for(run_nsx, nsx):
    nsx.realized_after = 0
    result = run_nsx(nsx_mgw_rule, **TO_ESXI)
    assert result["changed"]
    assert result["rule"]["action"] == "ALLOW"
    assert list(nsx.objects) == [f"{RULES}/r"]


def test_what_does_not_get_in_force_is_a_failure_that_says_what_was_done(run_nsx, nsx):
    nsx.realized_after = 99
    result = run_nsx(nsx_mgw_rule, wait_timeout=1, **TO_ESXI)
    assert result["failed"]
    assert "UNREALIZED" in result["msg"]
    assert result["remaining"] == ["ready"]


def test_without_wait_nobody_asks_whether_it_is_in_force(run_nsx, nsx):
    nsx.realized_after = 99
    assert run_nsx(nsx_mgw_rule, wait=False, **TO_ESXI)["changed"]


def test_a_broken_law_is_told_in_check_mode_too(run_nsx, nsx):
    result = run_nsx(nsx_mgw_rule, check_mode=True, **{**TO_ESXI, "source_groups": ["ANY"]})
    assert result["failed"]
    assert "law of the management gateway" in result["msg"]


def test_inline_services_are_no_option(run_nsx):
    assert "service_entries" in run_nsx(nsx_mgw_rule, service_entries=[], **TO_ESXI)["msg"]
