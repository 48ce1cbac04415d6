# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The virtual machines as AWS Backup knows them, with their tags: all of them in a few calls."""

from __future__ import annotations

from ..clients.aws_forms import tags_of
from . import hypervisor as hypervisors

TYPE = "backup-gateway:vm"


def described(gateway, tagging, hypervisor: str | None = None) -> list[dict]:
    """Each with its tags. The tags of all come with their own listing, since asking for those of each would be a call each."""
    tags = {
        raw["ResourceARN"]: tags_of(raw.get("Tags"))
        for raw in tagging.pages("get_resources", "ResourceTagMappingList", ResourceTypeFilters=[TYPE])
    }
    found = map(hypervisors.view_virtual_machine, hypervisors.virtual_machines(gateway, hypervisor=hypervisor))
    return [
        {
            **one,
            "full_path": f"{(one['path'] or '').rstrip('/')}/{one['name']}",
            "tags": tags.get(one["resource_arn"], {}),
        }
        for one in found
    ]
