# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What StartRestoreJob is told of a virtual machine: a map of texts, some of them JSON, for each place that it may go to."""

from __future__ import annotations

import json
from dataclasses import dataclass

from ..errors import Invalid
from .job import TO_EC2, TO_VMWARE


@dataclass(frozen=True)
class Place:
    restore_to: str
    options: dict  # option -> key
    keys: tuple = ()  # which the option metadata may give besides
    kept: tuple = ()  # of what GetRecoveryPointRestoreMetadata tells

    def defaults(self, told: dict) -> dict:
        return {key: value for key, value in told.items() if key in self.kept}


# AWS's page on restoring virtual machines, Restore metadata. UserData may hold secrets, and is left out.
METADATA = {
    "vmware": Place(
        TO_VMWARE,
        {
            "hypervisor": "HypervisorArn",
            "vm_name": "VMName",
            "vm_path": "VMPath",
            "compute_resource": "ComputeResourceName",
            "datastore": "VMDatastore",
        },
        kept=("DisksToRestore", "vmId"),
    ),
    "ec2": Place(
        TO_EC2,
        {"instance_type": "InstanceType", "subnet_id": "SubnetId", "security_group_ids": "SecurityGroupIds"},
        keys=(
            "CreditSpecification",
            "DisableApiTermination",
            "EbsOptimized",
            "HibernationOptions",
            "IamInstanceProfileName",
            "InstanceInitiatedShutdownBehavior",
            "KernelId",
            "KmsKeyId",
            "LicenseSpecifications",
            "NetworkInterfaces",
            "Placement",
            "RamdiskId",
            "RequireIMDSv2",
            "VpcId",
        ),
    ),
    "ebs": Place(
        "",
        {
            "availability_zone": "AvailabilityZone",
            "volume_type": "EbsVolumeType",
            "encrypted": "IsEncrypted",
            "kms_key_id": "KmsKeyId",
            "ebs_restore_to": "RestoreTo",
            "disk": "ItemsToRestore",
        },
    ),
}


def given_keys(to: str, params: dict) -> dict:
    """What the options say of a place, as texts."""
    place = METADATA[to]
    found = {"RestoreTo": place.restore_to} if place.restore_to else {}
    found.update({key: text(params[option]) for option, key in place.options.items() if params.get(option) is not None})
    for key, value in (params["metadata"] or {}).items():
        if key in found:
            raise Invalid("metadata", f"{key} is said by an option already.")
        if key not in place.keys:
            may = f", but {', '.join(place.keys)}" if place.keys else ""
            raise Invalid("metadata", f"A restore to {to} takes no {key}{may}.")
        found[key] = text(value)
    return found


def text(value) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return json.dumps(value) if isinstance(value, (dict, list)) else str(value)


def disks_of(told: dict) -> list:
    """The disks of a recovery point, as GetRecoveryPointRestoreMetadata tells them: none where it does not."""
    try:
        found = json.loads(told.get("DisksToRestore") or "[]")
    except (TypeError, ValueError):
        return []
    return [each for each in found if isinstance(each, dict) and "DiskId" in each] if isinstance(found, list) else []


def said_disk(wanted: str | None, disks: list) -> str:
    """The one disk that is to be restored, by its id or label."""
    found = [each for each in disks if wanted in (None, str(each["DiskId"]), each.get("Label"))]
    if len(found) != 1:
        named = ", ".join(f"{each['DiskId']} ({each.get('Label')})" for each in disks) or "none that are told"
        what = "Name one disk" if wanted is None else f"{wanted} is {'no disk' if not found else 'more than one disk'}"
        raise Invalid("disk", f"{what} of the recovery point: {named}.")
    return json.dumps(found)
