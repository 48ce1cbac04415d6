# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Makes findings of all hosts a report: lines, files, counts, and a digest for who corrects what was reported."""

from __future__ import annotations

import base64
import datetime
import os
import re
import tempfile

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from ..module_utils.errors import Invalid
from ..module_utils.reports.accepted import accepted
from ..module_utils.reports.chosen import chosen, objects_that_differ
from ..module_utils.reports.files import FORMATS, files, sha256
from ..module_utils.reports.report import failing, ids, report
from ..module_utils.reports.severity import SEVERITIES, rows
from ..module_utils.reports.text import covered, lines, summary
from ..module_utils.reports.trend import drops, parsed
from ..plugin_utils.display import displayed_by_ansible
from ..plugin_utils.hidden import secrets_of, without
from ..plugin_utils.left_by_roles import evidence_of, findings_of, lines_of
from ..plugin_utils.tries import only_predicts

SPEC = {
    "title": {"type": "str"},
    "name": {"type": "str", "default": "report"},
    "findings": {"type": "dict"},
    "incomplete": {"type": "dict", "default": {}},
    "evidence": {"type": "dict", "default": {}},
    "accept": {"type": "list", "elements": "dict", "default": []},
    "severities": {"type": "list", "elements": "dict", "default": []},
    "dir": {"type": "path"},
    "formats": {"type": "list", "elements": "str", "choices": list(FORMATS), "default": list(FORMATS)},
    "approved": {"type": "dict", "default": {}},
    "approved_report": {"type": "path"},
    "correct_ids": {"type": "list", "elements": "str"},
    "correct_severities": {"type": "list", "elements": "str", "choices": list(SEVERITIES)},
    "earlier": {"type": "list", "elements": "path", "default": []},
    "s3_uri": {"type": "str"},
    "s3_bucket_owner": {"type": "str"},
    "s3_object_lock": {"type": "dict"},
    "aws": {"type": "dict", "default": {}, "no_log": True},
    "strict": {"type": "bool", "default": False},
    "fail_on": {"type": "str", "choices": [*SEVERITIES, "none"], "default": "critical"},
}
NAME = re.compile(r"[a-z][a-z0-9_]*")


class ActionModule(ActionBase):
    _supports_check_mode = True
    _requires_connection = False

    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        _valid, asked = self.validate_argument_spec(SPEC)
        found = self._reported(asked, task_vars) if asked["title"] else {"lines": _done_by_roles(task_vars)}
        display = displayed_by_ansible()
        for line in found["lines"] if display else ():
            display(line)
        result.update(changed=False, **found, **({} if display else {"msg": found["lines"]}))
        return result

    def _reported(self, asked, task_vars) -> dict:
        if not NAME.fullmatch(asked["name"]):
            raise AnsibleActionFail(f"name: {asked['name']!r} must be small letters, digits and _, a letter first.")
        try:
            told = report(
                asked["title"],
                _hosts(asked, task_vars),
                accept=accepted(asked["accept"]),
                rows=rows(asked["severities"]),
                now=datetime.datetime.now(datetime.timezone.utc),
            )
        except Invalid as refusal:
            raise AnsibleActionFail(str(refusal)) from None
        earlier = _read(asked["earlier"])
        dropped = [text for text in [drops(told, earlier)] if text]
        made = files(told, asked["name"], asked["formats"], earlier) if asked["dir"] or asked["s3_uri"] else {}
        written = not only_predicts(self._task)
        if written and asked["dir"]:
            _write(asked["dir"], made)
        objects = self._put(asked, made, task_vars) if asked["s3_uri"] else []
        return {
            "lines": [f"{told['title']}: {summary(told)}.", *covered(told), *dropped, *lines(told)],
            **{word: told[word] for word in ("complete", "counts", "digest")},
            "digests": {host["host"]: host["digest"] for host in told["hosts"]},
            "ids": ids(told),
            "incomplete": {host["host"]: host["incomplete"] for host in told["hosts"] if not host["complete"]},
            "coverage": told["coverage"],
            "failing": [host["host"] for host in told["hosts"]]
            if asked["strict"] and dropped
            else failing(told, asked["fail_on"]),
            "files": [
                {
                    "path": os.path.join(asked["dir"] or "", file),
                    "sha256": sha256(held),
                    "size": len(held),
                    "written": written and bool(asked["dir"]),
                }
                for file, (_type, held) in made.items()
            ],
            "objects": objects,
            "objects_that_differ": {host["host"]: objects_that_differ(host) for host in told["hosts"]},
            **self._chosen(asked, told),
            "ansible_stats": {"data": _stats(asked["name"], told), "per_host": False, "aggregate": False},
        }

    def _chosen(self, asked, told) -> dict:
        """What is to be corrected, where that is asked."""
        if asked["correct_ids"] is None and asked["correct_severities"] is None:
            return {}
        approved = asked["approved"]
        if asked["approved_report"]:
            approved = _parsed("approved_report", asked["approved_report"])["digests"]
        return {"correct": chosen(told, approved, asked["correct_ids"] or [], asked["correct_severities"] or [])}

    def _put(self, asked, made, task_vars) -> list:
        """What lies in S3 now. A report that was to be kept there and is not is a failure, after the files are written."""
        told = [
            {"name": file, "content": base64.b64encode(held).decode(), "content_type": media_type}
            for file, (media_type, held) in made.items()
        ]
        more = {"bucket_owner": asked["s3_bucket_owner"], "object_lock": asked["s3_object_lock"]}
        given = {name: held for name, held in more.items() if held}
        answer = self._execute_module(
            module_name="vmc.aws_backup.backup_report_files",
            module_args={**asked["aws"], "uri": asked["s3_uri"], "files": told, **given},
            task_vars=task_vars,
        )
        if answer.get("failed"):
            raise AnsibleActionFail(f"s3_uri: the report is not in {asked['s3_uri']}. {answer.get('msg', '')}")
        return answer.get("objects") or []


def _stats(name, told) -> dict:
    """What a run leaves for those that follow it in a workflow."""
    return {
        f"{name}_counts": told["counts"],
        f"{name}_complete": told["complete"],
        f"{name}_digest": told["digest"],
        f"{name}_digests": {host["host"]: host["digest"] for host in told["hosts"]},
        f"{name}_ids": ids(told),
    }


def _hosts(asked, task_vars) -> dict:
    """Everything of each host of the play. One that left it, or of which nothing is told, is incomplete."""
    hostvars, still_there = task_vars["hostvars"], task_vars["ansible_play_hosts"]
    names = dict.fromkeys([*task_vars["ansible_play_hosts_all"], *(asked["findings"] or {})])
    return {name: _host(name, asked, hostvars.get(name) or {}, name in still_there) for name in names}


def _host(name, asked, variables, is_there) -> dict:
    found = findings_of(variables) if asked["findings"] is None else _given(name, asked["findings"])
    if not is_there and not found["incomplete"]:
        found["incomplete"] = "it failed or could not be reached"
    if asked["incomplete"].get(name):
        found["incomplete"] = str(asked["incomplete"][name])
    found["evidence"] = asked["evidence"].get(name) or evidence_of(variables)
    return without(found, secrets_of(variables))


def _given(name, findings) -> dict:
    incomplete = "" if name in findings else "nothing is told of it"
    return {"findings": [dict(each) for each in findings.get(name) or []], "incomplete": incomplete}


def _read(paths) -> list:
    """Earlier reports, which have to be there: a trend that leaves one out is none."""
    return [_parsed(f"earlier[{place}]", path) for place, path in enumerate(paths)]


def _parsed(option, path) -> dict:
    try:
        with open(path, encoding="utf-8") as held:
            return parsed(option, held.read())
    except OSError as failure:
        raise AnsibleActionFail(f"{option}: {path} cannot be read: {failure.strerror}.") from None
    except UnicodeDecodeError:
        raise AnsibleActionFail(f"{option}: {path} is no text.") from None
    except Invalid as refusal:
        raise AnsibleActionFail(f"{refusal} ({path})") from None


def _write(folder, made):
    """Whoever reads them sees the old ones or the new ones, and no part."""
    if not made:
        return
    try:
        os.makedirs(folder, exist_ok=True)
        for file, (_type, held) in made.items():
            number, path = tempfile.mkstemp(dir=folder, prefix=f".{file}.")
            with os.fdopen(number, "wb") as new:
                new.write(held)
            os.chmod(path, 0o640)
            os.replace(path, os.path.join(folder, file))
    except OSError as failure:
        raise AnsibleActionFail(f"dir: {folder} cannot be written to: {failure.strerror}.") from None


def _done_by_roles(task_vars) -> list:
    return [
        line for host in task_vars["ansible_play_hosts_all"] for line in lines_of(host, task_vars["hostvars"][host])
    ]
