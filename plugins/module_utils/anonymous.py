# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files without a name, which end with the last process that has them open and are handed to no other program."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import tempfile


def anonymous():
    """Such a file, in memory where the system can do that."""
    return (
        os.fdopen(os.memfd_create("vmc.aws_backup"), "w+b") if hasattr(os, "memfd_create") else tempfile.TemporaryFile()
    )


def read(descriptor: int) -> dict:
    """What was written last; nothing where a process was killed while it wrote."""
    text = os.pread(descriptor, os.fstat(descriptor).st_size, 0)
    try:
        return json.loads(text or b"{}")
    except ValueError:
        return {}


def write(descriptor: int, held: dict) -> None:
    text = json.dumps(held).encode()
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, text, 0)


@contextlib.contextmanager
def locked(descriptor: int):
    """Have it for oneself, among the forks of a process."""
    # Of the process, as flock's is not: that one is shared by forks.
    fcntl.lockf(descriptor, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.lockf(descriptor, fcntl.LOCK_UN)
