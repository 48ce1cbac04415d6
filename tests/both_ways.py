# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The same play with its modules in the process of Ansible, and with a Python for each: what do their tasks return?"""

from __future__ import annotations

import json
import pathlib
import re

import pytest
from rehearsal import ROOT, Lab

WAYS = ("auto", "never")
# What differs from run to run, however it is run.
TIMES = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?")
MAC = re.compile(r"\b[0-9a-f]{2}(:[0-9a-f]{2}){5}\b")
TEMPORARY = re.compile(r"[^\s'\"]*/(ansible|tmp)[-/.]?[^\s'\"]*tmp[^\s'\"]*|/[^\s'\"]*\.ansible/tmp/[^\s'\"]*")
VOLATILE = (
    "exception",
    "start",
    "end",
    "delta",
    "elapsed",
    "duration",
    "at",
    "date",
    "ansible_job_id",
    "results_file",
    "pid",
)
# Told where a file is imported first, which in the process of Ansible is once for all tasks: amazon.aws 10 with core 2.20.
AT_IMPORT = "Importing "
WORD = re.compile(r"[A-Za-z0-9_-]+")


def recorded(lab: Lab, way: str, file: pathlib.Path, playbook, *arguments, **extra) -> list[dict]:
    """What each task of a play returned that goes this way."""
    more = {
        "ANSIBLE_CALLBACK_PLUGINS": str(ROOT / "tests" / "callbacks"),
        "ANSIBLE_CALLBACKS_ENABLED": "recorded",
        "RECORDED_TO": str(file),
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in more.items():
            patch.setenv(name, value)
        run = lab.play(playbook, *arguments, vmc_backup_in_process=way, **extra)
    assert run.returncode == 0, run.output
    return read(file)


def read(file: pathlib.Path) -> list[dict]:
    """What the modules of this collection returned."""
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    return [_without_imports(line) for line in lines if line["action"].startswith("vmc.")]


def _without_imports(line: dict) -> dict:
    result = dict(line["result"])
    kept = [told for told in result.pop("deprecations", []) if not told["msg"].startswith(AT_IMPORT)]
    return {**line, "result": {**result, **({"deprecations": kept} if kept else {})}}


class Twins:
    """Two runs are alike where what differs in them differs everywhere in the same way, as the ids that a world gives out."""

    def __init__(self):
        self._twins: dict = {}
        self._of: dict = {}
        self.differences: list[str] = []

    def compare(self, one, other, path=""):
        if type(one) is not type(other):
            self._note(path, one, other)
        elif isinstance(one, dict):
            self._compare_dicts(one, other, path)
        elif isinstance(one, list):
            if len(one) != len(other):
                return self._note(path, one, other)
            for number, (mine, yours) in enumerate(zip(one, other)):
                self.compare(mine, yours, f"{path}[{number}]")
        elif isinstance(one, str):
            if not self._alike(one, other):
                self._note(path, one, other)
        elif one != other:
            self._note(path, one, other)

    def _compare_dicts(self, one, other, path):
        for key in sorted({*one, *other}):
            twin = key if key in other else self._twins.get(key, key)
            if (key not in one or twin not in other) and key not in self._of:
                self._note(f"{path}.{key}", one.get(key, "(missing)"), other.get(key, "(missing)"))
            elif key in one and key not in VOLATILE:
                self.compare(one[key], other[twin], f"{path}.{key}")

    def _alike(self, one, other) -> bool:
        if one == other:
            return True
        one, other = (_plain(text) for text in (one, other))
        mine, yours = WORD.findall(one), WORD.findall(other)
        if WORD.sub("", one) != WORD.sub("", other) or len(mine) != len(yours):
            return False
        return all(
            self._twins.setdefault(a, b) == b and self._of.setdefault(b, a) == a
            for a, b in zip(mine, yours)
            if a != b and _is_an_id(a, b)
        ) and all(a == b or _is_an_id(a, b) for a, b in zip(mine, yours))

    def _note(self, path, one, other):
        self.differences.append(f"{path}: {json.dumps(one)[:600]}\n{' ' * len(path)}  {json.dumps(other)[:600]}")


def _plain(text: str) -> str:
    for kind in (TIMES, MAC, TEMPORARY):
        text = kind.sub("(each its own)", text)
    return text


def _is_an_id(one: str, other: str) -> bool:
    """Whether two words may be ids of one kind: as long, and no word of a language."""
    return len(one) == len(other) > 7 and bool(re.search(r"\d", one + other))


def differences(one: list[dict], other: list[dict]) -> list[str]:
    twins = Twins()
    for mine, yours in zip(one, other):
        twins.compare(mine, yours, f"{mine['task']} ({mine['event']})")
    if len(one) != len(other):
        twins.differences.append(f"{len(one)} and {len(other)} results")
    return twins.differences
