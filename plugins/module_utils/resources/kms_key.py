# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The customer managed key for backups and for the credentials of a hypervisor: symmetric, known by its alias."""

from __future__ import annotations

import json

from .. import forms
from ..clients.aws_forms import canonical_policy, retag, tag_list, tags_of, timestamp
from ..errors import Ambiguous, Denied, Error, Foreign, Invalid
from ..ownership import claim, is_ours
from ..values import Noticed, Unresolved, canonical, given, marks, wanted_tags

GONE = ("NotFoundException",)
GOING = ("KMSInvalidStateException",)
NO_ROTATION = ("UnsupportedOperationException",)
ALIAS_TAG = "vmc-aws-backup:alias"
ROTATION = ("enable_key_rotation", "rotation_period_in_days")
SHORTEST_WINDOW = 7

# Whole numbers, and the range each may have.
RANGES = {"rotation_period_in_days": (90, 2560), "pending_window_in_days": (SHORTEST_WINDOW, 30)}


def find(client, *, alias: str | None = None) -> list[dict]:
    """The key behind an alias, or else all keys that carry our tag."""
    if alias:
        found = [_metadata(client, alias_name(alias))]
    else:
        found = [_metadata(client, key) for key, tags in _tagged(client).items() if is_ours(tags)]
    return [_described(client, metadata) for metadata in found if metadata]


def view(raw: dict) -> dict:
    key = raw["Key"]
    return {
        "key_id": key["KeyId"],
        "key_arn": key["Arn"],
        "aliases": canonical(alias["AliasName"] for alias in raw["Aliases"]),
        "description": key.get("Description") or "",
        "key_state": key.get("KeyState"),
        "enabled": bool(key.get("Enabled")),
        "key_spec": key.get("KeySpec"),
        "key_usage": key.get("KeyUsage"),
        "multi_region": bool(key.get("MultiRegion")),
        "policy": canonical_policy(raw["Policy"]),
        "enable_key_rotation": bool(raw["Rotation"].get("KeyRotationEnabled")),
        "rotation_period_in_days": raw["Rotation"].get("RotationPeriodInDays"),
        "deletion_date": timestamp(key.get("DeletionDate")),
        "tags": raw["Tags"],
    }


def resolve(client, reference: str):
    """The ARN of the key that an alias means, by its name or ARN; Unresolved when there is none."""
    metadata = _metadata(client, reference if ":alias/" in reference else alias_name(reference))
    return metadata["Arn"] if metadata else Unresolved("KMS key", reference)


def state_of(client, key: str) -> str:
    """Enabled, or what KMS says instead; ``gone`` where there is no such key."""
    metadata = _metadata(client, key)
    return metadata["KeyState"] if metadata else "gone"


def alias_name(alias: str) -> str:
    """An alias as KMS spells it, with or without its prefix given."""
    return alias if alias.startswith("alias/") else f"alias/{alias}"


class BackupKmsKey:
    kind = "kms_key"
    immutable = ("key_spec", "key_usage", "multi_region")

    def __init__(self, client, params: dict):
        self.client = client
        self.params = params
        self.alias = alias_name(params["alias"])

    def observe(self):
        """The key behind the alias, or the one that was made for it in a run that was killed before it had the alias."""
        _check(self.params, self.alias)
        found = find(self.client, alias=self.alias)
        if not found:
            found = [_described(self.client, metadata) for metadata in self._made_for_alias()]
        if len(found) > 1:
            raise Ambiguous(self.kind, self.alias, [raw["Key"]["Arn"] for raw in found])
        if not found:
            return None
        have = view(found[0])
        if self.params["state"] == "present":
            self._refuse_another_key(have)
        return self._mine(have)

    def want(self, have):
        want = {
            "aliases": canonical([self.alias, *(have["aliases"] if have else [])]),
            "key_spec": "SYMMETRIC_DEFAULT",
            "key_usage": "ENCRYPT_DECRYPT",
            **given(self.params, "description", "enabled", "multi_region", *ROTATION),
        }
        if self.params["policy"] is not None:
            want["policy"] = canonical_policy(self.params["policy"])
        tags = self.params["tags"]
        purge, ours = tags is not None and self.params["purge_tags"], {**marks(None), ALIAS_TAG: self.alias}
        want["tags"] = wanted_tags(have and have["tags"], tags, purge=purge, ours=ours)
        _check_rotation(have or {"enabled": True, "enable_key_rotation": False}, want)
        return want

    def create(self, want):
        """Make it findable by its tag; the alias follows, which only one key can have."""
        request = {
            "Description": want.get("description", ""),
            "KeySpec": want["key_spec"],
            "KeyUsage": want["key_usage"],
            "MultiRegion": want.get("multi_region", False),
            "Tags": _theirs(tag_list(want["tags"])),
        }
        if "policy" in want:
            request["Policy"] = json.dumps(want["policy"])
        return self.client.call("create_key", once=True, **request)["KeyMetadata"]["Arn"]

    def take_back(self, arn):
        self._schedule_deletion(arn.rpartition("/")[2], SHORTEST_WINDOW)

    def update(self, have, changes):
        key = have["key_id"]
        if changes.get("enabled"):
            self.client.call("enable_key", KeyId=key)
        for alias in set(changes.get("aliases", [])) - set(have["aliases"]):
            # CreateAlias: another run may have been quicker; the next look tells whose key has the alias.
            self.client.call("create_alias", missing=("AlreadyExistsException",), AliasName=alias, TargetKeyId=key)
        if "description" in changes:
            self.client.call("update_key_description", KeyId=key, Description=changes["description"])
        if "policy" in changes:
            policy = json.dumps(changes["policy"])
            self.client.call("put_key_policy", KeyId=key, PolicyName="default", Policy=policy)
        if any(option in changes for option in ROTATION):
            self._put_rotation(have, changes)
        if "tags" in changes:
            retag(
                have["tags"],
                changes["tags"],
                put=lambda tags: self.client.call("tag_resource", KeyId=key, Tags=_theirs(tags)),
                remove=lambda keys: self.client.call("untag_resource", KeyId=key, TagKeys=keys),
            )
        if changes.get("enabled") is False:
            self.client.call("disable_key", KeyId=key)

    def delete(self, have):
        """Schedule the deletion, unless somebody still holds a grant on it: what it encrypts would be lost."""
        grants = self.client.pages("list_grants", "Grants", KeyId=have["key_id"])
        if grants:
            holders = canonical(grant.get("GranteePrincipal") or grant["GrantId"] for grant in grants)
            raise Foreign(
                f"The key {have['key_arn']} is in use: {', '.join(holders)} may use it through {len(grants)} grants. Delete what "
                "it encrypts first, such as the hypervisor that was imported with it. Grants are never revoked here."
            )
        self._schedule_deletion(have["key_id"], self.params["pending_window_in_days"])

    def noticed(self, have):
        if not have["enable_key_rotation"] and self.params["enable_key_rotation"] is None:
            advice = "the key does not rotate. Set enable_key_rotation, or set it to false if that is meant."
            yield Noticed("enable_key_rotation", None, False, advice)
        outsiders = _outsiders(have["policy"], have["key_arn"].split(":")[4]) if self.params["policy"] is None else []
        if outsiders:
            advice = (
                f"the key policy lets {', '.join(outsiders)} use the key. Give policy to have it kept as it should be."
            )
            yield Noticed("policy", None, have["policy"], advice)

    def _refuse_another_key(self, have):
        """The alias may have been pointed elsewhere: then the key that was made for it still says so."""
        if have["tags"].get(ALIAS_TAG) == self.alias:
            return
        made = [metadata["Arn"] for metadata in self._made_for_alias() if metadata["KeyId"] != have["key_id"]]
        if made:
            raise Foreign(
                f"{self.alias} leads to the key {have['key_arn']}, but was made for {', '.join(made)}. Point it back "
                f"(aws kms update-alias --alias-name {self.alias} --target-key-id {made[0]}), or choose another alias."
            )

    def _mine(self, have):
        """The key when it is ours to change, ``None`` when it is about to go and shall be gone."""
        claim(
            f"The key {have['key_arn']} that {self.alias} leads to",
            have,
            self.params,
            by="alias",
            along=" with its policy",
        )
        if not _is_going(have["key_state"]):
            return have
        if self.params["state"] == "absent":
            return None
        raise Error(
            f"{self.alias} leads to the key {have['key_arn']}, which is to be deleted at {have['deletion_date']}. To keep it, cancel "
            f"that (aws kms cancel-key-deletion --key-id {have['key_id']}), after which it is enabled here; to have another one, "
            "choose another alias. Neither is done unasked."
        )

    def _made_for_alias(self):
        """The keys that were made for the alias, without those about to go."""
        keys = [
            key for key, tags in _tagged(self.client).items() if is_ours(tags) and tags.get(ALIAS_TAG) == self.alias
        ]
        found = [_metadata(self.client, key) for key in keys]
        return [metadata for metadata in found if metadata and not _is_going(metadata["KeyState"])]

    def _put_rotation(self, have, changes):
        key = have["key_id"]
        if changes.get("enable_key_rotation", have["enable_key_rotation"]):
            days = changes.get("rotation_period_in_days")
            self.client.call("enable_key_rotation", KeyId=key, **({"RotationPeriodInDays": days} if days else {}))
        else:
            self.client.call("disable_key_rotation", KeyId=key)

    def _schedule_deletion(self, key, days):
        self.client.call("schedule_key_deletion", missing=GONE + GOING, KeyId=key, PendingWindowInDays=days)


def _tagged(client) -> dict:
    """The tags of every key, but for keys of others whose tags are not for us to see."""
    found = {}
    denied = None
    for key in client.pages("list_keys", "Keys"):
        try:
            answer = client.call("list_resource_tags", missing=GONE, KeyId=key["KeyId"])
        except Denied as refusal:
            denied = refusal
        else:
            found[key["KeyId"]] = _ours(answer)
    if denied and not found:
        raise denied
    return found


def _metadata(client, key: str) -> dict | None:
    answer = client.call("describe_key", missing=GONE, KeyId=key)
    return answer and answer["KeyMetadata"]


def _described(client, metadata: dict) -> dict:
    key = metadata["KeyId"]
    return {
        "Key": metadata,
        "Aliases": client.pages("list_aliases", "Aliases", KeyId=key),
        "Policy": client.call("get_key_policy", KeyId=key, PolicyName="default")["Policy"],
        "Rotation": client.call("get_key_rotation_status", missing=NO_ROTATION, KeyId=key) or {},
        "Tags": _ours(client.call("list_resource_tags", KeyId=key)),
    }


def _is_going(key_state: str) -> bool:
    return key_state in ("PendingDeletion", "PendingReplicaDeletion")


def _outsiders(policy: dict, account: str) -> list[str]:
    """Whom beyond the account of the key its policy lets in: everybody where no condition narrows that, and other accounts."""
    allowed = [statement for statement in policy["Statement"] if statement.get("Effect") == "Allow"]
    found = [name for statement in allowed for name in _principals(statement)]
    return canonical(name for name in found if name != account and f":{account}:" not in name)


def _principals(statement: dict) -> list[str]:
    """The accounts, users and roles that a statement speaks of; everybody only where it has no condition."""
    principal = statement.get("Principal", "*" if "NotPrincipal" in statement else {})
    named = principal if principal == "*" else principal.get("AWS", [])
    names = named if isinstance(named, list) else [named]
    return [name for name in names if name != "*" or not statement.get("Condition")]


def _ours(answer: dict | None) -> dict:
    """Tags as KMS answers them, as a dictionary."""
    return tags_of([{"Key": tag["TagKey"], "Value": tag["TagValue"]} for tag in (answer or {}).get("Tags", [])])


def _theirs(tags: list) -> list:
    return [{"TagKey": tag["Key"], "TagValue": tag["Value"]} for tag in tags]


def _check(params: dict, alias: str) -> None:
    """Refuse what KMS would refuse, before anything is written."""
    forms.checked("alias", "kms_alias", alias)
    for option, (least, most) in RANGES.items():
        if params[option] is not None and not least <= params[option] <= most:
            raise Invalid(option, f"It is {params[option]}, but must be from {least} to {most}.")
    if params["policy"] == {}:
        raise Invalid("policy", "A key cannot be without a policy.")
    if params["state"] == "absent" and params["pending_window_in_days"] is None:
        raise Invalid(
            "pending_window_in_days",
            "What the key encrypts is lost with it. Say in how many days, 7 to 30, it is to be deleted.",
        )


def _check_rotation(have: dict, want: dict) -> None:
    rotates = want.get("enable_key_rotation", have["enable_key_rotation"])
    if "rotation_period_in_days" in want and not rotates:
        raise Invalid("rotation_period_in_days", "The key does not rotate. Set enable_key_rotation.")
    differs = any(option in want and want[option] != have.get(option) for option in ROTATION)
    if differs and not (have["enabled"] or want.get("enabled")):
        raise Invalid("enabled", "The rotation of a disabled key cannot be changed. Enable it first.")
