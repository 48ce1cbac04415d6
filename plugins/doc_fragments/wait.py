# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  wait:
    description:
      - Whether to wait until it is ready, or gone.
      - A run that was interrupted while it waited takes the wait up again, even where nothing is left to write.
    type: bool
    default: true
  wait_timeout:
    description:
      - The longest wait, in seconds.
    type: int
    default: 600
"""
