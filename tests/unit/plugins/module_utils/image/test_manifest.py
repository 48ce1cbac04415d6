# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import Invalid
from ansible_collections.vmc.aws_backup.plugins.module_utils.image import manifest

ONE, TWO = "0" * 64, "1" * 64


def digests(text):
    return manifest.digests(text.encode(), "a.mf")


@pytest.mark.parametrize(
    ("spelled", "meant"),
    [
        ("SHA1", "sha1"),
        ("SHA-1", "sha1"),
        ("sha256", "sha256"),
        ("Sha-256", "sha256"),
        ("sha2-256", "sha256"),
        ("SHA2/256", "sha256"),
        ("SHA384", "sha384"),
        ("SHA_512", "sha512"),
        ("SHA3-256", "sha3_256"),
        ("MD5", None),
        ("SHA", None),
        ("SHA224", None),
    ],
)
def test_an_algorithm_is_meant_however_it_is_spelled(spelled, meant):
    assert manifest.algorithm(spelled) == meant


@pytest.mark.parametrize(
    "line",
    [
        "SHA256(a.vmdk)= {}",
        "SHA256 (a.vmdk) = {}",
        "SHA2-256(./a.vmdk)={}",
        "sha-256(a%2Evmdk)= {}",
        "  SHA256(a.vmdk)= {}  ",
        "{}  a.vmdk",
        "{} *a.vmdk",
        "{}  ./a.vmdk",
    ],
)
def test_each_way_to_write_a_line_is_read(line):
    assert digests(line.format(ONE)) == {"a.vmdk": ("sha256", ONE)}


def test_a_name_may_hold_parentheses():
    assert digests(f"SHA256(a (1).vmdk)= {ONE}") == {"a (1).vmdk": ("sha256", ONE)}


def test_the_stronger_of_two_digests_counts():
    weak = f"SHA1(a)= {'2' * 40}"
    strong = f"SHA256(a)= {ONE}"
    for lines in ((weak, strong), (strong, weak)):
        assert digests("\n".join(lines)) == {"a": ("sha256", ONE)}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            f"SHA256(a)= {ONE}\r\n\r\nwhat",
            "line 3 of its manifest a.mf cannot be read: 'what'. It has to be like SHA256",
        ),
        (f"SHA256(a)= {ONE}\rSHA256 a {ONE}", "line 2 of its manifest a.mf cannot be read"),
        ("MD5(a)= 00", "line 1 of its manifest a.mf has no digest in it that can be checked: it is of the kind MD5"),
        (f"SHA256(a)= {ONE[1:]}", "line 1 of its manifest a.mf has a digest of 63 digits, and one of sha256 has 64"),
        ("SHA256(a)=", "line 1 of its manifest a.mf has a digest of 0 digits"),
        (f"SHA256(/a)= {ONE}", "line 1 of its manifest a.mf names '/a', which is no file of the image"),
        (
            f"SHA256(a)= {ONE}\nSHA256(./a)= {TWO}",
            "line 2 of its manifest a.mf tells another digest of a than a line before",
        ),
    ],
)
def test_a_line_that_cannot_be_is_told_by_its_number(text, says):
    with pytest.raises(Invalid, match="ova: ") as caught:
        digests(text)
    assert says in str(caught.value)
