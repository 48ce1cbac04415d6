# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.engine.reconcile import reconcile
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import Invalid, Missing
from ansible_collections.vmc.aws_backup.plugins.module_utils.resources.nsx_dhcp_static_binding import (
    StaticBinding,
    find,
)

PATH = "/infra/tier-1s/cgw/segments/backup/dhcp-static-binding-configs/a1"
ASKED = {"mac_address": "00:50:56:1E:05:14", "ip_address": "10.30.5.20"}


SEGMENT = "/infra/tier-1s/cgw/segments/backup"


@pytest.fixture(autouse=True)
def segment(nsx):
    subnet = {"gateway_address": "10.30.5.1/24", "dhcp_ranges": ["10.30.5.100-10.30.5.199"]}
    nsx.objects[SEGMENT] = {"id": "backup", "subnets": [subnet], "_revision": 0}


def binding(nsx, **given):
    nothing = dict.fromkeys(("display_name", "mac_address", "ip_address", "tags"))
    return StaticBinding(nsx, {**nothing, "purge_tags": False, "segment": "backup", "id": "a1", **given})


def test_check_predicts_what_apply_does_and_a_second_apply_writes_nothing(nsx):
    predicted = reconcile(binding(nsx, **ASKED), check_mode=True)
    assert nsx.puts == []
    applied = reconcile(binding(nsx, **ASKED))
    assert predicted.changes == applied.changes
    assert not reconcile(binding(nsx, **ASKED)).changed
    assert len(nsx.puts) == 1
    assert nsx.objects[PATH]["resource_type"] == "DhcpV4StaticBindingConfig"


@pytest.mark.parametrize("text", ["00-50-56-1E-05-14", "0050.561e.0514", "00:50:56:1e:05:14"])
def test_a_mac_address_has_one_form(nsx, text):
    reconcile(binding(nsx, **{**ASKED, "mac_address": text}))
    assert nsx.objects[PATH]["mac_address"] == "00:50:56:1e:05:14"


def test_a_changed_address_is_put_right_and_the_lease_time_of_others_stays(nsx):
    reconcile(binding(nsx, **ASKED))
    nsx.objects[PATH].update(ip_address="10.30.5.99", lease_time=3600)
    assert [change.path for change in reconcile(binding(nsx, **ASKED)).changes] == ["ip_address"]
    assert (nsx.objects[PATH]["ip_address"], nsx.objects[PATH]["lease_time"]) == ("10.30.5.20", 3600)


@pytest.mark.parametrize(
    ("given", "option"),
    [
        ({"mac_address": "00:50:56"}, "mac_address"),
        ({"mac_address": "01:50:56:1e:05:14"}, "mac_address"),
        ({"ip_address": "10.30.6.20"}, "ip_address"),
        ({"ip_address": "10.30.5.1"}, "ip_address"),
        ({"ip_address": "10.30.5.0"}, "ip_address"),
        ({"ip_address": "10.30.5.255"}, "ip_address"),
        ({"ip_address": "10.30.5.100"}, "ip_address"),
        ({"ip_address": "10.30.5.199"}, "ip_address"),
        ({"ip_address": "10.30.5.20/24"}, "ip_address"),
        ({"ip_address": "fd00::1"}, "ip_address"),
        ({"ip_address": None}, "ip_address"),
        ({"mac_address": None}, "mac_address"),
        ({"segment": "../x"}, "segment"),
        ({"id": "a/b"}, "id"),
    ],
)
def test_options_that_cannot_be_are_refused_before_the_first_write(nsx, given, option):
    with pytest.raises(Invalid, match=option):
        reconcile(binding(nsx, **{**ASKED, **given}))
    assert nsx.puts == []


@pytest.mark.parametrize(
    ("dhcp", "why"),
    [
        ({"dhcp_ranges": []}, "has no DHCP"),
        ({"dhcp_config_path": "/infra/dhcp-relay-configs/office"}, "by the relay office"),
    ],
)
def test_a_segment_whose_dhcp_cannot_carry_a_binding_is_refused(nsx, dhcp, why):
    subnet = {"gateway_address": "10.30.5.1/24", "dhcp_ranges": dhcp.pop("dhcp_ranges", ["10.30.5.100-10.30.5.199"])}
    nsx.objects[SEGMENT] = {"id": "backup", "subnets": [subnet], **dhcp}
    with pytest.raises(Invalid, match=f"segment: backup .*{why}"):
        reconcile(binding(nsx, **ASKED))
    assert nsx.puts == []


@pytest.mark.parametrize(
    "dhcp",
    [
        {"dhcp_config_path": "/infra/dhcp-server-configs/local"},
        {"subnets": [{"gateway_address": "10.30.5.1/24", "dhcp_config": {"dns_servers": ["10.30.5.2"]}}]},
    ],
)
def test_a_server_without_ranges_of_its_own_carries_bindings(nsx, dhcp):
    nsx.objects[SEGMENT] = {"id": "backup", "subnets": [{"gateway_address": "10.30.5.1/24"}], **dhcp}
    assert reconcile(binding(nsx, **ASKED)).changed


def test_an_address_that_is_not_to_change_is_not_judged_again(nsx):
    reconcile(binding(nsx, **ASKED))
    nsx.objects[SEGMENT]["subnets"] = [{"gateway_address": "10.31.0.1/24"}]
    assert not reconcile(binding(nsx, **ASKED)).changed


def test_a_segment_that_is_not_there_is_told_before_the_first_write(nsx):
    del nsx.objects[SEGMENT]
    assert reconcile(binding(nsx, **ASKED), check_mode=True).changed
    with pytest.raises(Missing, match="segment backup"):
        reconcile(binding(nsx, **ASKED))
    assert nsx.puts == []


def test_find_lists_a_segment_or_one_binding(nsx):
    reconcile(binding(nsx, **ASKED))
    assert [raw["id"] for raw in find(nsx, segment="backup")] == ["a1"]
    assert [raw["id"] for raw in find(nsx, segment="backup", id="a1")] == ["a1"]
    assert find(nsx, segment="other", id="a1") == []
