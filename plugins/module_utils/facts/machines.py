# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The machines that AWS Backup sees in one account and Region, with who protects them: the calls do not grow with the machines but by their pages."""

from __future__ import annotations

from ..checks.protected import judged
from ..clients import backup_gateway as gateway_api
from ..clients.aws_forms import tags_of, timestamp
from ..engine.findings import Untold, told
from ..resources import backup_selection, hypervisor, virtual_machine

PER_PAGE = 100  # the most that GetResources tells at once; unasked it tells half of it


def of_region(client, wanted: dict, *, refused: tuple = ()) -> list[dict]:
    """Each machine, where ``client(service)`` speaks to the account in the Region.

    ``wanted`` has ``hypervisors``, names or ARNs or nothing for all, and whether ``tags`` and ``protection`` are asked for, and
    ``oldest``, before when the newest point must not have been made. What is asked for and not told is Untold, but for errors of
    the kinds in ``refused``.
    """
    gateway = client("backup-gateway")
    names = {raw["HypervisorArn"]: raw.get("Name") or "" for raw in gateway_api.hypervisors(gateway)}
    listed = _listed(gateway, names, wanted.get("hypervisors"))
    if not listed:
        return []
    selections = newest = Untold("nobody was asked")
    if wanted["protection"]:
        selections = told(lambda: _selections(client("backup")), refused=refused)
        newest = told(lambda: hypervisor.protected(client("backup")), refused=refused)
    tags = Untold("nobody was asked")
    if wanted["tags"] or _needs_tags(selections):
        tags = told(lambda: _tags(client("resourcegroupstaggingapi")), refused=refused)
    ids = {arn.rpartition("/")[2]: name for arn, name in names.items()}
    return [_machine(raw, names, ids, wanted, selections, newest, tags) for raw in listed]


def _listed(gateway, names: dict, wanted) -> list[dict]:
    if not wanted:
        return hypervisor.virtual_machines(gateway)
    found = (hypervisor.virtual_machines(gateway, hypervisor=each) for each in wanted if _is_there(each, names))
    return [raw for listed in found for raw in listed]


def _is_there(wanted: str, names: dict) -> bool:
    """One of several accounts has it, the others do not."""
    return wanted in names or wanted in names.values()


def _selections(backup) -> list[tuple]:
    """Each selection of each plan, as it is told of a machine, and the function that says whether it takes one."""
    found = []
    for plan in backup.pages("list_backup_plans", "BackupPlansList"):
        for raw in backup_selection.find(backup, plan["BackupPlanId"]):
            document = backup_selection.view(raw)
            shown = {"backup_plan": plan["BackupPlanName"], "selection": document["selection_name"]}
            found.append((shown, document, backup_selection.taker(document)))
    return found


def _needs_tags(selections) -> bool:
    """Whether it takes more than ARN and path to know whom they take."""
    own = f"{backup_selection.OF_TAG}{backup_selection.PATH}"
    return not isinstance(selections, Untold) and any(_tag_keys(document) - {own} for _shown, document, _ in selections)


def _tag_keys(document: dict) -> set:
    return {each["key"] for each in [*document["conditions"], *document["list_of_tags"]]}


def _tags(tagging) -> dict:
    asked = {"ResourceTypeFilters": [virtual_machine.TYPE], "ResourcesPerPage": PER_PAGE}
    listed = tagging.pages("get_resources", "ResourceTagMappingList", **asked)
    return {raw["ResourceARN"]: tags_of(raw.get("Tags")) for raw in listed}


def _machine(raw: dict, names: dict, ids: dict, wanted: dict, selections, newest, tags) -> dict:
    arn, of = raw["ResourceArn"], raw.get("HypervisorId") or ""
    untagged = isinstance(tags, Untold)
    # Nobody has seen whether HypervisorId is the bare id or the ARN.
    found = {
        "resource_arn": arn,
        "name": raw.get("Name") or "",
        "path": raw.get("Path") or "",
        "host_name": raw.get("HostName") or "",
        "hypervisor_id": of,
        "hypervisor": names.get(of) or ids.get(of) or of,
        "last_backup_date": timestamp(raw.get("LastBackupDate")),
    }
    if wanted["tags"]:
        found["tags"] = {} if untagged else tags.get(arn, {})
    if not wanted["protection"]:
        return found
    point = newest if isinstance(newest, Untold) else newest.get(arn, {})
    taken = selections
    if not isinstance(selections, Untold):
        if untagged and _needs_tags(selections):
            taken = tags
        else:
            seen = {"resource_arn": arn, "path": raw.get("Path"), "tags": {} if untagged else tags.get(arn, {})}
            taken = [shown for shown, _document, takes in selections if takes(seen)]
    view = hypervisor.view_virtual_machine(raw, None if isinstance(point, Untold) else point)
    return {
        **found,
        "newest_recovery_point": view["newest_recovery_point"],
        "covered_by": [] if isinstance(taken, Untold) else taken,
        **judged(taken, point, wanted.get("oldest")),
    }
