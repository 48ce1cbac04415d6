# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import datetime

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.checks.protection import plans

from .site import APPLIANCE, GATEWAY, SILENT, ago, job, machine, plan, rule, said, site


def with_rule(**other):
    return {"plans": [plan(rules={"daily": rule(**other)})]}


def many(number, **other):
    found = [machine(f"vm-{each}", **other) for each in range(number)]
    return {"machines": [*found, APPLIANCE]}


LONG = job(CompletionDate=ago(3))  # four hours
SECOND = {"gateways": [GATEWAY, {**GATEWAY, "GatewayArn": "arn:gw-2"}]}
CASES = [
    # check, what differs, verdict, words
    (plans.told, {}, "ok", "1 plans: nightly."),
    (plans.told, {"plans": SILENT}, "unknown", "HTTP 503"),
    (plans.told, {"plans": [plan(selections=SILENT)]}, "unknown", "nightly: HTTP 503"),
    (plans.told, {"plans": [plan(of_organisation=True)]}, "ok", "(of the organisation)"),
    (plans.runs, {}, {"nightly": "ok"}, "2026-02-10T05:00"),
    (plans.runs, {"plans": SILENT}, {}, ""),
    (plans.runs, {"selecting": {"arn:web": []}}, {}, ""),
    (plans.runs, {"plans": [plan(executed=ago(27))]}, {"nightly": "broken"}, "due each 24 hours"),
    (plans.runs, {"plans": [plan(executed=ago(25.5))]}, {"nightly": "ok"}, ""),
    (plans.runs, {"plans": [plan(executed=None)]}, {"nightly": "broken"}, "has not run since it was made"),
    (plans.runs, {"plans": [plan(executed=None, created=ago(3))]}, {"nightly": "ok"}, "none yet"),
    (plans.runs, {"plans": [plan(executed=None, created=None)]}, {"nightly": "unknown"}, "does not tell"),
    (plans.runs, with_rule(schedule_expression=None), {"nightly": "broken"}, "no schedule"),
    (plans.runs, with_rule(schedule_expression="cron(0 5 ? * * 2020)"), {"nightly": "broken"}, "does not come"),
    (plans.runs, with_rule(schedule_expression="cron(0 5 ? * 2#1 *)"), {"nightly": "unknown"}, "cannot be read"),
    (
        plans.runs,
        {"plans": [plan(executed=ago(27), rules={"w": rule(schedule_expression="rate(7 days)")})]},
        {"nightly": "ok"},
        "",
    ),
    (plans.narrow, {}, {}, ""),
    (
        plans.narrow,
        {"plans": [plan(selections=[{"selection_name": "s", "list_of_tags": [{}]}])]},
        {"nightly": "broken"},
        "ListOfTags",
    ),
    (plans.fits, {}, {"nightly, daily, Cluster-1": "ok"}, "1 machines of 10 minutes"),
    (plans.fits, many(8), {"nightly, daily, Cluster-1": "ok"}, "take 20 minutes"),
    (plans.fits, {**many(9), "jobs": [LONG]}, {"nightly, daily, Cluster-1": "broken"}, "540 minutes"),
    (plans.fits, {**many(8), "jobs": [LONG]}, {"nightly, daily, Cluster-1": "ok"}, "480 minutes"),
    (plans.fits, {**many(9), "jobs": [LONG], **SECOND}, {"nightly, daily": "ok"}, "2 gateways"),
    (plans.fits, many(2, cluster="Cluster-2"), {"nightly, daily, Cluster-2": "broken"}, "no gateway"),
    (plans.fits, many(2, cluster=""), {"nightly, daily": "ok"}, ""),
    (plans.fits, {"jobs": []}, {"nightly": "unknown"}, "no backup has completed"),
    (plans.fits, {"jobs": SILENT}, {"nightly": "unknown"}, "HTTP 503"),
    (plans.fits, {"gateways": []}, None, ""),
    (plans.fits, {"gateways": SILENT}, None, ""),
    (plans.fits, {"machines": SILENT}, {"nightly, daily": "ok"}, ""),
    (plans.fits, with_rule(start_window_minutes=None), {"nightly, daily, Cluster-1": "unknown"}, "start window"),
]


@pytest.mark.parametrize(("check", "changed", "verdict", "words"), CASES)
def test_what_a_check_says(check, changed, verdict, words):
    found, text = said(check(site(**changed)))
    assert (found, words in text) == (verdict, True), text


def test_the_duration_is_the_median_of_those_that_completed():
    jobs = [job(CompletionDate=ago(7) + datetime.timedelta(minutes=minutes)) for minutes in (10, 20, 600)]
    assert "of 20 minutes" in said(plans.fits(site(jobs=[*jobs, job("FAILED")])))[1]
