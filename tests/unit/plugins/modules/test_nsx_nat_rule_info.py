# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.vmc.aws_backup.plugins.modules import nsx_nat_rule_info

from .documentation import documented, specified


def test_rules_are_listed(run_nsx, nsx):
    nsx.objects["/infra/tier-1s/cgw/nat/USER/nat-rules/out"] = {"id": "out", "action": "SNAT"}
    assert [rule["action"] for rule in run_nsx(nsx_nat_rule_info)["nat_rules"]] == ["SNAT"]
    assert run_nsx(nsx_nat_rule_info, id="other")["nat_rules"] == []


def test_what_it_documents_is_what_it_accepts():
    assert documented(nsx_nat_rule_info) == specified(nsx_nat_rule_info)
