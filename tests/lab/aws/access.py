# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""IAM at the door: which actions a call needs on what, and whether the policies of its caller allow them.

A caller without policies may do everything, which is how a lab starts.
"""

from __future__ import annotations

import base64
import pathlib
import re
import zlib
from dataclasses import dataclass, field

import yaml
from moto.ec2.models import ec2_backends
from moto.iam.models import get_account_id_from, iam_backends
from moto.kms.models import kms_backends
from moto.sts.models import sts_backends
from moto.utilities.utils import get_partition

from . import policy
from .errors import AwsError

DEPENDENTS = yaml.safe_load((pathlib.Path(__file__).parent / "dependents.yml").read_text())
EVERYBODY = "*"
FREE = {"sts:GetCallerIdentity"}  # nobody can be denied it

# Operation -> the resources it is asked for, after arn:partition:service:region:account: (Service Authorization Reference).
# Others take what NAMED finds in the call; where that is nothing, or the operation is in WITHOUT, they are asked for *.
RESOURCES = {
    "ec2:CreateSecurityGroup": ["security-group/*", "vpc/{VpcId}"],
    "ec2:DeleteSecurityGroup": ["security-group/{GroupId}"],
    "ec2:AuthorizeSecurityGroupIngress": ["security-group/{GroupId}"],
    "ec2:AuthorizeSecurityGroupEgress": ["security-group/{GroupId}"],
    "ec2:RevokeSecurityGroupIngress": ["security-group/{GroupId}"],
    "ec2:RevokeSecurityGroupEgress": ["security-group/{GroupId}"],
    "ec2:UpdateSecurityGroupRuleDescriptionsIngress": ["security-group/{GroupId}"],
    "ec2:CreateVpcEndpoint": [
        "vpc/{VpcId}",
        "vpc-endpoint/*",
        "subnet/{SubnetIds}",
        "security-group/{SecurityGroupIds}",
    ],
    "ec2:ModifyVpcEndpoint": [
        "vpc-endpoint/{VpcEndpointId}",
        "subnet/{AddSubnetIds}",
        "subnet/{RemoveSubnetIds}",
        "security-group/{AddSecurityGroupIds}",
        "security-group/{RemoveSecurityGroupIds}",
    ],
    "ec2:DeleteVpcEndpoints": ["vpc-endpoint/{VpcEndpointIds}"],
    "ec2:CreateTags": ["{Resources}"],
    "ec2:DeleteTags": ["{Resources}"],
    "ec2:GetManagedPrefixListEntries": ["prefix-list/{PrefixListId}"],
    "kms:CreateAlias": ["{AliasName}", "{TargetKeyId}"],
    "backup-gateway:TestHypervisorConfiguration": ["{GatewayArn}"],
    # The reference names a gateway here, and the call only a hypervisor: whoever is right, both have to be allowed.
    "backup-gateway:UpdateHypervisor": ["{HypervisorArn}", "gateway/*"],
    "sts:AssumeRole": ["{RoleArn}"],
    "backup:DescribeRecoveryPoint": ["{RecoveryPointArn}"],
    "backup:DeleteRecoveryPoint": ["{RecoveryPointArn}"],
    "backup:UpdateRecoveryPointLifecycle": ["{RecoveryPointArn}"],
    "backup:GetRecoveryPointRestoreMetadata": ["{RecoveryPointArn}"],
    "backup:StartRestoreJob": ["{RecoveryPointArn}"],
    "backup:ListTags": ["{ResourceArn}"],
    "backup:TagResource": ["{ResourceArn}"],
    "backup:UntagResource": ["{ResourceArn}"],
}
WITHOUT = {
    "backup-gateway": {
        "CreateGateway",
        "ImportHypervisorConfiguration",
        "ListGateways",
        "ListHypervisors",
        "ListVirtualMachines",
    },
    "iam": {"ListRoles"},
    "kms": {"CreateKey", "ListKeys", "ListAliases"},
}
# Parameters that name the resource of a call, where the service names all of them alike.
NAMED = {
    "backup-gateway": ["{GatewayArn}", "{HypervisorArn}", "{ServerArn}", "{ResourceArn}", "{ResourceARN}"],
    "iam": ["{RoleName}"],
    "kms": ["{KeyId}"],
    "backup": [
        "{BackupVaultArn}",
        "{RecoveryPointArn}",
        "backup-vault:{BackupVaultName}",
        "backup-plan:{BackupPlanId}",
    ],
}
EC2_KINDS = {
    "sg": "security-group",
    "sgr": "security-group-rule",
    "vpce": "vpc-endpoint",
    "vpc": "vpc",
    "subnet": "subnet",
}
PREFIXES = {"tagging": "tag"}  # of actions, where it is not the name that calls are signed for
PLACE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Need:
    """One action on one resource, with what conditions may ask for."""

    action: str
    resource: str
    context: dict = field(default_factory=dict, compare=False)


@dataclass
class Policies:
    """What one principal carries: its own policies, and what lies over them."""

    identity: list = field(default_factory=list)
    boundary: dict | None = None
    scp: dict | None = None

    def refuses(self, need: Need) -> str | None:
        """Why not, in the words of AWS; None when it is allowed."""
        identity = [policy.says(document, need.action, need.resource, need.context) for document in self.identity]
        over = {"permissions boundary": self.boundary, "service control policy": self.scp}
        said = {
            name: policy.says(document, need.action, need.resource, need.context)
            for name, document in over.items()
            if document
        }
        for name in reversed(list(said)):
            if said[name] == "Deny":
                return f"with an explicit deny in a {name}"
        if "Deny" in identity:
            return "with an explicit deny in an identity-based policy"
        if "Allow" not in identity:
            return f"because no identity-based policy allows the {need.action} action"
        for name, verdict in said.items():
            if verdict is None:
                return f"because no {name} allows the {need.action} action"
        return None


class Access:
    """The policies of the lab's principals, by their ARNs; those of EVERYBODY count for who has none."""

    def __init__(self):
        self.attached: dict[str, Policies] = {}

    def refusal(self, request, needed) -> tuple[Need, AwsError] | None:
        """The first need that is not met, and how the service says so."""
        user, role = caller(request)
        policies = self.attached.get(role or user) or self.attached.get(EVERYBODY)
        for need in needed if policies else ():
            why = policies.refuses(need) if need.action not in FREE else None
            if why:
                return need, denied(request, user, need, why)
        return None


def caller(request) -> tuple[str, str | None]:
    """The ARN that a message names, and the role behind it."""
    account, partition = get_account_id_from(request.access_key), get_partition(request.region)
    for assumed in sts_backends[account][partition].assumed_roles:
        if assumed.access_key_id == request.access_key:
            return assumed.arn, assumed.role_arn
    for user in iam_backends[account][partition].users.values():
        if any(key.access_key_id == request.access_key for key in user.access_keys):
            return user.arn, None
    return f"arn:{partition}:iam::{account}:user/lab", None


def denied(request, user: str, need: Need, why: str) -> AwsError:
    text = f"User: {user} is not authorized to perform: {need.action} on resource: {need.resource} {why}"
    if request.protocol == "ec2":
        sealed = base64.urlsafe_b64encode(zlib.compress(f"{text} {request.id}".encode())).decode().rstrip("=")
        text = (
            f"You are not authorized to perform this operation. {text}. Encoded authorization failure message: {sealed}"
        )
        return AwsError("UnauthorizedOperation", text, status=403)
    if request.protocol == "query":
        return AwsError("AccessDenied", text, status=403)
    status = 403 if request.protocol.startswith("rest") else 400
    error_code = "AccessDenied" if request.service == "backup-gateway" else ""
    return AwsError("AccessDeniedException", text, status=status, error_code=error_code)


def needs(request, params: dict, place, tagged=None) -> list[Need]:
    """All that a call needs: its own action, and those that AWS asks for on its behalf.

    ``place`` is what backup-gateway has in the account and Region of the call, ``tagged`` the tags of what AWS Backup has there, by ARN.
    """
    own = f"{PREFIXES.get(request.service, request.service)}:{request.operation}"
    account = get_account_id_from(request.access_key)
    known = {
        **params,
        "partition": get_partition(request.region),
        "region": request.region,
        "account": account,
        "Path": params.get("Path") or "/",
    }
    if request.service == "backup-gateway":
        hypervisor = place.hypervisors.get(params.get("HypervisorArn"))
        known["MappingRoleArn"] = hypervisor and hypervisor.role_arn
    if "BackupSelection" in params:
        known["IamRoleArn"] = params["BackupSelection"].get("IamRoleArn")
    context = _context(request, params)
    found = [
        Need(own, arn, {**context, **_tags_of(request, place, arn, tagged or {})}) for arn in _resources(request, known)
    ]
    for row in DEPENDENTS:
        if row["operation"] == own and (not row.get("when") or known.get(row["when"])):
            more = {key: _filled(value, known)[0] for key, value in row.get("context", {}).items()}
            found += [Need(row["action"], arn, {**context, **more}) for arn in _filled(row["resource"], known)]
    return found


def _resources(request, known) -> list[str]:
    service, operation = request.service, request.operation
    if operation in WITHOUT.get(service, ()):
        return ["*"]
    templates = RESOURCES.get(f"{service}:{operation}") or NAMED.get(service, [])
    values = [value for template in templates for value in _filled(template, known)]
    return [_arn(request, known, value) for value in values] or ["*"]


def _filled(template: str, known: dict) -> list[str]:
    """A template with its places filled in, once for each value of a list; nothing where a place has no value."""
    texts = [template]
    for name in PLACE.findall(template):
        values = policy.many(known.get(name))
        texts = [
            text.replace(f"{{{name}}}", str(value)) for text in texts for value in values if value not in (None, "")
        ]
    return texts


def _arn(request, known, value: str) -> str:
    if value.startswith("arn:"):
        return value
    partition, region, account, service = known["partition"], request.region, known["account"], request.service
    if service == "iam":
        role = next((role for role in iam_backends[account][partition].roles.values() if role.name == value), None)
        return role.arn if role else f"arn:{partition}:iam::{account}:role{known['Path']}{value}"
    if service == "kms":
        if value.startswith("alias/") and request.operation == "CreateAlias":
            return f"arn:{partition}:kms:{region}:{account}:{value}"
        keys = kms_backends[account][region].keys.values()
        key = next((key for key in keys if value in key.aliases), None)
        return key.arn if key else f"arn:{partition}:kms:{region}:{account}:key/{value}"
    if service == "ec2" and "/" not in value:
        value = f"{EC2_KINDS.get(value.partition('-')[0], '*')}/{value}"
    return f"arn:{partition}:{service}:{region}:{account}:{value}"


def _context(request, params) -> dict:
    """What conditions may ask for, as far as the shipped policies do."""
    context = {"aws:RequestedRegion": request.region}
    for ours, theirs in {"PolicyArn": "iam:PolicyARN", "PermissionsBoundary": "iam:PermissionsBoundary"}.items():
        if request.service == "iam" and params.get(ours):
            context[theirs] = params[ours]
    if request.service == "ec2" and params.get("ServiceName"):
        context["ec2:VpceServiceName"] = params["ServiceName"]
    if params.get("ExternalId"):
        context["sts:ExternalId"] = params["ExternalId"]
    tags = [*(params.get("Tags") or [])]
    for specification in params.get("TagSpecifications") or []:
        tags += specification.get("Tags", [])
    named = {
        tag.get("Key", tag.get("TagKey")): tag.get("Value", tag.get("TagValue", ""))
        for tag in tags
        if isinstance(tag, dict)
    }
    if named:
        context["aws:TagKeys"] = list(named)
        context.update({f"aws:RequestTag/{key}": value for key, value in named.items()})
    return context


def _tags_of(request, place, arn, tagged) -> dict:
    """The tags that a resource has already."""
    identity = arn.rpartition("/")[2]
    if request.service == "ec2":
        tags = ec2_backends[place.account][place.region].tags.get(identity) or {}
    elif request.service == "kms":
        tags = kms_backends[place.account][place.region].tagger.get_tag_dict_for_resource(identity)
    elif request.service == "backup":
        tags = tagged.get(arn, {})
    else:
        found = place.gateways.get(arn) or place.hypervisors.get(arn)
        tags = found.tags if found else {}
    return {f"aws:ResourceTag/{key}": value for key, value in tags.items()}
