# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.checks.hops.spans import (
    covers,
    listed,
    span,
    touches,
    without,
)


@pytest.mark.parametrize(
    ("entry", "wanted", "whole", "part"),
    [
        ("10.0.0.5", "10.0.0.5", True, True),
        ("10.0.0.6", "10.0.0.5", False, False),
        ("10.0.0.0/24", "10.0.0.5", True, True),
        ("10.0.0.9/24", "10.0.0.5", True, True),
        ("10.0.0.4-10.0.0.6", "10.0.0.5", True, True),
        ("10.0.0.5", "10.0.0.0/24", False, True),
        ("10.0.0.0/25", "10.0.0.0/24", False, True),
        ("ANY", "10.0.0.0/24", True, True),
        ("any", "10.0.0.5", True, True),
        ("2001:db8::/32", "10.0.0.5", False, False),
        ("/infra/domains/cgw/groups/one-two", "10.0.0.5", False, False),
    ],
)
def test_an_entry_holds_all_or_some_of_the_wanted_addresses(entry, wanted, whole, part):
    assert (covers(entry, span(wanted)), touches(entry, span(wanted))) == (whole, part)


@pytest.mark.parametrize(
    ("low", "high", "left"),
    [
        (1, 9, [(10, 20)]),
        (10, 20, []),
        (12, 14, [(10, 11), (15, 20)]),
        (15, 99, [(10, 14)]),
        (0, 10, [(11, 20)]),
    ],
)
def test_ports_are_taken_out_of_what_is_left(low, high, left):
    assert without([(10, 20)], low, high) == left


def test_what_is_listed_reads_as_it_was_written():
    assert listed([span("10.0.0.0/24"), 443]) == "10.0.0.0/24, 443"
