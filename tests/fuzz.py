# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Break images in many ways, and see that each is read or refused in one sentence that names the option, in time.

Archive, manifest and descriptor are broken, beginning with the kinds in image_kinds.py. A case depends on the seed and its number only:
``--seed 1 --only 4711`` does one again. What is found becomes a kind.
"""

from __future__ import annotations

import argparse
import faulthandler
import hashlib
import itertools
import pathlib
import random
import re
import signal
import sys
import tarfile
import tempfile
import time
import traceback

from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import Error
from ansible_collections.vmc.aws_backup.plugins.module_utils.image import ova
from image_kinds import DISK_NAME, KINDS, header, manifest, pack, padded, parts, unpack

OPTIONS = ("ova", "properties", "checksum")
LONGEST = 5  # seconds that one image may take
LONGEST_SENTENCE = 20_000
ENOUGH = 1 << 20  # bytes of a disk that are read
SIZES = (
    b"\xff" * 12,
    b"\x80" + b"\xff" * 11,
    b"\x80" + bytes(11),
    b"77777777777\0",
    b"%011o\0" % 1,
    b" " * 12,
    b"-0000000010\0",
)
TYPES = b"01234567xgXLKSDMNVA\0"
# What descriptors and manifests are made of, and what is odd among it.
WORDS = """
${disk_size} ${x} ${} ${${x}} ² ٣ -1 0 1e9 0x10 1.5 99999999999999999999 +5 ÿ 仮想
&amp; &#0; &#xFFFF; <!DOCTYPE <!-- --> <![CDATA[ ]]> <?xml?> ../ ./ %2e%2e/ %00 %
%zz // \\ file:///etc/passwd https://example.org/x byte byte*2^30 byte*10^9 byte*2^999 GigaBytes MHz hertz*10^6 ovf: xmlns= xmlns="" ovf:configuration="x"
ovf:default="true" ovf:chunkSize="1" ovf:compression="gzip" ovf:compression="identity" ovf:size="" ovf:capacity="" SHA256( SHA-256( sha2-256( MD5( )= = # \r
\n \t UTF-16 ISO-8859-1 utf-7 punycode idna hex UTF-32 cp037 <VirtualSystem> </VirtualSystem> <Item/> <Disk/> <File/> <Network/> <Property/> <Value/>
<DeploymentOptionSection><Configuration/></DeploymentOptionSection>
""".split()


class Hung(Exception):
    """It took too long."""


def broken(number: int, seed: int, folder: pathlib.Path) -> pathlib.Path:
    """The image of one case."""
    chance = random.Random(f"{seed} {number}")
    how = chance.choice(
        (broken_bytes, broken_header, broken_text, broken_text, broken_text, broken_manifest, of_two, broken_folder)
    )
    return how(chance, folder)


def broken_bytes(chance, folder):
    """A kind with some bytes changed, cut, doubled or taken away."""
    path = _kind(chance, folder)
    return _written(path, _bent(chance, path.read_bytes()))


def broken_header(chance, folder):
    """A kind with another size, type, name or place of a header, whose sum is right."""
    path = _kind(chance, folder)
    content = bytearray(path.read_bytes())
    starts = [at for at in range(0, len(content) - 511, 512) if content[at + 257 : at + 262] == b"ustar"]
    for at in chance.sample(starts, min(len(starts), chance.randint(1, 2))):
        block = bytearray(content[at : at + 512])
        field = chance.choice(("size", "type", "name", "prefix", "map", "magic"))
        if field == "size":
            block[124:136] = chance.choice((*SIZES, chance.randbytes(12)))
        elif field == "type":
            block[156] = chance.choice(TYPES)
        elif field == "magic":
            block[257:265] = chance.choice((b"ustar  \0", bytes(8), b"ustar\x0000"))
        else:
            begin, length = {"name": (0, 100), "prefix": (345, 155), "map": (386, 97)}[field]
            block[begin : begin + length] = _bent(chance, bytes(block[begin : begin + length])).ljust(length, b"\0")[
                :length
            ]
        block[148:156] = b" " * 8
        block[148:156] = b"%06o\0 " % sum(block)
        content[at : at + 512] = block
    if chance.random() < 0.3:
        records = _bent(chance, b"30 path=image-disk1.vmdk.000000\n20 size=1234567890\n")
        content[:0] = header(b"x", b"%011o\0" % len(records), chance.choice((b"x", b"g", b"L", b"K"))) + padded(records)
    return _written(path, bytes(content))


def broken_text(chance, folder):
    """Another descriptor, with digests that are right, so that it is read to its end."""
    kind, path = _read(chance, folder)
    files = _files(path) or parts()
    name = next((each for each in files if each.lower().endswith(".ovf")), "image.ovf")
    text = _reworded(chance, files.get(name, b"").decode("utf-8", "replace"))
    encoding = chance.choice(("utf-8", "utf-8", "utf-8-sig", "utf-16", "latin-1", "shift_jis", "utf-32"))
    files[name] = text.encode(encoding, "replace")
    listed = {each: content for each, content in files.items() if not each.lower().endswith((".mf", ".cert"))}
    written = {
        name: files[name],
        **({"image.mf": manifest(listed).encode()} if chance.random() < 0.5 else {}),
        **listed,
    }
    return pack(folder / f"broken-{kind}.ova", written, form=tarfile.GNU_FORMAT)


def broken_manifest(chance, folder):
    files = parts()
    text = _reworded(chance, files["image.mf"].decode())
    files["image.mf"] = _bent(chance, text.encode(chance.choice(("utf-8", "utf-16", "latin-1")), "replace"), most=1)
    return pack(folder / "image.ova", files)


def of_two(chance, folder):
    """The beginning of one and the end of another."""
    first, second = (_kind(chance, folder).read_bytes() for _one in range(2))
    blocks = [chance.randint(0, max(1, len(content) // 512)) * 512 for content in (first, second)]
    return _written(folder / "image.ova", first[: blocks[0]] + second[blocks[1] :])


def broken_folder(chance, folder):
    files = parts()
    for name in chance.sample(list(files), chance.randint(0, 2)):
        files[name] = _bent(chance, files[name])
    if chance.random() < 0.3:
        files[chance.choice(("._image.ovf", "other.ovf", "image.MF", "my%20disk.vmdk", "d\udce9"))] = b"x"
    place = folder / "unpacked"
    place.mkdir()
    unpack(place, files)
    return chance.choice((place, place / "image.ovf", place / "image.OVF"))


def tried(path) -> str | None:
    """What is wrong with the way in which an image is taken: None where it is read, or refused as it should be."""
    try:
        image = ova.read(str(path))
        image.hardware()
        image.properties()
        for stream in image.streams(list(image.files)):
            read = 0
            for block in stream.blocks(LONGEST):
                read += len(block)
                if read > ENOUGH:
                    break
        image.finish()
        image.close()
    except Error as refusal:
        said = str(refusal)
        named = said.partition(":")[0] in OPTIONS or "(ova)" in said
        one = "\n" not in said and len(said) < LONGEST_SENTENCE and said.isprintable()
        return None if named and one else f"It is refused with: {said[:500]!r}"
    except Hung:
        return f"It took more than {LONGEST} seconds: {traceback.format_exc()}"
    except MemoryError:
        return "It took too much memory."
    # The one place where whatever is raised is what is looked for.
    except Exception:
        return traceback.format_exc()
    return None


def attempt(number: int, seed: int) -> str | None:
    """One case, in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        faulthandler.dump_traceback_later(8 * LONGEST, exit=True)  # where Python does not come to see the signal
        path = broken(number, seed, pathlib.Path(folder))
        signal.setitimer(signal.ITIMER_REAL, LONGEST)
        try:
            return tried(path)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            faulthandler.cancel_dump_traceback_later()


def fuzz(seed: int, seconds: float, *, only: int | None = None) -> tuple:
    """How many cases there were in that time, and (number, what was wrong) of each that went wrong."""
    before = signal.signal(signal.SIGALRM, _hung)
    ends, found, cases = time.monotonic() + seconds, [], 0
    try:
        for number in itertools.count() if only is None else (only,):
            if time.monotonic() > ends:
                break
            wrong = attempt(number, seed)
            cases += 1
            if wrong:
                found.append((number, wrong))
    finally:
        signal.signal(signal.SIGALRM, before)
    return cases, found


def _hung(_number, _frame):
    raise Hung


def _kind(chance, folder) -> pathlib.Path:
    """One of the kinds, as a file."""
    kind, path = _read(chance, folder)
    return path if path.is_file() else pack(folder / f"other-{kind}.ova", parts())


def _read(chance, folder):
    number = chance.randrange(len(KINDS))
    place = pathlib.Path(tempfile.mkdtemp(dir=folder))
    path = KINDS[number].make(place)
    if not path.is_file():
        path = pack(place / "packed.ova", parts())
    return number, path


def _files(path) -> dict:
    """The files of a kind, as far as the product itself finds them."""
    try:
        image = ova.Archive(str(path), lambda: open(path, "rb", buffering=0))
        return {name: image.bytes(name) for name in image.names()}
    except Error:
        return {}


def _written(path, content) -> pathlib.Path:
    path.write_bytes(content)
    return path


def _bent(chance, content: bytes, most=3) -> bytes:
    for _time in range(chance.randint(0 if most == 1 else 1, most)):
        at, length = chance.randint(0, len(content)), chance.choice((1, 1, 2, 8, 64, 512))
        what = chance.choice(("change", "cut", "take", "double", "put", "nought"))
        if what == "change":
            content = content[:at] + chance.randbytes(length) + content[at + length :]
        elif what == "cut":
            content = content[:at]
        elif what == "take":
            content = content[:at] + content[at + length :]
        elif what == "double":
            content = content[:at] + content[max(0, at - length) :]
        elif what == "put":
            content = content[:at] + chance.choice(WORDS).encode() + content[at:]
        else:
            content = content[:at] + bytes(length) + content[at + length :]
    return content


def _reworded(chance, text: str) -> str:
    """Some of its words, values and tags replaced, taken away, doubled or moved."""
    for _time in range(chance.randint(1, 4)):
        what = chance.choice(("value", "value", "text", "tag", "tag", "put"))
        pattern = {"value": r'"[^"<>]*"', "text": r">[^<>]+<", "tag": r"<[^<>]*>", "put": r"\b"}[what]
        places = [match.span() for match in re.finditer(pattern, text)]
        if not places:
            return text
        begin, end = chance.choice(places)
        word = chance.choice(
            (*WORDS, "9" * 5000, str(chance.randint(0, 2**70)), hashlib.sha256(b"x").hexdigest(), DISK_NAME)
        )
        if what in ("value", "text"):
            text = text[: begin + 1] + chance.choice((word, "", text[begin + 1 : end - 1] + word)) + text[end - 1 :]
        elif what == "tag":
            old = text[begin:end]
            text = (
                text[:begin] + chance.choice(("", old * 2, chance.choice(WORDS), old[:-1] + f" {word}>")) + text[end:]
            )
        else:
            text = text[:begin] + word + text[begin:]
    return text


def main(arguments=None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, help="the number of one case")
    given = parser.parse_args(arguments)
    cases, found = fuzz(given.seed, given.seconds, only=given.only)
    for number, wrong in found:
        print(f"== --seed {given.seed} --only {number}\n{wrong}")
    print(f"{len(found)} of {cases} images were not taken as they should be.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
