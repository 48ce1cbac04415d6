# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the modules of one run share where they are forks of one process: an anonymous file, which ends with the last of them."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import tempfile

_file = None


def begin() -> None:
    """Open the store of this process and of all its forks. Where nobody did, each module keeps what it fetches for itself."""
    global _file
    if _file is None:
        _file = os.fdopen(os.memfd_create("run"), "w+b") if hasattr(os, "memfd_create") else tempfile.TemporaryFile()


def kept(key: str, good, fetch):
    """What is kept under a key, if ``good(it)``; else what ``fetch()`` returns, which is kept from now on. One process fetches at a time."""
    if _file is None:
        return fetch()
    with _locked():
        held = _read()
        if key not in held or not good(held[key]):
            held[key] = fetch()
            _write(held)
        return held[key]


@contextlib.contextmanager
def _locked():
    # Of the process, as flock's is not: that one is shared by forks.
    fcntl.lockf(_file, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.lockf(_file, fcntl.LOCK_UN)


def _read() -> dict:
    text = os.pread(_file.fileno(), os.fstat(_file.fileno()).st_size, 0)
    try:
        return json.loads(text or b"{}")
    except ValueError:  # a process was killed while it wrote
        return {}


def _write(held: dict) -> None:
    text = json.dumps(held).encode()
    os.ftruncate(_file.fileno(), 0)
    os.pwrite(_file.fileno(), text, 0)
