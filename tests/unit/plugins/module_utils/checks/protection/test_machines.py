# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.checks.protection import machines
from ansible_collections.vmc.aws_backup.plugins.module_utils.engine.findings import Untold

from .site import (
    APPLIANCE,
    COPIES,
    FAR,
    FOLDER,
    SILENT,
    ago,
    copying,
    job,
    listed,
    machine,
    plan,
    point,
    rule,
    said,
    site,
)

OTHER = "arn:aws:backup:r:1:backup-vault:other"
BOARD = {"reason": "scratch", "approver": "board"}
MONTHLY = {"schedule_expression": "cron(0 5 1 * ? *)"}


def copied(hours=7, **other):
    return {"ResourceArn": "arn:web", "Status": "COMPLETED", "CreationDate": ago(hours), **other}


def copy_job(state="COMPLETED", hours=7, arn=COPIES, **other):
    return job(state, hours, DestinationBackupVaultArn=arn, **other)


CASES = [
    # what differs, class of the machine, words
    ({}, "protected", "2026-02-10T05:00"),
    ({"machines": [machine(template=True)]}, "excluded", "template"),
    ({"machines": [machine(managed=True)]}, "excluded", "VMware's"),
    ({"machines": [machine(appliance=True)]}, "excluded", "appliance"),
    ({"params": {"drill_folder": FOLDER}}, "excluded", "restore drills"),
    ({"params": {"drill_folder": "/dc/vm/Drills"}}, "protected", ""),
    (
        {"params": {"exclusions": [{"virtual_machine": "web", **BOARD}]}},
        "excluded",
        "scratch (approved by board, without an end)",
    ),
    ({"params": {"exclusions": [{"virtual_machine": f"{FOLDER}/w*", **BOARD}]}}, "excluded", "scratch"),
    ({"params": {"exclusions": [{"folder": "/dc/vm", **BOARD}]}}, "excluded", "scratch"),
    ({"params": {"exclusions": [{"folder": "/dc/v", **BOARD}]}}, "protected", ""),
    (
        {"params": {"exclusions": [{"folder": FOLDER, **BOARD, "expires": "2026-02-10"}]}},
        "excluded",
        "until 2026-02-10",
    ),
    ({"params": {"exclusions": [{"folder": FOLDER, **BOARD, "expires": "2026-02-09"}]}}, "protected", ""),
    ({"machines": [machine(unprotectable=["a raw device mapping"])]}, "unprotectable", "a raw device mapping"),
    ({"machines": [machine(unprotectable=None)]}, "protected", ""),
    ({"machines": [machine(row=False, unclear="two of it")]}, "unknown", "two of it"),
    ({"machines": [machine(row=False)]}, "not_synced", "does not list"),
    ({"selecting": SILENT}, "unknown", "HTTP 503"),
    ({"selecting": {"arn:web": []}}, "not_selected", "No selection"),
    ({"selecting": {"arn:web": []}, "plans": [plan(selections=SILENT)]}, "unknown", "HTTP 503"),
    ({"plans": [plan(rules=SILENT)]}, "unknown", "HTTP 503"),
    ({"newest": SILENT}, "unknown", "HTTP 503"),
    ({"newest": {}}, "outdated", "no recovery point"),
    ({"newest": {"arn:web": point(26)}}, "protected", ""),
    ({"newest": {"arn:web": point(27)}}, "outdated", "26 hours are the objective"),
    ({"newest": {"arn:web": point(27)}, "params": {"objective_hours": 30}}, "protected", ""),
    ({"newest": {"arn:web": point(1, OTHER)}}, "outdated", "is in other; it is meant to be in daily"),
    ({"newest": {"arn:web": point(1, OTHER)}, "newest_in": lambda name: {"arn:web": point(9)}}, "protected", "T03:00"),
    (
        {"newest": {"arn:web": point(1, OTHER)}, "newest_in": lambda name: {"arn:web": point(90)}},
        "outdated",
        "is in other",
    ),
    ({"newest": {"arn:web": point(1, OTHER)}, "newest_in": lambda name: SILENT}, "unknown", "HTTP 503"),
    (
        {"newest": {"arn:web": {"LastBackupVaultArn": point()["LastBackupVaultArn"]}}},
        "outdated",
        "a time that is not told",
    ),
    (
        {
            "newest": {"arn:web": point(7, OTHER)},
            "plans": [plan(), plan("b", rules={"r": rule(target_backup_vault_name="other")})],
        },
        "protected",
        "",
    ),
    (
        {
            "newest": {"arn:web": point(7, OTHER)},
            "plans": [plan(rules={"r": rule(target_logically_air_gapped_backup_vault_arn=OTHER)})],
        },
        "protected",
        "",
    ),
    # Copies: in this account and Region they are seen, elsewhere their jobs are.
    ({"plans": [copying()], "points": [copied()]}, "protected", ""),
    ({"plans": [copying()]}, "not_copied", "no copy in"),
    ({"plans": [copying()], "points": [copied(27)]}, "not_copied", "26 hours"),
    ({"plans": [copying()], "points": [copied(Status="EXPIRED")]}, "not_copied", ""),
    ({"plans": [copying()], "points": [copied(ResourceArn="arn:other")]}, "not_copied", ""),
    ({"plans": [copying()], "points": SILENT}, "unknown", "HTTP 503"),
    ({"plans": [copying()], "copies": [copy_job("RUNNING", 1)]}, "protected", ""),
    ({"plans": [copying()], "copies": [copy_job("FAILED", StatusMessage="locked")]}, "not_copied", "failed: locked"),
    ({"plans": [copying(FAR)], "copies": [copy_job(arn=FAR)]}, "protected", ""),
    ({"plans": [copying(FAR)], "copies": [copy_job()]}, "not_copied", ""),
    ({"plans": [copying(FAR)], "copies": [copy_job(arn=FAR, hours=27)]}, "not_copied", ""),
    ({"plans": [copying(FAR)], "copies": SILENT}, "unknown", "HTTP 503"),
    ({"plans": [copying(FAR, **MONTHLY)]}, "unknown", "AWS lists the jobs of 30"),
    ({"plans": [copying(**MONTHLY)], "points": [copied(24 * 31)]}, "protected", ""),
    ({"plans": [copying(**MONTHLY)], "points": [copied(24 * 33)]}, "not_copied", ""),
    ({"plans": [copying(schedule_expression="odd")], "points": [copied()]}, "protected", ""),
]


@pytest.mark.parametrize(("changed", "of", "words"), CASES)
def test_the_class_of_a_machine(changed, of, words):
    (one,) = [each for each in machines.judged(site(**changed)) if each.machine.seen["name"] == "web"]
    assert (one.of, words in one.why) == (of, True), one.why


@pytest.mark.parametrize(
    ("changed", "verdict", "words"),
    [
        ({}, "ok", "vCenter has 2 machines: 1 protected, 1 excluded."),
        ({"machines": SILENT}, "unknown", "HTTP 503"),
        ({"machines": []}, "ok", "none"),
        ({"newest": {}}, "broken", "1 outdated"),
        ({"newest": SILENT}, "unknown", "1 unknown"),
    ],
)
def test_all_in_numbers(changed, verdict, words):
    found, text = said(machines.coverage(site(**changed)))
    assert (found, words in text) == (verdict, True), text


CHECKS = [
    # check, what differs, verdicts by name
    (machines.each_of("not_selected"), {"selecting": {"arn:web": []}}, {f"{FOLDER}/web": "broken"}),
    (machines.each_of("not_selected"), {}, {}),
    (machines.each_of("not_selected"), {"machines": SILENT}, None),
    (machines.each_of("unknown"), {"newest": SILENT}, {f"{FOLDER}/web": "unknown"}),
    (machines.each_of("excluded"), {}, {}),
    (
        machines.each_of("excluded"),
        {"params": {"exclusions": [{"virtual_machine": "web", **BOARD}]}},
        {f"{FOLDER}/web": "skipped"},
    ),
    (machines.taken, {}, {}),
    (machines.taken, {"selecting": {"arn:web": [], "arn:gw": [plan()]}}, {f"{FOLDER}/gw": "costly"}),
    (machines.taken, {"selecting": SILENT}, None),
    (machines.gone, {}, {}),
    (machines.gone, {"left": [listed("old")]}, {f"{FOLDER}/old": "broken"}),
    (machines.gone, {"left": SILENT}, None),
    (machines.exclusions, {}, {}),
    (machines.exclusions, {"machines": SILENT}, None),
    (machines.exclusions, {"params": {"exclusions": [{"virtual_machine": "web", **BOARD}]}}, {}),
    (machines.exclusions, {"params": {"exclusions": [{"virtual_machine": "none", **BOARD}]}}, {"none": "broken"}),
    (
        machines.exclusions,
        {"params": {"exclusions": [{"folder": FOLDER, **BOARD, "expires": "2026-01-01"}]}},
        {FOLDER: "broken"},
    ),
]


@pytest.mark.parametrize(("check", "changed", "verdicts"), CHECKS)
def test_what_is_said_of_each(check, changed, verdicts):
    assert said(check(site(**changed)))[0] == verdicts


def test_the_vault_of_the_newest_point_is_asked_for_only_where_that_is_elsewhere():
    def never(name):
        raise AssertionError(name)

    assert machines.judged(site(newest_in=never))[0].of == "protected"


def test_the_population_says_which_plan_and_which_point():
    found = machines.population(site(machines=[machine(), APPLIANCE]))
    assert [(one["class"], one["backup_plans"], one["recovery_point_arn"]) for one in found] == [
        ("protected", ["nightly"], "arn:point"),
        ("excluded", [], ""),
    ]
    assert machines.population(site(machines=Untold("-"))) == []
