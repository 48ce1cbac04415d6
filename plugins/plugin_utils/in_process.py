# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A module of this collection in a child of Ansible's worker, which has imported all that it needs.

It is the action of any module, with its last step replaced: no new Python is started. Everything here that is core's own and not public
was tried with the versions in ``TRIED``; with others, and wherever a module does not run beside Ansible, the ordinary way is taken.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import importlib
import itertools
import json
import os
import signal
import ssl
import sys
import traceback

from ansible import constants as C
from ansible.errors import AnsibleActionFail
from ansible.module_utils import basic
from ansible.module_utils.ansible_release import __version__ as core_version
from ansible.module_utils.common import json as core_json
from ansible.module_utils.common import warnings
from ansible.plugins.action.normal import ActionModule as Ordinary
from ansible.plugins.loader import filter_loader, test_loader
from ansible.utils.display import Display

from ..module_utils import recall, run_store, wait
from ..module_utils.anonymous import anonymous
from ..module_utils.clients import left_open
from ..module_utils.errors import TimedOut
from .tries import coverage, in_earnest, is_tried, look_of, only_look, only_predicts, thing, tried

try:
    import botocore
    import botocore.exceptions
    import botocore.loaders
    import botocore.session
except ImportError:
    botocore = None

try:
    from pyVmomi import vim
except ImportError:
    vim = None

try:  # core 2.19 and later
    from ansible.executor.module_common import _BuiltModule
    from ansible.module_utils import _internal
    from ansible.module_utils._internal._ansiballz import _loader
    from ansible.module_utils.common.json import Direction, get_module_encoder
except ImportError:
    _internal = None

TRIED = ("2.16", "2.17", "2.18", "2.19", "2.20", "2.21")
PROFILE = "legacy"
WAYS = ("auto", "never")
SERVICES = ("backup", "backup-gateway", "ec2", "iam", "kms", "sts")
KINDS = ("service-2", "paginators-1", "waiters-2", "endpoint-rule-set-1")
MODELS = ("endpoints", "partitions", "sdk-default-configuration", "_retry")
# What templates of the roles use, and each worker would look for anew.
FOR_TEMPLATES = (
    (test_loader, "defined"),
    *((filter_loader, f"vmc.aws_backup.{name}") for name in ("by_entry", "in_the_way", "let_in", "outcome", "report")),
)
OF_VCENTER = ("gateway_appliance", "vsphere_")  # to look twice there would be to log in twice
SESSIONS = 3  # of botocore: as many as one module may take, for services and for the role that it assumes
PATIENCE = 5  # seconds in which a module that is told to end may log out


class InProcess(Ordinary):
    """The action of the module after which its file is named."""

    _in_process = False
    _look = ""

    def __init_subclass__(cls, **more):
        """Import the module where the action is loaded: in Ansible's own process, of which all workers are forks."""
        super().__init_subclass__(**more)
        with contextlib.suppress(ImportError):  # the task says what is missing
            importlib.import_module(cls._module_name())
            prime()

    @classmethod
    def _module_name(cls) -> str:
        return cls.__module__.replace(".plugins.action.", ".plugins.modules.")

    def run(self, tmp=None, task_vars=None):
        result = self._titled(tmp, task_vars)
        return {**result, "thing": thing(self._task)} if result.get("changes") else result

    def _titled(self, tmp, task_vars) -> dict:
        shares_reads = not self._module_name().rpartition(".")[2].startswith(OF_VCENTER)
        self._look = look_of(self._task, task_vars) if shares_reads else ""
        if is_tried(self._task, task_vars):
            only_look(self._task)
            return _covered(tried(super().run(tmp, task_vars)))
        result = _covered(
            self._corrected(tmp, task_vars) if "__correct_only" in task_vars else super().run(tmp, task_vars)
        )
        diff = result.get("diff")
        if isinstance(diff, dict):
            # With several hosts at once nobody could tell whose it is.
            headers = [header for header in ("before_header", "after_header") if diff.get(header)]
            diff.update({header: f"{task_vars['inventory_hostname']}: {diff[header]}" for header in headers})
        return result

    def _corrected(self, tmp, task_vars) -> dict:
        """A correction writes to the objects that it names, and has all others only predicted."""
        if only_predicts(self._task):
            return super().run(tmp, task_vars)
        only_look(self._task)
        predicted = super().run(tmp, task_vars)
        chosen = self._templar.template(task_vars["__correct_only"])
        if not predicted.get("changes") or thing(self._task) not in chosen:
            return {**predicted, "changed": False}
        in_earnest(self._task)
        return super().run(tmp, task_vars)

    def _execute_module(self, module_name=None, module_args=None, task_vars=None, wrap_async=False, **more):
        variables = task_vars or {}
        self._in_process = not wrap_async and self._is_here(variables.get("ansible_delegated_vars", {}), variables)
        return super()._execute_module(
            module_name=module_name, module_args=module_args, task_vars=task_vars, wrap_async=wrap_async, **more
        )

    def _is_here(self, delegated, variables) -> bool:
        """Whether the module would run on this machine, as this user and with this very Python."""
        way = self._templar.template(variables.get("vmc_backup_in_process")) or WAYS[0]
        if way not in WAYS:
            raise AnsibleActionFail(f"vmc_backup_in_process is {way!r}: it has to be one of {', '.join(WAYS)}.")
        becomes = self._connection.become or self._play_context.become
        if way == "never" or self._task.async_val or becomes or self._connection.transport != "local":
            return False
        if not core_version.startswith(tuple(f"{version}." for version in TRIED)) or C.PYTHON_MODULE_RLIMIT_NOFILE:
            return False
        own = delegated.get(self._task.delegate_to, {}) if self._task.delegate_to else variables
        python = self._templar.template(own.get("ansible_python_interpreter", ""))
        if not python:
            Display().v(
                f"{self._task.action}: ansible_python_interpreter is not set, so that each module starts a Python of its own. "
                "With '{{ ansible_playbook_python }}' it runs in the one of Ansible, in a tenth of the time."
            )
        return bool(python) and os.path.abspath(python) == os.path.abspath(sys.executable)

    def _is_pipelining_enabled(self, module_style, wrap_async=False):
        return self._in_process or super()._is_pipelining_enabled(module_style, wrap_async)

    def _configure_module(self, module_name, module_args, task_vars):
        if not self._in_process:
            return super()._configure_module(module_name, module_args, task_vars)
        name, shebang = self._module_name(), f"#!{sys.executable}"
        if _internal is None:
            options = json.dumps(
                {"ANSIBLE_MODULE_ARGS": module_args}, cls=core_json.AnsibleJSONEncoder, vault_to_text=True
            )
            return "new", shebang, options.encode(), name
        encoder = get_module_encoder(PROFILE, Direction.CONTROLLER_TO_MODULE)
        options = json.dumps({"ANSIBLE_MODULE_ARGS": module_args}, cls=encoder)
        built = _BuiltModule(
            module_style="new", shebang=shebang, b_module_data=options.encode(), serialization_profile=PROFILE
        )
        return built, name

    def _low_level_execute_command(self, cmd, sudoable=True, in_data=None, **more):
        if not self._in_process or in_data is None:
            return super()._low_level_execute_command(cmd, sudoable=sudoable, in_data=in_data, **more)
        environment: dict = {}
        self._compute_environment_string(environment)
        with anonymous() as out, anonymous() as err, left_open.noted() as notes:
            child = os.fork()
            if child == 0:
                recall.belong(self._look)
                _be_the_module(self._module_name(), in_data, environment, self._loader.get_basedir(), out, err)
            try:
                code = _end_of(child)
            finally:
                _close(left_open.left(notes))
            told, said = (_text_of(stream) for stream in (out, err))
        if code < 0:
            said += f"The module was ended by {signal.strsignal(-code) or 'signal'} ({-code})."
            code = 128 - code
        return {
            "rc": code,
            "stdout": told,
            "stdout_lines": told.splitlines(),
            "stderr": said,
            "stderr_lines": said.splitlines(),
        }


def _covered(result) -> dict:
    found = coverage(result)
    return {**result, "coverage": found} if found else result


@functools.cache
def prime():
    """What all modules of a run share: the run's store, and what the libraries would make anew for each of them.

    Nothing of it has looked at an option, the environment or a file of the user.
    """
    run_store.begin()
    recall.begin()
    for plugins, name in FOR_TEMPLATES:
        with contextlib.suppress(KeyError):  # outside a play, where nobody loads collections
            plugins.get(name)
    ssl.create_default_context()  # OpenSSL looks for its algorithms when they are needed first
    if vim is not None:
        _read_types(vim.ServiceInstanceContent)
    if botocore is None:
        return None
    loader = botocore.loaders.create_loader()
    for name in MODELS:
        loader.load_data(name)
    for service, kind in itertools.product(SERVICES, KINDS):
        with contextlib.suppress(botocore.exceptions.DataNotFoundError):  # not every service has each
            loader.load_service_model(service, kind)
    for service in SERVICES:
        for operation in loader.load_service_model(service, "service-2")["operations"]:
            botocore.xform_name(operation)  # which remembers it: EC2 has 800 of them
    return loader, [botocore.session.get_session() for _each in range(SESSIONS)]


def _read_types(kind):
    """pyVmomi makes each type of vSphere when it is named first; these are those of a login."""
    for part in kind._GetPropertyList():
        if issubclass(part.type, vim.ManagedObject):
            part.type._GetMethodList()


def _end_of(child: int) -> int:
    """Wait for the end of a child: its exit code, or the negative number of a signal."""
    try:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    except BaseException:
        # The time of the task is over, or the run is: the module may still log out.
        os.kill(child, signal.SIGTERM)
        try:
            wait.until(
                lambda: os.waitpid(child, os.WNOHANG),
                lambda ended: ended != (0, 0),
                timeout=PATIENCE,
                interval=0.02,
                longest=0.2,
            )
        except TimedOut:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        raise


def _close(sessions):
    """Close what a module had no time to close. Each has a process of its own, which cannot hang nor fail the task."""
    for closing in sessions:
        child = os.fork()
        if child == 0:
            try:
                signal.signal(signal.SIGALRM, signal.SIG_DFL)
                signal.setitimer(signal.ITIMER_REAL, PATIENCE)
                closing.send()
            finally:
                os._exit(0)
        os.waitpid(child, 0)


def _text_of(stream) -> str:
    stream.seek(0)
    return stream.read().decode("utf-8", "replace")


def _be_the_module(name, options, environment, folder, out, err):
    """Run a module as a Python of its own would, and never return."""
    code = 1
    try:
        atexit._clear()  # what is registered so far is for the worker to do
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number in (signal.SIGALRM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
        nothing = os.open(os.devnull, os.O_RDONLY)
        for source, target in ((nothing, 0), (out.fileno(), 1), (err.fileno(), 2)):
            os.dup2(source, target)
        sys.stdin, sys.stdout, sys.stderr = (
            open(at, mode, closefd=False) for at, mode in ((0, "r"), (1, "w"), (2, "w"))
        )
        os.environ.update({key: str(value) for key, value in environment.items()})
        os.chdir(folder)
        _share(prime())
        code = _run(name, options)
    finally:
        try:
            atexit._run_exitfuncs()
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            os._exit(code)


def _share(primed):
    """Have botocore use what has been read and made already, where it is not told to look elsewhere."""
    if primed is None:
        return
    loader, sessions = primed
    anew = botocore.session.get_session
    botocore.session.create_loader = lambda path=None: botocore.loaders.create_loader(path) if path else loader
    botocore.session.get_session = lambda env_vars=None: (
        sessions.pop() if sessions and env_vars is None else anew(env_vars)
    )


def _run(name, options) -> int:
    """The exit code of a module."""
    basic._ANSIBLE_ARGS = options
    for kept in (warnings._global_warnings, warnings._global_deprecations):
        kept.clear()  # those of Ansible itself
    if _internal is not None:
        basic._ANSIBLE_PROFILE = PROFILE
        _internal.is_controller = False
    try:
        importlib.import_module(name).main()
        raise RuntimeError("New-style module did not handle its own exit.")
    except SystemExit as left:
        if left.code is None or isinstance(left.code, int):
            return (left.code or 0) & 0xFF
        print(left.code, file=sys.stderr)
    except BaseException as failure:  # whatever it is, it ends this child and nothing else
        if _internal is None or not isinstance(failure, Exception):
            traceback.print_exc()
        else:
            with contextlib.suppress(SystemExit):
                _loader._handle_exception(failure, PROFILE)
    return 1
