# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import types

import pytest
from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible_collections.vmc.aws_backup.plugins.action.drill import ActionModule
from ansible_collections.vmc.aws_backup.plugins.plugin_utils import drills

from ..module_utils.checks.test_drill import MACHINES, record

GIVEN = {
    "restore_drill_iam_role_arn": "arn:aws:iam::111122223333:role/AWSBackup",
    "restore_drill_to": "vmware",
    "restore_drill_behaviour_verified": True,
    "restore_drill_folder": "/dc/vm/Drills",
    "restore_drill_compute_resource": "c1",
    "restore_drill_datastore": "d1",
    "restore_drill_sample": 2,
    "restore_drill_backup": "newest",
}
EBS = {"restore_drill_to": "ebs", "restore_drill_availability_zone": "a", "restore_drill_ebs_restore_to": "EBSVolume"}
POINT = {"recovery_point_arn": "point", "backup_vault_name": "v1"}
KEPT = [{**each, "newest_recovery_point": POINT} for each in MACHINES]


@pytest.fixture
def run(monkeypatch, tmp_path):
    monkeypatch.setattr(ActionBase, "run", lambda self, tmp, task_vars: {})

    def run(machines=KEPT, records=(), given=None, **args):
        for each in records:
            drills.write(str(tmp_path), {"site_id": "site", **each})
        action = ActionModule.__new__(ActionModule)
        asked = {**GIVEN, "restore_drill_dir": str(tmp_path), **(given or {})}
        action._task = types.SimpleNamespace(args={"given": asked, "machines": machines, "site_id": "site", **args})
        return action.run()

    return run


def test_a_sample_is_chosen_and_nothing_is_written(run, tmp_path):
    found = run()["drills"]
    assert len(found) == 2 and list(tmp_path.iterdir()) == []
    first = found[0]
    assert first["vm_name"] == f"{first['machine']['name']}-{first['request_id']}"
    assert (first["backup_vault_name"], first["recovery_point"], first["resumed"]) == ("v1", POINT, False)
    assert first["place"] == {"folder": "/dc/vm/Drills", "compute_resource": "c1", "datastore": "d1"}


def test_what_was_broken_off_comes_first_and_counts(run):
    broken_off = record(0, state="open")
    found = run(records=[broken_off, record(1)])["drills"]
    assert [each["resumed"] for each in found] == [True, False]
    assert found[0]["request_id"] == broken_off["request_id"]
    again = run(given={"restore_drill_machines": ["web-0"]})["drills"]
    assert [each["machine"]["name"] for each in again] == ["web-0"]


def test_with_absent_none_is_begun(run):
    broken_off = record(0, state="open")
    found = run(records=[broken_off], given={"state": "absent", "restore_drill_folder": None})["drills"]
    assert [each["request_id"] for each in found] == [broken_off["request_id"]]


def test_an_on_demand_backup_needs_no_point(run):
    given = {
        "restore_drill_backup": "on_demand",
        "restore_drill_delete_after_days": 7,
        "restore_drill_backup_vault_name": "v2",
    }
    bare = [{**each, "newest_recovery_point": None} for each in MACHINES]
    assert run(machines=bare, given=given)["drills"] == []
    found = run(machines=bare, given={**given, "restore_drill_machines": ["web-1"]})["drills"]
    assert {(each["on_demand"], each["backup_vault_name"], each["delete_after_days"]) for each in found} == {
        (True, "v2", 7)
    }


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"restore_drill_behaviour_verified": False}, "restore_drill_behaviour_verified"),
        ({"restore_drill_folder": None}, "restore_drill_folder"),
        ({"restore_drill_iam_role_arn": None}, "restore_drill_iam_role_arn"),
        ({**EBS, "restore_drill_ebs_restore_to": None}, "restore_drill_ebs_restore_to"),
        ({"restore_drill_backup": "on_demand"}, "restore_drill_delete_after_days"),
        ({"restore_drill_machines": ["other"]}, "lists no other"),
    ],
)
def test_what_cannot_be_is_refused(run, given, says):
    with pytest.raises(AnsibleActionFail, match=says):
        run(given=given)


def test_to_ebs_nothing_has_to_be_verified(run):
    (first, _second) = run(given={**EBS, "restore_drill_behaviour_verified": False})["drills"]
    assert first["place"]["ebs_restore_to"] == "EBSVolume"


def test_a_machine_without_a_point_that_is_named_is_refused(run):
    with pytest.raises(AnsibleActionFail, match="no recovery point"):
        run(machines=[{**MACHINES[0], "newest_recovery_point": None}], given={"restore_drill_machines": ["web-0"]})


def test_the_outcome_says_which_have_proven_nothing(run):
    mine, other = record(0, failure="no room"), record(1)
    result = run(records=[mine, other], judge=True, drilled=[mine, other])["result"]
    assert result["unproven"] == ["web-0: no room"]
    assert result["changed"] and len(result["drills"]) == 2
    assert any("no room" in text for text in result["findings"])
    assert {each["verdict"] for each in result["drill_findings"]} >= {"ok", "broken"}
    assert run(judge=True)["result"]["changed"] is False
