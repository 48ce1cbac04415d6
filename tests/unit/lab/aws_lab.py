# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A running AWS part with small stand-ins for vCenter and physics."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from lab.aws import Aws
from lab.web import serve
from lab.world import ACCOUNT, Fault, Sddc, World

ENDPOINT_PORTS = (443, 1026, 1027, 1028, 1031)
PASSWORD = "right"

__all__ = ["ACCOUNT", "ENDPOINT_PORTS", "PASSWORD", "Appliance", "error_code", "lab", "machine"]


@dataclass
class Appliance:
    sddc: str
    instance_uuid: str
    powered_on: bool = True
    cluster: str = "c1"


@dataclass
class Vcenter:
    running: list = field(default_factory=list)
    machines: list = field(default_factory=list)
    bad_logins: int = 0
    blind: bool = False
    untracked: set = field(default_factory=set)
    unquiesced: set = field(default_factory=set)
    left: list = field(default_factory=list)  # disks on appliances: (appliance, machine)

    def leave_disk(self, appliance, instance_uuid):
        self.left.append((appliance.instance_uuid, instance_uuid))

    def machine_of(self, instance_uuid):
        found = next((one for one in self.machines if one["instance_uuid"] == instance_uuid), None)
        return found and SimpleNamespace(unfit=found.get("unfit", []), instance_uuid=instance_uuid)

    def image(self, instance_uuid):
        return {"disks": [{"key": 2000, "label": "Hard disk 1", "bytes": 10 << 30}], "of": instance_uuid}

    def restore(self, image, **place):
        if place["name"] in {one["name"] for one in self.machines}:
            return f"vCenter: The name '{place['name']}' already exists"
        made = machine(place["name"], f"restored-{len(self.machines)}", path=place["folder"], place=place, image=image)
        self.machines.append(made)
        return made["instance_uuid"]

    def datastores(self, cluster):
        return ("store",)

    def appliances(self):
        return self.running

    def virtual_machines(self):
        return self.machines

    def check_login(self, username, password):
        if self.bad_logins >= 5:
            return "locked"
        if password == PASSWORD:
            return None
        self.bad_logins += 1
        return "invalid"


class Physics:
    """Paths are open unless a reason is put here."""

    def __init__(self):
        self.endpoint_closed = []
        self.management_closed = None
        self.esxi_closed = set()  # ports
        self.not_seen = set()  # (appliance, machine), by their UUIDs

    def appliance_reaches_endpoint(self, world, appliance, dns_name):
        return self.endpoint_closed

    def appliance_reaches_management(self, world, appliance, target, port):
        if target == "ESXI":
            return "closed" if port in self.esxi_closed else None
        assert (target, port) == ("VCENTER", 443)
        return self.management_closed

    def appliance_hot_adds(self, world, appliance, machine):
        return "not seen" if (appliance.instance_uuid, machine.instance_uuid) in self.not_seen else None


def machine(name, instance_uuid, **more):
    return {
        "name": name,
        "host_name": "esx_1.example",
        "path": "/dc/vm/folder",
        "instance_uuid": instance_uuid,
        "tags": [],
        **more,
    }


class Lab:
    def __init__(self):
        self.world = World(block=70, seed="empty", sddcs=2, vms=2)
        for number, zone in enumerate(("euw1-az1", "euw1-az3")):
            name = f"sddc-{'ab'[number]}"
            sddc = Sddc(number, name, name, "eu-west-1", "eu-west-1x", zone, f"127.70.{16 * number + 16}")
            sddc.vcenter = Vcenter()
            self.world.sddcs[name] = sddc
        self.physics = Physics()
        self.aws = Aws(self.world, physics=self.physics)
        self.aws.seed()
        self.clients = {}
        self.server = serve(self.aws.app, "127.0.0.1", 0)
        self.access = {
            "endpoint_url": f"http://127.0.0.1:{self.server.server_address[1]}",
            "region_name": "eu-west-1",
            "aws_access_key_id": "AKIAIOSFODNN7EXAMPLE",
            "aws_secret_access_key": "of no account",
        }

    @property
    def vpc(self):
        return self.world.sddcs["sddc-a"].connected_vpc

    def client(self, service, **kwargs):
        key = (service, *kwargs.values())
        if key not in self.clients:
            once = Config(retries={"total_max_attempts": 1})
            self.clients[key] = boto3.client(service, config=once, **{**self.access, **kwargs})
        return self.clients[key]

    def fault(self, kind, service, operation="*"):
        self.world.faults.append(Fault(kind, service, operation))


@pytest.fixture
def lab():
    made = Lab()
    yield made
    made.world.stopping.set()
    made.server.shutdown()
    made.server.server_close()


def error_code(call, *args, **kwargs):
    with pytest.raises(ClientError) as caught:
        call(*args, **kwargs)
    return caught.value.response["Error"]["Code"]
