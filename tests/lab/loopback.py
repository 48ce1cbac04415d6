# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Labs run side by side: each has a part of the loopback network for itself."""

from __future__ import annotations

import socket

BLOCKS = range(64, 251)
PORT = 8999


class Crowded(Exception):
    """No part of the loopback network is free."""


def claim():
    """The socket that holds 127.<block>.0.0/16 until it is closed, and the block."""
    for block in BLOCKS:
        held = socket.socket()
        try:
            held.bind((f"127.{block}.0.1", PORT))
            return held, block
        except OSError:
            held.close()
    raise Crowded(f"127.{BLOCKS[0]}.0.0 to 127.{BLOCKS[-1]}.0.0 are all taken by other labs.")
