# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.vmc.aws_backup.plugins.modules import nsx_group

PATH = "/infra/domains/mgw/groups/appliances"
APPLIANCES = {"domain": "mgw", "id": "appliances", "ip_addresses": ["10.0.0.5"]}


def test_a_group_is_written_with_our_tag(run_nsx, nsx):
    result = run_nsx(nsx_group, **APPLIANCES)
    assert result["changed"]
    assert result["group"]["ip_addresses"] == ["10.0.0.5"]
    assert nsx.objects[PATH]["tags"] == [{"scope": "managed-by", "tag": "vmc-aws-backup"}]


def test_check_mode_writes_nothing_and_shows_the_group_as_it_would_be(run_nsx, nsx):
    result = run_nsx(nsx_group, check_mode=True, **APPLIANCES)
    assert (result["changed"], result["group"]["ip_addresses"]) == (True, ["10.0.0.5"])
    assert nsx.objects == {}


def test_tags_without_a_scope_are_tags(run_nsx, nsx):
    result = run_nsx(nsx_group, **APPLIANCES, tags=[{"tag": "free"}])
    assert {"scope": "", "tag": "free"} in result["group"]["tags"]
    assert not run_nsx(nsx_group, **APPLIANCES, tags=[{"tag": "free"}])["changed"]


def test_an_absent_group_is_null(run_nsx):
    assert run_nsx(nsx_group, state="absent", **APPLIANCES)["group"] is None


def test_a_slip_is_told_with_its_option(run_nsx):
    result = run_nsx(nsx_group, domain="mgw", id="appliances", ip_addresses=["10.0.0.1/24"])
    assert result["failed"]
    assert result["msg"] == "ip_addresses: 10.0.0.1/24 has host bits set."
