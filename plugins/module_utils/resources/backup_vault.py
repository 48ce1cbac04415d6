# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A vault: where recovery points are kept, with its key, its policy, its lock and whom it notifies."""

from __future__ import annotations

import datetime
import json
import math

from .. import forms
from ..clients import backup
from ..clients.aws_forms import canonical_policy, retag, tags_of, timestamp
from ..errors import ApiError, Error, Invalid
from ..ownership import claim
from ..values import Noticed, canonical, given, token, wanted_tags
from . import backup_plan, kms_key, sns_topic

GONE = ("ResourceNotFoundException",)
STANDARD, AIR_GAPPED = "backup_vault", "logically_air_gapped_backup_vault"
LONGEST = 36_500  # days
SHORTEST_COOLING = 3  # days
SHORTEST_AIR_GAPPED = 7  # days
RETENTION = {"min_retention_days": "MinRetentionDays", "max_retention_days": "MaxRetentionDays"}
# Accepted, and never sent.
DEPRECATED = {
    "BACKUP_JOB_SUCCESSFUL": "BACKUP_JOB_COMPLETED",
    "BACKUP_JOB_FAILED": "BACKUP_JOB_COMPLETED",
    "BACKUP_JOB_EXPIRED": "BACKUP_JOB_COMPLETED",
    "RESTORE_JOB_SUCCESSFUL": "RESTORE_JOB_COMPLETED",
    "RESTORE_JOB_FAILED": "RESTORE_JOB_COMPLETED",
    "BACKUP_PLAN_CREATED": "",
    "BACKUP_PLAN_MODIFIED": "",
}


def find(client, *, name: str | None = None) -> list[dict]:
    """The vaults, or the one of that name. One that is not listed is not there: what describes it is denied, not absent."""
    return [_described(client, raw) for raw in backup.vaults(client) if name in (None, raw["BackupVaultName"])]


def view(raw: dict) -> dict:
    vault, notifications = raw["Vault"], raw["Notifications"]
    return {
        "name": vault["BackupVaultName"],
        "backup_vault_arn": vault["BackupVaultArn"],
        "vault_type": (vault.get("VaultType") or STANDARD).lower(),
        "vault_state": vault.get("VaultState") or "AVAILABLE",
        "encryption_key_arn": vault.get("EncryptionKeyArn") or "",
        "creation_date": timestamp(vault.get("CreationDate")),
        "number_of_recovery_points": vault.get("NumberOfRecoveryPoints") or 0,
        "lock": lock_of(vault),
        "lock_date": timestamp(vault.get("LockDate")),
        "policy": canonical_policy(raw["Policy"]) if raw["Policy"] else {},
        "notifications": {
            "sns_topic_arn": notifications["SNSTopicArn"],
            "backup_vault_events": canonical(notifications.get("BackupVaultEvents") or []),
        }
        if notifications.get("SNSTopicArn")
        else {},
        "tags": raw["Tags"],
    }


def lock_of(vault) -> dict:
    """Its lock, as an option has it. Only a lock with a date is one in compliance mode."""
    if not vault.get("Locked"):
        return {}
    limits = {ours: vault[theirs] for ours, theirs in RETENTION.items() if vault.get(theirs) is not None}
    return {"mode": "compliance" if vault.get("LockDate") else "governance", **limits}


class BackupVault:
    kind = "backup_vault"
    immutable = ("vault_type", "encryption_key_arn")
    blank = {"lock": {}, "lock_date": None, "policy": {}, "notifications": {}, "number_of_recovery_points": 0}

    def __init__(self, client, kms, sns, sts, params: dict):
        self.client = client
        self.kms = kms
        self.sns = sns
        self.sts = sts
        self.params = params

    def observe(self):
        found = find(self.client, name=self.params["name"])
        if not found:
            return None
        have = view(found[0])
        return claim(f"The vault {have['name']}", have, self.params)

    def want(self, have):
        self._check()
        want = {"name": self.params["name"], "vault_type": self.params["vault_type"]}
        if self.params["encryption_key_arn"] is not None:
            want["encryption_key_arn"] = self._key(have)
        if self.params["policy"] is not None:
            want["policy"] = canonical_policy(self.params["policy"]) if self.params["policy"] else {}
        if self.params["notifications"] is not None:
            want["notifications"] = self._notifications()
        if self.params["lock"] is not None:
            want["lock"] = self._wanted_lock(have)
        tags = self.params["tags"]
        want["tags"] = wanted_tags(have and have["tags"], tags, purge=tags is not None and self.params["purge_tags"])
        return want

    def create(self, want):
        """The name makes it one: whoever makes it twice is told that it exists."""
        request = {
            "BackupVaultName": want["name"],
            "BackupVaultTags": want["tags"],
            "CreatorRequestId": token("backup_vault", want["name"]),
            **({"EncryptionKeyArn": want["encryption_key_arn"]} if want.get("encryption_key_arn") else {}),
        }
        if want["vault_type"] == AIR_GAPPED:
            limits = {theirs: want["lock"][ours] for ours, theirs in RETENTION.items()}
            self.client.call("create_logically_air_gapped_backup_vault", **request, **limits)
        else:
            self.client.call("create_backup_vault", **request)

    def update(self, have, changes):
        name = {"BackupVaultName": have["name"]}
        if "tags" in changes:
            arn = have["backup_vault_arn"]
            retag(
                have["tags"],
                changes["tags"],
                put=lambda tags: self.client.call("tag_resource", ResourceArn=arn, Tags=tags_of(tags)),
                remove=lambda keys: self.client.call("untag_resource", ResourceArn=arn, TagKeyList=keys),
            )
        if changes.get("policy"):
            self.client.call("put_backup_vault_access_policy", **name, Policy=json.dumps(changes["policy"]))
        elif "policy" in changes:
            self.client.call("delete_backup_vault_access_policy", missing=GONE, **name)
        if changes.get("notifications"):
            told = changes["notifications"]
            self.client.call(
                "put_backup_vault_notifications",
                **name,
                SNSTopicArn=told["sns_topic_arn"],
                BackupVaultEvents=told["backup_vault_events"],
            )
        elif "notifications" in changes:
            self.client.call("delete_backup_vault_notifications", missing=GONE, **name)
        if changes.get("lock"):
            self._put_lock(have, changes["lock"])
        elif "lock" in changes:
            self.client.call("delete_backup_vault_lock_configuration", **name)

    def delete(self, have):
        self.client.call("delete_backup_vault", BackupVaultName=have["name"])

    def held(self, have):
        """Recovery points are the only thing that brings a machine back: they are never deleted here."""
        points = have["number_of_recovery_points"]
        return f"it holds {points} recovery points, which nothing here deletes" if points else None

    def ready(self, have):
        if have["vault_state"] == "FAILED":
            raise Error(f"AWS Backup could not make the vault {have['name']}.")
        return None if have["vault_state"] == "AVAILABLE" else f"its state is {have['vault_state']}"

    def fixed(self, have, want):
        """From its date on nobody changes a lock, AWS included; an air-gapped vault has one from the beginning."""
        is_fixed = have["lock_date"] and self._date(have) <= self.client.now()
        if "lock" not in want or want["lock"] == have["lock"] or not is_fixed:
            return {}
        return {
            "lock": f"The lock of {have['name']} is in force for ever since {have['lock_date']}: nothing changes it."
        }

    def noticed(self, have):
        state = self._key_state(have["encryption_key_arn"])
        if state not in ("Enabled", ""):
            advice = f"its key is {state}: nothing can be stored in it nor restored from it. Enable the key."
            yield Noticed("encryption_key_arn", None, have["encryption_key_arn"], advice)
        if have["notifications"]:
            said = sns_topic.in_the_way(self.sns, self.kms, have["notifications"]["sns_topic_arn"])
            if said:
                yield Noticed("notifications", None, have["notifications"], said)

    # Key

    def _key(self, have):
        """By its ARN or by an alias. The key that AWS owns, which an empty text stands for, is whichever the vault has."""
        reference = self.params["encryption_key_arn"]
        if not reference:
            return have["encryption_key_arn"] if have else ""
        return reference if reference.startswith("arn:") else kms_key.resolve(self.kms, reference)

    def _key_state(self, key) -> str:
        """As KMS tells it; nothing where it does not, as of AWS's own key."""
        try:
            return kms_key.state_of(self.kms, key) if key else ""
        except ApiError:
            return ""

    # Lock

    def _wanted_lock(self, have) -> dict:
        asked = given(self.params["lock"], *RETENTION, "changeable_for_days")
        before = have["lock"] if have else {}
        if not asked:
            self._refuse_looser(before, {})
            return {}
        days = asked.pop("changeable_for_days", None)
        compliant = days is not None or self.params["vault_type"] == AIR_GAPPED
        lock = {"mode": "compliance" if compliant else "governance", **asked}
        self._refuse_looser(before, lock)
        if lock != before:
            if compliant and before.get("mode") != "compliance":
                self._refuse_unconfirmed(days or 0)
            backup_plan.refuse_misfits(self.client, self.params["name"], lock)
        return lock

    def _refuse_unconfirmed(self, days):
        """Whoever has it locked for ever says which vault, and from when on (SAFETY 5)."""
        date = (self.client.now() + datetime.timedelta(days=days)).date().isoformat()
        meant = f"{self.params['name']} {date}"
        if self.params["lock_confirmation"] != meant:
            raise Invalid(
                "lock_confirmation",
                f"must be '{meant}': from that date on nobody, AWS included, can loosen the lock of {self.params['name']} or delete "
                "a recovery point in it before its time. Nothing was written.",
            )

    def _refuse_looser(self, before, lock):
        """Never unasked (SAFETY 33): shorter retention, a governance lock for a compliance one, or none."""
        shorter = before.get("min_retention_days", 0) > lock.get("min_retention_days", 0)
        weaker = before.get("mode") == "compliance" != lock.get("mode")
        if (shorter or weaker or (before and not lock)) and "lock" not in (self.params["allow_less_protection"] or []):
            raise Invalid(
                "lock",
                f"would loosen the lock of {self.params['name']}, which is {_joined(before)}. If that is meant, name lock in "
                "allow_less_protection. Nothing was written.",
            )

    def _put_lock(self, have, lock):
        limits = {theirs: lock[ours] for ours, theirs in RETENTION.items() if ours in lock}
        cooling = {}
        if lock["mode"] == "compliance":
            cooling = {"ChangeableForDays": self._days_left(have)}
        self.client.call("put_backup_vault_lock_configuration", BackupVaultName=have["name"], **limits, **cooling)

    def _days_left(self, have) -> int:
        """Of the cooling-off time: a lock that is written without them may lose its date, and one with more of them is put off."""
        if not have["lock_date"]:
            return self.params["lock"]["changeable_for_days"]
        left = math.ceil((self._date(have) - self.client.now()).total_seconds() / 86_400)
        if left < SHORTEST_COOLING:
            raise Invalid(
                "lock",
                f"The lock of {have['name']} is in force from {have['lock_date']} on, and AWS takes no change less than "
                f"{SHORTEST_COOLING} days before that but one that puts the date off.",
            )
        return left

    def _date(self, have) -> datetime.datetime:
        return datetime.datetime.fromisoformat(have["lock_date"])

    # What AWS would refuse, or take and never do

    def _notifications(self) -> dict:
        asked = given(self.params, "notifications")["notifications"]
        if not asked:
            return {}
        forms.checked("notifications", "sns_topic_arn", asked["sns_topic_arn"])
        _check_topic(asked["sns_topic_arn"], self.sts.call("get_caller_identity")["Account"])
        _check_events(asked["backup_vault_events"])
        return {**asked, "backup_vault_events": canonical(asked["backup_vault_events"])}

    def _check(self):
        forms.checked("name", "vault_name", self.params["name"])
        if self.params["encryption_key_arn"]:
            forms.checked("encryption_key_arn", "kms_key_reference", self.params["encryption_key_arn"])
        check_lock(self.params)


def check_lock(params):
    asked = given(params, "lock").get("lock")
    if params["vault_type"] == AIR_GAPPED:
        if not asked or set(asked) != set(RETENTION):
            raise Invalid(
                "lock",
                f"An air-gapped vault needs {' and '.join(RETENTION)}, and is in compliance mode from the beginning.",
            )
        if asked["min_retention_days"] < SHORTEST_AIR_GAPPED:
            raise Invalid("lock", f"min_retention_days of an air-gapped vault is {SHORTEST_AIR_GAPPED} or more.")
    for option, days in (asked or {}).items():
        least = SHORTEST_COOLING if option == "changeable_for_days" else 1
        if not least <= days <= LONGEST:
            raise Invalid("lock", f"{option} is {days}, but must be from {least} to {LONGEST}.")
    least, most = ((asked or {}).get(option) for option in RETENTION)
    if least and most and least > most:
        raise Invalid("lock", f"min_retention_days, {least}, is more than max_retention_days, {most}.")


def _check_topic(arn, account):
    if arn.endswith(".fifo"):
        raise Invalid("notifications", f"{arn} is a FIFO topic, to which AWS Backup does not publish.")
    owner = arn.split(":")[4]
    if owner != account:
        raise Invalid(
            "notifications", f"{arn} is a topic of the account {owner}, and AWS Backup publishes in {account} only."
        )


def _check_events(events):
    for event in events:
        if event in DEPRECATED:
            instead = f" Take {DEPRECATED[event]}." if DEPRECATED[event] else ""
            raise Invalid("notifications", f"AWS Backup takes {event}, but does not send it any more.{instead}")


def _joined(lock) -> str:
    return ", ".join(f"{key} {value}" for key, value in lock.items())


def _described(client, listed: dict) -> dict:
    """All that several calls tell of one vault."""
    name = {"BackupVaultName": listed["BackupVaultName"]}
    policy = client.call("get_backup_vault_access_policy", missing=GONE, **name) or {}
    notifications = client.call("get_backup_vault_notifications", missing=GONE, **name) or {}
    tags = client.call("list_tags", missing=GONE, ResourceArn=listed["BackupVaultArn"]) or {}
    return {
        "Vault": listed,
        "Policy": policy.get("Policy") or "",
        "Notifications": notifications,
        "Tags": {key: value for key, value in (tags.get("Tags") or {}).items() if not key.startswith("aws:")},
    }
