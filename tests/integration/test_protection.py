# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""site.yml with something to protect: exactly the machines that are meant are backed up, and never fewer than before."""

from __future__ import annotations

import json
from collections import Counter

import crash_matrix
import pytest
import yaml
from lab.aws import plans
from modules import Modules
from rehearsal import Lab
from several import IMPATIENT, SITE, TEARDOWN

pytestmark = pytest.mark.xdist_group("protection")
NOW = "playbooks/backup_now.yml"
RESULTS = "tests/integration/results.yml"
DAY = 86_400
SITE_TAG = "vmc-aws-backup-site"
WORKLOADS = {"workload-01", "workload-02", "workload-03"}
DAILY = {"vmc_backup_protection": [{"name": "all", "presets": ["daily", "monthly"]}]}
ONLY = ("--tags", "protection", "--limit", "sddc-1")
# What an unchanged site may take for its protection.
MOST_TASKS, MOST_CALLS = 16, 60


class Protected:
    """Two SDDCs with equal folders and names in one account, and an EC2 instance that carries the mark of the first."""

    def __init__(self, lab):
        self.lab, self.modules = lab, Modules(lab, for_its_site=True)
        self.backup, self.gateway = lab.aws("backup"), lab.aws("backup-gateway")

    def play(self, playbook=SITE, *arguments, **extra):
        run = self.lab.play(playbook, *arguments, **extra)
        assert run.returncode == 0, run.output
        return run

    def protect(self, **extra):
        return self.play(SITE, *ONLY, **{**DAILY, **extra})

    def refused(self, *says, **extra):
        """What cannot be is refused before anything is written, by the role's variable."""
        self.lab.forget()
        run = self.lab.play(SITE, *ONLY, **extra)
        assert run.returncode != 0 and self.lab.journal("write", "unknown") == [], run.output
        told = " ".join(run.output.split())
        assert [text for text in says if text not in told] == [], run.output

    def machines(self, hypervisor):
        arns = {one["Name"]: one["HypervisorArn"] for one in self.gateway.list_hypervisors()["Hypervisors"]}
        listed = self.gateway.list_virtual_machines(HypervisorArn=arns[hypervisor])["VirtualMachines"]
        return {one["Name"]: one["ResourceArn"] for one in listed}

    def documents(self):
        """What the plans select, as AWS has it."""
        for plan in self.backup.list_backup_plans()["BackupPlansList"]:
            identifier = plan["BackupPlanId"]
            for one in self.backup.list_backup_selections(BackupPlanId=identifier)["BackupSelectionsList"]:
                asked = {"BackupPlanId": identifier, "SelectionId": one["SelectionId"]}
                yield self.backup.get_backup_selection(**asked)["BackupSelection"]

    def selected(self) -> set:
        """The machines of both vCenters that AWS takes, by the lab's own logic."""
        listed = self.lab.aws("resourcegroupstaggingapi").get_resources(ResourceTypeFilters=["backup-gateway:vm"])
        tags = {
            one["ResourceARN"]: {tag["Key"]: tag["Value"] for tag in one["Tags"]}
            for one in listed["ResourceTagMappingList"]
        }
        documents = list(self.documents())
        return {
            one["ResourceArn"]
            for one in self.gateway.list_virtual_machines()["VirtualMachines"]
            for document in documents
            if plans.takes(
                document,
                one["ResourceArn"],
                {"aws:backup-gateway:path": one["Path"], **tags.get(one["ResourceArn"], {})},
            )
        }

    def mark_an_instance(self):
        ec2 = self.lab.aws("ec2")
        made = ec2.run_instances(ImageId="ami-12345678", MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]
        mark = [{"Key": SITE_TAG, "Value": self.modules.variables["vmc_backup_sddc_id"]}]
        ec2.create_tags(Resources=[made], Tags=mark)
        return made


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    lab = Lab(tmp_path_factory.mktemp("protection") / "lab")
    lab.up("--sddcs", "2", "--seed", "converged")
    yield Protected(lab)
    lab.down()


def test_from_the_beginning_exactly_the_machines_that_are_meant_are_backed_up(made, tmp_path):
    lab = made.lab
    lab.forget()

    def recorded(*arguments):
        """The run, and what each record of it is about: nobody knows before which id a thing will get."""
        run = made.play(RESULTS, "--limit", "sddc-1", *arguments, **DAILY, results_file=str(tmp_path / "results.json"))
        records = json.loads((tmp_path / "results.json").read_text())
        return run, [(record["object"], record["path"], record["effect"]) for record in records]

    preview, predicted = recorded("--check", "--diff")
    assert lab.journal("write") == [] and preview.changed == 4
    applied, done = recorded()
    assert applied.changed == preview.changed and done == predicted
    lab.forget()
    again = made.play(SITE, "--limit", "sddc-1", **DAILY)
    assert (again.changed, lab.journal("write"), lab.journal("unknown")) == (0, [], [])

    made.mark_an_instance()
    own, others = made.machines("sddc-1"), made.machines("sddc-2")
    assert set(own) & set(others) >= WORKLOADS
    assert made.selected() == {own[name] for name in WORKLOADS}
    lab.pass_time(2 * DAY)
    jobs = made.backup.list_backup_jobs()["BackupJobs"]
    assert {job["ResourceArn"] for job in jobs} == {own[name] for name in WORKLOADS}
    assert {(job["State"], job["BackupVaultName"]) for job in jobs} == {("COMPLETED", "sddc-1-backups")}
    assert set(Counter(job["ResourceArn"] for job in jobs).values()) == {2}


def test_an_unchanged_site_is_cheap_to_look_at_and_one_without_protection_costs_nothing(made):
    made.protect()
    made.lab.forget()
    run = made.protect()
    asked = [call for call in made.lab.journal() if call["service"] != "vcenter"]
    assert run.changed == 0 and len(asked) <= MOST_CALLS, Counter(call["operation"] for call in asked)
    ran = [line for line in run.output.splitlines() if line.startswith("TASK [vmc.aws_backup.protection : ")]
    assert len(ran) <= MOST_TASKS + 10
    made.lab.forget()
    off = made.play(SITE, *ONLY)
    assert made.lab.journal() == []
    assert off.recap["sddc-1"]["ok"] <= run.recap["sddc-1"]["ok"] - 8


def test_a_selection_a_plan_and_a_mark_that_were_changed_by_hand_are_put_right(made):
    made.protect()
    before = made.selected()
    (plan,) = [
        one for one in made.backup.list_backup_plans()["BackupPlansList"] if one["BackupPlanName"] == "sddc-1-all"
    ]
    identifier = plan["BackupPlanId"]
    document = made.backup.get_backup_plan(BackupPlanId=identifier)["BackupPlan"]
    rules = [{key: value for key, value in rule.items() if key != "RuleId"} for rule in document["Rules"]]
    rules[0]["Lifecycle"] = {"DeleteAfterDays": 3}
    made.backup.update_backup_plan(BackupPlanId=identifier, BackupPlan={**document, "Rules": rules})
    (selection,) = made.backup.list_backup_selections(BackupPlanId=identifier)["BackupSelectionsList"]
    made.backup.delete_backup_selection(BackupPlanId=identifier, SelectionId=selection["SelectionId"])
    made.gateway.untag_resource(ResourceARN=made.machines("sddc-1")["workload-02"], TagKeys=[SITE_TAG])
    theirs = {
        "SelectionName": "theirs",
        "IamRoleArn": selection["IamRoleArn"],
        "Resources": ["arn:aws:ec2:*:*:volume/*"],
    }
    made.backup.create_backup_selection(BackupPlanId=identifier, BackupSelection=theirs)

    run = made.protect()
    assert "what others selected too: theirs" in " ".join(run.output.split())
    assert made.selected() == before
    document = made.backup.get_backup_plan(BackupPlanId=identifier)["BackupPlan"]
    assert document["Rules"][0]["Lifecycle"]["DeleteAfterDays"] == 35
    assert made.protect().changed == 0
    left = made.backup.list_backup_selections(BackupPlanId=identifier)["BackupSelectionsList"]
    assert "theirs" in {one["SelectionName"] for one in left}
    for one in left:
        if one["SelectionName"] == "theirs":
            made.backup.delete_backup_selection(BackupPlanId=identifier, SelectionId=one["SelectionId"])


RULE = {"name": "own", "schedule_expression": "rate(12 hours)", "lifecycle": {"delete_after_days": 20}}
# Host -> its variables, and what its refusal says. All of them are told by the first role, before anything is written.
MISTAKEN = {
    "cold": (
        {"rules": [{**RULE, "lifecycle": {"move_to_cold_storage_after_days": 30, "delete_after_days": 60}}]},
        "60 is less than 120",
    ),
    "unscheduled": ({"rules": [{"name": "own", "lifecycle": {"delete_after_days": 20}}]}, "schedule_expression is ''"),
    "five-fields": ({"rules": [{**RULE, "schedule_expression": "cron(0 1 ? * *)"}]}, "cron(...) with six fields"),
    "for-no-time": ({"rules": [{"name": "own", "schedule_expression": "rate(1 days)"}]}, "Give it, or keep_forever"),
    "without-rules": ({}, "nothing says when and for how long"),
    "unknown-preset": ({"presets": ["hourly"]}, "there is no hourly"),
    "wild": ({"presets": ["daily"], "virtual_machines": ["arn:aws:ec2:*:*:instance/*"]}, "without a wildcard"),
    "narrowed": ({"presets": ["daily"], "virtual_machines": ["a"], "folder": "/x"}, "folder would narrow nothing"),
}
MISTAKEN_BESIDE = {
    "lock-of-two-days": ({"protection_lock": {"changeable_for_days": 2}}, "protection_lock: changeable_for_days is 2"),
    "outside-the-lock": ({"protection_lock": {"min_retention_days": 50}}, "asks for 50 days at least"),
    "role-name": ({"prerequisites_job_role": "vmc-jobs"}, "prerequisites_job_role: It must be"),
    "typo": ({"protection_vualt": "x"}, "protection_vualt: there is no such variable. Is protection_vault meant?"),
}


def test_what_cannot_be_is_refused_by_its_variable_before_the_first_write_of_the_play(made, tmp_path):
    inventory = yaml.safe_load(made.lab.inventory.read_text())["all"]["children"]["vmc_sddcs"]
    right = inventory["hosts"]["sddc-1"]
    entries = {host: {"vmc_backup_protection": [{"name": "all", **entry}]} for host, (entry, _says) in MISTAKEN.items()}
    beside = {host: {**DAILY, **variables} for host, (variables, _says) in MISTAKEN_BESIDE.items()}
    inventory["hosts"] = {host: {**right, **variables} for host, variables in {**entries, **beside}.items()}
    (tmp_path / "inventory.yml").write_text(yaml.safe_dump({"all": {"children": {"vmc_sddcs": inventory}}}))
    made.lab.forget()
    run = made.lab.play(SITE, inventory=tmp_path / "inventory.yml")
    assert made.lab.journal("write", "unknown") == []
    assert {host: counters["failed"] for host, counters in run.recap.items()} == dict.fromkeys(inventory["hosts"], 1)
    told = " ".join(run.output.split())
    says = [text for _given, text in [*MISTAKEN.values(), *MISTAKEN_BESIDE.values()]]
    assert [text for text in says if text not in told] == [], run.output
    assert told.count("vmc_backup_protection: all: ") >= len(MISTAKEN)


def test_what_would_protect_less_or_fits_no_vault_is_refused_before_the_first_write_of_the_role(made):
    made.protect()
    shorter = {"presets": ["daily"], "rules": [{"name": "daily", "lifecycle": {"delete_after_days": 7}}]}
    made.refused(
        "backup_plan all: protection_allow_less: the rule daily of sddc-1-all would keep backups for 7 days instead of 35",
        vmc_backup_protection=[{"name": "all", **shorter}],
    )
    made.refused(
        "backup_selection all: protection_allow_less: the selection all would protect workload-02, workload-03 no more",
        vmc_backup_protection=[{"name": "all", "presets": ["daily"], "virtual_machines": ["workload-01"]}],
    )
    made.backup.create_backup_vault(BackupVaultName="locked")
    made.backup.put_backup_vault_lock_configuration(BackupVaultName="locked", MinRetentionDays=90)
    rules = [{**RULE, "name": "elsewhere", "target_backup_vault_name": "locked"}]
    made.refused(
        "backup_plan other: ", "The lock of the vault locked asks for 90 days at least",
        vmc_backup_protection=[*DAILY["vmc_backup_protection"], {"name": "other", "rules": rules}],
    )  # fmt: skip


def test_a_selection_that_takes_nothing_is_warned_of(made):
    nothing = {"name": "nothing", "presets": ["daily"], "folder": "/SDDC-Datacenter/vm/Nowhere*"}
    run = made.protect(vmc_backup_protection=[*DAILY["vmc_backup_protection"], nothing])
    assert "it selects no machine that AWS Backup lists today" in " ".join(run.output.split())
    kept = made.protect()
    assert "The plan sddc-1-nothing of this site is in vmc_backup_protection no more" in " ".join(kept.output.split())
    assert made.protect(protection_allow_less=["nothing"]).changed == 2
    assert "sddc-1-nothing" not in str(made.backup.list_backup_plans()["BackupPlansList"])


def test_machines_are_backed_up_at_once_and_a_request_is_made_once(made):
    made.protect()
    asked = {"vmc_backup_now_delete_after_days": 3, "vmc_backup_now_request_id": "CHG1"}
    before = len(made.backup.list_backup_jobs()["BackupJobs"])
    run = made.play(
        NOW,
        "--limit",
        "sddc-1",
        **DAILY,
        **asked,
        vmc_backup_now_machines=["workload-01"],
        vmc_backup_now_entries=["all"],
    )
    jobs = made.backup.list_backup_jobs()["BackupJobs"]
    assert run.changed == 1 and len(jobs) == before + len(WORKLOADS)
    assert {job["State"] for job in jobs} == {"COMPLETED"}
    again = made.play(NOW, "--limit", "sddc-1", **DAILY, **asked, vmc_backup_now_entries=["all"])
    assert again.changed == 0 and len(made.backup.list_backup_jobs()["BackupJobs"]) == len(jobs)


def test_one_backup_proves_the_way_and_is_made_once(made):
    made.protect()
    canary = {**DAILY, "registration_canary_vm": "workload-03"}
    arguments = ("--limit", "sddc-1", "--tags", "registration,protection")
    before = len(made.backup.list_backup_jobs()["BackupJobs"])
    # It was backed up by its plan, so that none is due until something of the registration changes.
    assert made.play(SITE, *arguments, **canary).changed == 0
    moved = {"registration_maintenance_start_time": {"hour_of_day": 4, "minute_of_hour": 0, "day_of_week": 3}}
    assert made.play(SITE, *arguments, **canary, **moved).changed == 2
    (job,) = made.backup.list_backup_jobs()["BackupJobs"][before:]
    assert (job["State"], job["BackupVaultName"]) == ("COMPLETED", "sddc-1-backups")
    assert job["RecoveryPointLifecycle"] == {"DeleteAfterDays": 1}
    assert made.play(SITE, *arguments, **canary, **moved).changed == 0


def test_copies_to_another_account_are_asked_for_before_and_arrive(made):
    lab, other = made.lab, made.lab.endpoints["backup_account"]
    account, region = other["role_arn"].split(":")[4], lab.endpoints["region"]
    there = {
        "vmc_backup_copy_aws_region": region,
        "vmc_backup_copy_aws_role_arn": other["role_arn"],
        "vmc_backup_copy_aws_role_external_id": other["external_id"],
    }
    made.protect()
    made.refused(
        "vmc_backup_protection: Account of the copies: Copies would go to the account",
        "vmc_backup_protection: Copies between accounts: The organisation does not let its accounts copy to each other",
        **{**DAILY, **there, "vmc_backup_copy_aws_account_id": "000000000000"},
    )
    made.backup.update_global_settings(GlobalSettings={"isCrossAccountBackupEnabled": "true"})
    run = made.protect(**there)
    assert run.changed == 2  # the vault and the plan
    assert made.protect(**there).changed == 0
    lab.pass_time(2 * DAY)
    copies = made.backup.list_copy_jobs()["CopyJobs"]
    arn = f"arn:aws:backup:{region}:{account}:backup-vault:sddc-1-copies"
    assert {(copy["State"], copy["DestinationBackupVaultArn"]) for copy in copies} == {("COMPLETED", arn)}
    own = made.machines("sddc-1")
    assert {copy["ResourceArn"] for copy in copies} == {own[name] for name in WORKLOADS}
    made.refused(
        "copy nothing to",
        **{
            "vmc_backup_protection": [
                {"name": "all", "presets": ["daily"], "rules": [{"name": "daily", "copy": False}]}
            ],
            **there,
        },
    )


def test_the_end_leaves_points_vaults_and_keys_and_says_until_when_machines_can_be_restored(made):
    made.protect()
    points = made.backup.list_recovery_points_by_backup_vault(BackupVaultName="sddc-1-backups")["RecoveryPoints"]
    run = made.play(TEARDOWN, "--limit", "sddc-1", vmc_backup_teardown_confirm="sddc-1")
    told = " ".join(run.output.split())
    for name in WORKLOADS:
        assert f"/SDDC-Datacenter/vm/Workloads/{name} has " in told
    assert "of which the last one, in the vault sddc-1-backups, expires at" in told
    assert [
        one for one in made.backup.list_backup_plans()["BackupPlansList"] if one["BackupPlanName"] == "sddc-1-all"
    ] == []
    left = made.backup.list_recovery_points_by_backup_vault(BackupVaultName="sddc-1-backups")["RecoveryPoints"]
    assert len(left) == len(points) > 0
    assert made.lab.aws("kms").list_aliases()["Aliases"]


# Killed


@pytest.fixture
def fresh(running_lab):
    running_lab.reset("converged")
    return Protected(running_lab)


@pytest.mark.proof
def test_killed_at_each_write_and_run_again_the_end_is_the_same_and_nothing_is_there_twice(fresh):
    lab = fresh.lab
    fresh.protect(**IMPATIENT)
    lab.reset("converged")
    lab.forget()
    fresh.protect()
    expected, points = lab.world(), crash_matrix.points(lab.journal(), every=False)
    assert {point.operation for point in points} >= {
        "CreateKey",
        "CreateBackupVault",
        "CreateBackupPlan",
        "CreateBackupSelection",
    }
    arguments = (*ONLY, "-e", json.dumps(DAILY))
    wrong = {}
    for point in points:
        lab.reset("converged")
        assert crash_matrix.kill_at(lab, point, *arguments), point
        fresh.protect()
        difference = crash_matrix.difference(expected, lab.world())
        if difference:
            wrong[str(point)] = difference
    assert wrong == {}


@pytest.mark.proof
def test_while_machines_move_between_selections_none_is_unprotected_at_any_call(fresh):
    lab = fresh.lab
    first = [
        {"name": "even", "presets": ["daily"], "virtual_machines": ["workload-02"]},
        {"name": "odd", "presets": ["daily"], "virtual_machines": ["workload-01", "workload-03"]},
    ]
    then = [
        {"name": "even", "presets": ["daily"], "virtual_machines": ["workload-01"]},
        {"name": "odd", "presets": ["daily"], "virtual_machines": ["workload-02", "workload-03"]},
    ]
    moved = {"vmc_backup_protection": then, "protection_allow_less": ["workload-01", "workload-02"]}
    lab.reset("converged")
    fresh.protect(vmc_backup_protection=first)
    wanted = fresh.selected()
    lab.forget()
    fresh.protect(**moved)
    points = crash_matrix.points(lab.journal(), every=False)
    assert len(points) >= 8
    for point in points:
        lab.reset("converged")
        fresh.protect(vmc_backup_protection=first)
        lab.forget()
        assert crash_matrix.kill_at(lab, point, *ONLY, "-e", json.dumps(moved)), point
        assert fresh.selected() >= wanted, point
        fresh.protect(**moved)
        names = sorted(document["SelectionName"] for document in fresh.documents())
        assert fresh.selected() == wanted and names == ["even-2", "odd-2"], point
