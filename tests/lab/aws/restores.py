# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The operations of AWS Backup on restores, how they go on, and what they make: machines, instances and volumes."""

from __future__ import annotations

import datetime
import json
import uuid
from dataclasses import dataclass

from moto.core.exceptions import ServiceException
from moto.ec2.models import ec2_backends
from moto.utilities.utils import get_partition

from .errors import AwsError
from .jobs import ABORTED, LOOKS, MACHINE, MINUTE, chosen
from .points import GIB
from .workers import MOST_JOBS, NO_DISK, NO_GATEWAY, Fails, Waits, role_problem

UNFINISHED = ("PENDING", "RUNNING")
# The sample of AWS and its list of keys; VMware Cloud on AWS and on Outposts share the first one.
VMWARE, INSTANCE = "VMware", "EC2Instance"
ON_VMWARE = ("HypervisorArn", "VMName", "VMPath", "ComputeResourceName", "VMDatastore")
AS_VOLUME = ("AvailabilityZone", "ItemsToRestore")
# Words of AWS's page on restoring virtual machines and of its troubleshooting; those of vCenter as vCenter says them.
NO_IMAGE = "Source AMI not found"
NO_SUBNET = "VPCIdNotSpecified: No default VPC for this user"
LARGEST_DISK, MOST_DISKS = 5 << 40, 21  # of a restore to EC2
ALLOWED = "aws-backup-vault"
# What moto wants to be told of an instance.
PLAIN = {
    "placement": None,
    "tags": {},
    "nics": {},
    "private_ip": None,
    "associate_public_ip": False,
    "is_instance_type_default": False,
    "key_name": None,
    "ebs_optimized": False,
    "instance_initiated_shutdown_behavior": "stop",
    "iam_instance_profile_name": None,
    "iam_instance_profile_arn": None,
    "monitoring_state": "",
    "hibernation_options": None,
    "block_device_mappings": [],
    "launch_template": {},
    "lifecycle": None,
}
IMAGE = "ami-of-aws-backup"
REFUSED = "vCenter: "  # what it says instead of the UUID of what it made


@dataclass
class Restore:
    """A restore job: what is told of it, and what becomes of it."""

    key: tuple  # account and Region
    document: dict
    metadata: dict
    point: object = None
    token: str = ""
    gateway_arn: str = ""
    duration: datetime.timedelta = MINUTE
    ends: datetime.datetime | None = None  # while it runs
    endless: bool = False

    @property
    def state(self) -> str:
        return self.document["Status"]

    @property
    def unfinished(self) -> bool:
        return self.state in UNFINISHED


class Restores:
    """State is in ``self.places``, which the class that is made of this one brings."""

    stuck = False  # for breaks: no restore comes to an end
    failing = ()  # for breaks: how the next ones end, and with which words

    # Asked for

    def StartRestoreJob(self, request, params):
        place, key = self.place(request), self.key_of(request)
        point = self._point_of(place, params["RecoveryPointArn"])
        self._check_restore(request, point, params)
        same = [job for job in place.restores.values() if job.token and job.token == params.get("IdempotencyToken")]
        if same and self.world.switches["restore_token"] == "same":
            return {"RestoreJobId": same[0].document["RestoreJobId"]}
        job = self._new_restore(key, point, params)
        self.later(self.world.utc(), lambda moment: self._begin_restore(job, moment))
        return {"RestoreJobId": job.document["RestoreJobId"]}

    def _point_of(self, place, arn):
        found = next((vault.points[arn] for vault in place.vaults.values() if arn in vault.points), None)
        if found is None:
            raise AwsError("ResourceNotFoundException", f"Cannot find recovery point {arn}.")
        return found

    def _check_restore(self, request, point, params):
        metadata, shown = params["Metadata"], self._shown_point(point)
        if point.status != "COMPLETED":
            raise AwsError("InvalidRequestException", f"Recovery point {point.arn} is {point.status}.")
        if shown["StorageClass"] == "COLD":
            raise AwsError("InvalidRequestException", f"Recovery point {point.arn} is in cold storage.")
        if params.get("ResourceType", point.document["ResourceType"]) != point.document["ResourceType"]:
            raise AwsError("InvalidParameterValueException", f"The resource type is {point.document['ResourceType']}.")
        if not params.get("IamRoleArn"):
            raise AwsError("MissingParameterValueException", "IamRoleArn is needed.")
        self.check_role(request, params["IamRoleArn"])
        needed = self._needed(metadata.get("RestoreTo"))
        missing = [name for name in needed if not metadata.get(name)]
        if missing:
            raise AwsError("MissingParameterValueException", f"Metadata lacks {', '.join(missing)}.")
        for name in ("DisksToRestore", "ItemsToRestore"):
            if name in metadata and not _is_list_of_disks(metadata[name]):
                raise AwsError("InvalidParameterValueException", f"{name} is no JSON list of disks.")

    def _needed(self, to) -> tuple:
        """Which keys a place needs. What AWS calls a restore to EBS is UNCONFIRMED."""
        needed = {VMWARE: ON_VMWARE, INSTANCE: (), self.world.switches["restore_to_ebs"]: AS_VOLUME}.get(to)
        if needed is None:
            raise AwsError("InvalidParameterValueException", f"RestoreTo is {to!r}, which is no place to restore to.")
        return needed

    def _new_restore(self, key, point, params) -> Restore:
        document = {
            "AccountId": key[0],
            "RestoreJobId": str(uuid.uuid4()).upper(),
            "RecoveryPointArn": point.arn,
            "SourceResourceArn": point.resource,
            "BackupVaultArn": point.document["BackupVaultArn"],
            "RecoveryPointCreationDate": point.created,
            "ResourceType": point.document["ResourceType"],
            "BackupSizeInBytes": point.document["BackupSizeInBytes"],
            "IamRoleArn": params["IamRoleArn"],
            "CreationDate": self.world.utc(),
            "IsParent": False,
            "Status": "PENDING",
        }
        job = Restore(key, document, dict(params["Metadata"]), point, params.get("IdempotencyToken") or "")
        self.places[key].restores[document["RestoreJobId"]] = job
        return job

    def DescribeRestoreJob(self, request, params):
        job = self._restore(request, params["RestoreJobId"])
        shown = self._shown_restore(job)
        if job.state == "RUNNING" and not (job.endless or self.stuck):
            job.ends = max(self.world.utc(), job.ends - job.duration / LOOKS)
            self.later(job.ends, lambda moment: self._finish_restore(job, moment))
        return shown

    def ListRestoreJobs(self, request, params):
        jobs = [self._shown_restore(job) for job in self.kept(self.place(request).restores)]
        page, token = self.page(chosen(jobs, params), params)
        return {"RestoreJobs": page, "NextToken": token}

    def GetRestoreJobMetadata(self, request, params):
        """Whether it tells all that a restore was started with is UNCONFIRMED."""
        job = self._restore(request, params["RestoreJobId"])
        told = self.world.switches["restore_metadata"]
        if told == "none":
            raise AwsError("ResourceNotFoundException", f"There is no metadata of {params['RestoreJobId']}.")
        return {"RestoreJobId": params["RestoreJobId"], "Metadata": job.metadata if told == "all" else {}}

    def _restore(self, request, identifier) -> Restore:
        job = self.place(request).restores.get(identifier)
        if job is None:
            raise AwsError("ResourceNotFoundException", f"Restore job {identifier} does not exist.")
        return job

    def _shown_restore(self, job) -> dict:
        share = 1.0
        if job.unfinished:
            left = (job.ends - self.world.utc()) / job.duration if job.ends else 1.0
            share = min(0.99, max(0.0, 1 - left))
        return {**job.document, "PercentDone": f"{100 * share:.2f}%"}

    # Goes on

    def _begin_restore(self, job, moment):
        if job.state != "PENDING":
            return
        verdict = self._restore_verdict(job)
        if isinstance(verdict, Fails):
            self._end_restore(job, "FAILED", moment, verdict.message)
        elif isinstance(verdict, Waits):
            self.later(moment + MINUTE, lambda at: self._begin_restore(job, at))
        else:
            job.gateway_arn = verdict
            job.duration = max(5, job.document["BackupSizeInBytes"] // GIB) * MINUTE
            job.ends = moment + job.duration
            job.document.update(Status="RUNNING", ExpectedCompletionTimeMinutes=int(job.duration / MINUTE))
            self.later(job.ends, lambda at: self._finish_restore(job, at))

    def _restore_verdict(self, job):
        """The gateway that it runs through, an empty text where it needs none, or why it does not begin."""
        refused = role_problem(job.key, job.document["IamRoleArn"], self._key_of_target(job))
        if refused:
            return refused
        if job.metadata["RestoreTo"] != VMWARE:
            return ""
        running = [each.gateway_arn for each in self.places[job.key].restores.values() if each.state == "RUNNING"]
        running += [each.gateway_arn for each in self.places[job.key].unfinished.values() if each.gateway_arn]
        linked = self._gateways_of(job)
        if not linked:
            return Fails(NO_GATEWAY)
        free = [gateway.arn for gateway, _sddc in linked if running.count(gateway.arn) < MOST_JOBS]
        return min(free) if free else Waits()

    def _key_of_target(self, job) -> str:
        place = self.gateways.places.get(job.key)
        hypervisor = place and place.hypervisors.get(job.metadata.get("HypervisorArn"))
        return hypervisor.kms_key_arn if hypervisor else ""

    def _gateways_of(self, job) -> list:
        place = self.gateways.places.get(job.key)
        arn = job.metadata["HypervisorArn"]
        return self.workers(job.key).reaching(arn) if place and arn in place.hypervisors else []

    def _finish_restore(self, job, moment):
        if job.state != "RUNNING" or job.ends != moment or job.endless or self.stuck:
            return
        if self.failing:
            state, message = self.failing
            self._end_restore(job, state, moment, message)
            return
        to = job.metadata["RestoreTo"]
        make = {VMWARE: self._make_machine, INSTANCE: self._make_instance}.get(to, self._make_volume)
        made = make(job)
        if isinstance(made, Fails):
            self._end_restore(job, "FAILED", moment, made.message)
            return
        if made and (to != VMWARE or self.world.switches["restored_arn_told"]):
            job.document["CreatedResourceArn"] = made
        self._end_restore(job, "COMPLETED", moment)

    def _end_restore(self, job, state, moment, message=""):
        if not job.unfinished:
            return
        job.ends = None
        told = {"StatusMessage": message} if message else {}
        job.document.update(Status=state, CompletionDate=moment, **told)

    # What it makes

    def _make_machine(self, job):
        workers, metadata = self.workers(job.key), job.metadata
        linked = self._gateways_of(job)
        if not linked:
            return Fails(NO_GATEWAY)
        if not any(workers.writes(gateway.arn, sddc.id, metadata["VMDatastore"]) for gateway, sddc in linked):
            return Fails(NO_DISK)
        switches = self.world.switches
        made = linked[0][1].vcenter.restore(
            job.point.image,
            name=metadata["VMName"],
            folder=metadata["VMPath"],
            compute=metadata["ComputeResourceName"],
            datastore=metadata["VMDatastore"],
            powered_on=switches["restored_powered_on"],
            connected=switches["restored_connected"],
        )
        if made.startswith(REFUSED):
            return Fails(made.removeprefix(REFUSED))
        place = self.gateways.places[job.key]
        return self.gateways.arn_of_machine(job.key, place.hypervisors[metadata["HypervisorArn"]], made)

    def _make_instance(self, job):
        account, region = job.key
        settings = self.allowed_images.get(job.key) or {}
        if settings.get("State") == "enabled" and ALLOWED not in _providers(settings):
            return Fails(NO_IMAGE)
        metadata, disks = job.metadata, job.point.image["disks"]
        if len(disks) > MOST_DISKS or any(disk["bytes"] > LARGEST_DISK for disk in disks):
            return Fails("ClientError: Disk validation failed")
        backend = ec2_backends[account][region]
        if not metadata.get("SubnetId"):
            return Fails(NO_SUBNET)
        if metadata["SubnetId"] not in {one for zone in backend.subnets.values() for one in zone}:
            return Fails(f"InvalidSubnetID.NotFound: The subnet ID '{metadata['SubnetId']}' does not exist")
        groups = json.loads(metadata.get("SecurityGroupIds") or "[]")
        kind = metadata.get("InstanceType") or "m5.large"
        try:
            reservation = backend.run_instances(
                IMAGE,
                1,
                metadata.get("UserData") or "",
                [],
                instance_type=kind,
                subnet_id=metadata["SubnetId"],
                security_group_ids=groups,
                region_name=region,
                owner_id=account,
                **PLAIN,
            )
        except ServiceException as refused:
            return Fails(str(refused.message))
        return f"arn:{get_partition(region)}:ec2:{region}:{account}:instance/{reservation.instances[0].id}"

    def _make_volume(self, job):
        account, region = job.key
        (wanted,) = json.loads(job.metadata["ItemsToRestore"])[:1] or [{}]
        disk = next((one for one in job.point.image["disks"] if str(one["key"]) == str(wanted.get("DiskId"))), None)
        if disk is None:
            return Fails(f"The recovery point has no disk {wanted.get('DiskId')}")
        backend = ec2_backends[account][region]
        if job.metadata["AvailabilityZone"] not in {zone.name for zone in backend.describe_availability_zones()}:
            return Fails(f"InvalidZone.NotFound: The zone '{job.metadata['AvailabilityZone']}' does not exist.")
        volume = backend.create_volume(
            size=max(1, -(-disk["bytes"] // GIB)),
            zone_name=job.metadata["AvailabilityZone"],
            encrypted=job.metadata.get("IsEncrypted") == "true",
            kms_key_id=job.metadata.get("KmsKeyId"),
            volume_type=job.metadata.get("EbsVolumeType") or "gp3",
        )
        return f"arn:{get_partition(region)}:ec2:{region}:{account}:volume/{volume.id}"

    # For breaks

    def start_restore(self, arn, to=VMWARE, hypervisor_arn=""):
        """A restore of a virtual machine that does not end by itself."""
        account, region = key = (arn.split(":")[4], arn.split(":")[3])
        document = {
            "AccountId": account,
            "RestoreJobId": str(uuid.uuid4()).upper(),
            "RecoveryPointArn": arn,
            "ResourceType": MACHINE,
            "Status": "RUNNING",
            "CreationDate": self.world.utc(),
        }
        metadata = {"RestoreTo": to, **({"HypervisorArn": hypervisor_arn} if hypervisor_arn else {})}
        job = Restore(key, document, metadata, endless=True)
        self.places_of(key).restores[document["RestoreJobId"]] = job
        return document["RestoreJobId"]

    def end_restores(self, state="COMPLETED", message=""):
        """Every restore has come to its end, without anything made."""
        for place in self.places.values():
            for job in place.restores.values():
                self._end_restore(job, state, self.world.utc(), message or (ABORTED if state == "ABORTED" else ""))


def _is_list_of_disks(text) -> bool:
    try:
        found = json.loads(text)
    except ValueError:
        return False
    return isinstance(found, list) and all(isinstance(one, dict) and "DiskId" in one for one in found)


def _providers(settings) -> set:
    return {name for criteria in settings.get("ImageCriteria") or [] for name in criteria.get("ImageProviders") or []}
