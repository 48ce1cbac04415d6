# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.printable import one_line, printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x1b[2J\x1b]0;owned\x07\x00b", "a\ufffd[2J\ufffd]0;owned\ufffd\ufffdb"),
        ("x\ud800y", "x\ufffdy"),
        ("a\x9b31mb\x7f", "a\ufffd31mb\ufffd"),
        ("gnp.\u202eexe", "gnp.\ufffdexe"),
        ("Stra\u00dfe \u2713 \U0001f512", "Stra\u00dfe \u2713 \U0001f512"),
    ],
)
def test_nothing_commands_a_terminal_and_all_of_it_is_text(text, shown):
    assert printable(text) == one_line(text) == shown
    shown.encode()


@pytest.mark.parametrize("end", ["\n", "\r\n", "\t", "\x0b", "\x85", "\u2028", "\u2029\n"])
def test_a_message_stands_on_one_line(end):
    assert one_line(f"a{end}fatal: b") == "a fatal: b"


def test_what_is_returned_keeps_its_lines():
    assert printable("a\n\tb\r\n") == "a\n\tb\r\n"
