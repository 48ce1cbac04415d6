# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import datetime

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import ApiError, Error, Foreign, Lost, Missing
from ansible_collections.vmc.aws_backup.plugins.module_utils.resources.software_update import SoftwareUpdate
from ansible_collections.vmc.aws_backup.plugins.modules import backup_gateway_update

from .aws_api import NOW, Api, params

HOUR = datetime.timedelta(hours=1)
LISTED = {"Gateways": [{"GatewayArn": "arn:1", "GatewayDisplayName": "gw-1"}]}
JOB = {"BackupJobId": "job-1", "ResourceArn": "vm-1", "ResourceName": "db", "State": "RUNNING"}
STARTED = [("update_gateway_software_now", {"GatewayArn": "arn:1"})]
REFUSED = ApiError("An update is in progress.", code="ValidationException")


class Service(Api):
    """A gateway with an update that takes two looks; ``said`` is what the call that starts it answers."""

    def __init__(self, *, due=-HOUR, jobs=0, said=None, site="site", takes=2, **more):
        super().__init__(
            list_gateways=LISTED,
            list_hypervisors={"Hypervisors": [{"HypervisorArn": "arn:aws:backup-gateway:r:1:hypervisor/hype-1"}]},
            list_virtual_machines={"VirtualMachines": []},
            list_tags_for_resource={"Tags": [{"Key": "vmc-aws-backup-site", "Value": site}]},
            get_gateway=self._get,
            update_gateway_software_now=self._update,
            list_backup_jobs=self._jobs,
            list_restore_jobs={},
            **more,
        )
        self.due, self.jobs, self.said, self.takes, self.left = due, jobs, said, takes, None

    def _get(self, GatewayArn):
        if self.left:
            self.left -= 1
        done = self.left == 0
        return {
            "Gateway": {
                "GatewayArn": GatewayArn,
                "GatewayDisplayName": "gw-1",
                "HypervisorId": "hype-1",
                "SoftwareVersion": "2" if done else "1",
                "LastSeenTime": NOW + HOUR if done else NOW,
                "NextUpdateAvailabilityTime": None if self.due is None else NOW + self.due,
            }
        }

    def _update(self, GatewayArn):
        self.left = self.takes
        if self.said:
            raise self.said
        return {"GatewayArn": GatewayArn}

    def _jobs(self, ByState, ByResourceType):
        if ByState != "RUNNING":
            return {}
        self.jobs -= 1
        return {"BackupJobs": [JOB] if self.jobs >= 0 else []}


def update(service, **given):
    return SoftwareUpdate(service, service, params(backup_gateway_update, **{"gateway": "gw-1", **given}))


def run(service, **given):
    """What the engine does, and whether it changed something."""
    action = update(service, **given)
    found = action.find()
    answer = action.done(action.start() if found is None else found, 60)
    return found is None, action.view(answer)


@pytest.fixture(autouse=True)
def no_waits(monkeypatch):
    monkeypatch.setattr("time.sleep", lambda seconds: None)


def test_it_is_done_when_the_version_is_another_one():
    service = Service()
    changed, result = run(service)
    assert (changed, service.writes) == (True, STARTED)
    assert (result["software_version_before"], result["gateway"]["software_version"]) == ("1", "2")


@pytest.mark.parametrize("due", [None, HOUR])
def test_where_no_update_can_be_had_yet_none_is_started(due):
    service = Service(due=due)
    changed, result = run(service)
    assert (changed, service.writes, result["gateway"]["software_version"]) == (False, [], "1")


def test_while_jobs_may_run_it_is_refused_in_check_mode_too():
    service = Service(jobs=99)
    with pytest.raises(
        Foreign, match="gw-1 must not be updated, which restarts it: jobs may run through it: backup job-1 of db"
    ):
        update(service).find()
    assert service.writes == []


def test_jobs_are_waited_for_and_asked_for_immediately_before():
    service = Service(jobs=3)
    assert run(service, drain_timeout=60)[0] and service.writes == STARTED
    operations = [operation for operation, _request in service.calls]
    assert "list_backup_jobs" in operations[: operations.index("update_gateway_software_now")][-8:]


def test_jobs_that_do_not_end_in_time_stop_it(monkeypatch):
    ticks = iter(range(0, 10**6, 20))
    monkeypatch.setattr("time.monotonic", lambda: next(ticks))
    service = Service(jobs=10**6)
    with pytest.raises(Error, match="the jobs that may run through gw-1"):
        run(service, drain_timeout=60)
    assert service.writes == []


@pytest.mark.parametrize("said", [REFUSED, Lost("no answer came")])
def test_one_that_runs_already_or_whose_answer_was_lost_is_waited_for(said):
    service = Service(said=said)
    changed, result = run(service)
    assert (changed, service.writes, result["gateway"]["software_version"]) == (True, STARTED, "2")


def test_a_refusal_is_repeated_where_the_version_does_not_change(monkeypatch):
    ticks = iter(range(0, 10**6, 20))
    monkeypatch.setattr("time.monotonic", lambda: next(ticks))
    with pytest.raises(Error, match="An update is in progress.*its software is still 1"):
        run(Service(said=REFUSED, takes=10**6))


def test_who_may_not_is_told_at_once():
    with pytest.raises(ApiError, match="no"):
        run(Service(said=ApiError("no", code="AccessDeniedException")))


def test_a_gateway_of_another_site_is_refused():
    service = Service(site="another")
    with pytest.raises(Foreign, match="gw-1 is that of another site, another"):
        run(service, site_id="site")
    assert service.writes == [] and run(service, site_id="another")[0]


def test_a_name_that_none_has_is_told():
    with pytest.raises(Missing):
        run(Service(), gateway="typo")
