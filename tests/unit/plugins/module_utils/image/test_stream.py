# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import gzip
import threading
import time

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import Error
from ansible_collections.vmc.aws_backup.plugins.module_utils.image import stream


def test_blocks_keep_their_order_and_are_read_ahead():
    read = []

    def source():
        for number in range(20):
            read.append(number)
            yield number

    blocks = stream.ahead(source(), 5, "disk")
    assert next(blocks) == 0
    deadline = time.monotonic() + 5
    while len(read) < stream.DEPTH and time.monotonic() < deadline:
        time.sleep(0.01)
    assert stream.DEPTH <= len(read) <= stream.DEPTH + 1
    assert list(blocks) == list(range(1, 20))


def test_a_source_that_stands_still_is_told():
    released = threading.Event()

    def source():
        yield b"x"
        released.wait(10)

    blocks = stream.ahead(source(), 0.1, "disk1.vmdk")
    assert next(blocks) == b"x"
    with pytest.raises(Error, match="Nothing more of disk1.vmdk could be read for 0.1 seconds"):
        next(blocks)
    released.set()


def test_a_source_that_fails_says_why():
    def source():
        yield b"x"
        raise Error("the disk is on fire")

    with pytest.raises(Error, match="on fire"):
        list(stream.ahead(source(), 5, "disk"))


def test_what_is_packed_very_well_is_unpacked_in_small_blocks(monkeypatch):
    monkeypatch.setattr(stream, "BLOCK", 1000)
    packed = gzip.compress(bytes(10**6))
    blocks = list(stream.inflated(iter([packed]), "disk"))
    assert (sum(map(len, blocks)), max(map(len, blocks))) == (10**6, 1000)


@pytest.mark.parametrize("cut", range(1, 60, 7))
def test_it_does_not_matter_where_the_blocks_of_packed_parts_end(cut):
    packed = gzip.compress(b"0123456789" * 3) + gzip.compress(b"abc")
    pieces = [packed[place : place + cut] for place in range(0, len(packed), cut)]
    assert b"".join(stream.inflated(iter(pieces), "disk")) == b"0123456789" * 3 + b"abc"


def test_with_a_checksum_a_file_is_not_sent_twice(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"0123456789")
    with open(path, "rb") as handle:
        tape = stream.Tape(handle, "a", 10, stream.Digest("sha256", "0"))
        assert b"".join(tape.blocks(2, 3)) == b"234"
        with pytest.raises(Error, match="needed twice"):
            list(tape.blocks(2, 3))
