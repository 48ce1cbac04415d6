# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.engine import findings
from ansible_collections.vmc.aws_backup.plugins.module_utils.engine.findings import (
    Check,
    Untold,
    finding,
    sentence,
    told,
    told_unless_refused,
)
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import BadCredentials, Denied, Error, Invalid

CHECK = Check("it", lambda facts: None)


def raising(failure):
    def read():
        raise failure

    return read


@pytest.mark.parametrize("name", ["ok", "broken", "unknown", "skipped", "costly"])
def test_each_verdict_has_the_same_keys(name):
    rest = ["do this"] if name in ("broken", "costly") else []
    found = getattr(findings, name)("seen\n  so", *rest)
    assert found == {"verdict": name, "evidence": "seen so", "change": "".join(rest)}


def test_what_was_not_told_reads_as_its_reason():
    assert f"why: {Untold('403')}" == "why: 403"


@pytest.mark.parametrize("failure", [Denied("no"), BadCredentials("no"), Invalid("x", "no"), Error("no")])
def test_what_is_not_told_is_its_reason_and_never_an_empty_list(failure):
    found = told(raising(failure))
    assert isinstance(found, Untold) and found.endswith("no")
    assert told(list) == []


def test_an_error_without_words_has_a_reason_too():
    assert told(raising(Error(" "))) == findings.SILENT


def test_refused_credentials_may_be_no_such_reason():
    with pytest.raises(BadCredentials):
        told_unless_refused(raising(BadCredentials("no")))
    assert isinstance(told_unless_refused(raising(Denied("no"))), Untold)


def test_what_is_no_error_of_ours_is_raised():
    with pytest.raises(OSError):
        told(raising(OSError("x")))


def test_an_odd_answer_is_not_told_and_not_shown():
    found = told(raising(KeyError("secret")))
    assert isinstance(found, Untold) and "KeyError" in found and "secret" not in found


@pytest.mark.parametrize(
    ("check", "verdict", "severity"),
    [
        ({}, findings.broken("x"), "critical"),
        ({"severity": "warning"}, findings.broken("x"), "warning"),
        ({}, findings.unknown("x"), "warning"),
        ({"necessary": True}, findings.unknown("x"), "critical"),
        ({"necessary": True}, findings.ok("x"), "info"),
        ({"severity": "warning"}, findings.ok("x"), "info"),
        ({}, findings.costly("x", "y"), "warning"),
        ({"necessary": True}, findings.skipped("x"), "info"),
    ],
)
def test_how_grave_it_is(check, verdict, severity):
    assert finding("s", CHECK._replace(**check), verdict)["severity"] == severity


def test_a_check_that_cannot_read_its_facts_says_so_and_stops_no_other():
    said = findings.verdict(lambda facts: facts["x"]["y"], {"x": None})
    assert said["verdict"] == "unknown"
    assert "TypeError" in said["evidence"]


def test_a_check_with_nothing_to_say_says_nothing():
    assert findings.verdict(lambda _facts: None, {}) is None


@pytest.mark.parametrize("refusal", [Invalid("x", "is wrong"), BadCredentials("no")])
def test_what_is_refused_is_refused_in_a_check_too(refusal):
    def ask(_facts):
        raise refusal

    with pytest.raises(type(refusal)):
        findings.verdict(ask, {})


def test_a_finding_says_what_it_is_about():
    check = Check("zones", CHECK.ask, "vpc", "Availability zone", mended_by="endpoint")
    found = finding("readiness", check, findings.broken("off.", "Mend it."))
    assert found == {
        "id": "zones",
        "subject": "readiness",
        "kind": "vpc",
        "name": "Availability zone",
        "severity": "critical",
        "mended_by": "endpoint",
        "verdict": "broken",
        "evidence": "off.",
        "change": "Mend it.",
    }
    assert sentence(found) == "Availability zone: off. Mend it."
