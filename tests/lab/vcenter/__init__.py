# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""vCenter: VMware's simulator behind a proxy that knows VMware Cloud on AWS."""

from __future__ import annotations

from .simulator import MissingSimulator, vcsim_binary
from .vcenter import Appliance, Vcenter

__all__ = ["Appliance", "MissingSimulator", "Vcenter", "vcsim_binary"]
