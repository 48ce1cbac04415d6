# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where in a tar archive its files lie. What comes from anywhere is read in one pass, never back, and with bounded memory."""

from __future__ import annotations

import re
from dataclasses import dataclass

BLOCK = 512
MOST = 10_000
LONGEST_HEADER = 1 << 20
OCTAL = re.compile(rb"[ \0]*([0-7]{1,20})?[ \0]*")
RECORD = re.compile(rb"([0-9]{1,7}) ")
REGULAR = (b"0", b"\0", b"7")
LINKS = {b"1": "a link", b"2": "a link"}
WITHOUT_CONTENT = (*LINKS, b"3", b"4", b"5", b"6")
SPARSE = b"S"
EXTENDED, FOR_ALL, LONG_NAME, LONG_LINK = (b"x", b"X"), b"g", b"L", b"K"


class Malformed(Exception):
    """It is no archive, or not all of it."""


@dataclass
class Member:
    """A file in an archive; ``kind`` says what it is when its bytes are not simply there."""

    name: bytes
    size: int
    offset: int
    kind: str = ""


def members(handle, length: int) -> list[Member]:
    """The files of an archive of that length, in their order."""
    found: list[Member] = []
    said: dict = {}  # what headers before a file say of it
    at = 0
    for _header in range(MOST):
        if at >= length:
            break
        block = _read(handle, at, BLOCK, length)
        if not block.strip(b"\0"):
            break
        _check(block, at)
        kind, size, start = block[156:157], _number(block[124:136], at), at + BLOCK
        at = start if kind in WITHOUT_CONTENT else _after(start, size, length)
        if kind in (*EXTENDED, FOR_ALL, LONG_NAME, LONG_LINK):
            if size > LONGEST_HEADER:
                raise Malformed(f"its header at byte {start} is {size} bytes long")
            content = _read(handle, start, size, length)
            if kind == LONG_NAME:
                said[b"path"] = content.partition(b"\0")[0]
            elif kind in EXTENDED:
                said.update(_records(content, start))
            continue
        if kind in REGULAR:
            if b"size" in said:
                size = _decimal(said[b"size"], start)
                at = _after(start, size, length)
            sparse = any(key.startswith(b"GNU.sparse.") for key in said)
            name = said.get(b"path") or _name(block)
            if not name.endswith(b"/"):
                found.append(Member(name, size, start, "stored with holes (tar --sparse)" if sparse else ""))
        elif kind in LINKS or kind == SPARSE:
            what = LINKS.get(kind, "stored with holes (tar --sparse)")
            found.append(Member(said.get(b"path") or _name(block), 0, start, what))
            if kind == SPARSE:
                at = _behind_the_map(handle, block, start, size, length)
        said = {}
    else:
        raise Malformed(f"it has more than {MOST} members")
    if not found:
        raise Malformed("there is no file in it")
    return found


def _name(block) -> bytes:
    name, prefix = (block[begin:end].partition(b"\0")[0] for begin, end in ((0, 100), (345, 500)))
    return prefix + b"/" + name if prefix and block[257:263] == b"ustar\0" else name


def _behind_the_map(handle, block, start, size, length) -> int:
    """Where the content of a file with holes ends: further blocks of its map may stand before it."""
    more = block[482]
    for _block in range(MOST):
        if not more:
            return _after(start, size, length)
        more = _read(handle, start, BLOCK, length)[504]
        start += BLOCK
    raise Malformed("the map of a file with holes does not end")


def _after(start, size, length) -> int:
    if start + size > length:
        raise Malformed(f"it ends {start + size - length} bytes too early")
    return start + (size + BLOCK - 1) // BLOCK * BLOCK


def _read(handle, at, size, length) -> bytes:
    if at + size > length:
        raise Malformed("it ends in the middle of a header")
    handle.seek(at)
    content = handle.read(size)
    if len(content) < size:
        raise Malformed("it has become shorter while it was read")
    return content


def _check(block, at):
    """Whether it is a header at all: each has the sum of its own bytes in it."""
    told = OCTAL.fullmatch(block[148:156])
    rest = block[:148] + b" " * 8 + block[156:]
    signed = sum(rest) - 256 * sum(byte > 127 for byte in rest)  # as some old programs count
    if told is None or told[1] is None or int(told[1], 8) not in (sum(rest), signed):
        raise Malformed(f"its header at byte {at} is damaged" if at else "it does not begin like a tar archive")


def _number(field, at) -> int:
    """The size in a header: octal, or from 8 GiB on in base 256."""
    if field[0] == 0x80:
        return int.from_bytes(field[1:], "big")
    octal = OCTAL.fullmatch(field)
    if octal is None:
        raise Malformed(f"its header at byte {at} has no size that can be")
    return int(octal[1] or b"0", 8)


def _records(content, at) -> dict:
    """The records of an extended header: their length, a name and a value."""
    found = {}
    place = 0
    while place < len(content.rstrip(b"\0")):
        begins = RECORD.match(content, place)
        end = place + int(begins[1]) if begins else 0
        key, separator, value = content[begins.end() : end - 1].partition(b"=") if begins else (b"", b"", b"")
        if not separator or not begins.end() < end <= len(content):
            raise Malformed(f"its header at byte {at} cannot be read")
        found[key] = value
        place = end
    return found


def _decimal(text, at) -> int:
    if not re.fullmatch(b"[0-9]{1,20}", text):
        raise Malformed(f"its header at byte {at} has no size that can be")
    return int(text)
