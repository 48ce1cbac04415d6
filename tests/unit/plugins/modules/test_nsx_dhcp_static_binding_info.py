# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.vmc.aws_backup.plugins.modules import nsx_dhcp_static_binding_info


def test_bindings_of_a_segment_are_listed(run_nsx, nsx):
    path = "/infra/tier-1s/cgw/segments/backup/dhcp-static-binding-configs/a1"
    nsx.objects[path] = {"id": "a1", "mac_address": "00:50:56:1E:05:14", "ip_address": "10.30.5.20"}
    result = run_nsx(nsx_dhcp_static_binding_info, segment="backup")
    assert [binding["mac_address"] for binding in result["static_bindings"]] == ["00:50:56:1e:05:14"]
    nsx.objects["/infra/tier-1s/cgw/segments/other"] = {"id": "other"}
    assert run_nsx(nsx_dhcp_static_binding_info, segment="other")["static_bindings"] == []


def test_a_segment_that_is_not_there_is_told_from_one_without_bindings(run_nsx, nsx):
    assert run_nsx(nsx_dhcp_static_binding_info, segment="no")["msg"] == "There is no segment no."
