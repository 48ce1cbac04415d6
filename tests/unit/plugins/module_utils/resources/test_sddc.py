# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import ApiError, Denied
from ansible_collections.vmc.aws_backup.plugins.module_utils.resources.sddc import (
    accounts,
    describe,
    find,
    maintenance_state,
    subnet_ids,
    view,
    zone_ids,
)

SECRETS = {"cloud_password": "pw-" + "a" * 17, "nsx_cloud_admin_password": "pw-" + "b" * 17}
URL = "https://nsx.example/vmc/reverse-proxy/api/orgs/o/sddcs/s/sks-nsxt-manager"
SDDC = {
    "id": "s",
    "name": "one",
    "org_id": "o",
    "sddc_state": "READY",
    "resource_config": {
        "region": "EU_WEST_1",
        "availability_zones": ["eu-west-1a"],
        "deployment_type": "SINGLE_AZ",
        "vc_url": "https://vcenter.example/",
        "vc_management_ip": "10.20.0.4",
        "vc_public_ip": "192.0.2.10",
        "dns_with_management_vm_private_ip": True,
        "cloud_username": "cloudadmin@vmc.local",
        "nsx_mgr_url": "https://nsxmanager.example/",
        "nsx_api_public_endpoint_url": URL + "/",
        "sddc_manifest": {"vmc_version": "1.24"},
        **SECRETS,
    },
}
LINK = {
    "vpc_id": "vpc-1",
    "subnet_id": "subnet-1",
    "subnet_availability_zone": "eu-west-1b",
    "connected_account_id": "not-an-account-number",
    "cidr_block_vpc": "172.31.0.0/16",
    "state": "ACTIVE",
    "connection_order": 1,
}
LINKED = {
    "linked_vpc_id": "vpc-1",
    "linked_account": "123456789012",
    "linked_vpc_subnets": [{"id": "subnet-1", "availability_zone": "eu-west-1b", "availability_zone_id": "euw1-az2"}],
}


class Vmc:
    def sddcs(self):
        return [SDDC, {**SDDC, "id": "t", "name": "two"}]

    def sddc(self, sddc_id):
        return SDDC if sddc_id == "s" else None

    def connections(self, sddc_id):
        return [LINK]

    def reservations(self):
        return []


class Nsx:
    def cloud_list(self, path):
        assert path == "/infra/linked-vpcs"
        return [LINKED]


def test_an_sddc_is_shown_as_aws_and_url_lovers_write_it():
    shown = view(SDDC, [LINK], [LINKED])
    assert shown["region"] == "eu-west-1"
    assert shown["deployment_type"] == "SINGLE_AZ"
    assert (shown["vcenter_url"], shown["vcenter_hostname"]) == ("https://vcenter.example", "vcenter.example")
    assert (shown["nsx_url"], shown["nsx_manager_url"]) == (URL, "https://nsxmanager.example")
    assert (shown["version"], shown["availability_zone_ids"]) == ("1.24", ["euw1-az2"])
    assert shown["connected_vpc"] == {
        "vpc_id": "vpc-1",
        "subnet_id": "subnet-1",
        "availability_zone": "eu-west-1b",
        "availability_zone_id": "euw1-az2",
        "subnets": [{"subnet_id": "subnet-1", "availability_zone": "eu-west-1b", "availability_zone_id": "euw1-az2"}],
        "account_id": "123456789012",
        "cidr_block_vpc": "172.31.0.0/16",
        "state": "ACTIVE",
    }


SECOND = {"id": "subnet-2", "availability_zone": "eu-west-1c", "availability_zone_id": "euw1-az3"}
STRETCHED = {**LINKED, "linked_vpc_subnets": [*LINKED["linked_vpc_subnets"], SECOND]}
FURTHER = {**LINK, "subnet_id": "subnet-2", "subnet_availability_zone": "eu-west-1c", "connection_order": 2}


@pytest.mark.parametrize("links", [[LINK], [FURTHER, LINK]])
def test_a_stretched_sddc_has_two_subnets_and_the_first_link_leads(links):
    config = {**SDDC["resource_config"], "deployment_type": "MULTI_AZ", "witness_availability_zone": "eu-west-1c"}
    shown = view({**SDDC, "resource_config": config}, links, [STRETCHED])
    assert (shown["deployment_type"], shown["witness_availability_zone"]) == ("MULTI_AZ", "eu-west-1c")
    assert shown["availability_zone_ids"] == ["euw1-az2", "euw1-az3"]
    connected = shown["connected_vpc"]
    assert (connected["subnet_id"], connected["availability_zone_id"]) == ("subnet-1", "euw1-az2")
    found = [(subnet["subnet_id"], subnet["availability_zone_id"]) for subnet in connected["subnets"]]
    assert found == [("subnet-1", "euw1-az2"), ("subnet-2", "euw1-az3")]


ACCOUNTS = [
    {"region_to_az_to_shadow_mapping": {"EU_WEST_1": {"eu-west-1b": "eu-west-1a", "eu-west-1c": "eu-west-1b"}}},
    {"region_to_az_to_shadow_mapping": {"US_WEST_2": {"us-west-2a": "us-west-2b"}}},
    {"region_to_az_to_shadow_mapping": None},
]
TURNED = [{"region_to_az_to_shadow_mapping": {"eu-west-1": {"eu-west-1a": "eu-west-1b", "eu-west-1b": "eu-west-1c"}}}]
OF_TWO_ZONES = {
    **SDDC["resource_config"],
    "deployment_type": "MULTI_AZ",
    "availability_zones": ["eu-west-1a", "eu-west-1b"],
    "witness_availability_zone": "eu-west-1d",
    "clusters": [
        {"cluster_name": "Cluster-1", "availability_zones": ["eu-west-1a", "eu-west-1b"]},
        {"cluster_name": "Cluster-2", "availability_zones": ["eu-west-1b"], "esx_host_list": None},
        {
            "cluster_name": "Cluster-3",
            "availability_zones": None,
            "esx_host_list": [{"availability_zone": "eu-west-1a"}],
        },
        {"cluster_name": "Cluster-4", "availability_zones": None, "esx_host_list": None},
    ],
}


@pytest.mark.parametrize("accounts", [ACCOUNTS, TURNED])
def test_a_cluster_of_a_stretched_sddc_need_not_be_stretched(accounts):
    shown = view({**SDDC, "resource_config": OF_TWO_ZONES}, [LINK, FURTHER], [STRETCHED], accounts)
    assert {each["name"]: each["availability_zone_ids"] for each in shown["clusters"]} == {
        "Cluster-1": ["euw1-az2", "euw1-az3"],
        "Cluster-2": ["euw1-az3"],
        "Cluster-3": ["euw1-az2"],
        "Cluster-4": [],
    }
    assert zone_ids(shown, ["Cluster-2"]) == ["euw1-az3"]
    assert subnet_ids(shown, ["Cluster-2"]) == ["subnet-2"]
    assert subnet_ids(shown, ["Cluster-2", "Cluster-4"]) == ["subnet-1", "subnet-2"]


@pytest.mark.parametrize(
    ("accounts", "linked"),
    [([], [STRETCHED]), ([{}], [STRETCHED]), (ACCOUNTS, []), (TURNED + ACCOUNTS[1:], [])],
)
def test_a_zone_that_is_not_told_may_be_either(accounts, linked):
    shown = view({**SDDC, "resource_config": OF_TWO_ZONES}, [LINK, FURTHER], linked, accounts)
    assert {zone for each in shown["clusters"] for zone in each["availability_zone_ids"]} == set()
    assert subnet_ids(shown, ["Cluster-2"]) == ["subnet-1", "subnet-2"]


def test_a_map_that_fits_both_ways_round_tells_nothing():
    here = [{**LINK, "subnet_availability_zone": "eu-west-1a"}, {**FURTHER, "subnet_availability_zone": "eu-west-1b"}]
    subnets = [
        {"id": each["subnet_id"], "availability_zone": each["subnet_availability_zone"], "availability_zone_id": zone}
        for each, zone in zip(here, ["euw1-az1", "euw1-az2"])
    ]
    swapped = {"EU_WEST_1": {"eu-west-1a": "eu-west-1b", "eu-west-1b": "eu-west-1c", "eu-west-1c": "eu-west-1a"}}
    config = {**OF_TWO_ZONES, "availability_zones": ["eu-west-1b", "eu-west-1a"]}
    for mapping in (swapped, {"EU_WEST_1": None}):
        shown = view(
            {**SDDC, "resource_config": config},
            here,
            [{**LINKED, "linked_vpc_subnets": subnets}],
            [{"region_to_az_to_shadow_mapping": mapping}],
        )
        assert shown["clusters"][1]["availability_zone_ids"] == []


def test_where_there_is_one_zone_every_cluster_is_in_it():
    config = {
        **SDDC["resource_config"],
        "clusters": [{"cluster_name": "Cluster-1", "availability_zones": ["eu-west-1a"]}],
    }
    shown = view({**SDDC, "resource_config": config}, [LINK], [LINKED])
    assert shown["clusters"] == [{"name": "Cluster-1", "availability_zone_ids": ["euw1-az2"]}]
    assert view({**SDDC, "resource_config": {"clusters": None}}, [LINK], [LINKED])["clusters"] == []


@pytest.mark.parametrize(
    ("answer", "found"), [(ACCOUNTS, ACCOUNTS), (Denied("no"), []), (ApiError("HTTP 404"), []), ([], [])]
)
def test_accounts_are_asked_where_there_are_two_zones_and_may_not_answer(answer, found):
    class Asked(Vmc):
        def connected_accounts(self):
            if isinstance(answer, Exception):
                raise answer
            return answer

    assert accounts(Asked(), {**SDDC, "resource_config": OF_TWO_ZONES}) == found
    assert accounts(Vmc(), SDDC) == []


def test_without_nsx_the_subnets_are_those_of_the_links():
    subnets = view(SDDC, [LINK, FURTHER], [])["connected_vpc"]["subnets"]
    assert [(subnet["subnet_id"], subnet["availability_zone_id"]) for subnet in subnets] == [
        ("subnet-1", None),
        ("subnet-2", None),
    ]


def test_the_subnet_of_a_link_that_is_gone_is_not_a_linked_one():
    gone = {**FURTHER, "state": "DELETED"}
    assert len(view(SDDC, [LINK, gone], [LINKED])["connected_vpc"]["subnets"]) == 1


def test_passwords_are_never_shown():
    shown = str(view(SDDC, [LINK], [LINKED]))
    assert not any(secret in shown for secret in SECRETS.values())


def test_an_sddc_without_a_document_or_a_link_is_shown_too():
    shown = view({"id": "s", "sddc_state": "DEPLOYING"}, [{**LINK, "state": "DELETED"}], [])
    assert (shown["connected_vpc"], shown["region"], shown["vcenter_hostname"]) == (None, None, None)


def test_a_broken_link_is_shown_unless_another_one_lives():
    broken = {**LINK, "vpc_id": "vpc-0", "state": "BROKEN", "connection_order": 0}
    assert view(SDDC, [broken], [])["connected_vpc"]["state"] == "BROKEN"
    assert view(SDDC, [broken, LINK], [])["connected_vpc"]["vpc_id"] == "vpc-1"


@pytest.mark.parametrize(
    ("given", "ids"),
    [
        ({}, ["s", "t"]),
        ({"name": "two"}, ["t"]),
        ({"name": "three"}, []),
        ({"sddc_id": "s"}, ["s"]),
        ({"sddc_id": "s", "name": "two"}, []),
        ({"sddc_id": "x"}, []),
    ],
)
def test_sddcs_are_found_by_id_or_name(given, ids):
    assert [raw["id"] for raw in find(Vmc(), **given)] == ids


def test_the_zone_ids_come_from_the_sddcs_own_nsx():
    asked = []

    def nsx_at(url):
        asked.append(url)
        return Nsx()

    assert describe(Vmc(), nsx_at, SDDC)["availability_zone_ids"] == ["euw1-az2"]
    assert asked == [URL + "/"]


def test_an_sddc_that_is_not_ready_is_not_asked_for_its_nsx():
    shown = describe(Vmc(), None, {**SDDC, "sddc_state": "DEPLOYING"})
    assert shown["availability_zone_ids"] == []


class Reservations(Vmc):
    def __init__(self, answer):
        self.answer = answer

    def reservations(self):
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        ([{"sddc_id": "s", "in_maintenance_window": True, "in_maintenance_mode": True}], "RUNNING"),
        ([{"sddc_id": "s", "in_maintenance_window": False, "in_maintenance_mode": True}], "RUNNING"),
        ([{"sddc_id": "s", "in_maintenance_window": True, "in_maintenance_mode": False}], ""),
        ([{"sddc_id": "s", "in_maintenance_window": True, "in_maintenance_mode": None}], ""),
        ([{"sddc_id": "t", "in_maintenance_mode": True}], ""),
        ([], ""),
        (None, None),
        (Denied("no", attempted="read", service="vmc"), None),
        (ApiError("HTTP 400", attempted="read", service="vmc"), None),
        ({"message": "no list"}, None),
    ],
)
def test_planned_maintenance_is_that_of_this_sddc_and_unknown_where_nobody_tells(answer, state):
    assert maintenance_state(Reservations(answer), "s") == state


def test_an_outage_is_not_taken_for_an_answer_about_maintenance():
    with pytest.raises(ApiError, match="HTTP 503"):
        maintenance_state(Reservations(ApiError("HTTP 503", service="vmc", retryable=True)), "s")
