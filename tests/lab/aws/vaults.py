# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The operations of AWS Backup on vaults."""

from __future__ import annotations

import datetime
import json
from dataclasses import dataclass, field

from moto.kms.models import kms_backends

from .errors import AwsError
from .router import account_of

OWN_ALIAS = "alias/aws/backup"
STANDARD, AIR_GAPPED = "BACKUP_VAULT", "LOGICALLY_AIR_GAPPED_BACKUP_VAULT"
SHORTEST_COOLING = 3  # days
SHORTEST_AIR_GAPPED = 7  # days
LONGEST = 36_500  # days
MOST_TAGS = 50


@dataclass
class Vault:
    name: str
    arn: str
    key_arn: str
    created: datetime.datetime
    tags: dict
    kind: str = STANDARD
    request_id: str = ""
    policy: str = ""
    topic: str = ""
    events: list = field(default_factory=list)
    least: int | None = None
    most: int | None = None
    locked: bool = False
    lock_date: datetime.datetime | None = None  # from then on nobody changes the lock
    points: dict = field(default_factory=dict)  # ARN -> recovery point
    reads: int = 0  # that still see it being created


class Vaults:
    """State is in ``self.place(request)``, which the class that is made of this one brings."""

    def CreateBackupVault(self, request, params):
        vault = self._new_vault(request, params)
        return {**_named(vault), "CreationDate": vault.created}

    def CreateLogicallyAirGappedBackupVault(self, request, params):
        least, most = params["MinRetentionDays"], params["MaxRetentionDays"]
        if not SHORTEST_AIR_GAPPED <= least <= most <= LONGEST:
            raise _invalid(
                f"Retention of {least} to {most} days is not allowed: the shortest is {SHORTEST_AIR_GAPPED}."
            )
        vault = self._new_vault(request, params, AIR_GAPPED)
        vault.least, vault.most, vault.locked, vault.lock_date, vault.reads = least, most, True, vault.created, 1
        return {**_named(vault), "CreationDate": vault.created, "VaultState": "CREATING"}

    def _new_vault(self, request, params, kind=STANDARD) -> Vault:
        name, vaults = params["BackupVaultName"], self.place(request).vaults
        tags = dict(params.get("BackupVaultTags") or {})
        _check_tags(tags)
        if name in vaults:
            same = vaults[name].request_id and vaults[name].request_id == params.get("CreatorRequestId")
            if same and vaults[name].kind == kind:
                return vaults[name]
            raise AwsError("AlreadyExistsException", f"Backup vault with the same name already exists: {name}")
        arn = self.backup_arn(request, "backup-vault", name)
        key = params.get("EncryptionKeyArn") or self.own_key(request)
        vault = Vault(name, arn, key, self.world.utc(), tags, kind, params.get("CreatorRequestId") or "")
        vaults[name] = vault
        return vault

    def own_key(self, request) -> str:
        """That of AWS Backup, which comes to be with the first vault."""
        backend = kms_backends[account_of(request)][request.region]
        if not backend.alias_exists(OWN_ALIAS):
            key = backend.create_key(None, "ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT", "That of AWS Backup", None)
            key.key_manager = "AWS"
            backend.create_alias(key.id, OWN_ALIAS)
        return backend.keys[backend.get_key_id_from_alias(OWN_ALIAS)].arn

    def vault(self, request, name) -> Vault:
        found = self.place(request).vaults.get(name)
        if found is None:
            # What the service says of a vault that is not there as of one that is another account's.
            raise AwsError("AccessDeniedException", "Insufficient privileges to perform this action.", status=403)
        return found

    def DescribeBackupVault(self, request, params):
        return self._shown(self.vault(request, params["BackupVaultName"]))

    def ListBackupVaults(self, request, params):
        wanted = params.get("ByVaultType")
        vaults = self.place(request).vaults
        found = [vaults[name] for name in sorted(vaults) if wanted in (None, vaults[name].kind)]
        page, token = self.page(found, params)
        return {"BackupVaultList": [self._shown(vault) for vault in page], "NextToken": token}

    def _shown(self, vault) -> dict:
        creating = vault.reads > 0
        vault.reads = max(0, vault.reads - 1)
        return {
            **_named(vault),
            "VaultType": vault.kind,
            "VaultState": "CREATING" if creating else "AVAILABLE",
            "EncryptionKeyArn": vault.key_arn,
            "CreationDate": vault.created,
            "CreatorRequestId": vault.request_id or None,
            "NumberOfRecoveryPoints": len(vault.points),
            "Locked": vault.locked,
            "MinRetentionDays": vault.least,
            "MaxRetentionDays": vault.most,
            "LockDate": vault.lock_date,
        }

    def DeleteBackupVault(self, request, params):
        vault = self.vault(request, params["BackupVaultName"])
        if vault.points:
            raise AwsError(
                "InvalidRequestException",
                f"Backup vault cannot be deleted (contains {len(vault.points)} recovery points)",
            )
        del self.place(request).vaults[vault.name]

    # Policy

    def PutBackupVaultAccessPolicy(self, request, params):
        vault = self.vault(request, params["BackupVaultName"])
        try:
            statements = json.loads(params.get("Policy") or "")["Statement"]
        except (ValueError, KeyError, TypeError):
            raise _invalid("The specified policy cannot be added to the vault: it is not valid JSON.") from None
        if not statements:
            raise _invalid("The specified policy cannot be added to the vault: it has no statement.")
        vault.policy = params["Policy"]

    def GetBackupVaultAccessPolicy(self, request, params):
        vault = self.vault(request, params["BackupVaultName"])
        if not vault.policy:
            raise _missing(f"Backup vault {vault.name} has no associated policy")
        return {**_named(vault), "Policy": vault.policy}

    def DeleteBackupVaultAccessPolicy(self, request, params):
        self.vault(request, params["BackupVaultName"]).policy = ""

    # Notifications

    def PutBackupVaultNotifications(self, request, params):
        vault = self.vault(request, params["BackupVaultName"])
        vault.topic, vault.events = params["SNSTopicArn"], list(params["BackupVaultEvents"])

    def GetBackupVaultNotifications(self, request, params):
        vault = self.vault(request, params["BackupVaultName"])
        if not vault.topic:
            raise _missing(f"Failed reading notifications from database for Backup vault {vault.name}")
        return {**_named(vault), "SNSTopicArn": vault.topic, "BackupVaultEvents": vault.events}

    def DeleteBackupVaultNotifications(self, request, params):
        vault = self.vault(request, params["BackupVaultName"])
        vault.topic, vault.events = "", []

    # Lock

    def PutBackupVaultLockConfiguration(self, request, params):
        vault = self.vault(request, params["BackupVaultName"])
        self._refuse_if_fixed(vault)
        least, most = params.get("MinRetentionDays"), params.get("MaxRetentionDays")
        if least is not None and most is not None and least > most:
            raise _invalid("MinRetentionDays must not be greater than MaxRetentionDays.")
        if any(days is not None and not 1 <= days <= LONGEST for days in (least, most)):
            raise _invalid(f"Retention must be from 1 to {LONGEST} days.")
        cooling = params.get("ChangeableForDays")
        if cooling is not None and not SHORTEST_COOLING <= cooling <= LONGEST:
            raise _invalid(f"ChangeableForDays must be from {SHORTEST_COOLING} to {LONGEST}.")
        vault.locked, vault.least, vault.most = True, least, most
        if cooling is not None:
            vault.lock_date = self.world.utc() + datetime.timedelta(days=cooling)
        elif self.world.switches["lock_without_days"] == "governance":
            vault.lock_date = None

    def DeleteBackupVaultLockConfiguration(self, request, params):
        vault = self.vault(request, params["BackupVaultName"])
        self._refuse_if_fixed(vault)
        vault.locked, vault.least, vault.most, vault.lock_date = False, None, None, None

    def _refuse_if_fixed(self, vault):
        if vault.lock_date and vault.lock_date <= self.world.utc():
            raise AwsError("InvalidRequestException", f"Vault Lock of {vault.name} cannot be changed any more.")

    # Tags of vaults, plans and recovery points

    def ListTags(self, request, params):
        return {"Tags": dict(self._tagged(request, params["ResourceArn"]))}

    def TagResource(self, request, params):
        tags = self._tagged(request, params["ResourceArn"])
        _check_tags({**tags, **params["Tags"]})
        tags.update(params["Tags"])

    def UntagResource(self, request, params):
        tags = self._tagged(request, params["ResourceArn"])
        for key in params["TagKeyList"]:
            tags.pop(key, None)

    def _tagged(self, request, arn) -> dict:
        place = self.place(request)
        points = [point for vault in place.vaults.values() for point in vault.points.values()]
        for thing in (*place.vaults.values(), *(plan for plan in place.plans.values() if not plan.deleted), *points):
            if thing.arn == arn:
                return thing.tags
        raise _missing(f"Resource {arn} does not exist.")


def _named(vault) -> dict:
    return {"BackupVaultName": vault.name, "BackupVaultArn": vault.arn}


def _check_tags(tags):
    if len(tags) > MOST_TAGS or any(key.lower().startswith("aws:") for key in tags):
        raise _invalid("There are more than 50 tags, or a key begins with aws:.")


def _invalid(message) -> AwsError:
    return AwsError("InvalidParameterValueException", message)


def _missing(message) -> AwsError:
    return AwsError("ResourceNotFoundException", message)
