# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.vmc.aws_backup.plugins.module_utils.resources.nsx_dns_zone import view
from ansible_collections.vmc.aws_backup.plugins.modules import nsx_dns_zone_info

from .documentation import documented, returned, specified


def test_its_documentation_is_its_specification():
    assert documented(nsx_dns_zone_info) == specified(nsx_dns_zone_info)


def test_its_result_is_documented():
    shown = view({"zone": {"id": "one"}, "forwarders": {}})
    assert set(returned(nsx_dns_zone_info)["dns_zones"]["contains"]) == set(shown)


def test_zones_of_others_are_listed_too(run_nsx, nsx):
    nsx.objects["/infra/dns-forwarder-zones/theirs"] = {"id": "theirs"}
    assert [zone["id"] for zone in run_nsx(nsx_dns_zone_info)["dns_zones"]] == ["theirs"]
    assert run_nsx(nsx_dns_zone_info, gateway="cgw")["dns_zones"] == []


def test_an_id_cannot_leave_its_path(run_nsx):
    assert run_nsx(nsx_dns_zone_info, id="../x")["failed"]
