# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.engine.reconcile import reconcile
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import Denied, Foreign, Invalid, Missing
from ansible_collections.vmc.aws_backup.plugins.module_utils.extent import too_wide
from ansible_collections.vmc.aws_backup.plugins.module_utils.resources.nsx_group import Group, Groups, find, view

PATH = "/infra/domains/mgw/groups/appliances"
OURS = {"scope": "managed-by", "tag": "vmc-aws-backup"}


def group(nsx, **given):
    nothing = dict.fromkeys(("display_name", "description", "ip_addresses", "allow_wide", "tags"))
    return Group(nsx, {**nothing, "purge_tags": False, "adopt": False, "domain": "mgw", "id": "appliances", **given})


def addresses(*texts):
    return {"resource_type": "IPAddressExpression", "ip_addresses": list(texts)}


OR = {"resource_type": "ConjunctionOperator", "conjunction_operator": "OR"}
AND = {"resource_type": "ConjunctionOperator", "conjunction_operator": "AND"}


def test_check_predicts_what_apply_does_and_a_second_apply_writes_nothing(nsx):
    asked = {"ip_addresses": ["10.0.0.9", "10.0.0.5/32"]}
    predicted = reconcile(group(nsx, **asked), check_mode=True)
    assert nsx.puts == []
    applied = reconcile(group(nsx, **asked))
    assert predicted.changes == applied.changes
    assert applied.after["ip_addresses"] == ["10.0.0.5", "10.0.0.9"]
    again = reconcile(group(nsx, **asked))
    assert (again.changed, len(nsx.puts)) == (False, 1)


def test_an_unchanged_group_costs_one_read(nsx):
    reconcile(group(nsx, ip_addresses=["10.0.0.5"]))
    nsx.reads.clear()
    reconcile(group(nsx, ip_addresses=["10.0.0.5"]))
    assert nsx.reads == [PATH]


def test_what_was_not_given_is_left_alone(nsx):
    reconcile(group(nsx, ip_addresses=["10.0.0.5"], description="theirs"))
    assert not reconcile(group(nsx)).changed
    reconcile(group(nsx, ip_addresses=["10.0.0.6"]))
    assert nsx.objects[PATH]["description"] == "theirs"


def test_an_empty_list_clears_the_group(nsx):
    reconcile(group(nsx, ip_addresses=["10.0.0.5"]))
    reconcile(group(nsx, ip_addresses=[]))
    assert nsx.objects[PATH]["expression"] == []


def test_a_group_of_others_is_refused_unless_it_is_adopted(nsx):
    reconcile(group(nsx))
    nsx.objects[PATH]["tags"] = [{"scope": "env", "tag": "dev"}]
    for state in ("present", "absent"):
        with pytest.raises(Foreign, match=PATH):
            reconcile(group(nsx), state=state)
    assert nsx.objects[PATH]["tags"] == [{"scope": "env", "tag": "dev"}]
    reconcile(group(nsx, adopt=True))
    assert nsx.objects[PATH]["tags"] == [{"scope": "env", "tag": "dev"}, OURS]


def test_absent_twice(nsx):
    reconcile(group(nsx))
    assert reconcile(group(nsx), state="absent").changed
    assert not reconcile(group(nsx), state="absent").changed


@pytest.mark.parametrize("state", ["present", "absent"])
def test_a_system_defined_group_is_refused(nsx, state):
    nsx.objects[PATH] = {"id": "appliances", "_revision": 0, "tags": [{"scope": "", "tag": "SYSTEM_DEFINED_GROUP"}]}
    with pytest.raises(Foreign, match="defined by the system"):
        reconcile(group(nsx), state=state)
    nsx.objects["/infra/domains/mgw/groups/VCENTER"] = {"id": "VCENTER", "_revision": 0}
    with pytest.raises(Foreign):
        reconcile(group(nsx, id="VCENTER"), state=state)


@pytest.mark.parametrize("texts", [["10.0.0.1/24"], ["VCENTER"], ["ANY"], ["10.0.0.1", "fd00::1"], ["10.0.0.1", ""]])
def test_addresses_that_cannot_be_are_refused_before_the_first_write(nsx, texts):
    with pytest.raises(Invalid, match="ip_addresses"):
        reconcile(group(nsx, ip_addresses=texts))
    assert nsx.puts == []


@pytest.mark.parametrize(
    ("expression", "shown"),
    [
        ([], []),
        ([{**addresses("10.0.0.9", "10.0.0.5", "10.0.0.5"), "id": "x", "path": "/y"}], ["10.0.0.5", "10.0.0.9"]),
        ([addresses("10.0.0.9"), OR, addresses("10.0.0.5")], ["10.0.0.5", "10.0.0.9"]),
        ([addresses("10.0.0.9"), AND, addresses("10.0.0.5")], None),
        ([addresses("10.0.0.9"), OR, {"resource_type": "Condition"}], None),
    ],
)
def test_a_group_is_seen_by_its_addresses_or_as_something_else(expression, shown):
    assert view({"id": "a", "expression": expression})["ip_addresses"] == shown


def test_a_group_that_became_something_else_is_put_right(nsx):
    nsx.objects[PATH] = {
        "id": "appliances",
        "expression": [{"resource_type": "Condition"}],
        "tags": [OURS],
        "_revision": 2,
    }
    reconcile(group(nsx, ip_addresses=["10.0.0.5"]))
    assert nsx.objects[PATH]["expression"] == [addresses("10.0.0.5")]


def test_find_lists_a_domain_or_one_group(nsx):
    reconcile(group(nsx))
    assert [raw["id"] for raw in find(nsx, domain="mgw")] == ["appliances"]
    assert [raw["id"] for raw in find(nsx, domain="mgw", id="appliances")] == ["appliances"]
    assert find(nsx, domain="cgw", id="appliances") == []


def test_an_address_to_come_is_predicted_and_never_written(nsx):
    asked = {"ip_addresses": [""]}
    assert reconcile(group(nsx, **asked), check_mode=True).changed
    with pytest.raises(Missing, match="address to come"):
        reconcile(group(nsx, **asked))
    assert nsx.puts == []


@pytest.mark.parametrize("wide", [["0.0.0.0/0"], ["0.0.0.0/1", "128.0.0.0/1"], ["10.0.0.0-10.1.0.0"], ["fd00::/40"]])
def test_a_wide_group_needs_a_reason_which_it_then_tells(nsx, wide):
    with pytest.raises(Invalid, match="ip_addresses: .*allow_wide"):
        reconcile(group(nsx, ip_addresses=wide))
    assert nsx.puts == []
    assert reconcile(group(nsx, ip_addresses=wide, description="Ours", allow_wide="a lab")).changed
    assert nsx.objects[PATH]["description"] == "Ours Open wide: a lab"
    assert not reconcile(group(nsx, ip_addresses=wide, allow_wide="a lab")).changed
    narrow = reconcile(group(nsx, ip_addresses=["10.0.0.1"], description="Ours", allow_wide="a lab"))
    assert narrow.after["description"] == "Ours"


def test_a_wide_group_can_be_removed(nsx):
    reconcile(group(nsx, ip_addresses=["0.0.0.0/0"], allow_wide="a lab"))
    assert reconcile(group(nsx, ip_addresses=["0.0.0.0/0"]), state="absent").changed


NAME = "/infra/domains/cgw/groups/"
CONDITION = {"resource_type": "Condition", "key": "Tag", "value": "backup"}


def nested(*names):
    return {"resource_type": "PathExpression", "paths": [f"{NAME}{name}" for name in names]}


@pytest.mark.parametrize(
    ("expression", "wide"),
    [
        ([], False),
        ([addresses("10.0.0.0/24")], False),
        ([addresses("0.0.0.0/1"), OR, addresses("128.0.0.0/1")], True),
        ([CONDITION], True),
        ([addresses("10.0.0.1"), OR, CONDITION], True),
        ([{"resource_type": "NestedExpression", "expressions": [CONDITION]}], True),
        ([{"resource_type": "NestedExpression", "expressions": [addresses("10.0.0.1")]}], False),
        ([{"resource_type": "MACAddressExpression", "mac_addresses": ["00:50:56:00:00:01"]}], True),
        ([nested("small")], False),
        ([nested("small", "large")], True),
        ([nested("outer")], True),
        ([nested("g")], False),  # itself
        ([nested("gone")], False),
        ([nested("hidden")], True),
        ([{"resource_type": "PathExpression", "paths": ["/infra/tier-1s/cgw/segments/s"]}], False),
        ([{"resource_type": "PathExpression", "paths": ["/infra/tier-1s/cgw/segments/wide"]}], True),
        ([{"resource_type": "PathExpression", "paths": ["/infra/tier-1s/cgw/segments/gone"]}], True),
    ],
)
def test_the_extent_of_a_group_is_that_of_all_that_is_in_it(nsx, monkeypatch, expression, wide):
    def known(name, *parts, **more):
        nsx.objects[f"{NAME}{name}"] = {"id": name, "expression": list(parts), **more}

    known("g", *expression)
    known("small", addresses("10.0.0.0/24"))
    known("large", addresses("10.0.0.0/8"))
    known("outer", nested("inner"))
    known("inner", nested("large"))
    nsx.objects["/infra/tier-1s/cgw/segments/s"] = {"subnets": [{"gateway_address": "10.9.0.1/24"}]}
    nsx.objects["/infra/tier-1s/cgw/segments/wide"] = {"subnets": [{"network": "10.0.0.0/9"}]}
    read = nsx.get

    def get(path):
        if path == f"{NAME}hidden":
            raise Denied("no", code="403")
        return read(path)

    monkeypatch.setattr(nsx, "get", get)
    assert bool(too_wide(Groups(nsx).sources([f"{NAME}g"]))) is wide


def test_what_every_sddc_has_for_its_own_management_is_not_wide_and_costs_no_read(nsx):
    assert Groups(nsx).sources(["/infra/domains/mgw/groups/VCENTER"]) == []
    assert nsx.reads == []


def test_more_than_addresses_beside_them_is_not_known(nsx):
    nsx.objects[f"{NAME}g"] = {"id": "g", "expression": [addresses("10.0.0.1")], "extended_expression": [{}]}
    assert "made of more" in too_wide(Groups(nsx).sources([f"{NAME}g"]))


@pytest.mark.parametrize("domain", ["cgw", "mgw"])
def test_the_compute_gateway_may_have_a_group_of_a_name_that_the_system_uses(nsx, domain):
    path = f"/infra/domains/{domain}/groups/HCX"
    nsx.objects[path] = {"id": "HCX", "tags": [OURS], "_revision": 0}
    if domain == "mgw":
        with pytest.raises(Foreign, match="defined by the system"):
            reconcile(group(nsx, domain=domain, id="HCX"))
    else:
        assert reconcile(group(nsx, domain=domain, id="HCX", ip_addresses=["10.0.0.1"])).changed
