# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The verdicts on a hop: each says what was seen and, where it is not as it should be, what to change."""

from __future__ import annotations


class Untold(str):
    """In the place of a fact that a service would not tell: its reason."""


def ok(evidence: str) -> dict:
    return _verdict("ok", evidence)


def broken(evidence: str, change: str) -> dict:
    return _verdict("broken", evidence, change)


def unknown(evidence: str, change: str = "") -> dict:
    return _verdict("unknown", evidence, change)


def skipped(evidence: str) -> dict:
    return _verdict("skipped", evidence)


def costly(evidence: str, change: str) -> dict:
    return _verdict("costly", evidence, change)


def _verdict(verdict, evidence, change="") -> dict:
    return {"verdict": verdict, "evidence": evidence, "change": change}
