# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import gzip
import hashlib

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import Error, Invalid
from ansible_collections.vmc.aws_backup.plugins.module_utils.image import ova, stream

from .images import DISK, archive, files


def read(tmp_path, parts):
    return ova.read(archive(tmp_path / "a.ova", parts))


def content(image) -> bytes:
    """The disk as it would be sent."""
    (disk,) = image.streams([DISK])
    sent = b"".join(disk.blocks(5))
    assert disk.taken == disk.stored
    image.finish()
    return sent


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch):
    monkeypatch.setattr(stream, "BLOCK", 4)


@pytest.mark.parametrize("manifest", ["early", "last"])
@pytest.mark.parametrize("algorithm", ["sha1", "sha256", "sha512"])
def test_a_disk_is_checked_while_it_is_read(tmp_path, algorithm, manifest):
    parts = files(content=b"0123456789", algorithm=algorithm, manifest=manifest)
    assert content(read(tmp_path, parts)) == b"0123456789"
    with pytest.raises(Error, match="disk1.vmdk differs from its digest"):
        content(read(tmp_path, {**parts, DISK: b"012345678x"}))


PLAIN = bytes(range(256)) * 5


@pytest.mark.parametrize("how", [{"packed": True}, {"chunk": 100}, {"packed": True, "chunk": 100}, {"chunk": 1280}])
def test_a_disk_that_is_packed_or_cut_is_put_together(tmp_path, how):
    parts = files(content=PLAIN, **how)
    assert content(read(tmp_path, parts)) == PLAIN
    for name, data in parts.items():
        (tmp_path / name).write_bytes(data)
    assert content(ova.read(str(tmp_path / "a.ovf"))) == PLAIN


def test_a_packed_disk_that_was_changed_is_told_by_its_digest(tmp_path):
    parts = files(content=PLAIN, packed=True)
    with pytest.raises(Error, match="differs from its digest"):
        content(read(tmp_path, {**parts, DISK: parts[DISK][:-1] + b"x"}))


@pytest.mark.parametrize(
    ("stored", "said"),
    [
        (gzip.compress(PLAIN)[:-9], "ends in the middle"),
        (b"not packed at all", "not what gzip packs"),
        (b"", "ends in"),
    ],
    ids=["cut off", "not packed", "empty"],
)
def test_a_disk_that_gzip_did_not_pack_is_told(tmp_path, stored, said):
    parts = {**files(content=PLAIN, packed=True, manifest=False), DISK: stored}
    with pytest.raises(Error, match=said):
        content(read(tmp_path, parts))


@pytest.mark.parametrize("algorithm", ["sha1", "sha256", "sha512"])
def test_a_checksum_is_of_the_whole_file(tmp_path, algorithm):
    path = archive(tmp_path / "a.ova", files(content=PLAIN))
    right = hashlib.new(algorithm, open(path, "rb").read()).hexdigest()
    assert content(ova.read(path, checksum=f"{algorithm}:{right.upper()}")) == PLAIN
    wrong = hashlib.new(algorithm, b"another").hexdigest()
    with pytest.raises(Error, match="differs from checksum"):
        content(ova.read(path, checksum=f"{algorithm}:{wrong}"))


def test_a_checksum_covers_what_no_file_needs(tmp_path):
    path = archive(tmp_path / "a.ova", files())
    right = hashlib.sha256(open(path, "rb").read()).hexdigest()
    with open(path, "r+b") as target:
        target.seek(-1, 2)
        target.write(b"x")
    with pytest.raises(Error, match="differs from checksum"):
        content(ova.read(path, checksum=f"sha256:{right}"))


@pytest.mark.parametrize("checksum", ["sha256:00", "md5:" + "0" * 32, "0" * 64, "sha256:" + "x" * 64])
def test_a_checksum_that_cannot_be_one_is_refused(tmp_path, checksum):
    with pytest.raises(Invalid) as caught:
        ova.read(archive(tmp_path / "a.ova", files()), checksum=checksum)
    assert caught.value.option == "checksum"


def test_an_ovf_has_no_checksum(tmp_path):
    with pytest.raises(Invalid, match="checksum: is of an OVA"):
        ova.read(str(tmp_path / "a.ovf"), checksum="sha256:" + "0" * 64)


def test_an_image_can_be_read_again(tmp_path):
    path = archive(tmp_path / "a.ova", files(content=PLAIN))
    image = ova.read(path, checksum="sha256:" + hashlib.sha256(open(path, "rb").read()).hexdigest())
    next(image.streams([DISK])[0].blocks())
    image.close()
    assert content(image) == PLAIN


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
    blocks = image.streams([DISK])[0].blocks()
    assert [next(blocks), next(blocks)] == [b"0123", b"4567"]
    with pytest.raises(Error, match="differs from its digest"):
        next(blocks)


def test_a_disk_that_shrinks_under_the_reader_is_told(tmp_path):
    path = archive(tmp_path / "a.ova", files(content=b"x" * 100_000))
    image = ova.read(path)
    with open(path, "r+b") as target:
        target.truncate(50_000)
    with pytest.raises(Error, match="truncated"):
        content(image)


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
        ({**files(), "a.mf": b"SHA256(other)= " + b"0" * 64}, "no digest of disk1.vmdk"),
        (files(system="VirtualSystemCollection"), "one virtual machine"),
        (files(extra='ovf:compression="bzip2"'), "packed with bzip2, and only gzip"),
        (files(extra='ovf:chunkSize="many"'), "chunkSize of disk1.vmdk in its descriptor is 'many'"),
        (files(extra='ovf:chunkSize="1024"'), "names disk1.vmdk.000000000, which is not there"),
        (without(files(content=b"12345", chunk=2), "disk1.vmdk.000000001"), "4 bytes|shorter than"),
        ({**files(content=b"12345", chunk=2), "disk1.vmdk.000000000": b"1"}, "is 1 bytes instead of 2"),
        ({**files(), "a.mf": b"MD5(disk1.vmdk)= 00\n"}, "has no digest in it"),
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


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("http://images.example.org/a.ova", "http:// is refused"),
        ("ftp://images.example.org/a.ova", "ftp:// is no kind"),
        ("https://me:secret@images.example.org/a.ova", "a user name and password"),
        ("https://images.example.org:port/a.ova", "port"),
    ],
)
def test_an_address_that_nothing_is_read_from_is_refused(address, said):
    with pytest.raises(Invalid, match=said) as caught:
        ova.read(address)
    assert "secret" not in str(caught.value)


def test_a_file_outside_the_folder_of_an_ovf_is_not_read(tmp_path):
    (tmp_path / "inner").mkdir()
    (tmp_path / "disk1.vmdk").write_bytes(b"disk")
    descriptor = files(manifest=False)["a.ovf"].replace(b"disk1.vmdk", b"../disk1.vmdk")
    (tmp_path / "inner" / "a.ovf").write_bytes(descriptor)
    with pytest.raises(Invalid, match="which is not there"):
        ova.read(str(tmp_path / "inner" / "a.ovf"))
