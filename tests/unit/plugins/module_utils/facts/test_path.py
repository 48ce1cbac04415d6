# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who is asked for what, and what is refused before anybody is."""

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.engine.findings import Untold
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import Ambiguous, BadCredentials, Denied, Invalid
from ansible_collections.vmc.aws_backup.plugins.module_utils.facts import cloud as facts_cloud
from ansible_collections.vmc.aws_backup.plugins.module_utils.facts import path as path_collect
from ansible_collections.vmc.aws_backup.plugins.modules.backup_path_info import SPEC

from ..resources.aws_api import Api

ENDPOINT = {
    "VpcEndpointId": "vpce-1",
    "State": "available",
    "VpcId": "vpc-1",
    "SubnetIds": ["subnet-1"],
    "NetworkInterfaceIds": ["eni-9"],
    "DnsEntries": [{"DnsName": "vpce-1-abc.example"}],
}
SDDC = {
    "id": "s",
    "resource_config": {
        "vc_url": "https://vcenter.example/",
        "cloud_password": "never" + "-told",
        "dns_with_management_vm_private_ip": True,
        "esx_hosts": [{"hostname": "esx-0.example"}, {"hostname": "10.20.16.5"}, {}],
    },
}
LINKED = [{"linked_vpc_id": "vpc-1", "active_eni": "eni-1", "linked_vpc_subnets": [{"availability_zone_id": "z1"}]}]
NSX = {"segments": [{"id": "backup", "path": "/backup", "network": "10.30.5.0/24"}]}


class Cloud:
    """NSX and the VMC API in one."""

    def __init__(self):
        self.linked = LINKED
        self.fault = None
        self.asked = []

    def cloud_list(self, path):
        if self.fault is not None:
            raise self.fault
        return self.linked

    def sddc(self, sddc_id):
        return SDDC if sddc_id == "s" else None

    def connections(self, sddc_id):
        return [{"vpc_id": "vpc-1", "state": "ACTIVE"}]


@pytest.fixture
def cloud(monkeypatch):
    cloud = Cloud()
    monkeypatch.setattr(facts_cloud, "csp_client", lambda params: "csp")
    monkeypatch.setattr(facts_cloud, "nsx_client", lambda params, csp: cloud)
    monkeypatch.setattr(facts_cloud, "vmc_client", lambda params, csp: cloud)
    monkeypatch.setattr(facts_cloud, "remembering", lambda client: client)
    monkeypatch.setattr(path_collect, "resolve", lambda name: [f"of {name}"])
    monkeypatch.setattr(path_collect.nsx, "collect", lambda nsx, told: dict(NSX))
    monkeypatch.setattr(path_collect.nsx, "lookup", lambda nsx, name: f"answer to {name}")
    monkeypatch.setattr(path_collect.network, "collect", lambda ec2, endpoint, eni: {"interface": eni})
    return cloud


def ec2(*endpoints):
    return Api(
        describe_vpc_endpoints={"VpcEndpoints": list(endpoints)},
        describe_network_interfaces={"NetworkInterfaces": []},
        describe_subnets={"Subnets": []},
    )


def params(**given):
    defaults = {option: spec.get("default") for option, spec in SPEC.items()}
    return {**defaults, "addresses": ["10.30.5.20"], "org_id": "o", "sddc_id": "s", **given}


def test_everything_is_asked_once_and_no_password_stays(cloud):
    facts = path_collect.collect(params(), ec2(ENDPOINT))
    assert facts["endpoint"]["vpc_endpoint_id"] == "vpce-1"
    assert (facts["active_eni"], facts["interface"]) == ("eni-1", "eni-1")
    assert facts["link"] == {"vpc_id": "vpc-1", "availability_zone_ids": ["z1"]}
    assert facts["esxi_names"] == ["esx-0.example"]
    assert facts["answers"] == {name: f"answer to {name}" for name in ("vpce-1-abc.example", "esx-0.example")}
    assert set(facts["here"]) == {"vpce-1-abc.example", "esx-0.example", "vcenter.example"}
    assert facts["appliances"] is None
    assert "never" + "-told" not in str(facts)


def test_the_connected_vpc_is_where_the_endpoint_is_looked_for(cloud):
    api = ec2()
    facts = path_collect.collect(params(), api)
    assert facts["endpoint"] is None and facts["asked"] == "for backup-gateway in vpc-1"
    filters = {each["Name"]: each["Values"] for each in api.calls[0][1]["Filters"]}
    assert filters["vpc-id"] == ["vpc-1"]


def test_without_org_and_sddc_nsx_alone_is_asked(cloud):
    facts = path_collect.collect(params(org_id=None), ec2(ENDPOINT))
    assert facts["sddc"] is None and facts["endpoint"]["vpc_id"] == "vpc-1"


def test_a_dead_endpoint_is_none_and_two_living_ones_are_ambiguous(cloud):
    assert path_collect.collect(params(), ec2({**ENDPOINT, "State": "deleting"}))["endpoint"] is None
    with pytest.raises(Ambiguous, match="vpce-2"):
        path_collect.collect(params(), ec2(ENDPOINT, {**ENDPOINT, "VpcEndpointId": "vpce-2"}))


def test_a_segment_stands_for_all_its_addresses(cloud):
    for name in ("backup", "/backup"):
        facts = path_collect.collect(params(addresses=None, segment=name), ec2(ENDPOINT))
        assert facts["sources"] == ["10.30.5.0/24"]


@pytest.mark.parametrize("fault", [Denied("no", code="403"), None])
def test_a_link_that_is_not_told_or_not_there_leaves_no_interface(cloud, fault):
    cloud.linked, cloud.fault = [], fault
    facts = path_collect.collect(params(vpc_id="vpc-1"), ec2(ENDPOINT))
    assert facts["link"] is None and isinstance(facts["active_eni"], Untold)


def test_bad_credentials_are_never_taken_for_silence(cloud):
    cloud.fault = BadCredentials("no", code="401")
    with pytest.raises(BadCredentials):
        path_collect.collect(params(), ec2(ENDPOINT))


@pytest.mark.parametrize(
    ("given", "option"),
    [
        ({"addresses": ["gateway-1"]}, "addresses"),
        ({"addresses": ["10.30.5.0/24"]}, "addresses"),
        ({"addresses": None}, "addresses"),
        ({"ntp_servers": ["time.example.org"]}, "ntp_servers"),
        ({"ntp_servers": ["10.1.1.0/24"]}, "ntp_servers"),
        ({"addresses": None, "segment": "none"}, "segment"),
        ({"addresses": None, "segment": "backup", "platform": "vsphere"}, "addresses"),
        ({"sddc_id": "other"}, "sddc_id"),
        ({"platform": "vsphere"}, "vpc_id"),
    ],
)
def test_what_cannot_be_is_refused_with_its_option(cloud, given, option):
    with pytest.raises(Invalid) as refused:
        path_collect.collect(params(**given), ec2(ENDPOINT))
    assert refused.value.option == option


def test_on_premises_neither_nsx_nor_vmc_is_asked(cloud, monkeypatch):
    for client in ("csp_client", "nsx_client", "vmc_client"):
        monkeypatch.setattr(facts_cloud, client, None)
    facts = path_collect.collect(params(platform="vsphere", vpc_id="vpc-1"), ec2(ENDPOINT))
    assert facts["sources"] == ["10.30.5.20"] and facts["answers"] == {}
    assert facts["here"] == {"vpce-1-abc.example": ["of vpce-1-abc.example"]}


def test_appliances_are_those_that_vcenter_shows(cloud, monkeypatch):
    monkeypatch.setattr(path_collect, "Vsphere", lambda vcenter: vcenter["hostname"])
    monkeypatch.setattr(path_collect.appliance, "find", lambda client, names: [f"raw of {client}"])
    monkeypatch.setattr(path_collect.appliance, "view", lambda raw: raw)
    facts = path_collect.collect(params(vcenter={"hostname": "v"}), ec2(ENDPOINT))
    assert facts["appliances"] == ["raw of v"]


def test_a_name_of_this_host_is_resolved_and_one_of_nobody_is_not():
    assert path_collect.resolve("127.0.0.1") == ["127.0.0.1"]
    assert path_collect.resolve("no such name") == []
