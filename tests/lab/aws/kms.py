# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""KMS where moto is too kind or knows less: rotation periods, and keys that are disabled or going to be deleted."""

from __future__ import annotations

import json

from moto.kms.models import kms_backends

from .errors import AwsError
from .router import Forward, account_of

DEFAULT_PERIOD = 365


class Kms:
    UNCHECKED = ()

    def __init__(self):
        self.periods: dict = {}  # key id -> days

    def EnableKeyRotation(self, request, params):
        key = usable(request, params)
        key.key_rotation_status = True
        self.periods[key.id] = params.get("RotationPeriodInDays", DEFAULT_PERIOD)
        return {}

    def DisableKeyRotation(self, request, params):
        usable(request, params).key_rotation_status = False
        return {}

    def GetKeyRotationStatus(self, request, params):
        key = found(request, params)
        if key.key_spec != "SYMMETRIC_DEFAULT":
            raise AwsError("UnsupportedOperationException", f"{key.arn} is not a symmetric key.")
        if key.key_state == "PendingDeletion" or not key.key_rotation_status:
            return {"KeyId": key.arn, "KeyRotationEnabled": False}
        return {"KeyId": key.arn, "KeyRotationEnabled": True, "RotationPeriodInDays": self.periods[key.id]}

    def leave_to_moto(self, request, params):
        """What moto does well enough, where the key is not going to be deleted."""
        kept(request, params)
        return self.by_its_id(request, params)

    def by_its_id(self, request, params):
        """Moto knows keys by their ids only, where AWS takes their ARNs too; and AWS knows one policy, the default one."""
        policy = {"PolicyName": "default"} if request.operation in ("GetKeyPolicy", "PutKeyPolicy") else {}
        named = {name: found(request, params).id for name in ("KeyId", "TargetKeyId") if name in params}
        request.body = json.dumps({**policy, **params, **named}).encode()
        raise Forward

    GetKeyPolicy = ListGrants = ListResourceTags = RetireGrant = RevokeGrant = by_its_id

    CreateAlias = CreateGrant = DisableKey = EnableKey = PutKeyPolicy = leave_to_moto
    ScheduleKeyDeletion = TagResource = UntagResource = UpdateKeyDescription = leave_to_moto


def found(request, params):
    backend = kms_backends[account_of(request)][request.region]
    key = backend.keys.get(backend.get_key_id(params.get("KeyId") or params["TargetKeyId"]))
    if key is None:
        raise Forward
    return key


def kept(request, params):
    key = found(request, params)
    if key.key_state == "PendingDeletion":
        raise AwsError("KMSInvalidStateException", f"{key.arn} is pending deletion.")
    return key


def usable(request, params):
    key = kept(request, params)
    if not key.enabled:
        raise AwsError("DisabledException", f"{key.arn} is disabled.")
    return key
