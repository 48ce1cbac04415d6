# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The key that an appliance gives to whom asks first. Asking is a write: nothing can be looked up beforehand."""

from __future__ import annotations

import re

from ..clients.appliance import Appliance
from ..errors import Invalid, Missing
from ..values import Unresolved

REGION = re.compile(r"^[a-z]{2}(-[a-z]+)+-\d$")
HOST = re.compile(r"^(?=.{1,253}$)(?=.*[A-Za-z])[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$")
PRIVATE = re.compile(r"\.backup-gateway\.(?P<region>[a-z0-9-]+)\.vpce\.amazonaws\.com(\.cn)?$")


class ActivationKey:
    """A key for one region and one VPC endpoint."""

    def __init__(self, client: Appliance, params: dict):
        self.client = client
        self.params = params
        self.query = query(params)

    def find(self):
        return None

    def start(self):
        if not self.params["vpc_endpoint"]:
            raise Missing([Unresolved("vpc_endpoint", "(the vpc_endpoint to come)")])
        return self.client.activation_key(self.query, self.params["wait_timeout"])

    def done(self, key, timeout):
        return key

    def view(self, key) -> dict:
        return {"activation_key": key, "endpoint": self.params["vpc_endpoint"]}


def query(params: dict) -> dict:
    """The request's parameters. An appliance takes a region that it does not know for us-east-1, so they are checked here."""
    region, endpoint = params["region"], params["vpc_endpoint"]
    if not REGION.match(region):
        raise Invalid("region", f"{region} is not the name of a region")
    if endpoint:
        check_endpoint(endpoint, region)
    asked = {"activationRegion": region, "gatewayType": "BACKUP_VM", "vpcEndpoint": endpoint}
    if params["endpoint_type"] == "dualstack":
        asked.update(endpointType="DUALSTACK", ipVersion=params["ip_version"])
    elif params["ip_version"] == "ipv6":
        raise Invalid("ip_version", "ipv6 needs endpoint_type dualstack")
    return asked


def check_endpoint(name: str, region: str) -> None:
    """Refuse what cannot be the DNS name of an endpoint in that region."""
    if not HOST.match(name):
        raise Invalid("vpc_endpoint", f"{name!r} is not the DNS name of an endpoint")
    private = PRIVATE.search(name)
    if private and private["region"] != region:
        raise Invalid("vpc_endpoint", f"{name} is not in region {region}")
