# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Resource Groups Tagging, for what moto does not have: what belongs to AWS Backup and its gateways."""

from __future__ import annotations

from .errors import AwsError
from .router import Forward, account_of

OURS = ("backup", "backup-gateway")
PAGE = 100


class Tagged:
    UNCHECKED = ()

    def __init__(self, backup, gateways):
        self.backup = backup
        self.gateways = gateways

    def GetResources(self, request, params):
        types = params.get("ResourceTypeFilters") or list(OURS)
        if not any(one.partition(":")[0] in OURS for one in types):
            raise Forward
        found = [
            (arn, tags)
            for arn, tags in sorted(self._of(request).items())
            if tags and _is_of(arn, types) and _has(tags, params.get("TagFilters") or [])
        ]
        if "ResourceARNList" in params:
            found = [(arn, tags) for arn, tags in found if arn in params["ResourceARNList"]]
        try:
            start = int(params.get("PaginationToken") or 0)
        except ValueError:
            raise AwsError("PaginationTokenExpiredException", "The token is invalid.") from None
        end = start + params.get("ResourcesPerPage", PAGE)
        listed = [
            {"ResourceARN": arn, "Tags": [{"Key": key, "Value": value} for key, value in sorted(tags.items())]}
            for arn, tags in found[start:end]
        ]
        return {"ResourceTagMappingList": listed, "PaginationToken": str(end) if end < len(found) else ""}

    def _of(self, request) -> dict:
        ours, place = self.backup.place(request), self.gateways.places.get((account_of(request), request.region))
        things = [*ours.vaults.values(), *(plan for plan in ours.plans.values() if not plan.deleted)]
        things += [point for vault in ours.vaults.values() for point in vault.points.values()]
        for listed in (place.gateways, place.hypervisors, place.machines) if place else ():
            things += listed.values()
        return {one.arn: one.tags for one in things}


def _is_of(arn, types) -> bool:
    """A type is a service, or a service and the kind of its resource: backup-gateway:vm."""
    _arn, _partition, service, _region, _account, resource = arn.split(":", 5)
    kind = resource.replace("/", ":").partition(":")[0]
    return any(one in (service, f"{service}:{kind}") for one in types)


def _has(tags, filters) -> bool:
    return all(one["Key"] in tags and (not one.get("Values") or tags[one["Key"]] in one["Values"]) for one in filters)
