# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import datetime

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.engine.reconcile import reconcile
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import (
    Ambiguous,
    ApiError,
    Denied,
    Error,
    Foreign,
    Lost,
)
from ansible_collections.vmc.aws_backup.plugins.module_utils.resources.kms_key import (
    BackupKmsKey,
    alias_name,
    find,
    view,
)
from ansible_collections.vmc.aws_backup.plugins.modules import backup_kms_key

from .aws_api import NOW, Api, params

ARN = "arn:aws:kms:eu-west-1:1:key/"
POLICY = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "1"}, "Action": "kms:*"}]}'
RAW = {
    "Key": {
        "KeyId": "k1",
        "Arn": f"{ARN}k1",
        "Enabled": True,
        "KeyState": "Enabled",
        "KeySpec": "SYMMETRIC_DEFAULT",
        "KeyUsage": "ENCRYPT_DECRYPT",
        "MultiRegion": False,
    },
    "Aliases": [{"AliasName": "alias/a"}],
    "Policy": POLICY,
    "Rotation": {"KeyRotationEnabled": False},
    "Tags": {},
}


class MemoryKms:
    """A KMS that lives in memory; the next key it makes is called ``next``."""

    region = "eu-west-1"
    partition = "aws"

    def __init__(self, *, next_key="k1"):
        self.keys = {}
        self.aliases = {}
        self.unseen = set()  # keys whose tags are not for us
        self.grants = []
        self.next_key = next_key
        self.writes = []
        self.before_answer = None

    def add(self, key, *, tags=None, state="Enabled", created=NOW):
        made = {**RAW["Key"], "KeyId": key, "Arn": f"{ARN}{key}", "KeyState": state, "Enabled": state == "Enabled"}
        self.keys[key] = {"metadata": {**made, "CreationDate": created}, "tags": dict(tags or {}), "rotation": {}}

    def ours(self, key, alias="alias/a", **kwargs):
        self.add(key, tags={"managed-by": "vmc-aws-backup", "vmc-aws-backup:alias": alias}, **kwargs)

    def call(self, operation, *, missing=(), once=False, names="", **request):
        if not operation.startswith(("describe_", "get_", "list_")):
            self.writes.append(operation)
        try:
            return getattr(self, operation)(**request)
        except ApiError as failure:
            if failure.code in missing:
                return None
            raise

    def pages(self, operation, key, **request):
        return self.call(operation, **request)[key]

    def key(self, name):
        name = self.aliases.get(name, name).removeprefix(ARN)
        if name not in self.keys:
            raise ApiError("no", code="NotFoundException")
        return self.keys[name]

    def describe_key(self, KeyId):
        return {"KeyMetadata": self.key(KeyId)["metadata"]}

    def list_keys(self):
        return {"Keys": [{"KeyId": key} for key in self.keys]}

    def list_resource_tags(self, KeyId):
        if KeyId in self.unseen:
            raise Denied("no", code="AccessDeniedException")
        return {"Tags": [{"TagKey": key, "TagValue": value} for key, value in self.key(KeyId)["tags"].items()]}

    def list_aliases(self, KeyId):
        return {"Aliases": [{"AliasName": alias} for alias, key in self.aliases.items() if key == KeyId]}

    def list_grants(self, KeyId):
        return {"Grants": self.grants}

    def get_key_policy(self, KeyId, PolicyName):
        return {"Policy": self.key(KeyId).get("policy", POLICY)}

    def get_key_rotation_status(self, KeyId):
        return self.key(KeyId)["rotation"]

    def create_key(self, **request):
        self.add(self.next_key, tags={tag["TagKey"]: tag["TagValue"] for tag in request["Tags"]})
        if self.before_answer:
            self.before_answer()
        return {"KeyMetadata": self.keys[self.next_key]["metadata"]}

    def create_alias(self, AliasName, TargetKeyId):
        if AliasName in self.aliases:
            raise ApiError("taken", code="AlreadyExistsException")
        self.aliases[AliasName] = TargetKeyId

    def schedule_key_deletion(self, KeyId, PendingWindowInDays):
        self.key(KeyId)["metadata"].update(KeyState="PendingDeletion", DeletionDate=NOW)

    def enable_key(self, KeyId):
        self.key(KeyId)["metadata"].update(KeyState="Enabled", Enabled=True)

    def disable_key(self, KeyId):
        self.key(KeyId)["metadata"].update(KeyState="Disabled", Enabled=False)

    def enable_key_rotation(self, KeyId, RotationPeriodInDays=365):
        assert self.key(KeyId)["metadata"]["Enabled"]
        self.key(KeyId)["rotation"] = {"KeyRotationEnabled": True, "RotationPeriodInDays": RotationPeriodInDays}

    def disable_key_rotation(self, KeyId):
        assert self.key(KeyId)["metadata"]["Enabled"]
        self.key(KeyId)["rotation"] = {"KeyRotationEnabled": False}

    def tag_resource(self, KeyId, Tags):
        self.key(KeyId)["tags"].update({tag["TagKey"]: tag["TagValue"] for tag in Tags})


def key(client, **given):
    return BackupKmsKey(client, params(backup_kms_key, **{"alias": "a", **given}))


def test_an_alias_may_be_given_with_or_without_its_prefix():
    assert alias_name("a/b") == alias_name("alias/a/b") == "alias/a/b"


def test_a_key_is_made_with_its_alias_and_rotation_and_then_left_alone():
    kms = MemoryKms()
    options = {"enable_key_rotation": True, "rotation_period_in_days": 90, "enabled": False}
    made = reconcile(key(kms, **options)).after
    assert made["aliases"] == ["alias/a"]
    assert (made["enable_key_rotation"], made["rotation_period_in_days"], made["enabled"]) == (True, 90, False)
    assert not reconcile(key(kms, **options)).changed
    assert list(kms.keys) == ["k1"]


def test_a_disabled_key_is_enabled_before_its_rotation_changes():
    kms = MemoryKms()
    kms.ours("k1", state="Disabled")
    after = reconcile(key(kms, enabled=True, enable_key_rotation=True)).after
    assert after["enabled"]
    assert after["enable_key_rotation"]


def test_a_key_whose_alias_a_killed_run_left_out_is_found_by_its_tag():
    kms = MemoryKms(next_key="k2")
    kms.ours("k1")
    kms.ours("other", alias="alias/b")
    kms.ours("gone", state="PendingDeletion")
    kms.add("secret", tags={"managed-by": "vmc-aws-backup", "vmc-aws-backup:alias": "alias/a"})
    kms.unseen.add("secret")
    assert reconcile(key(kms)).after["key_id"] == "k1"
    assert kms.writes == ["create_alias"]


def test_tags_that_nobody_lets_us_see_are_no_reason_for_another_key():
    kms = MemoryKms(next_key="k2")
    kms.ours("k1")
    kms.unseen.add("k1")
    with pytest.raises(Denied):
        reconcile(key(kms))
    assert kms.writes == []


def test_two_keys_made_for_one_alias_are_told():
    kms = MemoryKms()
    kms.ours("k1")
    kms.ours("k2")
    with pytest.raises(Ambiguous, match=f"{ARN}k1, {ARN}k2"):
        key(kms).observe()


def test_of_two_that_were_made_at_once_one_stays():
    kms = MemoryKms()
    kms.before_answer = lambda: kms.ours("k2", created=NOW - datetime.timedelta(seconds=1))
    assert reconcile(key(kms)).after["key_id"] == "k2"
    assert kms.keys["k1"]["metadata"]["KeyState"] == "PendingDeletion"


def test_another_run_may_be_quicker_with_the_alias():
    kms = MemoryKms()
    kms.ours("k1")
    resource = key(kms)
    have = resource.observe()
    kms.aliases["alias/a"] = "k1"
    resource.update(have, {"aliases": ["alias/a"]})
    assert not reconcile(resource).changed


def test_a_lost_answer_makes_no_second_key():
    kms = MemoryKms()

    def lose():
        raise Lost("no answer", retryable=True)

    kms.before_answer = lose
    assert reconcile(key(kms)).after["key_id"] == "k1"
    assert list(kms.keys) == ["k1"]


def test_a_key_of_others_is_refused_unless_it_is_adopted():
    kms = MemoryKms()
    kms.add("k1")
    kms.aliases = {"alias/a": "k1", "alias/b": "k1"}
    with pytest.raises(Foreign, match=f"{ARN}k1"):
        key(kms).observe()
    adopted = reconcile(key(kms, adopt=True)).after
    assert adopted["tags"] == {"managed-by": "vmc-aws-backup", "vmc-aws-backup:alias": "alias/a"}
    assert adopted["aliases"] == ["alias/a", "alias/b"]


def test_a_key_that_is_going_to_be_deleted_is_absent_but_not_replaced():
    kms = MemoryKms(next_key="k2")
    kms.ours("k1")
    kms.aliases = {"alias/a": "k1"}
    gone = {"state": "absent", "pending_window_in_days": 7}
    assert reconcile(key(kms, **gone), state="absent").changed
    assert not reconcile(key(kms, **gone), state="absent").changed
    assert kms.writes == ["schedule_key_deletion"]
    with pytest.raises(Error, match="2026-02-01T12:00:00"):
        reconcile(key(kms))
    assert list(kms.keys) == ["k1"]


def test_a_key_that_somebody_has_a_grant_on_is_not_deleted():
    kms = MemoryKms()
    kms.ours("k1")
    kms.aliases = {"alias/a": "k1"}
    kms.grants = [{"GrantId": "g", "GranteePrincipal": "backup-gateway.amazonaws.com"}]
    with pytest.raises(Foreign, match=r"backup-gateway\.amazonaws\.com"):
        reconcile(key(kms, state="absent", pending_window_in_days=7), state="absent")
    assert kms.writes == []


def test_a_key_of_another_kind_would_have_to_be_replaced():
    kms = MemoryKms()
    kms.ours("k1")
    kms.keys["k1"]["metadata"]["KeySpec"] = "RSA_2048"
    (change,) = [c for c in reconcile(key(kms), on_immutable="report").changes if c.path == "key_spec"]
    assert change.effect == "replace"


def test_what_cannot_rotate_is_still_listed():
    client = Api(
        describe_key={"KeyMetadata": RAW["Key"]},
        get_key_policy={"Policy": POLICY},
        get_key_rotation_status=ApiError("no", code="UnsupportedOperationException"),
    )
    (raw,) = find(client, alias="a")
    assert view(raw)["enable_key_rotation"] is False


def test_without_an_alias_ours_are_listed():
    kms = MemoryKms()
    kms.ours("k1")
    kms.add("theirs")
    assert [raw["Key"]["KeyId"] for raw in find(kms)] == ["k1"]


def test_what_is_wanted_is_stable():
    resource = key(Api(), tags={"a": 1}, enable_key_rotation=True, policy={"Statement": []})
    want = resource.want(view(RAW))
    assert resource.want({**view(RAW), **want}) == want


def test_what_is_not_given_is_not_managed():
    assert set(key(Api()).want(view(RAW))) == {"aliases", "enabled", "key_spec", "key_usage", "tags"}


def test_a_disabled_key_of_ours_is_enabled_without_being_asked_for():
    kms = MemoryKms()
    kms.ours("k1", state="Disabled")
    kms.aliases = {"alias/a": "k1"}
    predicted = reconcile(key(kms, enable_key_rotation=False), check_mode=True)
    assert [(change.path, change.effect) for change in predicted.changes] == [("enabled", "in_place")]
    assert reconcile(key(kms, enable_key_rotation=False)).after["enabled"]
    assert kms.writes == ["enable_key"]


def test_a_key_that_is_to_go_is_refused_with_the_command_that_keeps_it():
    kms = MemoryKms()
    kms.ours("k1", state="PendingDeletion")
    kms.aliases = {"alias/a": "k1"}
    with pytest.raises(Error, match="aws kms cancel-key-deletion --key-id k1"):
        reconcile(key(kms), check_mode=True)


def test_an_alias_that_was_pointed_at_another_key_of_ours_is_refused_with_the_command_that_mends_it():
    kms = MemoryKms()
    kms.ours("k1")
    kms.ours("k2", alias="alias/b")
    kms.aliases = {"alias/a": "k2", "alias/b": "k2"}
    with pytest.raises(Foreign, match=f"--alias-name alias/a --target-key-id {ARN}k1"):
        reconcile(key(kms))
    assert kms.writes == []


def test_a_second_alias_of_a_key_of_ours_is_no_fault():
    kms = MemoryKms()
    kms.ours("k2", alias="alias/b")
    kms.aliases = {"alias/a": "k2", "alias/b": "k2"}
    assert reconcile(key(kms)).after["key_id"] == "k2"


@pytest.mark.parametrize("given", [None, True, False])
def test_that_a_key_does_not_rotate_is_told_where_nobody_said_so(given):
    kms = MemoryKms()
    kms.ours("k1")
    kms.aliases = {"alias/a": "k1"}
    outcome = reconcile(key(kms, enable_key_rotation=given))
    kept = [change.path for change in outcome.changes if change.effect == "kept"]
    assert kept == ([] if given is not None else ["enable_key_rotation"])


@pytest.mark.parametrize(
    ("principal", "condition", "told"),
    [
        ({"AWS": "arn:aws:iam::1:root"}, None, False),
        ({"AWS": ["arn:aws:iam::1:role/jobs", "1"]}, None, False),
        ({"Service": "backup.amazonaws.com"}, None, False),
        ("*", {"StringEquals": {"kms:CallerAccount": "1"}}, False),
        ("*", None, True),
        ({"AWS": "*"}, None, True),
        ({"AWS": "arn:aws:iam::2:root"}, None, True),
        ({"AWS": ["1", "2"]}, None, True),
    ],
)
def test_that_a_key_policy_lets_in_outsiders_is_told(principal, condition, told):
    kms = MemoryKms()
    kms.ours("k1")
    kms.aliases = {"alias/a": "k1"}
    statement = {"Effect": "Allow", "Principal": principal, "Action": "kms:*", "Condition": condition}
    document = {"Statement": [{name: value for name, value in statement.items() if value}]}
    kms.keys["k1"]["policy"] = document
    outcome = reconcile(key(kms, enable_key_rotation=False))
    assert [change.path for change in outcome.changes] == (["policy"] if told else [])
    assert len(outcome.warnings) == told
