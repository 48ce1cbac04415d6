# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.checks import readiness
from ansible_collections.vmc.aws_backup.plugins.module_utils.engine.findings import Untold

from .prerequisites.site import SEGMENT, SILENT, site
from .world import rule, world

NOTHING = dict.fromkeys(
    (
        "sddc mgw_groups cgw_groups mgw_rules cgw_rules nat_rules public_ips learned_routes segments dns_zones account endpoint_account gateways "
        "region_settings roles_that_lack path"
    ).split(),
    SILENT,
)
OF_VMC = {row.id for row in readiness.ROWS if row.of_vmc}


def rows(**changed) -> dict:
    """The verdict of each row."""
    ids = {row.id for row in readiness.ROWS}
    return {found["id"]: found["verdict"] for found in readiness.judge(site(**changed)) if found["id"] in ids}


def critical(**changed) -> list:
    return [found["id"] for found in readiness.judge(site(**changed)) if found["severity"] == "critical"]


def menders(facts, **changed) -> dict:
    """Who mends each broken hop."""
    found = readiness.judge(site(path=facts, **changed))
    return {hop["id"]: hop["mended_by"] for hop in found if hop["subject"] == "path" and hop["verdict"] == "broken"}


def test_each_check_belongs_to_a_row_and_has_an_id_of_its_own():
    ids = [each.id for each in (*readiness.ROWS, *readiness.CHECKS)]
    assert {check.of for check in readiness.CHECKS} <= {row.id for row in readiness.ROWS}
    assert [name for name in ids if ids.count(name) > 1] == ["libraries", "libraries"]
    assert [row.number for row in readiness.ROWS][:8] == list(range(1, 9))


def test_where_all_is_there_nothing_stands_in_the_way():
    assert critical(path=world()) == []
    assert set(rows(path=world()).values()) == {"ok", "skipped"}


def test_where_nothing_answers_nothing_is_met_but_what_is_here():
    found = rows(**NOTHING, seen={"vcenter": {}}, connected_vpc=None, vpc_id="")
    assert {name for name, verdict in found.items() if verdict == "ok"} <= {"variables", "libraries"}
    assert "HTTP 503" in str(readiness.judge(site(**NOTHING)))


def test_one_refusal_is_told_once_for_all_that_it_hides():
    assert critical(**NOTHING, seen={"vcenter": {}}) == ["account_answers", "sddc_there", "nsx_answers"]


def test_on_premises_the_rows_of_vmware_cloud_are_left_out():
    given = {"vmc_backup_vpc_id": "vpc-1", "vmc_backup_subnet_ids": ["subnet-1"]}
    found = rows(on_vmc=False, names_sddc=False, names_nsx=False, sddc=Untold("-"), given=given)
    assert {name for name, verdict in found.items() if verdict == "skipped"} == OF_VMC | {"kms_key"}


@pytest.mark.parametrize("row", [row for row in readiness.ROWS if row.option], ids=lambda row: row.id)
def test_what_is_skipped_is_left_out_and_nothing_more_is_said_of_it(row):
    facts = site(given={row.option: "skip"}, **NOTHING)
    assert [found["verdict"] for found in readiness.judge(facts) if found["kind"] == row.id] == ["skipped"]


@pytest.mark.parametrize(
    ("broken", "given", "mender"),
    [
        ({"endpoint": None}, {}, {"endpoint": "endpoint"}),
        ({"rules__mgw": []}, {}, {"management_gateway_vcenter": "firewall", "management_gateway_esxi": "firewall"}),
        ({"rules__cgw": []}, {}, {"compute_gateway": "firewall"}),
        ({"segments": []}, {}, {"segment": ""}),
        (
            {"segments": []},
            {"prerequisites_segment": "enforce", "prerequisites_segment_gateway_address": "10.1.0.1/24"},
            {"segment": "prerequisites"},
        ),
    ],
)
def test_who_mends_a_hop_depends_on_what_is_enforced(broken, given, mender):
    assert mender.items() <= menders(world(**broken), given=given).items()


def test_a_rule_that_stops_the_appliances_before_ours_is_left_to_a_human():
    stops = rule("deny", ["ANY"], ["ANY"], action="DROP")
    facts = world(rules__cgw=[stops])
    seen = {"id": "deny", "action": "DROP", "disabled": False, "tags": []}
    assert menders(facts, cgw_rules=[{**seen, "sequence_number": 10}])["compute_gateway"] == ""
    assert menders(facts, cgw_rules=[{**seen, "sequence_number": 30}])["compute_gateway"] == "firewall"
    assert (
        menders(facts, cgw_rules=[{**seen, "sequence_number": 10, "disabled": True}])["compute_gateway"] == "firewall"
    )


@pytest.mark.parametrize(
    ("changed", "missing"),
    [
        ({"account": SILENT}, {"region_settings", "kms_key", "iam_role"}),
        ({"gateways": SILENT}, {"whose"}),
        ({"vcenter_options": ["hostname"]}, {"whose"}),
        ({"seen": {"vcenter": {}}}, {"appliances"}),
        ({"plan": []}, {"appliances", "endpoint", "addresses"}),
        ({"plan": Untold("no")}, {"appliances", "endpoint", "addresses"}),
        ({"without": ["vmc_backup_ova"]}, {"appliances"}),
        ({"endpoint_account": SILENT}, {"endpoint"}),
        ({"subnet_ids": []}, {"endpoint"}),
        ({"mgw_groups": SILENT}, {"group", "mgw_rule"}),
        ({"segments": SILENT}, {"segment", "addresses"}),
        ({"segments": []}, {"addresses"}),
        ({"segments": [{**SEGMENT, "tags": []}]}, {"segment"}),
        ({"dns_zones": SILENT}, {"dns_zone"}),
    ],
)
def test_what_is_not_seen_is_not_tried(changed, missing):
    given = {
        "prerequisites_segment": "enforce",
        "prerequisites_segment_gateway_address": "10.1.0.1/24",
        "prerequisites_dns_zones": "enforce",
        "prerequisites_opt_in": "enforce",
        "prerequisites_kms_key": "enforce",
        "prerequisites_iam_roles": "enforce",
        "prerequisites_vcenter_resolution": "enforce",
    }
    everything = set(readiness.to_try(site(given=given)))
    assert len(everything) == 12
    assert everything - set(readiness.to_try(site(given=given, **changed))) == missing
