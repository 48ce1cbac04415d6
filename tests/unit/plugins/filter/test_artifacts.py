# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.filter.artifacts import artifacts


def change(effect="create"):
    return {"object": "gateway secret", "path": "name", "desired": "secret", "actual": None, "effect": effect}


def host(name, **results):
    return {"inventory_hostname": name, **{f"{role}_result": result for role, result in results.items()}}


@pytest.mark.parametrize(
    ("result", "told"),
    [
        ({"changed": False, "changes": []}, {"verdict": "unchanged", "changes": {}, "notes": 0}),
        ({"changed": True, "changes": [change()] * 2}, {"verdict": "changed", "changes": {"endpoint": 2}, "notes": 0}),
        ({"changed": False, "changes": [change("kept")]}, {"verdict": "unchanged", "changes": {}, "notes": 0}),
        ({"changed": False, "findings": ["secret"]}, {"verdict": "unchanged", "changes": {}, "notes": 1}),
        ({"changed": True, "needs_you": True}, {"verdict": "needs_you", "changes": {}, "notes": 0}),
        (
            {"changed": True, "failed": True, "msg": "secret", "changes": [change()]},
            {"verdict": "failed", "changes": {"endpoint": 1}, "notes": 0, "failed": "endpoint"},
        ),
    ],
)
def test_an_artifact_counts_and_says_how_it_ended_without_names_and_messages(result, told):
    found = artifacts([host("sddc-1", endpoint=result)])
    assert found == {"vmc_backup_outcome_sddc_1": {"sddc-1": told}}
    assert "secret" not in str(found)


def test_slices_leave_artifacts_of_different_names():
    first, second = (artifacts([host(name, endpoint={})]) for name in ("sddc-1", "sddc-2"))
    assert set(first) & set(second) == set()


def test_hosts_whose_names_differ_in_signs_only_share_a_name_and_no_artifact_is_lost():
    found = artifacts([host("a-b", endpoint={}), host("a.b", endpoint={})])
    assert [list(one) for one in found.values()] == [["a-b", "a.b"]]


def test_a_host_of_which_nothing_is_left_has_none():
    assert artifacts([host("sddc-1")]) == {}
