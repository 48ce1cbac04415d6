# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  adopt:
    description:
      - Whether one that is there without the tag C(managed-by=vmc-aws-backup) is taken over, with all that the module manages of it.
      - Otherwise it belongs to somebody else, and is neither changed nor removed, but refused.
    type: bool
    default: false
"""
