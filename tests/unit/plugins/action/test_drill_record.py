# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import types

import pytest
from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible_collections.vmc.aws_backup.plugins.action.drill_record import ActionModule
from ansible_collections.vmc.aws_backup.plugins.plugin_utils import drills

from ..module_utils.checks.test_drill import JOB, SOURCE, record


@pytest.fixture
def write(monkeypatch, tmp_path):
    monkeypatch.setattr(ActionBase, "run", lambda self, tmp, task_vars: {})

    def write(known, **args):
        action = ActionModule.__new__(ActionModule)
        action._task = types.SimpleNamespace(args={"dir": str(tmp_path), "record": known, **args})
        result = action.run()
        assert drills.read(str(tmp_path)) == [{key: held for key, held in result["record"].items() if key != "resumed"}]
        return result["record"]

    return write


def test_what_is_known_is_added_and_what_is_null_is_left_out(write):
    known = record(state="open")
    del known["opened_at"]
    made = write(known, add={"recovery_point": None, "there_before": ["a"]})
    assert made["there_before"] == ["a"] and "recovery_point" not in made and made["opened_at"]
    assert write(made)["opened_at"] == made["opened_at"]


def test_what_was_restored_is_judged(write):
    made = write(record(state="open"), judge={"source": SOURCE, "restored": SOURCE, "booted": {}, "restore": JOB})
    assert (made["level"], made["differences"], made["state"]) == ("vm", [], "open")
    made = write(record(state="open"), judge={"source": {}, "restored": SOURCE, "restore": JOB})
    assert "nothing could be compared" in made["differences"][0]


GONE, SKIPPED = {"changed": True}, {"skipped": True, "changed": False}


def test_it_is_closed_once_what_was_made_is_gone(write):
    made = write(
        record(state="open", restore_job_id="1"), close={"failed": {}, "removed": [GONE, SKIPPED], "found": []}
    )
    assert (made["state"], made["failure"], made["left"]) == ("closed", "", [])
    made = write(record(state="open", restore_job_id="1"), close={"failed": {}, "removed": [SKIPPED, SKIPPED]})
    assert made["state"] == "open"


def test_what_is_left_is_told(write):
    known = record(state="open", restore_job_id="1", there_before=["old"])
    kept = {"failed": True, "msg": "somebody has made it his own"}
    assert write(known, close={"removed": [kept]})["left"] == ["somebody has made it his own"]
    found = [{"folder": "/dc/vm", "name": "x", "instance_uuid": uuid} for uuid in ("old", "new")]
    made = write(known, close={"failed": {"msg": "no"}, "removed": [], "found": found})
    assert (made["state"], made["failure"], len(made["left"])) == ("open", "no", 1)
    assert "/dc/vm/x (new)" in made["left"][0]


def test_a_record_that_cannot_be_written_fails(write):
    with pytest.raises(AnsibleActionFail, match="cannot be written"):
        write({**record(), "request_id": "../x"})
