# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Images as people have them, good and broken: the kinds that were met so far. The fuzzer begins with them."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import pathlib
import tarfile
import unicodedata
from dataclasses import dataclass
from typing import Callable

from lab import ova

DISK_NAME = "image-disk1.vmdk"
DISK = b"KDMV" + bytes(range(256)) * 3
KINDS: list[Kind] = []


@dataclass
class Kind:
    """``make`` writes one into a folder and returns its path. ``says`` are words of its refusal, ``None`` where it can be deployed."""

    name: str
    make: Callable
    says: str | None = None
    option: str = "ova"


def descriptor(*, href=DISK_NAME, size=None, file="", **replaced) -> str:
    """The lab's descriptor with a small disk, and some of its words replaced."""
    text = ova.DESCRIPTOR.format(
        name="image", size=len(DISK) if size is None else size, gibibytes=80, network="eth0", properties=""
    )
    text = text.replace('ovf:href="image-disk1.vmdk"', f'{file} ovf:href="{href}"')
    for old, new in replaced.pop("words", {}).items():
        assert old in text, old
        text = text.replace(old, new)
    return text


def parts(
    text: str | bytes | None = None, *, disks=None, line="SHA256({name})= {digest}\n", kind="sha256", stem="image"
) -> dict:
    """Name -> content of the files of an image, with a manifest that fits."""
    text = descriptor() if text is None else text
    text = text.encode() if isinstance(text, str) else text
    files = {f"{stem}.ovf": text, **({DISK_NAME: DISK} if disks is None else disks)}
    return {
        f"{stem}.ovf": text,
        f"{stem}.mf": manifest(files, line, kind).encode(),
        **{name: files[name] for name in list(files)[1:]},
    }


def manifest(files: dict, line="SHA256({name})= {digest}\n", kind="sha256") -> str:
    return "".join(line.format(name=name, digest=hashlib.new(kind, data).hexdigest()) for name, data in files.items())


def pack(path, files, *, form=tarfile.USTAR_FORMAT, edit=None, pax=None) -> pathlib.Path:
    """One OVA of these files; ``edit`` may change the header of each."""
    pairs = files.items() if isinstance(files, dict) else files
    with tarfile.open(path, "w", format=form) as archive:
        for name, content in pairs:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            member.pax_headers = dict((pax or {}).get(name, {}))
            if edit is not None:
                edit(member)
            archive.addfile(member, io.BytesIO(content))
    return pathlib.Path(path)


def unpack(folder, files: dict) -> pathlib.Path:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def header(name: bytes, size: bytes, kind: bytes = b"0", magic: bytes = b"ustar\x0000") -> bytes:
    """A header of tar with these very bytes in it, and a right sum."""
    block = bytearray(512)
    block[: len(name)] = name
    block[100:108] = b"0000644\0"
    block[124 : 124 + len(size)] = size
    block[156:157] = kind
    block[257:265] = magic
    block[148:156] = b"%06o\0 " % (sum(block) + 8 * 32)
    return bytes(block)


def padded(content: bytes) -> bytes:
    return content + bytes(-len(content) % 512)


def kind(says=None, option="ova"):
    """Put a function among the kinds, under its own name."""

    def known(make):
        KINDS.append(Kind(make.__name__.replace("_", " "), make, says, option))
        return make

    return known


def packed(name: str, files, says=None, option="ova", **how):
    KINDS.append(Kind(name, lambda folder: pack(folder / "image.ova", files, **how), says, option))


def of_bytes(name: str, content: bytes, says: str, file="image.ova"):
    def make(folder):
        (folder / file).write_bytes(content)
        return folder / file

    KINDS.append(Kind(name, make, says))


# Names

packed("as it comes", parts())
packed("href with ./", parts(descriptor(href=f"./{DISK_NAME}")))
packed("members with ./", {f"./{name}": content for name, content in parts().items()})
packed("manifest with ./", parts(line="SHA256(./{name})= {digest}\n"))
packed("percent-encoded href", parts(descriptor(href="my%20disk.vmdk"), disks={"my disk.vmdk": DISK}))
packed("percent-encoded everywhere", parts(descriptor(href="my%20disk.vmdk"), disks={"my%20disk.vmdk": DISK}))
packed("percent-encoded in the descriptor only", {**parts(descriptor(href="%69mage-disk1.vmdk"))})
packed(
    "decomposed by macOS",
    {
        unicodedata.normalize("NFD", name): content
        for name, content in parts(descriptor(href="d%C3%AFsk.vmdk"), disks={"dïsk.vmdk": DISK}).items()
    },
    form=tarfile.PAX_FORMAT,
)
packed("a folder in the archive", {f"image/{name}": content for name, content in parts().items()})
packed("a disk in a folder", parts(descriptor(href="disks/a.vmdk"), disks={"disks/a.vmdk": DISK}))
packed("capitals", {name.replace(".ovf", ".OVF").replace(".mf", ".MF"): content for name, content in parts().items()})
packed(
    "resource forks",
    [pair for name, content in parts().items() for pair in ((f"._{name}", b"\0\5\x16\7" * 40), (name, content))],
)
packed("what Finder packs", {**parts(), "__MACOSX/._image.ovf": b"\0\5\x16\7", "__MACOSX/image.ovf": b"\0\5\x16\7"})
packed("another descriptor behind", {**parts(), "old.ovf": b"<old/>", "old.mf": b"nonsense"})
packed(
    "two descriptors and neither first",
    {DISK_NAME: DISK, "a.ovf": b"<a/>", "b.ovf": b"<b/>"},
    "several OVF descriptors, a.ovf, b.ovf",
)
packed(
    "a manifest of another name", {name.replace("image.mf", "other.mf"): content for name, content in parts().items()}
)
packed("no manifest", {name: content for name, content in parts().items() if not name.endswith(".mf")})
packed("href outside", parts(descriptor(href="../image-disk1.vmdk")), "which is not there")
packed("href outside, encoded", parts(descriptor(href="%2e%2e/image-disk1.vmdk")), "which is not there")
packed("href that is an address", parts(descriptor(href="https://example.org/d.vmdk")), "which is not there")
packed("href that is absolute", parts(descriptor(href="/etc/passwd")), "which is not there")
packed("href with a nought", parts(descriptor(href="a%00b")), "which is not there")
packed("empty href", parts(descriptor(href="")), "which is not there")
packed("a disk twice", [*parts().items(), (DISK_NAME, DISK[::-1])], "holds image-disk1.vmdk twice")
packed("a name that is not UTF-8", {**parts(), "d\udce9": b"x"})
packed("no descriptor", {DISK_NAME: DISK}, "holds no OVF descriptor")


@kind()
def a_folder(folder):
    return unpack(folder, parts())


@kind()
def a_folder_from_macos(folder):
    return unpack(folder, {**parts(), "._image.ovf": b"\0\5", ".DS_Store": b"x"})


@kind("several OVF descriptors")
def a_folder_with_two(folder):
    return unpack(folder, {**parts(), "other.ovf": b"<x/>"})


@kind("holds no OVF descriptor")
def an_empty_folder(folder):
    return folder


@kind()
def an_ovf_in_capitals(folder):
    files = {name.replace(".ovf", ".OVF").replace(".mf", ".MF"): content for name, content in parts().items()}
    return unpack(folder, files) / "image.OVF"


@kind()
def an_ovf_with_an_encoded_disk(folder):
    return unpack(folder, parts(descriptor(href="./my%20disk.vmdk"), disks={"my disk.vmdk": DISK})) / "image.ovf"


@kind("shorter than")
def an_ovf_with_a_truncated_disk(folder):
    return unpack(folder, {**parts(), DISK_NAME: DISK[:-1]}) / "image.ovf"


@kind("neither a file nor a folder")
def a_pipe(folder):
    os.mkfifo(folder / "image.ova")
    return folder / "image.ova"


@kind("cannot be read: No such file")
def nothing(folder):
    return folder / "image.ova"


# Digests

for spelled, algorithm in (
    ("SHA1", "sha1"),
    ("SHA-1", "sha1"),
    ("sha256", "sha256"),
    ("SHA-256", "sha256"),
    ("sha2-256", "sha256"),
    ("SHA2_256", "sha256"),
    ("SHA-384", "sha384"),
    ("SHA-512", "sha512"),
    ("SHA2-512", "sha512"),
    ("SHA3-256", "sha3_256"),
):
    packed(f"digests called {spelled}", parts(line=spelled + "({name})= {digest}\n", kind=algorithm))
packed("digests as BSD writes them", parts(line="SHA256 ({name}) = {digest}\n"))
packed("digests as sha256sum writes them", parts(line="{digest}  {name}\n"))
packed("digests as sha1sum writes them", parts(line="{digest} *{name}\n", kind="sha1"))
packed(
    "digests in capitals",
    {
        **parts(),
        "image.mf": parts()["image.mf"]
        .upper()
        .replace(b"IMAGE", b"image")
        .replace(b".OVF", b".ovf")
        .replace(b"DISK", b"disk")
        .replace(b"VMDK", b"vmdk"),
    },
)
packed("lines as Windows ends them", parts(line="SHA256({name})= {digest}\r\n"))
packed("empty lines and notes", parts(line="# one\n\nSHA256({name})= {digest}\n  \n"))
packed("two digests of each file", parts(line="SHA256({name})= {digest}\nSHA1({name})= " + "0" * 40 + "\n"))
packed("a manifest with a mark of UTF-8", {**parts(), "image.mf": b"\xef\xbb\xbf" + parts()["image.mf"]})
packed(
    "a manifest that PowerShell wrote",
    {**parts(), "image.mf": b"\xff\xfe" + parts()["image.mf"].decode().encode("utf-16-le")},
)
packed("another digest of the disk", {**parts(), DISK_NAME: DISK[::-1]}, "differs from its digest")
packed(
    "another digest of the descriptor",
    {**parts(), "image.ovf": descriptor().encode() + b"\n"},
    "image.ovf differs from its digest",
)
packed(
    "a line that is none",
    {**parts(), "image.mf": parts()["image.mf"] + b"and so on\n"},
    "line 3 of its manifest image.mf cannot be read: 'and so on'",
)
packed(
    "a digest that is cut",
    {**parts(), "image.mf": parts()["image.mf"][:-9]},
    "line 2 of its manifest image.mf has a digest of 56 digits",
)
packed(
    "MD5",
    {**parts(), "image.mf": b"MD5(image.ovf)= " + b"0" * 32},
    "line 1 of its manifest image.mf has no digest in it that can be checked",
)
packed(
    "two digests that differ",
    {**parts(), "image.mf": parts()["image.mf"] + b"SHA256(image.ovf)= " + b"0" * 64},
    "line 3 of its manifest image.mf tells another digest of image.ovf",
)
packed(
    "a manifest of the outside",
    {**parts(), "image.mf": b"SHA256(../x)= " + b"0" * 64},
    "line 1 of its manifest image.mf names",
)
packed("an empty manifest", {**parts(), "image.mf": b"\n"}, "has no digest in it")
packed(
    "a disk without a digest",
    {**parts(), "image.mf": manifest({"image.ovf": parts()["image.ovf"]}).encode()},
    "no digest of image-disk1.vmdk",
)

# Encodings

ACCENTED = descriptor(words={"A virtual machine": "Une machine à backup, naïve"})
JAPANESE = descriptor(words={"A virtual machine": "仮想マシン"})
packed("a mark of UTF-8", parts(b"\xef\xbb\xbf" + ACCENTED.encode()))
packed("UTF-16, little end first", parts(b"\xff\xfe" + ACCENTED.replace("UTF-8", "UTF-16").encode("utf-16-le")))
packed("UTF-16, big end first", parts(b"\xfe\xff" + ACCENTED.replace("UTF-8", "UTF-16").encode("utf-16-be")))
packed("UTF-16 without a mark", parts(JAPANESE.replace("UTF-8", "UTF-16").encode("utf-16-le")))
packed("UTF-16 that says UTF-8", parts(b"\xff\xfe" + JAPANESE.encode("utf-16-le")))
packed("Latin-1", parts(ACCENTED.replace("UTF-8", "ISO-8859-1").encode("latin-1")))
packed("Latin-1 that says UTF-8", parts(ACCENTED.encode("latin-1")))
packed("Windows-1252", parts(ACCENTED.replace("UTF-8", "windows-1252").encode("cp1252")))
packed("Shift_JIS", parts(JAPANESE.replace("UTF-8", "Shift_JIS").encode("shift_jis")))
packed(
    "an encoding that Python takes its time for",
    parts(descriptor().replace("UTF-8", "punycode")),
    "which cannot be read",
)
packed("an encoding that nobody knows", parts(descriptor().replace("UTF-8", "x-none")), "which cannot be read")
packed("UTF-16 that is cut", parts(b"\xff\xfe" + ACCENTED.encode("utf-16-le")[:-1]), "is not the UTF-16-LE")
packed("no XML", parts(b"no XML"), "is not XML")
packed("half an XML", parts(descriptor()[:900]), "is not XML")
packed("an empty descriptor", parts(b""), "is not XML")
BOMB = (
    '<!DOCTYPE x [<!ENTITY a "'
    + "z" * 1000
    + '">'
    + "".join(f'<!ENTITY a{n + 1} "{f"&a{n or str()};" * 50}">' for n in range(9))
    + "]>"
)
packed("entities that grow without end", parts(descriptor().replace("<Envelope", BOMB + "<Envelope", 1)), "DOCTYPE")
packed(
    "deeply nested", parts(descriptor(words={"<Info>A virtual machine</Info>": "<Info>" * 20_000 + "</Info>" * 20_000}))
)

# Numbers


def capacity(text, units="byte * 2^30"):
    return parts(
        descriptor(words={'ovf:capacity="80"': f'ovf:capacity="{text}"', 'Units="byte * 2^30"': f'Units="{units}"'})
    )


def memory(text, units="byte * 2^20"):
    old = "<rasd:AllocationUnits>byte * 2^20</rasd:AllocationUnits>"
    return parts(
        descriptor(
            words={old: f"<rasd:AllocationUnits>{units}</rasd:AllocationUnits>", "Quantity>16384<": f"Quantity>{text}<"}
        )
    )


SIZE = '<Property ovf:key="disk_size" ovf:type="uint32" ovf:userConfigurable="true" {}/>'


def sized(value):
    product = "<Product>AWS Appliance (lab)</Product>"
    words = {'ovf:capacity="80"': 'ovf:capacity="${disk_size}"', product: product + SIZE.format(value)}
    return parts(descriptor(words=words))


for units in (
    "byte * 2^30",
    "byte*10^9",
    "GigaBytes",
    "gigabyte",
    "GB",
    "MegaBytes",
    "byte * 1024",
    "byte",
    "KB",
    "TeraBytes",
):
    packed(f"capacity in {units}", capacity("80", units))
packed("memory in GB", memory("16", "GB"))
packed("memory in millions", memory("16", "byte * 10^9"))
packed(
    "CPU in MHz",
    parts(
        descriptor(
            words={
                "<rasd:ElementName>4 virtual CPUs": "<rasd:AllocationUnits>hertz * 10^6</rasd:AllocationUnits><rasd:ElementName>4 virtual CPUs"
            }
        )
    ),
)
packed("capacity that is a property", sized('ovf:value="80"'))
packed("capacity that is a property without a value", sized(""), "disk_size has to be given", "properties")
packed("capacity that is no property", capacity("${other}"), "it has no such property")
packed("capacity of a strange digit", capacity("²"), "has to be a number")
packed("capacity below nought", capacity("-1"), "has to be a number")
packed("capacity beyond all bounds", capacity("9" * 25), "that can be")
packed("capacity of many digits", capacity("9" * 9999), "has to be a number")
packed("capacities that are too much", capacity("9" * 18, "GB"), "that can be")
packed("a unit that nobody knows", capacity("80", "parsec"), "the unit 'parsec'")
packed("a unit that Python would compute for ever", capacity("80", "byte * 9^999999999"), "the unit")
packed("a unit beyond all bounds", capacity("80", "byte * 2^99"), "larger than any")
packed("memory that is no number", memory("much"), "has to be a number")
packed("memory beyond all bounds", memory("9" * 18, "TB"), "that can be")
packed("CPUs beyond all bounds", parts(descriptor(words={"Quantity>4<": "Quantity>1000000<"})), "that can be")
packed("a size that is no number", parts(descriptor(size="²")), "has to be a number")
packed("a chunkSize of nought", parts(descriptor(file='ovf:chunkSize="0"')), "chunkSize 0")
packed("a chunkSize of a strange digit", parts(descriptor(file='ovf:chunkSize="²"')), "has to be a number")
packed("a network without a name", parts(descriptor(words={'<Network ovf:name="eth0">': "<Network>"})))
packed("a property without a key", parts(descriptor(words={"<Product>": '<Property ovf:type="string"/><Product>'})))

# Disks

GZ = gzip.compress(DISK)
packed("packed with gzip", parts(descriptor(file='ovf:compression="gzip"'), disks={DISK_NAME: GZ}))
packed(
    "in chunks",
    parts(
        descriptor(file='ovf:chunkSize="500"'),
        disks={f"{DISK_NAME}.{number:09}": DISK[number * 500 : (number + 1) * 500] for number in range(2)},
    ),
)
packed(
    "packed and cut off",
    parts(descriptor(file='ovf:compression="gzip"'), disks={DISK_NAME: GZ[:-9]}),
    "ends in the middle",
)
packed("not packed at all", parts(descriptor(file='ovf:compression="gzip"')), "not what gzip packs")
packed("packed with bzip2", parts(descriptor(file='ovf:compression="bzip2"')), "only gzip")
packed("a truncated disk", {**parts(), DISK_NAME: DISK[:-1]}, "shorter than")

# Archives

LONG = "x" * 120 + ".vmdk"
packed("GNU tar", parts(descriptor(href=LONG), disks={LONG: DISK}), form=tarfile.GNU_FORMAT)
packed("POSIX tar", parts(descriptor(href=LONG), disks={LONG: DISK}), form=tarfile.PAX_FORMAT)
packed("a size in base 256", [*parts().items()], form=tarfile.GNU_FORMAT)
packed("ended by the last file", parts())
KINDS[-1].make = lambda folder: _cut(pack(folder / "image.ova", parts()), padded(DISK))


def _cut(path, last):
    content = path.read_bytes()
    path.write_bytes(content[: content.rindex(last) + len(last)])
    return path


def link(member):
    if member.name == DISK_NAME:
        member.type, member.linkname, member.size = tarfile.SYMTYPE, "elsewhere.vmdk", 0


packed("a disk that is a link", parts(), "is a link", edit=link)


def whole(*blocks) -> bytes:
    return b"".join(blocks) + bytes(1024)


OVF = descriptor().encode()
FIRST = header(b"image.ovf", b"%011o\0" % len(OVF)) + padded(OVF)
of_bytes("a size below nought", whole(FIRST, header(DISK_NAME.encode(), b"\xff" * 11 + b"\xfe")), "no size that can be")
of_bytes(
    "a size that goes back", whole(FIRST, header(DISK_NAME.encode(), b"\xff" * 10 + b"\xfc\x00")), "no size that can be"
)
of_bytes(
    "an extended header that goes back",
    whole(FIRST, header(b"x", b"%011o\0" % 16, b"x"), padded(b"16 size=-0000512\n"), header(b"y", b"%011o\0" % 0)),
    "no size that can be",
)
of_bytes(
    "an extended header that is none",
    whole(header(b"x", b"%011o\0" % 9, b"x"), padded(b"0 a=b\n123")),
    "cannot be read",
)
of_bytes(
    "a header as long as a disk",
    whole(header(b"x", b"\x80" + (1 << 40).to_bytes(11, "big"), b"L")),
    "is not a complete OVA",
)
of_bytes(
    "long names without end",
    whole(*[header(b"L", b"%011o\0" % 1, b"L") + padded(b"a")] * 2000, FIRST),
    "holds no OVF descriptor",
)
of_bytes(
    "a map of holes without end",
    whole(header(b"image.ovf", b"%011o\0" % 0, b"S", b"ustar  \0")),
    "is stored with holes",
)
of_bytes("more members than anybody needs", whole(*[header(b"a", b"%011o\0" % 0)] * 10_001), "more than 10000 members")
of_bytes("a damaged header", whole(FIRST, header(b"b", b"%011o\0" % 0)[:500] + b"damaged     "), "is damaged")
of_bytes("half an archive", whole(FIRST)[:600], "bytes too early")
of_bytes("half a header", whole(FIRST + header(b"b", b"%011o\0" % 0))[: len(FIRST) + 100], "is not a complete OVA")
of_bytes("nothing in it", b"", "it is empty")
of_bytes("a web page", b"<!DOCTYPE html><html>log in</html>", "it is a web page")
of_bytes("a descriptor called ova", OVF, "Its name has to end in .ovf".replace("Its", "Then its"))
of_bytes("an OVA that is packed", gzip.compress(whole(FIRST)), "packed with gzip")
of_bytes("an OVA in a zip", b"PK\3\4" + bytes(600), "a zip file")
of_bytes("a disk alone", DISK, "a disk alone")
of_bytes("a pointer of Git LFS", b"version https://git-lfs.github.com/spec/v1\n", "Git LFS")
of_bytes("noise", hashlib.sha512(b"noise").digest() * 40, "does not begin like a tar archive")
