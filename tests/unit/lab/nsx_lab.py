# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A lab of CSP, VMC and one NSX over WSGI, with a stand-in for vCenter."""

from __future__ import annotations

import pytest
from lab import vmc as lab_vmc
from lab.nsx import Nsx
from lab.vmc import Vmc
from lab.world import Sddc, World
from werkzeug.test import Client

SDDC = "11111111-2222-3333-4444-555555555555"
API = "/policy/api/v1"
PROXY = f"/vmc/reverse-proxy/api/orgs/aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee/sddcs/{SDDC}"
MGW = "/infra/domains/mgw"
RULES = f"{MGW}/gateway-policies/default/rules"
CGW_RULES = "/infra/domains/cgw/gateway-policies/default/rules"
SEGMENT = "/infra/tier-1s/cgw/segments/backup"
NAT_RULES = "/infra/tier-1s/cgw/nat/USER/nat-rules"
CONNECTED = {
    "account_id": "123456789012",
    "vpc_id": "vpc-0abc",
    "cidr_block": "172.29.0.0/16",
    "subnet_id": "subnet-0abc",
    "subnet_cidr_block": "172.29.0.0/20",
    "availability_zone": "eu-west-1c",
    "availability_zone_id": "euw1-az2",
    "network_interface_addresses": {"eni-1": "172.29.0.10", "eni-2": "172.29.0.11"},
    "active_network_interface_id": "eni-1",
    "route_table_id": "rtb-1",
}


class Vcenter:
    def __init__(self):
        self.networks, self.machines = [], []

    def on_segment(self, name):
        self.networks.append(name)

    def on_segment_gone(self, name):
        self.networks.remove(name)

    def appliances(self):
        return self.machines


class Speaker:
    """A client of one NSX that has logged in."""

    def __init__(self, nsx):
        self.nsx = nsx
        self.client = Client(nsx.app)
        token = Client(nsx.world.vmc.app).post(
            f"{lab_vmc.AUTH}/api-tokens/authorize", data={"api_token": lab_vmc.API_TOKEN}
        )
        self.headers = {
            "csp-auth-token": token.json["access_token"],
            "Authorization": "Bearer " + token.json["access_token"],
        }

    def __call__(self, method, path, body=None, api=API, **more):
        return self.client.open(api + path, method=method, json=body, headers=self.headers, **more)


@pytest.fixture
def world():
    world = World(block=64, seed="prepared", sddcs=1, vms=1)
    sddc = Sddc(0, SDDC, "lab", "eu-west-1", "eu-west-1a", "euw1-az2", "127.64.16", connected_vpc=dict(CONNECTED))
    world.sddcs[SDDC] = sddc
    Vmc(world)
    sddc.nsx = Nsx(world, sddc)
    sddc.nsx.reset("prepared")
    sddc.vcenter = Vcenter()
    return world


@pytest.fixture
def nsx(world):
    return world.sddcs[SDDC].nsx


@pytest.fixture
def call(nsx):
    return Speaker(nsx)


def group(*members):
    return {"expression": [{"resource_type": "IPAddressExpression", "ip_addresses": list(members)}]}


def rule(**more):
    return {
        "source_groups": [f"{MGW}/groups/mine"],
        "destination_groups": [f"{MGW}/groups/ESXI"],
        "services": ["/infra/services/HTTPS"],
        **more,
    }


def refused(response, status, code):
    assert (response.status_code, response.json["error_code"]) == (status, code), response.text
    assert set(response.json) == {"httpStatus", "error_code", "module_name", "error_message"}
    return response.json["error_message"]
