# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.vmc.aws_backup.plugins.filter.selected_by_others import FilterModule, selected_by_others

GOING = {"name": "all", "plan": "blue-all", "requests": "vmc-abc-"}


def looked(*ids):
    return {
        "going": GOING,
        "backup_selections": [{"selection_name": f"of-{one}", "creator_request_id": one} for one in ids],
    }


def test_what_others_select_keeps_the_plan_and_what_is_ours_does_not():
    assert selected_by_others(looked("vmc-abc-1", "vmc-abc-2")) == []
    assert selected_by_others({"going": GOING, "skipped": True}) == []
    (told,) = selected_by_others(looked("vmc-abc-1", "someone", ""))
    assert told == "The plan blue-all stays, because others select in it: of-someone, of-."


def test_the_filter_goes_by_its_name():
    assert FilterModule().filters() == {"selected_by_others": selected_by_others}
