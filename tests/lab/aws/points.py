# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The operations of AWS Backup on recovery points, and on the resources that have some."""

from __future__ import annotations

import datetime
import json
import uuid
from dataclasses import dataclass, field

from moto.iam.models import iam_backends
from moto.utilities.utils import get_partition

from .errors import AwsError
from .plans import check_lifecycle

GIB = 1 << 30
UNKNOWN_ROLE = "The role with which the recovery point was made cannot be assumed any more: it is not deleted."
HELD = "A legal hold keeps the recovery point."
OF_A_LIST = (  # what ListRecoveryPointsByResource tells
    "RecoveryPointArn",
    "CreationDate",
    "Status",
    "StatusMessage",
    "EncryptionKeyArn",
    "BackupVaultName",
    "IsParent",
    "ResourceName",
    "VaultType",
)


@dataclass
class Point:
    """A recovery point: what is told of it, and what comes of its age."""

    document: dict
    created: datetime.datetime
    lifecycle: dict
    tags: dict = field(default_factory=dict)
    status: str = "COMPLETED"
    message: str = ""
    restore: dict = field(default_factory=dict)  # metadata
    image: dict = field(default_factory=dict)  # the machine as it was

    @property
    def arn(self) -> str:
        return self.document["RecoveryPointArn"]

    @property
    def resource(self) -> str:
        return self.document["ResourceArn"]

    def after(self, key) -> datetime.datetime | None:
        days = self.lifecycle.get(key)
        return None if days is None else self.created + datetime.timedelta(days=days)

    @property
    def delete_at(self):
        return self.after("DeleteAfterDays")

    @property
    def cold_at(self):
        return self.after("MoveToColdStorageAfterDays")


class Points:
    """State is in the vaults of ``self.place(request)``, which the class that is made of this one brings."""

    def add_point(self, key, vault, document, created, lifecycle, tags, restore, image=None) -> Point:
        """A point comes to be in a vault of an account and Region."""
        account, region = key
        point = Point(
            {
                **document,
                "RecoveryPointArn": f"arn:{get_partition(region)}:backup:{region}:{account}:recovery-point:{uuid.uuid4()}",
                "BackupVaultName": vault.name,
                "BackupVaultArn": vault.arn,
                "VaultType": vault.kind,
                "EncryptionKeyArn": vault.key_arn,
                "IsEncrypted": True,
                "IsParent": False,
            },
            created,
            dict(lifecycle or {}),
            dict(tags),
            restore=dict(restore),
            image=image or {},
        )
        vault.points[point.arn] = point
        self._plan_end(key, vault, point)
        return point

    def _plan_end(self, key, vault, point):
        if point.delete_at:
            self.later(point.delete_at, lambda moment: self._expire(key, vault, point, moment))

    def _expire(self, key, vault, point, moment):
        """Deleted with the role that made it; without that, or under a legal hold, it stays and is paid."""
        if point.arn not in vault.points or point.delete_at != moment:
            return
        if not self.role_is_there(key[0], key[1], point.document.get("IamRoleArn")):
            point.status, point.message = "EXPIRED", UNKNOWN_ROLE
        elif any(hold["Status"] == "ACTIVE" for hold in self.places[key].holds):
            point.status, point.message = "EXPIRED", HELD
        else:
            del vault.points[point.arn]

    def role_is_there(self, account, region, arn) -> bool:
        return any(role.arn == arn for role in iam_backends[account][get_partition(region)].roles.values())

    def point(self, request, params) -> tuple:
        vault = self.vault(request, params["BackupVaultName"])
        found = vault.points.get(params["RecoveryPointArn"])
        if found is None:
            raise AwsError("ResourceNotFoundException", f"Cannot find recovery point {params['RecoveryPointArn']}.")
        return vault, found

    def ListRecoveryPointsByBackupVault(self, request, params):
        points = self.vault(request, params["BackupVaultName"]).points.values()
        page, token = self.page([point for point in _newest_first(points) if _fits(point, params)], params)
        listed = [{**self._shown_point(point), "StorageClass": None} for point in page]
        return {"RecoveryPoints": listed, "NextToken": token}

    def ListRecoveryPointsByResource(self, request, params):
        points = self._points_of(self.place(request), params["ResourceArn"])
        page, token = self.page(points, params)
        listed = [
            {
                **{key: value for key, value in self._shown_point(point).items() if key in OF_A_LIST},
                "BackupSizeBytes": point.document["BackupSizeInBytes"],
            }
            for point in page
        ]
        return {"RecoveryPoints": listed, "NextToken": token}

    def DescribeRecoveryPoint(self, request, params):
        return self._shown_point(self.point(request, params)[1])

    def GetRecoveryPointRestoreMetadata(self, request, params):
        """Which keys there are for machines is UNCONFIRMED: those that StartRestoreJob is documented to take."""
        vault, point = self.point(request, params)
        return {
            "BackupVaultArn": vault.arn,
            "RecoveryPointArn": point.arn,
            "RestoreMetadata": point.restore,
            "ResourceType": point.document["ResourceType"],
        }

    def _shown_point(self, point) -> dict:
        cold = point.cold_at is not None and point.cold_at <= self.world.utc()
        calculated = {"MoveToColdStorageAt": point.cold_at, "DeleteAt": point.delete_at}
        return {
            **point.document,
            "Status": point.status,
            "StatusMessage": point.message or None,
            "CreationDate": point.created,
            "Lifecycle": point.lifecycle or None,
            "CalculatedLifecycle": calculated if point.lifecycle else None,
            "StorageClass": "COLD" if cold else "WARM",
        }

    def DeleteRecoveryPoint(self, request, params):
        vault, point = self.point(request, params)
        if any(hold["Status"] == "ACTIVE" for hold in self.place(request).holds):
            raise AwsError("InvalidRequestException", HELD)
        if vault.locked:
            raise AwsError(
                "InvalidRequestException",
                f"Recovery point {point.arn} cannot be deleted: the vault {vault.name} is locked.",
            )
        del vault.points[point.arn]

    def UpdateRecoveryPointLifecycle(self, request, params):
        vault, point = self.point(request, params)
        given = dict(params.get("Lifecycle") or {})
        check_lifecycle(given)
        if vault.locked:
            raise AwsError("InvalidRequestException", f"The vault {vault.name} is locked.")
        key = "MoveToColdStorageAfterDays"
        if point.cold_at and point.cold_at <= self.world.utc() and given.get(key) != point.lifecycle[key]:
            raise AwsError("InvalidParameterValueException", "It has moved to cold storage already.")
        point.lifecycle = given
        self._plan_end(self.key_of(request), vault, point)
        shown = self._shown_point(point)
        return {key: shown[key] for key in ("BackupVaultArn", "RecoveryPointArn", "Lifecycle", "CalculatedLifecycle")}

    # Resources

    def ListProtectedResources(self, request, params):
        page, token = self.page(self._protected(self.place(request).vaults.values()), params)
        return {"Results": page, "NextToken": token}

    def ListProtectedResourcesByBackupVault(self, request, params):
        page, token = self.page(self._protected([self.vault(request, params["BackupVaultName"])]), params)
        return {"Results": page, "NextToken": token}

    def DescribeProtectedResource(self, request, params):
        found = self._protected(self.place(request).vaults.values())
        one = next((each for each in found if each["ResourceArn"] == params["ResourceArn"]), None)
        if one is None:
            raise AwsError("ResourceNotFoundException", f"Resource {params['ResourceArn']} is not protected.")
        return one

    def _protected(self, vaults) -> list:
        """Each resource with the newest of the points that jobs made of it; copies are no backups of theirs."""
        newest: dict = {}
        for point in _newest_first(point for vault in vaults for point in vault.points.values()):
            if not point.document.get("SourceBackupVaultArn"):
                newest.setdefault(point.resource, point)
        return [
            {
                "ResourceArn": arn,
                "ResourceType": point.document["ResourceType"],
                "ResourceName": point.document["ResourceName"],
                "LastBackupTime": point.document["CompletionDate"],
                "LastBackupVaultArn": point.document["BackupVaultArn"],
                "LastRecoveryPointArn": point.arn,
            }
            for arn, point in sorted(newest.items())
        ]

    def _points_of(self, place, arn) -> list:
        found = (point for vault in place.vaults.values() for point in vault.points.values())
        return _newest_first(point for point in found if point.resource == arn)

    # Legal holds

    def ListLegalHolds(self, request, params):
        page, token = self.page(self.place(request).holds, params)
        return {"LegalHolds": page, "NextToken": token}


def restore_metadata(arn, name, path, image) -> dict:
    disks = [{"DiskId": str(disk["key"]), "Label": disk["label"]} for disk in image["disks"]]
    return {"VMName": name, "VMPath": path, "DisksToRestore": json.dumps(disks), "vmId": arn.rpartition("/")[2]}


def _newest_first(points) -> list:
    return sorted(points, key=lambda point: (point.created, point.arn), reverse=True)


def _fits(point, params) -> bool:
    created_by = point.document.get("CreatedBy") or {}
    return (
        params.get("ByResourceArn") in (None, point.resource)
        and params.get("ByResourceType") in (None, point.document["ResourceType"])
        and params.get("ByBackupPlanId") in (None, created_by.get("BackupPlanId"))
        and "ByParentRecoveryPointArn" not in params
        and ("ByCreatedBefore" not in params or point.created < params["ByCreatedBefore"])
        and ("ByCreatedAfter" not in params or point.created > params["ByCreatedAfter"])
    )
