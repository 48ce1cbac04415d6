# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""CPUs and memory of an appliance: never less than its image asks for, and changed while it runs where vSphere can."""

from __future__ import annotations

import json

from ..errors import Invalid
from ..forms import checked_memory
from ..values import given
from .marks import HARDWARE

KEYS = ("num_cpus", "memory_mb")


def asked(params: dict) -> dict:
    """What was asked for, if it can be at all."""
    size = given(params, *KEYS)
    for key, value in size.items():
        if value < 1:
            raise Invalid(key, f"{value} is less than 1")
    checked_memory("memory_mb", size.get("memory_mb", 0))
    return size


def text(hardware) -> str:
    """What the image asks for, as it is written into the machine."""
    return json.dumps({key: getattr(hardware, key) for key in KEYS})


def refuse_less(size: dict, least: dict):
    for key, value in size.items():
        if value < least[key]:
            raise Invalid(
                key,
                f"{value} is less than the {least[key]} that the image asks for: the appliance would be too small. "
                "Leave the option out, or ask for more",
            )


def least(raw, have: dict) -> dict:
    """What the image of a machine asks for; for one that does not know, what it has."""
    return json.loads(raw.options.get(HARDWARE) or "null") or {key: have[key] for key in KEYS}


def live(raw, changes: dict) -> set:
    """The keys that vSphere can change while the machine runs: it only ever adds, and only where hot add is on."""
    own = raw.own
    found = set()
    cpus = changes.get("num_cpus", 0)
    if own.get("config.cpuHotAddEnabled") and cpus > own["config.hardware.numCPU"]:
        if cpus % _cores(own) == 0:
            found.add("num_cpus")
    more = changes.get("memory_mb", 0) - own["config.hardware.memoryMB"]
    if own.get("config.memoryHotAddEnabled") and more > 0:
        step, most = own.get("config.hotPlugMemoryIncrementSize") or 1, own.get("config.hotPlugMemoryLimit") or 0
        if more % step == 0 and changes["memory_mb"] <= most:
            found.add("memory_mb")
    return found


def settings(changes: dict, cores: int) -> dict:
    """The changes in vSphere's words; ``cores`` to a socket are kept where the CPUs fill their sockets with them."""
    words = {}
    if "num_cpus" in changes:
        words["numCPUs"] = changes["num_cpus"]
        if changes["num_cpus"] % (cores or 1):
            words["numCoresPerSocket"] = 1
    if "memory_mb" in changes:
        words["memoryMB"] = changes["memory_mb"]
    return words


def cores(raw) -> int:
    return _cores(raw.own)


def _cores(own) -> int:
    return own.get("config.hardware.numCoresPerSocket") or 1
