# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The operations of AWS Backup on plans and on what they select."""

from __future__ import annotations

import copy
import datetime
import re
import uuid
from dataclasses import dataclass, field

from moto.iam.models import iam_backends
from moto.utilities.utils import get_partition

from .errors import AwsError
from .router import account_of

LEAST_COLD_TO_DELETE = 90  # days
MOST_RESOURCES, MOST_WILDCARDS, MOST_CONDITIONS = 500, 30, 30
CRON = re.compile(r"cron\((\S+ ){5}\S+\)")
# What a rule has where nothing was given for it.
OF_A_RULE = {
    "StartWindowMinutes": 480,
    "CompletionWindowMinutes": 10_080,
    "EnableContinuousBackup": False,
    "ScheduleExpressionTimezone": "Etc/UTC",
}


def like(text, pattern) -> bool:
    """Wildcards are asterisks only (developer guide, assigning resources)."""
    first, *others = pattern.split("*")
    if not others:
        return text == pattern
    if not text.startswith(first) or len(text) < len(first) + len(others[-1]) or not text.endswith(others[-1]):
        return False
    at, end = len(first), len(text) - len(others[-1])
    for part in others[:-1]:
        found = text.find(part, at, end)
        if found < 0:
            return False
        at = found + len(part)
    return True


OPERATORS = {
    "StringEquals": lambda actual, wanted: actual == wanted,
    "StringNotEquals": lambda actual, wanted: actual != wanted,
    "StringLike": lambda actual, wanted: actual is not None and like(actual, wanted),
    "StringNotLike": lambda actual, wanted: actual is None or not like(actual, wanted),
}
OF_TAG = "aws:ResourceTag/"
OF_AN_ORGANISATION = "orgs/"  # how the id of a plan begins that a policy of AWS Organizations made


@dataclass
class Selection:
    id: str
    document: dict
    created: datetime.datetime
    request_id: str = ""

    @property
    def name(self) -> str:
        return self.document["SelectionName"]


@dataclass
class Plan:
    id: str
    arn: str
    document: dict
    version: str
    created: datetime.datetime
    tags: dict
    request_id: str = ""
    deleted: datetime.datetime | None = None
    executed: datetime.datetime | None = None  # when one of its rules ran last
    frozen: bool = False  # nothing runs it any more
    selections: dict = field(default_factory=dict)  # id -> Selection


class Plans:
    """State is in ``self.place(request)``, which the class that is made of this one brings."""

    def CreateBackupPlan(self, request, params):
        plans = self.place(request).plans
        document = self._checked_plan(params["BackupPlan"])
        for plan in (each for each in plans.values() if not each.deleted):
            if _without_ids(plan.document) != _without_ids(document):
                continue
            if plan.request_id and plan.request_id == params.get("CreatorRequestId"):
                return _versioned(plan)
            raise AwsError("AlreadyExistsException", "Backup plan with the same plan document already exists.")
        identifier = str(uuid.uuid4())
        plan = Plan(
            identifier,
            self.backup_arn(request, "backup-plan", identifier),
            document,
            _version(),
            self.world.utc(),
            dict(params.get("BackupPlanTags") or {}),
            params.get("CreatorRequestId") or "",
        )
        plans[plan.id] = plan
        return _versioned(plan)

    def UpdateBackupPlan(self, request, params):
        """What is not in the document is gone afterwards."""
        plan = self._own_plan(request, params)
        plan.document = self._checked_plan(params["BackupPlan"], plan.document)
        plan.version = _version()
        return _versioned(plan)

    def plan(self, request, identifier, *, deleted=False) -> Plan:
        found = self.place(request).plans.get(identifier)
        if found is None or (found.deleted and not deleted):
            raise AwsError("ResourceNotFoundException", f"Cannot find Backup plan with ID {identifier}")
        return found

    def _own_plan(self, request, params) -> Plan:
        """Those that a policy of the organisation made are seen in the account, and changed by that policy only."""
        plan = self.plan(request, params["BackupPlanId"])
        if plan.id.startswith(OF_AN_ORGANISATION):
            raise AwsError("InvalidRequestException", "The backup plan is managed by AWS Organizations.")
        return plan

    def _checked_plan(self, document, before=None) -> dict:
        """With the ids of the rules, and what the service gives to those who say nothing."""
        document = copy.deepcopy(document)
        names = [rule["RuleName"] for rule in document["Rules"]]
        if len(set(names)) < len(names):
            raise _invalid("Duplicate rule name found in plan.")
        ids = {rule["RuleName"]: rule["RuleId"] for rule in (before or {"Rules": []})["Rules"]}
        for rule in document["Rules"]:
            rule["RuleId"] = ids.get(rule["RuleName"]) or str(uuid.uuid4())
            for key, value in OF_A_RULE.items():
                rule.setdefault(key, value)
            self._check_rule(rule)
        return document

    def _check_rule(self, rule):
        schedule = rule.get("ScheduleExpression")
        if schedule and not (CRON.fullmatch(schedule) or schedule.startswith("rate(")):
            raise _invalid(f"Invalid value provided for schedule expression: {schedule}")
        if rule["StartWindowMinutes"] < 60:
            raise _invalid("Start window must be at least 60 minutes.")
        if rule["CompletionWindowMinutes"] < rule["StartWindowMinutes"]:
            raise _invalid("Completion window must not be shorter than the start window.")
        for lifecycle in [rule.get("Lifecycle"), *(each.get("Lifecycle") for each in rule.get("CopyActions") or [])]:
            check_lifecycle(lifecycle or {})

    def GetBackupPlan(self, request, params):
        plan = self.plan(request, params["BackupPlanId"], deleted=True)
        return {**_versioned(plan), **_listed_plan(plan), "BackupPlan": plan.document}

    def ListBackupPlans(self, request, params):
        plans = self.place(request).plans.values()
        found = [plan for plan in plans if params.get("IncludeDeleted") or not plan.deleted]
        page, token = self.page(found, params)
        listed = [
            {**_versioned(plan), **_listed_plan(plan), "BackupPlanName": plan.document["BackupPlanName"]}
            for plan in page
        ]
        return {"BackupPlansList": listed, "NextToken": token}

    def DeleteBackupPlan(self, request, params):
        plan = self._own_plan(request, params)
        if plan.selections:
            raise AwsError(
                "InvalidRequestException",
                "Related backup plan selections must be deleted prior to backup plan deletion",
            )
        plan.deleted = self.world.utc()
        told = {key: value for key, value in _versioned(plan).items() if key != "CreationDate"}
        return {**told, "DeletionDate": plan.deleted}

    # Selections

    def CreateBackupSelection(self, request, params):
        plan = self._own_plan(request, params)
        document = copy.deepcopy(params["BackupSelection"])
        self._check_selection(request, document)
        for selection in plan.selections.values():
            if selection.name == document["SelectionName"]:
                if selection.request_id and selection.request_id == params.get("CreatorRequestId"):
                    return _selected(plan, selection)
                raise AwsError("AlreadyExistsException", f"Selection {selection.name} already exists.")
        selection = Selection(
            str(uuid.uuid4()), document, self.world.utc(), params.get("CreatorRequestId") or str(uuid.uuid4())
        )
        plan.selections[selection.id] = selection
        return _selected(plan, selection)

    def _check_selection(self, request, document):
        resources = [*document.get("Resources", []), *document.get("NotResources", [])]
        wild = [arn for arn in resources if "*" in arn]
        conditions = [each for listed in (document.get("Conditions") or {}).values() for each in listed]
        if len(resources) > MOST_RESOURCES or len(wild) > MOST_WILDCARDS:
            raise AwsError("LimitExceededException", "There are too many resources in the selection.")
        if len(conditions) + len(document.get("ListOfTags") or []) > MOST_CONDITIONS:
            raise AwsError("LimitExceededException", "There are too many conditions in the selection.")
        if not resources and not document.get("ListOfTags") and not conditions:
            raise AwsError("MissingParameterValueException", "The selection selects nothing.")
        if any(not each["ConditionKey"].startswith(OF_TAG) for each in conditions):
            raise _invalid(f"Condition keys must begin with {OF_TAG}.")
        partition = get_partition(request.region)
        if any(arn != "*" and not arn.startswith(f"arn:{partition}:") for arn in resources):
            raise _invalid(f"ARNs must be of the partition {partition}.")
        self.check_role(request, document["IamRoleArn"])

    def check_role(self, request, arn):
        """A role that the service may assume."""
        roles = iam_backends[account_of(request)][get_partition(request.region)].roles.values()
        role = next((each for each in roles if each.arn == arn), None)
        if role is None or "backup.amazonaws.com" not in str(role.assume_role_policy_document):
            raise _invalid(f"IAM Role {arn} does not have sufficient permissions to execute the backup")

    def _selection(self, request, params) -> tuple:
        plan = self.plan(request, params["BackupPlanId"], deleted=True)
        selection = plan.selections.get(params["SelectionId"])
        if selection is None:
            raise AwsError("ResourceNotFoundException", f"Cannot find selection {params['SelectionId']}")
        return plan, selection

    def GetBackupSelection(self, request, params):
        plan, selection = self._selection(request, params)
        told = {"CreatorRequestId": selection.request_id, "BackupSelection": selection.document}
        return {**_selected(plan, selection), **told}

    def ListBackupSelections(self, request, params):
        plan = self.plan(request, params["BackupPlanId"], deleted=True)
        page, token = self.page(list(plan.selections.values()), params)
        listed = [
            {
                **_selected(plan, each),
                "SelectionName": each.name,
                "CreatorRequestId": each.request_id,
                "IamRoleArn": each.document["IamRoleArn"],
            }
            for each in page
        ]
        return {"BackupSelectionsList": listed, "NextToken": token}

    def DeleteBackupSelection(self, request, params):
        plan, selection = self._selection(request, params)
        self._own_plan(request, params)
        del plan.selections[selection.id]


def check_lifecycle(lifecycle: dict):
    cold, delete = lifecycle.get("MoveToColdStorageAfterDays"), lifecycle.get("DeleteAfterDays")
    if cold is not None and delete is not None and delete < cold + LEAST_COLD_TO_DELETE:
        raise _invalid(
            f"Invalid lifecycle. DeleteAfterDays cannot be less than {LEAST_COLD_TO_DELETE} days apart from MoveToColdStorageAfterDays"
        )


def takes(document: dict, arn: str, tags: dict) -> bool:
    """Whether a selection takes a resource: one of its ARNs or of its tags, and all of its conditions, and none that it leaves out."""
    named = any(like(arn, pattern) for pattern in document.get("Resources") or [])
    tagged = any(tags.get(each["ConditionKey"]) == each["ConditionValue"] for each in document.get("ListOfTags") or [])
    open_to_all = not document.get("Resources") and not document.get("ListOfTags")
    left_out = any(like(arn, pattern) for pattern in document.get("NotResources") or [])
    fits = all(
        OPERATORS[operator](tags.get(each["ConditionKey"][len(OF_TAG) :]), each["ConditionValue"])
        for operator, listed in (document.get("Conditions") or {}).items()
        for each in listed
    )
    return (named or tagged or open_to_all) and fits and not left_out


def _without_ids(document) -> dict:
    rules = [{key: value for key, value in rule.items() if key != "RuleId"} for rule in document["Rules"]]
    return {**document, "Rules": rules}


def _version() -> str:
    return uuid.uuid4().hex + uuid.uuid4().hex[:16]


def _versioned(plan) -> dict:
    return {
        "BackupPlanId": plan.id,
        "BackupPlanArn": plan.arn,
        "CreationDate": plan.created,
        "VersionId": plan.version,
        "AdvancedBackupSettings": plan.document.get("AdvancedBackupSettings"),
    }


def _listed_plan(plan) -> dict:
    return {
        "CreatorRequestId": plan.request_id or None,
        "DeletionDate": plan.deleted,
        "LastExecutionDate": plan.executed,
    }


def _selected(plan, selection) -> dict:
    return {"SelectionId": selection.id, "BackupPlanId": plan.id, "CreationDate": selection.created}


def _invalid(message) -> AwsError:
    return AwsError("InvalidParameterValueException", message)
