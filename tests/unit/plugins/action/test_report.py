# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json

import pytest
from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible_collections.vmc.aws_backup.plugins.action import report
from ansible_collections.vmc.aws_backup.plugins.action.report import ActionModule

NEW = {"object": "security_group", "path": "name", "effect": "create"}
KEPT = {"object": "security_group", "path": "egress", "effect": "kept"}
DIFFERS = {"object": "mgw_rule one", "path": "enabled", "desired": True, "actual": False, "effect": "in_place"}


class Task:
    def __init__(self, args, check_mode):
        self.args, self.check_mode = args, check_mode


@pytest.fixture
def shown(monkeypatch):
    """The lines that are displayed for hosts with these variables, and the result."""

    def run(display=True, asked=None, check_mode=False, gone=(), **hosts):
        lines = []
        monkeypatch.setattr(report, "displayed_by_ansible", lambda: lines.append if display else None)
        monkeypatch.setattr(ActionBase, "run", lambda self, tmp, task_vars: {})
        action = ActionModule.__new__(ActionModule)
        action._task = Task(asked or {}, check_mode)
        there = [host for host in hosts if host not in gone]
        variables = {"hostvars": hosts, "ansible_play_hosts_all": list(hosts), "ansible_play_hosts": there}
        result = action.run(None, variables)
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


def drift(**more):
    return {"title": "Drift", "name": "drift", **more}


def test_what_roles_left_is_a_report_with_counts_digest_and_ids(shown, tmp_path):
    one = {"firewall_result": {"changes": [DIFFERS]}}
    lines, result = shown(asked=drift(dir=str(tmp_path)), one=one, two={"firewall_result": {"changes": []}})
    assert lines == [
        "Drift: 1 warning.",
        "one: 1 warning.",
        "  !  mgw_rule one.enabled: false -> true",
        "two: all in order.",
    ]
    assert result["complete"] and result["incomplete"] == {} and result["ids"] == ["one:mgw_rule/one/enabled"]
    assert result["ansible_stats"] == {
        "data": {
            "drift_counts": result["counts"],
            "drift_complete": True,
            "drift_digest": result["digest"],
            "drift_digests": result["digests"],
            "drift_ids": result["ids"],
        },
        "per_host": False,
        "aggregate": False,
    }
    endings = ["html", "json", "md", "sha256", "txt", "xml"]
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"drift.{ending}" for ending in endings]
    assert json.loads((tmp_path / "drift.json").read_text())["digest"] == result["digest"]
    assert all(file["written"] for file in result["files"])


def test_check_mode_writes_no_file_and_says_which(shown, tmp_path):
    folder = tmp_path / "new"
    _lines, result = shown(asked=drift(dir=str(folder), formats=["json"]), check_mode=True, one={})
    assert not folder.exists()
    assert [(file["path"], file["written"]) for file in result["files"]] == [
        (str(folder / "drift.json"), False),
        (str(folder / "drift.sha256"), False),
    ]


@pytest.mark.parametrize(
    ("variables", "gone", "why"),
    [
        ({}, (), "it could not be looked at"),
        ({"endpoint_result": {"changes": []}}, ("one",), "it failed or could not be reached"),
        ({"endpoint_result": {"changes": [], "failed": True, "msg": "No\nway."}}, (), "endpoint: No way."),
    ],
)
@pytest.mark.parametrize("fail_on", ["critical", "none"])
def test_a_host_that_was_not_looked_at_wholly_is_never_in_order(shown, variables, gone, why, fail_on):
    _lines, result = shown(asked=drift(fail_on=fail_on), gone=gone, one=variables)
    assert not result["complete"] and result["incomplete"] == {"one": why}
    assert result["failing"] == (["one"] if fail_on == "critical" else [])


def test_findings_that_are_given_are_those_that_are_told(shown):
    given = {"one": [{"kind": "vault", "name": "v", "verdict": "broken", "severity": "critical", "evidence": "Open."}]}
    lines, result = shown(asked=drift(findings=given), one={"endpoint_result": {"changes": [NEW]}}, two={})
    assert lines[1:] == [
        "one: 1 critical.",
        "  !! v: Open.",
        "two: INCOMPLETE, nothing is told of it; seen so far: all in order.",
    ]
    assert result["failing"] == ["one", "two"]


def test_no_secret_of_a_host_is_told(shown, tmp_path):
    one = {
        "vmc_backup_vcenter_password": "s3cret<&>word",
        "firewall_result": {"changes": [{**DIFFERS, "actual": "x s3cret<&>word"}]},
    }
    asked = drift(dir=str(tmp_path), evidence={"one": {"caller": ["s3cret&lt;&amp;&gt;word"]}})
    lines, result = shown(asked=asked, one=one)
    said = json.dumps([lines, result]) + "".join(path.read_text() for path in tmp_path.iterdir())
    assert "s3cret" not in said and "x ********" in said


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        ({"name": "Drift Report"}, "name:"),
        ({"name": "../drift"}, "name:"),
        ({"accept": [{"id": "x"}]}, r"accept\[0\]"),
        ({"severities": [{"severity": "bad", "kind": "x"}]}, r"severities\[0\]"),
    ],
)
def test_what_cannot_be_is_refused_by_name(shown, asked, named):
    with pytest.raises(AnsibleActionFail, match=named):
        shown(asked={"title": "Drift", **asked}, one={})


def test_a_folder_that_cannot_be_written_to_is_said(shown, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(AnsibleActionFail, match="dir: "):
        shown(asked=drift(dir=str(tmp_path / "file")), one={})


def test_it_is_put_into_s3_too_where_that_is_asked_for(shown, monkeypatch):
    calls = []
    monkeypatch.setattr(ActionModule, "_execute_module", lambda self, **call: calls.append(call) or {"objects": ["o"]})
    more = {"s3_bucket_owner": "123456789012", "s3_object_lock": {"days": 5}, "aws": {"region": "eu-west-1"}}
    _lines, result = shown(asked=drift(s3_uri="s3://reports/x", formats=["json"], **more), one={})
    ((asked, name),) = [(call["module_args"], call["module_name"]) for call in calls]
    assert name == "vmc.aws_backup.backup_report_files" and result["objects"] == ["o"]
    assert [file.pop("name") for file in asked["files"]] == ["drift.json", "drift.sha256"]
    assert {key: held for key, held in asked.items() if key != "files"} == {
        "region": "eu-west-1",
        "uri": "s3://reports/x",
        "bucket_owner": "123456789012",
        "object_lock": {"days": 5},
    }
    assert not any(file["written"] for file in result["files"])


def test_a_report_that_is_not_in_s3_is_a_failure(shown, monkeypatch):
    answer = {"failed": True, "msg": "Denied."}
    monkeypatch.setattr(ActionModule, "_execute_module", lambda self, **call: answer)
    with pytest.raises(AnsibleActionFail, match="s3_uri: the report is not in s3://reports. Denied."):
        shown(asked=drift(s3_uri="s3://reports"), one={})


def test_earlier_ones_are_read(shown, tmp_path):
    one = {"firewall_result": {"changes": [DIFFERS]}}
    shown(asked=drift(dir=str(tmp_path)), one=one)
    before = tmp_path / "before.json"
    before.write_text((tmp_path / "drift.json").read_text().replace('"generated_at": "20', '"generated_at": "19'))
    shown(asked=drift(dir=str(tmp_path), earlier=[str(before)]), one=one)
    assert "Nothing came, and nothing went." in (tmp_path / "drift.md").read_text()


@pytest.mark.parametrize(
    ("held", "said"), [(None, "cannot be read"), (b"\xff", "is no text"), (b"{}", "is no report in JSON")]
)
def test_an_earlier_one_that_cannot_be_read_is_refused(shown, tmp_path, held, said):
    path = tmp_path / "before.json"
    if held is not None:
        path.write_bytes(held)
    with pytest.raises(AnsibleActionFail, match=rf"earlier\[0\].* {said}"):
        shown(asked=drift(earlier=[str(path)]), one={})


def test_that_less_is_compared_than_before_fails_where_that_is_asked_for(shown, tmp_path):
    def one(compared):
        return {"firewall_result": {"changes": [], "coverage": {"compared": compared, "known": 9}}}

    shown(asked=drift(dir=str(tmp_path)), one=one(5))
    before = tmp_path / "before.json"
    before.write_text((tmp_path / "drift.json").read_text().replace('"generated_at": "20', '"generated_at": "19'))
    for strict, compared, fails in ((True, 4, ["one"]), (False, 4, []), (True, 5, [])):
        lines, result = shown(asked=drift(earlier=[str(before)], strict=strict), one=one(compared))
        assert result["failing"] == fails and result["coverage"] == {"compared": compared, "known": 9}
        assert ("A smaller part" in " ".join(lines)) is (compared == 4)


def test_of_findings_only_what_is_not_well_is_noted(shown):
    def finding(verdict, name):
        return {"verdict": verdict, "name": name, "evidence": "It is so.", "change": "Mend it."}

    findings = [finding("ok", "a"), finding("broken", "b"), finding("skipped", "c"), finding("unknown", "d")]
    lines, _result = shown(one={"verification_result": {"findings": findings}})
    assert lines[1:] == ["Note: broken, b: It is so. Mend it.", "Note: unknown, d: It is so. Mend it."]
