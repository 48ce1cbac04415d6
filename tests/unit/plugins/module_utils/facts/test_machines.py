# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import datetime
import types

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import Denied
from ansible_collections.vmc.aws_backup.plugins.module_utils.facts import machines

HYPERVISOR = "arn:aws:backup-gateway:r:1:hypervisor/hype-1"
NOON = datetime.datetime(2026, 11, 28, 12, tzinfo=datetime.timezone.utc)


def arn(number):
    return f"arn:aws:backup-gateway:r:1:vm/vm-{number}"


def vm(number, **more):
    return {"ResourceArn": arn(number), "Name": f"web-{number}", "Path": "/dc/vm/a", "HypervisorId": "hype-1", **more}


def selection(name="all", **document):
    kept = {"SelectionName": name, "IamRoleArn": "role", **document}
    return {"SelectionId": name, "BackupPlanId": "p", "BackupSelection": kept}


class Region:
    """An account in a Region: what its listings have, and what was asked."""

    def __init__(self, **listed):
        self.listed = {
            "list_hypervisors": [{"HypervisorArn": HYPERVISOR, "Name": "sddc-1"}],
            "list_virtual_machines": [vm(1), vm(2)],
            "list_backup_plans": [{"BackupPlanId": "p", "BackupPlanName": "daily"}],
            "list_protected_resources": [{"ResourceArn": arn(1), "LastBackupTime": NOON}],
            "get_resources": [{"ResourceARN": arn(2), "Tags": [{"Key": "stage", "Value": "production"}]}],
            "selections": [selection(Resources=[arn(1)])],
            **listed,
        }
        self.asked = []

    def client(self, service):
        return types.SimpleNamespace(pages=self.pages, call=self.call)

    def pages(self, operation, key, view=None, **request):
        found = self.listing(operation)
        return [view(dict(each)) for each in found] if view else found

    def listing(self, operation):
        self.asked.append(operation)
        if operation == "list_backup_selections":
            return [{"SelectionId": each["SelectionId"]} for each in self.listed["selections"]]
        found = self.listed[operation]
        if isinstance(found, Exception):
            raise found
        return found

    def call(self, operation, missing=(), **request):
        self.asked.append(operation)
        return next(each for each in self.listed["selections"] if each["SelectionId"] == request["SelectionId"])

    def found(self, refused=(), **wanted):
        asked = {"hypervisors": [], "tags": False, "protection": True, **wanted}
        return machines.of_region(self.client, asked, refused=refused)


def test_each_machine_is_told_with_who_takes_it():
    one, other = Region().found()
    assert (one["name"], one["hypervisor"], one["path"]) == ("web-1", "sddc-1", "/dc/vm/a")
    assert one["covered_by"] == [{"backup_plan": "daily", "selection": "all"}]
    assert (one["protection"], other["protection_reason"]) == ("protected", "not_selected")
    assert one["newest_recovery_point"]["backed_up_at"] == "2026-11-28T12:00:00+00:00"


@pytest.mark.parametrize("form", ["hype-1", HYPERVISOR])
def test_a_hypervisor_is_known_by_whichever_form_its_id_has(form):
    (found,) = Region(list_virtual_machines=[vm(1, HypervisorId=form)]).found()
    assert found["hypervisor"] == "sddc-1"


@pytest.mark.parametrize("number", [1, 1000])
def test_calls_do_not_grow_with_the_machines(number):
    region = Region(list_virtual_machines=[vm(each) for each in range(number)])
    region.found(tags=True)
    assert region.asked == [
        "list_hypervisors",
        "list_virtual_machines",
        "list_backup_plans",
        "list_backup_selections",
        "get_backup_selection",
        "get_resources",
        "list_protected_resources",
    ]


def test_tags_are_asked_for_only_where_somebody_needs_them():
    by_path = {"StringLike": [{"ConditionKey": "aws:ResourceTag/aws:backup-gateway:path", "ConditionValue": "/dc/*"}]}
    region = Region(selections=[selection(Resources=["*"], Conditions=by_path)])
    assert {each["protection_reason"] for each in region.found()} == {"selected", "never_backed_up"}
    assert "get_resources" not in region.asked
    by_tag = {"StringEquals": [{"ConditionKey": "aws:ResourceTag/stage", "ConditionValue": "production"}]}
    region = Region(selections=[selection(Resources=["*"], Conditions=by_tag)])
    assert [each["protection_reason"] for each in region.found()] == ["not_selected", "never_backed_up"]
    assert "get_resources" in region.asked and "tags" not in region.found()[0]
    assert region.found(tags=True)[1]["tags"] == {"stage": "production"}


def test_nothing_is_asked_of_an_account_without_machines():
    region = Region(list_virtual_machines=[])
    assert region.found() == []
    assert region.asked == ["list_hypervisors", "list_virtual_machines"]


def test_without_protection_nothing_is_said_of_it():
    region = Region()
    assert "protection" not in region.found(protection=False)[0]
    assert region.asked == ["list_hypervisors", "list_virtual_machines"]


@pytest.mark.parametrize("operation", ["list_backup_plans", "list_protected_resources"])
def test_what_is_denied_is_unknown_or_refused(operation):
    region = Region(**{operation: Denied("no", code="AccessDenied")}, list_virtual_machines=[vm(1)])
    (found,) = region.found()
    assert found["protection"] == "unknown" and "no" in found["protection_reason"]
    with pytest.raises(Denied):
        region.found(refused=(Denied,))


def test_tags_that_are_denied_leave_open_whom_a_selection_takes():
    by_tag = {"StringEquals": [{"ConditionKey": "aws:ResourceTag/stage", "ConditionValue": "production"}]}
    denied = Denied("no", code="AccessDenied")
    region = Region(get_resources=denied, selections=[selection(Resources=["*"], Conditions=by_tag)])
    assert [each["protection"] for each in region.found()] == ["unknown", "unprotected"]


def test_a_hypervisor_that_only_another_account_has_is_no_machine_here():
    assert Region().found(hypervisors=["elsewhere"]) == []
    assert len(Region().found(hypervisors=["sddc-1"])) == 2
