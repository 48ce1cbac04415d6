# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An SDDC that lies in two availability zones, as VMware's account names them and as the customer's does."""

from __future__ import annotations

import pytest
from lab import breaks, documents
from lab.aws import zones
from lab.world import ACCOUNT, SHADOW_ACCOUNT
from unit.lab.test_aws_ec2 import create, group, until

__all__ = ["group"]


@pytest.fixture
def sddc(lab):
    found = lab.world.sddcs["sddc-a"]
    found.zone = next(
        name for name, zone_id in zones.of(SHADOW_ACCOUNT, found.region).items() if zone_id == found.zone_id
    )
    found.vmc = documents.sddc(found, private_dns=True)
    return found


def stretched(lab, sddc):
    breaks.stretch(lab.world)
    return sddc.vmc["resource_config"], [subnet["availability_zone_id"] for subnet in sddc.linked_subnets]


def test_both_data_zones_are_linked_and_the_witness_s_is_not(lab, sddc):
    config, linked = stretched(lab, sddc)
    ids = zones.of(SHADOW_ACCOUNT, sddc.region)
    assert config["deployment_type"] == "MULTI_AZ"
    assert [ids[name] for name in config["availability_zones"]] == linked
    assert len(set(linked)) == 2 and ids[config["witness_availability_zone"]] not in linked
    assert {host["availability_zone"] for host in config["esx_hosts"]} == set(config["availability_zones"])


def test_who_goes_by_the_names_puts_the_endpoint_beside_the_witness(lab, sddc):
    config, linked = stretched(lab, sddc)
    customers = zones.of(ACCOUNT, sddc.region)
    by_name = {customers[name] for name in config["availability_zones"]}
    assert zones.of(SHADOW_ACCOUNT, sddc.region)[config["witness_availability_zone"]] in by_name
    assert by_name != set(linked)


def test_the_witness_s_zone_may_be_listed_too(lab, sddc):
    lab.world.switches["witness_zone_listed"] = True
    config, _linked = stretched(lab, sddc)
    assert config["witness_availability_zone"] in config["availability_zones"]


def test_when_a_zone_is_lost_the_network_interface_in_the_other_one_takes_over(lab, sddc, group):
    stretched(lab, sddc)
    subnets = [subnet["id"] for subnet in sddc.linked_subnets]
    made = create(lab, group, SubnetIds=subnets)["VpcEndpointId"]
    name = until(lab, made, "available")["DnsEntries"][0]["DnsName"]
    assert lab.aws.obstacles(sddc, name, "127.70.21.10", (443,)) == []
    interfaces = lab.client("ec2").describe_network_interfaces(
        NetworkInterfaceIds=list(lab.vpc["network_interface_addresses"])
    )
    assert {one["SubnetId"] for one in interfaces["NetworkInterfaces"]} == set(subnets)
    breaks.fail_over_eni(lab.world)
    active = {one["NetworkInterfaceId"]: one["SubnetId"] for one in interfaces["NetworkInterfaces"]}
    assert active[lab.vpc["active_network_interface_id"]] == subnets[1]
    assert lab.aws.obstacles(sddc, name, "127.70.21.10", (443,)) == []
