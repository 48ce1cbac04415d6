# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import boto3
import pytest
from botocore.exceptions import ClientError
from lab.aws import sts, zones
from lab.world import ACCOUNT
from unit.lab.aws_lab import error_code

REGION = "eu-west-1"


def assume(lab, **more):
    request = {"RoleArn": sts.role_arn("aws"), "RoleSessionName": "test", "ExternalId": sts.EXTERNAL_ID, **more}
    return lab.client("sts").assume_role(**request)["Credentials"]


def as_role(lab, credentials, service):
    return boto3.client(
        service,
        region_name=REGION,
        endpoint_url=lab.client("sts").meta.endpoint_url,
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials["SessionToken"],
    )


def test_a_role_leads_into_its_account(lab):
    client = as_role(lab, assume(lab), "sts")
    assert client.get_caller_identity()["Account"] == sts.BACKUP_ACCOUNT
    assert lab.client("sts").get_caller_identity()["Account"] == ACCOUNT


def test_the_caller_is_the_one_that_a_refusal_names(lab):
    assert lab.client("sts").get_caller_identity()["Arn"] == f"arn:aws:iam::{ACCOUNT}:user/lab"
    own = as_role(lab, assume(lab), "sts").get_caller_identity()
    assert own["Arn"] == f"arn:aws:sts::{sts.BACKUP_ACCOUNT}:assumed-role/{sts.ROLE}/test"


def test_a_role_that_is_not_there_or_does_not_trust_is_refused(lab):
    assert error_code(assume, lab, ExternalId="another") == "AccessDenied"
    assert error_code(assume, lab, RoleArn="arn:aws:iam::111122223333:role/nobody") == "AccessDenied"


def test_credentials_of_a_role_end_by_the_lab_s_clock(lab):
    client = as_role(lab, assume(lab, DurationSeconds=900), "backup-gateway")
    client.list_gateways()
    lab.world.ahead += 901
    with pytest.raises(ClientError) as caught:
        client.list_gateways()
    assert caught.value.response["Error"]["Code"] == "ExpiredTokenException"


def test_zones_have_other_names_in_the_second_account_and_the_same_ids():
    own, other = zones.of(ACCOUNT, REGION), zones.of(sts.BACKUP_ACCOUNT, REGION)
    assert own != other
    assert sorted(own.values()) == sorted(other.values())
