# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What protects the machines of a vCenter: each read is made when it is first asked for, and once. No call is made for a machine."""

from __future__ import annotations

import datetime
import functools

from ..clients import backup as backup_api
from ..clients import backup_gateway as api
from ..clients.aws import Aws
from ..engine.findings import Untold, told
from ..errors import Error
from ..resources import backup_plan, backup_selection, hypervisor, kms_key
from ..values import Unresolved
from .population import joined

HOUR = datetime.timedelta(hours=1)
MACHINE = "VirtualMachine"
OF_AN_ORGANISATION = "orgs/"  # how the id of a plan begins that a policy of AWS Organizations made
JOBS_ON_A_PAGE = 1000
SUMMARIES = 500  # most that a page of them holds


class Protection:
    """The facts about one vCenter. ``seen`` is what a task that may run elsewhere saw of it."""

    def __init__(self, module):
        self.params = module.params
        self._module = module

    @functools.cached_property
    def kept(self) -> dict:
        """What was read, or worked out of it, that depends on more than the site."""
        return {}

    @functools.cached_property
    def gateway_client(self):
        return Aws(self._module, "backup-gateway")

    @functools.cached_property
    def backup(self):
        return Aws(self._module, "backup")

    @functools.cached_property
    def caller(self) -> str | Untold:
        """The ARN of who looks."""
        return told(lambda: Aws(self._module, "sts").call("get_caller_identity")["Arn"])

    @functools.cached_property
    def now(self) -> datetime.datetime:
        """The time at AWS, once it has answered something."""
        told(lambda: self.vaults)
        return self.backup.now()

    # What vCenter has

    @functools.cached_property
    def vcenter(self) -> dict | Untold:
        seen = self.params["seen"].get("vcenter") or {}
        if "virtual_machines" in seen:
            return seen
        return Untold(seen.get("msg") or "vCenter was not asked: nothing of it was handed in as seen")

    @functools.cached_property
    def machines(self):
        """Those of vCenter, each with its row at AWS."""
        return self._joined if isinstance(self._joined, Untold) else self._joined[0]

    @functools.cached_property
    def left(self):
        """What AWS lists that is no machine of vCenter."""
        return self._joined if isinstance(self._joined, Untold) else self._joined[1]

    @functools.cached_property
    def _joined(self):
        for each in (self.vcenter, self.listed):
            if isinstance(each, Untold):
                return each
        return joined(self.vcenter["virtual_machines"], self.listed)

    # What AWS Backup knows of it

    @functools.cached_property
    def hypervisor(self):
        """The hypervisor as GetHypervisor tells of it; ``None`` where there is none of that name."""
        return told(self._hypervisor)

    def _hypervisor(self):
        names = {raw["HypervisorArn"]: raw.get("Name") for raw in api.hypervisors(self.gateway_client)}
        arn = api.resolve("hypervisor", self.params["hypervisor"], names)
        if isinstance(arn, Unresolved):
            return None
        answer = self.gateway_client.call("get_hypervisor", missing=api.GONE, HypervisorArn=arn)
        return answer and answer["Hypervisor"]

    @functools.cached_property
    def gateways(self):
        """Those that are linked to it, as GetGateway tells of them."""
        if not isinstance(self.hypervisor, dict):
            return Untold(self.hypervisor or f"there is no hypervisor {self.params['hypervisor']}")
        return told(self._gateways)

    def _gateways(self):
        linked = [
            raw for raw in api.gateways(self.gateway_client) if api.is_linked(raw, self.hypervisor["HypervisorArn"])
        ]
        answers = [
            self.gateway_client.call("get_gateway", missing=api.GONE, GatewayArn=raw["GatewayArn"]) for raw in linked
        ]
        return [answer["Gateway"] for answer in answers if answer]

    @functools.cached_property
    def listed(self):
        """Its machines as AWS Backup lists them."""
        if self.hypervisor is None:
            return []
        if isinstance(self.hypervisor, Untold):
            return self.hypervisor
        arn = self.hypervisor["HypervisorArn"]
        return told(lambda: self.gateway_client.pages("list_virtual_machines", "VirtualMachines", HypervisorArn=arn))

    @functools.cached_property
    def every_machine(self):
        """Those of all hypervisors of the account and Region."""
        return told(lambda: self.gateway_client.pages("list_virtual_machines", "VirtualMachines"))

    @functools.cached_property
    def tags(self):
        """ARN of a machine -> all of its tags, those of the system too: what selections compare."""
        return told(self._tags)

    def _tags(self):
        client = Aws(self._module, "resourcegroupstaggingapi")
        found = client.pages("get_resources", "ResourceTagMappingList", ResourceTypeFilters=["backup-gateway:vm"])
        return {raw["ResourceARN"]: {tag["Key"]: tag["Value"] for tag in raw.get("Tags") or []} for raw in found}

    @functools.cached_property
    def newest(self):
        """ARN of a machine -> the newest point that a backup has left of it."""
        return told(lambda: hypervisor.protected(self.backup))

    def newest_in(self, vault: str):
        """The same of one vault. Asked for only where the newest of all is elsewhere."""
        if ("newest", vault) not in self.kept:
            self.kept["newest", vault] = told(lambda: self._newest_of(vault))
        return self.kept["newest", vault]

    def _newest_of(self, vault) -> dict:
        operation = "list_protected_resources_by_backup_vault"
        return {raw["ResourceArn"]: raw for raw in self.backup.pages(operation, "Results", BackupVaultName=vault)}

    # Plans of whomever

    @functools.cached_property
    def plans(self):
        """Every plan of the account and Region, each with its rules and ``selections``; what of one is not told is in its place."""
        return told(lambda: [self._plan(raw) for raw in self.backup.pages("list_backup_plans", "BackupPlansList")])

    def _plan(self, raw) -> dict:
        identifier = raw["BackupPlanId"]
        answer = told(lambda: self.backup.call("get_backup_plan", BackupPlanId=identifier))
        found = {
            "name": raw["BackupPlanName"],
            "id": identifier,
            "of_organisation": identifier.startswith(OF_AN_ORGANISATION),
            "created": raw.get("CreationDate"),
            "version_id": raw.get("VersionId"),
            "executed": raw.get("LastExecutionDate"),
            "rules": answer,
            "selections": told(lambda: self._selections(identifier)),
        }
        if not isinstance(answer, Untold):
            found["executed"] = answer.get("LastExecutionDate") or found["executed"]
            found["rules"] = {rule["RuleName"]: backup_plan.view_rule(rule) for rule in answer["BackupPlan"]["Rules"]}
        return found

    def _selections(self, identifier) -> list:
        return [backup_selection.view(raw) for raw in backup_selection.find(self.backup, identifier)]

    @functools.cached_property
    def selecting(self):
        """ARN of a machine -> the plans that select it. ``""`` stands for plans of which nobody told what they select."""
        for each in (self.plans, self.tags, self.listed):
            if isinstance(each, Untold):
                return each
        found: dict = {row["ResourceArn"]: [] for row in self.listed}
        for plan in self.plans:
            if isinstance(plan["selections"], Untold):
                continue
            for row in self.listed:
                arn = row["ResourceArn"]
                machine = {"resource_arn": arn, "path": row.get("Path"), "tags": self.tags.get(arn, {})}
                if any(backup_selection.takes(document, machine) for document in plan["selections"]):
                    found[arn].append(plan)
        return found

    @functools.cached_property
    def opted_in(self):
        """Whether the Region supports virtual machines: what is selected by tags alone rests on it."""
        answer = told(lambda: self.backup.call("describe_region_settings")["ResourceTypeOptInPreference"])
        return answer if isinstance(answer, Untold) else bool(answer.get(MACHINE))

    # Vaults, keys and holds

    @functools.cached_property
    def vaults(self):
        """Name -> the vault as it is listed."""
        return told(lambda: {raw["BackupVaultName"]: raw for raw in backup_api.vaults(self.backup)})

    def rotation(self, key: str):
        """Whether a key is AWS's own, or rotated; ``None`` where there is no such key."""
        if ("rotation", key) not in self.kept:
            self.kept["rotation", key] = told(lambda: self._rotation_of(key))
        return self.kept["rotation", key]

    def _rotation_of(self, key):
        client = Aws(self._module, "kms")
        answer = client.call("describe_key", missing=kms_key.GONE, KeyId=key)
        if answer is None:
            return None
        if answer["KeyMetadata"].get("KeyManager") == "AWS":
            return {"state": answer["KeyMetadata"]["KeyState"], "rotated": True}
        status = client.call("get_key_rotation_status", KeyId=key)
        return {"state": answer["KeyMetadata"]["KeyState"], "rotated": bool(status.get("KeyRotationEnabled"))}

    def points(self, vault: str, hours: int):
        """The points of machines in a vault that were made since so many hours."""
        return self._points(vault, ByCreatedAfter=self.now - hours * HOUR)

    def older_points(self, vault: str, days: int):
        """The points of machines in a vault that were made before so many days."""
        return self._points(vault, ByCreatedBefore=self.now - days * 24 * HOUR)

    def _points(self, vault, **when):
        key = ("points", vault, *when.items())
        if key not in self.kept:
            asked = {"BackupVaultName": vault, "ByResourceType": MACHINE, **when}
            operation = "list_recovery_points_by_backup_vault"
            self.kept[key] = told(lambda: self.backup.pages(operation, "RecoveryPoints", **asked))
        return self.kept[key]

    @functools.cached_property
    def holds(self):
        """The legal holds that are in force."""
        found = told(lambda: self.backup.pages("list_legal_holds", "LegalHolds"))
        return found if isinstance(found, Untold) else [one for one in found if one.get("Status") != "CANCELED"]

    # Jobs

    @property
    def since(self) -> datetime.datetime:
        return self.now - self.params["objective_hours"] * HOUR

    @functools.cached_property
    def jobs(self):
        """The backups of machines since then: all of them, or beyond a page a part that is, and all that did not succeed.

        ``whole`` says which; ``unread`` how many completed with issues and are not among them, where that is told.
        """
        return told(self._jobs)

    def _jobs(self) -> dict:
        asked = {"ByResourceType": MACHINE, "ByCreatedAfter": self.since}
        page = self.backup.call("list_backup_jobs", MaxResults=JOBS_ON_A_PAGE, **asked)
        found = {"jobs": list(page.get("BackupJobs") or []), "whole": not page.get("NextToken"), "untold": ""}
        if "BackupJobs" not in page:  # one that has nothing on it is asked for as other listings are
            found["jobs"] = self.backup.pages("list_backup_jobs", "BackupJobs", **asked)
        if not found["whole"]:
            counted = told(self._counted)
            found["untold"] = counted if isinstance(counted, Untold) else ""
            for state, category in [] if isinstance(counted, Untold) else sorted(counted):
                more = {"ByState": state, "ByMessageCategory": category}
                found["jobs"] += self.backup.pages("list_backup_jobs", "BackupJobs", **asked, **more)
        found["jobs"] = list({job["BackupJobId"]: job for job in found["jobs"]}.values())
        return found

    def _counted(self) -> set:
        """State and category of what did not succeed, of which there are any: as AWS says to find what completed with issues."""
        answer = self.backup.call(
            "list_backup_job_summaries",
            State="ANY",
            MessageCategory="ANY",
            ResourceType=MACHINE,
            AggregationPeriod="ONE_DAY",
            MaxResults=SUMMARIES,
        )
        if answer.get("BackupJobSummaries") is None or answer.get("NextToken"):
            raise Error("AWS Backup counts more kinds of jobs than fit on a page, or none at all.")
        ended = ("ABORTED", "COMPLETED", "EXPIRED", "FAILED", "PARTIAL")
        counted = {
            (each.get("State"), each.get("MessageCategory")) for each in answer["BackupJobSummaries"] if each["Count"]
        }
        return {pair for pair in counted if pair[0] in ended and pair[1] and pair != ("COMPLETED", "SUCCESS")}

    def copies(self, state: str, hours: int):
        """The copy jobs of machines in a state since so many hours."""
        key = ("copies", state, hours)
        if key not in self.kept:
            asked = {"ByState": state, "ByResourceType": MACHINE, "ByCreatedAfter": self.now - hours * HOUR}
            self.kept[key] = told(lambda: self.backup.pages("list_copy_jobs", "CopyJobs", **asked))
        return self.kept[key]
