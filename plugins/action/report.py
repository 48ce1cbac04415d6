# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Shows what the roles of a play found and did, once for all hosts, as lines."""

from __future__ import annotations

from ansible.plugins.action import ActionBase

from ..module_utils.engine.findings import sentence
from ..plugin_utils.commands import COMMANDS
from ..plugin_utils.display import displayed_by_ansible

NOTED = ("broken", "costly", "unknown")


class ActionModule(ActionBase):
    _supports_check_mode = True
    _requires_connection = False

    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        hosts = {host: _results(task_vars["hostvars"][host]) for host in task_vars["ansible_play_hosts_all"]}
        lines = [line for host, results in hosts.items() for line in _lines(host, results)]
        display = displayed_by_ansible()
        for line in lines if display else ():
            display(line)
        result.update(changed=False, lines=lines, **({} if display else {"msg": lines}))
        return result


def _results(variables) -> dict:
    """What each role left, as far as it came to that."""
    return {role: variables[f"{role}_result"] for role in COMMANDS if f"{role}_result" in variables}


def _lines(host, results):
    if not results:
        return [f"{host}: it could not be looked at, see above."]
    looked = results.get("prerequisites", {})
    table = looked.get("report")
    first, more = (table[0], table[1:]) if table else (_done(results), [])
    failed = [f"Failed, {role}: {found['msg']}" for role, found in results.items() if found.get("failed")]
    findings = dict.fromkeys(_told(each) for found in results.values() for each in found.get("findings") or [])
    findings.pop("", None)
    return [f"{host}: {first}", *more, *failed, *(f"Note: {text}" for text in findings)]


def _told(found) -> str:
    """A finding for people: what is well is nothing to note."""
    if not isinstance(found, dict):
        return str(found)
    return f"{found['verdict']}, {sentence(found)}" if found["verdict"] in NOTED else ""


def _done(results) -> str:
    """What was changed, or in a preview would be, role by role."""
    changes = {role: _objects(found) for role, found in results.items()}
    told = [f"{role} ({', '.join(objects)})" for role, objects in changes.items() if objects]
    return f"changed: {'; '.join(told)}." if told else "nothing to change."


def _objects(found) -> list:
    written = [
        change["object"]
        for change in found.get("changes") or []
        if change["effect"] not in ("kept", "denied", "replace")
    ]
    return list(dict.fromkeys(written))
