# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible.plugins.action import ActionBase
from ansible_collections.vmc.aws_backup.plugins.action import report
from ansible_collections.vmc.aws_backup.plugins.action.report import ActionModule

NEW = {"object": "security_group", "path": "name", "effect": "create"}
KEPT = {"object": "security_group", "path": "egress", "effect": "kept"}


@pytest.fixture
def shown(monkeypatch):
    """The lines that are displayed for hosts with these variables, and the result."""

    def run(display=True, **hosts):
        lines = []
        monkeypatch.setattr(report, "displayed_by_ansible", lambda: lines.append if display else None)
        monkeypatch.setattr(ActionBase, "run", lambda self, tmp, task_vars: {})
        result = ActionModule.__new__(ActionModule).run(
            None, {"hostvars": hosts, "ansible_play_hosts_all": list(hosts)}
        )
        assert result["changed"] is False
        return lines, result

    return run


def test_of_a_preflight_it_is_the_table_with_the_notes(shown):
    found = {"prerequisites_result": {"report": ["17 met.", "met  1  It."], "findings": ["Cost: far."]}}
    lines, result = shown(one=found, two={})
    assert (
        lines
        == result["lines"]
        == ["one: 17 met.", "met  1  It.", "Note: Cost: far.", "two: it could not be looked at, see above."]
    )
    assert "msg" not in result


def test_of_any_other_run_it_is_what_was_changed(shown):
    endpoint = {"changes": [NEW, {**NEW, "path": "vpc_id"}, KEPT]}
    lines, _result = shown(one={"endpoint_result": endpoint, "firewall_result": {"changes": []}})
    assert lines == ["one: changed: endpoint (security_group)."]
    assert shown(one={"endpoint_result": {"changes": [KEPT]}})[0] == ["one: nothing to change."]


def test_a_finding_is_told_once(shown):
    found = {"endpoint_result": {"findings": ["It stays."]}, "firewall_result": {"findings": ["It stays."]}}
    assert shown(one=found)[0] == ["one: nothing to change.", "Note: It stays."]


def test_a_role_that_failed_says_why(shown):
    assert shown(one={"endpoint_result": {"failed": True, "msg": "No."}})[0][1:] == ["Failed, endpoint: No."]


def test_where_nothing_can_be_displayed_the_result_is_the_message(shown):
    lines, result = shown(display=False, one={})
    assert lines == [] and result["msg"] == result["lines"]


def test_of_findings_only_what_is_not_well_is_noted(shown):
    def finding(verdict, name):
        return {"verdict": verdict, "name": name, "evidence": "It is so.", "change": "Mend it."}

    findings = [finding("ok", "a"), finding("broken", "b"), finding("skipped", "c"), finding("unknown", "d")]
    lines, _result = shown(one={"verification_result": {"findings": findings}})
    assert lines[1:] == ["Note: broken, b: It is so. Mend it.", "Note: unknown, d: It is so. Mend it."]
