# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Storage policies as vCenter gives them."""

from __future__ import annotations

from pyVmomi import pbm


def policy(name, *, key=None, category="REQUIREMENT", namespace="VSAN", **rules):
    capability = pbm.capability
    instances = [
        capability.CapabilityInstance(
            id=capability.CapabilityMetadata.UniqueId(namespace=namespace, id=rule),
            constraint=[
                capability.ConstraintInstance(propertyInstance=[capability.PropertyInstance(id=rule, value=value)])
            ],
        )
        for rule, value in rules.items()
    ]
    kind = pbm.profile.SubProfileCapabilityConstraints
    parts = [kind.SubProfile(name="VSAN", capability=instances)] if instances else []
    return pbm.profile.CapabilityBasedProfile(
        name=name,
        profileId=pbm.profile.ProfileId(uniqueId=key or f"id of {name}"),
        profileCategory=category,
        constraints=kind(subProfiles=parts) if parts else pbm.profile.CapabilityConstraints(),
    )


class Service:
    """The client for policies: those there are, and what has which."""

    def __init__(self, policies, given=None):
        self.policies = policies
        self.given = given or {}

    def all(self):
        return self.policies

    def of(self, kind, key):
        return self.given.get(key, [])
