# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import datetime

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import Invalid
from ansible_collections.vmc.aws_backup.plugins.module_utils.reports.accepted import accepted
from ansible_collections.vmc.aws_backup.plugins.module_utils.reports.report import report

NOW = datetime.datetime(2026, 11, 28, 23, 59, tzinfo=datetime.timezone.utc)
GIVEN = {"id": "kms_key", "host": "a", "reason": "R", "approver": "P", "expiry": "2026-11-28"}
FINDING = {"id": "kms_key", "kind": "kms_key", "name": "Key", "verdict": "broken", "severity": "critical"}


def found(*given, host="a", **other):
    told = report("It", {host: {"findings": [{**FINDING, **other}]}}, accept=accepted(given), now=NOW)
    return told["hosts"][0]["findings"]


@pytest.mark.parametrize("given", [GIVEN, {**GIVEN, "host": "all"}, {**GIVEN, "expiry": datetime.date(2026, 11, 28)}])
def test_what_is_accepted_stays_visible_with_its_severity_and_is_not_open(given):
    (finding,) = found(given)
    assert not finding["open"] and finding["severity"] == "critical"
    assert finding["accepted"] == {"reason": "R", "approver": "P", "expiry": "2026-11-28"}


@pytest.mark.parametrize("other", [{"id": "kms"}, {"host": "b"}])
def test_another_finding_or_host_is_not(other):
    (finding,) = found({**GIVEN, **other})
    assert finding["open"] and finding["accepted"] is None


def test_once_its_day_has_passed_it_counts_again_and_that_is_a_finding():
    first, second = found({**GIVEN, "expiry": "2026-11-27"})
    assert first["open"] and first["accepted"] is None
    assert (second["id"], second["class"], second["severity"], second["open"]) == (
        "acceptance/kms_key",
        "stale",
        "warning",
        True,
    )
    assert second["evidence"] == "P accepted it until 2026-11-27: R"


def test_one_that_was_renewed_counts():
    (finding,) = found({**GIVEN, "expiry": "2026-11-01"}, GIVEN)
    assert finding["accepted"]["expiry"] == "2026-11-28"


def test_what_is_in_order_needs_none():
    (finding,) = found({**GIVEN, "expiry": "2026-11-01"}, verdict="ok")
    assert finding["accepted"] is None


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({**GIVEN, "reason": " "}, r"accept\[0\]: reason is missing"),
        ({"id": "kms_key"}, "host, reason, approver, expiry is missing"),
        ({**GIVEN, "expires": "x"}, "there is no expires"),
        ({**GIVEN, "expiry": "soon"}, r"accept\[0\].expiry: 'soon' is no date"),
        ({**GIVEN, "expiry": "28.11.2026"}, "is no date"),
    ],
)
def test_one_that_lacks_something_is_refused(given, said):
    with pytest.raises(Invalid, match=said):
        accepted([given])
