# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""STS where moto is too kind: a role has to be there and to trust, and what it gives ends when the lab's clock says so."""

from __future__ import annotations

import datetime
import json

from moto.iam.models import iam_backends
from moto.sts.models import sts_backends
from moto.utilities.utils import get_partition

from .access import caller
from .errors import AwsError
from .router import account_of

BACKUP_ACCOUNT = "111122223333"  # a second account, for backups that are not kept beside the workloads
ROLE = "central-backup"
EXTERNAL_ID = "lab-central-backup"
DURATION = 3600


class Sts:
    UNCHECKED = ()

    def __init__(self, world):
        self.world = world
        self.ends: dict[str, datetime.datetime] = {}  # access key of an assumed role -> when it ends

    def AssumeRole(self, request, params):
        partition = get_partition(request.region)
        role = self._trusting(request, partition, params)
        duration = params.get("DurationSeconds", DURATION)
        assumed = sts_backends[account_of(request)][partition].assume_role(
            request.region, params["RoleSessionName"], role.arn, None, duration, params.get("ExternalId")
        )
        ends = self.ends[assumed.access_key_id] = self.world.utc() + datetime.timedelta(seconds=duration)
        return {
            "Credentials": {
                "AccessKeyId": assumed.access_key_id,
                "SecretAccessKey": assumed.secret_access_key,
                "SessionToken": assumed.session_token,
                "Expiration": ends,
            },
            "AssumedRoleUser": {"AssumedRoleId": assumed.user_id, "Arn": assumed.arn},
            "PackedPolicySize": 1,
        }

    def GetCallerIdentity(self, request, params):
        arn, _role = caller(request)
        found = sts_backends[account_of(request)][get_partition(request.region)].assumed_roles
        assumed = next((each.user_id for each in found if each.access_key_id == request.access_key), None)
        return {"UserId": assumed or "AIDALABLABLABLABLABLA", "Account": account_of(request), "Arn": arn}

    def expired(self, access_key) -> bool:
        return access_key in self.ends and self.world.utc() >= self.ends[access_key]

    def _trusting(self, request, partition, params):
        arn = params["RoleArn"]
        account = arn.split(":")[4] if arn.count(":") >= 5 else ""
        roles = iam_backends[account][partition].roles.values() if account else []
        role = next((role for role in roles if role.arn == arn), None)
        if role is None or not _trusts(role, account_of(request), params.get("ExternalId")):
            text = f"User: {caller(request)[0]} is not authorized to perform: sts:AssumeRole on resource: {arn}"
            raise AwsError("AccessDenied", text, status=403)
        return role


def seed(partition: str, trusted: str):
    """The role in the second account that the first one may assume."""
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": "sts:AssumeRole",
                "Principal": {"AWS": f"arn:{partition}:iam::{trusted}:root"},
                "Condition": {"StringEquals": {"sts:ExternalId": EXTERNAL_ID}},
            }
        ],
    }
    iam_backends[BACKUP_ACCOUNT][partition].create_role(
        role_name=ROLE,
        assume_role_policy_document=json.dumps(trust),
        path="/",
        permissions_boundary=None,
        description="Backups of all accounts",
        tags={},
        max_session_duration=DURATION,
    )


def role_arn(partition: str) -> str:
    return f"arn:{partition}:iam::{BACKUP_ACCOUNT}:role/{ROLE}"


def _trusts(role, account, external_id) -> bool:
    for statement in json.loads(role.assume_role_policy_document)["Statement"]:
        principals = statement.get("Principal", {}).get("AWS", [])
        principals = principals if isinstance(principals, list) else [principals]
        condition = statement.get("Condition", {}).get("StringEquals", {}).get("sts:ExternalId")
        if any(f":{account}:" in principal for principal in principals) and condition in (None, external_id):
            return True
    return False
