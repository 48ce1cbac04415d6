# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The fixtures that the tests of the lab share."""

from __future__ import annotations

from unit.lab.aws_lab import lab
from unit.lab.nsx_lab import call, nsx, world

__all__ = ["call", "lab", "nsx", "world"]
