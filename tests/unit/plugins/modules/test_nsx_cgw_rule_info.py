# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.vmc.aws_backup.plugins.modules import nsx_cgw_rule_info

RULES = "/infra/domains/{}/gateway-policies/default/rules"


def test_rules_of_the_own_gateway_are_listed(run_nsx, nsx):
    for domain in ("mgw", "cgw"):
        nsx.objects[f"{RULES.format(domain)}/{domain}-rule"] = {"id": f"{domain}-rule"}
    assert [rule["id"] for rule in run_nsx(nsx_cgw_rule_info)["rules"]] == ["cgw-rule"]


def test_a_rule_that_is_not_there_is_an_empty_list(run_nsx):
    assert run_nsx(nsx_cgw_rule_info, id="none")["rules"] == []
