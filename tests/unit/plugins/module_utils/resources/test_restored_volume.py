# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.engine.reconcile import reconcile
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import Error, Foreign, Missing
from ansible_collections.vmc.aws_backup.plugins.module_utils.resources.restored_volume import RestoredVolume

from .aws_api import Api

ARN = "arn:aws:ec2:eu-west-1:123456789012:volume/vol-1"
VOLUME = {"VolumeId": "vol-1", "Size": 40, "State": "available", "Attachments": []}


def made(job=None, volume=None):
    backup = Api(
        describe_restore_job={"RestoreJobId": "1", "Status": "COMPLETED", "CreatedResourceArn": ARN}
        if job is None
        else job or None
    )
    ec2 = Api(describe_volumes={"Volumes": [VOLUME if volume is None else volume] if volume != {} else []})
    ec2.answers["delete_volume"] = lambda VolumeId: ec2.answers.update(describe_volumes={"Volumes": []}) or {}
    return RestoredVolume(backup, ec2, {"restore_job_id": "1"}), ec2


def run(one, state, check_mode=False):
    return reconcile(one, state=state, check_mode=check_mode, on_immutable="fail", wait_timeout=0, predicted=None)


def test_the_volume_of_the_job_is_removed_once():
    one, ec2 = made()
    assert run(one, "absent", check_mode=True).changed and ec2.writes == []
    assert run(one, "absent").changed
    assert ec2.writes == [("delete_volume", {"VolumeId": "vol-1"})]
    assert not run(one, "absent").changed


def test_one_that_is_there_is_looked_at():
    one, ec2 = made()
    outcome = run(one, "present")
    assert (outcome.changed, outcome.after["size_gib"], ec2.writes) == (False, 40, [])


@pytest.mark.parametrize("check_mode", [False, True])
def test_one_that_is_attached_stays(check_mode):
    one, ec2 = made(volume={**VOLUME, "State": "in-use", "Attachments": [{"InstanceId": "i-1"}]})
    with pytest.raises(Foreign, match="attached to i-1: somebody uses it"):
        run(one, "absent", check_mode)
    assert ec2.writes == []


@pytest.mark.parametrize(
    "created",
    [None, "", "arn:aws:ec2:eu-west-1:1:instance/i-1", "arn:aws:backup-gateway:eu-west-1:1:vm/vm-1", f"{ARN} and more"],
)
def test_what_is_no_volume_of_the_job_is_none(created):
    one, ec2 = made({"RestoreJobId": "1", "Status": "COMPLETED", "CreatedResourceArn": created})
    with pytest.raises(Error, match="is no volume"):
        run(one, "absent")
    assert ec2.calls == []


@pytest.mark.parametrize("status", ["PENDING", "RUNNING"])
def test_a_job_that_runs_may_still_make_one(status):
    one, _ec2 = made({"RestoreJobId": "1", "Status": status})
    with pytest.raises(Error, match="not told yet"):
        run(one, "absent")


def test_a_job_that_has_failed_has_made_none_and_one_that_is_not_there_is_missing():
    one, _ec2 = made({"RestoreJobId": "1", "Status": "FAILED"})
    assert not run(one, "absent").changed
    one, _ec2 = made({})
    with pytest.raises(Missing):
        run(one, "absent")


@pytest.mark.parametrize("volume", [{}, {**VOLUME, "State": "deleting"}])
def test_one_that_is_gone_is_not_made_again(volume):
    one, ec2 = made(volume=volume)
    assert not run(one, "absent").changed
    with pytest.raises(Error, match="is gone"):
        run(one, "present")
    assert ec2.writes == []
