# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The shipped policies, and what the playbooks were seen to call with them: integration/permissions.yml, spelt out."""

from __future__ import annotations

import json
import pathlib

import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent
FILES = sorted((ROOT / "docs" / "policies").glob("*.json"))
WRITTEN = yaml.safe_load((ROOT / "tests" / "integration" / "permissions.yml").read_text())


def actions(services: dict) -> list[str]:
    """service -> names, as actions."""
    return sorted(f"{service}:{name}" for service, names in services.items() for name in names.split())


POLICIES = {path.stem: json.loads(path.read_text()) for path in FILES}
RUNS = [
    {**run, "operations": actions(run["operations"]), "vcenter": run.get("vcenter", "").split()}
    for run in WRITTEN["runs"]
]
SELDOM_CALLED = {name: actions(services) for name, services in WRITTEN["seldom_called"].items()}
LOOKS = actions(WRITTEN["looks"])
SELDOM = WRITTEN["seldom"].split()
OPERATORS = {
    name: [{**row, "actions": actions(row["actions"])} for row in rows] for name, rows in WRITTEN["operators"].items()
}
