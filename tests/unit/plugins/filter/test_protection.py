# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.vmc.aws_backup.plugins.filter.protection import FilterModule, protection
from ansible_collections.vmc.aws_backup.plugins.module_utils.resources.backup_plan import own_requests

OURS = {"managed-by": "vmc-aws-backup"}
RULE = {"name": "daily", "lifecycle": {"delete_after_days": 35}}
ENTRY = {"name": "all", "plan": "blue-all", "rules": [RULE], "not_folders": []}
MACHINES = [
    {"name": "web", "path": "/dc/vm/prod", "resource_arn": "arn:web"},
    {"name": "gw-1", "path": "/dc/vm/backup/own", "resource_arn": "arn:gw-1"},
    {"name": "gw-2", "path": "/dc/vm/backup/own/gw-2", "resource_arn": "arn:gw-2"},
    {"name": "gw-1", "path": "/dc/vm/prod", "resource_arn": "arn:other"},
]
APPLIANCES = [{"name": f"gw-{number}", "datacenter": "dc", "folder": "backup/own"} for number in (1, 2)]


def inputs(*entries, state="present", allowed=(), copied_to=""):
    given = {"state": state, "protection_allow_less": list(allowed)}
    told = {"entries": list(entries), "copied_to": copied_to}
    return {"name": "blue", "site_id": "s", "given": given, "protection": told}


def plan(name, *rules, site_id="s", tags=None):
    return {
        "name": name,
        "backup_plan_id": f"id-of-{name}",
        "rules": {rule: {} for rule in rules},
        "site_id": site_id,
        "tags": OURS if tags is None else tags,
    }


def test_the_appliances_of_the_site_are_left_out_and_no_namesake_of_theirs():
    (entry,) = protection(inputs({**ENTRY, "not_virtual_machines": ["old"]}), MACHINES, APPLIANCES, [])["entries"]
    assert entry["not_virtual_machines"] == ["old", "arn:gw-1", "arn:gw-2"]


def test_before_anything_is_listed_they_are_left_out_by_what_they_are_going_to_be_called():
    (entry,) = protection(inputs(ENTRY), [], [*APPLIANCES, {"name": "to come"}], [])["entries"]
    assert entry["not_virtual_machines"] == ["/dc/vm/backup/own/gw-1", "/dc/vm/backup/own/gw-2"]
    in_no_folder = [{"name": "gw", "datacenter": "dc", "folder": ""}]
    (entry,) = protection(inputs(ENTRY), [], in_no_folder, [])["entries"]
    assert entry["not_virtual_machines"] == ["/dc/vm/gw"]


def test_a_plan_that_nobody_asks_for_protects_on_and_is_told_until_it_is_named():
    plans = [
        plan("blue-all", "daily"),
        plan("blue-old"),
        plan("blue-theirs", site_id="t"),
        plan("blue-foreign", tags={}),
    ]
    found = protection(inputs(ENTRY), MACHINES, APPLIANCES, plans)
    assert found["going"] == []
    (told,) = found["findings"]
    assert "The plan blue-old" in told and "Name old in protection_allow_less" in told
    found = protection(inputs(ENTRY, allowed=["old"]), MACHINES, APPLIANCES, plans)
    assert found["going"] == [
        {"name": "old", "plan": "blue-old", "backup_plan_id": "id-of-blue-old", "requests": own_requests("old", "s")}
    ]
    assert found["findings"] == []


def test_a_rule_that_nobody_asks_for_stays_and_is_told_until_it_is_named():
    plans = [plan("blue-all", "daily", "hourly")]
    found = protection(inputs(ENTRY), MACHINES, APPLIANCES, plans)
    assert found["entries"][0]["purge_rules"] is False
    assert "The rule hourly of the plan blue-all" in found["findings"][0]
    found = protection(inputs(ENTRY, allowed=["hourly"]), MACHINES, APPLIANCES, plans)
    assert (found["entries"][0]["purge_rules"], found["findings"]) == (True, [])
    found = protection(inputs(ENTRY, allowed=["daily"]), MACHINES, APPLIANCES, plans)
    assert found["entries"][0]["purge_rules"] is False


def test_all_plans_of_the_site_go_with_it_and_no_others():
    plans = [plan("blue-all"), plan("blue-old"), plan("blue-theirs", site_id="t")]
    found = protection(inputs(ENTRY, state="absent"), MACHINES, APPLIANCES, plans)
    assert found["entries"] == [] and [each["plan"] for each in found["going"]] == ["blue-all", "blue-old"]


def test_copies_go_to_the_vault_of_the_account_that_was_found():
    copied = {**ENTRY, "rules": [{**RULE, "copied": {"lifecycle": {"delete_after_days": 90}}}, {"name": "own"}]}
    told = {
        "source_account_id": "111122223333",
        "destination_account_id": "444455556666",
        "partition": "aws",
        "findings": [
            {"name": "Opt-in", "verdict": "broken", "evidence": "Is off.", "change": "Switch it on."},
            {"name": "Setting", "verdict": "unknown", "evidence": "Denied.", "change": ""},
            {"name": "Lock", "verdict": "ok", "evidence": "Fits.", "change": ""},
        ],
    }
    asked = inputs(copied, copied_to="arn:aws:backup:eu-central-1:*:backup-vault:c")
    found = protection(asked, MACHINES, APPLIANCES, [], told)
    first, second = found["entries"][0]["rules"]
    arn = "arn:aws:backup:eu-central-1:444455556666:backup-vault:c"
    assert first["copy_actions"] == [{"destination_backup_vault_arn": arn, "lifecycle": {"delete_after_days": 90}}]
    assert "copied" not in first and "copy_actions" not in second
    (statement,) = found["copies_policy"]["Statement"]
    assert statement["Principal"] == {"AWS": "arn:aws:iam::111122223333:root"}
    assert found["refused"] == ["vmc_backup_protection: Opt-in: Is off. Switch it on."]
    assert found["findings"] == ["Setting: Denied."]
    one = {**told, "destination_account_id": "111122223333"}
    assert protection(asked, MACHINES, APPLIANCES, [], one)["copies_policy"] is None
    assert protection(inputs(ENTRY), MACHINES, APPLIANCES, [])["copies_policy"] is None


def test_the_filter_goes_by_its_name():
    assert FilterModule().filters() == {"protection": protection}
