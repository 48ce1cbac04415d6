# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The forms in which AWS gives tags, times and policies."""

from __future__ import annotations

import datetime
import json
import re

from ansible_collections.amazon.aws.plugins.module_utils.tagging import (
    ansible_dict_to_boto3_tag_list,
    boto3_tag_list_to_ansible_dict,
)

from ..values import canonical

# The two ways in which a policy names an account as principal.
ACCOUNT = re.compile(r"^arn:aws[a-z-]*:iam::(\d{12}):root$")


def tags_of(tag_list) -> dict:
    """Tags as a dictionary, without those that AWS keeps itself."""
    tags = boto3_tag_list_to_ansible_dict(tag_list or [])
    return {key: value for key, value in tags.items() if not key.startswith("aws:")}


def tag_list(tags: dict) -> list:
    """Tags as AWS takes them."""
    return ansible_dict_to_boto3_tag_list(tags)


def retag(have: dict, want: dict, *, put, remove) -> None:
    """Hand the tags that are new or another to ``put(tag list)``, and the keys no longer wanted to ``remove(keys)``."""
    fresh = {key: value for key, value in want.items() if have.get(key) != value}
    stale = sorted(set(have) - set(want))
    if fresh:
        put(tag_list(fresh))
    if stale:
        remove(stale)


def timestamp(moment) -> str | None:
    """A time as text, in UTC."""
    return moment.astimezone(datetime.timezone.utc).isoformat(timespec="seconds") if moment else None


def canonical_policy(document) -> dict:
    """A policy as it is compared: parsed, with one spelling for what IAM reads alike."""
    policy = json.loads(document) if isinstance(document, str) else document
    statements = policy.get("Statement", [])
    statements = statements if isinstance(statements, list) else [statements]
    return {
        **{key: value for key, value in policy.items() if value is not None},
        "Version": str(policy.get("Version") or "2008-10-17"),
        "Statement": canonical(_one_spelling(statement) for statement in statements),
    }


def _one_spelling(value, key=""):
    if isinstance(value, dict):
        value = {name: _one_spelling(value[name], name) for name in sorted(value)}
        return "*" if key in ("Principal", "NotPrincipal") and value == {"AWS": "*"} else value
    if isinstance(value, list):
        items = canonical(_one_spelling(item, key) for item in value)
        return items[0] if len(items) == 1 else items
    if isinstance(value, bool):
        return str(value).lower()
    if key == "AWS":
        return ACCOUNT.sub(r"\1", str(value))
    return str(value)
