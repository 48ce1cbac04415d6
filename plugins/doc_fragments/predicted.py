# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  predicted:
    description:
      - What an earlier task of a preview said that it would make, as that task returned it.
      - In check mode it stands for what is not there yet, so that a change of it is predicted as a change. Otherwise it is not looked at.
    type: dict
"""
