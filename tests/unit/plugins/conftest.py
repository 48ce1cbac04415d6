# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils import recall, run_store, secrets, wait
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import ApiError, Conflict
from arguments import patch_module_args


class Clock:
    """A clock that only waiting moves."""

    def __init__(self):
        self.now = 0.0

    def monotonic(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """No test waits for time to pass."""
    clock = Clock()
    monkeypatch.setattr(wait, "time", clock)
    return clock


class MemoryNsx:
    """The client of an NSX that lives in memory: objects by path, with their revisions."""

    def __init__(self):
        self.objects = {}
        self.puts = []
        self.reads = []
        self.services = []  # of /infra/mgmt-vms
        self.cloud = {}  # objects of VMware Cloud's own API
        self.cloud_puts = []
        self.cloud_silent = False  # as where that API is not answered
        self.realized_after = 0
        self.lose_next_answer = None  # "before" or "after" the write

    def get(self, path):
        self.reads.append(path)
        return self.objects.get(path)

    def put(self, path, body):
        lost, self.lose_next_answer = self.lose_next_answer, None
        if lost == "before":
            raise Conflict("no answer")
        have = self.objects.get(path)
        if have is not None and body.get("_revision") != have["_revision"]:
            raise Conflict("stale", code="412")
        revision = 0 if have is None else have["_revision"] + 1
        self.puts.append(body)
        self.objects[path] = {**body, "path": path, "_revision": revision, "_create_user": "somebody"}
        if lost == "after":
            raise Conflict("no answer")

    def delete(self, path):
        self.objects.pop(path, None)

    def list(self, path):
        return [raw for at, raw in self.objects.items() if at.startswith(f"{path}/")]

    def cloud_list(self, path):
        if path == "/infra/mgmt-vms":
            return self.services
        self._cloud_answers()
        return [raw for at, raw in self.cloud.items() if at.startswith(f"{path}/")]

    def cloud_get(self, path):
        self._cloud_answers()
        return self.cloud.get(path)

    def cloud_put(self, path, body):
        lost, self.lose_next_answer = self.lose_next_answer, None
        if lost == "before":
            raise Conflict("no answer")
        self.cloud_puts.append(body)
        self.cloud[path] = dict(body)
        if lost == "after":
            raise Conflict("no answer")

    def cloud_delete(self, path):
        self.cloud.pop(path, None)

    def _cloud_answers(self):
        if self.cloud_silent:
            raise ApiError("The requested URI does not exist.", code="404")

    def unrealized(self, path):
        self.realized_after -= 1
        return None if self.realized_after < 0 else "its status is UNREALIZED"


@pytest.fixture(autouse=True)
def no_run(monkeypatch):
    """No test finds what another one left in the store of a run, or in its look, which an action that is imported begins."""
    monkeypatch.setattr(run_store, "_file", None)
    monkeypatch.setattr(recall, "_file", None)
    recall.belong("")


@pytest.fixture
def masked():
    """What the module that runs would mask, as it comes to be known."""
    module = SimpleNamespace(no_log_values=set(), params={})
    secrets.masked_by(module)
    return module.no_log_values


@pytest.fixture
def nsx():
    return MemoryNsx()


@pytest.fixture
def run_nsx(nsx, monkeypatch, capsys):
    """Run a module of NSX against the memory; gives what it returns."""

    def run(module, *, check_mode=False, **options):
        monkeypatch.setattr(module, "nsx_client", lambda params: nsx)
        with patch_module_args({**options, "_ansible_check_mode": check_mode}), pytest.raises(SystemExit):
            module.main()
        return json.loads(capsys.readouterr().out)

    return run
