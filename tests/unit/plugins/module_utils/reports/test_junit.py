# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import datetime
from xml.etree import ElementTree

from ansible_collections.vmc.aws_backup.plugins.module_utils.reports.accepted import accepted
from ansible_collections.vmc.aws_backup.plugins.module_utils.reports.junit import junit
from ansible_collections.vmc.aws_backup.plugins.module_utils.reports.report import report

NOW = datetime.datetime(2026, 11, 28, 12, tzinfo=datetime.timezone.utc)
FIELD = {
    "kind": "mgw_rule",
    "name": "<a&\"'>",
    "path": "enabled",
    "desired": True,
    "actual": "\x00]]>",
    "effect": "in_place",
}
FINDINGS = [
    FIELD,
    {
        "id": "mine",
        "kind": "key",
        "name": "Key",
        "verdict": "broken",
        "severity": "critical",
        "evidence": "E.",
        "change": "C.",
    },
    {"id": "note", "kind": "key", "name": "Note", "verdict": "costly", "severity": "info", "evidence": "E."},
    {"id": "left", "kind": "key", "name": "Left", "verdict": "skipped", "evidence": "Left out."},
    {"id": "fine", "kind": "key", "name": "Fine", "verdict": "ok", "evidence": "E."},
]
ACCEPT = [{"id": "mine", "host": "a", "reason": "R", "approver": "P", "expiry": "2026-12-01"}]


def parsed(*findings, accept=(), **more):
    hosts = {"a": {"findings": findings, **more}}
    return ElementTree.fromstring(junit(report("It", hosts, accept=accepted(accept), now=NOW)).encode())


def test_each_host_is_a_suite_and_each_finding_a_case():
    suites = parsed(*FINDINGS)
    (suite,) = suites
    assert suites.get("name") == "It" and suite.get("name") == "a" and suite.get("timestamp") == "2026-11-28T12:00:00"
    for element in (suites, suite):
        assert [element.get(word) for word in ("tests", "failures", "errors", "skipped")] == ["6", "2", "0", "1"]
    failures = {case.get("name"): case.find("failure") for case in suite if case.find("failure") is not None}
    assert failures["mine"].get("type") == "critical" and failures["mine"].text == "E.\nC."
    assert failures["mgw_rule/<a&\"'>/enabled"].get("message") == "mgw_rule <a&\"'>.enabled: \ufffd]]> -> true"


def test_what_is_accepted_is_left_out_with_the_reason():
    (skipped,) = parsed(FINDINGS[1], accept=ACCEPT).iter("skipped")
    assert skipped.get("message") == "accepted by P until 2026-12-01: R"


def test_a_host_that_is_incomplete_is_an_error():
    suites = parsed(incomplete="It broke off.")
    assert suites.get("errors") == "1"
    assert suites.find("testsuite/testcase/error").get("message") == "It broke off."
