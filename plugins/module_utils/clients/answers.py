# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the answer to each operation has to hold: the keys that are read. What is not named here may be missing, new or null.

A form is a type, a tuple of forms of which one fits, a list of one form that all its items have, or a dictionary of keys with the form of
each; a key that ends in a question mark may be missing or null.
"""

from __future__ import annotations

import datetime
import json
import re


class Document:
    """A policy: an object, or the JSON of one."""


# AWS, by operation, as botocore parses it. What only has to be there has the form object.
AWS = {
    # STS
    "AssumeRole": {
        "Credentials": {
            "AccessKeyId": str,
            "SecretAccessKey": str,
            "SessionToken": str,
            "Expiration": datetime.datetime,
        }
    },
    "GetCallerIdentity": {"Account": str, "Arn": str},
    # Backup gateway
    "CreateGateway": {"GatewayArn": str},
    "GetBandwidthRateLimitSchedule": {"BandwidthRateLimitIntervals?": [{"DaysOfWeek": [int]}]},
    "GetGateway": {"Gateway": {"GatewayArn": str, "GatewayDisplayName": str}},
    "GetHypervisor": {"Hypervisor": {"HypervisorArn": str, "Name": str}},
    "ImportHypervisorConfiguration": {"HypervisorArn": str},
    "ListGateways": {"Gateways?": [{"GatewayArn": str}]},
    "ListHypervisors": {"Hypervisors?": [{"HypervisorArn": str}]},
    "ListTagsForResource": {"Tags?": [{"Key": str, "Value": str}]},
    "ListVirtualMachines": {"VirtualMachines?": [{"ResourceArn": str}]},
    # Backup
    "DescribeRegionSettings": {"ResourceTypeOptInPreference": dict},
    "ListBackupJobs": {"BackupJobs?": [{"BackupJobId": str, "ResourceArn": str, "State": str}]},
    "ListRestoreJobs": {"RestoreJobs?": [{"RestoreJobId": str, "Status": str}]},
    # EC2
    "CreateVpcEndpoint": {"VpcEndpoint": {"VpcEndpointId": str}},
    "DescribeAvailabilityZones": {"AvailabilityZones": [{"ZoneId": str, "ZoneName": str}]},
    "DescribeNetworkAcls": {"NetworkAcls?": [{"NetworkAclId": str}]},
    "DescribeNetworkInterfaces": {"NetworkInterfaces?": [{"NetworkInterfaceId": str}]},
    "DescribeRouteTables": {"RouteTables?": [{"RouteTableId": str}]},
    "DescribeSecurityGroups": {"SecurityGroups?": [{"GroupId": str, "GroupName": str}]},
    "DescribeSubnets": {
        "Subnets": [{"SubnetId": str, "VpcId": str, "AvailabilityZone": str, "AvailabilityZoneId": str}]
    },
    "DescribeVpcEndpointServices": {"ServiceDetails": [{"ServiceName": str, "AvailabilityZones": [str]}]},
    "DescribeVpcEndpoints": {"VpcEndpoints?": [{"VpcEndpointId": str, "PolicyDocument?": Document}]},
    "DescribeVpcs": {"Vpcs?": [{"VpcId": str, "CidrBlock": str}]},
    # KMS
    "CreateKey": {"KeyMetadata": {"KeyId": str}},
    "DescribeKey": {
        "KeyMetadata": {"KeyId": str, "Arn": str, "KeyState": str, "CreationDate": datetime.datetime},
    },
    "GetKeyPolicy": {"Policy": Document},
    "ListAliases": {"Aliases?": [{"AliasName": str}]},
    "ListGrants": {"Grants?": [{"GrantId": str}]},
    "ListKeys": {"Keys?": [{"KeyId": str}]},
    "ListResourceTags": {"Tags?": [{"TagKey": str, "TagValue": str}]},
    # IAM
    "GetRole": {
        "Role": {"RoleName": str, "RoleId": str, "Arn": str, "Path": str, "AssumeRolePolicyDocument": Document}
    },
    "GetRolePolicy": {"PolicyName": str, "PolicyDocument": Document},
    "ListAttachedRolePolicies": {"AttachedPolicies?": [{"PolicyArn": str}]},
    "ListRoles": {"Roles?": [{"RoleName": str}]},
}

# What is asked only before something is closed or deleted, so that "none" has to be told.
BEFORE_DELETING = ("ListBackupJobs", "ListGrants", "ListRestoreJobs", "ListVirtualMachines")

# A listing that can be asked without its filters: each filter, and the key of what is listed that it compares.
FILTERS = {
    "ListBackupJobs": {"ByState": "State", "ByResourceType": "ResourceType"},
    "ListRestoreJobs": {"ByStatus": "Status", "ByResourceType": "ResourceType"},
    "ListVirtualMachines": {"HypervisorArn": "HypervisorId"},
}

# The others, by method and path.
FIELDS = {
    "tags?": [dict],
    "expression?": [dict],
    "source_groups?": [str],
    "destination_groups?": [str],
    "services?": [str],
    "service_entries?": [dict],
    "scope?": [str],
    "subnets?": [dict],
    "advanced_config?": dict,
    "dns_domain_names?": [str],
    "upstream_servers?": [str],
    "conditional_forwarder_zone_paths?": [str],
    "linked_vpc_subnets?": [dict],
}
OBJECT = {"id": str, **FIELDS}
TASK = {"id": str, "status": str}
SDDC = {"id": str, "resource_config?": dict}
TAG = {"id": str, "name": str, "category_id": str}
NSX = [
    (r"GET .*/realized-state/status", {"publish_status?": str, "consolidated_status?": dict}),
    (r"GET .*/nslookup", {"dns_answer_per_enforcement_point?": [dict]}),
    (r"LIST .*/members/ip-addresses", {"results": [str], "cursor?": str}),
    (r"LIST /policy/.*", {"results": [OBJECT], "cursor?": str}),
    (r"LIST .*", ({"results": [FIELDS], "cursor?": str}, [FIELDS])),
    (r"(GET|PUT) /policy/.*", OBJECT),
    (r"(GET|PUT) .*/public-ips/[^/]+", {"id": str, "ip?": str}),
    (r"(GET|PUT) .*", dict),
]
VMC = [
    (r"GET .*/(sddcs|sddc-connections|tasks)", [dict]),
    (r"GET .*/sddcs/[^/]+", SDDC),
    (r"GET .*/reservations", ([dict], dict, type(None))),
    (r"GET .*/tasks/[^/]+|PUT .*/dns/[^/]+", TASK),
]
CSP = [(r"POST .*", {"access_token": str})]
TAGGING = [
    (r"POST /session", str),
    (r"GET .*/tagging/(category|tag)", [str]),
    (r"GET .*/tagging/category/[^/]+", {"id": str, "name": str}),
    (r"GET .*/tagging/tag/[^/]+", TAG),
    (r"POST .*action=list-.*", [str]),
    (r"POST .*/tagging/(category|tag)", str),
]


def form(table: list, method: str, path: str):
    """What the answer to a call has to look like; ``object`` is anything."""
    return next((wanted for pattern, wanted in table if re.fullmatch(pattern, f"{method} {path}")), object)


def wrong(value, wanted, at: str = "") -> str | None:
    """What keeps a value from having a form, or ``None``."""
    if isinstance(wanted, tuple):
        reasons = [wrong(value, each, at) for each in wanted]
        return None if None in reasons else reasons[0]
    if isinstance(wanted, list):
        if not isinstance(value, list):
            return _other(value, "a list", at)
        return next(filter(None, (wrong(item, wanted[0], f"an item of {at or 'its list'}") for item in value)), None)
    if isinstance(wanted, dict):
        return _other(value, "an object", at) if not isinstance(value, dict) else _lacks(value, wanted)
    if wanted is Document:
        return None if _is_document(value) else _other(value, "a policy", at)
    if isinstance(value, wanted) and (wanted is object or not isinstance(value, bool)):
        return None
    return _other(value, NAMES.get(wanted, wanted.__name__), at)


def kind_of(value) -> str:
    """What a value is, without showing it."""
    if value is None:
        return "null"
    return NAMES.get(type(value), "something else")


NAMES = {dict: "an object", list: "a list", str: "text", int: "a number", float: "a number", bool: "true or false"}
NAMES[datetime.datetime] = "a time"


def _lacks(value, wanted) -> str | None:
    for key, each in wanted.items():
        name = key.rstrip("?")
        if value.get(name) is None:
            if key == name:
                return f"it lacks {name}"
        else:
            reason = wrong(value[name], each, name)
            if reason:
                return reason
    return None


def _other(value, wanted, at) -> str:
    return f"{at or 'it'} is {kind_of(value)} instead of {wanted}"


def _is_document(value) -> bool:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return False
    return isinstance(value, dict)
