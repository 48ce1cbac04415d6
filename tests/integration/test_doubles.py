# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""More than one page, and more than one of a name: nothing is overlooked, and the first is never simply taken."""

from __future__ import annotations

import pytest
import requests
from ansible_collections.vmc.aws_backup.plugins.module_utils.clients import nsx
from modules import Modules

OWNED = [{"Key": "managed-by", "Value": "vmc-aws-backup"}]
RULE = {"source_groups": ["192.0.2.1"], "services": ["HTTPS"], "action": "ALLOW"}
LISTS_OF_NSX = [
    ("nsx_group", {"ip_addresses": ["192.0.2.1"]}, {"domain": "mgw"}, "groups"),
    ("nsx_mgw_rule", {**RULE, "destination_groups": ["ESXI"]}, {}, "rules"),
    ("nsx_cgw_rule", {**RULE, "destination_groups": ["192.0.2.2"], "scope": ["cgw-all"]}, {}, "rules"),
    ("nsx_segment", {}, {}, "segments"),
    ("nsx_public_ip", {}, {}, "public_ips"),
]


@pytest.fixture
def modules(lab):
    return Modules(lab)


@pytest.fixture
def connected(lab):
    return lab.sddcs()[0]["connected_vpc"]


@pytest.fixture
def endpoint(lab, connected):
    """Make an endpoint without the collection; its id."""
    ec2 = lab.aws("ec2")
    group = ec2.create_security_group(VpcId=connected["vpc_id"], GroupName="doubles", Description="doubles")["GroupId"]

    def endpoint(tags, *, private_dns=False):
        made = ec2.create_vpc_endpoint(
            VpcEndpointType="Interface",
            VpcId=connected["vpc_id"],
            ServiceName="com.amazonaws.eu-west-1.backup-gateway",
            SubnetIds=[connected["subnet_id"]],
            SecurityGroupIds=[group],
            PrivateDnsEnabled=private_dns,
            TagSpecifications=[{"ResourceType": "vpc-endpoint", "Tags": tags}] if tags else [],
        )
        made_id = made["VpcEndpoint"]["VpcEndpointId"]
        while ec2.describe_vpc_endpoints(VpcEndpointIds=[made_id])["VpcEndpoints"][0]["State"] != "available":
            pass  # each look brings it further
        return made_id

    return endpoint


@pytest.fixture
def wanted(connected):
    return {"vpc_id": connected["vpc_id"], "subnet_ids": [connected["subnet_id"]], "security_group_ids": ["doubles"]}


@pytest.fixture
def gateways(lab, modules):
    """Make gateways of these names without the collection, each with an appliance of its own; their ARNs."""
    segment, cluster = modules.variables["vmc_backup_segment"], modules.variables["vmc_backup_appliances"][0]["cluster"]
    modules.done(
        "nsx_cgw_rule",
        id="activation",
        source_groups=modules.variables["vmc_backup_control_addresses"],
        destination_groups=[modules.variables["vmc_backup_appliances"][0]["addresses"][0].rpartition(".")[0] + ".0/24"],
        service_entries=[{"l4_protocol": "TCP", "destination_ports": ["80"]}],
        scope=["cgw-all"],
        action="ALLOW",
    )

    def gateway(number, name, tags):
        made = modules.done(
            "gateway_appliance",
            name=f"doubles-{number}",
            cluster=cluster,
            ova=modules.variables["vmc_backup_ova"],
            networks={"*": segment},
            mac_address=f"00:50:56:01:02:0{number}",
            sync_time_with_host=True,
            powered_on=True,
        )
        page = f"http://{made['appliance']['guest_ip_address']}:8080/?activationRegion=eu-west-1&gatewayType=BACKUP_VM"
        answer = lab.aws("backup-gateway").create_gateway(
            ActivationKey=requests.get(f"{page}&no_redirect", timeout=30).text,
            GatewayDisplayName=name,
            GatewayType="BACKUP_VM",
            Tags=tags,
        )
        return answer["GatewayArn"]

    return lambda *names, tags=OWNED: [gateway(number, name, tags) for number, name in enumerate(names, 1)]


def test_a_gateway_is_found_on_the_last_page(lab, modules, gateways):
    arns = gateways("first", "second", "third")
    lab.switch(backup_gateway_page_size=1)
    found = modules.done("backup_gateway_info")["gateways"]
    assert sorted(gateway["gateway_arn"] for gateway in found) == sorted(arns)
    for name in ("first", "second", "third"):
        assert not modules.done("backup_gateway", name=name, wait=False)["changed"]
    assert lab.journal("unknown") == []


def test_a_hypervisor_is_found_on_the_last_page(lab, modules):
    names = ["first", "second", "third"]
    for number, name in enumerate(names, 1):
        lab.aws("backup-gateway").import_hypervisor_configuration(Name=name, Host=f"vcenter-{number}.example")
    lab.switch(backup_gateway_page_size=1)
    found = modules.done("backup_hypervisor_info")["hypervisors"]
    assert sorted(hypervisor["name"] for hypervisor in found) == names
    for name in names:
        assert [found["name"] for found in modules.done("backup_hypervisor_info", name=name)["hypervisors"]] == [name]


@pytest.mark.parametrize(("module", "options", "asked", "plural"), LISTS_OF_NSX, ids=[row[0] for row in LISTS_OF_NSX])
def test_a_list_of_nsx_is_read_to_its_last_page(lab, modules, monkeypatch, module, options, asked, plural):
    for number, name in enumerate(("first", "second"), 1):
        own = {"subnets": [{"gateway_address": f"10.77.{number}.1/24"}]} if module == "nsx_segment" else {}
        modules.done(module, id=name, **options, **asked, **own)
    whole = modules.done(f"{module}_info", **asked)[plural]
    monkeypatch.setattr(nsx, "PAGE", 1)
    before = len(lab.journal())
    found = modules.done(f"{module}_info", **asked)[plural]
    assert {"first", "second"} <= {item["id"] for item in found}
    assert found == whole
    assert len([call for call in lab.journal()[before:] if call["service"] == "nsx"]) >= len(whole)


def test_two_gateways_of_one_name_are_told_apart_or_refused(lab, modules, gateways):
    arns = gateways("twin", "twin")
    lab.switch(backup_gateway_page_size=1)
    before = lab.world()
    for state in ("present", "absent"):
        result = modules.run("backup_gateway", name="twin", state=state, wait=False)
        assert result["failed"]
        assert [arn for arn in arns if arn not in result["msg"]] == [], result["msg"]
        assert "More than one gateway" in result["msg"]
    assert lab.world() == before


@pytest.mark.parametrize("state", ["present", "absent"])
def test_a_gateway_of_others_is_refused_unless_it_is_adopted(lab, modules, gateways, state):
    (arn,) = gateways("theirs", tags=[{"Key": "owner", "Value": "somebody"}])
    before = lab.world()
    refused = modules.run("backup_gateway", name="theirs", state=state, wait=False)
    assert refused["failed"]
    assert arn in refused["msg"]
    assert lab.world() == before
    adopted = modules.done("backup_gateway", name="theirs", state=state, wait=False, adopt=True)
    # That it is public is told beside it.
    written = [change["path"] for change in adopted["changes"] if change["effect"] != "kept"]
    assert written == (["tags.managed-by"] if state == "present" else ["state"])


def test_two_endpoints_are_refused(lab, modules, endpoint, wanted):
    twins = [endpoint(OWNED), endpoint(OWNED)]
    before = lab.world()
    for state in ("present", "absent"):
        result = modules.run("vpce_backup", **wanted, state=state)
        assert result["failed"]
        assert [twin for twin in twins if twin not in result["msg"]] == [], result["msg"]
    assert lab.world() == before


def test_a_dead_endpoint_of_the_vpc_is_none(lab, modules, endpoint, wanted):
    dead = endpoint(OWNED)
    lab.aws("ec2").delete_vpc_endpoints(VpcEndpointIds=[dead])
    assert modules.done("vpce_backup_info", vpc_id=wanted["vpc_id"])["vpc_endpoints"] == []
    made = modules.done("vpce_backup", **wanted)
    assert made["changed"]
    assert made["vpc_endpoint"]["vpc_endpoint_id"] != dead
    assert not modules.done("vpce_backup", **wanted)["changed"]

    modules.done("vpce_backup", vpc_id=wanted["vpc_id"], state="absent")
    again = modules.done("vpce_backup", **wanted)["vpc_endpoint"]
    assert again["state"] == "available"
    assert again["vpc_endpoint_id"] not in (dead, made["vpc_endpoint"]["vpc_endpoint_id"])


def test_a_foreign_endpoint_is_named_and_left_alone(lab, modules, endpoint, wanted):
    foreign = endpoint([{"Key": "owner", "Value": "somebody"}])
    before = lab.world()
    refused = modules.run("vpce_backup", **wanted)
    assert refused["failed"]
    assert foreign in refused["msg"]
    assert not modules.done("vpce_backup", vpc_id=wanted["vpc_id"], state="absent")["changed"]
    assert lab.world() == before
