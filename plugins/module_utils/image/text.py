# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an image says as text: in whatever encoding it was written, with names in one form and numbers that are bounded."""

from __future__ import annotations

import codecs
import posixpath
import re
import unicodedata
from urllib.parse import unquote_to_bytes

from ..errors import Invalid

BEGINNINGS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Those of Python that read any text in one pass.
ENCODINGS = re.compile(
    r"utf-8|utf-16(-[lb]e)?|ascii|iso8859-[0-9]{1,2}|cp125[0-8]|cp437|cp850|shift_jis|cp932|euc_jp|gb18030|gbk|big5|euc_kr"
)
DECLARED = re.compile(r"""<\?xml[^>]{0,200}?\sencoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
LONGEST_NAME = 4096
LONGEST_SHOWN = 80


def decoded(content: bytes, what: str) -> str:
    """The text of a file: as its first bytes or its XML declaration say, else UTF-8, or Latin-1 where it cannot be that."""
    for beginning, encoding in BEGINNINGS:
        if content.startswith(beginning):
            return _read(content[len(beginning) :], encoding, what)
    if b"\0" in content[:2]:  # without a mark, as some editors write it
        return _read(content, "utf-16-be" if content[:1] == b"\0" else "utf-16-le", what)
    declared = DECLARED.match(content[:400].decode("latin-1"))
    encoding = _known(declared[1], what) if declared else "utf-8"
    if encoding.startswith(("utf-16", "ascii")):  # it would have begun otherwise; and ASCII is UTF-8 as well
        encoding = "utf-8"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return content.decode("latin-1") if encoding == "utf-8" else _read(content, encoding, what)


def as_utf8(text: str) -> str:
    """An XML document whose declaration says what it is sent in."""
    declared = DECLARED.match(text)
    if declared is None or declared[1].lower() in ("utf-8", "utf8"):
        return text
    return f"{text[: declared.start(1)]}UTF-8{text[declared.end(1) :]}"


def normal(reference) -> str | None:
    """The name of a file in one form, whether a descriptor, a manifest, an archive or vCenter says it; None where it is no file of the image.

    They are relative URI references: ``./disk%201.vmdk`` is the same file as ``disk 1.vmdk``.
    """
    raw = reference if isinstance(reference, bytes) else reference.encode("utf-8", "surrogateescape")
    if not 0 < len(raw) <= LONGEST_NAME or b"://" in raw:
        return None
    raw = unquote_to_bytes(raw)
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    name = posixpath.normpath(unicodedata.normalize("NFC", text))
    outside = name.startswith("/") or name.split("/")[0] in (".", "..")
    return None if outside or min(name) < " " else name


def number(text: str, what: str, most: int) -> int:
    digits = text.strip()
    if not re.fullmatch("[0-9]{1,30}", digits):
        raise Invalid("ova", f"{what} is {shown(digits)}, and has to be a number")
    if int(digits) > most:
        raise Invalid("ova", f"{what} is {digits}, more than the {most} that can be")
    return int(digits)


def shown(text: str) -> str:
    """Text of an image in a message."""
    return repr(text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}...")


def _known(name: str, what: str) -> str:
    try:
        encoding = codecs.lookup(name).name
    except LookupError:
        encoding = ""
    if not ENCODINGS.fullmatch(encoding):
        raise Invalid("ova", f"{what} says that it is in {name}, which cannot be read. UTF-8 is usual")
    return encoding


def _read(content: bytes, encoding: str, what: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise Invalid(
            "ova", f"{what} is not the {encoding.upper()} that it says it is, from byte {error.start} on"
        ) from None
