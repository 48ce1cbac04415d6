# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an OVF descriptor says of its virtual machine: the hardware that it asks for, and the properties that it can be given."""

from __future__ import annotations

import re
from dataclasses import dataclass
from xml.etree import ElementTree

from ..errors import Invalid
from .text import as_utf8, decoded, number, shown

CPU, MEMORY, ETHERNET, DISK = "3", "4", "10", "17"
PREFIXES = {"": 0, "k": 10, "m": 20, "g": 30, "t": 40, "p": 50}
PREFIXES |= {word: PREFIXES[word[0]] for word in ("kilo", "mega", "giga", "tera", "peta")}
PREFIXES |= {word: PREFIXES[word[0]] for word in ("kibi", "mebi", "gibi", "tebi", "pebi", "ki", "mi", "gi", "ti", "pi")}
WORD = re.compile(r"([a-z]*?)(bytes?|b|hertz|hz)")
POWERS = re.compile(r"(byte|hertz)s?((?:\s*\*\s*[0-9]{1,20}(?:\s*\^\s*[0-9]{1,2})?)*)")
POWER = re.compile(r"([0-9]+)(?:\s*\^\s*([0-9]+))?")
PROPERTY = re.compile(r"\$\{([^{}]+)\}")
LONGEST_UNIT = 100
# Far beyond what vSphere can make, and still numbers that everybody can carry.
MOST_CPUS, MOST_BYTES = 10_000, 2**60
TRUE = ("true", "1")


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


def parsed(content) -> tuple:
    """A descriptor as text, the way it can be sent, and as XML. Invalid where it is not of one virtual machine."""
    text = as_utf8(content if isinstance(content, str) else decoded(content, "its descriptor"))
    # No OVF has one, and what it defines can be made to grow without end.
    if "<!DOCTYPE" in text:
        raise Invalid("ova", "its descriptor has a document type (DOCTYPE), which no OVF has")
    try:
        envelope = ElementTree.fromstring(text.encode(), ElementTree.XMLParser(encoding="utf-8"))
    except ElementTree.ParseError as error:
        raise Invalid("ova", f"its descriptor is not XML: {error}") from None
    if envelope.find("{*}VirtualSystem") is None:
        raise Invalid("ova", "its descriptor does not describe one virtual machine")
    return text, envelope


def configuration(envelope, asked: str | None = None) -> str | None:
    """The deployment that is asked for, or the usual one: which vCenter makes when it is not asked for another."""
    choices = list(envelope.iterfind("{*}DeploymentOptionSection/{*}Configuration"))
    names = [attribute(choice, "id") or "" for choice in choices]
    if asked:
        if asked not in names:
            there = ", ".join(names) or "none"
            raise Invalid("deployment_option", f"the image has no {asked}; it has: {there}")
        return asked
    usual = [name for name, choice in zip(names, choices) if attribute(choice, "default") in TRUE]
    return next(iter([*usual, *names]), None)


def properties(envelope, chosen: str | None = None) -> dict:
    """Name -> Property; a name is made of class, key and instance, as in the OVF environment of the guest."""
    found = {}
    for section in envelope.iterfind("{*}VirtualSystem/{*}ProductSection"):
        for element in section.iterfind("{*}Property"):
            parts = (attribute(section, "class"), attribute(element, "key"), attribute(section, "instance"))
            name = full_name(*parts)
            values = {attribute(value, "configuration"): value for value in element.iterfind("{*}Value")}
            default = values.get(chosen) if chosen in values else element
            found[name] = Property(
                name=name,
                default=attribute(default, "value") or "",
                secret=attribute(element, "password") in TRUE,
                configurable=attribute(element, "userConfigurable") in TRUE,
            )
    return found


def full_name(of_class, key, instance) -> str:
    return ".".join(part for part in (of_class, key, instance) if part)


def adapters(envelope, chosen: str | None = None) -> list[str]:
    """The network name of each network adapter, in order."""
    cards = (item for item in _items(envelope, chosen).get(ETHERNET, []) if item.find("{*}Connection") is not None)
    return [card.findtext("{*}Connection") or "" for card in cards]


def hardware(envelope, chosen: str | None = None, given: dict | None = None) -> Hardware:
    """The hardware of one configuration; ``given`` are properties that are not to have their usual values."""
    items = _items(envelope, chosen)
    values = {**{name: one.default for name, one in properties(envelope, chosen).items()}, **(given or {})}
    memory = items.get(MEMORY, [])
    disks = {attribute(disk, "diskId"): disk for disk in envelope.iterfind("{*}DiskSection/{*}Disk")}
    used = [(item.findtext("{*}HostResource") or "").rpartition("/")[2] for item in items.get(DISK, [])]
    size = sum(_capacity(name, disks[name], values) for name in used if name in disks)
    if size > MOST_BYTES:
        raise Invalid("ova", f"its disks have {size} bytes together, more than the {MOST_BYTES} that can be")
    return Hardware(
        num_cpus=_quantity(items.get(CPU, []), values, "the number of CPUs in its descriptor", MOST_CPUS),
        memory_mb=_memory(memory, values) if memory else 0,
        disk_bytes=size,
    )


def unit(text: str) -> int:
    """How much an allocation unit is, such as ``byte * 2^20``, ``byte * 10^9``, or as older descriptors have it, ``MegaBytes`` or ``MHz``."""
    said = text.strip().lower()
    word = WORD.fullmatch(said)
    if word and word[1] in PREFIXES:
        return 10 ** (PREFIXES[word[1]] // 10 * 3) if word[2].startswith("h") else 2 ** PREFIXES[word[1]]
    powers = POWERS.fullmatch(said) if len(said) <= LONGEST_UNIT else None
    if powers is None:
        right = "It has to be one of the OVF standard, like byte * 2^20"
        raise Invalid("ova", f"its descriptor has the unit {shown(text)}. {right}")
    size = 1
    for base, exponent in POWER.findall(powers[2]):
        size *= int(base) ** int(exponent or 1)
    if size > MOST_BYTES:
        raise Invalid("ova", f"its descriptor has the unit {shown(text)}, larger than any that can be")
    return size


def attribute(element, name: str):
    """An attribute, whatever its namespace."""
    return next((value for key, value in element.attrib.items() if key.rpartition("}")[2] == name), None)


def _items(envelope, chosen) -> dict:
    """The hardware items of a configuration by their type; those of others are left out."""
    found: dict = {}
    for item in envelope.iterfind("{*}VirtualSystem/{*}VirtualHardwareSection/*"):
        of = (attribute(item, "configuration") or "").split()
        if not of or chosen in of:
            found.setdefault((item.findtext("{*}ResourceType") or "").strip(), []).append(item)
    return found


def _memory(items, values) -> int:
    what = "the memory in its descriptor"
    size = _quantity(items, values, what, MOST_BYTES) * unit(items[-1].findtext("{*}AllocationUnits") or "byte * 2^20")
    if size > MOST_BYTES:
        raise Invalid("ova", f"{what} is {size} bytes, more than the {MOST_BYTES} that can be")
    return size // 2**20


def _quantity(items, values, what, most) -> int:
    """What the last of some items asks for; one of a configuration stands behind the one that it changes."""
    text = (items[-1].findtext("{*}VirtualQuantity") or "").strip() if items else ""
    reference = PROPERTY.fullmatch(text)
    if reference:  # by the standard only capacities may be one, and vCenter will say what it makes of it
        text = values.get(reference[1]) or ""
    return number(text, what, most) if text else 0


def _capacity(name, disk, values) -> int:
    what = f"the capacity of the disk {shown(name)} in its descriptor"
    text = (attribute(disk, "capacity") or "").strip()
    reference = PROPERTY.fullmatch(text)
    if reference:
        if reference[1] not in values:
            raise Invalid("ova", f"{what} is {text}, and it has no such property")
        if not values[reference[1]]:
            raise Invalid("properties", f"{reference[1]} has to be given: {what} is {text}, and it has no usual value")
        text = values[reference[1]]
    return number(text, what, MOST_BYTES) * unit(attribute(disk, "capacityAllocationUnits") or "byte") if text else 0
