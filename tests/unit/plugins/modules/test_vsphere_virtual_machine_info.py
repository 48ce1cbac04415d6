# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import types

from ansible_collections.vmc.aws_backup.plugins.modules import vsphere_virtual_machine_info

from ..module_utils.resources.test_vsphere_machine import seen
from .documentation import documented, returned, specified

ABOUT = types.SimpleNamespace(instanceUuid="uuid", name="vCenter", version="8.0.3", build="1", apiVersion="8.0.3.0")


def test_its_documentation_is_its_specification():
    assert documented(vsphere_virtual_machine_info) == specified(vsphere_virtual_machine_info)


def test_its_result_is_in_order_and_documented(monkeypatch):
    found = list(seen(b={}, a={}).values())
    client = types.SimpleNamespace(
        content=types.SimpleNamespace(about=ABOUT), certificate_expires="Feb  1 12:00:00 2027 GMT"
    )
    stores = [{"name": name, "capacity": 2, "free_space": 1} for name in "ba"]
    monkeypatch.setattr(vsphere_virtual_machine_info, "datastores", lambda client: stores)
    monkeypatch.setattr(vsphere_virtual_machine_info, "Vsphere", lambda params: client)
    monkeypatch.setattr(vsphere_virtual_machine_info, "find", lambda client, most: found)
    answer = vsphere_virtual_machine_info.fetch(types.SimpleNamespace(params={"most": 9}))
    documented_result = returned(vsphere_virtual_machine_info)
    assert [one["name"] for one in answer["virtual_machines"]] == ["a", "b"]
    assert set(documented_result["virtual_machines"]["contains"]) == set(answer["virtual_machines"][0])
    assert set(documented_result["vcenter"]["contains"]) == set(answer["vcenter"])
    assert answer["vcenter"]["certificate_expires"] == "2027-02-01T12:00:00+00:00"
    assert [one["name"] for one in answer["datastores"]] == ["a", "b"]
    assert set(documented_result["datastores"]["contains"]) == set(answer["datastores"][0])
