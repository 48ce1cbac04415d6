# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whom the lab lets do what: boto3 against its AWS, with policies attached."""

from __future__ import annotations

import boto3
import pytest
from botocore.exceptions import ClientError
from lab.aws import access, sts
from permissions import POLICIES
from unit.lab.aws_lab import ACCOUNT, error_code

USER = f"arn:aws:iam::{ACCOUNT}:user/lab"


def allow(*actions, resource="*", **condition):
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": resource}
    return {"Statement": [{**statement, "Condition": condition} if condition else statement]}


def attach(lab, *identity, principal=access.EVERYBODY, **more):
    lab.aws.app.access.attached[principal] = access.Policies(list(identity), **more)


def told(call, *args, **kwargs):
    with pytest.raises(ClientError) as caught:
        call(*args, **kwargs)
    return caught.value.response["Error"]["Message"]


def make_group(lab, **more):
    return lab.client("ec2").create_security_group(
        GroupName="appliances", Description="d", VpcId=lab.vpc["vpc_id"], **more
    )


TAGS = {"TagSpecifications": [{"ResourceType": "security-group", "Tags": [{"Key": "managed-by", "Value": "us"}]}]}


def test_who_carries_no_policy_may_do_everything(lab):
    make_group(lab, **TAGS)


@pytest.mark.parametrize(
    ("service", "operation", "request_", "code", "status"),
    [
        ("ec2", "describe_vpcs", {}, "UnauthorizedOperation", 403),
        ("iam", "list_roles", {}, "AccessDenied", 403),
        ("backup-gateway", "list_gateways", {}, "AccessDeniedException", 400),
        ("backup", "describe_region_settings", {}, "AccessDeniedException", 403),
        ("kms", "list_keys", {}, "AccessDeniedException", 400),
    ],
)
def test_each_service_refuses_in_its_own_way(lab, service, operation, request_, code, status):
    attach(lab, allow("s3:*"))
    client = lab.client(service)
    with pytest.raises(ClientError) as caught:
        getattr(client, operation)(**request_)
    answer = caught.value.response
    name = client.meta.method_to_api_mapping[operation]
    assert (answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]) == (code, status)
    assert f"User: {USER} is not authorized to perform: {service}:{name} on resource: *" in answer["Error"]["Message"]
    assert f"because no identity-based policy allows the {service}:{name} action" in answer["Error"]["Message"]
    assert ("Encoded authorization failure message: " in answer["Error"]["Message"]) == (service == "ec2")
    call = lab.world.journal[-1]
    assert (call.detail, call.status, call.actions) == (f"denied {service}:{name}", status, [f"{service}:{name}"])


def test_nobody_is_kept_from_asking_who_they_are(lab):
    attach(lab, allow("s3:*"))
    assert lab.client("sts").get_caller_identity()["Account"] == ACCOUNT


def test_tags_in_a_creating_call_need_an_action_of_their_own(lab):
    attach(lab, allow("ec2:CreateSecurityGroup"))
    message = told(make_group, lab, **TAGS)
    assert "ec2:CreateTags on resource: arn:aws:ec2:eu-west-1:123456789012:security-group/*" in message
    make_group(lab)
    attach(
        lab,
        allow("ec2:CreateSecurityGroup"),
        allow("ec2:CreateTags", StringEquals={"ec2:CreateAction": "RunInstances"}),
    )
    assert "ec2:CreateTags" in told(make_group, lab, **TAGS)


def test_a_call_is_asked_for_each_of_its_resources(lab):
    attach(lab, allow("ec2:CreateSecurityGroup", resource="arn:aws:ec2:*:*:security-group/*"))
    assert f"vpc/{lab.vpc['vpc_id']}" in told(make_group, lab)


def test_what_a_resource_is_tagged_with_counts(lab):
    ours, other = make_group(lab, **TAGS)["GroupId"], lab.vpc["security_group_id"]
    attach(lab, allow("ec2:AuthorizeSecurityGroupIngress", StringEquals={"aws:ResourceTag/managed-by": "us"}))
    rule = {
        "IpPermissions": [
            {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "10.0.0.1/32"}]}
        ]
    }
    lab.client("ec2").authorize_security_group_ingress(GroupId=ours, **rule)
    assert other in told(lab.client("ec2").authorize_security_group_ingress, GroupId=other, **rule)


def test_a_policy_may_be_attached_only_within_its_condition(lab):
    iam = lab.client("iam")
    iam.create_role(RoleName="AWSBackup-x", AssumeRolePolicyDocument="{}", Path="/of/ours/")
    backup = "arn:aws:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup"
    attach(
        lab,
        allow(
            "iam:AttachRolePolicy",
            resource="arn:*:iam::*:role/of/ours/AWSBackup-*",
            ArnLike={"iam:PolicyARN": "arn:*:iam::aws:policy/service-role/AWSBackup*"},
        ),
    )
    iam.attach_role_policy(RoleName="AWSBackup-x", PolicyArn=backup)
    more = {"RoleName": "AWSBackup-x", "PolicyArn": "arn:aws:iam::aws:policy/AWSBackupFullAccess"}
    assert error_code(iam.attach_role_policy, **more) == "AccessDenied"
    assert "role/nobody" in told(iam.attach_role_policy, RoleName="nobody", PolicyArn=backup)


def test_a_key_is_known_by_its_alias_too(lab):
    kms = lab.client("kms")
    key = kms.create_key()["KeyMetadata"]
    kms.create_alias(AliasName="alias/ours", TargetKeyId=key["KeyId"])
    attach(lab, allow("kms:DescribeKey", resource=key["Arn"]))
    assert kms.describe_key(KeyId="alias/ours")["KeyMetadata"]["KeyId"] == key["KeyId"]
    attach(lab, allow("kms:CreateAlias", resource=key["Arn"]))
    message = told(kms.create_alias, AliasName="alias/new", TargetKeyId=key["KeyId"])
    assert "arn:aws:kms:eu-west-1:123456789012:alias/new" in message


IMPORT = {"Name": "vcenter", "Host": "vcenter.example", "Username": "u", "Password": "p"}


@pytest.mark.parametrize("missing", ["kms:CreateGrant", "kms:Encrypt", "kms:Decrypt", "kms:DescribeKey"])
def test_an_import_with_a_key_uses_it_for_the_caller(lab, missing):
    key = lab.client("kms").create_key()["KeyMetadata"]["Arn"]
    all_of_them = ["kms:CreateGrant", "kms:Encrypt", "kms:Decrypt", "kms:DescribeKey"]
    rest = [action for action in all_of_them if action != missing]
    via = {"StringLike": {"kms:ViaService": "backup-gateway.*.amazonaws.com"}}
    attach(lab, allow("backup-gateway:*"), allow(*rest, **via))
    client = lab.client("backup-gateway")
    assert f"{missing} on resource: {key}" in told(client.import_hypervisor_configuration, KmsKeyArn=key, **IMPORT)
    attach(lab, allow("backup-gateway:*"), allow(*all_of_them, **via))
    client.import_hypervisor_configuration(KmsKeyArn=key, **IMPORT)


def test_a_role_has_to_be_passed(lab):
    client = lab.client("backup-gateway")
    arn = client.import_hypervisor_configuration(**IMPORT)["HypervisorArn"]
    role = f"arn:aws:iam::{ACCOUNT}:role/AWSBackup-tags"
    mapping = {"VmwareCategory": "a", "VmwareTagName": "b", "AwsTagKey": "c", "AwsTagValue": "d"}
    put = {"HypervisorArn": arn, "IamRoleArn": role, "VmwareToAwsTagMappings": [mapping]}
    attach(
        lab, allow("backup-gateway:*"), allow("iam:PassRole", StringEquals={"iam:PassedToService": "ec2.amazonaws.com"})
    )
    assert f"iam:PassRole on resource: {role}" in told(client.put_hypervisor_property_mappings, **put)
    lab.aws.app.access.attached.clear()
    place = next(iter(lab.aws.backup_gateway.places.values()))
    place.hypervisors[arn].role_arn = role
    attach(lab, allow("backup-gateway:*"))
    assert "iam:PassRole" in told(client.start_virtual_machines_metadata_sync, HypervisorArn=arn)


def test_what_lies_over_the_policies_is_named(lab):
    client = lab.client("backup-gateway")
    everything, nothing = allow("*"), allow("s3:*")
    deny = {"Statement": [{"Effect": "Deny", "Action": "backup-gateway:*", "Resource": "*"}]}
    attach(lab, everything, scp=deny)
    assert "with an explicit deny in a service control policy" in told(client.list_gateways)
    attach(lab, everything, scp=nothing)
    assert "because no service control policy allows the backup-gateway:ListGateways action" in told(
        client.list_gateways
    )
    attach(lab, everything, boundary=nothing)
    assert "because no permissions boundary allows the backup-gateway:ListGateways action" in told(client.list_gateways)
    attach(lab, everything, deny)
    assert "with an explicit deny in an identity-based policy" in told(client.list_gateways)
    attach(lab, everything, boundary=everything, scp=everything)
    client.list_gateways()


def test_a_role_carries_policies_of_its_own(lab):
    role = sts.role_arn("aws")
    attach(lab, allow("sts:AssumeRole", resource=role))
    attach(lab, allow("backup-gateway:ListGateways"), principal=role)
    assert error_code(lab.client("backup-gateway").list_gateways) == "AccessDeniedException"
    given = lab.client("sts").assume_role(RoleArn=role, RoleSessionName="test", ExternalId=sts.EXTERNAL_ID)[
        "Credentials"
    ]
    client = boto3.client(
        "backup-gateway",
        region_name="eu-west-1",
        endpoint_url=lab.client("sts").meta.endpoint_url,
        aws_access_key_id=given["AccessKeyId"],
        aws_secret_access_key=given["SecretAccessKey"],
        aws_session_token=given["SessionToken"],
    )
    client.list_gateways()
    session = "arn:aws:sts::111122223333:assumed-role/central-backup/test"
    assert f"User: {session} is not authorized to perform: backup-gateway:ListHypervisors" in told(
        client.list_hypervisors
    )
    attach(lab, allow("s3:*"))
    assert role in told(
        lab.client("sts").assume_role, RoleArn=role, RoleSessionName="other", ExternalId=sts.EXTERNAL_ID
    )


@pytest.mark.parametrize(
    ("policy", "operation", "request_"),
    [
        (
            "backup-operator",
            "start_backup_job",
            {"BackupVaultName": "ours", "ResourceArn": "arn:aws:backup-gateway:::vm/1"},
        ),
        (
            "restore-operator",
            "start_restore_job",
            {"RecoveryPointArn": "arn:aws:backup:eu-west-1:123456789012:recovery-point:1", "Metadata": {}},
        ),
    ],
)
def test_an_operator_starts_jobs_with_the_role_of_the_jobs_and_no_other(lab, policy, operation, request_):
    def start(role):
        return told(
            getattr(lab.client("backup"), operation), IamRoleArn=f"arn:aws:iam::{ACCOUNT}:role/{role}", **request_
        )

    attach(lab, POLICIES[policy])
    assert "not authorized" not in start("AWSBackup-vmc-jobs")
    assert "not authorized to perform: iam:PassRole" in start("AWSBackupDefaultServiceRole")
    attach(lab, POLICIES["preflight"])
    assert "not authorized to perform: backup:Start" in start("AWSBackup-vmc-jobs")


def test_a_reset_takes_the_policies_off(lab):
    attach(lab, allow("s3:*"))
    lab.aws.reset()
    lab.client("backup-gateway").list_gateways()
