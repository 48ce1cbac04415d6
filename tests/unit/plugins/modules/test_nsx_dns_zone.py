# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.resources.nsx_dns_zone import view
from ansible_collections.vmc.aws_backup.plugins.modules import nsx_dns_zone

from .documentation import documented, returned, specified

ZONE = "/infra/dns-forwarder-zones/cgw-dns-zone"
FORWARDER = "/infra/tier-1s/cgw/dns-forwarder"


@pytest.fixture(autouse=True)
def first_day(nsx):
    nsx.objects[ZONE] = {"id": "cgw-dns-zone", "upstream_servers": ["8.8.8.8"], "_revision": 0}
    nsx.objects[FORWARDER] = {"default_forwarder_zone_path": ZONE, "listener_ip": "10.30.0.2", "_revision": 0}


def test_its_documentation_is_its_specification():
    assert documented(nsx_dns_zone) == specified(nsx_dns_zone)


def test_its_result_is_documented():
    shown = view({"zone": {"id": "one"}, "forwarders": {}})
    assert set(returned(nsx_dns_zone)["dns_zone"]["contains"]) == set(shown)


def test_the_default_zone_is_changed(run_nsx, nsx):
    result = run_nsx(nsx_dns_zone, gateway="cgw", upstream_servers=["10.1.0.53"])
    assert result["changed"] and result["dns_zone"]["default"]
    assert nsx.objects[ZONE]["upstream_servers"] == ["10.1.0.53"]


def test_check_mode_writes_nothing_and_shows_the_zone_as_it_would_be(run_nsx, nsx):
    options = {"gateway": "cgw", "id": "corp", "upstream_servers": ["10.1.0.53"], "dns_domain_names": ["corp.example"]}
    result = run_nsx(nsx_dns_zone, check_mode=True, **options)
    assert (result["changed"], result["dns_zone"]["gateways"]) == (True, ["cgw"])
    assert nsx.puts == []


def test_the_default_zone_stays(run_nsx, nsx):
    result = run_nsx(nsx_dns_zone, gateway="cgw", state="absent")
    assert result["failed"] and result["msg"].startswith("state: ")
    assert ZONE in nsx.objects
