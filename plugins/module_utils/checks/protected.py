# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a machine is protected, as far as AWS Backup tells, and why not: selected, and with a point that is young enough."""

from __future__ import annotations

from ..engine.findings import Untold

PROTECTED, UNPROTECTED, UNKNOWN = "protected", "unprotected", "unknown"
REASONS = ("not_selected", "never_backed_up", "too_old")


def judged(selections, point, oldest=None) -> dict:
    """``selections`` are those that take it, ``point`` is what is told of its newest recovery point, each of them or Untold.

    What is missing for certain is told before what could not be asked.
    """
    if not isinstance(selections, Untold) and not selections:
        return _verdict(UNPROTECTED, "not_selected")
    if not isinstance(point, Untold):
        made = point.get("backed_up_at")
        if not made:
            return _verdict(UNPROTECTED, "never_backed_up")
        if oldest and made < oldest:
            return _verdict(UNPROTECTED, "too_old")
    for told in (selections, point):
        if isinstance(told, Untold):
            return _verdict(UNKNOWN, str(told))
    return _verdict(PROTECTED, "selected")


def _verdict(protection: str, why: str) -> dict:
    return {"protection": protection, "protection_reason": why}
