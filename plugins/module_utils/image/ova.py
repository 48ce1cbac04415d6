# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading an appliance image: an OVA, here or on an HTTPS server, or an OVF with its files beside it."""

from __future__ import annotations

import hashlib
import io
import os
import re
import tarfile
from xml.etree import ElementTree

from ..clients import web
from ..errors import Invalid
from .stream import Digest, Part, Stream, Tape

ETHERNET = "10"
DIGEST = re.compile(r"^(SHA1|SHA256|SHA512)\s*\((.+)\)\s*=\s*([0-9a-fA-F]+)\s*$")
CHECKSUM = re.compile(r"(sha1|sha256|sha512):([0-9a-f]+)", re.IGNORECASE)
COMPRESSIONS = (None, "", "identity", "gzip")
LONGEST_TEXT = 16 << 20


class Image:
    """What is to be deployed: descriptor, digests, network names and the files that a deployment needs.

    ``identity`` is the digest of descriptor and manifest, which stand for all the rest.
    """

    def __init__(self, source):
        self.source = source
        descriptor = source.bytes(source.descriptor)
        manifest = source.bytes(source.manifest) if source.manifest else b""
        self.identity = hashlib.sha256(descriptor + manifest).hexdigest()
        self.digests = _digests(manifest.decode("utf-8", "replace"))
        if source.manifest and not self.digests:
            raise Invalid("ova", f"its manifest {source.manifest} has no digest in it")
        self._check(source.descriptor, descriptor)
        self.descriptor = descriptor.decode("utf-8", "replace")
        envelope = _envelope(descriptor)
        self.networks = [_attribute(network, "name") for network in envelope.iterfind("{*}NetworkSection/{*}Network")]
        self.adapters = _adapters(envelope)
        self.files = {}
        for reference in envelope.iterfind("{*}References/{*}File"):
            self._add_file(_attribute(reference, "href") or "", reference)

    def streams(self, names) -> list[Stream]:
        """These files, each as a Stream that is checked against the manifest as it is read; in the order in which they are stored."""
        self.source.rewind()
        names = sorted(names, key=lambda name: self.source.place(self.files[name][0][0]))
        return [self.stream(name) for name in names]

    def stream(self, name: str) -> Stream:
        stored, compressed = self.files[name]
        remote = self.source.remote
        parts = [
            Part(part, self.source.size(part), self.digests.get(part), self._reader(part), remote) for part in stored
        ]
        return Stream(name, parts, compressed=compressed)

    def finish(self):
        """After the last stream: refuse the whole if it differs from the checksum that was given."""
        self.source.finish()

    def close(self):
        """After the last stream, read to its end or not. Streams that are asked for again begin anew."""
        self.source.close()

    def _reader(self, part):
        return lambda: self.source.blocks(part)

    def _add_file(self, name, reference):
        compression, chunk = (_attribute(reference, option) for option in ("compression", "chunkSize"))
        if compression not in COMPRESSIONS:
            raise Invalid("ova", f"{name} is packed with {compression}, and only gzip is supported")
        stored = self._chunks(name, chunk) if chunk else [name]
        for part in stored:
            if not self.source.has(part):
                raise Invalid("ova", f"the descriptor names {part}, which is not there")
            if self.digests and part not in self.digests:
                raise Invalid("ova", f"the manifest has no digest of {part}")
        size, stated = sum(self.source.size(part) for part in stored), _attribute(reference, "size") or ""
        compressed = compression == "gzip"
        if stated.isdigit() and size < int(stated) and not compressed:
            raise Invalid("ova", f"{name} is {size} bytes, shorter than the {stated} that the descriptor says")
        self.files[name] = (stored, compressed)

    def _chunks(self, name, chunk):
        """The files that a file was cut into: all as long as the descriptor says, but for the last one."""
        if not chunk.isdigit() or int(chunk) == 0:
            raise Invalid("ova", f"{name} has the chunkSize {chunk}, which is not a number of bytes")
        stored = [f"{name}.{0:09}"]
        while self.source.has(f"{name}.{len(stored):09}"):
            if self.source.has(stored[-1]) and self.source.size(stored[-1]) != int(chunk):
                raise Invalid("ova", f"{stored[-1]} is {self.source.size(stored[-1])} bytes instead of {chunk}")
            stored.append(f"{name}.{len(stored):09}")
        return stored

    def _check(self, name, content):
        if name not in self.digests:
            return
        algorithm, expected = self.digests[name]
        if hashlib.new(algorithm, content).hexdigest() != expected:
            raise Invalid("ova", f"{name} differs from its digest in the manifest: the image is damaged")


class Archive:
    """The members of an OVA. ``open_it`` gives it as a file that can be sought, ``checksum`` is (algorithm, expected) of it as a whole."""

    def __init__(self, name, open_it, checksum=None):
        self.name = name
        self.checksum = checksum
        self.tape = None
        self.handle = open_it()
        self.remote = isinstance(self.handle, web.Download)
        self.length = self.handle.seek(0, io.SEEK_END)
        self.handle.seek(0)
        with tarfile.open(fileobj=self.handle, mode="r:") as archive:
            self.members = {member.name: member for member in archive if member.isfile()}
        names = list(self.members)
        self.descriptor = next((name for name in names if name.endswith(".ovf")), None)
        self.manifest = next((name for name in names if name.endswith(".mf")), None)

    def has(self, name):
        return name in self.members

    def size(self, name):
        return self.members[name].size

    def place(self, name):
        return self.members[name].offset_data

    def bytes(self, name):
        if self.size(name) > LONGEST_TEXT:
            raise Invalid("ova", f"{name} is {self.size(name)} bytes, too long for what it should be")
        self.handle.seek(self.place(name))
        return self.handle.read(self.size(name))

    def pause(self):
        """Nothing is read for a while."""
        if self.remote:
            self.handle.release()

    def rewind(self):
        self.handle.seek(0)
        self.tape = Tape(self.handle, self.name, self.length, Digest(*self.checksum) if self.checksum else None)

    def blocks(self, name):
        return self.tape.blocks(self.place(name), self.size(name))

    def finish(self):
        self.tape.finish()

    def close(self):
        if self.tape is not None and self.tape.whole is not None:
            self.tape.whole.close()
        self.pause()


class Folder:
    """An OVF and the files beside it."""

    remote = False

    def __init__(self, path):
        self.folder, self.descriptor = os.path.split(os.path.abspath(path))
        manifest = os.path.splitext(self.descriptor)[0] + ".mf"
        self.manifest = manifest if self.has(manifest) else None

    def has(self, name):
        return bool(name) and ".." not in name.split("/") and os.path.isfile(self._path(name))

    def size(self, name):
        return os.path.getsize(self._path(name))

    def place(self, name):
        return 0

    def bytes(self, name):
        with open(self._path(name), "rb") as handle:
            return handle.read(LONGEST_TEXT)

    def pause(self):
        pass

    def rewind(self):
        pass

    def blocks(self, name):
        with open(self._path(name), "rb", buffering=0) as handle:
            yield from Tape(handle, name, self.size(name)).blocks(0, self.size(name))

    def finish(self):
        pass

    def close(self):
        pass

    def _path(self, name):
        return os.path.join(self.folder, name.lstrip("/"))


def read(where: str, *, checksum: str | None = None, context=None, proxy: str | None = None, patience: float = 600):
    """The image at a path or an https address; Invalid when it cannot be one.

    ``context`` and ``proxy`` are the way to an HTTPS server, ``patience`` in seconds for how long a broken connection is tried again.
    """
    whole = _checksum(checksum)
    at = web.proxy_at(proxy)
    named = where.partition("?")[0]
    try:
        if "://" in where:
            source = Archive(named, lambda: web.Download(where, context=context, proxy=at, patience=patience), whole)
        elif not where.endswith(".ovf"):
            source = Archive(where, lambda: open(where, "rb", buffering=0), whole)
        elif whole:
            raise Invalid("checksum", "is of an OVA as a whole. An OVF has a manifest for each of its files")
        else:
            source = Folder(where)
        if source.descriptor is None:
            raise Invalid("ova", f"{named} holds no OVF descriptor")
        image = Image(source)
        source.pause()
        return image
    except tarfile.TarError as error:
        raise Invalid("ova", f"{named} is not a complete OVA: {error}") from None
    except OSError as error:
        raise Invalid("ova", f"{named} cannot be read: {error.strerror or error}") from None


def _checksum(text: str | None) -> tuple | None:
    """Algorithm and digest, or None when there is none to check."""
    if not text:
        return None
    match = CHECKSUM.fullmatch(text.strip())
    if match is None or len(match[2]) != 2 * hashlib.new(match[1].lower()).digest_size:
        raise Invalid(
            "checksum", f"{text} is not like sha256: and 64 hexadecimal digits; sha1 and sha512 are known too"
        )
    return match[1].lower(), match[2].lower()


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
