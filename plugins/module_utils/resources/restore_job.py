# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A restore: started once for each request, found again after a crash, and waited for (SAFETY 36). Nothing stops one."""

from __future__ import annotations

import json
import re
import uuid

from .. import forms, wait
from ..clients import backup_gateway as gateway_api
from ..errors import ApiError, Conflict, Denied, Error, Invalid, Lost, Missing
from ..values import Unresolved, token, unresolved
from . import covered, job
from .backup_job import GONE, LONGEST_PAUSE, SLACK
from .restore_metadata import METADATA, disks_of, given_keys, said_disk

GIB = 2**30
MACHINE = "VirtualMachine"
DONE = ("COMPLETED", "AVAILABLE")  # of a recovery point
OVER = ("FAILED", "ABORTED")  # of a restore that has left nothing
NO_SUBNET = ("InvalidSubnetID.NotFound", "InvalidSubnetID.Malformed")
ALLOWED = "aws-backup-vault"
NAME = re.compile(r"[^/\\%]{1,80}")
LICENCE = "EC2 instances are restored with a licence of AWS, which is billed, unless LicenseSpecifications in metadata say that you bring your own."
NOT_KNOWN = "Whether AWS Backup powers a machine on that it has restored, and connects its network cards, is not documented. Look before you rely on either."


class RestoreJob:
    """One restore of one recovery point to one place."""

    def __init__(self, backup, gateways, ec2, params: dict, progress=lambda name, sent, total: None):
        self.backup = backup
        self.gateways = gateways
        self.ec2 = ec2
        self.params = params
        self.progress = progress
        self.to = params["restore_to"]
        self.request = params["request_id"] or str(uuid.uuid4())
        self.known: set = set()  # jobs that were there before
        self.started = False
        self.point = None
        self.expected: dict = {}
        self.warnings: list = []
        _check(params)

    # Looks

    def find(self):
        """The job that an earlier run with this request has started."""
        self._read()
        found = self._look()
        # What was just made may not be seen yet (law 14): who starts waits for it.
        if found is None and not self._missing():
            self._refuse()
        return found

    def _look(self):
        jobs = self._jobs()
        self.known = {each["RestoreJobId"] for each in jobs}
        # A token that was used may answer with the job that has failed.
        self.generation = sum(each["Status"] in OVER for each in jobs)
        return self._of_this_request(jobs) if self.params["request_id"] else None

    def _read(self):
        where = {
            "BackupVaultName": self.params["backup_vault_name"],
            "RecoveryPointArn": self.params["recovery_point_arn"],
        }
        self.point = self.backup.call("describe_recovery_point", missing=GONE, **where)
        told = self.point and self.backup.call("get_recovery_point_restore_metadata", missing=GONE, **where)
        self.defaults = (told or {}).get("RestoreMetadata") or {}
        self.hypervisor = self._hypervisor()
        self.asked = self._asked()

    def _missing(self) -> list:
        missing = [] if self.point else [Unresolved("recovery point", self.params["recovery_point_arn"])]
        return missing + unresolved([self.hypervisor])

    def _read_again(self) -> list:
        self._read()
        return self._missing()

    def _hypervisor(self):
        if self.to != "vmware":
            return None
        names = {raw["HypervisorArn"]: raw.get("Name") for raw in gateway_api.hypervisors(self.gateways)}
        return gateway_api.resolve("hypervisor", self.params["hypervisor"], names)

    def _asked(self) -> dict:
        """What a restore of this request is known by: all of the metadata that it was asked for."""
        asked = given_keys(self.to, self.params)
        if self.to == "vmware":
            return {**asked, "VMName": self._name(), "HypervisorArn": self.hypervisor}
        if self.to == "ebs" and self.point:
            asked["ItemsToRestore"] = said_disk(self.params["disk"], disks_of(self.defaults))
        return asked

    def _name(self) -> str:
        if self.params["vm_name"]:
            return self.params["vm_name"]
        source = (self.point or {}).get("ResourceName") or self.defaults.get("VMName") or "restored"
        return f"{source[: 79 - len(self.request)]}-{self.request}"

    def _refuse(self):
        """What AWS would refuse or, worse, let fail an hour later."""
        self._check_point()
        {"vmware": self._check_vmware, "ec2": self._check_ec2, "ebs": self._check_ebs}[self.to]()
        self.metadata = {**METADATA[self.to].defaults(self.defaults), **self.asked}

    def _check_point(self):
        arn, status = self.params["recovery_point_arn"], self.point.get("Status")
        if self.point.get("ResourceType") not in (None, MACHINE):
            raise Invalid(
                "recovery_point_arn",
                f"{arn} is a recovery point of the type {self.point['ResourceType']}, and no virtual machine's.",
            )
        if status not in DONE:
            raise Invalid("recovery_point_arn", f"{arn} is {status}: nothing is restored from it. Choose another one.")
        if self.point.get("StorageClass") == "COLD":
            raise Invalid(
                "recovery_point_arn",
                f"{arn} is in cold storage. Choose one that is not, or copy it to a vault where it stays warm.",
            )
        size, most = self.point.get("BackupSizeInBytes"), self.params["max_gib"]
        if most is not None and (size is None or size > most * GIB):
            told = "is not told" if size is None else f"is {size / GIB:.1f} GiB"
            raise Invalid("max_gib", f"The size of {arn} {told}, and at most {most} GiB are to be restored.")

    def _check_vmware(self):
        source = self.point.get("ResourceArn")
        listed = {raw["ResourceArn"]: raw for raw in self.gateways.pages("list_virtual_machines", "VirtualMachines")}
        of = listed.get(source)
        elsewhere = of is not None and not gateway_api.is_linked(of, self.hypervisor)
        if elsewhere and not self.params["allow_other_hypervisor"]:
            raise Invalid(
                "recovery_point_arn",
                f"{self.params['recovery_point_arn']} is of {of.get('Name')}, which is a machine of another hypervisor, {of.get('HypervisorId')}. "
                "If that is meant, set allow_other_hypervisor.",
            )
        if of is None:
            self.warnings.append(f"The machine {source} of the recovery point is listed by no hypervisor any more.")
        if not self.params["allow_selected_folder"]:
            self._refuse_covered()
        self.warnings.append(NOT_KNOWN)

    def _refuse_covered(self):
        """A machine in a folder that a selection takes would be backed up, and paid, from the next run of its plan on."""
        folder = self.params["vm_path"]
        arn = f"{self.hypervisor.partition(':hypervisor/')[0]}:vm/restored"
        try:
            found = covered.by(self.backup, folder, self.asked["VMName"], arn)
        except Denied as denied:
            raise Error(
                f"Whether a backup plan takes machines of the folder {folder} cannot be told: {denied} Let the caller look, or set "
                "allow_selected_folder. Nothing was started."
            ) from None
        if found:
            raise Invalid(
                "vm_path",
                f"{', '.join(found)} takes machines of the folder {folder}, so that what is restored there would be backed up. Choose another "
                "folder, or set allow_selected_folder.",
            )

    def _check_ec2(self):
        subnet = self.params["subnet_id"]
        found = self.ec2.call("describe_subnets", missing=NO_SUBNET, SubnetIds=[subnet]) or {}
        if not found.get("Subnets"):
            raise Invalid("subnet_id", f"There is no subnet {subnet} in {self.ec2.region}.")
        self.asked.setdefault("VpcId", found["Subnets"][0]["VpcId"])
        kind = self.params["instance_type"]
        offered = self.ec2.call(
            "describe_instance_type_offerings",
            LocationType="availability-zone",
            Filters=[
                {"Name": "instance-type", "Values": [kind]},
                {"Name": "location", "Values": [found["Subnets"][0]["AvailabilityZone"]]},
            ],
        )
        if not offered.get("InstanceTypeOfferings"):
            raise Invalid(
                "instance_type", f"{found['Subnets'][0]['AvailabilityZone']} of {self.ec2.region} offers no {kind}."
            )
        if len(disks_of(self.defaults)) > 21:
            raise Invalid("restore_to", "A machine with more than 21 disks cannot be restored to EC2.")
        self._check_allowed_images()
        if not self.asked.get("LicenseSpecifications"):
            self.warnings.append(LICENCE)

    def _check_allowed_images(self):
        settings = self.ec2.call("get_allowed_images_settings")
        state, criteria = settings.get("State") or "disabled", settings.get("ImageCriteria") or []
        if state == "disabled" or any(ALLOWED in (each.get("ImageProviders") or []) for each in criteria):
            return
        told = f"Allowed AMIs of EC2 does not name the provider {ALLOWED}, without which AWS Backup finds no image to restore with."
        if state == "enabled":
            raise Invalid(
                "restore_to", f"{told} Add it to the image criteria of {self.ec2.region}. Nothing was started."
            )
        self.warnings.append(f"{told} It is in the state {state} now.")

    def _check_ebs(self):
        zone = self.params["availability_zone"]
        zones = [raw["ZoneName"] for raw in self.ec2.call("describe_availability_zones")["AvailabilityZones"]]
        if zone not in zones:
            raise Invalid("availability_zone", f"{self.ec2.region} has no {zone}, but {', '.join(sorted(zones))}.")

    # Jobs

    def _jobs(self) -> list:
        """The restores of this recovery point. What they tell of the last one is kept."""
        listed = self.backup.pages("list_restore_jobs", "RestoreJobs", ByResourceType=MACHINE)
        self.expected = self._expected(listed)
        return [each for each in listed if each.get("RecoveryPointArn") == self.params["recovery_point_arn"]]

    def _expected(self, listed) -> dict:
        """What it will cost, and how long the last one of the machine took."""
        size = (self.point or {}).get("BackupSizeInBytes")
        source = (self.point or {}).get("ResourceArn")
        ended = [
            each
            for each in listed
            if each["Status"] == "COMPLETED" and each.get("CompletionDate") and each.get("CreationDate")
        ]
        of_it = [each for each in ended if source and each.get("SourceResourceArn") == source]
        last = max(of_it or ended, key=lambda each: each["CompletionDate"], default=None)
        price = self.params["price_per_gib"]
        return {
            "backup_size_in_bytes": size,
            "cost": None if price is None or size is None else round(price * size / GIB, 2),
            "last_job_id": last and last["RestoreJobId"],
            "last_seconds": last and int((last["CompletionDate"] - last["CreationDate"]).total_seconds()),
            "last_size_in_bytes": last and last.get("BackupSizeInBytes"),
            "last_was_of_this_machine": bool(of_it),
        }

    def _is_asked_for(self, identifier) -> bool | None:
        """Whether a job was started with what is asked for; ``None`` where it does not tell."""
        told = job.restore_metadata(self.backup, identifier)
        if told is None:
            return None
        return all(_same(told.get(key), value) for key, value in self.asked.items())

    def _of_this_request(self, jobs):
        living = [each for each in jobs if each["Status"] not in OVER]
        told = {each["RestoreJobId"]: self._is_asked_for(each["RestoreJobId"]) for each in living}
        found = [each for each in living if told[each["RestoreJobId"]]]
        if len(found) == 1:
            return found[0]
        unclear = [each["RestoreJobId"] for each in found or living if told[each["RestoreJobId"]] is not False]
        if unclear:
            raise Error(
                f"Which of the restore jobs {', '.join(unclear)} was started for the request {self.request} is not known, and no other is started. "
                "Look at them, and give another request_id if it is none of them."
            )
        return None

    # Starts

    def start(self):
        if self._missing():
            missing = wait.seen(self._read_again, lambda missing: not missing)
            if missing:
                raise Missing(missing)
            found = self._look()
            if found:
                return found
            self._refuse()
        self.before = self.backup.now() - SLACK
        answer = wait.seen(self._attempt, lambda answer: not isinstance(answer, ApiError))
        if isinstance(answer, ApiError):
            raise answer
        self.started = True
        return answer

    def _attempt(self):
        """A refusal that may be over soon started nothing; an answer that is lost may have."""
        request = {
            "RecoveryPointArn": self.params["recovery_point_arn"],
            "IamRoleArn": self.params["iam_role_arn"],
            "ResourceType": MACHINE,
            "Metadata": self.metadata,
            "IdempotencyToken": token("restore", self.request, self.params["recovery_point_arn"], self.generation),
        }
        try:
            return self.backup.call("start_restore_job", once=True, **request)
        except Lost as lost:
            return self._after_lost_answer(lost)
        except ApiError as refused:
            not_seen = self.params["iam_role_arn"] in refused.message and not isinstance(refused, Denied)
            if isinstance(refused, Conflict) or not_seen:
                return refused
            raise

    def _after_lost_answer(self, lost):
        """The one that has come to be since; where there is none or another one, nobody knows, and none is started again."""

        def new():
            fresh = [
                each
                for each in self._jobs()
                if each["RestoreJobId"] not in self.known
                and (each.get("CreationDate") is None or each["CreationDate"] >= self.before)
            ]
            return {each["RestoreJobId"]: (self._is_asked_for(each["RestoreJobId"]), each) for each in fresh}

        seen = wait.seen(new, lambda seen: any(told for told, _each in seen.values()))
        found = [each for told, each in seen.values() if told]
        if len(found) == 1:
            return found[0]
        names = ", ".join(key for key, (told, _each) in seen.items() if told is not False) or "none"
        unknown = Error(
            f"Whether a restore of {self.params['recovery_point_arn']} was started is not known: {lost} Jobs that it may be: {names}. None is "
            f"started again by itself, and nothing stops one. Look at the jobs, then run again with request_id {self.request}, which takes up a "
            "job of its own."
        )
        unknown.wrote = True
        raise unknown

    # Waits

    def done(self, found, timeout):
        identifier = found["RestoreJobId"]

        def look():
            return self.backup.call("describe_restore_job", missing=GONE, RestoreJobId=identifier)

        def over(raw):
            if raw is None:
                return "it is not seen yet"
            self._tell(raw)
            return (
                True if raw["Status"] not in job.RESTORE else f"it is {raw['Status']}, {raw.get('PercentDone') or '0'}"
            )

        try:
            if self.params["wait"]:
                what = f"the restore job {identifier}, which goes on and which nothing stops,"
                ended = wait.until(look, over, timeout=timeout, longest=LONGEST_PAUSE, what=what)
            else:
                ended = wait.seen(look, bool) or {"RestoreJobId": identifier, "Status": "PENDING"}
        except Error as failure:
            failure.wrote = failure.wrote or self.started
            raise
        if ended["Status"] in OVER:
            failure = Error(
                f"The restore job {identifier} has ended as {ended['Status']}: {ended.get('StatusMessage') or 'AWS Backup gives no reason'}. "
                "Whether it has left something behind is not told: look there."
            )
            failure.wrote = self.started
            raise failure
        return ended

    def _tell(self, raw):
        size = raw.get("BackupSizeInBytes")
        share = re.match(r"\d+(\.\d+)?", str(raw.get("PercentDone") or ""))
        if size and share:
            self.progress("restore", int(size * float(share[0]) / 100), size)

    def view(self, raw) -> dict:
        return {"job": job.view("restore", raw), **self.foretold()}

    def foretold(self) -> dict:
        """What can be said before anything is started."""
        asked = {key: value if isinstance(value, str) else str(value) for key, value in self.asked.items()}
        return {
            "request_id": self.request,
            "metadata": asked,
            "expected": self.expected,
            "warnings": list(self.warnings),
        }


def _same(told, asked) -> bool:
    """Metadata are texts, and some of them are JSON, which may be written in more than one way."""
    if told == asked:
        return True
    try:
        return json.loads(told) == json.loads(asked)
    except (TypeError, ValueError):
        return False


def _check(params):
    forms.checked("iam_role_arn", "backup_role_arn", params["iam_role_arn"])
    if ":recovery-point:" not in params["recovery_point_arn"] and ":snapshot/" not in params["recovery_point_arn"]:
        raise Invalid("recovery_point_arn", "It must be the ARN of a recovery point.")
    to = params["restore_to"]
    if to == "vmware":
        if not params["vm_name"] and not params["request_id"]:
            raise Invalid("vm_name", "Give it, or a request_id, which it is then called after.")
        if params["vm_name"] and not NAME.fullmatch(params["vm_name"]):
            raise Invalid("vm_name", "It must be 1 to 80 characters without slashes and percent signs.")
        if not params["vm_path"].startswith("/"):
            raise Invalid("vm_path", "It must be the whole path of a folder, such as /SDDC-Datacenter/vm/Restored.")
    if to == "ec2":
        forms.checked("subnet_id", "subnet_id", params["subnet_id"])
    if to == "ebs" and not params["ebs_restore_to"]:
        raise Invalid(
            "ebs_restore_to",
            "What AWS calls a restore to EBS in RestoreTo is not documented, and is not guessed. Start one in the console, and give the value that "
            "CloudTrail shows in its StartRestoreJob, or that GetRestoreJobMetadata tells of it.",
        )
    if params["request_id"] and len(params["request_id"]) > 60:
        raise Invalid("request_id", "It must be 60 characters at most.")
    if params["max_gib"] is not None and params["max_gib"] < 1:
        raise Invalid("max_gib", f"{params['max_gib']} is less than 1.")
    other = sorted(
        option
        for place, one in METADATA.items()
        if place != to
        for option in one.options
        if params.get(option) is not None and option not in METADATA[to].options
    )
    if other:
        raise Invalid(other[0], f"It says nothing of a restore to {to}.")
