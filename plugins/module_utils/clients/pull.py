# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Letting ESXi fetch the disks of an image from their web server itself."""

from __future__ import annotations

import time

from .. import wait
from ..errors import ApiError, Error, Invalid
from .nfc import Lease
from .vsphere import failure, vim

ATTEMPTED = "let the ESXi host fetch the disks"
TASK = "HttpNfcLeasePullFromUrls_Task"
SINCE = (6, 7)
LONGEST = 5
# What a host can compute of what it receives. Manifests call them the same.
CHECKSUMS = ("sha1", "sha256")


def refuse(image):
    """Invalid when no host could fetch the disks of this image."""
    if not image.source.remote:
        raise Invalid(
            "pull", "needs an ova that is an https:// address, since the ESXi host fetches the disks from there"
        )
    for name, (stored, compressed) in image.files.items():
        if compressed or stored != [name]:
            how = "packed with gzip" if compressed else "cut into chunks"
            raise Invalid("pull", f"{name} of the image is {how}, and only an upload puts it together. Leave pull out")


def pull(lease: Lease, image, items):
    """Have the host fetch every file that vCenter asked for, and compare what it received with the manifest.

    Where the host does not tell the digest that the manifest has, or the image has a checksum of the whole, the same file of the server is
    read from here too.
    """
    if lease.client.api_version < SINCE or not getattr(lease.read("capabilities"), "pullModeSupported", False):
        raise ApiError("vCenter says that it cannot. Leave pull out", attempted=ATTEMPTED, service="vCenter")
    expected = {lease.url(item).key: image.digests.get(item.path) for item in items}
    _ask_for_digests(lease, expected)
    url, thumbprint = image.source.handle.served_by
    files = [
        vim.HttpNfcLease.SourceFile(
            targetDeviceId=item.deviceId,
            url=url,
            memberName=image.source.stored(item.path),
            create=item.create,
            sslThumbprint=thumbprint,
        )
        for item in items
    ]
    size = sum(image.source.size(item.path) for item in items)
    whole = image.source.checksum is not None
    task = lease.call(TASK, files, attempted=ATTEMPTED)
    _watch(lease, task, image, url, size, size * 2 if whole else size)
    if whole or not _received(lease, expected):
        _read_here(lease, image, items, size)


def _ask_for_digests(lease, expected):
    kinds = [
        vim.KeyValue(key=key, value=digest[0]) for key, digest in expected.items() if digest and digest[0] in CHECKSUMS
    ]
    try:
        lease.call("HttpNfcLeaseSetManifestChecksumType", kinds, attempted=ATTEMPTED)
    except ApiError:
        # Then it tells none, or others.
        pass


def _watch(lease, task, image, url, size, total):
    seen, moved_at = -1, time.monotonic()

    def verdict(state):
        nonlocal seen, moved_at
        lease.check(ATTEMPTED)
        info, percent = state
        if info is not None and info.state == "error":
            info.error.msg = (info.error.msg or "").replace(url, image.source.name)
            raise lease.because(failure(info.error, ATTEMPTED, TASK))
        if percent > seen:
            seen, moved_at = percent, time.monotonic()
            lease.moved(image.source.name, size * percent // 100, total)
        elif time.monotonic() - moved_at > lease.stall_timeout:
            raise Error(f"Could not {ATTEMPTED}: nothing moved for {lease.stall_timeout:g} seconds (stall_timeout).")
        return info is not None and info.state == "success"

    try:
        wait.until(lambda: _state(lease, task), verdict, timeout=float("inf"), interval=0.2, longest=LONGEST)
    except Error:
        try:
            lease.client.call(task, "CancelTask", attempted="cancel it", missing=True)
        except ApiError:
            pass
        raise


def _state(lease, task):
    """The task's info, None where vCenter did not answer this once, and how far it is, in percent."""
    kinds = {vim.Task: ["info"], vim.HttpNfcLease: ["transferProgress"]}
    try:
        found = lease.client.read([task, lease.lease], kinds)
    except ApiError as error:
        if not error.retryable:
            lease.lose(error)
        return None, -1
    info = found[task]["info"]
    return info, max(info.progress or 0, found.get(lease.lease, {}).get("transferProgress") or 0)


def _received(lease, expected) -> bool:
    """Whether the host tells the digests that were expected. Error where it received something else."""
    if not any(expected.values()):
        return True
    try:
        told = lease.call("HttpNfcLeaseGetManifest", attempted=ATTEMPTED) or []
    except ApiError:
        return False
    entries = {entry.key: entry for entry in told}
    compared = 0
    for key, (algorithm, digest) in expected.items():
        entry = entries.get(key)
        if entry is None or (entry.checksumType or "").lower() != algorithm or not entry.checksum:
            continue
        if entry.checksum.lower() != digest:
            raise Error(f"What the ESXi host received as {key} differs from its digest in the manifest.")
        compared += 1
    return compared == len(expected)


def _read_here(lease, image, items, size):
    for stream in image.streams([item.path for item in items]):
        for _block in stream.blocks(lease.stall_timeout):
            lease.check(f"read {image.source.name}")
            lease.moved(stream.name, size + stream.taken, 2 * size)
    image.finish()
