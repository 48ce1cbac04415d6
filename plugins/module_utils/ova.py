# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading an appliance image: an OVA, or an OVF with its files beside it. Disks are streams and are never held in memory."""

from __future__ import annotations

import hashlib
import os
import re
import tarfile
from dataclasses import dataclass
from typing import BinaryIO
from xml.etree import ElementTree

from .errors import Error, Invalid

ETHERNET = "10"
DIGEST = re.compile(r"^(SHA1|SHA256|SHA512)\s*\((.+)\)\s*=\s*([0-9a-fA-F]+)\s*$")


class Image:
    """What is to be deployed: descriptor, digests, network names and the files that a deployment needs.

    O(identity) is the digest of descriptor and manifest, which stand for all the rest.
    """

    def __init__(self, source):
        self.source = source
        descriptor = source.bytes(source.descriptor)
        manifest = source.bytes(source.manifest) if source.manifest else b""
        self.identity = hashlib.sha256(descriptor + manifest).hexdigest()
        self.digests = _digests(manifest.decode("utf-8", "replace"))
        self._check(source.descriptor, descriptor)
        self.descriptor = descriptor.decode("utf-8", "replace")
        envelope = _envelope(descriptor)
        self.networks = [_attribute(network, "name") for network in envelope.iterfind("{*}NetworkSection/{*}Network")]
        self.adapters = _adapters(envelope)
        self.files = {}
        for reference in envelope.iterfind("{*}References/{*}File"):
            self._add_file(_attribute(reference, "href") or "", reference)

    def stream(self, name: str):
        """One file as a Stream that is checked against the manifest as it is read."""
        handle, size = self.source.open(name)
        return Stream(name, handle, size, self.digests.get(name))

    def _add_file(self, name, reference):
        for option in ("compression", "chunkSize"):
            if _attribute(reference, option) not in (None, "", "identity"):
                raise Invalid(
                    "ova", f"{name} is stored with {option}, which is not supported; repack it with plain files"
                )
        if not self.source.has(name):
            raise Invalid("ova", f"the descriptor names {name}, which is not there")
        if self.digests and name not in self.digests:
            raise Invalid("ova", f"the manifest has no digest of {name}")
        size, stated = self.source.size(name), _attribute(reference, "size") or ""
        if stated.isdigit() and size < int(stated):
            raise Invalid("ova", f"{name} is {size} bytes, shorter than the {stated} that the descriptor says")
        self.files[name] = size

    def _check(self, name, content):
        if name not in self.digests:
            return
        algorithm, expected = self.digests[name]
        if hashlib.new(algorithm, content).hexdigest() != expected:
            raise Invalid("ova", f"{name} differs from its digest in the manifest: the image is damaged")


@dataclass
class Stream:
    """A file that is read once, front to back."""

    name: str
    handle: BinaryIO
    size: int
    digest: tuple | None

    def blocks(self, length: int = 1 << 20):
        """The content in blocks; the last one is given out only when the digest is right."""
        seen = hashlib.new(self.digest[0]) if self.digest else None
        left = self.size
        with self.handle:
            while left:
                block = self.handle.read(min(length, left))
                if not block:
                    raise Error(f"{self.name} ends {left} bytes too early: the image is truncated.")
                left -= len(block)
                if seen is not None:
                    seen.update(block)
                    if not left and seen.hexdigest() != self.digest[1]:
                        raise Error(f"{self.name} differs from its digest in the manifest: the image is damaged.")
                yield block


class Archive:
    """The members of an OVA."""

    def __init__(self, path):
        self.path = path
        with tarfile.open(path, "r:") as archive:
            self.members = {member.name: member for member in archive if member.isfile()}
        names = list(self.members)
        self.descriptor = next((name for name in names if name.endswith(".ovf")), None)
        self.manifest = next((name for name in names if name.endswith(".mf")), None)

    def has(self, name):
        return name in self.members

    def size(self, name):
        return self.members[name].size

    def open(self, name):
        handle = open(self.path, "rb")
        handle.seek(self.members[name].offset_data)
        return handle, self.members[name].size

    def bytes(self, name):
        handle, size = self.open(name)
        with handle:
            return handle.read(size)


class Folder:
    """An OVF and the files beside it."""

    def __init__(self, path):
        self.folder, self.descriptor = os.path.split(os.path.abspath(path))
        manifest = os.path.splitext(self.descriptor)[0] + ".mf"
        self.manifest = manifest if self.has(manifest) else None

    def has(self, name):
        return os.path.isfile(os.path.join(self.folder, name))

    def size(self, name):
        return os.path.getsize(os.path.join(self.folder, name))

    def open(self, name):
        return open(os.path.join(self.folder, name), "rb"), self.size(name)

    def bytes(self, name):
        with self.open(name)[0] as handle:
            return handle.read()


def read(path: str) -> Image:
    """The image at a path; Invalid when it cannot be one."""
    try:
        source = Folder(path) if path.endswith(".ovf") else Archive(path)
        if source.descriptor is None:
            raise Invalid("ova", f"{path} holds no OVF descriptor")
        return Image(source)
    except tarfile.TarError as error:
        raise Invalid("ova", f"{path} is not a complete OVA: {error}") from None
    except OSError as error:
        raise Invalid("ova", f"{path} cannot be read: {error.strerror or error}") from None


def _digests(manifest: str) -> dict:
    """File name -> (algorithm, digest)."""
    matches = (DIGEST.match(line) for line in manifest.splitlines())
    return {match[2]: (match[1].lower(), match[3].lower()) for match in matches if match}


def _envelope(descriptor: bytes):
    try:
        envelope = ElementTree.fromstring(descriptor)
    except ElementTree.ParseError as error:
        raise Invalid("ova", f"its descriptor is not XML: {error}") from None
    if envelope.find("{*}VirtualSystem") is None:
        raise Invalid("ova", "its descriptor does not describe one virtual machine")
    return envelope


def _adapters(envelope) -> list[str]:
    """The network name of each network adapter, in order."""
    hardware = envelope.find("{*}VirtualSystem/{*}VirtualHardwareSection")
    items = [] if hardware is None else list(hardware)
    return [
        item.findtext("{*}Connection") or ""
        for item in items
        if item.findtext("{*}ResourceType") == ETHERNET and item.find("{*}Connection") is not None
    ]


def _attribute(element, name: str):
    """An attribute, whatever its namespace."""
    return next((value for key, value in element.attrib.items() if key.rpartition("}")[2] == name), None)
