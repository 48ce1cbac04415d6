# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.engine.reconcile import reconcile
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import ApiError, Foreign, Invalid
from ansible_collections.vmc.aws_backup.plugins.module_utils.resources.iam_role import BackupIamRole, find, view
from ansible_collections.vmc.aws_backup.plugins.module_utils.values import unresolved
from ansible_collections.vmc.aws_backup.plugins.modules import backup_iam_role

from .aws_api import Api, params

NAME = "vmc-AWSBackup"
OURS = [{"Key": "managed-by", "Value": "vmc-aws-backup"}]
MANAGED = "arn:aws:iam::aws:policy/service-role/"
KEY = "arn:aws:kms:eu-west-1:123456789012:key/"
TRUST = {
    "Version": "2012-10-17",
    "Statement": {"Effect": "Allow", "Principal": {"Service": "backup.amazonaws.com"}, "Action": ["sts:AssumeRole"]},
}
ROLE = {
    "Arn": f"arn:aws:iam::123456789012:role/{NAME}",
    "RoleId": "AROA1",
    "RoleName": NAME,
    "Path": "/",
    "AssumeRolePolicyDocument": TRUST,
    "Tags": OURS,
}
RAW = {
    "Role": ROLE,
    "ManagedPolicies": [{"PolicyArn": f"{MANAGED}AWSBackupServiceRolePolicyForBackup"}],
    "InlinePolicies": {
        "vmc-aws-backup-keys": {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": ["kms:Decrypt"], "Resource": [f"{KEY}2", f"{KEY}1"]}],
        }
    },
}
GONE = ApiError("gone", code="NoSuchEntity")


def api(raw, **answers):
    """An account with one role, or none."""
    inline = raw["InlinePolicies"] if raw else {}
    return Api(
        **{
            "get_role": {"Role": raw["Role"]} if raw else GONE,
            "list_role_policies": {"PolicyNames": list(inline)},
            "get_role_policy": lambda RoleName, PolicyName: {
                "PolicyName": PolicyName,
                "PolicyDocument": inline[PolicyName],
            },
            "list_attached_role_policies": {"AttachedPolicies": raw["ManagedPolicies"] if raw else []},
            **answers,
        }
    )


def role(client=None, kms=None, **given):
    return BackupIamRole(client or api(RAW), kms or Api(), params(backup_iam_role, **{"name": NAME, **given}))


@pytest.mark.parametrize(
    ("purpose", "services", "policies"),
    [
        ("backup", ["backup"], ["AWSBackupServiceRolePolicyForBackup"]),
        ("restore", ["backup"], ["AWSBackupServiceRolePolicyForRestores"]),
        (
            "backup_and_restore",
            ["backup"],
            ["AWSBackupServiceRolePolicyForBackup", "AWSBackupServiceRolePolicyForRestores"],
        ),
        (
            "metadata_sync",
            ["backup-gateway", "backup"],
            ["AWSBackupGatewayServiceRolePolicyForVirtualMachineMetadataSync"],
        ),
    ],
)
def test_the_purpose_decides_trust_and_policies(purpose, services, policies):
    want = role(purpose=purpose).want(None)
    (statement,) = want["assume_role_policy_document"]["Statement"]
    trusted = statement["Principal"]["Service"]
    assert sorted([trusted] if isinstance(trusted, str) else trusted) == sorted(f"{s}.amazonaws.com" for s in services)
    assert want["managed_policy_arns"] == [f"{MANAGED}{policy}" for policy in policies]


def test_the_services_may_take_it_on_for_accounts_that_are_named_only():
    want = role(purpose="backup", source_accounts=["123456789012", "210987654321"]).want(None)
    (statement,) = want["assume_role_policy_document"]["Statement"]
    assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": ["123456789012", "210987654321"]}}
    (statement,) = role(purpose="backup", source_accounts=[]).want(None)["assume_role_policy_document"]["Statement"]
    assert "Condition" not in statement


def test_a_narrowed_trust_is_no_trust_of_others_where_it_was_asked_for():
    narrowed = {**TRUST["Statement"], "Condition": {"StringEquals": {"aws:SourceAccount": "123456789012"}}}
    raw = {**RAW, "Role": {**ROLE, "AssumeRolePolicyDocument": {**TRUST, "Statement": narrowed}}}
    asked = role(api(raw), source_accounts=["123456789012"])
    assert "assume_role_policy_document" not in [notice.path for notice in asked.noticed(view(raw))]
    assert not reconcile(role(api(raw), purpose="backup", source_accounts=["123456789012"])).changed
    assert reconcile(role(api(raw), purpose="backup"), check_mode=True).changed


def test_a_session_is_as_long_as_was_asked_for_and_the_description_stays():
    theirs = {**RAW, "Role": {**ROLE, "Description": "theirs", "MaxSessionDuration": 3600}}
    resource = role(api(theirs), max_session_duration=7200)
    (change,) = reconcile(resource, check_mode=True).changes
    assert (change.path, change.desired, change.actual) == ("max_session_duration", 7200, 3600)
    resource.update(view(theirs), {"max_session_duration": 7200})
    asked = {"RoleName": NAME, "Description": "theirs", "MaxSessionDuration": 7200}
    assert resource.client.writes == [("update_role", asked)]
    assert not reconcile(role(api(theirs), max_session_duration=3600)).changed


@pytest.mark.parametrize(
    ("given", "option"),
    [
        ({"max_session_duration": 3599}, "max_session_duration"),
        ({"max_session_duration": 43201}, "max_session_duration"),
        ({"source_accounts": ["me"]}, "source_accounts"),
    ],
)
def test_what_iam_would_not_take_of_sessions_and_accounts_is_refused(given, option):
    with pytest.raises(Invalid) as caught:
        role(**given).want(view(RAW))
    assert caught.value.option == option


def test_policies_are_those_of_the_partition():
    client = api(RAW)
    client.partition = "aws-us-gov"
    arns = role(client, purpose="restore").want(None)["managed_policy_arns"]
    assert arns == ["arn:aws-us-gov:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForRestores"]


def test_a_role_as_it_should_be_is_left_alone():
    resource = role(purpose="backup", kms_key_arns=[f"{KEY}1", f"{KEY}2", f"{KEY}1"])
    assert not reconcile(resource).changed
    assert resource.client.writes == []


def test_what_is_not_given_is_not_managed():
    assert role().want(view(RAW)) == {"name": NAME, "tags": {"managed-by": "vmc-aws-backup"}}


def test_what_is_wanted_is_stable():
    resource = role(purpose="metadata_sync", kms_key_arns=[f"{KEY}1"], tags={"a": 1})
    want = resource.want(view(RAW))
    assert resource.want({**view(RAW), **want}) == want


@pytest.mark.parametrize("value", ["terraform", "vmc-aws-backup"])
def test_our_mark_in_another_case_is_our_mark_to_iam(value):
    marked = {**RAW, "Role": {**ROLE, "Tags": [{"Key": "Managed-By", "Value": value}]}}
    assert view(marked)["tags"] == {"managed-by": value}
    if value != "vmc-aws-backup":
        with pytest.raises(Foreign):
            role(api(marked)).observe()
    else:
        assert not reconcile(role(api(marked))).changed


def test_a_tag_that_the_role_has_in_another_case_is_no_loop():
    tagged = {**RAW, "Role": {**ROLE, "Tags": [*OURS, {"Key": "owner", "Value": "us"}]}}
    assert not reconcile(role(api(tagged), tags={"Owner": "us"})).changed
    with pytest.raises(Invalid, match="Managed-By is a mark"):
        reconcile(role(tags={"Managed-By": "us"}), check_mode=True)


def test_a_role_of_others_is_refused_unless_it_is_adopted():
    theirs = {**RAW, "Role": {**ROLE, "Tags": []}}
    with pytest.raises(Foreign, match=f"role/{NAME}"):
        role(api(theirs)).observe()
    resource = role(api(theirs), adopt=True)
    assert resource.want(resource.observe())["tags"] == {"managed-by": "vmc-aws-backup"}


def test_a_new_role_is_tagged_and_bounded_from_the_start():
    boundary = "arn:aws:iam::123456789012:policy/b"
    client = api(None)
    client.answers["create_role"] = lambda **request: client.answers.update(get_role={"Role": ROLE}) or {}
    resource = role(client, purpose="backup", permissions_boundary=boundary, path="/x/", tags={"a": "b"})
    resource.create(resource.want(None))
    ((operation, request),) = client.writes
    assert operation == "create_role"
    assert request["PermissionsBoundary"] == boundary
    assert request["Path"] == "/x/"
    assert {"Key": "managed-by", "Value": "vmc-aws-backup"} in request["Tags"]
    assert "backup.amazonaws.com" in request["AssumeRolePolicyDocument"]


def test_policies_are_attached_before_others_are_detached():
    resource = role()
    resource.update(view(RAW), {"managed_policy_arns": [f"{MANAGED}new"]})
    assert [operation for operation, _request in resource.client.writes] == ["attach_role_policy", "detach_role_policy"]


EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
WIDENED = {
    **RAW,
    "ManagedPolicies": [*RAW["ManagedPolicies"], {"PolicyArn": ADMINISTRATOR}],
    "InlinePolicies": {**RAW["InlinePolicies"], "other": EVERYTHING},
}
KEYS = [f"{KEY}1", f"{KEY}2"]


@pytest.mark.parametrize("check_mode", [True, False])
@pytest.mark.parametrize("given", [{}, {"purpose": "backup"}, {"purpose": "backup", "kms_key_arns": KEYS}], ids=str)
def test_policies_of_others_are_told_and_left(given, check_mode):
    resource = role(api(WIDENED), **given)
    outcome = reconcile(resource, check_mode=check_mode)
    assert (outcome.changed, resource.client.writes) == (False, [])
    told = [(change.path, change.actual, change.effect) for change in outcome.changes]
    assert ("inline_policies.other", view(WIDENED)["inline_policies"]["other"], "kept") in told
    assert ("managed_policy_arns", ADMINISTRATOR, "kept") in told
    assert len([text for text in outcome.warnings if "purge_policies" in text and "further_policies" in text]) == 2


def test_policies_that_belong_there_are_not_told():
    resource = role(api(WIDENED), purpose="backup", kms_key_arns=KEYS, further_policies=["other", ADMINISTRATOR])
    assert reconcile(resource).changes == []


def test_policies_of_others_go_where_that_is_asked_for():
    resource = role(api(WIDENED), purpose="backup", purge_policies=True)
    have = resource.observe()
    want = resource.want(have)
    resource.update(have, {key: want[key] for key in ("managed_policy_arns", "inline_policies")})
    assert [
        (operation, request.get("PolicyArn") or request["PolicyName"]) for operation, request in resource.client.writes
    ] == [("detach_role_policy", ADMINISTRATOR), ("delete_role_policy", "other")]


def test_those_that_belong_there_stay_even_then():
    given = {"purpose": "backup", "kms_key_arns": KEYS, "purge_policies": True}
    resource = role(api(WIDENED), further_policies=["other", ADMINISTRATOR], **given)
    assert not reconcile(resource, check_mode=True).changed
    assert reconcile(role(api(WIDENED), further_policies=["other"], **given), check_mode=True).changed


def test_a_policy_of_another_purpose_is_put_right():
    tags = f"{MANAGED}AWSBackupGatewayServiceRolePolicyForVirtualMachineMetadataSync"
    other = {**RAW, "ManagedPolicies": [*RAW["ManagedPolicies"], {"PolicyArn": tags}]}
    assert reconcile(role(api(other), purpose="backup"), check_mode=True).changed


def test_the_policy_of_the_keys_is_told_where_it_allows_more():
    widened = {**RAW, "InlinePolicies": {"vmc-aws-backup-keys": EVERYTHING}}
    told = [change.path for change in reconcile(role(api(widened), purpose="backup")).changes]
    assert told == ["inline_policies.vmc-aws-backup-keys"]
    assert reconcile(role(api(RAW), purpose="backup")).changes == []


def test_a_boundary_that_nobody_asked_for_is_told():
    arn = "arn:aws:iam::123456789012:policy/b"
    bounded = {**RAW, "Role": {**ROLE, "PermissionsBoundary": {"PermissionsBoundaryArn": arn}}}
    told = reconcile(role(api(bounded), purpose="backup"))
    assert [(change.path, change.actual, change.effect) for change in told.changes] == [
        ("permissions_boundary", arn, "kept")
    ]
    assert reconcile(role(api(bounded), purpose="backup", permissions_boundary=arn)).changes == []


def test_a_trust_in_others_is_put_right_or_where_the_purpose_is_not_given_told():
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}]}
    trusting = {**RAW, "Role": {**ROLE, "AssumeRolePolicyDocument": trust}}
    outcomes = [reconcile(role(api(trusting), **given), check_mode=True) for given in ({}, {"purpose": "backup"})]
    assert [[(change.path, change.effect) for change in outcome.changes] for outcome in outcomes] == [
        [("assume_role_policy_document", "kept")],
        [("assume_role_policy_document.Statement", "in_place")],
    ]


def test_the_boundary_is_put_and_cleared():
    resource = role()
    resource.update(view(RAW), {"permissions_boundary": "arn"})
    resource.update(view(RAW), {"permissions_boundary": ""})
    assert [operation for operation, _request in resource.client.writes] == [
        "put_role_permissions_boundary",
        "delete_role_permissions_boundary",
    ]


def test_a_key_may_be_named_by_its_alias():
    kms = Api(describe_key={"KeyMetadata": {"Arn": f"{KEY}7"}})
    policy = role(kms=kms, kms_key_arns=["alias/a"]).want(view(RAW))["inline_policies"]["vmc-aws-backup-keys"]
    assert policy["Statement"] == [{"Action": "kms:Decrypt", "Effect": "Allow", "Resource": f"{KEY}7"}]
    json.dumps(policy)


def test_a_key_that_is_not_there_yet_is_predicted_and_not_written():
    kms = Api(describe_key=ApiError("no", code="NotFoundException"))
    want = role(kms=kms, kms_key_arns=["alias/a", f"{KEY}1"]).want(view(RAW))
    (missing,) = unresolved(want)
    assert str(missing) == "alias/a"


def test_deleting_takes_the_policies_off_first():
    resource = role()
    resource.delete(view(RAW))
    assert [operation for operation, _request in resource.client.writes] == [
        "detach_role_policy",
        "delete_role_policy",
        "delete_role",
    ]


def test_without_a_name_those_are_listed_that_aws_backup_can_be_handed():
    names = ["other", NAME, "myAwsBackupRole"]
    client = api(RAW, list_roles={"Roles": [{"RoleName": name} for name in names]})
    find(client)
    assert [request["RoleName"] for operation, request in client.calls if operation == "get_role"] == names[1:]


def test_a_new_role_needs_a_purpose():
    with pytest.raises(Invalid, match="purpose"):
        role().want(None)
