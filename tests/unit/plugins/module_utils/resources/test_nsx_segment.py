# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.engine.reconcile import reconcile
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import ApiError, Foreign, Immutable, Invalid
from ansible_collections.vmc.aws_backup.plugins.module_utils.resources.nsx_segment import Segment, find, view

PATH = "/infra/tier-1s/cgw/segments/backup"
BINDINGS = f"{PATH}/dhcp-static-binding-configs"
RANGE = "10.30.5.10-10.30.5.19"
SUBNET = {"gateway_address": "10.30.5.1/27", "dhcp_ranges": [RANGE], "dhcp_config": None}
ASKED = {"subnets": [SUBNET]}
OURS = {"scope": "managed-by", "tag": "vmc-aws-backup"}
OPTIONS = ("display_name", "type", "subnets", "domain_name", "tags")


def segment(nsx, **given):
    return Segment(nsx, {**dict.fromkeys(OPTIONS), "purge_tags": False, "adopt": False, "id": "backup", **given})


def with_subnet(**given):
    return {"subnets": [{**SUBNET, **given}]}


def test_check_predicts_what_apply_does_and_a_second_apply_writes_nothing(nsx):
    predicted = reconcile(segment(nsx, **ASKED, domain_name="corp.example"), check_mode=True)
    assert nsx.puts == []
    applied = reconcile(segment(nsx, **ASKED, domain_name="corp.example"))
    assert predicted.changes == applied.changes
    assert {key: applied.after[key] for key in predicted.after} == predicted.after
    assert not reconcile(segment(nsx, **ASKED, domain_name="corp.example")).changed
    assert len(nsx.puts) == 1
    assert nsx.objects[PATH]["type"] == "ROUTED"
    assert nsx.objects[PATH]["subnets"] == [{"gateway_address": "10.30.5.1/27", "dhcp_ranges": [RANGE]}]


def test_what_has_no_option_is_kept_and_what_the_server_makes_is_not_sent(nsx):
    reconcile(segment(nsx, **with_subnet(dhcp_config={"dns_servers": ["10.9.9.9"], "lease_time": None})))
    raw = nsx.objects[PATH]
    raw["admin_state"] = "UP"
    raw["subnets"][0]["network"] = "10.30.5.0/27"
    raw["subnets"][0]["dhcp_config"]["server_address"] = "10.30.5.30/27"
    reconcile(segment(nsx, **with_subnet(dhcp_config={"dns_servers": [], "lease_time": None})))
    assert nsx.objects[PATH]["admin_state"] == "UP"
    assert nsx.objects[PATH]["subnets"] == [
        {
            "gateway_address": "10.30.5.1/27",
            "dhcp_ranges": [RANGE],
            "dhcp_config": {
                "resource_type": "SegmentDhcpV4Config",
                "server_address": "10.30.5.30/27",
                "dns_servers": [],
                "lease_time": 86400,
            },
        }
    ]


def test_the_domain_is_cleared(nsx):
    reconcile(segment(nsx, **ASKED, domain_name="corp.example"))
    assert [change.path for change in reconcile(segment(nsx, domain_name="")).changes] == ["domain_name"]
    assert "domain_name" not in nsx.objects[PATH]


def test_a_range_is_added_in_place(nsx):
    reconcile(segment(nsx, **ASKED))
    outcome = reconcile(segment(nsx, **with_subnet(dhcp_ranges=[RANGE, "10.30.5.25"])))
    assert [(change.path, change.effect) for change in outcome.changes] == [("subnets", "in_place")]
    assert nsx.objects[PATH]["subnets"][0]["dhcp_ranges"] == [RANGE, "10.30.5.25-10.30.5.25"]


@pytest.mark.parametrize(
    "subnet",
    [
        {"gateway_address": "10.30.5.2/27"},
        {"gateway_address": "10.30.5.1/26"},
        {"dhcp_ranges": []},
        {"dhcp_ranges": ["10.30.5.10-10.30.5.20"]},
    ],
)
def test_what_cannot_change_in_place_is_reported_and_never_done(nsx, subnet):
    reconcile(segment(nsx, **ASKED))
    with pytest.raises(Immutable, match="would have to be replaced.*subnets.*DHCP ranges can be added"):
        reconcile(segment(nsx, **with_subnet(**subnet)))
    outcome = reconcile(segment(nsx, **with_subnet(**subnet), domain_name="corp.example"), on_immutable="report")
    assert {change.path: change.effect for change in outcome.changes} == {
        "subnets": "replace",
        "domain_name": "in_place",
    }
    assert nsx.objects[PATH]["subnets"][0]["dhcp_ranges"] == [RANGE]


def test_a_segment_of_another_type_is_told(nsx):
    nsx.objects[PATH] = {"id": "backup", "type": "EXTENDED", "subnets": [], "tags": [OURS], "_revision": 0}
    with pytest.raises(Immutable, match="type is 'EXTENDED', wanted 'ROUTED'; another type would cut off"):
        reconcile(segment(nsx, type="ROUTED"))
    assert reconcile(segment(nsx, display_name="Backup")).after["type"] == "EXTENDED"


@pytest.mark.parametrize(
    ("given", "option"),
    [
        ({"subnets": None}, "subnets: is needed"),
        ({"subnets": []}, "subnets: .*one subnet, not 0"),
        ({"subnets": [SUBNET, SUBNET]}, "subnets: .*one subnet, not 2"),
        ({"domain_name": "no domain"}, "domain_name"),
        ({"domain_name": "-corp.example"}, "domain_name"),
        ({"domain_name": "corp..example"}, "domain_name"),
        ({"domain_name": "x" * 64}, "domain_name"),
        ({"domain_name": ".".join(["x" * 60] * 5)}, "domain_name"),
        ({"id": "a/b"}, "id"),
    ],
)
def test_options_that_cannot_be_are_refused_before_the_first_write(nsx, given, option):
    with pytest.raises(Invalid, match=option):
        reconcile(segment(nsx, **{**ASKED, **given}))
    assert nsx.puts == []


def test_a_segment_has_its_network_for_itself(nsx):
    nsx.objects["/infra/tier-1s/cgw/segments/apps"] = {
        "id": "apps",
        "path": "/infra/tier-1s/cgw/segments/apps",
        "subnets": [{"gateway_address": "10.30.4.1/23"}],
    }
    with pytest.raises(Invalid, match="subnets: 10.30.5.0/27 overlaps the segment apps"):
        reconcile(segment(nsx, **ASKED), check_mode=True)
    moved = nsx.objects.pop("/infra/tier-1s/cgw/segments/apps")
    nsx.objects["/infra/segments/apps"] = {**moved, "path": "/infra/segments/apps"}
    with pytest.raises(Invalid, match="the segment apps"):
        reconcile(segment(nsx, **ASKED))
    nsx.objects["/infra/segments/apps"]["subnets"] = [{}, {"gateway_address": "10.30.6.1/24"}]
    assert reconcile(segment(nsx, **ASKED)).changed


def test_a_segment_keeps_off_the_management_network_and_the_connected_vpc(nsx):
    nsx.cloud["/infra/sddc-user-config"] = {"mgmt_subnets": ["10.2.0.0/16", "10.30.0.0/20"]}
    with pytest.raises(Invalid, match="overlaps the management network, 10.30.0.0/20"):
        reconcile(segment(nsx, **ASKED))
    nsx.cloud["/infra/sddc-user-config"] = {"mgmt_subnets": ["10.2.0.0/16"]}
    nsx.cloud["/infra/linked-vpcs/vpc-1"] = {"linked_vpc_id": "vpc-1", "linked_vpc_addresses": ["10.30.0.0/16"]}
    with pytest.raises(Invalid, match="overlaps the connected VPC vpc-1, 10.30.0.0/16"):
        reconcile(segment(nsx, **ASKED))
    assert nsx.puts == []


def test_where_the_cloud_is_silent_the_managements_own_groups_tell_where_it_is(nsx):
    nsx.cloud_silent = True
    addresses = [{"resource_type": "IPAddressExpression", "ip_addresses": ["10.30.5.4"]}]
    nsx.objects["/infra/domains/mgw/groups/VCENTER"] = {"id": "VCENTER", "expression": addresses}
    with pytest.raises(Invalid, match="overlaps the management network, in which VCENTER is, 10.30.5.4"):
        reconcile(segment(nsx, **ASKED))
    addresses[0]["ip_addresses"] = ["10.2.0.4"]
    assert reconcile(segment(nsx, **ASKED)).changed


def test_a_segment_that_is_there_is_not_judged_for_its_place_again(nsx):
    reconcile(segment(nsx, **ASKED))
    nsx.cloud["/infra/sddc-user-config"] = {"mgmt_subnets": ["10.30.0.0/20"]}
    nsx.reads.clear()
    assert not reconcile(segment(nsx, **ASKED)).changed
    assert nsx.reads == [PATH]


def test_a_new_range_leaves_bound_addresses_alone(nsx):
    reconcile(segment(nsx, **ASKED))
    nsx.objects[f"{BINDINGS}/a1"] = {"id": "a1", "ip_address": "10.30.5.25"}
    with pytest.raises(Invalid, match="10.30.5.24-10.30.5.26 holds 10.30.5.25, which the static binding a1 keeps"):
        reconcile(segment(nsx, **with_subnet(dhcp_ranges=[RANGE, "10.30.5.24-10.30.5.26"])))
    assert reconcile(segment(nsx, **with_subnet(dhcp_ranges=[RANGE, "10.30.5.27"]))).changed


@pytest.mark.parametrize("state", ["present", "absent"])
def test_a_segment_of_others_is_refused_unless_it_is_adopted(nsx, state):
    reconcile(segment(nsx, **ASKED))
    nsx.objects[PATH]["tags"] = []
    with pytest.raises(Foreign, match=PATH):
        reconcile(segment(nsx), state=state)
    outcome = reconcile(segment(nsx, adopt=True), state=state)
    assert [change.path for change in outcome.changes] == (["tags"] if state == "present" else ["state"])


def test_a_segment_is_waited_for_until_it_is_realized(nsx):
    nsx.realized_after = 1
    reconcile(segment(nsx, **ASKED), wait_timeout=5)
    assert nsx.realized_after < 0


def test_of_one_that_is_as_it_shall_be_nobody_asks_whether_it_is_in_force(nsx):
    reconcile(segment(nsx, **ASKED))
    nsx.realized_after = 99
    reconcile(segment(nsx, **ASKED), wait_timeout=5)
    assert nsx.realized_after == 99


@pytest.mark.parametrize("check_mode", [True, False])
@pytest.mark.parametrize(
    ("below", "why"),
    [
        ({f"{BINDINGS}/a1": {"id": "a1"}}, "DHCP static bindings, a1"),
        ({f"{PATH}/ports/p1": {"id": "p1", "display_name": "web.vmx"}}, "still connected to it, through web.vmx"),
    ],
)
def test_a_segment_in_use_is_kept(nsx, below, why, check_mode):
    reconcile(segment(nsx, **ASKED, display_name="Backup"))
    nsx.objects.update(below)
    with pytest.raises(Foreign, match=f"The segment Backup must not be removed: .*{why}"):
        reconcile(segment(nsx), state="absent", check_mode=check_mode)
    assert PATH in nsx.objects


@pytest.fixture
def partly_silent(nsx, monkeypatch):
    """An NSX that tells neither ports nor segments of other gateways."""
    listed = nsx.list

    def refuse(path):
        if path.endswith("/ports") or path == "/infra/segments":
            raise ApiError("no route", code="404")
        return listed(path)

    monkeypatch.setattr(nsx, "list", refuse)


def test_what_an_older_sddc_does_not_tell_is_left_to_nsx(nsx, partly_silent):
    assert reconcile(segment(nsx, **ASKED)).changed
    assert reconcile(segment(nsx), state="absent").changed
    assert not reconcile(segment(nsx), state="absent").changed


def test_find_lists_all_or_one(nsx):
    reconcile(segment(nsx, **ASKED))
    assert [raw["id"] for raw in find(nsx)] == ["backup"]
    assert [view(raw)["type"] for raw in find(nsx, id="backup")] == ["ROUTED"]
    assert find(nsx, id="other") == []
