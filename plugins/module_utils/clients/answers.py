# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the answer to each operation has to hold: the keys that are read. What is not named here may be missing, new or null.

A form is a type, a tuple of forms of which one fits, a list of one form that all its items have, or a dictionary of keys with the form of
each; a key that ends in a question mark may be missing or null.
"""

from __future__ import annotations

import datetime
import ipaddress
import json
import re


class Document:
    """A policy: an object, or the JSON of one."""


class Network:
    """An address with the length of its network, or a network. Empty is none."""


PERMISSION = {
    "IpProtocol": str,
    "IpRanges?": [{"CidrIp": str}],
    "Ipv6Ranges?": [{"CidrIpv6": str}],
    "PrefixListIds?": [{"PrefixListId": str}],
}

LIFECYCLE = {"MoveToColdStorageAfterDays?": int, "DeleteAfterDays?": int}
BACKUP_PLAN = {
    "BackupPlanName": str,
    "Rules": [
        {
            "RuleName": str,
            "TargetBackupVaultName": str,
            "Lifecycle?": LIFECYCLE,
            "RecoveryPointTags?": dict,
            "CopyActions?": [{"DestinationBackupVaultArn": str, "Lifecycle?": LIFECYCLE}],
        }
    ],
}
OF_A_JOB = {
    "CreatedBy?": dict,
    "CreationDate?": datetime.datetime,
    "CompletionDate?": datetime.datetime,
}
OF_A_BACKUP = {
    **OF_A_JOB,
    "InitiationDate?": datetime.datetime,
    "StartBy?": datetime.datetime,
    "BackupSizeInBytes?": int,
    "BytesTransferred?": int,
}
POINT_IN_TIME = {
    "RecoveryPointArn": str,
    "CreatedBy?": dict,
    "CreationDate?": datetime.datetime,
    "CompletionDate?": datetime.datetime,
    "Lifecycle?": dict,
    "CalculatedLifecycle?": {"MoveToColdStorageAt?": datetime.datetime, "DeleteAt?": datetime.datetime},
}

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
    "GetGateway": {"Gateway": {"GatewayArn": str, "GatewayDisplayName": str, "LastSeenTime?": datetime.datetime}},
    "GetHypervisor": {
        "Hypervisor": {"HypervisorArn": str, "Name": str, "LastSuccessfulMetadataSyncTime?": datetime.datetime}
    },
    "GetHypervisorPropertyMappings": {
        "IamRoleArn?": str,
        "VmwareToAwsTagMappings?": [
            {"VmwareCategory?": str, "VmwareTagName?": str, "AwsTagKey?": str, "AwsTagValue?": str}
        ],
    },
    "ImportHypervisorConfiguration": {"HypervisorArn": str},
    "ListGateways": {"Gateways?": [{"GatewayArn": str}]},
    "ListHypervisors": {"Hypervisors?": [{"HypervisorArn": str}]},
    "ListTagsForResource": {"Tags?": [{"Key": str, "Value": str}]},
    "ListVirtualMachines": {"VirtualMachines?": [{"ResourceArn": str}]},
    # Backup
    "CreateBackupPlan": {"BackupPlanId": str},
    "CreateBackupVault": {"BackupVaultArn": str},
    "CreateLogicallyAirGappedBackupVault": {"BackupVaultArn": str},
    "GetBackupPlan": {"BackupPlanId": str, "BackupPlanArn": str, "VersionId": str, "BackupPlan": BACKUP_PLAN},
    "CreateBackupSelection": {"SelectionId": str},
    "GetBackupSelection": {
        "SelectionId": str,
        "BackupPlanId": str,
        "BackupSelection": {
            "SelectionName": str,
            "IamRoleArn": str,
            "Resources?": [str],
            "NotResources?": [str],
            "ListOfTags?": [{"ConditionKey": str, "ConditionValue": str}],
            "Conditions?": dict,
        },
    },
    "GetBackupVaultAccessPolicy": {"Policy": Document},
    "GetBackupVaultNotifications": {"SNSTopicArn": str, "BackupVaultEvents": [str]},
    "ListBackupPlans": {"BackupPlansList?": [{"BackupPlanId": str, "BackupPlanArn": str, "BackupPlanName": str}]},
    "ListBackupSelections": {"BackupSelectionsList?": [{"SelectionId": str, "SelectionName": str}]},
    "DescribeBackupJob": {"BackupJobId": str, "State": str, **OF_A_BACKUP},
    "DescribeRegionSettings": {"ResourceTypeOptInPreference": dict},
    "ListBackupJobs": {"BackupJobs?": [{"BackupJobId": str, "ResourceArn": str, "State": str, **OF_A_BACKUP}]},
    "ListBackupVaults": {
        "BackupVaultList?": [
            {
                "BackupVaultName": str,
                "BackupVaultArn": str,
                "Locked?": bool,
                "MinRetentionDays?": int,
                "MaxRetentionDays?": int,
            }
        ]
    },
    "ListBackupJobSummaries": {"BackupJobSummaries?": [{"State?": str, "MessageCategory?": str, "Count": int}]},
    "ListCopyJobs": {"CopyJobs?": [{"CopyJobId": str, "State": str, **OF_A_JOB}]},
    "ListProtectedResources": {
        "Results?": [{"ResourceArn": str, "LastBackupVaultArn?": str, "LastBackupTime?": datetime.datetime}]
    },
    "ListProtectedResourcesByBackupVault": {"Results?": [{"ResourceArn": str, "LastBackupTime?": datetime.datetime}]},
    "ListLegalHolds": {"LegalHolds?": [{"LegalHoldArn?": str, "CreationDate?": datetime.datetime}]},
    "ListRecoveryPointsByBackupVault": {"RecoveryPoints?": [POINT_IN_TIME]},
    "ListRecoveryPointsByResource": {
        "RecoveryPoints?": [{"RecoveryPointArn": str, "CreationDate?": datetime.datetime}]
    },
    "ListRestoreJobs": {"RestoreJobs?": [{"RestoreJobId": str, "Status": str, **OF_A_JOB}]},
    "ListTags": {"Tags?": dict},
    "StartBackupJob": {"BackupJobId": str},
    # EC2
    "CreateVpcEndpoint": {"VpcEndpoint": {"VpcEndpointId": str}},
    "DescribeAvailabilityZones": {"AvailabilityZones": [{"ZoneId": str, "ZoneName": str}]},
    "DescribeNetworkAcls": {
        "NetworkAcls?": [
            {
                "NetworkAclId": str,
                "Associations?": [{"SubnetId": str}],
                "Entries?": [{"RuleNumber": int, "Egress": bool, "RuleAction": str, "Protocol": str}],
            }
        ]
    },
    "DescribeNetworkInterfaces": {"NetworkInterfaces?": [{"NetworkInterfaceId": str, "Groups?": [{"GroupId": str}]}]},
    "DescribeRouteTables": {"RouteTables?": [{"RouteTableId": str, "Associations?": [dict], "Routes?": [dict]}]},
    "DescribeSecurityGroups": {
        "SecurityGroups?": [
            {"GroupId": str, "GroupName": str, "IpPermissions?": [PERMISSION], "IpPermissionsEgress?": [PERMISSION]}
        ]
    },
    "DescribeSubnets": {
        "Subnets": [{"SubnetId": str, "VpcId": str, "AvailabilityZone": str, "AvailabilityZoneId": str}]
    },
    "DescribeVpcEndpointServices": {"ServiceDetails": [{"ServiceName": str, "AvailabilityZones": [str]}]},
    "DescribeVpcEndpoints": {
        "VpcEndpoints?": [
            {
                "VpcEndpointId": str,
                "PolicyDocument?": Document,
                "DnsEntries?": [{"DnsName?": str}],
                "Groups?": [{"GroupId": str}],
                "SubnetIds?": [str],
                "NetworkInterfaceIds?": [str],
            }
        ]
    },
    "GetManagedPrefixListEntries": {"Entries?": [{"Cidr": str}]},
    "DescribeVpcs": {"Vpcs?": [{"VpcId": str, "CidrBlock": str}]},
    # KMS
    "CreateKey": {"KeyMetadata": {"KeyId": str}},
    "DescribeKey": {
        "KeyMetadata": {"KeyId": str, "Arn": str, "KeyState": str, "CreationDate": datetime.datetime},
    },
    "GetKeyRotationStatus": {"KeyRotationEnabled?": bool, "RotationPeriodInDays?": int},
    "GetKeyPolicy": {"Policy": Document},
    "ListAliases": {"Aliases?": [{"AliasName": str}]},
    "ListGrants": {"Grants?": [{"GrantId": str}]},
    "ListKeys": {"Keys?": [{"KeyId": str}]},
    "ListResourceTags": {"Tags?": [{"TagKey": str, "TagValue": str}]},
    # Resource Groups Tagging
    "GetResources": {"ResourceTagMappingList?": [{"ResourceARN": str, "Tags?": [{"Key": str, "Value": str}]}]},
    # SNS
    "GetTopicAttributes": {"Attributes": dict},
    # IAM
    "GetRole": {
        "Role": {"RoleName": str, "RoleId": str, "Arn": str, "Path": str, "AssumeRolePolicyDocument": Document}
    },
    "GetRolePolicy": {"PolicyName": str, "PolicyDocument": Document},
    "ListRolePolicies": {"PolicyNames?": [str]},
    "ListAttachedRolePolicies": {"AttachedPolicies?": [{"PolicyArn": str}]},
    "ListRoles": {"Roles?": [{"RoleName": str}]},
}

# What is asked only before something is closed or deleted, so that "none" has to be told.
BEFORE_DELETING = ("ListBackupJobs", "ListGrants", "ListRestoreJobs", "ListVirtualMachines")

# A listing that can be asked without its filters: each filter, and the key of what is listed that it compares.
FILTERS = {
    "ListBackupJobs": {
        "ByState": "State",
        "ByResourceType": "ResourceType",
        "ByResourceArn": "ResourceArn",
        "ByBackupVaultName": "BackupVaultName",
    },
    "ListRestoreJobs": {"ByStatus": "Status", "ByResourceType": "ResourceType"},
    "ListVirtualMachines": {"HypervisorArn": "HypervisorId"},
}

# The others, by method and path.
NSX_TAG = {"scope?": str, "tag?": str}
PART = {"resource_type?": str, "conjunction_operator?": str, "ip_addresses?": [str], "paths?": [str]}
PART["expressions?"] = [PART]
SERVICE_ENTRY = {
    "resource_type?": str,
    "l4_protocol?": str,
    "destination_ports?": [(str, int)],
    "source_ports?": [(str, int)],
    "protocol_number?": int,
}
SUBNET = {
    "gateway_address?": Network,
    "network?": Network,
    "dhcp_ranges?": [str],
    "dhcp_config?": {"dns_servers?": [str], "lease_time?": int},
}
TEXTS = (
    "action",
    "admin_state",
    "category",
    "default_forwarder_zone_path",
    "description",
    "destination_network",
    "direction",
    "display_name",
    "domain_name",
    "firewall_match",
    "ip_address",
    "ip_protocol",
    "listener_ip",
    "mac_address",
    "notes",
    "path",
    "service",
    "source_ip",
    "source_network",
    "translated_network",
    "type",
)
TRUTHS = (
    "destinations_excluded",
    "disabled",
    "enabled",
    "is_default",
    "logged",
    "logging",
    "marked_for_delete",
    "sources_excluded",
)
# Of all objects of the policy API: no two of those that are read here mean different things by one name.
FIELDS = {
    **{f"{name}?": str for name in TEXTS},
    **{f"{name}?": bool for name in TRUTHS},
    "tags?": [NSX_TAG],
    "sequence_number?": int,
    "internal_sequence_number?": int,
    "translated_ports?": (str, int),
    "expression?": [PART],
    "source_groups?": [str],
    "destination_groups?": [str],
    "services?": [str],
    "service_entries?": [SERVICE_ENTRY],
    "scope?": [str],
    "subnets?": [SUBNET],
    "dhcp_config_path?": str,
    "advanced_config?": {"connectivity?": str},
    "dns_domain_names?": [str],
    "upstream_servers?": [str],
    "conditional_forwarder_zone_paths?": [str],
}
OBJECT = {"id": str, **FIELDS}
LINKED_SUBNET = {"id?": str, "subnet_id?": str, "availability_zone?": str, "availability_zone_id?": str}
LINKED_VPC = {
    "linked_vpc_id?": str,
    "linked_vpc_addresses?": [str],
    "linked_vpc_subnets?": [LINKED_SUBNET],
    "active_eni?": str,
}
PUBLIC_IP = {"id": str, "display_name?": str, "ip?": str}
NAME_ANSWER = [{"address?": str}]
POINT = {"authoritative_answers?": NAME_ANSWER, "non_authoritative_answers?": NAME_ANSWER, "raw_answer?": str}
REALIZED = {"publish_status?": str, "consolidated_status?": {"consolidated_status?": str}}
USER_CONFIG = {"mgmt_subnets?": [str], "cgw_snat_ip?": str}
MANAGED_VM = {"group_path?": str, "services?": [{"path?": str}]}


def _listing(item) -> tuple:
    """The two forms of a list of VMware Cloud's own API on NSX."""
    return ({"results": [item], "cursor?": str}, [item])


ACTIVITY = {
    "id?": str,
    "status?": str,
    "task_type?": str,
    "resource_id?": str,
    "progress_percent?": (int, float),
    "error_message?": str,
}
TASK = {**ACTIVITY, "id": str, "status": str}
CONFIG = {
    **{
        f"{name}?": str
        for name in (
            "cloud_username",
            "deployment_type",
            "nsx_api_public_endpoint_url",
            "nsx_mgr_url",
            "region",
            "vc_management_ip",
            "vc_public_ip",
            "vc_url",
            "witness_availability_zone",
        )
    },
    "availability_zones?": [str],
    "dns_with_management_vm_private_ip?": bool,
    "clusters?": [
        {
            "cluster_name?": str,
            "availability_zones?": [str],
            "esx_host_list?": [{"availability_zone?": str}],
        }
    ],
    "esx_hosts?": [{"hostname?": str}],
    "sddc_manifest?": {"vmc_version?": str},
}
SDDC = {"id": str, "name?": str, "sddc_state?": str, "resource_config?": CONFIG}
CONNECTION = {
    "state?": str,
    "vpc_id?": str,
    "subnet_id?": str,
    "subnet_availability_zone?": str,
    "connection_order?": int,
    "cidr_block_vpc?": str,
}
RESERVATION = {"sddc_id?": str, "in_maintenance_mode?": bool}
TAG = {"id": str, "name": str, "category_id": str}
NSX = [
    (r"GET .*/realized-state/status", REALIZED),
    (r"GET .*/nslookup", {"dns_answer_per_enforcement_point?": [POINT]}),
    (r"LIST .*/members/ip-addresses", {"results": [str], "cursor?": str}),
    (r"LIST /policy/.*", {"results": [OBJECT], "cursor?": str}),
    (r"LIST .*/linked-vpcs", _listing(LINKED_VPC)),
    (r"LIST .*/mgmt-vms", _listing(MANAGED_VM)),
    (r"LIST .*/public-ips", _listing(PUBLIC_IP)),
    (r"LIST .*/associated-groups", _listing({"tgw_id?": str})),
    (r"LIST .*", _listing({})),
    (r"(GET|PUT) /policy/.*", OBJECT),
    (r"(GET|PUT) .*/public-ips/[^/]+", PUBLIC_IP),
    (r"GET .*/sddc-user-config", USER_CONFIG),
    (r"(GET|PUT) .*", dict),
]
VMC = [
    (r"GET .*/sddcs", [SDDC]),
    (r"GET .*/sddc-connections", [CONNECTION]),
    (r"GET .*/connected-accounts", [{"region_to_az_to_shadow_mapping?": dict}]),
    (r"GET .*/tasks", [ACTIVITY]),
    (r"GET .*/sddcs/[^/]+", SDDC),
    (r"GET .*/reservations", ([RESERVATION], dict, type(None))),
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
    if wanted is Network:
        return None if _is_network(value) else _other(value, "a network", at)
    if isinstance(value, wanted) and (wanted in (object, bool) or not isinstance(value, bool)):
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


def _is_network(value) -> bool:
    try:
        return isinstance(value, str) and (value == "" or bool(ipaddress.ip_interface(value)))
    except ValueError:
        return False
