# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A drill makes a machine that really is there, proves it, and removes what it has made and nothing else, wherever it is broken off."""

from __future__ import annotations

import json
import pathlib

import crash_matrix
import pytest

from .test_restores import Restores

pytestmark = pytest.mark.xdist_group("drill")
DRILL, RESTORE = "playbooks/restore_drill.yml", "playbooks/restore.yml"
FOLDER = "/SDDC-Datacenter/vm/Templates"
RUN = "drill-"


class Drills(Restores):
    """A converged SDDC with a recovery point of a machine, and a folder for evidence."""

    def __init__(self, lab, folder: pathlib.Path):
        super().__init__(lab)
        self.folder = folder
        self.number = 0

    def fresh(self):
        """Nothing is written down yet."""
        self.number += 1
        self.dir = self.folder / str(self.number)

    def asked(self, **extra):
        return {
            "restore_drill_iam_role_arn": self.role,
            "restore_drill_dir": str(self.dir),
            "restore_drill_to": "vmware",
            "restore_drill_behaviour_verified": True,
            "restore_drill_folder": FOLDER,
            "restore_drill_compute_resource": "Cluster-1",
            "restore_drill_datastore": "WorkloadDatastore",
            "restore_drill_timeout": 60,
            **extra,
        }

    def drill(self, *arguments, **extra):
        return self.lab.play(DRILL, *arguments, **self.asked(**extra))

    def records(self):
        return [json.loads(path.read_text()) for path in sorted(self.dir.glob("drill-*.json"))]

    def machines(self):
        return {each["name"]: each for each in self.modules.done("restored_machine_info")["restored_machines"]}

    def made(self):
        return [name for name in self.machines() if RUN in name]

    def volumes(self):
        return [each["VolumeId"] for each in self.lab.aws("ec2").describe_volumes()["Volumes"]]


@pytest.fixture(scope="module")
def converged(running_lab, tmp_path_factory):
    running_lab.reset("converged")
    return Drills(running_lab, tmp_path_factory.mktemp("drills"))


@pytest.fixture
def site(converged):
    converged.lab.heal()
    converged.fresh()
    yield converged
    converged.lab.heal()
    converged.lab.break_("stick_restores", stuck=False)
    converged.lab.break_("fail_restores", state="")
    converged.lab.break_("end_restores")


def test_a_drill_proves_a_machine_and_leaves_nothing(site):
    before, jobs = site.machines(), len(site.restores())
    preview = site.drill("--check")
    assert preview.returncode == 0, preview.output
    assert (site.records(), len(site.restores()), site.machines()) == ([], jobs, before)
    run = site.drill()
    assert run.returncode == 0, run.output
    (record,) = site.records()
    assert (record["state"], record["level"], record["differences"]) == ("closed", "vm", []), record
    assert record["instance_uuid"] not in {each["instance_uuid"] for each in before.values()}
    assert record["recovery_seconds"] > 0 and record["recovery_point_age_seconds"] is not None
    assert site.machines() == before
    assert len(site.restores()) == jobs + 1


@pytest.mark.proof
def test_a_machine_boots_disconnected_or_has_proven_less(site):
    site.lab.switch(restored_connected=True)
    boot = {"restore_drill_boot": True, "restore_drill_boot_timeout": 3}
    run = site.drill(**boot)
    assert run.returncode != 0 and "VMware Tools have not reported" in run.output, run.output
    (record,) = site.records()
    assert (record["state"], record["level"]) == ("closed", "vm"), record
    site.lab.break_("wake_guests")
    run = site.drill(**boot)
    assert run.returncode == 0, run.output
    site.lab.break_("wake_guests", wake=False)
    assert sorted(each["level"] for each in site.records()) == ["booted", "vm"]
    assert site.made() == []


@pytest.mark.proof
def test_a_disk_becomes_a_volume_and_is_gone(site):
    before = site.volumes()
    zone = site.lab.aws("ec2").describe_subnets()["Subnets"][0]["AvailabilityZone"]
    ebs = {
        "restore_drill_to": "ebs",
        "restore_drill_availability_zone": zone,
        "restore_drill_ebs_restore_to": "EBSVolume",
    }
    run = site.drill(**ebs)
    assert run.returncode == 0, run.output
    (record,) = site.records()
    assert (record["state"], record["level"], record["differences"]) == ("closed", "disk", []), record
    assert site.volumes() == before


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"restore_drill_behaviour_verified": False}, "restore_drill_behaviour_verified"),
        ({"restore_drill_compute_resource": "esx-0.sddc.lab"}, "host of the cluster"),
        ({"restore_drill_machines": ["none"]}, "lists no none"),
        ({"restore_drill_max_gib": 1}, "max_gib"),
        ({"restore_drill_to": "ebs"}, "restore_drill_availability_zone"),
    ],
)
def test_what_cannot_be_drilled_is_refused_before_anything_is_made(site, given, says):
    jobs = len(site.restores())
    run = site.drill(**given)
    assert run.returncode != 0 and says in run.output, run.output
    assert (site.records(), len(site.restores())) == ([], jobs)


@pytest.mark.proof
def test_one_that_is_stuck_stays_open_and_is_taken_up(site):
    jobs = len(site.restores())
    site.lab.break_("stick_restores")
    run = site.drill(restore_drill_timeout=1)
    assert run.returncode != 0 and "goes on" in run.output, run.output
    (record,) = site.records()
    assert record["state"] == "open"
    site.lab.break_("stick_restores", stuck=False)
    again = site.drill()
    assert again.returncode == 0, again.output
    (record,) = site.records()
    assert (record["state"], record["level"]) == ("closed", "vm")
    assert (len(site.restores()), site.made()) == (jobs + 1, [])


@pytest.mark.parametrize("state", ["FAILED", "ABORTED"])
def test_one_that_fails_is_written_down(site, state):
    site.lab.break_("fail_restores", state=state, message="so it is")
    run = site.drill()
    assert run.returncode != 0 and "so it is" in run.output, run.output
    (record,) = site.records()
    assert (record["state"], record["level"]) == ("closed", "none")
    assert "so it is" in record["failure"]
    assert site.made() == []


@pytest.mark.proof
def test_a_lost_answer_starts_no_second_job(site):
    jobs = len(site.restores())
    site.lab.fault("reset_after", service="backup", operation="StartRestoreJob")
    site.lab.fault("reset_after", service="backup", operation="StartBackupJob")
    backups = len(site.jobs())
    run = site.drill(
        restore_drill_backup="on_demand", restore_drill_backup_vault_name="v1", restore_drill_delete_after_days=7
    )
    assert run.returncode == 0, run.output
    assert (len(site.restores()), len(site.jobs())) == (jobs + 1, backups + 1)
    assert "stays for 7 days" in run.output
    assert site.made() == []


def test_the_machines_of_others_survive(site):
    """One of the drill's name that is made meanwhile, and the drill's own that a user has renamed."""
    site.lab.break_("stick_restores")
    site.drill(restore_drill_timeout=1)
    (record,) = site.records()
    site.lab.break_("add_machine", name=record["vm_name"], folder="Workloads")
    site.lab.break_("stick_restores", stuck=False)
    site.lab.fault("500", service="vcenter", operation="Destroy_Task", times=1)
    failed = site.drill()
    assert failed.returncode != 0, failed.output
    (record,) = site.records()
    assert record["state"] == "open" and record["left"], record
    restored = next(
        each
        for each in site.modules.done("restored_machine_info", instance_uuids=[record["instance_uuid"]])[
            "restored_machines"
        ]
    )
    assert restored["folder"] == FOLDER
    again = site.drill()
    assert again.returncode == 0, again.output
    (mine,) = [each for name, each in site.machines().items() if name == record["vm_name"]]
    assert mine["folder"] == "/SDDC-Datacenter/vm/Workloads"


@pytest.mark.proof
def test_one_that_a_user_has_renamed_stays_and_is_told(site):
    site.lab.fault("500", service="vcenter", operation="Destroy_Task", times=1)
    assert site.drill().returncode != 0
    (record,) = site.records()
    site.lab.break_("rename_machine", machine=record["vm_name"], to="mine-now")
    run = site.drill()
    assert run.returncode != 0 and "made it his own" in run.output, run.output
    assert site.machines()["mine-now"]["instance_uuid"] == record["instance_uuid"]
    assert site.records()[0]["state"] == "open"


def test_a_restore_goes_where_it_is_sent_and_is_not_started_twice(site):
    jobs = len(site.restores())
    asked = {
        "vmc_backup_restore_machine": "workload-01",
        "vmc_backup_restore_request": "CHG1",
        "vmc_backup_restore_folder": FOLDER,
        "vmc_backup_restore_compute_resource": "Cluster-1",
        "vmc_backup_restore_datastore": "WorkloadDatastore",
        "vmc_backup_restore_iam_role_arn": site.role,
        "vmc_backup_restore_price_per_gib": 0.5,
        "vmc_backup_restore_confirm": "sddc-1",
    }
    preview = site.lab.play(RESTORE, "--check", **asked)
    assert preview.returncode == 0 and "GiB, for " in preview.output, preview.output
    assert len(site.restores()) == jobs
    run = site.lab.play(RESTORE, **asked)
    assert run.returncode == 0 and "network cards disconnected" in run.output, run.output
    made = site.machines()["workload-01-CHG1"]
    assert (made["folder"], made["network_connected"], made["powered_on"]) == (FOLDER, False, False)
    again = site.lab.play(RESTORE, **asked)
    assert again.returncode == 0 and again.changed == 0, again.output
    for wrong, says in (
        ({"vmc_backup_restore_name": "workload-02", "vmc_backup_restore_request": "CHG2"}, "exists already"),
        ({"vmc_backup_restore_before": "2001-01-01"}, "There is no recovery point"),
        ({"vmc_backup_restore_machine": "none"}, "lists no none"),
        ({"vmc_backup_restore_confirm": "other"}, "vmc_backup_restore_confirm=sddc-1"),
    ):
        refused = site.lab.play(RESTORE, **{**asked, **wrong})
        assert refused.returncode != 0 and says in refused.output, refused.output
    assert len(site.restores()) == jobs + 1


ON_DEMAND = {
    "restore_drill_backup": "on_demand",
    "restore_drill_backup_vault_name": "v1",
    "restore_drill_delete_after_days": 7,
}
KILLS = [
    crash_matrix.Point(service, operation, nth, moment)
    for service, operation, nth in (
        ("backup", "StartBackupJob", 0),
        ("backup", "StartRestoreJob", 0),
        ("vcenter", "ReconfigVM_Task", 0),
        ("vcenter", "Destroy_Task", 0),
    )
    for moment in crash_matrix.MOMENTS
]


@pytest.mark.proof
@pytest.mark.parametrize("point", KILLS, ids=str)
def test_one_that_is_killed_anywhere_is_taken_up(site, point):
    before = {each["instance_uuid"] for each in site.machines().values()}
    backups, restores = len(site.jobs()), len(site.restores())
    assert crash_matrix.kill_at(site.lab, point, playbook=crash_matrix.ROOT / DRILL, **site.asked(**ON_DEMAND))
    run = site.drill(**ON_DEMAND)
    assert run.returncode == 0, run.output
    (record,) = site.records()
    assert (record["state"], record["level"], record["left"]) == ("closed", "vm", []), record
    assert {each["instance_uuid"] for each in site.machines().values()} == before
    assert (len(site.jobs()), len(site.restores())) == (backups + 1, restores + 1)
