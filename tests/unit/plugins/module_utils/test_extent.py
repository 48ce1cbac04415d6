# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import Invalid
from ansible_collections.vmc.aws_backup.plugins.module_utils.extent import (
    Untold,
    extent,
    is_everywhere,
    reason_for,
    too_wide,
    with_reason,
)

HALVES = ["0.0.0.0/1", "128.0.0.0/1"]
UNTOLD = Untold("/infra/domains/cgw/groups/g", "cannot be read")


@pytest.mark.parametrize(
    ("sources", "ipv4", "ipv6"),
    [
        ([], 0, 0),
        (["10.0.0.1"], 1, 0),
        (["10.0.0.1/32", "10.0.0.1", "10.0.0.1-10.0.0.1"], 1, 0),
        (["10.0.0.0/24", "10.0.0.128/25", "10.0.0.255-10.0.1.0"], 257, 0),
        (["10.0.0.5 - 10.0.0.9"], 5, 0),
        (["10.0.0.7/24"], 256, 0),
        (HALVES, 2**32, 0),
        (["ANY"], 2**32, 2**128),
        (["any"], 2**32, 2**128),
        (["fd00::/64", "fd00::1"], 0, 2**64),
        (["10.0.0.1", "fd00::1"], 1, 1),
        (["nonsense"], 2**32, 2**128),
    ],
)
def test_what_is_counted_is_the_union(sources, ipv4, ipv6):
    assert extent(sources) == {4: ipv4, 6: ipv6}
    assert extent(sources, excluded=True) == {4: 2**32 - ipv4, 6: 2**128 - ipv6}


@pytest.mark.parametrize(
    ("sources", "excluded", "wide"),
    [
        ([], False, False),
        (["10.0.0.0/16"], False, False),
        (["10.0.0.0/16", "10.0.5.0/24"], False, False),
        (["10.0.0.0/16", "10.1.0.0"], False, True),
        (["10.0.0.0/17", "10.0.128.0/17", "10.1.0.0-10.1.0.0"], False, True),
        ([f"10.0.{number}.0/24" for number in range(256)], False, False),
        ([f"10.{number}.0.0/24" for number in range(256)], False, False),
        ([f"10.{number}.0.0/23" for number in range(256)], False, True),
        (["0.0.0.0/0"], False, True),
        (["ANY"], False, True),
        (["::/0"], False, True),
        (HALVES, False, True),
        (["0.0.0.0-255.255.255.255"], False, True),
        (["1.0.0.0-9.255.255.255"], False, True),
        (["fd00::/48"], False, False),
        (["fd00::/48", "fd00:0:1::/128"], False, True),
        (["fd00::/49", "fd00:0:0:8000::/49"], False, False),
        (["fd00::/47"], False, True),
        (["8000::/1", "::/1"], False, True),
        (["10.0.0.1"], True, True),
        (["0.0.0.0/0"], True, True),  # IPv6 is left
        (["ANY"], True, False),
        ([*HALVES, "::/1", "8000::/1"], True, False),
        ([UNTOLD], False, True),
        ([UNTOLD], True, True),
        (["10.0.0.1", UNTOLD], False, True),
    ],
)
def test_wide_is_a_question_of_extent_and_not_of_spelling(sources, excluded, wide):
    assert bool(too_wide(sources, excluded=excluded)) is wide


@pytest.mark.parametrize(
    ("source", "ipv4"),
    [
        ("::ffff:0:0/96", 2**32),
        ("::ffff:10.0.0.0/104", 2**24),
        ("::ffff:10.0.0.1", 1),
        ("::ffff:0.0.0.0-::ffff:255.255.255.255", 2**32),
        ("64:ff9b::/96", 2**32),
        ("64:ff9b::/97", 2**31),
        ("64:ff9b::a00:0-64:ff9b::a01:0", 2**16 + 1),
        ("64:ff9b:1::/48", 2**32),
        ("64:ff9b:1:7::/96", 2**32),
        ("64:ff9b:1:7::a00:0/120", 2**8),
        ("::ffff:0:0:0/96", 2**32),
        ("::/96", 2**32),
        ("::/0", 2**32),
        ("::/64", 2**32),
        ("fd00::/64", 0),
        ("2001:db8::/48", 0),
    ],
)
def test_ipv6_counts_as_the_ipv4_that_it_holds(source, ipv4):
    assert extent([source])[4] == ipv4
    assert bool(too_wide([source])) is (ipv4 > 2**16 or source == "::/0" or source == "::/64")
    assert is_everywhere([source]) is (ipv4 == 2**32)


def test_ipv4_in_both_spellings_counts_once():
    assert extent(["10.0.0.0/24", "::ffff:10.0.0.0/120", "64:ff9b::a00:80/121"])[4] == 256


def test_to_keep_out_ipv6_keeps_out_no_ipv4():
    assert extent(["::/0"], excluded=True) == {4: 2**32, 6: 0}
    assert too_wide(["::ffff:0:0/96"], excluded=True)


@pytest.mark.parametrize(
    ("sources", "excluded", "everywhere"),
    [
        (["ANY"], False, True),
        (["0.0.0.0/0"], False, True),
        (["::/0"], False, True),
        (HALVES, False, True),
        ([*HALVES, UNTOLD], False, True),
        (["0.0.0.0/1"], False, False),
        ([UNTOLD], False, False),
        ([], True, True),
        (["10.0.0.1"], True, True),  # all of IPv6
    ],
)
def test_everywhere_is_all_of_one_version(sources, excluded, everywhere):
    assert is_everywhere(sources, excluded=excluded) is everywhere


def test_the_message_has_the_number_and_the_way_out():
    with pytest.raises(
        Invalid, match=r"source_groups: this lets in 16,777,216 addresses, .* more than 65,536.*allow_wide"
    ) as caught:
        reason_for("source_groups", ["10.0.0.0/8"], None)
    assert caught.value.option == "source_groups"
    with pytest.raises(Invalid, match="cannot be read"):
        reason_for("source_groups", [UNTOLD], " ")
    with pytest.raises(Invalid, match="excluded"):
        reason_for("source_groups", ["10.0.0.1"], "", excluded=True)


def test_a_reason_counts_only_for_what_is_wide():
    assert reason_for("source_groups", ["10.0.0.0/8"], " a lab ") == "a lab"
    assert reason_for("source_groups", ["10.0.0.1"], "a lab") is None


@pytest.mark.parametrize(
    ("text", "then"),
    [
        ("", "Open wide: new"),
        ("For backups.", "For backups. Open wide: new"),
        ("For backups. Open wide: old", "For backups. Open wide: new"),
        ("Open wide: new", "Open wide: new"),
    ],
)
def test_the_reason_is_kept_once(text, then):
    assert with_reason(text, "new") == then
