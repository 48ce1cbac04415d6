# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which gateway a backup runs through, or why it fails: the physics of a job."""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass

from moto.iam.models import iam_backends
from moto.kms.models import kms_backends
from moto.utilities.utils import get_partition

from . import policy

MOST_JOBS = 4  # of one gateway
# In the words of AWS's page on the troubles of virtual machines (working-with-hypervisors, vm-troubleshooting).
NO_GATEWAY = "No gateways available to work on job"
NO_SNAPSHOT = "Failed to create backup during snapshot creation"
NO_DISK = "Failed to process backup data / Error opening disk"
NO_UPLOAD = "Failed to upload backup during data ingestion"
NO_TRACKING = "CBT not available"
# Which words tell of it is UNCONFIRMED.
NO_QUIESCING = "Quiescing is not available, the backup is crash-consistent"
FAILURE, DENIED, WRONG = "FAILURE", "AccessDenied", "INVALIDPARAMETERS"


@dataclass(frozen=True)
class Fails:
    message: str
    category: str = FAILURE


class Waits:
    """All gateways that could do it are busy."""


@dataclass(frozen=True)
class Runs:
    gateway_arn: str
    warning: str = ""


class Workers:
    """The gateways of an account and Region, looked at once: nothing of the world changes while time is caught up with."""

    def __init__(self, world, gateways, place):
        self.world = world
        self.gateways = gateways
        self.place = place
        self._of = functools.cache(self._linked_and_alive)
        self._opened = functools.cache(self._opens)

    def alive(self, gateway_arn) -> bool:
        gateway = self.place.gateways.get(gateway_arn)
        return gateway is not None and self.gateways.alive(gateway)

    def verdict(self, arn: str, busy: dict):
        """``busy`` is how many jobs each gateway has."""
        machine = self.place.machines.get(arn)
        hypervisor = machine and self.place.hypervisors.get(machine.hypervisor_arn)
        if hypervisor is None:
            return Fails(NO_SNAPSHOT)
        linked = self._of(hypervisor.arn)
        if not linked:
            return Fails(NO_GATEWAY)
        vcenter = linked[0][1].vcenter
        found = None if vcenter.blind else vcenter.machine_of(machine.instance_uuid)
        if found is None or found.unfit or self.gateways.login_problem(hypervisor, linked[0][1]):
            return Fails(NO_SNAPSHOT)
        able = [gateway for gateway, sddc in linked if self._opened(gateway.arn, sddc.id, machine.instance_uuid)]
        chosen = able if self.world.switches["job_assignment"] == "able" else [gateway for gateway, _sddc in linked]
        if not chosen:
            return Fails(NO_DISK)
        free = [gateway for gateway in chosen if busy.get(gateway.arn, 0) < MOST_JOBS]
        if not free:
            return Waits()
        gateway = min(free, key=lambda one: (busy.get(one.arn, 0), one.arn))
        if gateway not in able:
            return Fails(NO_DISK)
        return Runs(gateway.arn, _warning(vcenter, machine.instance_uuid))

    def reaching(self, hypervisor_arn) -> list:
        """The gateways that work for a hypervisor, each with its SDDC."""
        return self._of(hypervisor_arn)

    def writes(self, gateway_arn, sddc_id, datastore) -> bool:
        """Whether a gateway can write disks onto a datastore."""
        physics, appliance = self.gateways.physics, self.gateways.appliance(self.place.gateways[gateway_arn])
        closed = [physics.appliance_reaches_management(self.world, appliance, "ESXI", port) for port in (443, 902)]
        return not any(closed) and datastore in self.world.sddcs[sddc_id].vcenter.datastores(appliance.cluster)

    def _linked_and_alive(self, hypervisor_arn) -> list:
        """The gateways that reach the vCenter, each with its SDDC."""
        hypervisor = self.place.hypervisors[hypervisor_arn]
        linked = [one for one in self.place.gateways.values() if one.hypervisor_arn == hypervisor_arn]
        seen = [(one, self.gateways.sddc_of_host(hypervisor.host, one)) for one in linked if self.gateways.alive(one)]
        return [(one, sddc) for one, sddc in seen if not self.gateways.unreachable(one, sddc)]

    def _opens(self, gateway_arn, sddc_id, instance_uuid) -> bool:
        """Whether a gateway can read the disks: hosts answer on 443 and 902, and its own sees the datastores."""
        physics, appliance = self.gateways.physics, self.gateways.appliance(self.place.gateways[gateway_arn])
        found = self.world.sddcs[sddc_id].vcenter.machine_of(instance_uuid)
        closed = [physics.appliance_reaches_management(self.world, appliance, "ESXI", port) for port in (443, 902)]
        return not any(closed) and not physics.appliance_hot_adds(self.world, appliance, found)


def _warning(vcenter, instance_uuid) -> str:
    told = [NO_TRACKING] * (instance_uuid in vcenter.untracked) + [NO_QUIESCING] * (instance_uuid in vcenter.unquiesced)
    return ". ".join(told)


def role_problem(place, role_arn: str, key_arn: str = "") -> Fails | None:
    """What keeps AWS Backup from working as a role: it cannot be assumed, or may not decrypt the credentials of the vCenter."""
    account, region = place
    roles = iam_backends[account][get_partition(region)].roles.values()
    role = next((each for each in roles if each.arn == role_arn), None)
    if role is None or "backup.amazonaws.com" not in str(role.assume_role_policy_document):
        return Fails(f"IAM Role {role_arn} does not have sufficient permissions to execute the backup", DENIED)
    if not key_arn:
        return None
    keys = kms_backends[account][region]
    key = next((each for each in keys.keys.values() if key_arn in (each.arn, *each.aliases)), None)
    if key is None or not key.enabled or not _may_decrypt(role, key, region):
        return Fails(f"The role {role_arn} cannot use the key {key_arn} of the hypervisor", DENIED)
    return None


def _may_decrypt(role, key, region) -> bool:
    documents = [json.loads(text) if isinstance(text, str) else text for text in role.policies.values()]
    documents += [json.loads(managed.document) for managed in role.managed_policies.values()]
    context = {"kms:ViaService": f"backup-gateway.{region}.amazonaws.com"}
    said = {policy.says(document, "kms:Decrypt", key.arn, context) for document in documents}
    return "Deny" not in said and ("Allow" in said or role.arn in str(key.policy))


def fits(vault, lifecycle: dict) -> bool:
    """Whether a retention lies within what the lock of a vault allows; for ever is longer than any."""
    days = (lifecycle or {}).get("DeleteAfterDays")
    if not vault.locked:
        return True
    too_short = days is not None and vault.least is not None and days < vault.least
    too_long = vault.most is not None and (days is None or days > vault.most)
    return not too_short and not too_long


def unfit(vault) -> Fails:
    return Fails(f"The retention does not fit the lock of the vault {vault.name}", WRONG)
