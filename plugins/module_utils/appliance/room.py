# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a datastore has room for a deployment (SAFETY 8)."""

from __future__ import annotations

from ..errors import Invalid
from .machine import own_bytes, used_bytes

# At which VMware Cloud on AWS adds a host by itself.
ADDS_A_HOST = 80
GIBIBYTE = 2**30


VSAN = "vsan"
# What the policies that VMware makes for vSAN keep of each disk: two copies.
COPIES = 2


def needed(summary, disk_bytes: int, memory_mb: int = 0, copies: float = COPIES) -> int:
    """Bytes that disks take on a datastore, with their ``copies`` on vSAN, and beside them the swap file of a machine with that memory."""
    if summary.type == VSAN:  # which makes swap files thin
        return int(disk_bytes * copies)
    return disk_bytes + memory_mb * 2**20


def freed(summary, raw, copies: float = COPIES) -> int:
    """Bytes that come free with the disks of a machine: what vCenter tells of their files, else what they may take."""
    told = used_bytes(raw)
    return needed(summary, own_bytes(raw), copies=copies) if told is None else told


def check(summary, need: int, most: int, *, freed: int = 0):
    """Refuse ``need`` bytes that would fill a datastore beyond ``most`` percent; ``freed`` bytes of what is used now go before."""
    if not 1 <= most <= 100:
        raise Invalid("max_datastore_usage", f"{most} is no percentage: 1 to 100")
    used = max(0, summary.capacity - summary.freeSpace - freed)
    if summary.capacity and (used + need) * 100 > most * summary.capacity:
        raise Invalid(
            "max_datastore_usage",
            f"{summary.name} is {_percent(used, summary)} full, and with the {need / GIBIBYTE:.0f} GiB of this deployment it would be "
            f"{_percent(used + need, summary)}, beyond {most} %. VMware Cloud on AWS adds a host at {ADDS_A_HOST} %, and bills it. "
            "Make room, or choose another datastore",
        )


def _percent(part: int, summary) -> str:
    return f"{part * 100 / summary.capacity:.1f} %"
