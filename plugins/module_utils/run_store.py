# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the modules of one run share where they are forks of one process: an anonymous file, which ends with the last of them."""

from __future__ import annotations

import os

from .anonymous import anonymous, locked, read, write

_file = None


def begin() -> None:
    """Open the store of this process and of all its forks. Where nobody did, each module keeps what it fetches for itself."""
    global _file
    if _file is None:
        with anonymous() as file:
            _file = os.dup(file.fileno())  # a number, which may be left open where a file may not


def kept(key: str, good, fetch):
    """What is kept under a key, if ``good(it)``; else what ``fetch()`` returns, which is kept from now on. One process fetches at a time."""
    if _file is None:
        return fetch()
    with locked(_file):
        held = read(_file)
        if key not in held or not good(held[key]):
            held[key] = fetch()
            write(_file, held)
        return held[key]
