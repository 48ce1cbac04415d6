# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import hashlib

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils import ova
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import Error, Invalid

from .images import DISK, archive, files


def read(tmp_path, parts):
    return ova.read(archive(tmp_path / "a.ova", parts))


def content(image) -> bytes:
    return b"".join(image.stream(DISK).blocks(3))


@pytest.mark.parametrize("algorithm", ["sha1", "sha256", "sha512"])
def test_a_disk_is_checked_while_it_is_read(tmp_path, algorithm):
    assert content(read(tmp_path, files(content=b"0123456789", algorithm=algorithm))) == b"0123456789"


def test_an_image_is_known_by_its_descriptor_and_manifest(tmp_path):
    parts = files()
    image = read(tmp_path, parts)
    assert image.identity == hashlib.sha256(parts["a.ovf"] + parts["a.mf"]).hexdigest()
    assert image.identity != read(tmp_path, files(content=b"DISK")).identity


def test_networks_and_adapters_are_in_the_order_of_the_descriptor(tmp_path):
    image = read(tmp_path, files(networks=("outside", "inside")))
    assert (image.networks, image.adapters) == (["outside", "inside"], ["outside", "inside"])


def test_an_ovf_with_its_files_is_the_same_image(tmp_path):
    parts = files()
    for name, data in parts.items():
        (tmp_path / name).write_bytes(data)
    image = ova.read(str(tmp_path / "a.ovf"))
    assert image.identity == read(tmp_path, parts).identity
    assert content(image) == b"disk"


def test_an_image_without_a_manifest_is_taken_as_it_is(tmp_path):
    assert content(read(tmp_path, files(manifest=False))) == b"disk"


def test_an_empty_disk_is_no_blocks(tmp_path):
    assert content(read(tmp_path, files(content=b""))) == b""


def test_a_damaged_disk_never_gives_its_last_block(tmp_path):
    image = read(tmp_path, {**files(content=b"0123456789"), DISK: b"012345678x"})
    blocks = image.stream(DISK).blocks(4)
    assert [next(blocks), next(blocks)] == [b"0123", b"4567"]
    with pytest.raises(Error, match="differs from its digest"):
        next(blocks)


def test_a_disk_that_shrinks_under_the_reader_is_told(tmp_path):
    stream = read(tmp_path, files(content=b"0123456789")).stream(DISK)
    stream.size += 10**6
    with pytest.raises(Error, match="truncated"):
        list(stream.blocks())


def without(parts, name):
    return {key: value for key, value in parts.items() if key != name}


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        (without(files(), DISK), "names disk1.vmdk, which is not there"),
        (without(files(), "a.ovf"), "holds no OVF descriptor"),
        ({**files(), "a.ovf": files(networks=("x",))["a.ovf"]}, "differs from its digest"),
        ({**files(manifest=False), "a.ovf": b"<Envelope"}, "not XML"),
        ({**files(), DISK: b"dis"}, "shorter than the 4 that the descriptor says"),
        ({**files(), "a.mf": b"SHA256(other)= 00\n"}, "no digest of disk1.vmdk"),
        (files(system="VirtualSystemCollection"), "one virtual machine"),
        (files(extra='ovf:compression="gzip"'), "stored with compression"),
        (files(extra='ovf:chunkSize="1024"'), "stored with chunkSize"),
    ],
)
def test_what_cannot_be_deployed_is_refused_before_anything_is_sent(tmp_path, parts, said):
    with pytest.raises(Invalid, match=said):
        read(tmp_path, parts)


def test_a_truncated_archive_is_refused(tmp_path):
    path = tmp_path / "a.ova"
    archive(path, files(content=b"x" * 100_000))
    path.write_bytes(path.read_bytes()[:50_000])
    with pytest.raises(Invalid, match="not a complete OVA"):
        ova.read(str(path))


@pytest.mark.parametrize("name", ["missing.ova", "missing.ovf"])
def test_a_path_that_is_not_there_is_told(tmp_path, name):
    with pytest.raises(Invalid, match="cannot be read: No such file"):
        ova.read(str(tmp_path / name))
