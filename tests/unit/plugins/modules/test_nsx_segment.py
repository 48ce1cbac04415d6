# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.vmc.aws_backup.plugins.modules import nsx_segment

from .documentation import documented, specified

PATH = "/infra/tier-1s/cgw/segments/backup"
SEGMENT = {"id": "backup", "subnets": [{"gateway_address": "10.30.5.1/27", "dhcp_ranges": ["10.30.5.10-10.30.5.19"]}]}


def test_a_segment_is_written_once(run_nsx, nsx):
    result = run_nsx(nsx_segment, **SEGMENT)
    assert (result["changed"], result["segment"]["type"]) == (True, "ROUTED")
    assert nsx.objects[PATH]["tags"] == [{"scope": "managed-by", "tag": "vmc-aws-backup"}]
    assert not run_nsx(nsx_segment, **SEGMENT)["changed"]


def test_what_would_have_to_be_replaced_is_told_or_reported(run_nsx):
    run_nsx(nsx_segment, **SEGMENT)
    moved = {"id": "backup", "subnets": [{"gateway_address": "10.30.6.1/27"}]}
    assert "would have to be replaced" in run_nsx(nsx_segment, **moved)["msg"]
    result = run_nsx(nsx_segment, **moved, on_immutable="report")
    assert (result["changed"], [change["effect"] for change in result["changes"]]) == (False, ["replace"])


def test_a_segment_that_is_used_is_kept(run_nsx, nsx):
    run_nsx(nsx_segment, **SEGMENT)
    nsx.objects[f"{PATH}/dhcp-static-binding-configs/a1"] = {"id": "a1"}
    result = run_nsx(nsx_segment, id="backup", state="absent", check_mode=True)
    assert result["msg"] == "The segment backup must not be removed: it still has DHCP static bindings, a1."


def test_what_it_documents_is_what_it_accepts():
    assert documented(nsx_segment) == specified(nsx_segment)
