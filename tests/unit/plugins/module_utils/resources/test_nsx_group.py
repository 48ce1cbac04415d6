# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import Foreign, Invalid, Missing
from ansible_collections.vmc.aws_backup.plugins.module_utils.reconcile import reconcile
from ansible_collections.vmc.aws_backup.plugins.module_utils.resources.nsx_group import Group, find, view

PATH = "/infra/domains/mgw/groups/appliances"
OURS = {"scope": "managed-by", "tag": "vmc-aws-backup"}


def group(nsx, **given):
    nothing = dict.fromkeys(("display_name", "description", "ip_addresses", "tags"))
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
