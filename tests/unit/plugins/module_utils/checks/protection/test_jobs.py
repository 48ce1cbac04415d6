# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.checks.protection import jobs

from .site import APPLIANCE, COPIES, FOLDER, SILENT, job, machine, said, site

WEB = f"{FOLDER}/web"
PARTLY = {"jobs": [job()], "whole": False, "untold": ""}


def told(message, category="SUCCESS", **other):
    return {"jobs": [job(StatusMessage=message, MessageCategory=category, **other)]}


def failed_copy(**other):
    return job("FAILED", DestinationBackupVaultArn=COPIES, StatusMessage="locked", **other)


CASES = [
    # check, what differs, verdict, words
    (jobs.read, {}, "ok", "1 in the last 26 hours"),
    (jobs.read, {"jobs": SILENT}, "unknown", "HTTP 503"),
    (jobs.failed, {}, {}, ""),
    (jobs.failed, {"jobs": SILENT}, {}, ""),
    (jobs.failed, {"jobs": [job("FAILED", StatusMessage="no way")]}, {WEB: "broken"}, "FAILED: no way (FAILURE)"),
    (jobs.failed, {"jobs": [job("EXPIRED")]}, {WEB: "broken"}, "nothing is said"),
    (jobs.failed, {"jobs": [job("FAILED", 9), job()]}, {}, ""),
    (jobs.failed, {"jobs": [job("FAILED"), job(hours=9)]}, {WEB: "broken"}, ""),
    (jobs.failed, {"jobs": [job("FAILED"), job("RUNNING", 1)]}, {WEB: "broken"}, ""),
    (jobs.failed, {"jobs": [job("FAILED", arn="arn:of-another")]}, {}, ""),
    (jobs.failed, {"jobs": [job("FAILED")], "machines": SILENT}, {WEB: "broken"}, ""),
    (jobs.issues, {}, {}, ""),
    (jobs.issues, told("", "AccessDenied"), {WEB: "broken"}, "(AccessDenied)"),
    (jobs.issues, told("", "Success"), {}, ""),
    (jobs.issues, told("", None), {}, ""),
    (jobs.issues, told("Something is odd"), {WEB: "broken"}, "Something is odd"),
    (jobs.issues, told("CBT not available", "ISSUES"), {}, ""),
    (jobs.issues, told("no way", "FAILURE", State="FAILED"), {}, ""),
    (jobs.tracked, {}, {}, ""),
    (jobs.tracked, told("CBT data invalid"), {WEB: "broken"}, "CBT data invalid"),
    (jobs.tracked, {"machines": [machine(change_tracking=False)]}, {WEB: "broken"}, "vCenter says that it is off"),
    (jobs.tracked, {"machines": [machine(change_tracking=None)]}, {}, ""),
    (jobs.tracked, {"machines": [machine(change_tracking=False)], "newest": {}}, {}, ""),
    (jobs.crash_consistent, {}, {}, ""),
    (jobs.crash_consistent, told("Quiescing is not available, the backup is crash-consistent"), {WEB: "broken"}, "j1"),
    (jobs.crash_consistent, {"machines": [machine(tools_running=False)]}, {WEB: "broken"}, "do not run"),
    (jobs.crash_consistent, {"machines": [machine(tools_running=False, powered_on=False)]}, {}, ""),
    (jobs.crash_consistent, {"machines": [machine(tools_running=None)]}, {}, ""),
    (jobs.consistency, {"machines": [machine()]}, "unknown", "of 1 nothing is known"),
    (jobs.consistency, {"machines": [machine(tools_running=False)]}, None, ""),
    (jobs.consistency, {"machines": [machine()], "newest": {}}, None, ""),
    (jobs.consistency, {"machines": SILENT}, None, ""),
    (jobs.copied, {}, {}, ""),
    (jobs.copied, {"copies": SILENT}, {"copies": "unknown"}, "HTTP 503"),
    (jobs.copied, {"copies": [failed_copy()]}, {COPIES: "broken"}, "1 machines failed, /dc/vm/Workloads/web: locked"),
    (jobs.copied, {"copies": [failed_copy(arn="arn:of-another")]}, {}, ""),
]


@pytest.mark.parametrize(("check", "changed", "verdict", "words"), CASES)
def test_what_a_check_says(check, changed, verdict, words):
    found, text = said(check(site(**changed)))
    assert (found, words in text) == (verdict, True), text


def test_what_was_not_read_is_said():
    facts = site()
    facts.jobs = PARTLY
    assert "part of those that succeeded" in said(jobs.read(facts))[1]
    facts.jobs = {**PARTLY, "untold": SILENT}
    assert said(jobs.read(facts))[0] == "unknown"


def test_of_many_machines_a_few_are_named():
    machines = [machine(f"vm-{number}") for number in range(9)]
    facts = site(machines=[*machines, APPLIANCE], copies=[failed_copy(arn=f"arn:vm-{number}") for number in range(9)])
    assert "vm-4 and others: locked" in said(jobs.copied(facts))[1]
