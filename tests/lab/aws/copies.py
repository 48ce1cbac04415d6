# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The operations of AWS Backup on copies, and how they go on."""

from __future__ import annotations

import datetime
import json
import uuid
from dataclasses import dataclass

from moto.kms.models import kms_backends
from moto.utilities.utils import get_partition

from . import policy
from .errors import AwsError
from .jobs import LOOKS, MACHINE, MINUTE, NO_VAULT, NOT_OPTED_IN, chosen
from .plans import check_lifecycle
from .points import GIB
from .workers import DENIED, WRONG, Fails, fits, role_problem, unfit

ORGANISATION = "o-lab0000000"
CROSS_ACCOUNT = "isCrossAccountBackupEnabled"


@dataclass
class Copy:
    document: dict
    duration: datetime.timedelta
    ends: datetime.datetime
    lifecycle: dict
    token: str = ""


class Copies:
    """State is in ``self.places``, which the class that is made of this one brings."""

    def StartCopyJob(self, request, params):
        key = self.key_of(request)
        vault = self.vault(request, params["SourceBackupVaultName"])
        point = vault.points.get(params["RecoveryPointArn"])
        if point is None:
            raise AwsError("ResourceNotFoundException", f"Cannot find recovery point {params['RecoveryPointArn']}.")
        check_lifecycle(params.get("Lifecycle") or {})
        self.check_role(request, params["IamRoleArn"])
        token = params.get("IdempotencyToken") or ""
        same = [each for each in self.place(request).copies.values() if each.token and each.token == token]
        if same and self.world.switches["job_token"] == "same":
            copy = same[0]
        else:
            copy = self.start_copy(key, vault, point, params, params["IamRoleArn"], self.world.utc(), token=token)
        return {**{name: copy.document[name] for name in ("CopyJobId", "CreationDate")}, "IsParent": False}

    def start_copy(self, key, vault, point, action, role, moment, job_id=None, token="") -> Copy:
        document = {
            "AccountId": key[0],
            "CopyJobId": str(uuid.uuid4()),
            "SourceBackupVaultArn": vault.arn,
            "SourceRecoveryPointArn": point.arn,
            "DestinationBackupVaultArn": action["DestinationBackupVaultArn"],
            "DestinationRecoveryPointLifecycle": action.get("Lifecycle"),
            "ResourceArn": point.resource,
            "ResourceType": point.document["ResourceType"],
            "ResourceName": point.document["ResourceName"],
            "BackupSizeInBytes": point.document["BackupSizeInBytes"],
            "IamRoleArn": role,
            "CreatedBy": point.document["CreatedBy"],
            "CreatedByBackupJobId": job_id,
            "IsParent": False,
            "CreationDate": moment,
            "State": "RUNNING",
        }
        duration = max(5, point.document["BackupSizeInBytes"] // GIB) * MINUTE
        copy = Copy(document, duration, moment + duration, dict(action.get("Lifecycle") or {}), token)
        self.places[key].copies[document["CopyJobId"]] = copy
        self.later(copy.ends, lambda at: self._finish_copy(key, copy, point, at))
        return copy

    def DescribeCopyJob(self, request, params):
        place = self.place(request)
        copy = place.copies.get(params["CopyJobId"])
        if copy is None:
            raise AwsError("ResourceNotFoundException", f"Copy job {params['CopyJobId']} does not exist.")
        shown = dict(copy.document)
        if copy.document["State"] == "RUNNING":
            copy.ends = max(self.world.utc(), copy.ends - copy.duration / LOOKS)
            self._finish_at(self.key_of(request), copy)
        return {"CopyJob": shown}

    def _finish_at(self, key, copy):
        points = [point for vault in self.places[key].vaults.values() for point in vault.points.values()]
        point = next((one for one in points if one.arn == copy.document["SourceRecoveryPointArn"]), None)
        self.later(copy.ends, lambda at: self._finish_copy(key, copy, point, at))

    def ListCopyJobs(self, request, params):
        copies = [copy.document for copy in self.kept(self.place(request).copies)]
        page, token = self.page(chosen(copies, params), params)
        return {"CopyJobs": page, "NextToken": token}

    def _finish_copy(self, key, copy, point, moment):
        document = copy.document
        if document["State"] != "RUNNING" or copy.ends != moment:
            return
        refused = self._refused(key, copy, point)
        document["CompletionDate"] = moment
        if refused:
            document.update(State="FAILED", StatusMessage=refused.message, MessageCategory=refused.category)
            return
        there = _place_of(document["DestinationBackupVaultArn"])
        vault = self._destination(document["DestinationBackupVaultArn"])
        kept = ("ResourceArn", "ResourceType", "ResourceName", "CreatedBy", "BackupSizeInBytes")
        copied = {
            **{name: document[name] for name in kept},
            "IamRoleArn": document["IamRoleArn"] if key[0] == there[0] else None,
            "SourceBackupVaultArn": document["SourceBackupVaultArn"],
            "CompletionDate": moment,
        }
        made = self.add_point(
            there, vault, copied, point.created, copy.lifecycle, point.tags, point.restore, point.image
        )
        document.update(State="COMPLETED", DestinationRecoveryPointArn=made.arn, MessageCategory="SUCCESS")
        document.update(DestinationVaultType=vault.kind, DestinationEncryptionKeyArn=vault.key_arn)

    def _destination(self, arn):
        place = self.places.get(_place_of(arn))
        return place and place.vaults.get(arn.rpartition(":")[2])

    def _refused(self, key, copy, point) -> Fails | None:
        document = copy.document
        arn = document["DestinationBackupVaultArn"]
        account, region = there = _place_of(arn)
        vault = self._destination(arn)
        if point is None:
            return Fails(f"The recovery point {document['SourceRecoveryPointArn']} is gone")
        if get_partition(region) != get_partition(key[1]):
            return Fails(f"{region} is in another partition", WRONG)
        if account != key[0] and self.global_settings[CROSS_ACCOUNT] != "true":
            return Fails("Cross-account backup is not enabled in this organization", DENIED)
        if vault is None or (account != key[0] and not lets_copy_in(vault, key[0])):
            return Fails(NO_VAULT, DENIED)
        machine = document["ResourceType"] == MACHINE
        if machine and not self.of(account, region)["ResourceTypeOptInPreference"][MACHINE]:
            return Fails(NOT_OPTED_IN, WRONG)
        if not fits(vault, copy.lifecycle):
            return unfit(vault)
        used = next((one for one in kms_backends[account][region].keys.values() if one.arn == vault.key_arn), None)
        if used is not None and not used.enabled:
            return Fails(f"The key {vault.key_arn} of the vault {there} cannot be used", DENIED)
        return role_problem(key, document["IamRoleArn"])

    # Across accounts

    def DescribeGlobalSettings(self, request, params):
        return {"GlobalSettings": dict(self.global_settings), "LastUpdateTime": self.world.utc()}

    def UpdateGlobalSettings(self, request, params):
        """By the organisation's management account only."""
        if self.key_of(request)[0] != self.management_account:
            raise AwsError("InvalidRequestException", "Only the management account of the organization may do this.")
        given = params.get("GlobalSettings") or {}
        if set(given) - set(self.global_settings) or set(given.values()) - {"true", "false"}:
            raise AwsError("InvalidParameterValueException", "There is no such setting.")
        self.global_settings.update(given)


def _place_of(vault_arn) -> tuple:
    parts = vault_arn.split(":")
    return parts[4], parts[3]


def lets_copy_in(vault, account) -> bool:
    """Whether the policy of a vault allows another account of the organisation to copy into it."""
    statements = policy.many(json.loads(vault.policy)["Statement"]) if vault.policy else []
    named = [each for each in statements if _is_named(each.get("Principal"), account)]
    plain = [{key: value for key, value in each.items() if key != "Principal"} for each in named]
    context = {"aws:PrincipalOrgID": ORGANISATION, "aws:PrincipalAccount": account}
    return policy.says({"Statement": plain}, "backup:CopyIntoBackupVault", vault.arn, context) == "Allow"


def _is_named(principal, account) -> bool:
    names = policy.many(principal.get("AWS", []) if isinstance(principal, dict) else principal)
    return any(name in ("*", account) or f":{account}:" in str(name) for name in names)
