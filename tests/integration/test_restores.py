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
    site.lab.switch(restore_metadata=told)
    try:
        site.lab.fault("reset_after", service="backup", operation="StartRestoreJob")
        lost = site.restore(request_id=request)
        assert lost["failed"] and lost["changed"] and f"request_id {request}" in lost["msg"]
        again = site.restore(request_id=request)
        assert again["failed"] and "is not known, and no other is started" in again["msg"]
    finally:
        site.lab.switch(restore_metadata="all")
    assert len(site.restores()) == before + 1
    assert site.restore(request_id=request)["changed"] is False


def test_the_restorer_s_policy_is_enough(site):
    site.lab.attach(POLICIES["restore-operator"])
    request = uuid.uuid4().hex[:12]
    done = site.restore(request_id=request, wait=True)
    assert done.get("job", {}).get("state") == "COMPLETED", done
    assert site.restore(request_id=request)["changed"] is False


def test_a_firewall_that_is_closed_is_seen_in_the_job_only(site):
    site.lab.break_("disable_rule", rule="sddc-1-appliances-to-esxi")
    failed = site.restore(wait=True, vm_name=f"web-{uuid.uuid4().hex[:8]}")
    assert failed["failed"] and "Error opening disk" in failed["msg"]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"compute_resource": "esx-0.sddc.lab"}, "host of a cluster"),
        ({"vm_name": "workload-02", "vm_path": "/SDDC-Datacenter/vm/Workloads"}, "already exists"),
        ({"datastore": "none"}, "does not see"),
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
    told = site.restore(vm_name="web-9", price_per_gib=0.5, _ansible_check_mode=True)
    assert told["changed"] and told["metadata"]["VMName"] == "web-9"
    assert told["expected"]["cost"] == 0.5 * told["expected"]["backup_size_in_bytes"] / 2**30
    assert len(site.restores()) == before
    assert json.loads(json.dumps(told))  # all of it is plain
