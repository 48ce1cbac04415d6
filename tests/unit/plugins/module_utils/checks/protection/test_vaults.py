# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.checks.protection import vaults

from .site import COPIES, DAILY, FAR, HYPERVISOR, SILENT, VAULTS, copying, plan, rule, said, site, vault

LOCKED = {**VAULTS, "daily": vault("daily", DAILY, Locked=True, MinRetentionDays=7)}
FOREVER = {"plans": [plan(rules={"daily": rule(lifecycle={})})]}


def wanted(**lock):
    return {"params": {"locks": {"daily": lock}}}


def stuck(number=1, **other):
    points = [{"RecoveryPointArn": f"p{each}", "Status": "EXPIRED", **other} for each in range(number)]
    return {"older_points": lambda name, days: points}


def rotation(found):
    return {"rotation": lambda key: found}


KEY = "arn:key of daily"
CASES = [
    # check, what differs, verdict, words
    (vaults.there, {}, {}, ""),
    (vaults.there, {"vaults": {}}, {"daily": "broken"}, "no such vault"),
    (vaults.there, {"vaults": SILENT}, {"daily": "unknown"}, "HTTP 503"),
    (vaults.locked, {}, {"daily": "ok"}, "none. Nothing says which is wanted"),
    (vaults.locked, wanted(mode="governance"), {"daily": "broken"}, "Wanted is mode governance"),
    (vaults.locked, {**wanted(mode="governance"), "vaults": LOCKED}, {"daily": "ok"}, "as wanted"),
    (vaults.locked, {**wanted(mode="compliance"), "vaults": LOCKED}, {"daily": "broken"}, ""),
    (vaults.locked, {**wanted(min_retention_days=7), "vaults": LOCKED}, {"daily": "ok"}, ""),
    (vaults.locked, {**wanted(min_retention_days=8), "vaults": LOCKED}, {"daily": "broken"}, "min_retention_days 8"),
    (vaults.locked, {**wanted(max_retention_days=8), "vaults": LOCKED}, {"daily": "broken"}, ""),
    (vaults.locked, wanted(mode="none"), {"daily": "ok"}, ""),
    (vaults.locked, {"params": {"locks": {"far": {}}}}, {"daily": "ok", "far": "broken"}, "no such vault"),
    (vaults.locked, {"vaults": SILENT}, {"daily": "unknown"}, "HTTP 503"),
    (vaults.rotated, {}, {KEY: "ok"}, ""),
    (vaults.rotated, rotation({"state": "Enabled", "rotated": False}), {KEY: "broken"}, "not rotated"),
    (vaults.rotated, rotation({"state": "Disabled", "rotated": True}), {KEY: "broken"}, "Disabled"),
    (vaults.rotated, rotation(None), {KEY: "broken"}, "gone"),
    (vaults.rotated, rotation(SILENT), {KEY: "unknown"}, "HTTP 503"),
    (
        vaults.rotated,
        {"hypervisor": {**HYPERVISOR, "KmsKeyArn": "arn:h-key"}},
        {KEY: "ok", "arn:h-key of sddc-1": "ok"},
        "",
    ),
    (vaults.rotated, {"vaults": {"daily": vault("daily", DAILY, EncryptionKeyType="AWS_OWNED_KMS_KEY")}}, {}, ""),
    (vaults.undeleted, {}, {"daily": "ok"}, "7 days"),
    (vaults.undeleted, stuck(), {"daily": "broken"}, "1 are past their time"),
    (vaults.undeleted, stuck(9, StatusMessage="no role"), {"daily": "broken"}, "p4, ...): no role"),
    (vaults.undeleted, stuck(Status="COMPLETED"), {"daily": "ok"}, ""),
    (vaults.undeleted, {"older_points": lambda name, days: SILENT}, {"daily": "unknown"}, "HTTP 503"),
    (vaults.undeleted, FOREVER, {"daily": "unknown"}, "for ever"),
    (vaults.held, {}, "ok", "None."),
    (vaults.held, {"holds": [{"Title": "audit", "LegalHoldArn": "arn:h"}]}, "ok", "audit (arn:h)"),
    (vaults.held, {"holds": SILENT}, "unknown", "HTTP 503"),
]


@pytest.mark.parametrize(("check", "changed", "verdict", "words"), CASES)
def test_what_a_check_says(check, changed, verdict, words):
    found, text = said(check(site(**changed)))
    assert (found, words in text) == (verdict, True), text


def test_points_are_past_their_time_only_when_every_rule_of_the_vault_says_so():
    asked = []
    rules = {"a": rule(), "b": rule(lifecycle={"delete_after_days": 35})}
    vaults.undeleted(site(plans=[plan(rules=rules)], older_points=lambda name, days: asked.append((name, days)) or []))
    assert asked == [("daily", 35)]


def test_vaults_that_are_copied_to_are_looked_at_as_far_as_they_are_here():
    assert vaults.used(site(plans=[copying(COPIES)])) == {"daily": 7, "copies": None}
    assert vaults.used(site(plans=[copying(FAR)])) == {"daily": 7}
    assert vaults.used(site(plans=[copying(COPIES)], vaults=SILENT)) == {"daily": 7}
