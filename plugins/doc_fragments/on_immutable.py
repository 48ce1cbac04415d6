# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  on_immutable:
    description:
      - What to do when it differs in something that can only be changed by replacing it. The module never replaces by itself.
      - V(fail) changes nothing and fails, with everything that differs in RV(ignore:changes).
      - V(report) puts the rest right, and lists what it left in RV(ignore:changes) with the effect C(replace).
    type: str
    choices: [fail, report]
    default: fail
"""
