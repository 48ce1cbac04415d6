# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role with which AWS Backup works: whom it trusts, what it may do, and which keys it may use."""

from __future__ import annotations

import json
import re

from .. import forms
from ..clients.aws_forms import canonical_policy, retag, tag_list, tags_of
from ..errors import Invalid
from ..ownership import claim
from ..values import Noticed, canonical, given, is_reserved, wanted_tags
from . import kms_key

GONE = ("NoSuchEntity",)
SESSION, LONGEST_SESSION = 3600, 43200  # seconds
KEYS_POLICY = "vmc-aws-backup-keys"

BACKUP = "AWSBackupServiceRolePolicyForBackup"
RESTORES = "AWSBackupServiceRolePolicyForRestores"
METADATA_SYNC = "AWSBackupGatewayServiceRolePolicyForVirtualMachineMetadataSync"

# What a role is for -> the services it trusts, and the managed policies it carries.
PURPOSES = {
    "backup": (["backup"], [BACKUP]),
    "restore": (["backup"], [RESTORES]),
    "backup_and_restore": (["backup"], [BACKUP, RESTORES]),
    "metadata_sync": (["backup", "backup-gateway"], [METADATA_SYNC]),
}

OF_OTHERS = "is not of this collection, and adds to what the role may do."
WAYS_OUT = "Set purge_policies to have it taken off, or name it in further_policies if it belongs there."

# AWSBackupFullAccess lets a person hand AWS Backup only roles whose name holds one of these.
PASSED = ("AWSBackup", "AwsBackup")


def find(client, *, name: str | None = None) -> list[dict]:
    """The role of that name, or else all that AWS Backup can be handed, by their names."""
    names = [name] if name else [role["RoleName"] for role in client.pages("list_roles", "Roles")]
    found = (_described(client, role) for role in names if name or _can_be_passed(role))
    return [raw for raw in found if raw]


def view(raw: dict) -> dict:
    role = raw["Role"]
    return {
        "role_arn": role["Arn"],
        "role_id": role["RoleId"],
        "name": role["RoleName"],
        "path": role["Path"],
        "description": role.get("Description") or "",
        "max_session_duration": role.get("MaxSessionDuration") or SESSION,
        "assume_role_policy_document": canonical_policy(role["AssumeRolePolicyDocument"]),
        "managed_policy_arns": canonical(policy["PolicyArn"] for policy in raw["ManagedPolicies"]),
        "inline_policies": {name: canonical_policy(document) for name, document in raw["InlinePolicies"].items()},
        "permissions_boundary": (role.get("PermissionsBoundary") or {}).get("PermissionsBoundaryArn", ""),
        "tags": _tags(role.get("Tags")),
    }


class BackupIamRole:
    kind = "iam_role"
    immutable = ("path",)

    def __init__(self, client, kms, params: dict):
        self.client = client
        self.kms = kms
        self.params = params

    def observe(self):
        found = find(self.client, name=self.params["name"])
        if not found:
            return None
        have = view(found[0])
        return claim(f"The role {have['role_arn']}", have, self.params, along=" with its trust and its policies")

    def want(self, have):
        _check(self.params)
        purpose = self.params["purpose"]
        if have is None and not purpose:
            raise Invalid("purpose", "A new role needs to know what it is for.")
        want = {"name": self.params["name"], **given(self.params, *PLAIN)}
        if purpose:
            services, policies = PURPOSES[purpose]
            want["assume_role_policy_document"] = self._trust(services)
            want["managed_policy_arns"] = canonical(
                [*self._arns(policies), *self._staying(have, "managed_policy_arns")]
            )
        if self.params["kms_key_arns"] is not None:
            want["inline_policies"] = {**self._staying(have, "inline_policies"), **self._keys_policy()}
        elif self.params["purge_policies"] and have is not None:
            ours = {name: text for name, text in have["inline_policies"].items() if name == KEYS_POLICY}
            want["inline_policies"] = {**self._staying(have, "inline_policies"), **ours}
        tags = self.params["tags"]
        purge = tags is not None and self.params["purge_tags"]
        want["tags"] = wanted_tags(have and have["tags"], tags, purge=purge, any_case=True)
        return want

    def create(self, want):
        request = {
            "RoleName": want["name"],
            "AssumeRolePolicyDocument": json.dumps(want["assume_role_policy_document"]),
            "Tags": tag_list(want["tags"]),
        }
        for ours, theirs in {"path": "Path", "permissions_boundary": "PermissionsBoundary"}.items():
            if want.get(ours):
                request[theirs] = want[ours]
        for ours, theirs in ROLE_FIELDS.items():
            if ours in want:
                request[theirs] = want[ours]
        self.client.call("create_role", **request)

    def update(self, have, changes):
        role = {"RoleName": have["name"]}
        if "assume_role_policy_document" in changes:
            trust = json.dumps(changes["assume_role_policy_document"])
            self.client.call("update_assume_role_policy", PolicyDocument=trust, **role)
        if "permissions_boundary" in changes:
            self._put_boundary(role, changes["permissions_boundary"])
        if "managed_policy_arns" in changes:
            self._put_managed(role, have["managed_policy_arns"], changes["managed_policy_arns"])
        if "inline_policies" in changes:
            self._put_inline(role, have["inline_policies"], changes["inline_policies"])
        if ROLE_FIELDS.keys() & changes.keys():
            # UpdateRole: what is not sent goes back to its default
            fields = {theirs: {**have, **changes}[ours] for ours, theirs in ROLE_FIELDS.items()}
            self.client.call("update_role", **fields, **role)
        if "tags" in changes:
            retag(
                have["tags"],
                changes["tags"],
                put=lambda tags: self.client.call("tag_role", Tags=tags, **role),
                remove=lambda keys: self.client.call("untag_role", TagKeys=keys, **role),
            )

    def noticed(self, have):
        """What others have put on the role: it widens what whoever takes the role on may do, or who that may be."""
        for name, document in self._foreign(have, "inline_policies").items():
            yield Noticed(f"inline_policies.{name}", None, document, f"{OF_OTHERS} {WAYS_OUT}")
        for arn in self._foreign(have, "managed_policy_arns"):
            yield Noticed("managed_policy_arns", None, arn, f"{arn} {OF_OTHERS} {WAYS_OUT}")
        document = have["inline_policies"].get(KEYS_POLICY)
        if self.params["kms_key_arns"] is None and document and not _is_of_keys(document):
            advice = "it allows more than to decrypt with keys. Give kms_key_arns to have it put right."
            yield Noticed(f"inline_policies.{KEYS_POLICY}", None, document, advice)
        if self.params["permissions_boundary"] is None and have["permissions_boundary"]:
            advice = (
                f"somebody bounds the role by {have['permissions_boundary']}, which can stop jobs. Give permissions_boundary, "
                "this one or none."
            )
            yield Noticed("permissions_boundary", None, have["permissions_boundary"], advice)
        trust = have["assume_role_policy_document"]
        if not self.params["purpose"] and trust not in [
            self._trust(services) for services, _policies in PURPOSES.values()
        ]:
            yield Noticed(
                "assume_role_policy_document",
                None,
                trust,
                "it trusts others than AWS Backup. Give purpose to have it put right.",
            )

    def delete(self, have):
        role = {"RoleName": have["name"]}
        self._put_managed(role, have["managed_policy_arns"], [])
        self._put_inline(role, have["inline_policies"], {})
        self.client.call("delete_role", missing=GONE, **role)

    def _trust(self, services):
        return _trust(services, self.params["source_accounts"])

    def _arns(self, policies) -> list[str]:
        return [f"arn:{self.client.partition}:iam::aws:policy/service-role/{policy}" for policy in policies]

    def _foreign(self, have, key):
        """What of the managed or the inline policies is not ours, and was not said to belong there."""
        purpose = self.params["purpose"]
        policies = PURPOSES[purpose][1] if purpose else [BACKUP, RESTORES, METADATA_SYNC]
        known = {KEYS_POLICY, *self._arns(policies), *(self.params["further_policies"] or [])}
        if key == "inline_policies":
            return {name: document for name, document in have[key].items() if name not in known}
        return [arn for arn in have[key] if arn not in known]

    def _staying(self, have, key):
        """Policies of others that stay: those that were said to belong there, and unless they are purged, all."""
        nothing = {} if key == "inline_policies" else []
        if have is None:
            return nothing
        gone = self._foreign(have, key) if self.params["purge_policies"] else nothing
        further = self.params["further_policies"] or []
        if key == "inline_policies":
            return {name: text for name, text in have[key].items() if name not in gone and name != KEYS_POLICY}
        ours = self._arns([BACKUP, RESTORES, METADATA_SYNC])
        return [arn for arn in have[key] if arn not in gone and (arn not in ours or arn in further)]

    def _keys_policy(self):
        """The one inline policy: AWS Backup looks for kms:Decrypt on the key of a hypervisor's credentials before each job."""
        keys = canonical(self._key(reference) for reference in self.params["kms_key_arns"])
        if not keys:
            return {}
        statement = {"Action": "kms:Decrypt", "Effect": "Allow", "Resource": keys if len(keys) > 1 else keys[0]}
        return {KEYS_POLICY: {"Version": "2012-10-17", "Statement": [statement]}}

    def _key(self, reference):
        if re.fullmatch(r"arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key/[a-zA-Z0-9-]+", reference):
            return reference
        if re.fullmatch(r"alias/[a-zA-Z0-9/_-]+", reference):
            return kms_key.resolve(self.kms, reference)
        raise Invalid(
            "kms_key_arns", f"{reference!r} is neither the ARN of one key nor an alias that starts with alias/."
        )

    def _put_managed(self, role, have, want):
        """Attach first, then detach, so that a job that runs meanwhile keeps what stays."""
        for arn in want:
            if arn not in have:
                self.client.call("attach_role_policy", PolicyArn=arn, **role)
        for arn in have:
            if arn not in want:
                self.client.call("detach_role_policy", missing=GONE, PolicyArn=arn, **role)

    def _put_inline(self, role, have, want):
        for name, document in want.items():
            if have.get(name) != document:
                policy = json.dumps(document)
                self.client.call("put_role_policy", PolicyName=name, PolicyDocument=policy, **role)
        for name in have:
            if name not in want:
                self.client.call("delete_role_policy", missing=GONE, PolicyName=name, **role)

    def _put_boundary(self, role, arn):
        if arn:
            self.client.call("put_role_permissions_boundary", PermissionsBoundary=arn, **role)
        else:
            self.client.call("delete_role_permissions_boundary", missing=GONE, **role)


def _described(client, name: str) -> dict | None:
    """All that several calls tell of one role; ``None`` when there is none."""
    answer = client.call("get_role", missing=GONE, RoleName=name)
    if answer is None:
        return None
    inline = client.pages("list_role_policies", "PolicyNames", RoleName=name)
    policies = [client.call("get_role_policy", missing=GONE, RoleName=name, PolicyName=policy) for policy in inline]
    return {
        "Role": answer["Role"],
        "ManagedPolicies": client.pages("list_attached_role_policies", "AttachedPolicies", RoleName=name),
        "InlinePolicies": {policy["PolicyName"]: policy["PolicyDocument"] for policy in policies if policy},
    }


def _tags(tags) -> dict:
    """To IAM, Managed-By is the key that our mark has."""
    return {key.lower() if is_reserved(key.lower()) else key: value for key, value in tags_of(tags).items()}


def _can_be_passed(name: str) -> bool:
    return any(part in name for part in PASSED)


def _is_of_keys(document: dict) -> bool:
    """Whether a policy allows to decrypt with keys that it names, and nothing else."""
    return all(
        statement.get("Action") == "kms:Decrypt"
        and ":key/" in str(statement.get("Resource"))
        and "*" not in str(statement)
        for statement in document["Statement"]
    )


def _trust(services: list, accounts: list | None = None) -> dict:
    principal = {"Service": [f"{service}.amazonaws.com" for service in services]}
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    if accounts:
        statement["Condition"] = {"StringEquals": {"aws:SourceAccount": accounts}}
    return canonical_policy({"Version": "2012-10-17", "Statement": [statement]})


PLAIN = ("path", "description", "max_session_duration", "permissions_boundary")
ROLE_FIELDS = {"description": "Description", "max_session_duration": "MaxSessionDuration"}
# Option -> what it must look like.
FORMS = {"name": "role_name", "path": "role_path", "permissions_boundary": "permissions_boundary"}


def _check(params: dict) -> None:
    """Refuse what the API would refuse, before anything is written."""
    for option, form in FORMS.items():
        if params[option] is not None:
            forms.checked(option, form, params[option])
    for account in params["source_accounts"] or []:
        forms.checked("source_accounts", "account_id", account)
    if not SESSION <= (params["max_session_duration"] or SESSION) <= LONGEST_SESSION:
        raise Invalid(
            "max_session_duration",
            f"{params['max_session_duration']} is not from {SESSION} to {LONGEST_SESSION} seconds.",
        )
    if not _can_be_passed(params["name"]):
        raise Invalid(
            "name",
            f"{params['name']} holds neither AWSBackup nor AwsBackup. Only roles so named can be handed to AWS Backup by "
            "somebody with the managed policy AWSBackupFullAccess.",
        )
