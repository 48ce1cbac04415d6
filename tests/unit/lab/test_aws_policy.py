# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a policy document says."""

from __future__ import annotations

import pytest
from lab.aws.policy import problems, says

GROUP = "arn:aws:ec2:eu-west-1:123456789012:security-group/sg-1"


def policy(effect="Allow", action="ec2:DeleteSecurityGroup", resource="*", **more):
    return {"Version": "2012-10-17", "Statement": {"Effect": effect, "Action": action, "Resource": resource, **more}}


def allowed(document, action="ec2:DeleteSecurityGroup", resource=GROUP, **context):
    return (
        says(document, action, resource, {key.replace("__", ":"): value for key, value in context.items()}) == "Allow"
    )


@pytest.mark.parametrize(
    ("action", "resource", "expected"),
    [
        ("ec2:DeleteSecurityGroup", GROUP, True),
        ("EC2:deletesecuritygroup", GROUP, True),
        ("ec2:Delete*", "arn:*:ec2:*:*:security-group/*", True),
        (["ec2:CreateTags", "ec2:Delete?ecurityGroup"], [GROUP, "x"], True),
        ("ec2:DeleteSecurity", GROUP, False),
        ("ec2:DeleteSecurityGroup", "arn:*:ec2:*:*:vpc/*", False),
        ("ec2:DeleteSecurityGroup", GROUP.upper(), False),
        ("ec2:DeleteSecurityGroup", "arn:aws:ec2:eu-west-1:123456789012:security.group/sg-1", False),
    ],
)
def test_actions_and_resources_have_wildcards_and_only_actions_mind_no_case(action, resource, expected):
    assert allowed(policy(action=action, resource=resource)) == expected


def test_a_deny_outweighs_what_allows():
    both = {"Statement": [policy()["Statement"], policy("Deny", action="ec2:*")["Statement"]]}
    assert says(both, "ec2:DeleteSecurityGroup", GROUP, {}) == "Deny"
    assert says(policy(action="iam:*"), "ec2:DeleteSecurityGroup", GROUP, {}) is None


def test_all_but_what_is_named():
    document = {"Statement": [{"Effect": "Allow", "NotAction": "iam:*", "NotResource": "arn:aws:ec2:*:*:vpc/*"}]}
    assert allowed(document)
    assert not allowed(document, action="iam:PassRole")
    assert not allowed(document, resource="arn:aws:ec2:eu-west-1:123456789012:vpc/vpc-1")


@pytest.mark.parametrize(
    ("condition", "value", "expected"),
    [
        ({"StringEquals": {"iam:passedtoservice": ["a.com", "b.com"]}}, "b.com", True),
        ({"StringEquals": {"iam:PassedToService": "a.com"}}, "A.com", False),
        ({"StringEquals": {"iam:PassedToService": "a.com"}}, None, False),
        ({"StringEqualsIfExists": {"iam:PassedToService": "a.com"}}, None, True),
        ({"StringNotEquals": {"iam:PassedToService": "a.com"}}, None, True),
        ({"StringNotEquals": {"iam:PassedToService": "a.com"}}, "a.com", False),
        ({"StringLike": {"iam:PassedToService": "*.com"}}, "a.com", True),
        ({"ArnLike": {"iam:PassedToService": "arn:*:iam::aws:policy/A*"}}, "arn:aws:iam::aws:policy/Any", True),
        ({"ArnNotLike": {"iam:PassedToService": "arn:*"}}, "arn:aws:iam::aws:policy/Any", False),
        ({"Bool": {"iam:PassedToService": True}}, "true", True),
        ({"Null": {"iam:PassedToService": "true"}}, None, True),
        ({"Null": {"iam:PassedToService": "true"}}, "a.com", False),
        ({"ForAllValues:StringEquals": {"iam:PassedToService": ["a", "b"]}}, ["a", "b"], True),
        ({"ForAllValues:StringEquals": {"iam:PassedToService": ["a"]}}, ["a", "b"], False),
        ({"ForAnyValue:StringEquals": {"iam:PassedToService": ["a"]}}, ["a", "b"], True),
    ],
)
def test_conditions(condition, value, expected):
    context = {} if value is None else {"iam__PassedToService": value}
    assert allowed(policy(Condition=condition), **context) == expected


def test_each_key_and_each_operator_has_to_hold():
    document = policy(Condition={"StringEquals": {"a:b": "1", "a:c": "2"}, "Null": {"a:d": "true"}})
    assert allowed(document, a__b="1", a__c="2")
    assert not allowed(document, a__b="1")
    assert not allowed(document, a__b="1", a__c="2", a__d="3")


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        ([], "object with a Statement"),
        (policy(effect="allow"), "Effect"),
        (policy(Condition={"NumericLessThan": {"a": "1"}}), "NumericLessThan"),
        (policy(Principal="*"), "Principal"),
        ({"Statement": [{"Effect": "Allow", "Action": "*"}]}, "Resource"),
    ],
)
def test_what_cannot_be_judged_is_told(document, problem):
    assert problem in " ".join(problems(document))
    assert problems(policy()) == []
