# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A topic that a vault notifies: whether AWS Backup may publish to it."""

from __future__ import annotations

import json

from ..errors import ApiError

SERVICE = "backup.amazonaws.com"
OF_AWS = "alias/aws/sns"


def in_the_way(sns, kms, arn: str) -> str:
    """Why AWS Backup cannot publish to the topic, or that nobody tells; nothing where it can."""
    try:
        attributes = sns.call("get_topic_attributes", missing=("NotFound", "NotFoundException"), TopicArn=arn)
        if attributes is None:
            return f"the topic {arn} does not exist, so that nobody is notified."
        told = attributes["Attributes"]
        if not allows(told.get("Policy"), "sns:Publish"):
            return f"the policy of the topic {arn} does not let {SERVICE} publish (sns:Publish), so that nobody is notified."
        key = told.get("KmsMasterKeyId") or ""
        if key.endswith(OF_AWS):
            return f"the topic {arn} is encrypted with AWS's own key, which {SERVICE} cannot use. Give it a customer managed key."
        if key and not _allowed_by_key(kms, key):
            return f"the key {key} of the topic {arn} does not let {SERVICE} use it (kms:GenerateDataKey, kms:Decrypt)."
    except ApiError as untold:
        return f"whether AWS Backup may publish to {arn} is not known. {untold}"
    return ""


def _allowed_by_key(kms, key) -> bool:
    metadata = kms.call("describe_key", KeyId=key)["KeyMetadata"]
    policy = kms.call("get_key_policy", KeyId=metadata["KeyId"], PolicyName="default")["Policy"]
    return allows(policy, "kms:GenerateDataKey") and allows(policy, "kms:Decrypt")


def allows(policy: str | None, action: str) -> bool:
    """Whether some statement of a policy allows the service the action. What narrows it by conditions is not judged."""
    try:
        statements = json.loads(policy or "{}").get("Statement") or []
    except (AttributeError, ValueError):
        return False
    listed = statements if isinstance(statements, list) else [statements]
    return any(_allows(statement, action.lower()) for statement in listed if isinstance(statement, dict))


def _allows(statement, action) -> bool:
    principal = statement.get("Principal", {})
    services = ["*"] if principal == "*" else _listed(principal.get("Service")) + _listed(principal.get("AWS"))
    of_service = SERVICE in services or "*" in services
    actions = [each.lower() for each in _listed(statement.get("Action"))]
    named = any(
        each == "*" or each == action or (each.endswith("*") and action.startswith(each[:-1])) for each in actions
    )
    return statement.get("Effect") == "Allow" and of_service and named


def _listed(value) -> list:
    return value if isinstance(value, list) else [value] if isinstance(value, str) else []
