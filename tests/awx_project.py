# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What AWX makes of a project: the playbooks that it offers, and the templates that configure.yml wants."""

from __future__ import annotations

import os
import pathlib
import re

import yaml
from rehearsal import ROOT

OFFERED = re.compile(r"\s*-?\s*(hosts|(ansible\.builtin\.)?include|(ansible\.builtin\.)?import_playbook):")
NEVER = {"roles", "tasks", "group_vars", "host_vars"}
PROJECT = ROOT / "examples" / "awx_project"
CONFIGURE = ROOT / "playbooks" / "awx"
# Playbooks that templates name and that are not there yet; offer_correction reads what drift leaves.
NOT_YET: set = set()
VERSIONED = {".git", ".build", ".collections", ".lab"}


class Loader(yaml.SafeLoader):
    """Of files in which something is unsafe."""


Loader.add_constructor("!unsafe", lambda loader, node: loader.construct_scalar(node))


def offered(project: pathlib.Path) -> list[str]:
    """The playbooks of a project as AWX 24 lists them: no link is followed, no folder with a dot or of a role is looked into."""
    found = []
    for folder, folders, files in os.walk(project):
        folders[:] = [name for name in folders if not name.startswith(".") and name not in NEVER]
        for name in files:
            path = pathlib.Path(folder, name)
            if path.suffix in (".yml", ".yaml") and looks_like_a_playbook(path):
                found.append(str(path.relative_to(project)))
    return sorted(found)


def looks_like_a_playbook(path: pathlib.Path) -> bool:
    lines = path.read_text(errors="ignore").splitlines()
    return any(OFFERED.match(line) for line in lines) or lines[:1] == ["$ANSIBLE_VAULT;"]


def wanted() -> dict:
    """What configure.yml wants, as it stands in its files."""
    files = (CONFIGURE / name for name in ("wanted.yml", "surveys.yml"))
    return {name: value for path in files for name, value in yaml.load(path.read_text(), Loader).items()}


def templates() -> list[dict]:
    return wanted()["__configure_templates"]


def thin(playbook: str) -> str:
    """The playbook of the example project that imports one of the collection."""
    name = yaml.safe_load((ROOT / "playbooks" / f"{playbook}.yml").read_text())[1]["name"]
    return f"---\n- name: {name}\n  ansible.builtin.import_playbook: vmc.aws_backup.{playbook}\n"
