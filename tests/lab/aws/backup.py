# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""AWS Backup: opt-in per Region, vaults, plans and what they select, and jobs."""

from __future__ import annotations

import functools
import heapq
import itertools
from dataclasses import dataclass, field

from moto.ec2.models import ec2_backends
from moto.utilities.utils import get_partition

from ..world import ACCOUNT
from .copies import CROSS_ACCOUNT, Copies
from .errors import AwsError
from .jobs import Jobs
from .plans import Plans, takes
from .points import Points
from .restores import Restores
from .router import account_of
from .schedule import due
from .state import Place as NoGateways
from .vaults import Vaults
from .workers import Workers

OPT_IN = (
    "Aurora",
    "CloudFormation",
    "DocumentDB",
    "DSQL",
    "DynamoDB",
    "EBS",
    "EC2",
    "EFS",
    "EKS",
    "FSx",
    "Neptune",
    "RDS",
    "Redshift",
    "Redshift Serverless",
    "S3",
    "SAP HANA on Amazon EC2",
    "Storage Gateway",
    "Timestream",
    "VirtualMachine",
)

# In the words of boto/boto3 issue 3758.
UNKNOWN_TYPE = (
    "Element present in resource type opt in preference has invalid values. "
    "Please use describeRegionSettings API to know the supported resource types"
)
PAGE = 1000


@dataclass
class Place:
    """One Region of one account."""

    vaults: dict = field(default_factory=dict)  # by name
    plans: dict = field(default_factory=dict)  # by id
    jobs: dict = field(default_factory=dict)  # by id, in the order in which they were made
    unfinished: dict = field(default_factory=dict)  # those of the jobs that have not ended
    copies: dict = field(default_factory=dict)  # by id
    restores: dict = field(default_factory=dict)  # by id
    holds: list = field(default_factory=list)  # legal ones, as ListLegalHolds shows them


class Backup(Vaults, Plans, Jobs, Points, Copies, Restores):
    @property
    def UNCHECKED(self):
        # The service answers names with spaces, against its own pattern.
        return () if self.world.switches["model_enforced"] else ("'resourceTypeOptInPreference.key'",)

    def __init__(self, world, gateways):
        self.world = world
        self.gateways = gateways  # backup-gateway
        self.settings: dict = {}  # (account, region) -> the two preferences
        self.allowed_images: dict = {}  # (account, region) -> EC2's settings
        self.places: dict[tuple, Place] = {}
        self.management_account = ACCOUNT  # of the organisation
        self.global_settings = {CROSS_ACCOUNT: "false"}
        self.outside: set = set()  # accounts that are of no organisation
        self.at = world.utc()  # up to when everything has happened
        self._events: list = []
        self._number = itertools.count()  # of events of one moment, the first one first
        self._catching_up = False

    def key_of(self, request) -> tuple:
        return account_of(request), request.region

    def place(self, request) -> Place:
        self.catch_up()
        return self.places_of(self.key_of(request))

    def places_of(self, key) -> Place:
        return self.places.setdefault(key, Place())

    def tagged(self, request) -> dict:
        """ARN -> tags, of the vaults and plans of the account and Region of a call."""
        place = self.places.get(self.key_of(request))
        return {one.arn: one.tags for one in [*place.vaults.values(), *place.plans.values()]} if place else {}

    # Time

    def later(self, moment, event):
        """``event(moment)`` happens then."""
        heapq.heappush(self._events, (moment, next(self._number), event))

    def catch_up(self):
        """Whatever should have happened up to now, in its order. Nobody else moves time."""
        now = self.world.utc()
        if self._catching_up or now <= self.at:
            return
        self._catching_up = True
        self.workers = functools.cache(self._workers)
        try:
            for key, place in list(self.places.items()):
                for plan in [each for each in place.plans.values() if each.selections]:
                    self._plan_runs(key, plan, now)
            while self._events and self._events[0][0] <= now:
                moment, _number, event = heapq.heappop(self._events)
                event(moment)
        finally:
            self._catching_up = False
        self.at = now

    def _workers(self, key) -> Workers:
        return Workers(self.world, self.gateways, self.gateways.places.get(key) or NoGateways(*key))

    def _plan_runs(self, key, plan, now):
        for rule in plan.document["Rules"]:
            for moment in due(rule, plan.created, self.at, now):
                self.later(moment, lambda at, rule=rule: self._plan_runs_now(key, plan, rule, at))

    def _plan_runs_now(self, key, plan, rule, moment):
        """A job for each resource that one of the selections takes."""
        if plan.frozen:
            return
        plan.executed = moment
        taken: dict = {}
        for selection in plan.selections.values():
            for arn, tags in self.selectable(key).items():
                if arn not in taken and self._takes(key, selection.document, arn, tags):
                    taken[arn] = selection.document["IamRoleArn"]
        for arn, role in taken.items():
            self._new_job(
                key,
                (rule.get("TargetLogicallyAirGappedBackupVaultArn") or rule["TargetBackupVaultName"]).rpartition(":")[
                    2
                ],
                arn,
                role,
                rule["StartWindowMinutes"],
                rule["CompletionWindowMinutes"],
                rule.get("Lifecycle"),
                moment,
                created_by={
                    "BackupPlanId": plan.id,
                    "BackupPlanArn": plan.arn,
                    "BackupPlanName": plan.document["BackupPlanName"],
                    "BackupPlanVersion": plan.version,
                    "BackupRuleId": rule["RuleId"],
                    "BackupRuleName": rule["RuleName"],
                    "BackupRuleCron": rule.get("ScheduleExpression"),
                    "BackupRuleTimezone": rule["ScheduleExpressionTimezone"],
                },
                tags=rule.get("RecoveryPointTags"),
                copies=rule.get("CopyActions"),
            )

    def _takes(self, key, document, arn, tags) -> bool:
        """The opt-in governs what is taken by tags alone; what a selection names is tried all the same."""
        if ":vm/" in arn and not document.get("Resources"):
            if not self.of(*key)["ResourceTypeOptInPreference"]["VirtualMachine"]:
                return False
        return takes(document, arn, tags)

    def selectable(self, key) -> dict:
        """What plans choose from: ARN -> tags, those of the system too unless the switch has it otherwise."""
        place = self.gateways.places.get(key)
        found = {arn: one.tags for arn, one in place.machines.items()} if place else {}
        if not self.world.switches["conditions_on_system_tags"]:
            found = {
                arn: {name: value for name, value in tags.items() if not name.startswith("aws:")}
                for arn, tags in found.items()
            }
        return {**found, **self.instances(key)}

    def instances(self, key) -> dict:
        """EC2 instances, which the same selections may take: ARN -> tags."""
        account, region = key
        backend = ec2_backends[account][region]
        prefix = f"arn:{get_partition(region)}:ec2:{region}:{account}:instance/"
        return {
            prefix + one.id: {tag["key"]: tag["value"] for tag in one.get_tags()}
            for reservation in backend.reservations.values()
            for one in reservation.instances
        }

    def backup_arn(self, request, kind, name) -> str:
        return f"arn:{get_partition(request.region)}:backup:{request.region}:{account_of(request)}:{kind}:{name}"

    def page(self, items, params) -> tuple:
        size = params.get("MaxResults", PAGE)
        try:
            start = int(params.get("NextToken", "0"))
        except ValueError:
            raise AwsError("InvalidParameterValueException", "Invalid NextToken.") from None
        end = start + size
        return items[start:end], (str(end) if end < len(items) else None)

    def of(self, account, region) -> dict:
        listed = [name for name in OPT_IN if " " not in name or not self.world.switches["model_enforced"]]
        fresh = {
            "ResourceTypeOptInPreference": {name: name != "VirtualMachine" for name in listed},
            "ResourceTypeManagementPreference": {"DynamoDB": False, "EFS": True},
        }
        kept = self.settings.setdefault((account, region), fresh)
        if self.world.switches["model_enforced"]:
            for preference in kept.values():
                for name in [name for name in preference if " " in name]:
                    del preference[name]
        return kept

    def opt_in(self, account, region, enabled=True):
        """For seeds and breaks."""
        self.of(account, region)["ResourceTypeOptInPreference"]["VirtualMachine"] = enabled

    def DescribeRegionSettings(self, request, params):
        return self.of(account_of(request), request.region)

    def UpdateRegionSettings(self, request, params):
        if not params:
            raise AwsError("MissingParameterValueException", "No preference is given.")
        settings = self.of(account_of(request), request.region)
        for name, given in params.items():
            if set(given) - set(settings[name]) or self.world.switches["region_types_refused"] in given:
                raise AwsError("InvalidParameterValueException", UNKNOWN_TYPE)
        for name, given in params.items():
            settings[name] = {**self._left_out(settings[name]), **given}
        return {}

    def _left_out(self, settings) -> dict:
        """What becomes of types that are not given. AWS was seen switching some on (terraform-provider-aws issue 30881)."""
        become = {"merge": None, "replace": False, "defaults": True}[self.world.switches["region_settings"]]
        return settings if become is None else dict.fromkeys(settings, become)

    def end_jobs(self):
        super().end_jobs()
        self.end_restores()
