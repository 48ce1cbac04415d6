# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bytes on their way from an image to a lease: read ahead, digested beside, never more than a few blocks in memory."""

from __future__ import annotations

import hashlib
import zlib
from collections import deque
from concurrent import futures
from dataclasses import dataclass
from typing import Callable

from ..errors import Error

BLOCK = 4 << 20
DEPTH = 2


class Digest:
    """A digest that is computed in a thread of its own, while the same bytes are sent."""

    def __init__(self, algorithm: str, expected: str):
        self.expected = expected
        self._hash = hashlib.new(algorithm)
        self._pool = futures.ThreadPoolExecutor(1)
        self._pending: deque = deque()

    def update(self, block):
        self._pending.append(self._pool.submit(self._hash.update, block))
        if len(self._pending) > DEPTH:
            self._pending.popleft().result()

    def matches(self) -> bool:
        while self._pending:
            self._pending.popleft().result()
        return self._hash.hexdigest() == self.expected

    def close(self):
        self._pool.shutdown(wait=False)


class Tape:
    """A file of which some stretches are wanted, in order. With a digest of the whole, what lies between is read as well."""

    def __init__(self, handle, name: str, size: int, whole: Digest | None = None):
        self.handle = handle
        self.name = name
        self.size = size
        self.whole = whole

    def blocks(self, start: int, size: int):
        if self.whole is None:
            self.handle.seek(start)
        elif start < self.handle.tell():
            raise Error(f"ova: {self.name} has a file that is needed twice, and with checksum it is read only once.")
        else:
            for _between in self._read(start - self.handle.tell()):
                pass
        yield from self._read(size)

    def finish(self):
        """Read what is left, and refuse the file if it is not the one that was asked for."""
        if self.whole is None:
            return
        for _rest in self._read(self.size - self.handle.tell()):
            pass
        if not self.whole.matches():
            raise Error(f"ova: {self.name} differs from checksum: it is another file, or damaged.")

    def _read(self, left):
        while left > 0:
            try:
                block = self.handle.read(min(BLOCK, left))
            except OSError as error:
                raise Error(f"ova: {self.name} cannot be read: {error.strerror or error}.") from None
            if not block:
                raise Error(f"ova: {self.name} ends {left} bytes too early: the image is truncated.")
            left -= len(block)
            if self.whole is not None:
                self.whole.update(block)
            yield block


@dataclass
class Part:
    """One stored file: all of a disk, or a chunk of it. ``blocks()`` reads it; ``digest`` is (algorithm, expected) or None.

    What comes from a ``remote`` place is fetched while the blocks before it are sent.
    """

    name: str
    size: int
    digest: tuple | None
    blocks: Callable
    remote: bool = False


class Stream:
    """A file as it is to be sent, read once from front to back. ``stored`` is its length in the image, ``taken`` how much of that was read."""

    def __init__(self, name: str, parts: list[Part], *, compressed: bool = False):
        self.name = name
        self.parts = parts
        self.compressed = compressed
        self.stored = sum(part.size for part in parts)
        self.taken = 0

    @property
    def size(self) -> int | None:
        """How many bytes will be sent, or None when only unpacking tells."""
        return None if self.compressed else self.stored

    def blocks(self, stall_timeout: float | None = None):
        """What is to be sent. The last block of each stored file is given out only when its digest is right."""
        stored = self._stored(stall_timeout)
        return inflated(stored, self.name) if self.compressed else stored

    def _stored(self, stall_timeout):
        for part in self.parts:
            digest = Digest(*part.digest) if part.digest else None
            last = None
            try:
                for block in ahead(part.blocks(), stall_timeout, part.name) if part.remote else part.blocks():
                    if last is not None:
                        yield last
                    if digest is not None:
                        digest.update(block)
                    self.taken += len(block)
                    last = block
                if digest is not None and not digest.matches():
                    raise Error(f"ova: {part.name} differs from its digest in the manifest: the image is damaged.")
            finally:
                if digest is not None:
                    digest.close()
            if last is not None:
                yield last


def ahead(blocks, timeout: float | None, name: str):
    """The same blocks, read in another thread a few before they are asked for. Error when none comes for ``timeout`` seconds."""
    pool = futures.ThreadPoolExecutor(1)
    try:
        coming = deque(pool.submit(next, blocks, None) for _number in range(DEPTH))
        while True:
            try:
                block = coming.popleft().result(timeout)
            except (futures.TimeoutError, TimeoutError):
                raise Error(f"Nothing more of {name} could be read for {timeout:g} seconds (ova).") from None
            if block is None:
                return
            coming.append(pool.submit(next, blocks, None))
            yield block
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def inflated(blocks, name: str):
    """What gzip packed, in blocks of a limited size however well it was packed."""
    packed = _gzip()
    ended = False
    try:
        for block in blocks:
            while block or not ended:
                if packed.eof:
                    packed = _gzip()
                plain = packed.decompress(block, BLOCK)
                if plain:
                    yield plain
                ended = packed.eof
                block = packed.unused_data if ended else packed.unconsumed_tail
                if not block and len(plain) < BLOCK:
                    break
    except zlib.error as error:
        raise Error(f"ova: {name} is not what gzip packs ({error}): the image is damaged.") from None
    if not ended:
        raise Error(f"ova: {name} ends in the middle of what gzip packed: the image is truncated.")


def _gzip():
    return zlib.decompressobj(16 + zlib.MAX_WBITS)
