# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What modules and listeners tell, in tests."""

from __future__ import annotations

import json
import os

MIB = 1 << 20


def message(sent, total=1000):
    return json.dumps({"sent": sent * MIB, "total": total * MIB}).encode()


class Told:
    """Keeps what is said in any process."""

    def __init__(self):
        self._reader, self._writer = os.pipe()

    def __call__(self, line):
        os.write(self._writer, f"{line}\n".encode())

    def lines(self):
        os.close(self._writer)
        with os.fdopen(self._reader) as told:
            return told.read().splitlines()
