# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.vmc.aws_backup.plugins.filter.by_entry import by_entry

PLANNED = {"entry": "a-c-1", "name": "east"}


def test_what_a_loop_registered_goes_by_the_entry_of_its_item_whatever_the_loop_calls_it():
    for variable in ("planned", "item"):
        assert by_entry([{variable: PLANNED, "gateway": {"name": "g"}}], "gateway") == {"a-c-1": {"name": "g"}}


def test_what_carries_its_entry_itself_is_returned_whole():
    assert by_entry([PLANNED]) == {"a-c-1": PLANNED}


def test_what_has_no_such_result_is_left_out():
    assert by_entry([{"item": PLANNED, "skipped": True}, {"item": PLANNED, "gateway": None}], "gateway") == {}
    assert by_entry([{"name": "unmarked", "entry": ""}]) == {}
    assert by_entry(None) == {}


def test_the_gateway_of_one_entry_is_never_that_of_another():
    results = [{"planned": {"entry": f"e-{number}"}, "gateway": {"name": str(number)}} for number in range(3)]
    assert by_entry(results, "gateway")["e-1"] == {"name": "1"}
