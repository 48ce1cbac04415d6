# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an appliance says of itself in its own configuration: whose it is, what it was made of, and what is not finished yet."""

from __future__ import annotations

from ..clients.vsphere import vim
from .machine import Raw

SITE = "vmc-aws-backup.site"
ENTRY = "vmc-aws-backup.entry"
IMAGE = "vmc-aws-backup.image"
COMPLETE = "vmc-aws-backup.complete"
NETWORKS = "vmc-aws-backup.networks"
HARDWARE = "vmc-aws-backup.hardware"
GATEWAY = "vmc-aws-backup.gateway"
INSTANCE = "vmc-aws-backup.instance-uuid"
RESTARTING = "vmc-aws-backup.restarting"


def mark(key: str, value: str):
    return vim.option.OptionValue(key=key, value=value)


def is_set(raw: Raw, key: str) -> bool:
    return raw.options.get(key) == "true"
