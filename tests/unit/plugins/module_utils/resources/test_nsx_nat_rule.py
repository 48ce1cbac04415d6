# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.engine.reconcile import reconcile
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import Foreign, Invalid, Missing
from ansible_collections.vmc.aws_backup.plugins.module_utils.resources.nsx_nat_rule import (
    NatRule,
    find,
    networks,
    view,
)

PATH = "/infra/tier-1s/cgw/nat/USER/nat-rules/one"
OPTIONS = (
    "display_name action source_network destination_network translated_network translated_ports service scope "
    "firewall_match enabled logging sequence_number tags"
).split()
REFLEXIVE = {"action": "REFLEXIVE", "source_network": "10.30.5.20", "translated_network": "198.51.100.10"}
DNAT = {"action": "DNAT", "destination_network": "198.51.100.10", "translated_network": "10.30.5.20"}


def rule(nsx, **given):
    return NatRule(nsx, {**dict.fromkeys(OPTIONS), "purge_tags": False, "adopt": False, "id": "one", **given})


@pytest.fixture(autouse=True)
def world(nsx):
    nsx.objects["/infra/services/HTTP"] = {"id": "HTTP"}
    nsx.cloud["/infra/public-ips/out"] = {"id": "out", "ip": "198.51.100.10"}


@pytest.mark.parametrize(
    "asked",
    [
        REFLEXIVE,
        {**DNAT, "service": "HTTP", "translated_ports": "8080", "firewall_match": "MATCH_EXTERNAL_ADDRESS"},
        {"action": "SNAT", "source_network": "10.30.5.0/24", "translated_network": "198.51.100.10"},
        {"action": "NO_SNAT", "source_network": "10.30.5.0/24", "destination_network": "10.0.0.0/8"},
        {"action": "NO_DNAT", "destination_network": "10.0.0.0/8"},
    ],
    ids=lambda asked: asked["action"],
)
def test_check_predicts_what_apply_does_and_a_second_apply_writes_nothing(nsx, asked):
    predicted = reconcile(rule(nsx, **asked), check_mode=True)
    assert nsx.puts == []
    applied = reconcile(rule(nsx, **asked))
    assert predicted.changes == applied.changes
    assert not reconcile(rule(nsx, **asked)).changed
    assert len(nsx.puts) == 1
    assert nsx.objects[PATH]["scope"] == ["/infra/labels/cgw-public"]


def test_an_unchanged_rule_costs_one_read(nsx):
    reconcile(rule(nsx, **REFLEXIVE))
    nsx.reads.clear()
    reconcile(rule(nsx, **REFLEXIVE))
    assert nsx.reads == [PATH]


def test_a_public_address_is_named_by_its_id(nsx):
    reconcile(rule(nsx, **{**REFLEXIVE, "translated_network": "out"}))
    assert nsx.objects[PATH]["translated_network"] == "198.51.100.10"
    reconcile(rule(nsx, **{**DNAT, "destination_network": "out", "source_network": ""}))
    assert nsx.objects[PATH]["destination_network"] == "198.51.100.10"
    assert "source_network" not in nsx.objects[PATH]


@pytest.mark.parametrize("there", [None, {"id": "new", "ip": None}])
def test_a_public_address_to_come_is_predicted_and_never_written(nsx, there):
    if there:
        nsx.cloud["/infra/public-ips/new"] = there
    asked = {**REFLEXIVE, "translated_network": "new"}
    assert reconcile(rule(nsx, **asked), check_mode=True).changed
    with pytest.raises(Missing, match="public IP new"):
        reconcile(rule(nsx, **asked))
    assert nsx.puts == []


def test_a_service_that_is_not_there_is_told_before_the_first_write(nsx):
    with pytest.raises(Missing, match="service /infra/services/NONE"):
        reconcile(rule(nsx, **DNAT, service="NONE"))
    assert nsx.puts == []


@pytest.mark.parametrize("text", ["", "ANY"])
def test_a_service_is_cleared(nsx, text):
    reconcile(rule(nsx, **DNAT, service="HTTP"))
    assert nsx.objects[PATH]["service"] == "/infra/services/HTTP"
    reconcile(rule(nsx, service=text))
    assert "service" not in nsx.objects[PATH]
    assert not reconcile(rule(nsx, service=text)).changed


def test_what_was_not_given_is_left_alone(nsx):
    reconcile(rule(nsx, **REFLEXIVE, scope=["cgw-all"], sequence_number=7, logging=True))
    nsx.objects[PATH]["description"] = "theirs"
    assert not reconcile(rule(nsx, **REFLEXIVE)).changed
    assert [change.path for change in reconcile(rule(nsx, enabled=False)).changes] == ["enabled"]
    body = nsx.objects[PATH]
    assert (body["description"], body["scope"], body["sequence_number"]) == ("theirs", ["/infra/labels/cgw-all"], 7)


def test_a_rule_of_others_is_refused_unless_it_is_adopted(nsx):
    nsx.objects[PATH] = {"id": "one", **REFLEXIVE, "source_network": "10.0.0.1,10.0.0.2", "_revision": 0}
    for state in ("present", "absent"):
        with pytest.raises(Foreign, match=PATH):
            reconcile(rule(nsx, enabled=False), state=state)
    assert reconcile(rule(nsx, enabled=False, adopt=True)).after["source_network"] == "10.0.0.1,10.0.0.2"


@pytest.mark.parametrize(
    ("given", "option"),
    [
        ({"action": None}, "action: is needed"),
        ({"source_network": None}, "source_network: is needed for REFLEXIVE"),
        ({"translated_network": ""}, "translated_network: is needed for REFLEXIVE"),
        ({"destination_network": "10.0.0.1"}, "destination_network: has no meaning for REFLEXIVE"),
        ({"service": "HTTP"}, "service: has no meaning for REFLEXIVE"),
        ({"translated_ports": "80"}, "translated_ports: has no meaning for REFLEXIVE"),
        ({"source_network": "10.30.5.0/28"}, "translated_network: .*one for one"),
        ({"source_network": "10.30.5.1/28"}, "source_network: .*host bits"),
        ({"source_network": "out"}, "source_network: .*neither an address nor a network"),
        ({"source_network": "10.30.5.1-10.30.5.2"}, "source_network: .*neither an address nor a network"),
        ({"source_network": "ANY"}, "source_network: for any address leave it empty"),
        ({"translated_network": "a/b"}, "translated_network"),
        ({"action": "SNAT", "translated_ports": "80"}, "translated_ports: has no meaning for SNAT"),
        ({"action": "NO_SNAT"}, "translated_network: has no meaning for NO_SNAT"),
        ({"action": "NO_DNAT", "translated_network": None}, "destination_network: is needed for NO_DNAT"),
        ({**DNAT, "translated_ports": "0"}, "translated_ports: 0 is neither"),
        ({**DNAT, "translated_ports": "90-80"}, "translated_ports: 90-80 is neither"),
        ({**DNAT, "translated_ports": "65536"}, "translated_ports: 65536 is neither"),
        ({**DNAT, "translated_ports": "http"}, "translated_ports: http is neither"),
        ({"scope": []}, "scope: an empty list"),
        ({"scope": ["mgw"]}, "scope: mgw is no scope of the compute gateway"),
        ({"sequence_number": -1}, "sequence_number"),
        ({"sequence_number": 2147483648}, "sequence_number"),
        ({"id": "a/b"}, "id"),
    ],
)
def test_options_that_cannot_be_are_refused_before_the_first_write(nsx, given, option):
    with pytest.raises(Invalid, match=option):
        reconcile(rule(nsx, **{**REFLEXIVE, **given}))
    assert nsx.puts == []


def test_a_rule_is_judged_whole_with_what_it_has(nsx):
    reconcile(rule(nsx, **REFLEXIVE))
    with pytest.raises(Invalid, match="destination_network: is needed for DNAT"):
        reconcile(rule(nsx, action="DNAT"))


def test_a_rule_that_is_not_to_be_written_is_not_judged(nsx):
    reconcile(rule(nsx, **REFLEXIVE))
    nsx.objects[PATH]["service"] = "/infra/services/HTTP"
    assert not reconcile(rule(nsx, **REFLEXIVE)).changed


def test_absent_twice(nsx):
    reconcile(rule(nsx, **REFLEXIVE))
    assert reconcile(rule(nsx), state="absent").changed
    assert not reconcile(rule(nsx), state="absent").changed


def test_a_rule_is_waited_for_until_it_is_realized(nsx):
    nsx.realized_after = 1
    reconcile(rule(nsx, **REFLEXIVE), wait_timeout=5)
    assert nsx.realized_after < 0


def test_of_one_that_is_as_it_shall_be_nobody_asks_whether_it_is_in_force(nsx):
    reconcile(rule(nsx, **REFLEXIVE))
    nsx.realized_after = 99
    reconcile(rule(nsx, **REFLEXIVE), wait_timeout=5)
    assert nsx.realized_after == 99


def test_a_rule_is_seen_with_the_servers_defaults():
    shown = view({"id": "one", "action": "SNAT", "translated_network": "198.51.100.10/32"})
    assert (shown["enabled"], shown["firewall_match"], shown["sequence_number"]) == (True, "MATCH_INTERNAL_ADDRESS", 0)
    assert (shown["source_network"], shown["translated_network"]) == ("", "198.51.100.10")
    assert networks({"source_network": "", "translated_network": "198.51.100.10/32"}) == ["198.51.100.10"]


def test_find_lists_all_or_one(nsx):
    reconcile(rule(nsx, **REFLEXIVE))
    assert [raw["id"] for raw in find(nsx)] == ["one"]
    assert [raw["id"] for raw in find(nsx, id="one")] == ["one"]
    assert find(nsx, id="two") == []
