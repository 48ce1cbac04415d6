# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import Invalid
from ansible_collections.vmc.aws_backup.plugins.module_utils.image import text

XML = '<?xml version="1.0" encoding="{}"?><a>é</a>'


@pytest.mark.parametrize(
    ("reference", "name"),
    [
        ("disk.vmdk", "disk.vmdk"),
        ("./disk.vmdk", "disk.vmdk"),
        (".//a/../disk.vmdk", "disk.vmdk"),
        ("my%20disk%2Evmdk", "my disk.vmdk"),
        ("100%.vmdk", "100%.vmdk"),
        ("d%C3%AFsk", "d\u00efsk"),
        ("di\u0308sk", "d\u00efsk"),
        (b"d\xefsk", "d\u00efsk"),
        ("d\udcefsk", "d\u00efsk"),
        ("a:b.vmdk", "a:b.vmdk"),
        ("", None),
        (".", None),
        ("..", None),
        ("../x", None),
        ("a/../../x", None),
        ("%2e%2e/x", None),
        ("/etc/passwd", None),
        ("//host/x", None),
        ("https://example.org/x", None),
        ("a%00b", None),
        ("a%0Ab", None),
        ("x" * 5000, None),
    ],
)
def test_a_name_is_a_relative_reference_in_one_form(reference, name):
    assert text.normal(reference) == name


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1", "windows-1252"])
def test_a_descriptor_is_read_in_its_own_encoding(encoding):
    declared = {"utf-8-sig": "utf-8"}.get(encoding, encoding)
    read = text.decoded(XML.format(declared).encode(encoding), "its descriptor")
    assert text.as_utf8(read).lower() == XML.format("utf-8")


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_needs_no_mark(encoding):
    assert text.decoded("SHA256(é)".encode(encoding), "it") == "SHA256(é)"


def test_what_cannot_be_utf_8_is_taken_for_latin_1():
    assert text.decoded(XML.format("UTF-8").encode("latin-1"), "it") == XML.format("UTF-8")


@pytest.mark.parametrize("encoding", ["punycode", "idna", "hex", "rot13", "utf-7", "unicode_escape", "nonsense"])
def test_other_encodings_are_refused(encoding):
    with pytest.raises(Invalid, match=f"ova: it says that it is in {encoding}"):
        text.decoded(XML.format(encoding).encode(), "it")


def test_a_text_that_is_not_what_it_says_is_told_with_the_place():
    with pytest.raises(Invalid, match="it is not the SHIFT_JIS that it says it is, from byte 46 on"):
        text.decoded(b'<?xml version="1.0" encoding="shift_jis"?><a> \xff</a>', "it")


@pytest.mark.parametrize(("said", "number"), [("0", 0), (" 42 ", 42), ("007", 7)])
def test_a_number_is_digits(said, number):
    assert text.number(said, "it", 100) == number


@pytest.mark.parametrize("said", ["", "-1", "1.5", "1e3", "²", "٣", "9" * 5000])
def test_what_is_no_number_is_refused(said):
    with pytest.raises(Invalid, match="ova: it is .*, and has to be a number"):
        text.number(said, "it", 100)


def test_a_number_has_bounds():
    with pytest.raises(Invalid, match="it is 101, more than the 100 that can be"):
        text.number("101", "it", 100)


def test_what_is_shown_of_a_text_is_not_long():
    assert len(text.shown("x" * 10_000)) < 100
