# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The EBS volume that a restore has made. It is known by the job alone, and is never removed while it is attached (SAFETY 3)."""

from __future__ import annotations

import re

from ..errors import Error, Missing
from ..values import Unresolved, canonical
from . import job

GONE = ("InvalidVolume.NotFound",)
VOLUME = re.compile(r"arn:aws[a-z-]*:ec2:[a-z0-9-]*:\d*:volume/(vol-[0-9a-z]+)")


def find(backup, ec2, restore_job_id: str) -> dict | None:
    """The volume of a restore, or ``None`` where it has made none or it is gone."""
    made = backup.call("describe_restore_job", missing=job.GONE, RestoreJobId=restore_job_id)
    if made is None:
        raise Missing([Unresolved("restore job", restore_job_id)])
    if made["Status"] in job.RESTORE:
        raise Error(f"The restore job {restore_job_id} is {made['Status']}: what it makes is not told yet.")
    arn = made.get("CreatedResourceArn") or ""
    volume = VOLUME.fullmatch(arn)
    if not volume:
        if made["Status"] == "COMPLETED":
            raise Error(
                f"The restore job {restore_job_id} has made {arn or 'nothing that it tells of'}, which is no volume."
            )
        return None
    found = ec2.call("describe_volumes", missing=GONE, VolumeIds=[volume[1]])
    raw = next(iter((found or {}).get("Volumes") or []), None)
    return raw and {**raw, "RestoreJobId": restore_job_id, "Arn": arn}


def view(raw: dict) -> dict:
    return {
        "restore_job_id": raw["RestoreJobId"],
        "volume_arn": raw["Arn"],
        "volume_id": raw["VolumeId"],
        "size_gib": raw["Size"],
        "volume_state": raw["State"],
        "encrypted": bool(raw.get("Encrypted")),
        "kms_key_id": raw.get("KmsKeyId") or "",
        "availability_zone": raw.get("AvailabilityZone"),
        "attached_to": canonical(each.get("InstanceId") or "?" for each in raw.get("Attachments") or []),
    }


class RestoredVolume:
    """One volume of one restore."""

    kind = "restored_volume"
    immutable = frozenset()

    def __init__(self, backup, ec2, params: dict):
        self.backup = backup
        self.ec2 = ec2
        self.params = params

    def observe(self):
        raw = find(self.backup, self.ec2, self.params["restore_job_id"])
        return None if raw is None or raw["State"] in ("deleting", "deleted") else view(raw)

    def want(self, have):
        return {"restore_job_id": self.params["restore_job_id"]}

    def create(self, want):
        raise Error(
            f"The volume of {self.params['restore_job_id']} is gone. A restore makes it, and nothing else does."
        )

    def update(self, have, changes):
        raise Error("Nothing of a restored volume is changed.")

    def ready(self, have):
        return None if have["volume_state"] != "creating" else "it is creating"

    def held(self, have):
        attached = ", ".join(have["attached_to"])
        return f"{have['volume_id']} is attached to {attached}: somebody uses it" if attached else None

    def delete(self, have):
        self.ec2.call("delete_volume", missing=GONE, VolumeId=have["volume_id"])
