# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import ApiError, Denied
from ansible_collections.vmc.aws_backup.plugins.module_utils.resources.sns_topic import allows, in_the_way

from .aws_api import Api

TOPIC = "arn:aws:sns:eu-west-1:123456789012:t"
KEY = "arn:aws:kms:eu-west-1:123456789012:key/1"


def policy(*actions, principal="backup.amazonaws.com", effect="Allow"):
    statement = {"Effect": effect, "Principal": {"Service": principal}, "Action": list(actions)}
    return json.dumps({"Statement": [statement]})


def asked(key="", key_policy="{}", topic_policy=None):
    told = {"Policy": topic_policy or policy("SNS:Publish"), "KmsMasterKeyId": key}
    kms = Api(describe_key={"KeyMetadata": {"KeyId": "1"}}, get_key_policy={"Policy": key_policy})
    return in_the_way(Api(get_topic_attributes={"Attributes": told}), kms, TOPIC)


@pytest.mark.parametrize(
    ("world", "told"),
    [
        ({}, ""),
        ({"topic_policy": "{}"}, "does not let backup.amazonaws.com publish"),
        ({"key": "alias/aws/sns"}, "AWS's own key"),
        ({"key": KEY}, "does not let backup.amazonaws.com use it"),
        ({"key": KEY, "key_policy": policy("kms:Decrypt")}, "does not let backup.amazonaws.com use it"),
        ({"key": KEY, "key_policy": policy("kms:GenerateDataKey*", "kms:Decrypt")}, ""),
    ],
)
def test_what_keeps_aws_backup_from_notifying(world, told):
    assert told in asked(**world) and bool(told) == bool(asked(**world))


@pytest.mark.parametrize(
    ("answer", "told"), [(ApiError("no", code="NotFound"), "does not exist"), (Denied("no"), "is not known")]
)
def test_a_topic_that_is_gone_and_one_that_is_not_told_of(answer, told):
    assert told in in_the_way(Api(get_topic_attributes=answer), Api(), TOPIC)


@pytest.mark.parametrize(
    ("document", "may"),
    [
        (policy("sns:*"), True),
        (policy("*"), True),
        (policy("sns:Subscribe"), False),
        (policy("sns:Publish", principal="other.amazonaws.com"), False),
        (policy("sns:Publish", effect="Deny"), False),
        (json.dumps({"Statement": {"Effect": "Allow", "Principal": "*", "Action": "sns:Publish"}}), True),
        (json.dumps({"Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sns:Publish"}]}), True),
        ("", False),
        (None, False),
        ("[]", False),
        ("no JSON", False),
    ],
)
def test_whether_a_policy_lets_the_service(document, may):
    assert allows(document, "sns:Publish") is may
