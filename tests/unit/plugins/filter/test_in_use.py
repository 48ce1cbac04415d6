# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.filter.in_use import in_use

ENDPOINT = {
    "vpc_endpoint_id": "vpce-1",
    "dns_name": "vpce-1.example",
    "state": "available",
    "users": ["site"],
    "security_group_ids": ["sg-1"],
}
GROUP = {"group_id": "sg-1"}
GATEWAY = {"name": "gw", "gateway_arn": "arn:gw", "vpc_endpoint": "vpce-1.example"}
UNKNOWN = "Whether gateways of accounts that nobody named use the endpoint is not known."


def asked(endpoints=(ENDPOINT,), groups=(GROUP,), gateways=(), beside=None, scope="account", **given):
    inputs = {"site_id": "site", "given": {"vmc_backup_teardown_scope": scope, "gateways_gone": [], **given}}
    return in_use(endpoints, groups, gateways, beside or {"skipped": True, "msg": "left out"}, inputs)


def test_what_nobody_else_uses_may_go():
    assert asked() == {"endpoint": ENDPOINT, "users": [], "kept": [], "told": [UNKNOWN], "group_is_free": True}
    assert asked(endpoints=[])["endpoint"] == {}


@pytest.mark.parametrize(
    ("more", "why", "group_is_free"),
    [
        ({"gateways": [GATEWAY, GATEWAY]}, "gateways use it: gw.", False),
        ({"gateways": [{**GATEWAY, "vpc_endpoint": "vpce-1"}]}, "gateways use it: gw.", False),
        ({"beside": {"gateways": [GATEWAY]}}, "gateways use it: gw.", False),
        (
            {"endpoints": [{**ENDPOINT, "users": ["site", "b", "b"]}]},
            "its tags name other sites that use it: b.",
            False,
        ),
        (
            {"endpoints": [{**ENDPOINT, "security_group_ids": ["sg-1", "sg-2"]}]},
            "others have put their security groups on it: sg-2.",
            True,
        ),
        ({"beside": {"msg": "Denied."}}, "the gateways of its account could not be asked for: Denied.", False),
    ],
)
def test_what_others_use_or_may_use_stays(more, why, group_is_free):
    found = asked(**more)
    assert found["kept"] == [f"The endpoint stays, because {why}"]
    assert found["told"] == [*found["kept"], UNKNOWN]
    assert found["group_is_free"] is group_is_free


def test_gateways_of_other_endpoints_and_those_that_are_gone_do_not_count():
    assert asked(gateways=[{**GATEWAY, "vpc_endpoint": "vpce-9.example"}])["kept"] == []
    assert asked(gateways=[GATEWAY], gateways_gone=["arn:gw"])["kept"] == []


def test_a_gateway_of_somebody_else_that_is_called_the_same_counts():
    theirs = {**GATEWAY, "gateway_arn": "arn:theirs"}
    assert asked(gateways=[GATEWAY, theirs], gateways_gone=["arn:gw"])["users"] == ["gw"]


@pytest.mark.parametrize("state", ["deleting", "deleted", "rejected", "failed", "expired"])
def test_a_dead_endpoint_is_none(state):
    assert asked(endpoints=[{**ENDPOINT, "state": state, "users": ["b"]}])["endpoint"] == {}
    assert asked(endpoints=[{**ENDPOINT, "state": state, "users": ["b"]}])["kept"] == []


def test_of_several_none_is_told_unless_one_is_named():
    both = [ENDPOINT, {**ENDPOINT, "vpc_endpoint_id": "vpce-2"}]
    assert asked(endpoints=both)["endpoint"] == {**ENDPOINT, "vpc_endpoint_id": ""}
    assert asked(endpoints=both, endpoint_vpc_endpoint_id="vpce-2")["endpoint"]["vpc_endpoint_id"] == "vpce-2"


def test_the_scope_of_an_sddc_is_told():
    assert asked(scope="sddc")["told"][0].startswith("The endpoint and its security group stay: they go only with")
