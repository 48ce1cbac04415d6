# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The account that calls, and what it has in a region of what a private endpoint needs."""

from __future__ import annotations

NO_SUBNET = ("InvalidSubnetID.NotFound", "InvalidSubnetId.NotFound")


def find(sts, ec2, *, subnet_ids=None) -> dict:
    raw = {"caller": sts.call("get_caller_identity"), "region": sts.region, "partition": sts.partition}
    if subnet_ids is not None:
        raw["services"] = _services(ec2)
        raw["subnets"] = _subnets(ec2, subnet_ids) if subnet_ids else []
    return raw


def view(raw: dict) -> dict:
    caller = raw["caller"]
    shown = {
        "account_id": caller["Account"],
        "arn": caller["Arn"],
        "partition": raw["partition"],
        "region": raw["region"],
    }
    if "services" in raw:
        shown["endpoint_services"] = [
            {"service_name": service["ServiceName"], "availability_zones": sorted(service["AvailabilityZones"])}
            for service in raw["services"]
        ]
        shown["subnets"] = [
            {
                "subnet_id": subnet["SubnetId"],
                "vpc_id": subnet["VpcId"],
                "availability_zone": subnet["AvailabilityZone"],
                "availability_zone_id": subnet["AvailabilityZoneId"],
            }
            for subnet in raw["subnets"]
        ]
    return shown


def _services(ec2) -> list:
    """By a filter: a name that the region does not offer is an error, a filter that matches nothing is not."""
    wanted = [{"Name": "service-name", "Values": [f"com.amazonaws.{ec2.region}.backup-gateway"]}]
    return ec2.call("describe_vpc_endpoint_services", Filters=wanted)["ServiceDetails"]


def _subnets(ec2, subnet_ids) -> list:
    answer = ec2.call("describe_subnets", missing=NO_SUBNET, SubnetIds=subnet_ids)
    return answer["Subnets"] if answer else []
