# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A playbook that would do nothing says so and fails."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).parents[3]
GUARD = ROOT / "playbooks" / "guard.yml"
INVENTORY = """\
all:
  children:
    vmc_sddcs: {hosts: {one: {}, two: {}}, vars: {ansible_connection: local}}
    unconnected: {hosts: {three: {}}}
    empty: {}
"""
NO_HOST = "matches no host of this run, so that nothing would be done"


@pytest.fixture
def guarded(tmp_path):
    """The guard before a play of the same hosts: how it ends, and what it says."""
    inventory = tmp_path / "hosts.yml"
    inventory.write_text(INVENTORY)
    play = tmp_path / "play.yml"
    play.write_text(
        f"""\
- ansible.builtin.import_playbook: {GUARD}
- hosts: "{{{{ vmc_backup_hosts | default('vmc_sddcs', true) }}}}"
  gather_facts: false
  tasks:
    - ansible.builtin.debug: {{msg: "done for {{{{ inventory_hostname }}}}"}}
      tags: endpoint
"""
    )

    def run(*arguments, inventory=inventory):
        command = [pathlib.Path(sys.executable).with_name("ansible-playbook"), play, "-i", inventory, *arguments]
        environment = {**os.environ, "ANSIBLE_STDOUT_CALLBACK": "minimal", "COLUMNS": "500", "ANSIBLE_NOCOLOR": "1"}
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120, check=False
        )
        return done.returncode, done.stdout + done.stderr

    return run


@pytest.mark.parametrize(
    ("arguments", "hosts"),
    [
        ([], ["one", "two"]),
        (["-e", "vmc_backup_hosts="], ["one", "two"]),
        (["-e", '{"vmc_backup_hosts": null}', "--tags", "endpoint"], ["one", "two"]),
        (["--limit", "two"], ["two"]),
        (["-e", "vmc_backup_hosts=vmc_sddcs:!one"], ["two"]),
    ],
)
def test_where_a_host_is_meant_the_play_goes_on(guarded, arguments, hosts):
    code, told = guarded(*arguments)
    assert code == 0, told
    assert [host for host in ("one", "two", "three") if f"done for {host}" in told] == hosts
    assert NO_HOST not in told and "no ansible_connection" not in told


@pytest.mark.parametrize(
    "arguments",
    [
        ["-e", "vmc_backup_hosts=vmc_sdcs"],
        ["-e", "vmc_backup_hosts=empty", "--tags", "endpoint"],
        ["--limit", "three"],
        ["--limit", "localhost,three"],
    ],
)
def test_where_no_host_is_meant_it_fails_and_says_so(guarded, arguments):
    code, told = guarded(*arguments)
    assert code != 0
    assert NO_HOST in told and "done for" not in told


def test_an_empty_inventory_fails_too(guarded, tmp_path):
    (tmp_path / "none.yml").write_text("all: {}\n")
    code, told = guarded(inventory=tmp_path / "none.yml")
    assert code != 0 and NO_HOST in told


def test_a_group_whose_connection_nobody_set_is_told_so(guarded):
    code, told = guarded("-e", "vmc_backup_hosts=unconnected")
    assert code == 0 and "three: no ansible_connection is set." in told
