# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The manifest of an image: the digest of each of its files."""

from __future__ import annotations

import hashlib
import re

from ..errors import Invalid
from .text import decoded, normal, shown

# By the letters and digits of what people and programs call them; the stronger stands behind the weaker.
ALGORITHMS = {
    "sha1": "sha1",
    "sha256": "sha256",
    "sha2256": "sha256",
    "sha384": "sha384",
    "sha2384": "sha384",
    "sha512": "sha512",
    "sha2512": "sha512",
    "sha3256": "sha3_256",
    "sha3384": "sha3_384",
    "sha3512": "sha3_512",
}
STRENGTH = list(dict.fromkeys(ALGORITHMS.values()))
LINE = re.compile(r"([A-Za-z0-9][A-Za-z0-9/_ -]*)\((.+)\)\s*=\s*([0-9a-fA-F]*)\s*")
# As sha256sum writes it, which tells the algorithm by the length only.
BARE = re.compile(r"([0-9a-fA-F]{40,128})\s[\s*]?(.+)")
BY_LENGTH = {40: "sha1", 64: "sha256", 96: "sha384", 128: "sha512"}
RIGHT = "It has to be like SHA256(disk1.vmdk)= and 64 hexadecimal digits"


def algorithm(said: str) -> str | None:
    """The algorithm that is meant by SHA256, SHA-256, sha2-256 and the like."""
    return ALGORITHMS.get(re.sub("[^a-z0-9]", "", said.lower()))


def digits(name: str) -> int:
    """How many hexadecimal digits such a digest has."""
    return 2 * hashlib.new(name).digest_size


def digests(content: bytes, called: str) -> dict:
    """File name -> (algorithm, digest). Invalid names the line that cannot be read."""
    found: dict = {}
    for number, line in enumerate(re.split("\r\n|\r|\n", decoded(content, f"its manifest {called}")), start=1):
        if not line.strip(" \t\0") or line.startswith("#"):
            continue
        name, kind, digest = _entry(line.strip(), f"line {number} of its manifest {called}")
        before = found.get(name)
        if before and before[0] == kind and before[1] != digest:
            raise Invalid(
                "ova", f"line {number} of its manifest {called} tells another digest of {name} than a line before"
            )
        if before is None or STRENGTH.index(kind) >= STRENGTH.index(before[0]):
            found[name] = (kind, digest)
    return found


def _entry(line, where) -> tuple:
    match = LINE.fullmatch(line)
    bare = None if match else BARE.fullmatch(line)
    if bare and len(bare[1]) in BY_LENGTH:
        kind, name, digest = BY_LENGTH[len(bare[1])], bare[2], bare[1]
    elif match:
        kind, name, digest = algorithm(match[1]), match[2], match[3]
        if kind is None:
            known = f"it is of the kind {match[1].strip()}, and SHA1, SHA256, SHA384, SHA512 and SHA3 are known"
            raise Invalid("ova", f"{where} has no digest in it that can be checked: {known}")
    else:
        raise Invalid("ova", f"{where} cannot be read: {shown(line)}. {RIGHT}")
    if len(digest) != digits(kind):
        raise Invalid("ova", f"{where} has a digest of {len(digest)} digits, and one of {kind} has {digits(kind)}")
    file = normal(name)
    if file is None:
        raise Invalid("ova", f"{where} names {shown(name)}, which is no file of the image")
    return file, kind, digest.lower()
