# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A restore is started once, whatever happens to the call that starts it, and makes a machine that really is there."""

from __future__ import annotations

import json
import uuid

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils import wait
from lab import wire
from permissions import POLICIES

from .test_jobs import HOURS, Site

pytestmark = pytest.mark.xdist_group("jobs")
FOLDER = "/SDDC-Datacenter/vm/Templates"


class Restores(Site):
    """A converged SDDC with a recovery point of a machine."""

    def __init__(self, lab):
        super().__init__(lab)
        self.run(request_id="source", wait=True)
        (self.point,) = self.backup.list_recovery_points_by_backup_vault(BackupVaultName="v1")["RecoveryPoints"]

    def restore(self, **options):
        asked = {
            "recovery_point_arn": self.point["RecoveryPointArn"],
            "backup_vault_name": "v1",
            "iam_role_arn": self.role,
            "wait": False,
        }
        place = {
            "restore_to": "vmware",
            "hypervisor": "sddc-1",
            "vm_path": FOLDER,
            "compute_resource": "Cluster-1",
            "datastore": "WorkloadDatastore",
        }
        chosen = {} if options.get("restore_to", "vmware") != "vmware" else place
        return self.modules.run("restore_job", **{**asked, **chosen, **options})

    def fresh_point(self, request):
        done = self.run(request_id=request, wait=True)
        return done["job"]["recovery_point_arn"]

    def restores(self):
        return self.backup.list_restore_jobs()["RestoreJobs"]

    def ended(self, job):
        self.restores()
        self.lab.pass_time(HOURS)
        return self.backup.describe_restore_job(RestoreJobId=job["job_id"])


@pytest.fixture(scope="module")
def converged(running_lab):
    running_lab.reset("converged")
    return Restores(running_lab)


@pytest.fixture
def site(converged, monkeypatch):
    monkeypatch.setattr(wait, "SEEN_WITHIN", 2)
    converged.lab.heal()
    converged.lab.pass_time(HOURS)
    yield converged
    converged.lab.detach()
    converged.lab.heal()


@pytest.mark.parametrize("token", ["same", "new"])
def test_a_request_is_one_restore_however_often_it_is_run(site, token):
    site.lab.switch(restore_token=token)
    request, before = uuid.uuid4().hex[:12], len(site.restores())
    first = site.restore(request_id=request)
    again = site.restore(request_id=request)
    assert (first["changed"], again["changed"]) == (True, False), (first, again)
    assert site.ended(first["job"])["Status"] == "COMPLETED"
    last = site.restore(request_id=request, wait=True)
    assert (last["changed"], last["job"]["state"]) == (False, "COMPLETED")
    assert {each["job"]["job_id"] for each in (first, again, last)} == {first["job"]["job_id"]}
    assert len(site.restores()) == before + 1


@pytest.mark.parametrize("kind", ["reset_after", "500", *[kind for kind in wire.SPOILED if kind != "drip"]])
def test_a_lost_answer_never_starts_a_second_one(site, kind):
    before, request = len(site.restores()), uuid.uuid4().hex[:12]
    site.lab.fault(kind, service="backup", operation="StartRestoreJob")
    result = site.restore(request_id=request)
    assert "Traceback" not in site.modules.printed
    if kind == "500":  # the lab does not carry it out
        assert result["failed"] and "is not known" in result["msg"]
        assert len(site.restores()) == before
        return
    assert not result.get("failed"), result["msg"]
    assert len(site.restores()) == before + 1
    assert site.restore(request_id=request)["job"]["job_id"] == result["job"]["job_id"]
    assert len(site.restores()) == before + 1


@pytest.mark.parametrize("told", ["empty", "none"])
def test_where_metadata_are_not_told_a_lost_answer_is_unknown(site, told):
    before, request = len(site.restores()), uuid.uuid4().hex[:12]
    point = site.fresh_point(told)
    site.lab.switch(restore_metadata=told)
    try:
        site.lab.fault("reset_after", service="backup", operation="StartRestoreJob")
        lost = site.restore(request_id=request, recovery_point_arn=point)
        assert lost["failed"] and lost["changed"] and f"request_id {request}" in lost["msg"]
        again = site.restore(request_id=request, recovery_point_arn=point)
        assert again["failed"] and "is not known, and no other is started" in again["msg"]
    finally:
        site.lab.switch(restore_metadata="all")
    assert len(site.restores()) == before + 1
    assert site.restore(request_id=request, recovery_point_arn=point)["changed"] is False


def test_the_restorer_s_policy_is_enough(site):
    site.lab.attach(POLICIES["restore-operator"])
    request = uuid.uuid4().hex[:12]
    done = site.restore(request_id=request, wait=True)
    assert done.get("job", {}).get("state") == "COMPLETED", done
    assert site.restore(request_id=request)["changed"] is False


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"compute_resource": "esx-0.sddc.lab"}, "host of a cluster"),
        ({"vm_name": "workload-02", "vm_path": "/SDDC-Datacenter/vm/Workloads"}, "already exists"),
        ({"datastore": "none"}, "Error opening disk"),
    ],
)
def test_what_vcenter_refuses_fails_in_the_job(site, given, says):
    failed = site.restore(**{"wait": True, "vm_name": f"web-{uuid.uuid4().hex[:8]}", **given})
    assert failed["failed"] and says in failed["msg"], failed


def test_an_instance_and_a_volume_are_made(site):
    ec2 = site.lab.aws("ec2")
    subnet = ec2.describe_subnets()["Subnets"][0]
    done = site.restore(restore_to="ec2", subnet_id=subnet["SubnetId"], instance_type="m5.large", wait=True)
    assert done.get("job", {}).get("state") == "COMPLETED", done
    assert ":instance/i-" in done["job"]["created_resource_arn"]
    site.lab.break_("allow_images")
    refused = site.restore(restore_to="ec2", subnet_id=subnet["SubnetId"], instance_type="m5.large")
    site.lab.break_("allow_images", state="disabled")
    assert refused["failed"] and "aws-backup-vault" in refused["msg"]
    none = site.restore(restore_to="ec2", subnet_id=subnet["SubnetId"], instance_type="m5.none")
    assert none["failed"] and none["msg"].startswith("instance_type")
    done = site.restore(
        restore_to="ebs", availability_zone=subnet["AvailabilityZone"], ebs_restore_to="EBSVolume", wait=True
    )
    assert done.get("job", {}).get("state") == "COMPLETED", done
    volume = done["job"]["created_resource_arn"].rpartition("/")[2]
    assert ec2.describe_volumes(VolumeIds=[volume])["Volumes"][0]["State"] == "available"


def test_check_mode_starts_nothing_and_says_what_it_would_be(site):
    before = len(site.restores())
    told = site.restore(vm_name="web-9", price_per_gib=0.5, check_mode=True)
    assert told["changed"] and told["metadata"]["VMName"] == "web-9"
    assert told["expected"]["cost"] == 0.5 * told["expected"]["backup_size_in_bytes"] / 2**30
    assert len(site.restores()) == before
    assert json.loads(json.dumps(told))  # all of it is plain


NEW = {"folder": FOLDER, "compute_resource": "Cluster-1", "datastore": "WorkloadDatastore"}


@pytest.mark.parametrize(
    ("wrong", "option", "says"),
    [
        ({"name": "workload-02"}, "name", "exists already"),
        ({"folder": "/SDDC-Datacenter/vm/none"}, "folder", "no folder"),
        ({"folder": "/SDDC-Datacenter/host"}, "folder", "no folder"),
        ({"compute_resource": "esx-0.sddc.lab"}, "compute_resource", "host of the cluster Cluster-1"),
        ({"compute_resource": "none"}, "compute_resource", "but Cluster-1"),
        ({"datastore": "none"}, "datastore", "does not see none"),
        ({"disk_bytes": 1 << 60}, "max_datastore_usage", "beyond 70 %"),
        ({"max_datastore_usage": 0}, "max_datastore_usage", "no percentage"),
    ],
)
def test_a_place_that_cannot_be_is_refused_by_name(site, wrong, option, says):
    result = site.modules.run("restore_place_info", **{"name": "web-new", **NEW, **wrong})
    assert result["failed"] and result["msg"].startswith(f"{option}:") and says in result["msg"], result


def restored(site, **switches):
    """A machine that a restore has just made: how it is found, and what was there before it."""
    name = f"web-{uuid.uuid4().hex[:8]}"
    before = site.modules.done("restore_place_info", name=name, disk_bytes=1 << 30, **NEW)["restore_place"]
    site.lab.switch(**switches)
    done = site.restore(vm_name=name, wait=True)
    assert not done.get("failed"), done
    return {"name": name, "folder": FOLDER, "there_before": before["there_before"]}


def there(site, name):
    return site.modules.done("restored_machine_info", names=[name])["restored_machines"]


@pytest.mark.parametrize("on", [False, True])
@pytest.mark.parametrize("wired", [False, True])
def test_a_machine_is_disconnected_before_it_runs_and_removed_by_its_uuid(site, on, wired):
    one = restored(site, restored_powered_on=on, restored_connected=wired)
    try:
        (seen,) = there(site, one["name"])
        assert (seen["powered_on"], seen["network_connected"]) == (on, wired)
        (source,) = there(site, "workload-01")
        assert seen["disks"] == source["disks"] and seen["cpus"] == source["cpus"]
        made = site.modules.done("restored_machine", powered_on=True, network_connected=False, wait=False, **one)
        assert made["restored_machine"]["powered_on"] and not made["restored_machine"]["network_connected"]
        unnamed = site.modules.run("restored_machine", state="absent", **one)
        assert unnamed["failed"] and unnamed["msg"].startswith("instance_uuid")
        gone = site.modules.done("restored_machine", state="absent", instance_uuid=seen["instance_uuid"], **one)
        assert gone["changed"] and there(site, one["name"]) == []
        assert not site.modules.done("restored_machine", state="absent", instance_uuid=seen["instance_uuid"], **one)[
            "changed"
        ]
    finally:
        site.lab.switch(restored_powered_on=False, restored_connected=True)


def test_what_was_there_before_and_what_somebody_has_renamed_is_left(site):
    one = restored(site)
    (seen,) = there(site, one["name"])
    by_uuid = {**one, "instance_uuid": seen["instance_uuid"], "state": "absent"}
    before = site.modules.run("restored_machine", **{**by_uuid, "there_before": [seen["instance_uuid"]]})
    assert before["failed"] and "was there before" in before["msg"]
    site.lab.break_("rename_machine", machine=one["name"], to="mine-now")
    renamed = site.modules.run("restored_machine", **by_uuid)
    assert renamed["failed"] and "made it his own" in renamed["msg"]
    assert len(there(site, "mine-now")) == 1
    # Somebody else's machine of the drill's name is none of the drill's.
    site.lab.break_("add_machine", name=one["name"], folder="Templates")
    again = site.modules.run("restored_machine", **by_uuid)
    assert again["failed"] and len(there(site, one["name"])) == 1


def test_a_volume_is_removed_only_while_nobody_uses_it(site):
    ec2 = site.lab.aws("ec2")
    subnet = ec2.describe_subnets()["Subnets"][0]
    done = site.restore(
        restore_to="ebs", availability_zone=subnet["AvailabilityZone"], ebs_restore_to="EBSVolume", wait=True
    )
    job = done["job"]["job_id"]
    volume = site.modules.done("restored_volume", restore_job_id=job)["restored_volume"]
    instance = site.restore(restore_to="ec2", subnet_id=subnet["SubnetId"], instance_type="m5.large", wait=True)
    machine = instance["job"]["created_resource_arn"].rpartition("/")[2]
    ec2.attach_volume(VolumeId=volume["volume_id"], InstanceId=machine, Device="/dev/sdf")
    held = site.modules.run("restored_volume", restore_job_id=job, state="absent")
    assert held["failed"] and "somebody uses it" in held["msg"]
    ec2.detach_volume(VolumeId=volume["volume_id"], InstanceId=machine)
    assert site.modules.done("restored_volume", restore_job_id=job, state="absent")["changed"]
    assert not site.modules.done("restored_volume", restore_job_id=job, state="absent")["changed"]
    no_volume = site.modules.run("restored_volume", restore_job_id=instance["job"]["job_id"], state="absent")
    assert no_volume["failed"] and "is no volume" in no_volume["msg"]


@pytest.mark.parametrize(
    ("how", "told", "holds"),
    [
        ({}, "all", True),
        ({}, "empty", True),
        ({}, "none", True),
        ({"to": "EC2Instance"}, "all", False),
        ({"to": "EC2Instance"}, "none", True),
        ({"hypervisor": "arn:aws:backup-gateway:eu-west-1:123456789012:hypervisor/hype-00000000"}, "all", False),
    ],
)
def test_a_restore_holds_a_gateway_only_where_it_goes_there_or_does_not_say(site, how, told, holds):
    site.lab.switch(restore_metadata=told)
    site.lab.break_("running_job", machine="workload-02", kind="restore", **how)
    try:
        for module, name in (("backup_gateway", "sddc-1-cluster-1-1"), ("backup_hypervisor", "sddc-1")):
            result = site.modules.run(module, name=name, state="absent", check_mode=True)
            assert bool(result.get("failed")) is holds, result
            assert not holds or "restore" in result["msg"]
    finally:
        site.lab.break_("end_restores")
        site.lab.switch(restore_metadata="all")


# The last one: the rule stays disabled.
def test_a_firewall_that_is_closed_is_seen_in_the_job_only(site):
    site.lab.break_("disable_rule", rule="sddc-1-appliances-to-esxi")
    failed = site.restore(wait=True, vm_name=f"web-{uuid.uuid4().hex[:8]}")
    assert failed["failed"] and "Error opening disk" in failed["msg"]
