# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Days pass over a site of fifty machines: all is well, then one thing is not, and exactly that is said."""

from __future__ import annotations

import json

import pytest
import verification_bench
from modules import Modules
from rehearsal import Lab

pytestmark = pytest.mark.xdist_group("verification")
MACHINES = 50
HOUR, DAY = 3600, 86_400
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "backup.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
FOLDER = "/SDDC-Datacenter/vm/Workloads"
RULE = {
    "RuleName": "nightly",
    "TargetBackupVaultName": "daily",
    "ScheduleExpression": "cron(0 5 ? * * *)",
    "StartWindowMinutes": 480,
    "Lifecycle": {"DeleteAfterDays": 7},
}


class Site:
    """A converged SDDC with fifty machines, and a plan for all that is in the folder Workloads."""

    def __init__(self, lab):
        self.lab, self.modules = lab, Modules(lab)
        self.backup, self.gateways = lab.aws("backup"), lab.aws("backup-gateway")
        self.kms = lab.aws("kms")
        self.key = self.kms.create_key()["KeyMetadata"]["Arn"]
        self.kms.enable_key_rotation(KeyId=self.key)
        vaults = {
            name: self.backup.create_backup_vault(BackupVaultName=name, EncryptionKeyArn=self.key)["BackupVaultArn"]
            for name in ("daily", "copies", "other")
        }
        role = lab.aws("iam").create_role(RoleName="AWSBackup-vmc-tests", AssumeRolePolicyDocument=json.dumps(TRUST))
        self.role = role["Role"]["Arn"]
        copy = {"DestinationBackupVaultArn": vaults["copies"], "Lifecycle": {"DeleteAfterDays": 7}}
        self.plan = self.make_plan("daily", [{**RULE, "CopyActions": [copy]}])
        self.sync()
        self.select(self.plan)

    def make_plan(self, name, rules):
        return self.backup.create_backup_plan(BackupPlan={"BackupPlanName": name, "Rules": rules})["BackupPlanId"]

    def select(self, plan):
        """All machines in the folder Workloads but the appliance."""
        condition = {"ConditionKey": "aws:ResourceTag/aws:backup-gateway:path", "ConditionValue": f"{FOLDER}*"}
        selection = {
            "SelectionName": "machines",
            "IamRoleArn": self.role,
            "Resources": ["arn:aws:backup-gateway:eu-west-1:123456789012:vm/*"],
            "NotResources": [self.arn("sddc-1-cluster-1-1")],
            "Conditions": {"StringLike": [condition]},
        }
        self.backup.create_backup_selection(BackupPlanId=plan, BackupSelection=selection)

    def arn(self, name):
        pages = self.gateways.get_paginator("list_virtual_machines").paginate()
        return next(one["ResourceArn"] for page in pages for one in page["VirtualMachines"] if one["Name"] == name)

    @property
    def hypervisor(self):
        return self.gateways.list_hypervisors()["Hypervisors"][0]["HypervisorArn"]

    def sync(self):
        self.gateways.start_virtual_machines_metadata_sync(HypervisorArn=self.hypervisor)
        while (
            self.gateways.get_hypervisor(HypervisorArn=self.hypervisor)["Hypervisor"]["LatestMetadataSyncStatus"]
            != "SUCCEEDED"
        ):
            pass

    def pass_days(self, days=1):
        """A sync a day, as AWS does it, and all that runs comes to its end."""
        for _day in range(days):
            self.lab.pass_time(DAY)
            self.sync()

    def lose_points(self, vault, name):
        """Somebody deletes what a vault has of a machine."""
        listed = self.backup.list_recovery_points_by_backup_vault(BackupVaultName=vault, ByResourceArn=self.arn(name))
        for point in listed["RecoveryPoints"]:
            self.backup.delete_recovery_point(BackupVaultName=vault, RecoveryPointArn=point["RecoveryPointArn"])

    def back_up(self, name, vault):
        asked = {"BackupVaultName": vault, "ResourceArn": self.arn(name), "IamRoleArn": self.role}
        self.backup.start_backup_job(**asked, Lifecycle={"DeleteAfterDays": 7})
        self.lab.pass_time(3 * HOUR)

    def seen(self):
        """As a task registers it: without what Ansible shows of it."""
        found = self.modules.done("vsphere_virtual_machine_info")
        return {name: held for name, held in found.items() if name not in ("warnings", "deprecations")}

    def verified(self, **options):
        asked = {"hypervisor": "sddc-1", "seen": {"vcenter": self.seen()}, "objective_hours": 30, **options}
        return self.modules.done("backup_verification_info", **asked)

    def said(self, **options) -> dict:
        """What is neither well nor only to be known: check -> name -> evidence."""
        found: dict = {}
        for one in self.verified(**options)["findings"]:
            if one["verdict"] in ("broken", "unknown"):
                found.setdefault(one["id"], {})[one["name"]] = one["evidence"]
        return found


WELL = {"consistency"}  # no field tells of it


def of(name):
    return f"{FOLDER}/{name}"


@pytest.fixture(scope="module")
def verified_lab(tmp_path_factory):
    lab = Lab(tmp_path_factory.mktemp("verification"))
    lab.up("--vms", str(MACHINES), "--seed", "converged")
    yield lab
    lab.down()


@pytest.fixture
def site(verified_lab):
    verified_lab.reset("converged")
    site = Site(verified_lab)
    site.pass_days(2)
    return site


def test_each_thing_that_is_wrong_is_said_and_nothing_else(site):
    result = site.verified()
    assert {one["class"] for one in result["population"]} == {"protected", "excluded"}
    assert sum(one["class"] == "protected" for one in result["population"]) == MACHINES
    assert set(site.said()) == WELL

    # Outside every selection: AWS tells the folder in which it found a machine first.
    site.lab.break_("add_machine", name="outside", folder="Templates")
    found = site.said()
    assert set(found) == WELL | {"coverage", "machine_not_synced"}
    assert list(found["machine_not_synced"]) == ["/SDDC-Datacenter/vm/Templates/outside"]
    site.sync()
    found = site.said()
    assert set(found) == WELL | {"coverage", "machine_not_selected"}
    assert list(found["machine_not_selected"]) == ["/SDDC-Datacenter/vm/Templates/outside"]

    # Excluded, and then that has ended.
    exclusion = {"folder": "/SDDC-Datacenter/vm/Templates", "reason": "Only for tests", "approver": "a board"}
    assert set(site.said(exclusions=[{**exclusion, "expires": "2999-01-01"}])) == WELL
    found = site.said(exclusions=[{**exclusion, "expires": "2020-01-01"}])
    assert set(found) == WELL | {"coverage", "machine_not_selected", "exclusion_stands"}
    left_out = {"exclusions": [{**exclusion, "expires": "2999-01-01"}]}

    # Never synced.
    site.lab.break_("add_machine", name="fresh")
    found = site.said(**left_out)
    assert set(found) == WELL | {"coverage", "machine_not_synced"}
    assert list(found["machine_not_synced"]) == [of("fresh")]
    site.sync()
    assert list(site.said(**left_out)["machine_outdated"]) == [of("fresh")]
    site.pass_days()
    assert set(site.said(**left_out)) == WELL

    # Renamed.
    site.lab.break_("rename_machine", machine="workload-07", to="ledger")
    found = site.said(**left_out)
    assert set(found) == WELL | {"coverage", "machine_not_synced", "machine_gone"}
    assert (list(found["machine_not_synced"]), list(found["machine_gone"])) == ([of("ledger")], [of("workload-07")])
    site.sync()
    assert set(site.said(**left_out)) == WELL

    # Its newest point is in another vault, and what was in the right one is gone.
    site.back_up("workload-11", "other")
    assert set(site.said(**left_out)) == WELL
    site.lose_points("daily", "workload-11")
    found = site.said(**left_out)
    assert set(found) == WELL | {"coverage", "machine_outdated"}
    assert list(found["machine_outdated"]) == [of("workload-11")]
    assert "is in other; it is meant to be in daily" in found["machine_outdated"][of("workload-11")]

    # A copy is missing.
    site.pass_days()
    assert set(site.said(**left_out)) == WELL
    site.lose_points("copies", "workload-12")
    found = site.said(**left_out)
    assert set(found) == WELL | {"coverage", "machine_not_copied"}
    assert list(found["machine_not_copied"]) == [of("workload-12")]

    # Two that AWS Backup may call the same.
    site.lab.switch(model_enforced=True)
    for name in ("db.1", "db-1"):
        site.lab.break_("add_machine", name=name)
    site.sync()
    site.pass_days()
    found = site.said(**left_out)
    assert set(found) == WELL | {"coverage", "machine_unknown"}
    assert sorted(found["machine_unknown"]) == [of("db-1"), of("db.1")]
    site.lab.switch(model_enforced=False)
    site.sync()
    assert set(site.said(**left_out)) == WELL

    # Changed block tracking lost: vCenter says so at once, the next job too.
    site.lab.break_("lose_tracking", machine="workload-03")
    assert set(site.said(**left_out)) == WELL | {"change_tracking"}
    site.pass_days()
    found = site.said(**left_out)
    assert set(found) == WELL | {"change_tracking"}
    assert list(found["change_tracking"]) == [of("workload-03")]
    assert "CBT not available" in found["change_tracking"][of("workload-03")]

    # Whatever the sync has seen, a plan that does not run leaves nothing new.
    site.lab.break_("freeze_plan", plan="daily")
    site.pass_days(2)
    found = site.said(**left_out)
    assert set(found) >= {"coverage", "machine_outdated", "plan_runs"}
    assert set(found) <= WELL | {"coverage", "machine_outdated", "plan_runs", "change_tracking", "queue_fits"}
    assert len(found["machine_outdated"]) == MACHINES + 3  # fresh, db.1 and db-1 are there besides

    # What comes with time.
    later = {"subjects": ["day2"]}
    assert set(site.said(**later)) == {"copies_elsewhere"}
    site.lab.break_("snapshot_machine", machine="workload-06")
    site.lab.break_("move_machine", machine="workload-08", folder="Templates")
    site.lab.break_("fill_datastore", percent="75", machine="workload-09")
    site.select(site.make_plan("again", [RULE]))
    site.lab.break_("freeze_plan", plan="again")
    site.sync()
    found = site.said(**later)
    assert {check: list(names) for check, names in found.items()} == {
        "snapshots_removed": [of("workload-06")],
        "machine_path": ["/SDDC-Datacenter/vm/Templates/workload-08"],
        "datastore_room": ["WorkloadDatastore"],
        "rules_apart": ["daily, nightly"],
        "copies_elsewhere": ["daily", "again"],
    }
    site.lab.pass_time(340 * DAY)
    assert "vcenter_certificate" in site.said(**later)


def test_the_playbook_fails_for_what_is_critical_and_leaves_files_with_evidence(site, tmp_path):
    site.lab.forget()
    asked = {"vmc_backup_report_dir": str(tmp_path)}
    well = site.lab.play("playbooks/verification.yml", **asked)
    assert well.returncode == 0, well.output
    (host,) = json.loads((tmp_path / "verification.json").read_text())["hosts"]
    assert len(host["evidence"]["population"]) >= MACHINES and host["evidence"]["caller"].startswith("arn:aws:")
    assert [plan["version_id"] for plan in host["evidence"]["backup_plans"]]

    site.lab.break_("add_machine", name="outside", folder="Templates")
    site.lab.forget()
    run = site.lab.play("playbooks/verification.yml", **asked)
    assert run.returncode != 0 and "sddc-1 is not protected as it should be" in run.output, run.output
    assert site.lab.journal("write") == []
    accepted = site.lab.play("playbooks/verification.yml", verification_fail_on="none", **asked)
    assert accepted.returncode == 0, accepted.output


@pytest.mark.proof
def test_no_call_is_made_for_a_machine():
    """More machines than a page of anything holds, so that jobs are counted instead of read."""
    number = 1200
    said = verification_bench.Site(number).measured()
    assert (said["failed"], said["classes"], set(said["bad"])) == ("", {"protected": number}, WELL)
    assert said["calls"]["ListBackupJobSummaries"] == 1
    assert verification_bench.others(said["calls"]) <= verification_bench.OTHER_CALLS
