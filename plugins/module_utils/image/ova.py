# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading an appliance image: an OVA, here or on an HTTPS server, or an OVF with its files beside it."""

from __future__ import annotations

import hashlib
import io
import os
import re
import stat

from ..clients import web
from ..errors import Error, Invalid
from . import manifest as of_files
from . import ovf, tar
from .ovf import attribute
from .stream import Digest, Part, Stream, Tape
from .text import normal, number, shown

CHECKSUM = re.compile(r"\s*([A-Za-z0-9-]+)\s*[:=]\s*([0-9a-f]+)\s*", re.IGNORECASE)
COMPRESSIONS = (None, "", "identity", "gzip")
LONGEST_TEXT = 16 << 20
LARGEST = 2**60
MOST_SHOWN = 10
# What people take for an OVA, by its first bytes.
TAKEN_FOR = (
    (b"\x1f\x8b", "packed with gzip. Unpack it"),
    (b"BZh", "packed with bzip2. Unpack it"),
    (b"\xfd7zXZ", "packed with xz. Unpack it"),
    (b"\x28\xb5\x2f\xfd", "packed with zstd. Unpack it"),
    (b"7z\xbc\xaf", "packed with 7z. Unpack it"),
    (b"PK\3\4", "a zip file. Unpack it"),
    (b"KDMV", "a disk alone. The image has a descriptor too"),
    (b"# Disk DescriptorFile", "a disk alone. The image has a descriptor too"),
    (b"QFI\xfb", "a disk for KVM. Take the image for VMware"),
    (b"conectix", "a disk for Hyper-V. Take the image for VMware"),
    (b"version https://git-lfs", "a pointer of Git LFS. Fetch the file itself"),
    (b"vhdxfile", "a disk for Hyper-V. Take the image for VMware"),
)


class Image:
    """What is to be deployed: descriptor, digests, network names and the files that a deployment needs.

    ``identity`` is the digest of descriptor and manifest, which stand for all the rest. ``configuration`` is the deployment that its
    hardware is that of. The names of files are in one form, see ``text.normal``.
    """

    def __init__(self, source, configuration: str | None = None):
        self.source = source
        descriptor = source.bytes(source.descriptor)
        manifest = source.bytes(source.manifest) if source.manifest else b""
        self.identity = hashlib.sha256(descriptor + manifest).hexdigest()
        self.digests = of_files.digests(manifest, source.manifest) if source.manifest else {}
        if source.manifest and not self.digests:
            raise Invalid("ova", f"its manifest {source.manifest} has no digest in it")
        self._check(source.descriptor, descriptor)
        self.descriptor, self.envelope = ovf.parsed(descriptor)
        self.configuration = ovf.configuration(self.envelope, configuration)
        named = self.envelope.iterfind("{*}NetworkSection/{*}Network")
        self.networks = [attribute(network, "name") or "" for network in named]
        self.adapters = ovf.adapters(self.envelope, self.configuration)
        self.files = {}
        for reference in self.envelope.iterfind("{*}References/{*}File"):
            self._add_file(attribute(reference, "href") or "", reference)

    def hardware(self, given: dict | None = None) -> ovf.Hardware:
        """What it asks for, with these OVF properties."""
        return ovf.hardware(self.envelope, self.configuration, given)

    def properties(self) -> dict:
        return ovf.properties(self.envelope, self.configuration)

    def streams(self, names) -> list[Stream]:
        """These files, each as a Stream that is checked against the manifest as it is read; in the order in which they are stored."""
        strange = [name for name in names if name not in self.files]
        if strange:
            raise Error(f"vCenter asks for {', '.join(strange)}, which the descriptor of the image does not name.")
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

    def _add_file(self, href, reference):
        name = normal(href)
        if name is None:
            raise Invalid("ova", f"the descriptor names {shown(href)}, which is not there: its files lie beside it")
        compression, chunk = (attribute(reference, option) for option in ("compression", "chunkSize"))
        if compression not in COMPRESSIONS:
            raise Invalid("ova", f"{name} is packed with {compression}, and only gzip is supported")
        stored = self._chunks(name, chunk) if chunk else [name]
        for part in stored:
            if not self.source.has(part):
                raise Invalid("ova", f"the descriptor names {part}, which is not there. {self._there()}")
            if self.digests and part not in self.digests:
                raise Invalid("ova", f"the manifest has no digest of {part}")
        size, stated = sum(self.source.size(part) for part in stored), attribute(reference, "size")
        compressed = compression == "gzip"
        if stated and size < number(stated, f"the size of {name} in its descriptor", LARGEST) and not compressed:
            raise Invalid("ova", f"{name} is {size} bytes, shorter than the {stated} that the descriptor says")
        self.files[name] = (stored, compressed)

    def _there(self):
        names = sorted(self.source.names())
        more = f" and {len(names) - MOST_SHOWN} more" if len(names) > MOST_SHOWN else ""
        return f"There are: {', '.join(names[:MOST_SHOWN])}{more}"

    def _chunks(self, name, chunk):
        """The files that a file was cut into: all as long as the descriptor says, but for the last one."""
        size = number(chunk, f"chunkSize of {name} in its descriptor", LARGEST)
        if size == 0:
            raise Invalid("ova", f"{name} has the chunkSize 0")
        stored = [f"{name}.{0:09}"]
        while self.source.has(f"{name}.{len(stored):09}"):
            if self.source.has(stored[-1]) and self.source.size(stored[-1]) != size:
                raise Invalid("ova", f"{stored[-1]} is {self.source.size(stored[-1])} bytes instead of {size}")
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
        try:
            found = [(normal(member.name), member) for member in tar.members(self.handle, self.length)]
        except tar.Malformed as error:
            raise Invalid("ova", f"{name} is not a complete OVA: {self._taken_for() or error}") from None
        files = [(known, member) for known, member in found if known and not _is_fork(known)]
        at = _descriptor([known for known, _member in files], f"{name} holds")
        folder = os.path.join(os.path.dirname(at), "")
        beside = [(known[len(folder) :], member) for known, member in files if known.startswith(folder)]
        self.members = dict(beside)
        self.doubled = {known for known, member in beside if self.members[known] is not member}
        self.descriptor = at[len(folder) :]
        self.manifest = _manifest(self.descriptor, list(self.members))

    def names(self):
        return list(self.members)

    def has(self, name):
        if name not in self.members:
            return False
        if self.members[name].kind:
            raise Invalid("ova", f"{name} is {self.members[name].kind} in {self.name}, and has to be a plain file")
        if name in self.doubled:
            raise Invalid("ova", f"{self.name} holds {name} twice")
        return True

    def stored(self, name) -> str:
        """The name by which others find it in the archive."""
        return self.members[name].name.decode("utf-8", "replace")

    def size(self, name):
        return self.members[name].size

    def place(self, name):
        return self.members[name].offset

    def bytes(self, name):
        self.has(name)
        _check_length(name, self.size(name))
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

    def _taken_for(self) -> str | None:
        """What it is instead of an archive, where that can be seen."""
        self.handle.seek(0)
        beginning = self.handle.read(min(256, self.length))
        told = next((f"it is {what}" for begins, what in TAKEN_FOR if beginning.startswith(begins)), None)
        text = beginning.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xfe\xff \t\r\n").lower()
        if text.startswith((b"<!doctype html", b"<html")):
            return "it is a web page"
        if text.startswith(b"<"):
            return "it is XML. Is it an OVF descriptor? Then its name has to end in .ovf, and its files have to lie beside it"
        if not self.length:
            return "it is empty"
        return told


class Folder:
    """An OVF and the files beside it; ``descriptor`` is its name, where that was given."""

    remote = False

    def __init__(self, folder, descriptor: str | None = None):
        self.folder = folder
        self._stored: dict = {}
        if descriptor is None:
            descriptor = _descriptor(self.names(), f"The folder {folder} holds", in_order=False)
        self.descriptor = normal(os.fsencode(descriptor)) or ""
        self.manifest = _manifest(self.descriptor, self.names())

    def names(self):
        return [name for name in self._listed("") if not _is_fork(name)]

    def has(self, name):
        return os.path.isfile(self._path(name))

    def size(self, name):
        return os.path.getsize(self._path(name))

    def place(self, name):
        return 0

    def bytes(self, name):
        _check_length(name, self.size(name))
        with open(self._path(name), "rb") as handle:
            return handle.read(LONGEST_TEXT)

    def pause(self):
        pass

    def rewind(self):
        pass

    def blocks(self, name):
        try:
            handle = open(self._path(name), "rb", buffering=0)
        except OSError as error:
            raise Error(f"ova: {name} cannot be read: {error.strerror or error}.") from None
        with handle:
            yield from Tape(handle, name, self.size(name)).blocks(0, self.size(name))

    def finish(self):
        pass

    def close(self):
        pass

    def _path(self, name):
        folder, base = os.path.split(name)
        return os.path.join(self.folder, folder, self._listed(folder).get(base, base))

    def _listed(self, folder) -> dict:
        """The files of a folder, by their names in one form."""
        if folder not in self._stored:
            try:
                listed = sorted(os.listdir(os.path.join(self.folder, folder)))
            except (FileNotFoundError, NotADirectoryError):
                listed = []
            self._stored[folder] = {normal(os.fsencode(name)): name for name in listed}
        return self._stored[folder]


def read(
    where: str,
    *,
    configuration: str | None = None,
    checksum: str | None = None,
    context=None,
    proxy: str | None = None,
    patience: float = 600,
):
    """The image at a path or an https address; Invalid when it cannot be one.

    ``configuration`` is the deployment that is wanted of it. ``context`` and ``proxy`` are the way to an HTTPS server, ``patience`` in
    seconds for how long a broken connection is tried again.
    """
    whole = _checksum(checksum)
    at = web.proxy_at(proxy)
    named = where.partition("?")[0] if "://" in where else where
    try:
        if "://" in where:
            if named.lower().endswith(".ovf"):
                raise Invalid(
                    "ova", f"{named} is an OVF descriptor, and from a server only an OVA is read, which holds all files"
                )
            source = Archive(named, lambda: web.Download(where, context=context, proxy=at, patience=patience), whole)
        else:
            source = _here(where, whole)
        image = Image(source, configuration)
        source.pause()
        return image
    except OSError as error:
        raise Invalid("ova", f"{named} cannot be read: {error.strerror or error}") from None
    except ValueError:  # a path with a character that none can have
        raise Invalid("ova", f"{shown(named)} is no path of a file") from None


def _here(path, whole):
    is_folder, is_descriptor = os.path.isdir(path), path.lower().endswith(".ovf")
    if whole and (is_folder or is_descriptor):
        raise Invalid("checksum", "is of an OVA as a whole. An OVF has a manifest for each of its files")
    if is_folder:
        return Folder(path)
    if not stat.S_ISREG(os.stat(path).st_mode):  # a pipe would be waited for, a device never end
        raise Invalid("ova", f"{path} is neither a file nor a folder")
    if is_descriptor:
        return Folder(*os.path.split(os.path.abspath(path)))
    return Archive(path, lambda: open(path, "rb", buffering=0), whole)


def _descriptor(names, holds, *, in_order=True) -> str:
    """The descriptor among files: the only one, or as the standard has it, the first file of an archive."""
    found = [name for name in names if name.lower().endswith(".ovf")]
    if not found:
        raise Invalid("ova", f"{holds} no OVF descriptor")
    if len(found) > 1 and not (in_order and names[0] == found[0]):
        right = "The first file of an OVA has to be its own" if in_order else "Give the path of the one that is meant"
        raise Invalid("ova", f"{holds} several OVF descriptors, {', '.join(found[:MOST_SHOWN])}. {right}")
    return found[0]


def _manifest(descriptor, names) -> str | None:
    """The manifest that is called like the descriptor; where that has none, the only one there is, unless it is another descriptor's."""
    found = [name for name in names if name.lower().endswith(".mf")]
    stems = {name[: -len(".ovf")].lower() for name in names if name.lower().endswith(".ovf")}
    own = [name for name in found if name[: -len(".mf")].lower() == descriptor[: -len(".ovf")].lower()]
    free = [name for name in found if name[: -len(".mf")].lower() not in stems and "/" not in name]
    return next(iter(own or (free if len(free) == 1 else [])), None)


def _is_fork(name) -> bool:
    """What macOS puts beside each file."""
    *folders, base = name.split("/")
    return base.startswith("._") or "__MACOSX" in folders


def _check_length(name, size):
    if size > LONGEST_TEXT:
        raise Invalid("ova", f"{name} is {size} bytes, too long for what it should be")


def _checksum(text: str | None) -> tuple | None:
    """Algorithm and digest, or None when there is none to check."""
    if not text:
        return None
    match = CHECKSUM.fullmatch(text)
    algorithm = of_files.algorithm(match[1]) if match else None
    if algorithm is None or len(match[2]) != of_files.digits(algorithm):
        raise Invalid(
            "checksum", f"{text} is not like sha256: and 64 hexadecimal digits; sha1 and sha512 are known too"
        )
    return algorithm, match[2].lower()
