# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which selections take a machine that comes to be in a folder: anybody's, of any plan of the account."""

from __future__ import annotations

from ..values import SITE_KEY
from . import backup_selection
from .backup_selection import OF_TAG, PATH


def by(backup, folder: str, name: str, arn: str) -> list[str]:
    """The selections, each with its plan. A machine that is new has no tags yet but those that this collection gives to all of a site."""
    found = []
    for plan in backup.pages("list_backup_plans", "BackupPlansList"):
        for raw in backup_selection.find(backup, plan["BackupPlanId"]):
            document = backup_selection.view(raw)
            if _takes(document, folder.rstrip("/"), arn) or _takes_by_whole_path(document, folder, name, arn):
                found.append(f"the selection {document['selection_name']} of the plan {plan['BackupPlanName']}")
    return found


def _takes_by_whole_path(document, folder, name, arn) -> bool:
    # Nobody has seen whether the path is that of the folder or ends in the machine's own name.
    asks = any(each["key"] == f"{OF_TAG}{PATH}" and "_not_" not in each["operator"] for each in document["conditions"])
    return asks and _takes(document, f"{folder.rstrip('/')}/{name}", arn)


def _takes(document, path, arn) -> bool:
    site = {each["value"] for each in document["conditions"] if each["key"] == f"{OF_TAG}{SITE_KEY}"}
    tags = {SITE_KEY: next(iter(site))} if site else {}
    return backup_selection.takes(document, {"resource_arn": arn, "path": path, "tags": tags})
