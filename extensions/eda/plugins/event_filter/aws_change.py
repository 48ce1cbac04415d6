# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Says of an event of EventBridge what it is about: whose SDDC, who did it, and whether anything of AWS Backup was changed."""

from __future__ import annotations

import re

DOCUMENTATION = r"""
---
short_description: Says of an event of EventBridge what it is about
description:
  - Adds C(change) to an event, with C(kind), C(by), C(sddc) and C(objects). The event is as EventBridge sends it, or the C(body) of a message of SQS.
  - C(kind) is C(change) for a call that CloudTrail has recorded and that changed an endpoint, a security group, a gateway or a hypervisor,
    C(job) for a backup of a virtual machine that failed, expired or was aborted, and empty for all else.
options:
  sddcs:
    description:
      - Which host of the inventory an object belongs to, by the id or ARN of the object, such as vpce-..., sg-... or the ARN of a gateway.
      - Given, calls of EC2 that are about none of them are of no interest. Not given, each is, and of no host in particular.
    type: dict
"""
OF_EC2 = re.compile(
    r"(Create|Modify|Delete)VpcEndpoints?|(Authorize|Revoke)SecurityGroup\w+|ModifySecurityGroupRules|DeleteSecurityGroup"
)
OBJECT = re.compile(r"(vpce|sg)-[0-9a-f]+|arn:[\w-]+:backup-gateway:[^\s]+")
ENDED_BADLY = ("FAILED", "EXPIRED", "ABORTED")


def main(event: dict, sddcs: dict | None = None) -> dict:
    """The event with what it is about."""
    body = event.get("body", event)
    told = body if isinstance(body, dict) else {}
    detail = told.get("detail") or {}
    objects = sorted(_objects([detail.get(part) for part in ("requestParameters", "responseElements", "resourceArn")]))
    sddc = next((sddcs[one] for one in objects if one in (sddcs or {})), "")
    kind = _kind(told.get("source", ""), told.get("detail-type", ""), detail, bool(sddc) or not sddcs)
    return {**event, "change": {"kind": kind, "by": _by(detail), "sddc": sddc, "objects": objects}}


def _kind(source, about, detail, may_be_ours) -> str:
    if about == "Backup Job State Change":
        bad = detail.get("state") in ENDED_BADLY and detail.get("resourceType") == "VirtualMachine"
        return "job" if bad else ""
    if about != "AWS API Call via CloudTrail" or detail.get("errorCode") or detail.get("readOnly"):
        return ""
    name = str(detail.get("eventName", ""))
    if source == "aws.backup-gateway":
        return "" if name.startswith(("Get", "List", "Test")) else "change"
    return "change" if source == "aws.ec2" and OF_EC2.fullmatch(name) and may_be_ours else ""


def _by(detail) -> str:
    """The role that was assumed, else the caller."""
    identity = detail.get("userIdentity") or {}
    issuer = (identity.get("sessionContext") or {}).get("sessionIssuer") or {}
    return issuer.get("arn") or identity.get("arn") or identity.get("invokedBy") or ""


def _objects(held) -> set:
    """Every id and ARN in what was asked and answered, however deep."""
    if isinstance(held, dict):
        return _objects(list(held.values()))
    if isinstance(held, list):
        return {one for each in held for one in _objects(each)}
    return {held} if isinstance(held, str) and OBJECT.fullmatch(held) else set()
