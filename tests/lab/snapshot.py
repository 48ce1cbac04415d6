# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The world by its names, so that two worlds can be compared: no ids, no times, no revisions."""

from __future__ import annotations

from moto.ec2.models import ec2_backends
from moto.iam.models import iam_backends
from moto.kms.models import kms_backends
from moto.utilities.utils import get_partition

from .world import ACCOUNT

SERVERS_OWN = ("path", "relative_path", "parent_path", "unique_id", "realization_id", "rule_id")


def snapshot(world) -> dict:
    """What exists, and how it hangs together."""
    region = next(iter(world.sddcs.values())).region
    return {
        "ec2": _network(ec2_backends[ACCOUNT][region]),
        "backup_gateway": [_place(world, place) for place in world.aws.backup_gateway.places.values()],
        "region_settings": world.aws.backup.of(ACCOUNT, region),
        "iam_roles": sorted(role.name for role in iam_backends[ACCOUNT][get_partition(region)].roles.values()),
        "kms_keys": sorted(key.description for key in kms_backends[ACCOUNT][region].keys.values()),
        "sddcs": {sddc.name: _sddc(sddc) for sddc in world.sddcs.values()},
    }


def _network(backend) -> dict:
    groups = {group.id: group for per_vpc in backend.groups.values() for group in per_vpc.values()}
    living = [endpoint for endpoint in backend.vpc_end_points.values() if endpoint.living]
    return {
        "security_groups": _sorted(
            {"name": group.name, "ingress": _sorted(_rule(rule) for rule in group.ingress_rules)}
            for group in groups.values()
        ),
        "vpc_endpoints": _sorted(
            {
                "service_name": endpoint.service_name,
                "state": endpoint.state,
                "zones": sorted(eni.subnet.availability_zone for eni in endpoint.enis),
                "security_groups": sorted(groups[group].name for group in endpoint.security_group_ids),
                "private_dns_enabled": endpoint.private_dns_enabled,
                "tags": endpoint.get_tags() and sorted((tag["key"], tag["value"]) for tag in endpoint.get_tags()),
            }
            for endpoint in living
        ),
    }


def _rule(rule) -> dict:
    return {"from_port": rule.from_port, "to_port": rule.to_port, "cidr_ip": rule.cidr_ipv4}


def _place(world, place) -> dict:
    machines = {
        (sddc.id, machine["instance_uuid"]): machine["name"]
        for sddc in world.sddcs.values()
        for machine in sddc.vcenter.virtual_machines()
    }
    names = {arn: hypervisor.name for arn, hypervisor in place.hypervisors.items()}
    return {
        "region": place.region,
        "gateways": _sorted(
            {
                "name": gateway.name,
                "appliance": machines.get((gateway.sddc_id, gateway.instance_uuid)),
                "private": bool(gateway.vpc_endpoint),
                "hypervisor": names.get(gateway.hypervisor_arn),
                "tags": sorted(gateway.tags),
                "maintenance": gateway.maintenance,
                "intervals": gateway.intervals,
            }
            for gateway in place.gateways.values()
        ),
        "hypervisors": _sorted(
            {
                "name": hypervisor.name,
                "host": hypervisor.host,
                "username": hypervisor.username,
                "sync": hypervisor.sync_status,
                "mappings": hypervisor.mappings,
                "tags": hypervisor.tags,
            }
            for hypervisor in place.hypervisors.values()
        ),
        "virtual_machines": sorted(machine.name for machine in place.machines.values()),
    }


def _sddc(sddc) -> dict:
    appliances = {one.moid: one for one in sddc.vcenter.appliances()}
    return {
        "nsx": {path: _body(body) for path, body in sorted(sddc.nsx.objects.items())},
        "public_ips": {name: dict(body) for name, body in sorted(sddc.nsx.cloud_service.public_ips.items())},
        "private_dns": sddc.vmc["resource_config"]["dns_with_management_vm_private_ip"],
        "virtual_machines": _sorted(
            {
                "name": machine["name"],
                "path": machine["path"],
                **({} if machine["moid"] not in appliances else _appliance(appliances[machine["moid"]])),
            }
            for machine in sddc.vcenter.virtual_machines()
        ),
    }


def _appliance(appliance) -> dict:
    return {
        key: getattr(appliance, key)
        for key in ("address", "mac", "network", "cluster", "powered_on", "complete", "disks", "tags")
    }


def _body(value):
    if isinstance(value, dict):
        if value.get("resource_type", "").endswith("ServiceEntry"):
            value = {key: item for key, item in value.items() if key != "display_name"}  # the server's own
        return {
            key: _body(item)
            for key, item in sorted(value.items())
            if not key.startswith("_") and key not in SERVERS_OWN and key != "id"
        }
    return [_body(item) for item in value] if isinstance(value, list) else value


def _sorted(rows) -> list:
    return sorted(rows, key=repr)
