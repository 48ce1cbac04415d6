# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an OVF descriptor says of its virtual machine: the hardware that it asks for, and the properties that it can be given."""

from __future__ import annotations

import re
from dataclasses import dataclass
from xml.etree import ElementTree

CPU, MEMORY, DISK = "3", "4", "17"
UNITS = {"byte": 1, "kilobytes": 2**10, "megabytes": 2**20, "mb": 2**20, "gigabytes": 2**30, "gb": 2**30}
POWER = re.compile(r"byte\s*\*\s*(\d+)(?:\s*\^\s*(\d+))?")


@dataclass(frozen=True)
class Hardware:
    """CPUs, memory in MiB and the sum of the disks in bytes; 0 where the descriptor does not say."""

    num_cpus: int
    memory_mb: int
    disk_bytes: int


@dataclass(frozen=True)
class Property:
    """A value for the guest; ``secret`` where the descriptor calls it a password."""

    name: str
    default: str
    secret: bool
    configurable: bool


def properties(descriptor: str) -> dict:
    """Name -> Property; a name is made of class, key and instance, as in the OVF environment of the guest."""
    envelope = ElementTree.fromstring(descriptor.encode())
    found = {}
    for section in envelope.iterfind("{*}VirtualSystem/{*}ProductSection"):
        for element in section.iterfind("{*}Property"):
            parts = (_attribute(section, "class"), _attribute(element, "key"), _attribute(section, "instance"))
            name = full_name(*parts)
            found[name] = Property(
                name=name,
                default=_attribute(element, "value") or "",
                secret=_attribute(element, "password") == "true",
                configurable=_attribute(element, "userConfigurable") == "true",
            )
    return found


def full_name(of_class, key, instance) -> str:
    return ".".join(part for part in (of_class, key, instance) if part)


def hardware(descriptor: str) -> Hardware:
    """The hardware of the deployment that is usual: the one that vCenter makes when it is not asked for another."""
    envelope = ElementTree.fromstring(descriptor.encode())
    items = _items(envelope)
    memory = items.get(MEMORY, [])
    disks = {_attribute(disk, "diskId"): disk for disk in envelope.iterfind("{*}DiskSection/{*}Disk")}
    used = [(item.findtext("{*}HostResource") or "").rpartition("/")[2] for item in items.get(DISK, [])]
    return Hardware(
        num_cpus=_number(items.get(CPU, [])),
        memory_mb=_number(memory) * unit(memory[-1].findtext("{*}AllocationUnits") or "byte * 2^20") // 2**20
        if memory
        else 0,
        disk_bytes=sum(_capacity(disks[name]) for name in used if name in disks),
    )


def unit(text: str) -> int:
    """Bytes in an allocation unit, such as ``byte * 2^20``, or as older descriptors have it, ``MegaBytes``."""
    power = POWER.match(text.strip())
    if power:
        return int(power[1]) ** int(power[2] or 1)
    return UNITS.get(text.strip().lower(), 1)


def _items(envelope) -> dict:
    """The hardware items by their type, without those of other configurations than the usual one."""
    choices = list(envelope.iterfind("{*}DeploymentOptionSection/{*}Configuration"))
    usual = [choice for choice in choices if _attribute(choice, "default") in ("true", "1")] or choices[:1]
    configuration = _attribute(usual[0], "id") if usual else None
    found: dict = {}
    for item in envelope.iterfind("{*}VirtualSystem/{*}VirtualHardwareSection/*"):
        of = (_attribute(item, "configuration") or "").split()
        if not of or configuration in of:
            found.setdefault(item.findtext("{*}ResourceType"), []).append(item)
    return found


def _number(items) -> int:
    """What the last of some items asks for; one of a configuration stands behind the one that it changes."""
    text = items[-1].findtext("{*}VirtualQuantity") if items else None
    return int(text) if text and text.isdigit() else 0


def _capacity(disk) -> int:
    text = _attribute(disk, "capacity") or ""
    return int(text) * unit(_attribute(disk, "capacityAllocationUnits") or "byte") if text.isdigit() else 0


def _attribute(element, name: str):
    """An attribute, whatever its namespace."""
    return next((value for key, value in element.attrib.items() if key.rpartition("}")[2] == name), None)
