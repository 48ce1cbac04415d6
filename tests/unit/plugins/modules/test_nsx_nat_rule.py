# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.vmc.aws_backup.plugins.modules import nsx_nat_rule

from .documentation import documented, specified

PATH = "/infra/tier-1s/cgw/nat/USER/nat-rules/out"
RULE = {"id": "out", "action": "REFLEXIVE", "source_network": "10.30.5.20", "translated_network": "198.51.100.10"}


def test_a_rule_is_written_once(run_nsx, nsx):
    assert run_nsx(nsx_nat_rule, **RULE)["nat_rule"]["scope"] == ["/infra/labels/cgw-public"]
    assert nsx.objects[PATH]["resource_type"] == "PolicyNatRule"
    assert not run_nsx(nsx_nat_rule, **RULE)["changed"]


def test_a_public_address_to_come_is_shown_by_its_id(run_nsx, nsx):
    result = run_nsx(nsx_nat_rule, check_mode=True, **{**RULE, "translated_network": "new"})
    assert (result["changed"], result["nat_rule"]["translated_network"]) == (True, "new")
    assert nsx.objects == {}


def test_a_rule_goes(run_nsx, nsx):
    run_nsx(nsx_nat_rule, **RULE)
    assert run_nsx(nsx_nat_rule, id="out", state="absent")["changed"]
    assert nsx.objects == {}


def test_what_it_documents_is_what_it_accepts():
    assert documented(nsx_nat_rule) == specified(nsx_nat_rule)
