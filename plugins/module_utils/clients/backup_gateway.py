# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the backup-gateway API does in its own way: references and tags."""

from __future__ import annotations

from ..errors import Ambiguous
from ..values import Unresolved
from .aws_forms import retag, tags_of

GONE = ("ResourceNotFoundException",)


def gateways(client) -> list:
    return client.pages("list_gateways", "Gateways")


def hypervisors(client) -> list:
    return client.pages("list_hypervisors", "Hypervisors")


def is_linked(gateway: dict, hypervisor_arn: str) -> bool:
    """Whether a gateway is linked to that hypervisor."""
    # ListGateways, GetGateway: nobody has seen whether HypervisorId is the bare id or the ARN.
    linked = gateway.get("HypervisorId") or ""
    return bool(linked) and (linked == hypervisor_arn or hypervisor_arn.endswith(f"/{linked}"))


def resolve(kind: str, reference: str, names: dict):
    """The ARN that a name or ARN means, among ARN -> name; Unresolved when there is none."""
    found = [arn for arn, name in names.items() if reference in (arn, name)]
    if len(found) > 1:
        raise Ambiguous(kind, reference, found)
    return found[0] if found else Unresolved(kind, reference)


def tags(client, arn: str) -> dict | None:
    """Its tags, or ``None`` where there is no such thing."""
    answer = client.call("list_tags_for_resource", missing=GONE, ResourceArn=arn)
    return answer and tags_of(answer.get("Tags"))


def put_tags(client, arn: str, have: dict, want: dict) -> None:
    retag(
        have,
        want,
        put=lambda new: client.call("tag_resource", ResourceARN=arn, Tags=new),
        remove=lambda keys: client.call("untag_resource", ResourceARN=arn, TagKeys=keys),
    )
