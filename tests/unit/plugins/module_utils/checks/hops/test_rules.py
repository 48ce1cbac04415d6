# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the first rule that matches decides, and what nobody can decide."""

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.checks.hops.rules import Target, among, judged
from ansible_collections.vmc.aws_backup.plugins.module_utils.checks.hops.spans import span

from ..world import APPLIANCE, ENDPOINT, rule

FACTS = {
    "groups": {"/g/us": [APPLIANCE], "/g/them": ["10.9.9.9"], "/g/none": [], "/g/dark": None},
    "services": {
        "/s/https": [{"resource_type": "L4PortSetServiceEntry", "l4_protocol": "TCP", "destination_ports": ["443"]}],
        "/s/dns": [{"resource_type": "L4PortSetServiceEntry", "l4_protocol": "UDP", "destination_ports": ["443"]}],
        "/s/tcp": [{"resource_type": "IPProtocolServiceEntry", "protocol_number": 6}],
        "/s/all": [{"resource_type": "L4PortSetServiceEntry", "l4_protocol": "TCP", "destination_ports": []}],
        "/s/nested": [{"resource_type": "NestedServiceServiceEntry", "nested_service_path": "/s/https"}],
        "/s/gone": None,
    },
}
ALL = (["ANY"], ["ANY"])


def verdict(*rules, source=APPLIANCE, otherwise=False):
    target = Target("there", (span(ENDPOINT),), (443,), "/g/there")
    found = judged(FACTS, rules, [span(source)], [target], gateway="wall", change="open it", otherwise=otherwise)
    return found["verdict"] if found else "ok"


def drop(*sides, **more):
    return rule("drop", *sides, action="DROP", **more)


def jump(**more):
    return rule("jump", *ALL, action="JUMP_TO_APPLICATION", **more)


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        (["/g/us"], "ok"),
        (["/g/them", "/g/us"], "ok"),
        (["/g/them"], "broken"),
        (["/g/none"], "broken"),
        (["/g/dark"], "unknown"),
        (["/g/dark", "/g/us"], "ok"),
        (["/g/never-read"], "unknown"),
        (["10.30.5.0/24"], "ok"),
    ],
)
def test_a_source_is_among_the_members_or_not_or_nobody_knows(members, expected):
    assert verdict(rule("a", members, ["ANY"])) == expected


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, "ok"),
        ({"disabled": True}, "broken"),
        ({"ip_protocol": "IPV6"}, "broken"),
        ({"sources_excluded": True}, "broken"),
        ({"source_groups": ["/g/them"], "sources_excluded": True}, "ok"),
        ({"destination_groups": ["10.9.9.9"]}, "broken"),
        ({"destination_groups": ["/g/there"]}, "ok"),
        ({"destinations_excluded": True}, "broken"),
        ({"services": ["/s/https"]}, "ok"),
        ({"services": ["/s/dns"]}, "broken"),
        ({"services": ["/s/tcp"]}, "ok"),
        ({"services": ["/s/all"]}, "ok"),
        ({"services": ["/s/nested"]}, "unknown"),
        ({"services": ["/s/gone"]}, "unknown"),
        ({"services": ["/s/gone", "/s/https"]}, "ok"),
        ({"applied_to": ["/g/us"]}, "ok"),
        ({"applied_to": ["/g/them"]}, "broken"),
        ({"applied_to": ["/g/dark"]}, "unknown"),
    ],
)
def test_a_rule_speaks_of_a_packet_by_all_that_it_says(more, expected):
    assert verdict(rule("a", ["/g/us"], ["ANY"], **more)) == expected


@pytest.mark.parametrize(
    ("rules", "otherwise", "expected"),
    [
        ([], False, "broken"),
        ([], True, "ok"),
        ([drop(*ALL), rule("a", *ALL)], True, "broken"),
        ([rule("a", *ALL), drop(*ALL)], False, "ok"),
        ([drop(["/g/dark"], ["ANY"]), rule("a", *ALL)], False, "unknown"),
        ([rule("a", *ALL), drop(["/g/dark"], ["ANY"])], False, "ok"),
        ([rule("b", ["/g/dark"], ["ANY"]), rule("a", *ALL)], False, "ok"),
        ([rule("b", ["/g/dark"], ["ANY"]), drop(*ALL)], False, "unknown"),
        ([drop(["/g/dark"], ["ANY"]), drop(*ALL)], False, "broken"),
        ([drop(["/g/dark"], ["ANY"])], True, "unknown"),
        ([jump(), drop(*ALL, category="Environment")], True, "ok"),
        ([jump(), drop(*ALL, category="Application")], True, "broken"),
    ],
)
def test_the_first_rule_that_matches_decides(rules, otherwise, expected):
    assert verdict(*rules, otherwise=otherwise) == expected


def test_of_a_network_all_has_to_be_let_through_and_nothing_stopped():
    assert verdict(rule("a", [APPLIANCE], ["ANY"]), source="10.30.5.0/24") == "broken"
    assert verdict(rule("a", ["10.30.0.0/16"], ["ANY"]), source="10.30.5.0/24") == "ok"
    assert verdict(drop([APPLIANCE], ["ANY"]), rule("a", *ALL), source="10.30.5.0/24") == "broken"


def test_the_evidence_names_rule_wall_packet_and_ports():
    target = Target("there", (span(ENDPOINT),), (443, 1031))
    found = judged(FACTS, [drop(*ALL)], [span(APPLIANCE)], [target], gateway="wall", change="open it")
    assert found["evidence"] == "rule drop of the wall stops 10.30.5.20 to there 172.31.16.5 on TCP 443, 1031"
    assert found["change"] == "open it"


def test_any_of_the_addresses_counts_where_that_is_asked():
    assert among(FACTS, ["/g/us"], span("10.30.5.0/24"), whole=False) is True
