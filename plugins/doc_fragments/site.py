# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  site_id:
    description:
      - Identity of the site that it is made for, such as the id of the SDDC. What is made carries it as a mark, the tag C(vmc-aws-backup-site).
      - One that carries the mark of another site is neither changed nor removed, but refused, whatever its name and whatever O(ignore:adopt) says.
      - When not given, no mark is written, and none is looked at.
    type: str
"""
