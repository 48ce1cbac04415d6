# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The storage policy of a virtual machine: of its home and of its own disks, by name."""

from __future__ import annotations

from functools import cached_property

from ..clients.policies import Policies
from ..clients.vsphere import Vsphere, vim
from ..errors import Ambiguous, Invalid
from .machine import Raw, own_disks

NAMESPACE = "VSAN"
CODED = "RAID-5/6"
# What erasure coding takes of each byte at most: 4/3 with four hosts, 3/2 with three or with six.
CODED_COPIES = 1.5


class StoragePolicies:
    """The policies of a vCenter, read once."""

    def __init__(self, client: Vsphere):
        self.policies = Policies(client)

    @cached_property
    def known(self) -> list:
        return self.policies.all()

    def find(self, name: str):
        matches = [policy for policy in self.known if policy.name == name]
        matches = matches or [policy for policy in self.known if policy.profileId.uniqueId == name]
        if not matches:
            names = ", ".join(sorted({policy.name for policy in self.known})) or "none"
            raise Invalid("storage_policy", f"there is no {name}; there are: {names}")
        if len(matches) > 1:
            raise Ambiguous("storage_policy", name, [policy.profileId.uniqueId for policy in matches])
        return matches[0]

    def seen(self, raw: Raw) -> str | None:
        """The name of the policy of a machine; of several, all their names."""
        moid = raw.virtual_machine._moId
        places = [("virtualMachine", moid), *(("virtualDiskId", f"{moid}:{disk.key}") for disk in own_disks(raw))]
        found = [self.policies.of(*place) or [None] for place in places]
        names = {policy.profileId.uniqueId: policy.name for policy in self.known}
        told = {names.get(each, "none" if each is None else each) for ids in found for each in ids}
        return None if told == {"none"} else ", ".join(sorted(told))


def spec(policy) -> list:
    """A policy as vCenter takes it, for a machine's home or for one of its disks."""
    return [vim.vm.DefinedProfileSpec(profileId=policy.profileId.uniqueId)]


def copies(policy) -> float:
    """How many bytes vSAN keeps for each byte of a disk."""
    rules = _rules(policy)
    failures = _number(rules.get("hostFailuresToTolerate"), 1)
    coded = str(rules.get("replicaPreference", "")).startswith(CODED)
    if "subFailuresToTolerate" in rules:  # in a stretched cluster the first number counts sites
        within = CODED_COPIES if coded else _number(rules["subFailuresToTolerate"], 1) + 1
        return (failures + 1) * within
    return CODED_COPIES if coded and failures else failures + 1


def _rules(policy) -> dict:
    """vSAN's rules of a policy."""
    return {
        instance.id: instance.value
        for part in getattr(policy.constraints, "subProfiles", None) or []
        for capability in part.capability
        if capability.id.namespace == NAMESPACE
        for constraint in capability.constraint
        for instance in constraint.propertyInstance
    }


def _number(value, otherwise: int) -> int:
    text = str(value)
    return int(text) if text.isdigit() else otherwise
