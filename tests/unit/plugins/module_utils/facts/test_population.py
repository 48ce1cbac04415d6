# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.facts.population import joined

FOLDER = "/dc/vm/a"


def seen(*names, path=FOLDER):
    return [{"name": name, "path": path} for name in names]


def listed(*names, path=FOLDER):
    return [{"ResourceArn": f"arn:{number}", "Name": name, "Path": path} for number, name in enumerate(names)]


def said(machines, rows) -> tuple:
    """Of each machine its row, or * where it is unclear; and what is left."""
    found, left = joined(machines, rows)
    told = ["*" if one.unclear else (one.listed or {}).get("ResourceArn", "") for one in found]
    return told, [row["ResourceArn"] for row in left]


@pytest.mark.parametrize(
    ("machines", "rows", "told", "left"),
    [
        (seen("web"), listed("web"), ["arn:0"], []),
        (seen("web"), [], [""], []),
        ([], listed("web"), [], ["arn:0"]),
        (seen("new"), listed("old"), [""], ["arn:0"]),
        (seen("web"), listed("web", path="/dc/vm/b"), [""], ["arn:0"]),
        (seen("web"), listed("web", path=f"{FOLDER}/"), ["arn:0"], []),
        # Path may end in the name of the machine.
        (seen("web"), listed("web", path=f"{FOLDER}/web"), ["arn:0"], []),
        (seen("a", path="/dc/vm"), listed("a", path=FOLDER), ["arn:0"], []),
        # Two of one folder and name, here or there.
        (seen("web", "web"), listed("web"), ["*", "*"], []),
        (seen("web"), listed("web", "web"), ["*"], []),
        (seen("web") + seen("web", path="/dc/vm/b"), listed("web"), ["arn:0", ""], []),
        # A machine in a vApp has no folder.
        (seen("web", path=""), listed("web", path=""), ["*"], []),
        # Names that AWS Backup keeps, as one of them shows.
        (seen("db.1", "db-1"), listed("db.1", "db-1"), ["arn:0", "arn:1"], []),
        (seen("db.1", "db-1"), listed("db.1"), ["arn:0", ""], []),
        # Names that it may have changed: by a sign for another, or without it.
        (seen("db.1"), listed("db-1"), ["arn:0"], []),
        (seen("db.1"), listed("db1"), ["arn:0"], []),
        (seen("db.1", "db-1"), listed("db-1", "db-1"), ["*", "*"], []),
        (seen("db.1", "db-1"), listed("db-1"), ["*", "*"], []),
        (seen("db-1", "d-b1"), listed("db-1", "d-b1"), ["arn:0", "arn:1"], []),
        (seen("db-1", "d-b1"), listed("db-1"), ["arn:0", ""], []),
    ],
)
def test_which_row_is_which_machine(machines, rows, told, left):
    assert said(machines, rows) == (told, left)


def test_why_it_is_unclear_names_what_it_may_be():
    found, _left = joined(seen("db.1", "db-1"), listed("db-1"))
    assert "db-1, db.1" in found[0].unclear
    found, _left = joined(seen("web"), listed("web", "web"))
    assert "arn:0, arn:1" in found[0].unclear
    assert found[0].name == "/dc/vm/a/web"
