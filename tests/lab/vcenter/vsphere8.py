# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a real vCenter 8 answers and the simulator does not: folders of vSAN, clusters without DRS, warnings, bridges in guests."""

from __future__ import annotations

import re
import uuid
from xml.sax.saxutils import escape, unescape

from . import soap

NAMESPACE = uuid.UUID("5c1e0000-0000-4000-8000-000000000000")
# <fileName> of a disk, <vmPathName> of a machine, and <name> in a layout.
PATH = r"<{0}>\[([^\]<]+)\] ([^/<]+)/([^<]*)</{0}>"
TOLD = {"name": (), "uuid": ("fileName", "vmPathName", "name"), "mixed": ("fileName", "name"), "disks": ("fileName",)}
VM_PATH = re.compile(r"(<name>config\.files\.vmPathName</name><val[^>]*>)\[([^\]<]+)\] ([^/<]+)/([^<]*)(</val>)")
CLUSTER = re.compile(
    r'<objects><obj type="ClusterComputeResource">([^<]+)</obj>(?:(?!</objects>).)*</objects>', re.DOTALL
)
DRS = re.compile(r"(<drsConfig>\s*<enabled>)true")
FOLDER = re.compile(r"<path>([^<]*)</path>")
NETS = re.compile(r"(<propSet><name>guest\.net</name><val[^>]*>)(.*?)(</val></propSet>)", re.DOTALL)
FIRST = re.compile(r"(<propSet><name>guest\.ipAddress</name><val[^>]*>)[^<]+(</val></propSet>)")
DESCRIPTOR = re.compile(r"(<ovfDescriptor[^>]*>)(.*?)</ovfDescriptor>(.*)", re.DOTALL)
DISK = re.compile(r"<Disk [^>]*>")
CAPACITY = re.compile(r' (?:\w+:)?(capacity|capacityAllocationUnits)="([^"]*)"')
MEMORY = re.compile(
    r"<(?:\w+:)?AllocationUnits>([^<]*)</(?:\w+:)?AllocationUnits>(?:(?!</Item>).)*ResourceType>4<(?:(?!</Item>).)*</Item>",
    re.DOTALL,
)
QUANTITY = re.compile(r"(VirtualQuantity>)(\d+)<")
WORDS = {
    "kilobytes": 2**10,
    "megabytes": 2**20,
    "gigabytes": 2**30,
    "terabytes": 2**40,
    "kb": 2**10,
    "mb": 2**20,
    "gb": 2**30,
    "byte": 1,
    "": 1,
}
BRIDGE = (
    "<GuestNicInfo><network></network><ipAddress>172.17.0.1</ipAddress><ipAddress>fe80::42:acff:fe11:1</ipAddress>"
    "<macAddress>02:42:ac:11:00:01</macAddress><connected>true</connected><deviceConfigId>-1</deviceConfigId></GuestNicInfo>"
)


def _understood(match) -> str:
    """The descriptor of a CreateImportSpec with numbers that the simulator reads: bytes of disks, MiB of memory, and no properties."""
    descriptor, rest = unescape(match[2], {"&quot;": '"', "&#34;": '"', "&apos;": "'"}), match[3]
    values = {
        key: value
        for each in re.findall(r"<(?:\w+:)?Property [^>]*>", descriptor)
        for key, value in [
            (dict(re.findall(r'(?:\w+:)?(\w+)="([^"]*)"', each)).get(name, "") for name in ("key", "value"))
        ]
    }
    values.update(re.findall(r"<propertyMapping[^>]*><key[^>]*>([^<]*)</key><value[^>]*>([^<]*)</value>", rest))

    def disk(tag):
        said = dict(CAPACITY.findall(tag[0]))
        amount = re.sub(r"\$\{([^}]*)\}", lambda name: values.get(name[1], "0"), said.get("capacity", "0"))
        size = int(amount or 0) * _unit(said.get("capacityAllocationUnits", ""))
        attributes = f' ovf:capacity="{size}" ovf:capacityAllocationUnits="byte * 1"'
        kept = CAPACITY.sub("", tag[0])
        return f"{kept[: len('<Disk')]}{attributes}{kept[len('<Disk') :]}"

    def memory(item):
        unit = _unit(item[1])
        return QUANTITY.sub(lambda amount: f"{amount[1]}{int(amount[2]) * unit // 2**20}<", item[0])

    descriptor = MEMORY.sub(memory, DISK.sub(disk, descriptor))
    return f"{match[1]}{escape(descriptor)}</ovfDescriptor>{rest}"


def _unit(text: str) -> int:
    factors = re.findall(r"\*\s*(\d+)(?:\s*\^\s*(\d+))?", text)
    size = WORDS.get(re.split(r"[\s*]", text.strip().lower())[0], 1)
    for base, exponent in factors:
        size *= int(base) ** int(exponent or 1)
    return size


class Vsphere8:
    """Between one vCenter's clients and its simulator. What it knows of folders is what it has told."""

    def __init__(self, vcenter):
        self.vcenter = vcenter
        self.forget()

    def forget(self):
        self.without_drs: set[str] = set()  # names of clusters
        self.warnings: list[str] = []  # of every CreateImportSpec
        self.first_address = ""  # what guests call their first address, beside those of their adapters
        self.folders: dict[tuple, str] = {}  # datastore and UUID -> name

    def refusal(self, request) -> tuple | None:
        """The fault of a deployment that nobody has said the host of, where vCenter chooses none."""
        if request.operation != "ImportVApp" or request.text("host"):
            return None
        home = self.vcenter.hand.homes.get(request.this)
        return ("InvalidArgument", "A specified parameter was not correct: host") if home in self.without_drs else None

    def asked(self, content: bytes) -> bytes:
        """What a client asks for, with the names of folders that the simulator knows."""
        text = DESCRIPTOR.sub(_understood, content.decode()) if b"<ovfDescriptor" in content else content.decode()
        for (store, code), name in self.folders.items():
            text = text.replace(f"[{escape(store)}] {code}/", f"[{escape(store)}] {escape(name)}/")
            text = text.replace(f"<matchPattern>{code}<", f"<matchPattern>{escape(name)}<")
        return text.encode()

    def answer(self, content: bytes, request) -> bytes:
        text = content.decode()
        operation = request.operation if request else ""
        if operation == "CreateImportSpec" and self.warnings:
            told = "".join(
                f"<warning>{soap.fault_of('OvfUnsupportedAttribute', said)}</warning>" for said in self.warnings
            )
            text = text.replace("</returnval>", f"{told}</returnval>")
        if self.without_drs:
            text = CLUSTER.sub(self._without_drs, text)
        if self.first_address:
            text = FIRST.sub(rf"\g<1>{self.first_address}\g<2>", text)
            text = NETS.sub(rf"\g<1>{BRIDGE}\g<2>\g<3>", text)
        return self._by_uuid(text).encode()

    def _without_drs(self, match):
        name = self.vcenter.hand.clusters.get(match[1])
        return DRS.sub(r"\1false", match[0]) if name in self.without_drs else match[0]

    def _by_uuid(self, text) -> str:
        told = TOLD[self.vcenter.world.switches["vsan_paths"]]
        if not told:
            return text
        for field in told:
            text = re.sub(
                PATH.format(field),
                lambda match, field=field: f"<{field}>{self._coded(*match.groups())}</{field}>",
                text,
            )
        if "vmPathName" in told:
            text = VM_PATH.sub(lambda match: f"{match[1]}{self._coded(*match.groups()[1:4])}{match[5]}", text)
        if "SearchDatastore" in text or "HostDatastoreBrowserSearchResults" in text:
            text = FOLDER.sub(self._friendly, text)
        return text

    def _coded(self, store, name, file) -> str:
        store, name = unescape(store), unescape(name)
        code = str(uuid.uuid5(NAMESPACE, f"{store}/{name}"))
        self.folders[store, code] = name
        return f"[{escape(store)}] {code}/{file}"

    def _friendly(self, match):
        code = next((code for (_store, code), name in self.folders.items() if name == unescape(match[1])), None)
        return f"<path>{code}</path><friendlyName>{match[1]}</friendlyName>" if code else match[0]
