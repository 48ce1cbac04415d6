# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A site on which all is well, and what can be different of it."""

from __future__ import annotations

import datetime
from types import SimpleNamespace

from ansible_collections.vmc.aws_backup.plugins.module_utils.engine.findings import Untold
from ansible_collections.vmc.aws_backup.plugins.module_utils.facts.population import Machine

NOW = datetime.datetime(2026, 2, 10, 12, tzinfo=datetime.timezone.utc)
SILENT = Untold("HTTP 503")
FOLDER = "/dc/vm/Workloads"
DAILY, COPIES = "arn:aws:backup:r:1:backup-vault:daily", "arn:aws:backup:r:1:backup-vault:copies"
FAR = "arn:aws:backup:far:2:backup-vault:copies"


def ago(hours):
    return NOW - datetime.timedelta(hours=hours)


def seen(name="web", **other):
    return {
        "name": name,
        "path": FOLDER,
        "moid": "vm-1",
        "instance_uuid": "uuid",
        "template": False,
        "managed": False,
        "appliance": False,
        "gateway_arn": "",
        "site_id": "",
        "cluster": "Cluster-1",
        "datastores": ["WorkloadDatastore"],
        "powered_on": True,
        "unprotectable": [],
        "change_tracking": True,
        "tools_running": True,
        "consolidation_needed": False,
        "snapshots": [],
        **other,
    }


def listed(name="web", **other):
    return {"ResourceArn": f"arn:{name}", "Name": name, "Path": FOLDER, **other}


def machine(name="web", row=True, unclear="", **other):
    return Machine(seen(name, **other), listed(name) if row else None, unclear)


APPLIANCE = machine("gw", appliance=True, gateway_arn="arn:gw")


def rule(**other):
    return {
        "target_backup_vault_name": "daily",
        "schedule_expression": "cron(0 5 ? * * *)",
        "start_window_minutes": 480,
        "lifecycle": {"delete_after_days": 7},
        "keep_forever": False,
        "recovery_point_tags": {},
        "copy_actions": {},
        **other,
    }


def plan(name="nightly", **other):
    return {
        "name": name,
        "id": name,
        "of_organisation": False,
        "created": ago(500),
        "executed": ago(7),
        "version_id": "v",
        "rules": {"daily": rule()},
        "selections": [{"selection_name": "s", "list_of_tags": [], "resources": []}],
        **other,
    }


def copying(arn=COPIES, **other):
    return plan(rules={"daily": rule(copy_actions={arn: {"lifecycle": {}}}, **other)})


def point(hours=7, vault=DAILY):
    return {"LastBackupTime": ago(hours), "LastBackupVaultArn": vault, "LastRecoveryPointArn": "arn:point"}


def job(state="COMPLETED", hours=7, arn="arn:web", **other):
    return {
        "BackupJobId": "j1",
        "ResourceArn": arn,
        "State": state,
        "MessageCategory": "SUCCESS" if state == "COMPLETED" else "FAILURE",
        "CreationDate": ago(hours),
        "InitiationDate": ago(hours),
        "CompletionDate": ago(hours) + datetime.timedelta(minutes=10),
        **other,
    }


def vault(name, arn, **other):
    return {"BackupVaultName": name, "BackupVaultArn": arn, "EncryptionKeyArn": "arn:key", **other}


VAULTS = {"daily": vault("daily", DAILY), "copies": vault("copies", COPIES)}
PARAMS = {
    "hypervisor": "sddc-1",
    "objective_hours": 26,
    "copy_objective_hours": 26,
    "sync_max_age_hours": 26,
    "last_seen_max_age": 900,
    "drill_folder": None,
    "exclusions": [],
    "locks": {},
}
HYPERVISOR = {
    "HypervisorArn": "arn:h",
    "Name": "sddc-1",
    "State": "ONLINE",
    "LatestMetadataSyncStatus": "SUCCEEDED",
    "LastSuccessfulMetadataSyncTime": ago(5),
}
VCENTER = {"version": "8.0.3", "certificate_expires": "2027-02-01T12:00:00+00:00"}
GATEWAY = {"GatewayArn": "arn:gw", "GatewayDisplayName": "gw-1", "LastSeenTime": ago(0.1), "VpcEndpoint": "vpce-1"}


NIGHTLY, WEB, DONE = plan(), machine(), job()


def site(*, params=None, plans=(NIGHTLY,), machines=(WEB, APPLIANCE), copies=(), points=(), jobs=(DONE,), **changed):
    """The facts of the site. All plans select every machine that is no appliance, unless ``selecting`` says otherwise."""
    known = not isinstance(machines, Untold)
    rows = [one.listed for one in machines if one.listed] if known else [listed()]
    facts = {
        "params": {**PARAMS, **(params or {})},
        "now": NOW,
        "machines": list(machines) if known else machines,
        "left": [],
        "vcenter": {"virtual_machines": [one.seen for one in machines] if known else [], "vcenter": VCENTER},
        "tags": {},
        "every_machine": rows,
        "listed": rows,
        "hypervisor": HYPERVISOR,
        "gateways": [GATEWAY],
        "opted_in": True,
        "plans": plans if isinstance(plans, Untold) else list(plans),
        "selecting": {
            row["ResourceArn"]: [one for one in plans if not isinstance(one["selections"], Untold)]
            for row in rows
            if row["Name"] != "gw"
        }
        | {row["ResourceArn"]: [] for row in rows if row["Name"] == "gw"}
        if not isinstance(plans, Untold)
        else plans,
        "newest": {row["ResourceArn"]: point() for row in rows},
        "newest_in": lambda name: {},
        "vaults": VAULTS,
        "rotation": lambda key: {"state": "Enabled", "rotated": True},
        "kept": {},
        "older_points": lambda name, days: [],
        "holds": [],
        "jobs": jobs if isinstance(jobs, Untold) else {"jobs": list(jobs), "whole": True, "untold": ""},
        "points": lambda name, hours: points if isinstance(points, Untold) else list(points),
        "copies": lambda state, hours: (
            copies if isinstance(copies, Untold) else [each for each in copies if each["State"] == state]
        ),
    }
    facts["caller"] = "arn:aws:iam::111122223333:user/auditor"
    return SimpleNamespace(**{**facts, **changed})


def said(answer) -> tuple:
    """What a check says: a verdict with all its text, or those of several things by name, or nothing."""
    if answer is None:
        return None, ""
    if isinstance(answer, dict):
        return answer["verdict"], f"{answer['evidence']} {answer['change']}"
    return {name: each["verdict"] for name, each in answer}, " ".join(
        f"{each['evidence']} {each['change']}" for _name, each in answer
    )
