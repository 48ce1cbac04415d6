# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""backup-gateway: all 25 operations of botocore's model, over the physics of the world."""

from __future__ import annotations

import datetime
from urllib.parse import urlparse

from moto.utilities.utils import get_partition

from . import model, zones
from .errors import AwsError
from .gateways import Gateways, tags_of
from .hypervisors import Hypervisors
from .router import account_of
from .state import Gateway, Hypervisor, Place

MAX_TAGS = 50


class BackupGateway(Gateways, Hypervisors):
    # The model's pattern for names knows no underscore and no dot; the names of virtual machines and hosts have both.
    UNCHECKED = ("virtualMachines.", "virtualMachine.name", "virtualMachine.hostName")

    def __init__(self, world, lock, physics=None):
        self.world = world
        self.lock = lock
        self._physics = physics
        self.places: dict[tuple, Place] = {}
        self.keys: dict = {}
        self.count = 0

    @property
    def physics(self):
        if self._physics is None:
            from .. import physics

            self._physics = physics
        return self._physics

    # Tags

    def TagResource(self, request, params):
        tags = self.tags(request, params["ResourceARN"])
        given = tags_of(params)
        refuse_system_tags(given)
        if len({**tags, **given}) > MAX_TAGS:
            raise AwsError("ValidationException", f"At most {MAX_TAGS} tags are allowed.", error_code="TooManyTags")
        tags.update(given)
        return {"ResourceARN": params["ResourceARN"]}

    def UntagResource(self, request, params):
        tags = self.tags(request, params["ResourceARN"])
        refuse_system_tags(params["TagKeys"])
        for key in params["TagKeys"]:
            tags.pop(key, None)
        return {"ResourceARN": params["ResourceARN"]}

    def ListTagsForResource(self, request, params):
        tags = self.tags(request, params["ResourceArn"])
        return {
            "ResourceArn": params["ResourceArn"],
            "Tags": [{"Key": key, "Value": value} for key, value in tags.items()],
        }

    # Look-ups

    def place(self, request) -> Place:
        key = (account_of(request), request.region)
        return self.places.setdefault(key, Place(*key))

    def seen(self, request) -> Place:
        """The same for who only looks: nothing comes to be by it."""
        key = (account_of(request), request.region)
        return self.places.get(key) or Place(*key)

    def gateway(self, request, arn, *, missing="ResourceNotFoundException") -> Gateway:
        found = self.place(request).gateways.get(arn)
        if found is None:
            raise AwsError(missing, f"The gateway {arn} does not exist.", error_code="GatewayNotFound")
        return found

    def hypervisor(self, request, arn, *, missing="ResourceNotFoundException") -> Hypervisor:
        found = self.place(request).hypervisors.get(arn)
        if found is None:
            raise AwsError(missing, f"The hypervisor {arn} does not exist.", error_code="HypervisorNotFound")
        return found

    def tags(self, request, arn) -> dict:
        place = self.place(request)
        found = place.gateways.get(arn) or place.hypervisors.get(arn) or place.machines.get(arn)
        if found is None:
            raise AwsError("ResourceNotFoundException", f"{arn} does not exist.", error_code="ResourceNotFound")
        return found.tags

    def sddc_of_host(self, host, gateway=None):
        """The SDDC whose vCenter answers at this host, if there is one; of SDDCs with the same addresses that of the gateway."""
        host = host.rpartition(":")[0] if host.count(":") == 1 else host
        found = [sddc for sddc in self.world.sddcs.values() if not sddc.gone and host in hosts_of(sddc)]
        return next((sddc for sddc in found if gateway and sddc.id == gateway.sddc_id), next(iter(found), None))

    # Names

    def known_region(self, region) -> bool:
        return bool(region) and region in model.regions("backup-gateway", get_partition(region))

    def new_arn(self, request, resource, prefix) -> str:
        self.count += 1
        return self.arn(request, resource, prefix, str(self.count))

    def arn(self, request, resource, prefix, *parts) -> str:
        partition, account = get_partition(request.region), account_of(request)
        identifier = zones.digest(resource, *parts, length=8).upper()
        return f"arn:{partition}:backup-gateway:{request.region}:{account}:{resource}/{prefix}-{identifier}"

    def machine_arn(self, request, hypervisor, instance_uuid) -> str:
        same = self.world.switches["reimport_vm_arns"] == "same"
        return self.arn(request, "vm", "vm", "" if same else hypervisor.arn, instance_uuid)

    def arn_of_machine(self, key, hypervisor, instance_uuid) -> str:
        """The same of one that no call speaks of."""
        account, region = key
        parts = ("" if self.world.switches["reimport_vm_arns"] == "same" else hypervisor.arn, instance_uuid)
        identifier = zones.digest("vm", *parts, length=8).upper()
        return f"arn:{get_partition(region)}:backup-gateway:{region}:{account}:vm/vm-{identifier}"

    def hypervisor_id(self, arn) -> str:
        return arn if self.world.switches["hypervisor_id_form"] == "arn" else arn.rpartition("/")[2]

    def day(self) -> datetime.datetime:
        return self.world.utc().replace(hour=0, minute=0, second=0, microsecond=0)

    def page(self, items, params) -> tuple:
        size = min(params.get("MaxResults", 1000), self.world.switches["backup_gateway_page_size"])
        try:
            start = int(params.get("NextToken", "0"))
        except ValueError:
            raise AwsError("ValidationException", "The token is invalid.", error_code="InvalidNextToken") from None
        end = start + size
        return items[start:end], (str(end) if end < len(items) else None)


def hosts_of(sddc) -> tuple:
    """The names and addresses of its vCenter."""
    url = (sddc.vmc.get("resource_config") or {}).get("vc_url") or ""
    return sddc.vcenter_address, sddc.vcenter_private_address, urlparse(url).hostname


def refuse_system_tags(keys):
    if any(key.lower().startswith("aws:") for key in keys):
        raise AwsError("ValidationException", "Tag keys must not begin with aws:.", error_code="InvalidTagKey")
