# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.engine.reconcile import reconcile
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import Conflict, Error, Foreign, Invalid
from ansible_collections.vmc.aws_backup.plugins.module_utils.resources.nsx_dns_zone import DnsZone, find, view
from ansible_collections.vmc.aws_backup.plugins.modules import nsx_dns_zone

from .aws_api import params

ZONES = "/infra/dns-forwarder-zones"
CGW, MGW = (f"/infra/tier-1s/{gateway}/dns-forwarder" for gateway in ("cgw", "mgw"))
CORP = {"id": "corp", "dns_domain_names": ["corp.example"], "upstream_servers": ["10.1.0.53"]}


@pytest.fixture(autouse=True)
def first_day(nsx):
    """The default zones, one of them under an id of its own."""
    for gateway, forwarder, zone in (("cgw", CGW, "cgw-dns-zone"), ("mgw", MGW, "another-id")):
        nsx.objects[f"{ZONES}/{zone}"] = {"id": zone, "upstream_servers": ["8.8.8.8", "8.8.4.4"], "_revision": 0}
        nsx.objects[forwarder] = {
            "id": "dns-forwarder",
            "listener_ip": "10.20.0.2" if gateway == "mgw" else "10.30.0.2",
            "log_level": "INFO",
            "default_forwarder_zone_path": f"{ZONES}/{zone}",
            "_revision": 0,
        }


def zone(nsx, **given):
    return DnsZone(nsx, params(nsx_dns_zone, **{"gateway": "cgw", **given}))


def used(nsx, forwarder=CGW):
    return nsx.objects[forwarder].get("conditional_forwarder_zone_paths") or []


def absent(nsx, **given):
    return reconcile(zone(nsx, **{"state": "absent", **given}), state="absent")


# The default zone


@pytest.mark.parametrize(("gateway", "path"), [("cgw", f"{ZONES}/cgw-dns-zone"), ("mgw", f"{ZONES}/another-id")])
def test_the_default_zone_is_the_one_that_the_forwarder_says(nsx, gateway, path):
    asked = {"gateway": gateway, "upstream_servers": ["10.1.0.53", "10.1.0.54"]}
    predicted = reconcile(zone(nsx, **asked), check_mode=True)
    assert nsx.puts == []
    applied = reconcile(zone(nsx, **asked))
    assert predicted.changes == applied.changes
    assert [(change.path, change.effect) for change in applied.changes] == [("upstream_servers", "in_place")]
    assert nsx.objects[path]["upstream_servers"] == ["10.1.0.53", "10.1.0.54"]
    assert not reconcile(zone(nsx, **asked)).changed
    assert len(nsx.puts) == 1


def test_the_default_zone_may_be_named_by_its_id(nsx):
    reconcile(zone(nsx, id="cgw-dns-zone", upstream_servers=["10.1.0.53"]))
    assert used(nsx) == []
    assert nsx.objects[f"{ZONES}/cgw-dns-zone"]["upstream_servers"] == ["10.1.0.53"]


def test_the_order_of_the_servers_is_kept_and_counts(nsx):
    assert not reconcile(zone(nsx, upstream_servers=["8.8.8.8", "8.8.4.4"])).changed
    assert reconcile(zone(nsx, upstream_servers=["8.8.4.4", "8.8.8.8"])).changed


def test_the_default_zone_gets_no_tag_of_ours(nsx):
    reconcile(zone(nsx, upstream_servers=["10.1.0.53"]))
    assert "tags" not in nsx.objects[f"{ZONES}/cgw-dns-zone"]


@pytest.mark.parametrize("given", [{}, {"id": "cgw-dns-zone"}])
def test_the_default_zone_is_never_removed(nsx, given):
    with pytest.raises(Invalid, match="state: the default zone of the gateway cgw"):
        absent(nsx, **given)
    assert f"{ZONES}/cgw-dns-zone" in nsx.objects


@pytest.mark.parametrize("state", ["present", "absent"])
def test_the_default_zone_of_the_other_gateway_is_no_zone_of_this_one(nsx, state):
    with pytest.raises(Invalid, match="id: another-id is the default zone of the gateway mgw"):
        reconcile(zone(nsx, **{**CORP, "id": "another-id", "state": state}), state=state)
    assert nsx.puts == []


def test_a_default_zone_that_is_not_there_is_not_made(nsx):
    del nsx.objects[f"{ZONES}/cgw-dns-zone"]
    with pytest.raises(Error, match="cgw-dns-zone of the gateway cgw does not exist"):
        reconcile(zone(nsx, upstream_servers=["10.1.0.53"]))
    nsx.objects[CGW].pop("default_forwarder_zone_path")
    with pytest.raises(Error, match="has no default zone"):
        reconcile(zone(nsx, upstream_servers=["10.1.0.53"]))
    del nsx.objects[CGW]
    with pytest.raises(Error, match="cgw has no DNS forwarder"):
        reconcile(zone(nsx, upstream_servers=["10.1.0.53"]))
    assert nsx.puts == []


# Zones for some domains


def test_a_zone_is_made_and_used_as_predicted_and_a_second_run_writes_nothing(nsx):
    predicted = reconcile(zone(nsx, **CORP), check_mode=True)
    assert nsx.puts == []
    applied = reconcile(zone(nsx, **CORP))
    assert predicted.changes == applied.changes
    assert applied.after["gateways"] == ["cgw"] and not applied.after["default"]
    assert used(nsx) == [f"{ZONES}/corp"] and nsx.objects[CGW]["log_level"] == "INFO"
    assert nsx.objects[f"{ZONES}/corp"]["resource_type"] == "PolicyDnsForwarderZone"
    assert not reconcile(zone(nsx, **CORP)).changed
    assert len(nsx.puts) == 2


def test_a_zone_that_a_killed_run_left_unused_is_used_by_the_next(nsx):
    reconcile(zone(nsx, **CORP))
    nsx.objects[CGW]["conditional_forwarder_zone_paths"] = []
    assert [change.path for change in reconcile(zone(nsx, **CORP)).changes] == ["gateways"]
    assert used(nsx) == [f"{ZONES}/corp"]


def test_zones_of_others_stay_in_use(nsx):
    reconcile(zone(nsx, **CORP))
    reconcile(zone(nsx, **{**CORP, "id": "more", "dns_domain_names": ["more.example"]}))
    assert used(nsx) == [f"{ZONES}/corp", f"{ZONES}/more"]
    absent(nsx, id="corp")
    assert used(nsx) == [f"{ZONES}/more"]
    assert f"{ZONES}/corp" not in nsx.objects
    assert not absent(nsx, id="corp").changed


@pytest.mark.parametrize("state", ["present", "absent"])
def test_a_zone_of_somebody_else_is_refused_unless_it_is_to_be_adopted(nsx, state):
    reconcile(zone(nsx, **CORP))
    nsx.objects[f"{ZONES}/corp"]["tags"] = []
    with pytest.raises(Foreign, match="The DNS zone .*/corp does not carry the tag"):
        reconcile(zone(nsx, **CORP, state=state), state=state)
    assert used(nsx) == [f"{ZONES}/corp"]
    changes = reconcile(zone(nsx, **CORP, state=state, adopt=True), state=state).changes
    assert [change.path for change in changes] == ["tags" if state == "present" else "state"]


def test_a_second_gateway_may_use_it_and_keeps_it(nsx):
    reconcile(zone(nsx, **CORP))
    reconcile(zone(nsx, gateway="mgw", **CORP))
    assert view(find(nsx, id="corp")[0])["gateways"] == ["cgw", "mgw"]
    assert not reconcile(zone(nsx, **CORP)).changed
    with pytest.raises(Foreign, match="dns_zone corp must not be removed: the gateway mgw uses it too"):
        absent(nsx, id="corp")
    assert used(nsx) == used(nsx, MGW) == [f"{ZONES}/corp"]


def test_a_zone_in_use_is_let_go_of_first_and_a_repeated_removal_minds_the_revision(nsx, monkeypatch):
    reconcile(zone(nsx, **CORP))
    lingering = [Conflict("in use", busy=True, code="500030")]
    gone, write, written = nsx.delete, nsx.put, []

    def delete(path):
        assert used(nsx) == []
        if lingering:
            raise lingering.pop()
        gone(path)

    monkeypatch.setattr(nsx, "delete", delete)
    monkeypatch.setattr(nsx, "put", lambda path, body: written.append(path) or write(path, body))
    assert absent(nsx, id="corp").changed
    assert f"{ZONES}/corp" not in nsx.objects and written == [CGW]


@pytest.mark.parametrize("lost", ["before", "after"])
def test_an_answer_that_is_lost_does_no_harm(nsx, lost):
    nsx.lose_next_answer = lost
    reconcile(zone(nsx, **CORP))
    assert used(nsx) == [f"{ZONES}/corp"]


def test_domains_have_one_form_and_no_order(nsx):
    reconcile(zone(nsx, **{**CORP, "dns_domain_names": ["b.example", "A.Example.", "5.30.10.in-addr.arpa"]}))
    assert nsx.objects[f"{ZONES}/corp"]["dns_domain_names"] == ["5.30.10.in-addr.arpa", "a.example", "b.example"]
    nsx.objects[f"{ZONES}/corp"]["dns_domain_names"] = ["B.example", "5.30.10.in-addr.arpa", "a.example."]
    assert not reconcile(zone(nsx, **{**CORP, "dns_domain_names": None})).changed
    again = {**CORP, "dns_domain_names": ["a.example", "b.example", "5.30.10.in-addr.arpa"]}
    assert not reconcile(zone(nsx, **again)).changed


def test_a_source_can_be_set_and_cleared(nsx):
    reconcile(zone(nsx, **CORP, source_ip="10.30.0.9"))
    assert not reconcile(zone(nsx, **CORP, source_ip="10.30.0.9")).changed
    assert reconcile(zone(nsx, **CORP, source_ip="")).after["source_ip"] == ""
    assert "source_ip" not in nsx.objects[f"{ZONES}/corp"]


def test_a_forwarder_takes_five_zones_and_a_domain_once(nsx):
    for number in range(5):
        reconcile(zone(nsx, **{**CORP, "id": f"z{number}", "dns_domain_names": [f"z{number}.example"]}))
    writes = len(nsx.puts)
    with pytest.raises(Invalid, match="gateway: cgw has 5 zones"):
        reconcile(zone(nsx, **CORP), check_mode=True)
    with pytest.raises(Invalid, match="dns_domain_names: z3.example is already asked for in .*/z3"):
        reconcile(zone(nsx, **{**CORP, "id": "z4", "dns_domain_names": ["z4.example", "z3.example"]}))
    assert not reconcile(zone(nsx, **{**CORP, "id": "z4", "dns_domain_names": ["z4.example"]})).changed
    assert len(nsx.puts) == writes


@pytest.mark.parametrize(
    ("option", "given"),
    [
        ("upstream_servers", {"upstream_servers": []}),
        ("upstream_servers", {"upstream_servers": ["10.1.0.1", "10.1.0.2", "10.1.0.3", "10.1.0.4"]}),
        ("upstream_servers", {"upstream_servers": ["dns.example"]}),
        ("upstream_servers", {"upstream_servers": ["10.1.0.0/24"]}),
        ("upstream_servers", {"upstream_servers": ["0.0.0.0"]}),
        ("upstream_servers", {"upstream_servers": ["224.0.0.251"]}),
        ("upstream_servers", {"upstream_servers": ["10.1.0.53", "10.30.0.2"]}),
        ("upstream_servers", {"upstream_servers": None}),
        ("dns_domain_names", {"dns_domain_names": []}),
        ("dns_domain_names", {"dns_domain_names": None}),
        ("dns_domain_names", {"dns_domain_names": ["*.corp.example"]}),
        ("dns_domain_names", {"dns_domain_names": ["."]}),
        ("dns_domain_names", {"dns_domain_names": ["https://corp.example"]}),
        ("dns_domain_names", {"dns_domain_names": ["10.1.0.53"]}),
        ("dns_domain_names", {"dns_domain_names": [f"d{number}.example" for number in range(101)]}),
        ("dns_domain_names", {"id": None}),
        ("tags", {"id": None, "dns_domain_names": None, "tags": [{"tag": "x", "scope": None}]}),
        ("source_ip", {"source_ip": "gateway"}),
        ("id", {"id": "../x"}),
        ("id", {"id": ""}),
    ],
)
def test_what_cannot_be_is_refused_before_the_first_write(nsx, option, given):
    with pytest.raises(Invalid) as caught:
        reconcile(zone(nsx, **{**CORP, **given}))
    assert caught.value.option == option
    assert nsx.puts == []


def test_the_servers_of_an_existing_zone_cannot_be_taken_away(nsx):
    reconcile(zone(nsx, **CORP))
    for given in ({"upstream_servers": []}, {"dns_domain_names": []}):
        with pytest.raises(Invalid, match="1 to"):
            reconcile(zone(nsx, **{**CORP, **given}))
    assert len(nsx.puts) == 2


def test_it_is_ready_when_zone_and_forwarder_are_in_force(nsx):
    asked = []
    nsx.unrealized = asked.append
    reconcile(zone(nsx, **CORP), wait_timeout=5)
    assert asked == [f"{ZONES}/corp", CGW]


def test_of_one_that_is_as_it_shall_be_nobody_asks_whether_it_is_in_force(nsx):
    reconcile(zone(nsx, **CORP))
    nsx.realized_after = 99
    reconcile(zone(nsx, **CORP), wait_timeout=5)
    assert nsx.realized_after == 99


def test_zones_are_found_by_gateway_and_id(nsx):
    reconcile(zone(nsx, **CORP))
    nsx.objects[f"{ZONES}/unused"] = {"id": "unused"}
    assert {raw["zone"]["id"] for raw in find(nsx)} == {"cgw-dns-zone", "another-id", "corp", "unused"}
    assert {raw["zone"]["id"] for raw in find(nsx, gateway="cgw")} == {"cgw-dns-zone", "corp"}
    assert [raw["zone"]["id"] for raw in find(nsx, id="corp")] == ["corp"]
    assert find(nsx, id="none") == [] == find(nsx, gateway="mgw", id="corp")
    assert view(find(nsx, id="unused")[0])["gateways"] == []
    assert view(find(nsx, id="another-id")[0])["default"]
