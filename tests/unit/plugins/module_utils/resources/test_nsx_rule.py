# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.engine.reconcile import reconcile
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import Foreign, Invalid, Missing
from ansible_collections.vmc.aws_backup.plugins.module_utils.resources.nsx_rule import PLAIN, Rule, find, view

OPTIONS = (
    *PLAIN,
    "allow_wide",
    "profiles",
    "source_groups",
    "destination_groups",
    "services",
    "service_entries",
    "scope",
    "tags",
)
GROUPS = "/infra/domains/mgw/groups"
RULES = "/infra/domains/{}/gateway-policies/default/rules/r"
PORTS = {"resource_type": "L4PortSetServiceEntry", "l4_protocol": "TCP", "destination_ports": ["1026-1028", "443"]}


def rule(nsx, domain, **given):
    return Rule(nsx, domain, {**dict.fromkeys(OPTIONS), "purge_tags": False, "id": "r", **given})


def to_esxi(nsx, **given):
    asked = {"source_groups": ["appliances"], "destination_groups": ["ESXI"], "services": ["HTTPS"]}
    return rule(nsx, "mgw", **{**asked, **given})


def to_endpoint(nsx, **given):
    asked = {"source_groups": ["appliances"], "destination_groups": ["10.1.0.5", "10.1.0.4/32"], "action": "ALLOW"}
    return rule(nsx, "cgw", **{**asked, "service_entries": [PORTS], "scope": ["cgw-cross-vpc"], **given})


@pytest.fixture(autouse=True)
def groups(nsx):
    for domain in ("mgw", "cgw"):
        for name in ("appliances", "a", "b"):
            nsx.objects[f"/infra/domains/{domain}/groups/{name}"] = {"id": name, "_revision": 0}


@pytest.mark.parametrize("made", [to_esxi, to_endpoint])
def test_check_predicts_what_apply_does_and_a_second_apply_writes_nothing(nsx, made):
    predicted = reconcile(made(nsx), check_mode=True)
    assert nsx.puts == []
    applied = reconcile(made(nsx))
    assert predicted.changes == applied.changes
    again = reconcile(made(nsx))
    assert (again.changed, again.changes, len(nsx.puts)) == (False, [], 1)


@pytest.mark.parametrize("made", [to_esxi, to_endpoint])
def test_the_label_in_the_log_is_what_nsx_calls_tag(nsx, made):
    assert reconcile(made(nsx, log_label="aws-backup")).changed
    assert nsx.puts[-1]["tag"] == "aws-backup" and "log_label" not in nsx.puts[-1]
    assert not reconcile(made(nsx, log_label="aws-backup")).changed
    (change,) = reconcile(made(nsx, log_label="")).changes
    assert (change.path, change.actual) == ("log_label", "aws-backup")
    assert not reconcile(made(nsx)).changed


def test_profiles_are_a_set_that_nothing_empties(nsx):
    reconcile(to_endpoint(nsx, profiles=["SSL", "/infra/context-profiles/DNS"]))
    assert nsx.puts[-1]["profiles"] == ["/infra/context-profiles/DNS", "/infra/context-profiles/SSL"]
    assert not reconcile(to_endpoint(nsx)).changed
    assert not reconcile(to_endpoint(nsx, profiles=["DNS", "SSL"])).changed
    assert reconcile(to_endpoint(nsx, profiles=["any"])).changed
    for bad in ([], ["ANY", "SSL"], ["a b/c"]):
        with pytest.raises(Invalid, match="profiles: "):
            reconcile(to_endpoint(nsx, profiles=bad))


def test_by_what_nsx_and_its_logs_call_it_a_rule_is_told():
    raw = {"id": "r", "path": "/infra/r", "rule_id": 1042, "unique_id": "1042", "tag": "label"}
    found = view(raw)
    assert (found["path"], found["rule_id"], found["unique_id"], found["log_label"]) == (
        "/infra/r",
        1042,
        "1042",
        "label",
    )
    assert found["profiles"] == ["ANY"]


@pytest.mark.parametrize("made", [to_esxi, to_endpoint])
def test_a_group_that_does_not_exist_yet_is_predicted_with_and_refused_before_the_first_write(nsx, made):
    predicted = reconcile(made(nsx, source_groups=["later"]), check_mode=True)
    with pytest.raises(Missing, match="group .*/groups/later"):
        reconcile(made(nsx, source_groups=["later"]))
    assert nsx.puts == []
    for domain in ("mgw", "cgw"):
        nsx.objects[f"/infra/domains/{domain}/groups/later"] = {"id": "later", "_revision": 0}
    applied = reconcile(made(nsx, source_groups=["later"]))
    assert predicted.as_records() == applied.as_records()


def test_an_unchanged_rule_costs_one_read_and_one_for_each_group_that_it_lets_in(nsx):
    reconcile(to_esxi(nsx))
    nsx.reads.clear()
    reconcile(to_esxi(nsx))
    assert nsx.reads == [RULES.format("mgw"), f"{GROUPS}/appliances"]


def test_ids_become_paths_of_the_own_domain(nsx):
    reconcile(to_esxi(nsx, services=["HTTPS", "/infra/services/VMware_Remote_Console"]))
    body = nsx.puts[0]
    assert body["source_groups"] == [f"{GROUPS}/appliances"]
    assert body["destination_groups"] == [f"{GROUPS}/ESXI"]
    assert body["services"] == ["/infra/services/HTTPS", "/infra/services/VMware_Remote_Console"]
    assert (body["scope"], body["action"]) == (["/infra/labels/mgw"], "ALLOW")


def test_order_case_and_the_servers_defaults_are_no_difference(nsx):
    reconcile(
        rule(
            nsx,
            "cgw",
            source_groups=["any"],
            destination_groups=["b", "a"],
            services=["Any"],
            action="DROP",
            scope=["any"],
        )
    )
    raw = nsx.objects[RULES.format("cgw")]
    raw["source_groups"] = ["ANY"]
    raw["destination_groups"].reverse()
    del raw["services"], raw["scope"]
    asked = {"source_groups": ["ANY"], "destination_groups": ["a", "b"], "services": ["ANY"], "direction": "IN_OUT"}
    asked |= {"logged": False, "disabled": False, "sequence_number": 0, "notes": "", "scope": ["ANY"]}
    assert not reconcile(rule(nsx, "cgw", **asked)).changed


def test_inline_services_stand_without_named_ones(nsx):
    reconcile(to_endpoint(nsx))
    assert "services" not in nsx.puts[0]
    raw = nsx.objects[RULES.format("cgw")]
    raw["services"] = ["ANY"]
    raw["service_entries"] = [
        {**PORTS, "id": "e", "path": "/x", "destination_ports": ["443", "1026-1028"], "source_ports": []}
    ]
    assert not reconcile(to_endpoint(nsx)).changed


def test_a_port_that_somebody_added_is_taken_away(nsx):
    reconcile(to_endpoint(nsx))
    raw = nsx.objects[RULES.format("cgw")]
    raw["services"] = ["/infra/services/SSH"]
    raw["service_entries"] = [PORTS, {**PORTS, "destination_ports": ["22"]}]
    outcome = reconcile(to_endpoint(nsx))
    assert sorted(change.path for change in outcome.changes) == ["service_entries", "services"]
    assert nsx.objects[RULES.format("cgw")]["service_entries"] == [PORTS]


def test_an_inline_service_that_somebody_added_to_named_ones_is_taken_away(nsx):
    reconcile(to_esxi(nsx))
    nsx.objects[RULES.format("mgw")]["service_entries"] = [PORTS]
    reconcile(to_esxi(nsx))
    assert "service_entries" not in nsx.objects[RULES.format("mgw")]


def test_a_negated_side_is_put_right(nsx):
    reconcile(to_esxi(nsx))
    nsx.objects[RULES.format("mgw")]["sources_excluded"] = True
    assert [change.path for change in reconcile(to_esxi(nsx)).changes] == ["sources_excluded"]
    assert nsx.objects[RULES.format("mgw")]["sources_excluded"] is False


def test_fields_of_others_survive_a_correction(nsx):
    reconcile(to_esxi(nsx))
    nsx.objects[RULES.format("mgw")].update(tag="log-label", logged=True)
    reconcile(to_esxi(nsx, notes="ours"))
    raw = nsx.objects[RULES.format("mgw")]
    assert (raw["tag"], raw["logged"], raw["notes"]) == ("log-label", True, "ours")


@pytest.mark.parametrize("option", ["source_groups", "destination_groups", "services"])
def test_an_empty_list_never_means_any(nsx, option):
    with pytest.raises(Invalid, match=f"{option}: an empty list would mean ANY"):
        reconcile(to_esxi(nsx, **{option: []}))


@pytest.mark.parametrize("option", ["source_groups", "destination_groups", "services"])
def test_any_stands_alone(nsx, option):
    with pytest.raises(Invalid, match=option):
        reconcile(to_esxi(nsx, **{option: ["ANY", "a"]}))


@pytest.mark.parametrize("option", ["source_groups", "destination_groups", "service_entries", "action", "scope"])
def test_a_rule_is_not_created_by_halves(nsx, option):
    with pytest.raises(Invalid, match="is needed to create a rule"):
        reconcile(to_endpoint(nsx, **{option: None}))
    assert nsx.puts == []


def test_any_leaves_no_room_for_inline_services(nsx):
    with pytest.raises(Invalid, match="services"):
        reconcile(to_endpoint(nsx, services=["ANY"]))


@pytest.mark.parametrize("text", ["10.0.0.1/24", "10.0.0.300", "../x", "a/b"])
def test_sources_that_cannot_be_are_refused(nsx, text):
    with pytest.raises(Invalid, match="source_groups"):
        reconcile(to_esxi(nsx, source_groups=[text]))


@pytest.mark.parametrize("path", ["/infra/labels/mgw", "/infra/labels/none", "/infra/tier-1s/cgw/segments/none"])
def test_a_source_that_is_no_group_is_refused_without_a_reason(nsx, path):
    nsx.objects["/infra/labels/mgw"] = {"id": "mgw", "type": "scope"}
    with pytest.raises(Invalid, match="source_groups: .*is no group that can be read.*allow_wide"):
        reconcile(to_endpoint(nsx, source_groups=[path]))
    assert nsx.puts == []
    assert reconcile(to_endpoint(nsx, source_groups=[path], allow_wide="a lab")).changed


def test_a_segment_is_the_addresses_that_it_has(nsx):
    path = "/infra/tier-1s/cgw/segments/backup"
    nsx.objects[path] = {"id": "backup", "subnets": [{"gateway_address": "10.9.0.1/24"}, {}]}
    assert reconcile(to_endpoint(nsx, source_groups=[path])).changed


@pytest.mark.parametrize("option", ["source_groups", "destination_groups"])
@pytest.mark.parametrize("name", ["HCX", "ESXI", "VCENTER"])
def test_the_compute_gateway_has_no_group_unasked(nsx, option, name):
    with pytest.raises(Missing, match=f"group /infra/domains/cgw/groups/{name}"):
        reconcile(to_endpoint(nsx, **{option: [name]}))
    nsx.objects[f"/infra/domains/cgw/groups/{name}"] = {"id": name, "_revision": 0}
    assert reconcile(to_endpoint(nsx, **{option: [name]})).changed


@pytest.mark.parametrize("domain", ["mgw", "cgw"])
def test_a_group_of_the_other_gateway_is_refused(nsx, domain):
    other = {"mgw": "cgw", "cgw": "mgw"}[domain]
    with pytest.raises(Invalid, match="another gateway"):
        made = {"mgw": to_esxi, "cgw": to_endpoint}[domain]
        reconcile(made(nsx, source_groups=[f"/infra/domains/{other}/groups/x"]))


def test_the_groups_that_the_system_makes_of_the_vpc_can_be_used(nsx):
    reconcile(to_endpoint(nsx, destination_groups=["/infra/tier-0s/vmc/groups/connected_vpc"]))
    assert nsx.puts[0]["destination_groups"] == ["/infra/tier-0s/vmc/groups/connected_vpc"]


@pytest.mark.parametrize("state", ["present", "absent"])
def test_the_default_rule_is_refused(nsx, state):
    nsx.objects[RULES.format("cgw")] = {"id": "r", "is_default": True, "_revision": 0}
    with pytest.raises(Foreign, match="default rule"):
        reconcile(to_endpoint(nsx), state=state)


def test_a_rule_is_waited_for_until_it_is_realized(nsx):
    nsx.realized_after = 1
    reconcile(to_esxi(nsx), wait_timeout=5)
    assert nsx.realized_after < 0


def test_of_a_rule_that_is_as_it_shall_be_nobody_asks_whether_it_is_in_force(nsx):
    reconcile(to_esxi(nsx))
    nsx.realized_after = 99
    reconcile(to_esxi(nsx), wait_timeout=5)
    assert nsx.realized_after == 99


def test_absent_twice(nsx):
    reconcile(to_esxi(nsx))
    assert reconcile(to_esxi(nsx), state="absent").changed
    assert not reconcile(to_esxi(nsx), state="absent").changed


def test_laws_are_checked_on_the_rule_as_it_would_be(nsx):
    reconcile(to_esxi(nsx))
    with pytest.raises(Invalid, match="law of the management gateway"):
        reconcile(rule(nsx, "mgw", action="DROP"))
    assert len(nsx.puts) == 1


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("sequence_number", -1),
        ("sequence_number", 2147483647),
        ("scope", ["cgw-nowhere"]),
        ("scope", ["mgw"]),
        *(("service_entries", [{**PORTS, "destination_ports": ports}]) for ports in ([], ["443"] * 16)),
        *(("service_entries", [{**PORTS, "destination_ports": [port]}]) for port in ("0", "65536", "9-8", "https")),
    ],
)
def test_what_no_compute_gateway_takes_is_refused_before_the_first_write(nsx, option, value):
    with pytest.raises(Invalid) as caught:
        reconcile(to_endpoint(nsx, **{option: value}))
    assert (caught.value.option, nsx.puts) == (option, [])


def test_a_label_that_is_newer_than_this_collection_can_be_a_scope(nsx):
    nsx.objects["/infra/labels/cgw-new"] = {"id": "cgw-new"}
    assert reconcile(to_endpoint(nsx, scope=["cgw-new"])).changed


def test_a_service_that_does_not_exist_is_refused_before_the_first_write(nsx):
    with pytest.raises(Missing, match="service /infra/services/NOWHERE"):
        reconcile(to_endpoint(nsx, services=["NOWHERE"], service_entries=None))
    assert nsx.puts == []


def test_find_lists_a_domain_or_one_rule(nsx):
    reconcile(to_esxi(nsx))
    assert [view(raw)["display_name"] for raw in find(nsx, domain="mgw")] == ["r"]
    assert [raw["id"] for raw in find(nsx, domain="mgw", id="r")] == ["r"]
    assert find(nsx, domain="cgw", id="r") == []


HALVES = ["0.0.0.0/1", "128.0.0.0/1"]
WIDE = [
    ["ANY"],
    HALVES,
    ["10.0.0.0/8"],
    ["10.0.0.0-10.1.0.0"],
    ["fd00::/47"],
    ["::ffff:0:0/96"],
    ["64:ff9b::/97"],
    ["wide"],
    ["nested"],
    ["10.0.0.1", "10.0.0.0/15"],
]


@pytest.fixture
def wide_groups(nsx):
    for domain in ("mgw", "cgw"):
        path = f"/infra/domains/{domain}/groups"
        halves = {"resource_type": "IPAddressExpression", "ip_addresses": HALVES}
        inner = {"resource_type": "PathExpression", "paths": [f"{path}/wide"]}
        nsx.objects[f"{path}/wide"] = {"id": "wide", "expression": [halves]}
        nsx.objects[f"{path}/nested"] = {"id": "nested", "expression": [inner]}


@pytest.mark.parametrize("sources", WIDE, ids=str)
def test_wide_sources_are_refused_without_a_reason_however_they_are_spelled(nsx, wide_groups, sources):
    with pytest.raises(Invalid, match="source_groups: .*allow_wide"):
        reconcile(to_endpoint(nsx, source_groups=sources))
    with pytest.raises(Invalid, match="source_groups: .*(allow_wide|everybody)"):
        reconcile(to_esxi(nsx, source_groups=sources))
    assert nsx.puts == []


@pytest.mark.parametrize("sources", WIDE, ids=str)
def test_with_a_reason_they_are_written_and_the_reason_is_kept(nsx, wide_groups, sources):
    asked = {"source_groups": sources, "allow_wide": "a lab"}
    assert reconcile(to_endpoint(nsx, **asked)).changed
    assert nsx.objects[RULES.format("cgw")]["description"] == "Open wide: a lab"
    assert not reconcile(to_endpoint(nsx, **asked)).changed
    with pytest.raises(Invalid, match="allow_wide"):
        reconcile(to_endpoint(nsx, source_groups=sources))
    reconcile(to_endpoint(nsx, **asked, description="Backups"))
    assert nsx.objects[RULES.format("cgw")]["description"] == "Backups Open wide: a lab"


@pytest.mark.parametrize("sources", [["ANY"], HALVES, ["wide"], ["nested"]], ids=str)
@pytest.mark.parametrize("target", ["VCENTER", "ESXI", "NSX-MANAGER"])
def test_no_reason_opens_the_management_to_everybody(nsx, wide_groups, sources, target):
    with pytest.raises(Invalid, match=f"{target} cannot be opened to everybody"):
        reconcile(to_esxi(nsx, source_groups=sources, destination_groups=[target], allow_wide="a lab"))
    assert nsx.puts == []


@pytest.mark.parametrize("given", [{"action": "DROP"}, {"action": "REJECT"}, {"disabled": True}], ids=str)
def test_a_wide_rule_that_lets_nobody_in_needs_no_reason(nsx, given):
    assert reconcile(to_endpoint(nsx, source_groups=["ANY"], **given)).changed


def test_a_wide_rule_can_be_switched_off_and_removed_but_not_on(nsx):
    reconcile(to_endpoint(nsx, source_groups=["ANY"], disabled=True))
    with pytest.raises(Invalid, match="source_groups: .*allow_wide"):
        reconcile(rule(nsx, "cgw", disabled=False))
    nsx.objects[RULES.format("cgw")]["disabled"] = False
    assert reconcile(rule(nsx, "cgw", disabled=True)).changed
    assert reconcile(rule(nsx, "cgw"), state="absent").changed


def test_a_group_that_somebody_widens_is_seen_behind_a_rule_that_did_not_change(nsx, wide_groups):
    reconcile(to_endpoint(nsx))
    nsx.objects["/infra/domains/cgw/groups/appliances"] = nsx.objects["/infra/domains/cgw/groups/wide"]
    with pytest.raises(Invalid, match="source_groups: .*4,294,967,296"):
        reconcile(to_endpoint(nsx))


def test_a_source_that_is_excluded_means_all_others(nsx):
    reconcile(to_endpoint(nsx))
    nsx.objects[RULES.format("cgw")]["sources_excluded"] = True
    with pytest.raises(Invalid, match="excluded"):
        reconcile(rule(nsx, "cgw", logged=True))
    assert reconcile(to_endpoint(nsx)).changed  # who names the sources puts that right
    assert nsx.objects[RULES.format("cgw")]["sources_excluded"] is False


def test_a_description_is_put_in_place_and_left_alone_where_none_is_given(nsx):
    reconcile(to_esxi(nsx))
    outcome = reconcile(to_esxi(nsx, description="Backups"))
    assert [(change.path, change.effect) for change in outcome.changes] == [("description", "in_place")]
    assert not reconcile(to_esxi(nsx)).changed


@pytest.mark.parametrize("made", [to_esxi, to_endpoint])
def test_a_rule_that_somebody_disabled_is_put_right_in_place(nsx, made):
    reconcile(made(nsx, disabled=False))
    path = next(path for path in nsx.objects if path.endswith("/rules/r"))
    nsx.objects[path]["disabled"] = True
    assert not reconcile(made(nsx)).changed  # what is not given is not managed
    predicted = reconcile(made(nsx, disabled=False), check_mode=True)
    assert nsx.objects[path]["disabled"] is True
    applied = reconcile(made(nsx, disabled=False))
    assert [(change.path, change.effect) for change in applied.changes] == [("disabled", "in_place")]
    assert predicted.as_records() == applied.as_records()
    assert nsx.objects[path]["disabled"] is False
