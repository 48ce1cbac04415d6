# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.vmc.aws_backup.plugins.filter.refusals import FilterModule, refusals


def test_each_try_that_was_refused_is_told_once_in_the_words_of_the_role():
    tried = {"tried": True, "changed": False}
    results = {
        "kms_key": {**tried, "msg": ""},
        "backup_vault": [{**tried, "msg": "lock: would loosen it, so name lock in allow_less_protection."}, {}],
        "backup_plan": {
            "results": [
                {**tried, "ansible_loop_var": "protected", "protected": {"name": "all"}, "msg": "No."},
                {**tried, "ansible_loop_var": "protected", "protected": {"name": "some"}},
            ]
        },
        "backup_job": {"msg": "was not tried"},
    }
    told = refusals(results, "protection")
    assert told == [
        "backup_vault: protection_lock: would loosen it, so name lock in protection_allow_less.",
        "backup_plan all: No.",
    ]


def test_the_filter_goes_by_its_name():
    assert FilterModule().filters() == {"refusals": refusals}
