# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from types import SimpleNamespace

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.checks.copies import CHECKS, judge
from ansible_collections.vmc.aws_backup.plugins.module_utils.engine.findings import Untold

HERE, THERE = "111122223333", "444455556666"
PARAMS = {
    "account_id": None,
    "backup_vault_name": "copies",
    "backup_vault_arn": None,
    "policy_to_come": False,
    "lifecycles": {"all.daily": {"delete_after_days": 35}, "all.ever": {}},
}
DENIED = Untold("Denied.")


def allows(principal, *, effect="Allow", action="backup:CopyIntoBackupVault"):
    return {"Effect": effect, "Principal": principal, "Action": action, "Resource": "*"}


def vault(*statements, **lock):
    return {"policy": {"Statement": list(statements)}, "lock": lock, "encryption_key_arn": "arn:key"}


LETS_IN = allows({"AWS": f"arn:aws:iam::{HERE}:root"})


def facts(**given):
    held = {
        "source_account": HERE,
        "destination_account": THERE,
        "organisations": ("o-1", "o-1"),
        "cross_account": True,
        "opt_in": True,
        "vault": vault(LETS_IN),
        "vault_name": "copies",
        "key_state": "Enabled",
        **given,
    }
    held["params"] = {**PARAMS, **given.get("params", {})}
    held["is_one_account"] = held["source_account"] == held["destination_account"]
    return SimpleNamespace(**held)


def verdicts(**given):
    return {found["id"]: found["verdict"] for found in judge(facts(**given))}


def of(check, **given):
    (found,) = (one for one in judge(facts(**given)) if one["id"] == check)
    return found


FOREVER = {"params": {"lifecycles": {"all.ever": {}}}}


def test_where_everything_is_right_all_of_it_is_ok():
    assert set(verdicts().values()) == {"ok"} and len(verdicts()) == len(CHECKS) - 1
    one = verdicts(destination_account=HERE, organisations=(DENIED, DENIED), cross_account=DENIED, vault=vault())
    assert set(one.values()) == {"ok"}


@pytest.mark.parametrize(
    ("check", "given", "verdict", "says"),
    [
        ("copy_account", {"params": {"account_id": HERE}}, "broken", f"{THERE}, and {HERE} is asked for"),
        ("copy_organisation", {"organisations": ("o-1", "o-2")}, "broken", "o-1, that of the copies of o-2"),
        ("copy_organisation", {"organisations": ("o-1", DENIED)}, "unknown", "Denied."),
        ("copy_cross_account", {"cross_account": False}, "broken", "does not let its accounts"),
        ("copy_cross_account", {"cross_account": DENIED}, "unknown", "Denied."),
        ("copy_opt_in", {"opt_in": False}, "broken", "is off where copies go"),
        ("copy_opt_in", {"opt_in": DENIED}, "unknown", "Denied."),
        ("copy_policy", {"vault": vault()}, "broken", f"does not let {HERE} copy into it"),
        ("copy_policy", {"vault": vault(allows("*"))}, "ok", "lets"),
        ("copy_policy", {"vault": vault(allows({"AWS": [HERE]}))}, "ok", "lets"),
        ("copy_policy", {"vault": vault(allows({"AWS": THERE}))}, "broken", "does not let"),
        ("copy_policy", {"vault": vault(allows({"Service": "x"}))}, "broken", "does not let"),
        ("copy_policy", {"vault": vault(allows("*", action="backup:ListTags"))}, "broken", "does not let"),
        (
            "copy_policy",
            {"vault": vault(LETS_IN, allows("*", effect="Deny", action=["backup:*"]))},
            "broken",
            "does not",
        ),
        ("copy_policy", {"vault": vault(), "params": {"policy_to_come": True}}, "ok", "lets"),
        ("copy_policy", {"vault": DENIED}, "unknown", "Denied."),
        ("copy_policy", {"vault": {}}, "skipped", "is not there yet"),
        ("copy_policy", {"vault": {}, "params": {"backup_vault_name": None}}, "broken", "There is no vault copies"),
        ("copy_key", {"key_state": "Disabled"}, "broken", "is Disabled"),
        ("copy_key", {"key_state": ""}, "ok", "can be used"),
        ("copy_key", {"key_state": DENIED}, "unknown", "Denied."),
        ("copy_key", {"vault": {}}, "skipped", "not there yet"),
        ("copy_key", {"vault": DENIED}, "unknown", "Denied."),
        ("copy_lock", {"vault": vault(LETS_IN, mode="governance", min_retention_days=40)}, "broken", "all.daily"),
        ("copy_lock", {"vault": vault(LETS_IN, mode="governance", max_retention_days=40)}, "broken", "all.ever"),
        ("copy_lock", {"vault": vault(LETS_IN, mode="governance", min_retention_days=7)}, "ok", "fits the lock"),
        ("copy_lock", {"vault": vault(LETS_IN)}, "ok", "no lock"),
        ("copy_lock", {"vault": {}}, "skipped", "not there yet"),
        ("copy_lock", {"vault": DENIED}, "unknown", "Denied."),
    ],
)
def test_each_thing_that_a_copy_needs_is_judged(check, given, verdict, says):
    found = of(check, **given)
    assert (found["verdict"], found["subject"]) == (verdict, "copies") and says in found["evidence"]


def test_an_account_that_nobody_told_is_not_said_to_be_another_one():
    assert "copy_account" not in verdicts(destination_account=DENIED, params={"account_id": HERE})
