# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import datetime
import types

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.engine.findings import Untold
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import Denied
from ansible_collections.vmc.aws_backup.plugins.module_utils.facts import protection

from ..resources.aws_api import NOW, Api

DENIED = Denied("you may not", code="AccessDeniedException")
HYPERVISORS = {"Hypervisors": [{"HypervisorArn": "arn:hype-1", "Name": "sddc-1"}]}
ROWS = {"VirtualMachines": [{"ResourceArn": "arn:vm-1", "Name": "web", "Path": "/dc/vm/a"}]}
RULE = {"RuleName": "daily", "TargetBackupVaultName": "v1"}
TAGS = {
    "ResourceTagMappingList": [
        {"ResourceARN": "arn:vm-1", "Tags": [{"Key": "aws:backup-gateway:path", "Value": "/dc/vm/a"}]}
    ]
}
SELECTION = {
    "SelectionId": "s1",
    "BackupPlanId": "p1",
    "BackupSelection": {
        "SelectionName": "s",
        "IamRoleArn": "r",
        "Resources": ["arn:vm-*"],
        "Conditions": {
            "StringEquals": [{"ConditionKey": "aws:ResourceTag/aws:backup-gateway:path", "ConditionValue": "/dc/vm/a"}]
        },
    },
}
ANSWERS = {
    "backup-gateway": {
        "list_hypervisors": HYPERVISORS,
        "get_hypervisor": {"Hypervisor": {"HypervisorArn": "arn:hype-1", "Name": "sddc-1"}},
        "list_gateways": {"Gateways": [{"GatewayArn": "g1", "HypervisorId": "arn:hype-1"}, {"GatewayArn": "g2"}]},
        "get_gateway": {"Gateway": {"GatewayArn": "g1", "GatewayDisplayName": "gw-1"}},
        "list_virtual_machines": ROWS,
    },
    "resourcegroupstaggingapi": {"get_resources": TAGS},
    "backup": {
        "list_backup_plans": {"BackupPlansList": [{"BackupPlanId": "p1", "BackupPlanName": "nightly"}]},
        "get_backup_plan": {"BackupPlan": {"Rules": [RULE]}, "LastExecutionDate": NOW},
        "list_backup_selections": {"BackupSelectionsList": [{"SelectionId": "s1"}]},
        "get_backup_selection": SELECTION,
        "list_backup_vaults": {"BackupVaultList": [{"BackupVaultName": "v1"}]},
        "list_protected_resources": {"Results": [{"ResourceArn": "arn:vm-1"}]},
        "describe_region_settings": {"ResourceTypeOptInPreference": {"VirtualMachine": True}},
        "list_legal_holds": {"LegalHolds": [{"Title": "a", "Status": "ACTIVE"}, {"Title": "b", "Status": "CANCELED"}]},
        "list_backup_jobs": {"BackupJobs": [{"BackupJobId": "j1"}]},
    },
    "kms": {
        "describe_key": {"KeyMetadata": {"KeyState": "Enabled"}},
        "get_key_rotation_status": {"KeyRotationEnabled": True},
    },
}


@pytest.fixture
def site(monkeypatch):
    """The facts of a site with a machine, and what its services were asked. ``answers`` are laid over those of the site."""

    def made(*, seen=None, **answers):
        clients = {}

        def client(module, service):
            if service not in clients:
                clients[service] = Api(
                    **{**ANSWERS[service], **{key: each for key, each in answers.items() if key in KNOWN[service]}}
                )
            return clients[service]

        monkeypatch.setattr(protection, "Aws", client)
        seen = {"virtual_machines": [{"name": "web", "path": "/dc/vm/a"}]} if seen is None else seen
        params = {"hypervisor": "sddc-1", "seen": {"vcenter": seen}, "objective_hours": 26}
        facts = protection.Protection(types.SimpleNamespace(params=params))
        facts.asked = lambda: [operation for each in clients.values() for operation, _request in each.calls]
        facts.clients = clients
        return facts

    return made


KNOWN = {service: set(answers) for service, answers in ANSWERS.items()}
KNOWN["backup"].update(
    (
        "list_copy_jobs",
        "list_recovery_points_by_backup_vault",
        "list_protected_resources_by_backup_vault",
        "list_backup_job_summaries",
    )
)


def test_what_vcenter_has_is_joined_with_what_aws_lists(site):
    facts = site()
    assert [one.listed["ResourceArn"] for one in facts.machines] == ["arn:vm-1"]
    assert facts.left == []


@pytest.mark.parametrize(
    ("seen", "why"),
    [({}, "was not asked"), ({"msg": "no way in", "failed": True}, "no way in"), ({"virtual_machines": []}, "")],
)
def test_a_vcenter_that_did_not_tell_has_no_machines_rather_than_none(site, seen, why):
    facts = site(seen=seen)
    assert isinstance(facts.machines, Untold) == bool(why)
    assert why in str(facts.machines)


def test_a_hypervisor_that_is_not_there_lists_nothing_and_no_gateway(site):
    facts = site(list_hypervisors={"Hypervisors": []})
    assert (facts.hypervisor, facts.listed) == (None, [])
    assert "there is no hypervisor sddc-1" in facts.gateways
    assert [one.listed for one in facts.machines] == [None]


def test_what_is_denied_is_untold_and_hides_nothing_else(site):
    facts = site(list_hypervisors=DENIED, list_backup_vaults=DENIED)
    assert all(
        isinstance(each, Untold)
        for each in (facts.hypervisor, facts.gateways, facts.listed, facts.machines, facts.vaults)
    )
    assert len(facts.plans) == 1


def test_only_gateways_of_the_hypervisor_are_asked_for(site):
    facts = site()
    assert [each["GatewayDisplayName"] for each in facts.gateways] == ["gw-1"]
    assert facts.asked().count("get_gateway") == 1


def test_a_selection_is_compared_with_the_tags_of_the_system_as_aws_has_them(site):
    assert [plan["name"] for plan in site().selecting["arn:vm-1"]] == ["nightly"]
    moved = {
        "ResourceTagMappingList": [
            {"ResourceARN": "arn:vm-1", "Tags": [{"Key": "aws:backup-gateway:path", "Value": "/dc/vm/old"}]}
        ]
    }
    assert site(get_resources=moved).selecting == {"arn:vm-1": []}
    # Where tags of the system are not listed, the folder is that of the machine.
    assert len(site(get_resources={"ResourceTagMappingList": []}).selecting["arn:vm-1"]) == 1
    assert isinstance(site(get_resources=DENIED).selecting, Untold)


@pytest.mark.parametrize(
    ("operation", "part"), [("get_backup_plan", "rules"), ("list_backup_selections", "selections")]
)
def test_what_one_plan_does_not_tell_is_in_its_place(site, operation, part):
    (plan,) = site(**{operation: DENIED}).plans
    assert isinstance(plan[part], Untold) and plan["name"] == "nightly"


def test_a_plan_of_the_organisation_is_known_by_its_id(site):
    listed = {"BackupPlansList": [{"BackupPlanId": "orgs/p1", "BackupPlanName": "theirs"}]}
    assert [plan["of_organisation"] for plan in site(list_backup_plans=listed).plans] == [True]


def test_a_cancelled_hold_holds_nothing(site):
    assert [one["Title"] for one in site().holds] == ["a"]


@pytest.mark.parametrize(
    ("key", "status", "found"),
    [
        ({"KeyState": "Enabled"}, {"KeyRotationEnabled": True}, {"state": "Enabled", "rotated": True}),
        ({"KeyState": "Enabled"}, {}, {"state": "Enabled", "rotated": False}),
        ({"KeyState": "Enabled", "KeyManager": "AWS"}, DENIED, {"state": "Enabled", "rotated": True}),
    ],
)
def test_whether_a_key_is_rotated(site, key, status, found):
    facts = site(describe_key={"KeyMetadata": key}, get_key_rotation_status=status)
    assert facts.rotation("arn:key") == facts.rotation("arn:key") == found
    assert facts.asked().count("describe_key") == 1


def paged(**request):
    """A page of jobs of which there are more, or those of a state and category."""
    if "ByState" in request:
        return {
            "BackupJobs": [
                {"BackupJobId": f"{request['ByState']}-{request['ByMessageCategory']}"},
                {"BackupJobId": "j1"},
            ]
        }
    return {"BackupJobs": [{"BackupJobId": "j1"}], "NextToken": "more"}


def counts(*pairs):
    return {
        "BackupJobSummaries": [{"State": state, "MessageCategory": category, "Count": 1} for state, category in pairs]
    }


def test_of_more_jobs_than_a_page_only_those_are_listed_that_did_not_succeed(site):
    summaries = counts(("COMPLETED", "SUCCESS"), ("COMPLETED", "ISSUES"), ("FAILED", "FAILURE"), ("RUNNING", "SUCCESS"))
    facts = site(list_backup_jobs=paged, list_backup_job_summaries=summaries)
    assert [job["BackupJobId"] for job in facts.jobs["jobs"]] == ["j1", "COMPLETED-ISSUES", "FAILED-FAILURE"]
    assert (facts.jobs["whole"], facts.jobs["untold"]) == (False, "")


def test_a_page_of_jobs_that_is_all_is_counted_by_nobody(site):
    facts = site()
    assert (facts.jobs["whole"], [job["BackupJobId"] for job in facts.jobs["jobs"]]) == (True, ["j1"])
    assert "list_backup_job_summaries" not in facts.asked()


@pytest.mark.parametrize("counted", [DENIED, {}, {"BackupJobSummaries": [], "NextToken": "more"}])
def test_jobs_that_nobody_counts_are_said_to_be_unread(site, counted):
    facts = site(list_backup_jobs=paged, list_backup_job_summaries=counted)
    assert facts.jobs["untold"]


def test_an_answer_without_jobs_is_asked_for_as_other_listings_are(site):
    facts = site(list_backup_jobs={})
    assert facts.jobs["jobs"] == []
    assert facts.asked().count("list_backup_jobs") == 2


def test_lists_of_vaults_and_of_copies_are_asked_for_once(site):
    facts = site()
    for _again in range(2):
        assert facts.newest_in("v1") == {}
        assert facts.copies("FAILED", 26) == []
    assert facts.asked().count("list_protected_resources_by_backup_vault") == 1
    assert facts.asked().count("list_copy_jobs") == 1
    asked = dict(facts.clients["backup"].calls)["list_copy_jobs"]
    assert (asked["ByState"], asked["ByCreatedAfter"]) == ("FAILED", NOW - datetime.timedelta(hours=26))


def test_points_are_asked_for_by_their_age(site):
    facts = site()
    for _again in range(2):
        assert facts.points("v1", 26) == facts.older_points("v1", 7) == []
    after, before = (request for operation, request in facts.clients["backup"].calls if "recovery_points" in operation)
    assert after["ByCreatedAfter"] == NOW - datetime.timedelta(hours=26)
    assert before["ByCreatedBefore"] == NOW - datetime.timedelta(days=7)


def test_no_call_is_made_for_a_machine(site):
    rows = {
        "VirtualMachines": [
            {"ResourceArn": f"arn:vm-{number}", "Name": f"m{number}", "Path": "/dc/vm/a"} for number in range(500)
        ]
    }
    facts = site(
        list_virtual_machines=rows,
        seen={"virtual_machines": [{"name": f"m{number}", "path": "/dc/vm/a"} for number in range(500)]},
    )
    for fact in "machines left selecting newest plans vaults holds jobs gateways opted_in".split():
        getattr(facts, fact)
    assert len(facts.asked()) < 20
