# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.vmc.aws_backup.plugins.filter.explained import explained

HOP = {"hop": "endpoint", "verdict": "broken", "evidence": "None.", "change": "", "mended_by": "endpoint"}
LOST = {"object": "gateway gw-1", "path": "vpc_endpoint", "effect": "replace"}
FOUND = {"appliances": [{"name": "gw-1"}]}
GIVEN = {"site_id": "site", "site_gone": False, "given": {"state": "present"}}


def told(found=None, inputs=None, *hops, changes=()):
    outcome = {"msg": "It failed.", "changes": list(changes)}
    found = FOUND if found is None else found
    return explained(outcome, {"hops": list(hops)}, found, found.get("appliances", []), inputs or GIVEN).split("\n")


def test_broken_hops_are_told_with_who_mends_them():
    person = {**HOP, "hop": "network_acl", "evidence": "It drops.", "change": "Let it in.", "mended_by": ""}
    assert told(None, None, HOP, {**HOP, "verdict": "ok"}, person) == [
        "It failed.",
        "endpoint: None. The tag endpoint puts in order what is ours.",
        "network_acl: It drops. Let it in.",
    ]


def test_a_gateway_that_no_api_mends_is_named_once():
    told_of = told(None, None, changes=[LOST, LOST, {**LOST, "object": "vpc_endpoint", "effect": "replace"}])
    assert told_of[1].startswith(
        "No API mends a gateway that lost its appliance or its endpoint (gateway gw-1). Plan a second"
    )
    assert told(None, None, changes=[{**LOST, "effect": "in_place"}]) == ["It failed."]


def test_while_there_is_no_appliance_nothing_is_on_its_way():
    assert told({}, None, HOP, changes=[LOST]) == ["It failed."]


def test_a_teardown_of_a_site_whose_vcenter_does_not_answer_says_how_one_that_is_gone_is_removed():
    absent = {**GIVEN, "given": {"state": "absent"}}
    assert told({"failed": True}, absent)[1].startswith(
        "Only where the site is gone for good, vmc_backup_site_gone=site "
    )
    for found, inputs in (({}, absent), ({"failed": True}, GIVEN), ({"failed": True}, {**absent, "site_gone": True})):
        assert told(found, inputs) == ["It failed."]


def test_where_already_the_first_task_failed_it_says_why():
    assert explained({"msg": "No plan.", "changes": []}, {}, {}, [], {"failed": True}) == "No plan."
