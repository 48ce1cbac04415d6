# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What moto's EC2 does not do, or not as AWS does: interface endpoints, and security groups that are in use."""

from __future__ import annotations

import fnmatch
import json

from moto.ec2.models import ec2_backends
from moto.ec2.utils import random_vpc_ep_id
from moto.utilities.utils import get_partition

from . import model, zones
from .endpoints import Endpoint, base_view, fingerprint
from .errors import AwsError
from .router import Forward, account_of

POLICY = json.dumps(Endpoint.DEFAULT_POLICY)
FILTERS = {
    "vpc-id": "VpcId",
    "service-name": "ServiceName",
    "vpc-endpoint-type": "VpcEndpointType",
    "vpc-endpoint-state": "State",
    "vpc-endpoint-id": "VpcEndpointId",
    "ip-address-type": "IpAddressType",
    "service-region": "ServiceRegion",
}
SERVICES = ("backup", "backup-gateway", "ec2", "kms", "logs", "sts")


class Ec2:
    UNCHECKED = ()

    def __init__(self, world):
        self.world = world
        self.tokens: dict = {}  # (account, region, token) -> (fingerprint, endpoint)
        self.allowed_images: dict = {}  # (account, region) -> which images instances may be made of

    # Endpoints

    def CreateVpcEndpoint(self, request, params):
        if params.get("VpcEndpointType", "Gateway") != "Interface":
            raise Forward
        backend = backend_of(request)
        key = (backend.account_id, backend.region_name, params.get("ClientToken"))
        if key[2] and key in self.tokens:
            return self._same_again(key, params)
        vpc = backend.get_vpc(params["VpcId"])
        self._check_service(request, params["ServiceName"])
        subnets = self._checked_subnets(request, backend, vpc, params.get("SubnetIds", []))
        groups = checked_groups(backend, vpc, params.get("SecurityGroupIds", [])) or [
            backend.get_default_security_group(vpc.id).id
        ]
        private_dns = params.get("PrivateDnsEnabled", True)
        if private_dns:
            self._check_private_dns(backend, vpc, params["ServiceName"])
        endpoint = Endpoint(
            backend,
            self.world,
            random_vpc_ep_id(),
            vpc.id,
            params["ServiceName"],
            private_dns=private_dns,
            ip_address_type=params.get("IpAddressType", "ipv4"),
            policy=checked_policy(params.get("PolicyDocument")),
            token=key[2],
        )
        backend.vpc_end_points[endpoint.id] = endpoint
        endpoint.set_groups(groups)
        endpoint.add_interfaces(subnets)
        endpoint.add_tags(tags_for(params, "vpc-endpoint"))
        if key[2]:
            self.tokens[key] = (fingerprint(params), endpoint)
        return {"VpcEndpoint": endpoint.view(), "ClientToken": key[2]}

    def _same_again(self, key, params):
        """A token outlives its endpoint: the same call answers with the dead one."""
        known, endpoint = self.tokens[key]
        if known != fingerprint(params):
            raise AwsError("IdempotentParameterMismatch", "The client token was used before with other parameters.")
        return {"VpcEndpoint": endpoint.view(), "ClientToken": key[2]}

    def ModifyVpcEndpoint(self, request, params):
        backend = backend_of(request)
        endpoint = living(backend, params["VpcEndpointId"])
        if not isinstance(endpoint, Endpoint):
            raise Forward
        vpc = backend.get_vpc(endpoint.vpc_id)
        removed = params.get("RemoveSubnetIds", [])
        added = [subnet for subnet in params.get("AddSubnetIds", []) if subnet not in endpoint.interfaces]
        kept = [subnet for subnet in endpoint.interfaces if subnet not in removed]
        self._checked_subnets(request, backend, vpc, kept + added)
        unwanted = params.get("RemoveSecurityGroupIds", [])
        groups = [group for group in endpoint.security_group_ids if group not in unwanted]
        groups += [group for group in params.get("AddSecurityGroupIds", []) if group not in groups]
        checked_groups(backend, vpc, groups)
        if not groups:
            raise AwsError("InvalidParameter", "An interface endpoint needs at least one security group.")
        policy = checked_policy(params.get("PolicyDocument"))
        if params.get("PrivateDnsEnabled") and not endpoint.private_dns_enabled:
            self._check_private_dns(backend, vpc, endpoint.service_name)

        endpoint.private_dns_enabled = params.get("PrivateDnsEnabled", endpoint.private_dns_enabled)
        endpoint.ip_address_type = params.get("IpAddressType", endpoint.ip_address_type)
        endpoint.policy_document = POLICY if params.get("ResetPolicy") else policy or endpoint.policy_document
        endpoint.set_groups(groups)
        endpoint.remove_interfaces([subnet for subnet in removed if subnet in endpoint.interfaces])
        endpoint.add_interfaces(added)
        if added or removed:
            endpoint.enter("pending")
        return {"Return": True}

    def DeleteVpcEndpoints(self, request, params):
        backend = backend_of(request)
        wanted = params.get("VpcEndpointIds", [])
        found = [backend.vpc_end_points.get(endpoint_id) for endpoint_id in wanted]
        if any(endpoint and not isinstance(endpoint, Endpoint) for endpoint in found):
            raise Forward
        unsuccessful = []
        for endpoint_id, endpoint in zip(wanted, found):
            if endpoint is None or not endpoint.living:
                error = {"Code": "InvalidVpcEndpoint.NotFound", "Message": not_found(endpoint_id)}
                unsuccessful.append({"ResourceId": endpoint_id, "Error": error})
            else:
                endpoint.enter("deleting")
        return {"Unsuccessful": unsuccessful}

    def DescribeVpcEndpoints(self, request, params):
        backend = backend_of(request)
        self._time_passes(backend)
        wanted = params.get("VpcEndpointIds", [])
        for endpoint_id in wanted:
            if endpoint_id not in backend.vpc_end_points:
                raise AwsError("InvalidVpcEndpointId.NotFound", not_found(endpoint_id))
        shown = [
            endpoint.view() if isinstance(endpoint, Endpoint) else base_view(endpoint)
            for endpoint in backend.vpc_end_points.values()
            if not wanted or endpoint.id in wanted
        ]
        filters = params.get("Filters", [])
        shown = [view for view in shown if all(matches(view, item["Name"], item["Values"]) for item in filters)]
        page, token = cut(shown, params)
        return {"VpcEndpoints": page, "NextToken": token}

    def _time_passes(self, backend):
        for endpoint in list(backend.vpc_end_points.values()):
            if isinstance(endpoint, Endpoint):
                endpoint.read()
                if endpoint.forgotten:
                    del backend.vpc_end_points[endpoint.id]

    # Endpoint services

    def DescribeVpcEndpointServices(self, request, params):
        details = [self._service(request, name) for name in SERVICES if offered(name, request.region)]
        wanted = params.get("ServiceNames", [])
        for name in wanted:
            if name not in [detail["ServiceName"] for detail in details]:
                raise AwsError("InvalidServiceName", f"The Vpc Endpoint Service '{name}' does not exist")
        details = [detail for detail in details if not wanted or detail["ServiceName"] in wanted]
        for item in params.get("Filters", []):
            details = [detail for detail in details if service_matches(detail, item["Name"], item["Values"])]
        page, token = cut(details, params)
        return {"ServiceNames": [detail["ServiceName"] for detail in page], "ServiceDetails": page, "NextToken": token}

    def _service(self, request, name):
        region = request.region
        missing = self.world.switches["endpoint_service_lacks_zone"]
        found = {zone: zone_id for zone, zone_id in zones.of(account_of(request), region).items() if zone_id != missing}
        return {
            "ServiceName": f"com.amazonaws.{region}.{name}",
            "ServiceId": f"vpce-svc-{zones.digest(region, name)}",
            "ServiceType": [{"ServiceType": "Interface"}],
            "ServiceRegion": region,
            "AvailabilityZones": list(found),
            "AvailabilityZoneIds": list(found.values()),
            "Owner": "amazon",
            "BaseEndpointDnsNames": [f"{name}.{region}.vpce.amazonaws.com"],
            "PrivateDnsName": f"{name}.{region}.amazonaws.com",
            "PrivateDnsNames": [{"PrivateDnsName": f"{name}.{region}.amazonaws.com"}],
            "PrivateDnsNameVerificationState": "verified",
            "VpcEndpointPolicySupported": True,
            "AcceptanceRequired": False,
            "ManagesVpcEndpoints": False,
            "SupportedIpAddressTypes": ["ipv4", "ipv6"],
            "Tags": [],
        }

    def _check_service(self, request, service_name):
        names = [f"com.amazonaws.{request.region}.{name}" for name in SERVICES if offered(name, request.region)]
        if service_name not in names:
            raise AwsError("InvalidServiceName", f"The Vpc Endpoint Service '{service_name}' does not exist")

    def _checked_subnets(self, request, backend, vpc, subnet_ids):
        offered_zones = self._service(request, "backup-gateway")["AvailabilityZones"]
        seen = set()
        for subnet_id in subnet_ids:
            subnet = backend.get_subnet(subnet_id)
            zone = subnet.availability_zone
            if subnet.vpc_id != vpc.id:
                raise AwsError("InvalidParameter", f"The subnet ID '{subnet_id}' does not belong to the VPC '{vpc.id}'")
            if zone not in offered_zones:
                raise AwsError(
                    "InvalidParameter",
                    f"The VPC endpoint service does not support the availability zone of the subnet: {subnet_id}.",
                )
            if zone in seen:
                raise AwsError(
                    "DuplicateSubnetsInSameZone",
                    f"Found another VPC endpoint subnet in the availability zone of {subnet_id}. "
                    "VPC endpoint subnets should be in different availability zones supported by the service.",
                )
            seen.add(zone)
        return subnet_ids

    def _check_private_dns(self, backend, vpc, service_name):
        if not (is_true(vpc.enable_dns_support) and is_true(vpc.enable_dns_hostnames)):
            raise AwsError(
                "InvalidParameter",
                "Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes set to "
                f"true for {vpc.id}",
            )
        for other in backend.vpc_end_points.values():
            if isinstance(other, Endpoint) and other.living and other.private_dns_enabled:
                if (other.vpc_id, other.service_name) == (vpc.id, service_name):
                    raise AwsError(
                        "InvalidParameter",
                        "private-dns-enabled cannot be set because there is already a conflicting DNS domain for "
                        f"{service_name} in the VPC {vpc.id}",
                    )

    # Images

    def GetAllowedImagesSettings(self, request, params):
        return self.allowed_images.get((account_of(request), request.region)) or {"State": "disabled"}

    # Security groups

    def DeleteSecurityGroup(self, request, params):
        backend = backend_of(request)
        self._time_passes(backend)
        group = backend.get_security_group_from_id(params.get("GroupId", ""))
        if group is None:
            raise Forward
        if group.name == "default":
            raise AwsError("CannotDelete", f'the specified group: "{group.id}" cannot be deleted by a user')
        used_by_interface = any(group in eni.group_set for eni in backend.enis.values())
        used_by_rule = any(
            rule.source_group.get("GroupId") == group.id
            for groups in backend.groups.values()
            for other in groups.values()
            for rule in [*other.ingress_rules, *other.egress_rules]
            if other is not group
        )
        if used_by_interface or used_by_rule:
            raise AwsError("DependencyViolation", f"resource {group.id} has a dependent object")
        raise Forward


def backend_of(request):
    return ec2_backends[account_of(request)][request.region]


def offered(service: str, region: str) -> bool:
    """Whether AWS offers the service in that Region at all."""
    if service != "backup-gateway":
        return True
    return region in model.regions("backup-gateway", get_partition(region))


def living(backend, endpoint_id):
    endpoint = backend.vpc_end_points.get(endpoint_id)
    if endpoint is None or endpoint.state in ("deleting", "deleted"):
        raise AwsError("InvalidVpcEndpointId.NotFound", not_found(endpoint_id))
    return endpoint


def not_found(endpoint_id):
    return f"The Vpc Endpoint Id '{endpoint_id}' does not exist"


def checked_groups(backend, vpc, group_ids):
    for group_id in group_ids:
        group = backend.get_security_group_from_id(group_id)
        if group is None:
            raise AwsError("InvalidGroup.NotFound", f"The security group '{group_id}' does not exist")
        if group.vpc_id != vpc.id:
            raise AwsError("InvalidParameter", f"The security group '{group_id}' does not belong to the VPC '{vpc.id}'")
    return group_ids


def checked_policy(policy):
    if policy:
        try:
            json.loads(policy)
        except ValueError:
            raise AwsError("InvalidPolicyDocument", "The policy document is not valid JSON.") from None
    return policy


def tags_for(params, resource_type) -> dict:
    return {
        tag["Key"]: tag.get("Value", "")
        for specification in params.get("TagSpecifications", [])
        if specification.get("ResourceType") == resource_type
        for tag in specification.get("Tags", [])
    }


def matches(view, name, values) -> bool:
    tags = {tag["Key"]: tag["Value"] for tag in view.get("Tags", [])}
    if name.startswith("tag:"):
        found = [tags[name[4:]]] if name[4:] in tags else []
    elif name == "tag-key":
        found = list(tags)
    elif name in FILTERS:
        found = [view.get(FILTERS[name], "")]
        found = [each.lower() for each in found] if name == "vpc-endpoint-state" else found
    else:
        raise AwsError("InvalidFilter", f"The filter '{name}' is invalid")
    return any(fnmatch.fnmatchcase(item, pattern) for item in found for pattern in values)


def service_matches(detail, name, values) -> bool:
    found = {
        "service-name": [detail["ServiceName"]],
        "service-type": [item["ServiceType"] for item in detail["ServiceType"]],
        "owner": [detail["Owner"]],
        "service-region": [detail["ServiceRegion"]],
    }.get(name)
    if found is None:
        raise AwsError("InvalidFilter", f"The filter '{name}' is invalid")
    return any(fnmatch.fnmatchcase(item, pattern) for item in found for pattern in values)


def cut(items, params) -> tuple:
    """One page of the answer and the token of the next."""
    start = int(params.get("NextToken") or 0)
    end = start + (params.get("MaxResults") or 1000)
    return items[start:end], (str(end) if end < len(items) else None)


def is_true(value) -> bool:
    return str(value).lower() == "true"
