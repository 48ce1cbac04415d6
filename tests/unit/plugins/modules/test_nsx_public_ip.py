# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.vmc.aws_backup.plugins.modules import nsx_public_ip

from .documentation import documented, specified

PATH = "/infra/public-ips/out"


def test_an_address_is_asked_for_once(run_nsx, nsx):
    result = run_nsx(nsx_public_ip, id="out", wait=False)
    assert (result["changed"], result["public_ip"]) == (True, {"id": "out", "display_name": "out", "ip": None})
    nsx.cloud[PATH]["ip"] = "198.51.100.10"
    result = run_nsx(nsx_public_ip, id="out")
    assert (result["changed"], result["public_ip"]["ip"]) == (False, "198.51.100.10")


def test_an_address_in_use_is_kept(run_nsx, nsx):
    nsx.cloud[PATH] = {"id": "out", "ip": "198.51.100.10"}
    nsx.objects["/infra/tier-1s/cgw/nat/USER/nat-rules/r"] = {"id": "r", "translated_network": "198.51.100.10"}
    result = run_nsx(nsx_public_ip, id="out", state="absent")
    assert result["msg"] == "The public_ip out must not be removed: 198.51.100.10 is used by NAT rules, r."


def test_a_rule_that_is_listed_and_not_there_any_more_does_not_keep_it(run_nsx, nsx, monkeypatch):
    nsx.cloud[PATH] = {"id": "out", "ip": "198.51.100.10"}
    listed = nsx.list
    gone = [{"id": "r", "translated_network": "198.51.100.10"}]
    monkeypatch.setattr(nsx, "list", lambda path: gone if path.endswith("/nat-rules") else listed(path))
    assert run_nsx(nsx_public_ip, id="out", state="absent")["changed"]
    assert PATH not in nsx.cloud


def test_what_it_documents_is_what_it_accepts():
    assert documented(nsx_public_ip) == specified(nsx_public_ip)
