# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.checks.day2 import plans

from ..protection.site import COPIES, DAILY, FAR, FOLDER, SILENT, copying, listed, plan, rule, said, site

ARN, OLD = "arn:aws:backup-gateway:r:1:vm/web", "arn:aws:backup-gateway:r:1:vm/old"
ROW = {**listed("web"), "ResourceArn": ARN}


def tagged(path, where=FOLDER):
    row = {**ROW, "Path": where}
    return {"tags": {ARN: {"aws:backup-gateway:path": path}}, "listed": [row]}


def naming(*resources):
    return {"plans": [plan(selections=[{"selection_name": "s", "list_of_tags": [], "resources": list(resources)}])]}


def two(first, second, **other):
    """Two plans that select the same machine."""
    found = [plan("a", rules={"r": rule(**first)}), plan("b", rules={"r": rule(**second)})]
    return {"plans": found, **other}


LATER = {"schedule_expression": "cron(0 6 ? * * *)"}
SUNDAYS = {"schedule_expression": "cron(0 5 ? * SUN *)"}
ZONE = {"schedule_expression_timezone": "Europe/Berlin"}
ODD = {"schedule_expression": "odd"}
CASES = [
    # check, what differs, verdict, words
    (plans.stale_paths, tagged(FOLDER), {}, ""),
    (plans.stale_paths, tagged(f"{FOLDER}/"), {}, ""),
    (plans.stale_paths, tagged(FOLDER, f"{FOLDER}/web"), {}, ""),
    (plans.stale_paths, tagged("/dc/vm/old"), {f"{FOLDER}/web": "broken"}, "one of /dc/vm/old"),
    (plans.stale_paths, {"tags": {}, "listed": [ROW]}, {}, ""),
    (plans.stale_paths, {"tags": SILENT}, None, ""),
    (plans.gone_machines, {**naming(ARN), "every_machine": [ROW]}, {}, ""),
    (plans.gone_machines, {**naming(ARN, OLD), "every_machine": [ROW]}, {"nightly": "broken"}, OLD),
    (
        plans.gone_machines,
        {**naming("arn:aws:backup-gateway:r:1:vm/*", "arn:aws:ec2:r:1:instance/i"), "every_machine": []},
        {},
        "",
    ),
    (plans.gone_machines, {**naming(OLD), "every_machine": SILENT}, None, ""),
    (plans.gone_machines, {"plans": [plan(selections=SILENT)], "every_machine": []}, {}, ""),
    (plans.overlapping, two({}, {}), {"a, r": "broken"}, "a, r and b, r are due at once"),
    (plans.overlapping, two({}, SUNDAYS), {"a, r": "broken"}, "2026-02-15 at 05:00"),
    (plans.overlapping, two({}, LATER), {}, ""),
    (plans.overlapping, two({}, ZONE), {}, ""),
    (plans.overlapping, two({}, ODD), {}, ""),
    (plans.overlapping, two({}, {}, selecting={"arn:1": [plan("a")], "arn:2": [plan("b")]}), {}, ""),
    (plans.overlapping, {"plans": [plan(rules={"r": rule(), "s": rule()})]}, {"nightly, r": "broken"}, ""),
    (plans.overlapping, {"selecting": SILENT}, None, ""),
    (
        plans.one_account,
        {"plans": [copying(COPIES)], "selecting": {ARN: [copying(COPIES)]}},
        {"nightly": "broken"},
        "this account",
    ),
    (plans.one_account, {"plans": [copying(FAR)], "selecting": {ARN: [copying(FAR)]}}, {}, ""),
    (plans.one_account, {"plans": [plan()], "selecting": {ARN: [plan()]}}, {"nightly": "broken"}, ""),
    (
        plans.one_account,
        {
            "plans": [plan(rules={"r": rule(target_logically_air_gapped_backup_vault_arn=DAILY)})],
            "selecting": {ARN: [plan()]},
        },
        {},
        "",
    ),
]


@pytest.mark.parametrize(("check", "changed", "verdict", "words"), CASES)
def test_what_a_check_says(check, changed, verdict, words):
    found, text = said(check(site(**changed)))
    assert (found, words in text) == (verdict, True), text
