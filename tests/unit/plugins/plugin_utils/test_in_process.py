# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import atexit
import json
import os
import signal
import sys
import time
import types

import pytest
from ansible.errors import AnsibleActionFail
from ansible.module_utils.basic import AnsibleModule
from ansible_collections.vmc.aws_backup.plugins.action.backup_gateway_info import ActionModule
from ansible_collections.vmc.aws_backup.plugins.module_utils import recall
from ansible_collections.vmc.aws_backup.plugins.module_utils.clients import left_open
from ansible_collections.vmc.aws_backup.plugins.plugin_utils import in_process
from ansible_collections.vmc.aws_backup.plugins.plugin_utils.in_process import InProcess

KEYS = {"AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "s", "AWS_DEFAULT_REGION": "eu-west-3"}
HERE = {"ansible_python_interpreter": sys.executable}


class Local:
    transport = "local"
    become = None


def action(*, connection=Local, become=False, run_async=0, delegate_to=None, **environment):
    """An action as core makes one, as far as it is looked at."""
    made = InProcess.__new__(InProcess)
    made._connection = connection()
    made._play_context = types.SimpleNamespace(become=become)
    made._task = types.SimpleNamespace(
        async_val=run_async,
        delegate_to=delegate_to,
        action="vmc.aws_backup.thing",
        environment=[{"COLOUR": "blue"}],
        check_mode=False,
        _role=types.SimpleNamespace(get_name=lambda include_role_fqcn: "endpoint"),
    )
    made._templar = types.SimpleNamespace(template=lambda value: value)
    made._loader = types.SimpleNamespace(get_basedir=lambda: os.path.realpath("/"))
    made._compute_environment_string = lambda raw: raw.update(COLOUR="blue", NUMBER=7, **environment)
    return made


def is_here(*, delegated=None, variables=None, **given):
    return action(**given)._is_here(delegated or {}, HERE if variables is None else variables)


def run(monkeypatch, main, *, seconds=None, **environment):
    """What core is handed when a module with this main function runs."""
    monkeypatch.setitem(sys.modules, "the_module", types.SimpleNamespace(main=main))
    made = action(**environment)
    made._in_process = True
    monkeypatch.setattr(InProcess, "_module_name", classmethod(lambda cls: "the_module"))
    built = made._configure_module("vmc.aws_backup.thing", {"colour": "red", "_ansible_check_mode": True}, {})
    options = built[0].b_module_data if hasattr(built[0], "b_module_data") else built[2]
    if seconds:
        monkeypatch.setattr(in_process.wait, "time", time)  # a child needs real time to end
        monkeypatch.setattr(in_process, "PATIENCE", 0.5)
        signal.signal(signal.SIGALRM, stop)
        signal.setitimer(signal.ITIMER_REAL, seconds)
    return made._low_level_execute_command("", in_data=options)


class Late(BaseException):
    """As core's own time-out is none of Exception."""


def stop(_number, _frame):
    raise Late


def told(ran) -> dict:
    return json.loads(ran["stdout"])


# Where


def test_a_module_runs_here_on_this_machine_as_this_user_with_this_python():
    assert is_here()


def test_it_does_not_where_it_would_be_another():
    class Ssh(Local):
        transport = "ssh"

    class Becoming(Local):
        become = "sudo"

    assert not is_here(connection=Ssh)
    assert not is_here(connection=Becoming)
    assert not is_here(become=True)
    assert not is_here(run_async=10)
    assert not is_here(variables={"ansible_python_interpreter": "/usr/bin/python3.0"})
    assert not is_here(variables={})
    assert not is_here(variables={**HERE, "vmc_backup_in_process": "never"})


@pytest.mark.parametrize("way", ["auto", "", None])
def test_what_is_empty_is_not_given(way):
    assert is_here(variables={**HERE, "vmc_backup_in_process": way})


def test_of_a_delegated_task_the_other_host_is_asked():
    assert not is_here(delegate_to="bastion", delegated={"bastion": {}})
    assert is_here(delegate_to="other", delegated={"other": HERE}, variables={})


def test_a_core_that_nobody_tried_it_with_runs_modules_its_own_way(monkeypatch):
    monkeypatch.setattr(in_process, "core_version", "2.99.0")
    assert not is_here()
    monkeypatch.setattr(in_process, "core_version", "2.1.0")
    assert not is_here()


def test_another_word_is_refused():
    with pytest.raises(AnsibleActionFail, match="vmc_backup_in_process is 'always': it has to be one of auto, never"):
        is_here(variables={**HERE, "vmc_backup_in_process": "always"})


def test_an_action_is_named_after_its_module_which_is_imported_with_it():
    name = "ansible_collections.vmc.aws_backup.plugins.modules.backup_gateway_info"
    assert ActionModule._module_name() == name
    assert name in sys.modules


# How


def test_a_module_has_its_options_its_mode_its_environment_and_its_folder(monkeypatch):
    def main():
        module = AnsibleModule({"colour": {"type": "str"}}, supports_check_mode=True)
        module.warn("mind")
        seen = [module.params["colour"], module.check_mode, os.environ["COLOUR"], os.environ["NUMBER"], os.getcwd()]
        module.exit_json(seen=seen, read=sys.stdin.read())

    ran = run(monkeypatch, main)
    assert (ran["rc"], ran["stderr"]) == (0, "")
    assert told(ran)["seen"] == ["red", True, "blue", "7", "/"]
    assert told(ran)["read"] == ""
    assert "mind" in str(told(ran)["warnings"])
    assert "COLOUR" not in os.environ


def test_what_it_leaves_behind_in_memory_is_gone(monkeypatch):
    kept = []

    def main():
        kept.append("it")
        AnsibleModule({"colour": {}}).exit_json()

    run(monkeypatch, main)
    assert kept == []


def test_a_crash_is_one_failed_task(monkeypatch):
    def main():
        raise LookupError("none of that")

    ran = run(monkeypatch, main)
    assert ran["rc"] == 1
    assert "none of that" in ran["stdout"] + ran["stderr"]


def test_what_it_prints_is_kept_apart_also_below_python(monkeypatch):
    def main():
        os.write(1, b"before\n")
        os.write(2, b"beside\n")
        os.system("echo from a program")
        sys.exit(3)

    ran = run(monkeypatch, main)
    assert (ran["rc"], ran["stdout_lines"], ran["stderr_lines"]) == (3, ["before", "from a program"], ["beside"])


def test_a_module_that_returns_did_not_answer(monkeypatch):
    ran = run(monkeypatch, lambda: None)
    assert ran["rc"] == 1
    assert "did not handle its own exit" in ran["stdout"] + ran["stderr"]


def test_one_that_is_killed_says_by_what(monkeypatch):
    ran = run(monkeypatch, lambda: os.kill(os.getpid(), signal.SIGKILL))
    assert (ran["rc"], ran["stdout"]) == (137, "")
    assert "The module was ended by Killed (9)." in ran["stderr"]


def test_what_is_to_be_done_at_its_end_is_done_and_nothing_of_the_worker(monkeypatch, tmp_path):
    of_worker = atexit.register((tmp_path / "worker").touch)

    def main():
        atexit.register((tmp_path / "module").touch)
        sys.exit(0)

    try:
        run(monkeypatch, main)
    finally:
        atexit.unregister(of_worker)
    assert [path.name for path in tmp_path.iterdir()] == ["module"]


def test_when_time_is_over_the_module_ends_with_what_is_to_be_done(monkeypatch, tmp_path):
    def main():
        atexit.register((tmp_path / "left").touch)
        time.sleep(30)

    began = time.monotonic()
    with pytest.raises(Late):
        run(monkeypatch, main, seconds=0.3)
    assert (tmp_path / "left").exists()
    assert time.monotonic() - began < 10


def test_one_that_will_not_end_is_killed(monkeypatch):
    def main():
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        time.sleep(30)

    began = time.monotonic()
    with pytest.raises(Late):
        run(monkeypatch, main, seconds=0.3)
    assert time.monotonic() - began < 10


# What it leaves open


@pytest.fixture
def closings(monkeypatch, tmp_path):
    """What was sent to close sessions, in the order of their names."""

    def send(closing):
        if closing.method == "HANG":
            time.sleep(30)
        (tmp_path / closing.path).touch()

    monkeypatch.setattr(left_open.Closing, "send", send)
    return lambda: sorted(path.name for path in tmp_path.iterdir())


def opens(then, method="POST"):
    def main():
        left_open.opened("a", left_open.Closing("vcenter", 443, None, None, method, "a"))
        left_open.opened("b", left_open.Closing("vcenter", 443, None, None, "DELETE", "b"))
        then()

    return main


def test_what_a_killed_module_left_open_is_closed(monkeypatch, closings):
    run(monkeypatch, opens(lambda: os.kill(os.getpid(), signal.SIGKILL)))
    assert closings() == ["a", "b"]


def test_what_a_module_closed_is_not_closed_again(monkeypatch, closings):
    run(monkeypatch, opens(lambda: left_open.closed("a")))
    assert closings() == ["b"]


def test_so_is_what_one_left_open_that_would_not_end_in_time(monkeypatch, closings):
    def hang():
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        time.sleep(30)

    with pytest.raises(Late):
        run(monkeypatch, opens(hang), seconds=0.3)
    assert closings() == ["a", "b"]


def test_what_cannot_be_closed_holds_nothing_up(monkeypatch, closings):
    monkeypatch.setattr(in_process, "PATIENCE", 1)
    began = time.monotonic()
    ran = run(monkeypatch, opens(lambda: os._exit(9), method="HANG"))
    assert ran["rc"] == 9
    assert closings() == ["b"]
    assert time.monotonic() - began < 10


# What it need not make anew


def test_a_session_of_botocore_that_was_made_before_sees_the_environment_of_the_task(monkeypatch):
    made_before = [id(session) for session in in_process.prime()[1]]

    def main():
        session = in_process.botocore.session.get_session()
        keys = session.get_credentials()
        seen = [id(session) in made_before, session.get_config_variable("region"), keys.access_key]
        AnsibleModule({"colour": {}}, supports_check_mode=True).exit_json(seen=seen)

    assert told(run(monkeypatch, main, **KEYS))["seen"] == [True, "eu-west-3", "AKIA"]


def test_two_sessions_are_never_one(monkeypatch):
    def main():
        sessions = [in_process.botocore.session.get_session() for _each in range(in_process.SESSIONS + 2)]
        AnsibleModule({"colour": {}}, supports_check_mode=True).exit_json(
            seen=len({id(session) for session in sessions})
        )

    assert told(run(monkeypatch, main))["seen"] == in_process.SESSIONS + 2


def test_without_the_libraries_there_is_nothing_to_prime(monkeypatch):
    monkeypatch.setattr(in_process, "botocore", None)
    monkeypatch.setattr(in_process, "vim", None)
    assert in_process.prime.__wrapped__() is None


def test_a_diff_is_titled_with_its_host(monkeypatch):
    shown = {"before": {}, "after": {}, "before_header": "group web", "after_header": "group web"}
    monkeypatch.setattr(in_process.Ordinary, "run", lambda self, tmp, task_vars: {"diff": dict(shown)})
    found = action().run(None, {"inventory_hostname": "sddc-1"})["diff"]
    assert found == {**shown, "before_header": "sddc-1: group web", "after_header": "sddc-1: group web"}


def test_what_is_tried_is_asked_in_check_mode_and_neither_changes_nor_fails(monkeypatch):
    made = action()
    monkeypatch.setattr(
        in_process.Ordinary,
        "run",
        lambda self, tmp, task_vars: {"changed": True, "failed": self._task.check_mode, "msg": "refused"},
    )
    found = made.run(None, {"inventory_hostname": "sddc-1", "__endpoint_tried": True})
    assert found == {"changed": False, "failed": False, "msg": "refused", "tried": True}
    assert made.run(None, {"inventory_hostname": "sddc-1", "__appliance_tried": True})["changed"]


@pytest.mark.parametrize(
    ("chosen", "check_mode", "asked"),
    [
        (["nsx_mgw_rule one"], None, [True, False]),
        (["nsx_mgw_rule two"], None, [True]),
        ([], None, [True]),
        (["nsx_mgw_rule one"], True, [True]),
    ],
)
def test_a_correction_writes_to_what_it_names_and_has_all_else_predicted(monkeypatch, chosen, check_mode, asked):
    made, seen = action(), []
    made._task.check_mode, made._task.action, made._task.args = check_mode, "vmc.aws_backup.nsx_mgw_rule", {"id": "one"}
    made._templar = types.SimpleNamespace(template=lambda value: value)

    def answer(self, tmp, task_vars):
        seen.append(bool(self._task.check_mode))
        return {"changed": True, "changes": [{"path": "x"}], "diff": {"before_header": "mgw_rule one"}}

    monkeypatch.setattr(in_process.Ordinary, "run", answer)
    found = made.run(None, {"inventory_hostname": "sddc-1", "__correct_only": chosen})
    assert seen == asked
    assert found["changed"] is (asked[-1] is False or check_mode is True)
    assert found["diff"]["before_header"] == "sddc-1: mgw_rule one" and found["thing"] == "nsx_mgw_rule one"


@pytest.mark.parametrize("diff", [None, {"before": {}, "after": {}}, [{"before": ""}]])
def test_a_diff_without_a_title_gets_none(monkeypatch, diff):
    monkeypatch.setattr(in_process.Ordinary, "run", lambda self, tmp, task_vars: {"diff": diff})
    assert action().run(None, {"inventory_hostname": "sddc-1"}) == {"diff": diff}


@pytest.mark.parametrize(("look", "is_asked_again"), [("l", False), ("", True)])
def test_what_a_module_of_a_look_has_read_the_next_one_is_not_told_again(monkeypatch, look, is_asked_again):
    def main():
        module = AnsibleModule({"colour": {"type": "str"}}, supports_check_mode=True)
        with recall.gone_by():
            read = recall.asked(["what"], os.getpid)
        recall.keep()
        module.exit_json(read=read)

    recall.begin()
    monkeypatch.setattr(InProcess, "_look", look)
    first, second = (told(run(monkeypatch, main))["read"] for _time in range(2))
    assert (first != second) is is_asked_again


@pytest.mark.parametrize(
    ("name", "look"),
    [("nsx_group", "l"), ("backup_gateway", "l"), ("gateway_appliance", ""), ("vsphere_anti_affinity_rule", "")],
)
def test_a_module_belongs_to_the_look_of_its_role_unless_it_would_log_in_to_vcenter_twice(monkeypatch, name, look):
    monkeypatch.setattr(InProcess, "_module_name", classmethod(lambda cls: f"modules.{name}"))
    monkeypatch.setattr(in_process.Ordinary, "run", lambda self, tmp, task_vars: {"look": self._look})
    assert action().run(None, {"inventory_hostname": "sddc-1", "__endpoint": {"look": "l"}}) == {"look": look}
