# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which restore drills are next, and what those that there were say. Writes nothing."""

from __future__ import annotations

import re

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from ..module_utils.checks import drill
from ..module_utils.engine.findings import sentence
from ..module_utils.errors import Error, Invalid
from ..plugin_utils import drills

VERIFIED = "restore_drill_behaviour_verified"
ODD = r"[/\\%]"  # in names that vSphere has encoded


class ActionModule(ActionBase):
    _supports_check_mode = True
    _requires_connection = False

    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        args = self._task.args
        given, machines = args.get("given") or {}, args.get("machines") or []
        try:
            records = drills.read(given["restore_drill_dir"], args.get("site_id") or "")
            if args.get("judge"):
                result.update(result=_result(records, machines, given, args.get("drilled") or []))
            else:
                result.update(drills=_next(records, machines, given, args))
        except Error as failure:
            raise AnsibleActionFail(str(failure)) from None
        result["changed"] = False
        return result


def _next(records, machines, given, args) -> list:
    """Drills that were broken off, then new ones."""
    value = {name.removeprefix("restore_drill_"): held for name, held in given.items()}.get
    to = value("to")
    broken_off = [{**record, "resumed": True} for record in records if record["state"] == "open"]
    if given.get("state") == "absent":
        return broken_off
    _refuse(value, to)
    busy = {record["machine"]["resource_arn"] for record in broken_off}
    wanted = value("machines") or []
    count = len(wanted) or max(0, value("sample") - len(broken_off))
    on_demand = value("backup") == "on_demand"
    free = machines if wanted else [each for each in machines if each["resource_arn"] not in busy]
    found = drill.chosen(free, records, wanted=wanted, count=count, seed=value("seed") or "")
    fresh = []
    for machine in found:
        if machine["resource_arn"] in busy:
            continue
        point = machine.get("newest_recovery_point")
        if not on_demand and not point:
            raise Invalid(
                "restore_drill_machines",
                f"{machine['name']} has no recovery point. Back it up first, or set restore_drill_backup to on_demand.",
            )
        request = drills.new_request()
        fresh.append(
            {
                "request_id": request,
                "site_id": args.get("site_id") or "",
                "host": args.get("host") or "",
                "state": "open",
                "resumed": False,
                "machine": {key: machine[key] for key in ("name", "path", "resource_arn")},
                "restore_to": to,
                "disk": value("disk"),
                "on_demand": on_demand,
                "delete_after_days": value("delete_after_days") if on_demand else None,
                "recovery_point": None if on_demand else point,
                "backup_vault_name": value("backup_vault_name") if on_demand else point["backup_vault_name"],
                "vm_name": f"{re.sub(ODD, '-', machine['name'])[:60]}-{request}",
                "place": {
                    key: value(key)
                    for key in ("folder", "compute_resource", "datastore", "availability_zone", "ebs_restore_to")
                    if value(key) is not None
                },
                "level": "none",
            }
        )
    return broken_off + fresh


def _refuse(value, to):
    needed = {"vmware": ("folder", "compute_resource", "datastore"), "ebs": ("availability_zone", "ebs_restore_to")}[to]
    needed = ("iam_role_arn", *needed)
    missing = [f"restore_drill_{name}" for name in needed if value(name) is None]
    if missing:
        raise Invalid(missing[0], f"A drill to {to} needs {', '.join(missing)}. Nothing was changed.")
    if to == "vmware" and not value("behaviour_verified"):
        raise Invalid(
            VERIFIED,
            "Whether AWS Backup powers on what it restores to vCenter, and connects its network cards, is not documented: a second copy of a production "
            "machine could come up beside the first. Restore one by hand into an isolated network, look, and set this to true then; or drill to ebs. "
            "Nothing was changed.",
        )
    if value("backup") == "on_demand" and not (value("delete_after_days") and value("backup_vault_name")):
        raise Invalid(
            "restore_drill_delete_after_days",
            "An on-demand backup needs a vault, restore_drill_backup_vault_name, and the days after which it is deleted. Nothing was changed.",
        )


def _result(records, machines, given, drilled) -> dict:
    """What the role leaves: the findings of all machines, and what came of the drills of this run."""
    names = [record["request_id"] for record in drilled]
    of_now = [record for record in records if record["request_id"] in names]
    found = drill.findings(
        records,
        machines,
        drills.now(),
        max_age_days=given.get("restore_drill_max_age_days"),
        recovery_minutes=given.get("restore_drill_recovery_minutes"),
        point_hours=given.get("restore_drill_recovery_point_hours"),
    )
    return {
        "changed": bool(of_now),
        "changes": [
            {
                "object": f"drill of {record['machine']['name']}",
                "path": "state",
                "desired": "closed",
                "actual": "absent",
                "effect": "create",
            }
            for record in of_now
        ],
        "findings": [sentence(each) for each in found if each["verdict"] not in ("ok", "skipped")],
        "drill_findings": found,
        "drills": of_now,
        "unproven": [
            f"{record['machine']['name']}: {record.get('failure') or '; '.join(record.get('differences') or []) or record['state']}"
            for record in of_now
            if record["state"] != "closed" or record.get("failure") or record.get("differences")
        ],
    }
