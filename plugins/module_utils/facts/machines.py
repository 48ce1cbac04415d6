# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The machines that AWS Backup sees in one account and Region, with who protects them: the calls do not grow with the machines but by their pages."""

from __future__ import annotations

from ..checks.protected import judged
from ..clients import backup_gateway as gateway_api
from ..clients.aws_forms import tags_of
from ..engine.findings import Untold, told
from ..resources import backup_selection, hypervisor, virtual_machine

PER_PAGE = 100  # the most that GetResources tells at once; unasked it tells half of it


def of_region(client, wanted: dict, *, refused: tuple = ()) -> list[dict]:
    """Each machine, where ``client(service)`` speaks to the account in the Region.

    ``wanted`` has ``hypervisors``, names or ARNs or nothing for all, and whether ``tags`` and ``protection`` are asked for, and
    ``oldest``, before when, as text in UTC, the newest point must not have been made. What is asked for and not told is Untold, but for errors of
    the kinds in ``refused``.
    """
    gateway = client("backup-gateway")
    names = {raw["HypervisorArn"]: raw.get("Name") or "" for raw in gateway_api.hypervisors(gateway)}
    found = _listed(gateway, names, wanted.get("hypervisors"))
    if not found:
        return []
    selections = tags = Untold("nobody was asked")
    if wanted["protection"]:
        selections = told(lambda: _selections(client("backup")), refused=refused)
    if wanted["tags"] or _needs_tags(selections):
        tags = told(lambda: _tags(client("resourcegroupstaggingapi")), refused=refused)
    if wanted["protection"]:
        newest = told(lambda: hypervisor.newest_points(client("backup")), refused=refused)
        _protect(found, selections, newest, tags, wanted.get("oldest"))
    if wanted["tags"]:
        for machine in found:
            machine["tags"] = {} if isinstance(tags, Untold) else tags.get(machine["resource_arn"], {})
    return found


def _listed(gateway, names: dict, wanted) -> list[dict]:
    # Nobody has seen whether HypervisorId is the bare id or the ARN.
    called = {**names, **{arn.rpartition("/")[2]: name for arn, name in names.items()}}

    def view(raw):
        machine = hypervisor.view_virtual_machine(raw)
        del machine["newest_recovery_point"]
        of = machine["hypervisor_id"] or ""
        texts = {name: machine[name] or "" for name in ("name", "path", "host_name", "hypervisor_id")}
        return {**machine, **texts, "hypervisor": called.get(of) or of}

    if not wanted:
        return hypervisor.virtual_machines(gateway, view=view)
    each = (one for one in wanted if _is_there(one, names))
    return [machine for one in each for machine in hypervisor.virtual_machines(gateway, hypervisor=one, view=view)]


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
    return not isinstance(selections, Untold) and any(_tag_keys(selection[1]) - {own} for selection in selections)


def _tag_keys(document: dict) -> set:
    return {each["key"] for each in [*document["conditions"], *document["list_of_tags"]]}


def _tags(tagging) -> dict:
    asked = {"ResourceTypeFilters": [virtual_machine.TYPE], "ResourcesPerPage": PER_PAGE}
    listed = tagging.pages("get_resources", "ResourceTagMappingList", **asked)
    return {raw["ResourceARN"]: tags_of(raw.get("Tags")) for raw in listed}


def _protect(machines, selections, newest, tags, oldest):
    """Say of each machine who takes it, which point is its newest, and what that makes of it. Those of the same selections share a list."""
    untagged = isinstance(tags, Untold)
    lists: dict = {}

    def taken(machine):
        if isinstance(selections, Untold):
            return selections
        if untagged and _needs_tags(selections):
            return tags
        seen = {**machine, "tags": {} if untagged else tags.get(machine["resource_arn"], {})}
        by = tuple(at for at, (_shown, _document, takes) in enumerate(selections) if takes(seen))
        return lists.setdefault(by, [selections[at][0] for at in by])

    for machine in machines:
        by = taken(machine)
        point = newest if isinstance(newest, Untold) else newest.get(machine["resource_arn"], {})
        machine["newest_recovery_point"] = None if isinstance(point, Untold) else point
        machine["covered_by"] = [] if isinstance(by, Untold) else by
        machine.update(judged(by, point, oldest))
