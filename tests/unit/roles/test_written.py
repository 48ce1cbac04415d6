# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What each role writes in each of its runs, and in which order: every call that is no read, with all its options but those of the connection;
and what it leaves for others.

The files in written/ say it. After a change that is meant, WRITE_DOWN=1 with this test writes them anew, and the difference is to be read.
"""

from __future__ import annotations

import os
import pathlib
import re

import pytest
import yaml
from ansible_collections.vmc.aws_backup.plugins.lookup.options import GROUPS

from . import runs

HERE = pathlib.Path(__file__).parent / "written"
CONNECTION = {
    name for group in ("backup", "endpoint", "vmc", "vsphere") for name in GROUPS[group](lambda name: "given")
}
# An option of these modules that is called as one of the connection.
OF_ITS_OWN = {"backup_hypervisor": {"username", "password"}, "backup_hypervisor_test": {"username", "password"}}
# Rows of a report, and records with the times of this run, which tests of their own are for.
NOT_LOOKED_AT = ("rows", "report", "msg", "drills", "drill_findings")
DRILL = re.compile(r"drill-[0-9a-f]{10}|[0-9.]+ hours old")
pytestmark = pytest.mark.timeout(900)


def shown(call) -> dict:
    hidden = CONNECTION - OF_ITS_OWN.get(call.module, set())
    options = {name: value for name, value in sorted(call.options.items()) if name not in hidden}
    return {call.module: {**options, **({"(throttle)": call.throttle} if call.throttle else {})}}


@pytest.mark.parametrize("role", sorted(runs.RUNS))
def test_what_is_written(ran, role):
    path = HERE / f"{role}.yml"
    if os.environ.get("WRITE_DOWN"):
        found = {run: told(ran(role, run), run) for run in runs.RUNS[role]}
        path.write_text(f"---\n{yaml.dump(found, Dumper=Plain, sort_keys=False, default_flow_style=None, width=150)}")
    expected = yaml.safe_load(path.read_text())
    assert list(expected) == list(runs.RUNS[role])
    for run in expected:
        assert told(ran(role, run), run) == expected[run], run


def told(found, run) -> dict:
    """The calls, and the result that the role leaves, of which the rows of a report are looked at elsewhere."""
    left = {name: value for name, value in found.result.items() if name not in NOT_LOOKED_AT}
    left["changes"] = [change["object"] for change in left.get("changes", [])]
    return {
        "failure": found.failure.replace(run, "this host"),
        "left": _without_name_of(run, left),
        "writes": _without_name_of(
            run, [shown(call) for call in found.calls if not call.reads and not call.check_mode]
        ),
    }


def _without_name_of(run, value):
    if isinstance(value, dict):
        return {key: _without_name_of(run, held) for key, held in value.items()}
    if isinstance(value, list):
        return [_without_name_of(run, held) for held in value]
    return DRILL.sub("drill-0", value.replace(f"{run} ", "this host ")) if isinstance(value, str) else value


class Plain(yaml.SafeDumper):
    """Without the short names that YAML gives to what it has seen before."""

    def ignore_aliases(self, data):
        return True
