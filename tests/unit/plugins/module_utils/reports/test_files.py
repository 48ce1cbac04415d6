# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import datetime
import hashlib
import json

from ansible_collections.vmc.aws_backup.plugins.module_utils.reports.files import files
from ansible_collections.vmc.aws_backup.plugins.module_utils.reports.report import report

NOW = datetime.datetime(2026, 11, 28, 12, tzinfo=datetime.timezone.utc)
TOLD = report("日本 ", {"a": {"findings": [{"kind": "k", "name": "\u05d0", "path": "p", "actual": "é"}]}}, now=NOW)


def test_each_form_is_a_file_and_the_last_has_their_sums():
    made = files(TOLD, "it", ["text", "json", "junit", "json"])
    assert list(made) == ["it.txt", "it.json", "it.xml", "it.sha256"]
    sums = dict(line.split("  ")[::-1] for line in made["it.sha256"][1].decode().splitlines())
    assert sums == {name: hashlib.sha256(made[name][1]).hexdigest() for name in ("it.json", "it.txt", "it.xml")}


def test_what_is_read_by_machines_is_what_is_told():
    assert json.loads(files(TOLD, "it", ["json"])["it.json"][1]) == TOLD


def test_without_a_form_there_is_no_file():
    assert files(TOLD, "it", []) == {}
