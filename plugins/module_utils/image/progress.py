# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How far a transfer is, for whoever started the module and listens. A module cannot print before it ends."""

from __future__ import annotations

import json
import socket
import time

PROGRESS = "VMC_AWS_BACKUP_PROGRESS"
INTERVAL = 0.5


class Progress:
    """Sends numbers to the socket at a path, twice a second at most. Where nobody listens, nothing happens."""

    def __init__(self, path: str | None):
        self.path = path
        self._due = 0.0
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) if path else None
        if self._socket is not None:
            self._socket.setblocking(False)

    def __call__(self, name: str, sent: int, total: int):
        now = time.monotonic()
        if self._socket is None or (now < self._due and sent < total):
            return
        self._due = now + INTERVAL
        try:
            self._socket.sendto(json.dumps({"sent": sent, "total": total}).encode(), self.path)
        except OSError:
            pass
