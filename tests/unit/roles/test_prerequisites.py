# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the role says of a world that it has looked at: its variables alone, with no task run."""

from __future__ import annotations

import pathlib

import pytest
import yaml
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template

ROLE = pathlib.Path(__file__).parents[3] / "roles" / "prerequisites"
DEFAULTS = yaml.safe_load((ROLE / "defaults" / "main.yml").read_text())
FIRST = {"subnet_id": "subnet-1", "availability_zone": "eu-west-1b", "availability_zone_id": "euw1-az1"}
SECOND = {"subnet_id": "subnet-2", "availability_zone": "eu-west-1c", "availability_zone_id": "euw1-az2"}
WITNESS = {"subnet_id": "subnet-3", "availability_zone": "eu-west-1a", "availability_zone_id": "euw1-az3"}
# VMware's account has other names for the zones: its eu-west-1a and eu-west-1b are those of the two subnets.
SDDC = {
    "id": "s",
    "sddc_state": "READY",
    "region": "eu-west-1",
    "availability_zones": ["eu-west-1a", "eu-west-1b"],
    "availability_zone_ids": ["euw1-az1"],
    "witness_availability_zone": "eu-west-1c",
    "dns_with_management_vm_private_ip": True,
    "connected_vpc": {"vpc_id": "vpc-1", **FIRST, "subnets": [FIRST], "state": "ACTIVE"},
}
STRETCHED = {
    **SDDC,
    "availability_zone_ids": ["euw1-az1", "euw1-az2"],
    "connected_vpc": {**SDDC["connected_vpc"], "subnets": [FIRST, SECOND]},
}
OWN = {"name": "WorkloadDatastore", "clusters": ["Cluster-1"], "virtual_machine_count": 3}
FURTHER = {"name": "WorkloadDatastore (1)", "clusters": ["Cluster-2"], "virtual_machine_count": 2}
SHARED = {"name": "fsx", "clusters": ["Cluster-1", "Cluster-2"], "virtual_machine_count": 4}
EMPTY = {**FURTHER, "virtual_machine_count": 0}
LOST = {**FURTHER, "clusters": []}


GOOD = {
    "vmc_backup_platform": "vmc",
    "vmc_backup_aws_region": "eu-west-1",
    "vmc_backup_appliances": [{"cluster": "Cluster-1", "addresses": ["10.0.0.1"]}],
    "vmc_backup_control_addresses": ["10.0.0.9/32"],
    "__prerequisites_plan": [{"entry": "a", "name": "a", "cluster": "Cluster-1"}],
    "__prerequisites_plan_refused": "",
    "inventory_hostname": "sddc-1",
    "__prerequisites": {
        "site_id": "s",
        "site_untold": "",
        "rivals": [],
        "site_was": "",
        "appliances": [],
        "given": {"retired": [], "report": False},
    },
}


def account(*subnets):
    return {"accounts": [{"account_id": "1", "endpoint_services": ["it"], "subnets": list(subnets)}]}


def said(what, *, sddc=None, subnets=(FIRST,), datastores=(OWN,), **more):
    """The sentences of O(what) in a world in which nothing else is known to be wrong."""
    loader = DataLoader()
    variables = {
        **loader.load_from_file(str(ROLE / "vars" / "main.yml"), trusted_as_template=True),
        **DEFAULTS,
        **GOOD,
        "__prerequisites_sddcs": {"sddcs": [SDDC if sddc is None else sddc]},
        "__prerequisites_endpoint": account(*subnets),
        "__prerequisites_datastores": {"datastores": list(datastores)},
        **more,
    }
    return Templar(loader, variables).template(trust_as_template(f"{{{{ {what} }}}}"))


def findings(**world):
    return " ".join(said("__prerequisites_findings", **world))


# Availability zones: by id


@pytest.mark.parametrize(
    ("sddc", "subnets", "unserved"),
    [
        (SDDC, [FIRST], []),  # the names differ, the ids agree
        (SDDC, [WITNESS], ["euw1-az1"]),  # the names agree, the ids differ
        (SDDC, [FIRST, WITNESS], []),
        (SDDC, [], []),  # what is not there is told by another row
        (STRETCHED, [FIRST, SECOND], []),
        (STRETCHED, [SECOND], ["euw1-az1"]),
        (STRETCHED, [FIRST, WITNESS], ["euw1-az2"]),  # by name these would be the two of the document
    ],
)
def test_each_zone_of_the_sddc_has_a_subnet_and_what_counts_is_the_id(sddc, subnets, unserved):
    assert said("__prerequisites_unserved", sddc=sddc, subnets=subnets) == unserved


@pytest.mark.parametrize(("sddc", "expected"), [(SDDC, ["subnet-1"]), (STRETCHED, ["subnet-1", "subnet-2"]), ({}, [])])
def test_the_default_are_the_linked_subnets(sddc, expected):
    assert said("__prerequisites_subnet_ids", sddc=sddc) == expected


def test_subnets_that_are_given_are_not_added_to():
    assert said("__prerequisites_subnet_ids", sddc=STRETCHED, vmc_backup_subnet_ids=["subnet-3"]) == ["subnet-3"]


@pytest.mark.parametrize(
    ("sddc", "subnets", "expected"),
    [
        (SDDC, [FIRST], ""),
        (SDDC, [{**FIRST, "subnet_id": "subnet-9"}], ""),
        (SDDC, [FIRST, SECOND], "subnet-2 in euw1-az2 lies outside the availability zones of the SDDC, euw1-az1"),
        (STRETCHED, [FIRST, SECOND], ""),
        (STRETCHED, [FIRST, SECOND, WITNESS], "Cost: subnet-3 in euw1-az3 lies outside"),
        ({}, [FIRST], ""),  # an SDDC of which nothing is known has no zones to lie outside of
    ],
)
def test_a_subnet_outside_the_zones_of_the_sddc_costs_and_that_is_told(sddc, subnets, expected):
    told = findings(sddc=sddc, subnets=subnets)
    assert expected in told and bool(expected) == bool(told)


def test_a_linked_subnet_whose_zone_nsx_does_not_tell_costs_nothing():
    untold = {**SECOND, "availability_zone_id": None}
    sddc = {**STRETCHED, "connected_vpc": {**STRETCHED["connected_vpc"], "subnets": [FIRST, untold]}}
    assert findings(sddc=sddc, subnets=[FIRST, SECOND]) == ""


# Appliances: by what their hosts see


@pytest.mark.parametrize(
    ("datastores", "told"),
    [
        ([OWN], False),
        ([OWN, FURTHER], True),
        ([OWN, SHARED], False),
        ([OWN, EMPTY], False),
        ([OWN, LOST], False),
    ],
)
def test_machines_on_a_datastore_that_no_planned_appliance_sees_are_told(datastores, told):
    expected = "none is planned where a host sees WorkloadDatastore (1) of Cluster-2 (virtual machines: 2), so that"
    assert (expected in findings(datastores=datastores)) is told


@pytest.mark.parametrize("second", [{"addresses": ["10.0.0.2"]}, {"count": 0}])
def test_a_cluster_that_the_plan_speaks_of_is_not_told(second):
    plan = [*GOOD["vmc_backup_appliances"], {"cluster": "Cluster-2", **second}]
    assert findings(datastores=[OWN, FURTHER], vmc_backup_appliances=plan) == ""


@pytest.mark.parametrize(
    "world", [{"__prerequisites_plan_refused": "no"}, {"__prerequisites_plan": []}, {"__prerequisites_datastores": {}}]
)
def test_without_a_plan_or_a_look_nothing_is_told_of_clusters(world):
    assert findings(**{"datastores": [OWN, FURTHER], **world}) == ""


def test_several_findings_are_told_at_once():
    third = {"name": "nfs", "clusters": ["Cluster-2", "Cluster-3"], "virtual_machine_count": 1}
    told = said("__prerequisites_findings", datastores=[FURTHER, third], subnets=[FIRST, SECOND, WITNESS])
    assert len(told) == 2
    assert "(virtual machines: 2), nfs of Cluster-2, Cluster-3 (virtual machines: 1), so that" in told[0]
    assert "subnet-2 in euw1-az2, subnet-3 in euw1-az3 lies outside" in told[1]


# What is missing: regions and accounts

REGISTERED = "vcenter nsx segments tried_segment tried_zones dns_zones settings backup gateways libraries bastion ova path cgw_rules control entrance".split()


def missing(**world):
    """What would be told missing, apart from the variables that are not given here."""
    nothing = {f"__prerequisites_{name}": {"skipped": True, "rc": 0, "stdout": ""} for name in REGISTERED}
    nothing.update(__prerequisites_places={"results": []}, __prerequisites_addresses={"results": []})
    known = {"__prerequisites_unset": [], "__prerequisites_has_token": True, "vmc_backup_ova": "a.ova"}
    there = {"__prerequisites_ova": {"stat": {"readable": True}}}
    world = {**nothing, **known, **there, **world}
    return said("__prerequisites_missing", **world)


def test_nothing_is_missing_in_a_world_in_which_all_is_there():
    assert missing() == []


def test_a_region_is_supported_where_the_service_is_offered_whatever_its_name():
    (told,) = missing(
        __prerequisites_endpoint={"accounts": [{"account_id": "1", "endpoint_services": [], "subnets": [FIRST]}]}
    )
    assert told == "Region: eu-west-1 does not offer com.amazonaws.eu-west-1.backup-gateway."


@pytest.mark.parametrize(
    ("owner", "vpc", "told"), [("1", None, False), ("2", None, True), (None, None, False), ("2", "vpc-9", False)]
)
def test_the_connected_vpc_is_in_the_account_of_the_endpoint_or_another_vpc_is_given(owner, vpc, told):
    sddc = {**SDDC, "connected_vpc": {**SDDC["connected_vpc"], "account_id": owner}}
    given = {"vmc_backup_vpc_id": vpc} if vpc else {}
    assert ("the connected VPC belongs to 2" in " ".join(missing(sddc=sddc, **given))) is told


def test_a_vpc_that_is_not_the_connected_one_costs_and_that_is_told():
    assert "Cost: the endpoint's VPC vpc-9 is not the connected VPC, vpc-1" in findings(vmc_backup_vpc_id="vpc-9")
    assert findings(vmc_backup_vpc_id="vpc-1") == ""


@pytest.mark.parametrize("state", [{"maintenance_state": "RUNNING"}, {"sddc_state": "MAINTENANCE"}])
def test_corrections_wait_for_planned_maintenance(state):
    assert "may be stale, and corrections wait" in " ".join(missing(sddc={**SDDC, **state}))


# The path


def hop(name, verdict="broken", evidence="It stops."):
    return {"hop": name, "verdict": verdict, "evidence": evidence, "change": "Change it."}


STOPS = {"id": "deny", "action": "DROP", "disabled": False, "sequence_number": 10}


@pytest.mark.parametrize(
    ("hops", "rules", "yours"),
    [
        (["route_table", "endpoint", "compute_gateway"], [], ["route_table"]),
        (["compute_gateway"], [STOPS], ["compute_gateway"]),
        (["compute_gateway"], [{**STOPS, "sequence_number": 30}], []),
        (["compute_gateway"], [{**STOPS, "id": "other"}], []),
        (["vcenter_name", "segment", "dns"], [], ["vcenter_name", "segment", "dns"]),
    ],
)
def test_a_human_mends_the_hops_that_no_role_does(hops, rules, yours):
    evidence = "rule deny of the compute gateway stops 10.0.0.1"
    path = {"hops": [hop(name, evidence=evidence) for name in hops] + [hop("network_acl", "ok")]}
    world = {"__prerequisites_path": path, "__prerequisites_cgw_rules": {"rules": rules}}
    found = said("__prerequisites_hops_of_yours", __prerequisites_dns_zones={}, __prerequisites_segments={}, **world)
    assert [each["hop"] for each in found] == yours
