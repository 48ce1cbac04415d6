# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import io
import tarfile

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.image import tar
from image_kinds import header, padded

END = bytes(1024)


def members(content):
    return tar.members(io.BytesIO(content), len(content))


def size(number):
    return b"%011o\0" % number


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_the_files_are_where_tarfile_puts_them(form):
    files = {"a.ovf": b"x" * 700, "folder/" + "n" * 90 + "/disk.vmdk": b"y" * 512, "empty": b""}
    if form != tarfile.USTAR_FORMAT:
        files["l" * 300] = b"long"
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w", format=form) as archive:
        folder = tarfile.TarInfo("folder")
        folder.type = tarfile.DIRTYPE
        archive.addfile(folder)
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    content = written.getvalue()
    found = members(content)
    assert {one.name.decode(): content[one.offset : one.offset + one.size] for one in found} == files
    assert [one.name.decode() for one in found] == list(files)
    assert {one.kind for one in found} == {""}


def test_a_size_may_be_in_base_256_and_in_an_extended_header():
    eight = b"\x80" + (8).to_bytes(11, "big")
    assert [(one.name, one.size) for one in members(header(b"a", eight) + padded(b"12345678") + END)] == [(b"a", 8)]
    record = b"10 size=8\n"
    content = (
        header(b"x", size(10), b"x")
        + padded(record)
        + header(b"a", size(0))
        + padded(b"12345678")
        + header(b"b", size(0))
        + END
    )
    assert [(one.name, one.size) for one in members(content)] == [(b"a", 8), (b"b", 0)]


def test_what_is_said_of_all_members_is_not_said_of_the_next_one():
    content = header(b"g", size(14), b"g") + padded(b"14 path=other\n") + header(b"a", size(0)) + END
    assert [one.name for one in members(content)] == [b"a"]


@pytest.mark.parametrize(
    ("kind", "what"), [(b"1", "a link"), (b"2", "a link"), (b"S", "stored with holes (tar --sparse)")]
)
def test_what_is_no_plain_file_is_told_as_what_it_is(kind, what):
    assert members(header(b"a", size(0), kind) + END)[0].kind == what


def test_a_file_with_holes_as_posix_has_it_is_told_too():
    record = b"22 GNU.sparse.major=1\n"
    content = header(b"x", size(len(record)), b"x") + padded(record) + header(b"a", size(0)) + END
    assert members(content)[0].kind == "stored with holes (tar --sparse)"


def test_the_prefix_of_a_name_is_posix_s_only():
    block = bytearray(header(b"a", size(0), magic=b"ustar  \0"))
    block[345:348] = b"dir"
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    assert members(bytes(block) + END)[0].name == b"a"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "there is no file in it"),
        (END, "there is no file in it"),
        (b"x" * 600, "does not begin like a tar archive"),
        (header(b"a", size(0)) + b"x" * 512, "its header at byte 512 is damaged"),
        (header(b"a", size(600)) + bytes(512), "it ends 88 bytes too early"),
        (header(b"a", size(0)) + bytes(100), "in the middle of a header"),
        (header(b"a", b"\xff" * 12), "no size that can be"),
        (header(b"a", b"8888\0"), "no size that can be"),
        (header(b"x", size(5), b"x") + padded(b"0 a=b"), "cannot be read"),
        (header(b"x", size(9), b"x") + padded(b"99 a=b\n12"), "cannot be read"),
        (header(b"x", size(12), b"x") + padded(b"12 size=-10\n") + header(b"a", size(0)), "no size that can be"),
        (header(b"x", size(1 << 21), b"x") + bytes(1 << 21), "bytes long"),
        (header(b"a", size(0)) * 10_001, "more than 10000 members"),
    ],
)
def test_what_is_no_archive_is_told(content, says):
    with pytest.raises(tar.Malformed, match=says):
        members(content)


def test_a_file_that_shrinks_while_it_is_read_is_told():
    content = header(b"a", size(0)) + END
    with pytest.raises(tar.Malformed, match="has become shorter"):
        tar.members(io.BytesIO(content[:512]), len(content))
