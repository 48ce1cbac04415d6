# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.vmc.aws_backup.plugins.modules import nsx_dhcp_static_binding

BINDING = {"segment": "backup", "id": "a1", "mac_address": "00:50:56:1E:05:14", "ip_address": "10.30.5.20"}


def test_a_binding_is_written_once(run_nsx, nsx):
    nsx.objects["/infra/tier-1s/cgw/segments/backup"] = {"id": "backup"}
    result = run_nsx(nsx_dhcp_static_binding, **BINDING)
    assert (result["changed"], result["static_binding"]["mac_address"]) == (True, "00:50:56:1e:05:14")
    assert list(nsx.objects)[1:] == ["/infra/tier-1s/cgw/segments/backup/dhcp-static-binding-configs/a1"]
    assert not run_nsx(nsx_dhcp_static_binding, **BINDING)["changed"]


def test_half_a_binding_is_not_created(run_nsx):
    result = run_nsx(nsx_dhcp_static_binding, segment="backup", id="a1", mac_address="00:50:56:1E:05:14")
    assert result["msg"] == "ip_address: is needed to create a static binding."
