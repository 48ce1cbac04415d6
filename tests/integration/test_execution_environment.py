# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The execution environment: what ansible-builder makes of its definition, and that site.yml runs on nothing but what it installs."""

from __future__ import annotations

import json
import os
import pathlib
import re
import subprocess
import sys

import ansible_collections.amazon.aws
import pytest
import yaml
from rehearsal import ROOT
from sanity import copy_collection

pytestmark = [pytest.mark.proof, pytest.mark.xdist_group("execution environment")]

BUILDER = ROOT / ".build" / "awx-tools" / "bin" / "ansible-builder"  # made by make proof
AMAZON = pathlib.Path(next(iter(ansible_collections.amazon.aws.__path__))).parent


def ran(command, **options) -> str:
    done = subprocess.run(
        [str(part) for part in command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        **options,
    )
    assert done.returncode == 0, done.stdout[-4000:]
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The collection as it is shipped, and the context that ansible-builder makes beside it."""
    assert BUILDER.exists(), f"{BUILDER} is missing: make proof brings it."
    collection = copy_collection(tmp_path_factory.mktemp("build"))
    galaxy = pathlib.Path(sys.executable).parent / "ansible-galaxy"
    ran([galaxy, "collection", "build", "--output-path", "dist", "--force"], cwd=collection)
    ran([BUILDER, "create", "--output-filename", "Containerfile"], cwd=collection)
    return collection


@pytest.fixture(scope="module")
def installed(built, tmp_path_factory):
    """A folder of collections as the image has it: this one out of its archive, and the one that it rests on."""
    folder = tmp_path_factory.mktemp("collections")
    galaxy = pathlib.Path(sys.executable).parent / "ansible-galaxy"
    (archive,) = (built / "context" / "_build" / "collection").glob("*.tar.gz")
    ran([galaxy, "collection", "install", "--offline", "--no-deps", archive, "-p", folder], cwd=folder)
    (folder / "ansible_collections" / "amazon").symlink_to(AMAZON)
    return folder


def test_the_context_has_all_that_the_image_is_made_of(built):
    kept = built / "context" / "_build"
    assert (kept / "requirements.txt").read_text() == (ROOT / "requirements.txt").read_text()
    assert (kept / "bindep.txt").read_text() == (ROOT / "bindep.txt").read_text()
    asked = yaml.safe_load((kept / "requirements.yml").read_text())
    needs = yaml.safe_load((ROOT / "galaxy.yml").read_text())["dependencies"]
    assert {one["name"]: one["version"] for one in asked["collections"]} == needs
    steps = (built / "context" / "Containerfile").read_text()
    installs = re.findall(r"^RUN .*ansible-galaxy collection install (.*)$", steps, re.MULTILINE)
    assert [re.search(r"-r requirements.yml|vmc-aws_backup-\*.tar.gz", line)[0] for line in installs] == [
        "-r requirements.yml",
        "vmc-aws_backup-*.tar.gz",
    ]
    assert {line.split()[-1].strip('"') for line in installs} == {"/usr/share/ansible/collections"}
    assert steps.index(installs[-1]) < steps.index("FROM base AS builder")  # which installs what it finds there


def test_what_the_collection_says_of_itself_needs_no_package_that_only_the_lab_does(installed):
    found = yaml.safe_load(ran([BUILDER, "introspect", installed]).split("\n", 1)[1])
    ours = {kind: [line.partition("  # ")[0] for line in found[kind] if "vmc.aws_backup" in line] for kind in found}
    assert ours["python"] == (ROOT / "requirements.txt").read_text().split()
    assert all("lab" in line or "ssh" in line for line in ours["system"])


def test_site_yml_runs_on_exactly_what_the_image_has(installed, lab, tmp_path):
    wanted = yaml.safe_load((ROOT / "execution-environment.yml").read_text())["dependencies"]
    found = yaml.safe_load(ran([BUILDER, "introspect", installed]).split("\n", 1)[1])
    python = [line.partition("  # ")[0] for line in found["python"]]
    core, runner = wanted["ansible_core"]["package_pip"], wanted["ansible_runner"]["package_pip"]
    ran([sys.executable, "-m", "venv", tmp_path / "venv"])
    ran([tmp_path / "venv" / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check", core, runner, *python])
    private = tmp_path / "runner"
    (private / "env").mkdir(parents=True)
    (private / "project").mkdir()
    (private / "env" / "settings").write_text(json.dumps({"job_timeout": 600}))
    environment = {
        "PATH": f"{tmp_path / 'venv' / 'bin'}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "LANG": "C.UTF-8",
        "ANSIBLE_COLLECTIONS_PATH": str(installed),
    }
    command = ["ansible-runner", "run", private, "-p", "vmc.aws_backup.site", "--inventory", lab.inventory]
    lab.reset(seed="empty")
    output = ran(command, env=environment, cwd=tmp_path)
    assert "changed=0" not in output
    hypervisors = lab.aws("backup-gateway").list_hypervisors()["Hypervisors"]
    assert [hypervisor["State"] for hypervisor in hypervisors] == ["ONLINE"]
