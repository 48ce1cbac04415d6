# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""AWS Backup: opt-in per Region, vaults, plans and what they select, and jobs."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field

from moto.utilities.utils import get_partition

from .errors import AwsError
from .plans import Plans
from .router import account_of
from .vaults import Vaults

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
JOB_FILTERS = {"ByResourceType": "ResourceType", "ByResourceArn": "ResourceArn"}


@dataclass
class Place:
    """One Region of one account."""

    vaults: dict = field(default_factory=dict)  # by name
    plans: dict = field(default_factory=dict)  # by id


class Backup(Vaults, Plans):
    @property
    def UNCHECKED(self):
        # The service answers names with spaces, against its own pattern.
        return () if self.world.switches["model_enforced"] else ("'resourceTypeOptInPreference.key'",)

    def __init__(self, world):
        self.world = world
        self.settings: dict = {}  # (account, region) -> the two preferences
        self.jobs: list = []  # unfinished and finished ones, as ListBackupJobs shows them
        self.restores: list = []
        self.places: dict[tuple, Place] = {}

    def place(self, request) -> Place:
        return self.places.setdefault((account_of(request), request.region), Place())

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

    def start_job(self, arn, name, state="RUNNING"):
        """For breaks: a backup of a virtual machine."""
        job = {
            "BackupJobId": str(uuid.uuid4()),
            "BackupVaultName": "Default",
            "ResourceArn": arn,
            "ResourceName": name,
            "ResourceType": "VirtualMachine",
            "State": state,
            "CreationDate": self.world.utc(),
        }
        self.jobs.append(job)
        return job["BackupJobId"]

    def start_restore(self, arn):
        """For breaks: a restore of a virtual machine."""
        job = {
            "RestoreJobId": str(uuid.uuid4()).upper(),
            "RecoveryPointArn": arn,
            "ResourceType": "VirtualMachine",
            "Status": "RUNNING",
            "CreationDate": self.world.utc(),
        }
        self.restores.append(job)
        return job["RestoreJobId"]

    def end_jobs(self):
        """For breaks: whatever runs has come to its end."""
        for job in self.jobs:
            job["State"] = "COMPLETED"
        for job in self.restores:
            job["Status"] = "COMPLETED"

    def ListBackupJobs(self, request, params):
        return {"BackupJobs": _chosen(self.jobs, params, {"ByState": "State", **JOB_FILTERS})}

    def ListRestoreJobs(self, request, params):
        return {"RestoreJobs": _chosen(self.restores, params, {"ByStatus": "Status", **JOB_FILTERS})}


def _chosen(jobs, params, filters) -> list:
    asked = {key: params[name] for name, key in filters.items() if name in params}
    return [job for job in jobs if all(job.get(key) == value for key, value in asked.items())]
