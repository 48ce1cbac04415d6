# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.engine.reconcile import reconcile
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import Foreign, Invalid, TimedOut
from ansible_collections.vmc.aws_backup.plugins.module_utils.resources.nsx_public_ip import PublicIp, find, view

PATH = "/infra/public-ips/one"
NAT = "/infra/tier-1s/cgw/nat/USER/nat-rules/rule"


def public_ip(nsx, **given):
    return PublicIp(nsx, {"id": "one", "display_name": None, **given})


def test_check_predicts_what_apply_does_and_a_second_apply_writes_nothing(nsx):
    predicted = reconcile(public_ip(nsx), check_mode=True)
    assert nsx.cloud_puts == []
    applied = reconcile(public_ip(nsx))
    assert predicted.changes == applied.changes
    assert not reconcile(public_ip(nsx)).changed
    assert nsx.cloud_puts == [{"id": "one", "display_name": "one"}]


def test_a_name_is_put_right_and_the_address_stays(nsx):
    nsx.cloud[PATH] = {"id": "one", "display_name": "theirs", "ip": "198.51.100.10"}
    assert not reconcile(public_ip(nsx)).changed
    reconcile(public_ip(nsx, display_name="Ours"))
    assert nsx.cloud[PATH] == {"id": "one", "display_name": "Ours", "ip": "198.51.100.10"}


@pytest.mark.parametrize("lost", ["before", "after"])
def test_a_lost_answer_is_looked_after(nsx, lost):
    nsx.lose_next_answer = lost
    assert reconcile(public_ip(nsx)).after["id"] == "one"
    assert len(nsx.cloud_puts) == 1


def test_its_address_is_waited_for(nsx):
    with pytest.raises(Exception, match="has not allotted its address yet") as failure:
        reconcile(public_ip(nsx), wait_timeout=0.1)
    assert isinstance(failure.value.cause, TimedOut)
    nsx.cloud[PATH]["ip"] = "198.51.100.10"
    assert reconcile(public_ip(nsx), wait_timeout=1).after["ip"] == "198.51.100.10"


@pytest.mark.parametrize("given", [{"display_name": ""}, {"display_name": "x" * 256}])
def test_a_name_has_a_length(nsx, given):
    with pytest.raises(Invalid, match="display_name"):
        reconcile(public_ip(nsx, **given))
    assert nsx.cloud_puts == []


@pytest.mark.parametrize("used", [{"translated_network": "198.51.100.10"}, {"destination_network": "198.51.100.8/29"}])
@pytest.mark.parametrize("check_mode", [True, False])
def test_an_address_that_a_nat_rule_uses_is_kept(nsx, used, check_mode):
    nsx.cloud[PATH] = {"id": "one", "display_name": "one", "ip": "198.51.100.10"}
    nsx.objects[NAT] = {"id": "rule", **used}
    with pytest.raises(Foreign, match="198.51.100.10 is used by NAT rules, rule"):
        reconcile(public_ip(nsx), state="absent", check_mode=check_mode)
    assert PATH in nsx.cloud


def test_absent_twice(nsx):
    nsx.cloud[PATH] = {"id": "one", "display_name": "one", "ip": None}
    nsx.objects[NAT] = {"id": "rule", "translated_network": "198.51.100.11"}
    assert reconcile(public_ip(nsx), state="absent").changed
    assert not reconcile(public_ip(nsx), state="absent").changed


def test_find_lists_all_or_one(nsx):
    nsx.cloud[PATH] = {"id": "one", "ip": "198.51.100.10"}
    assert [view(raw) for raw in find(nsx)] == [{"id": "one", "display_name": "one", "ip": "198.51.100.10"}]
    assert [raw["id"] for raw in find(nsx, id="one")] == ["one"]
    assert find(nsx, id="two") == []
