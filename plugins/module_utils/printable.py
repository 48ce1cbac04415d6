# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What somebody else says, as a terminal may show it and JSON can carry it."""

from __future__ import annotations

import re

ENDS = re.compile("[\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029]+")
# Control characters but for tabs and ends of lines, what turns the direction of writing, and what is no character.
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
REPLACEMENT = "\ufffd"


def printable(text: str) -> str:
    """The text without what commands a terminal, and without lone surrogates."""
    return text if text.isprintable() else UNPRINTABLE.sub(REPLACEMENT, text)


def one_line(text: str) -> str:
    """The same, on one line."""
    return printable(ENDS.sub(" ", text))
