# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import datetime
import json

from ansible_collections.vmc.aws_backup.plugins.module_utils.reports.accepted import accepted
from ansible_collections.vmc.aws_backup.plugins.module_utils.reports.markdown import escaped, markdown
from ansible_collections.vmc.aws_backup.plugins.module_utils.reports.report import report
from ansible_collections.vmc.aws_backup.plugins.module_utils.reports.trend import parsed

NOW = datetime.datetime(2026, 11, 28, 12, tzinfo=datetime.timezone.utc)
FIELD = {"kind": "mgw_rule", "name": "one", "path": "enabled", "desired": True, "actual": False, "effect": "in_place"}
ACCEPT = [{"id": "mine", "host": "a", "reason": "R", "approver": "P", "expiry": "2026-12-01"}]


def told(now=NOW, **hosts):
    return report("Drift", hosts, accept=accepted(ACCEPT), now=now)


def test_it_is_the_sum_of_all_then_of_each_then_what_differs():
    mine = {"id": "mine", "name": "Key", "verdict": "broken", "severity": "critical", "evidence": "E."}
    lines = markdown(
        told(a={"findings": [{**FIELD, "mended_by": "firewall"}, mine]}, b={"incomplete": "It broke off."})
    ).splitlines()
    assert lines[0] == "# Drift"
    assert lines[2] == "**1 of 2 incomplete, 1 warning, 1 accepted**, 2026-11-28T12:00:00Z"
    assert lines[4:8] == [
        "| host | critical | warning | info | accepted | in order | looked at |",
        "|---|---|---|---|---|---|---|",
        "| b | 0 | 0 | 0 | 0 | 0 | **INCOMPLETE**: It broke off\\. |",
        "| a | 0 | 1 | 0 | 1 | 0 | wholly |",
    ]
    assert lines[9:13] == [
        "## a",
        "",
        "* **warning** mgw\\_rule one\\.enabled: false \\-&gt; true Mended by `firewall`.",
        "* **critical** Key: E\\. *Accepted by P until 2026\\-12\\-01: R*",
    ]


def test_what_somebody_else_says_is_shown_as_it_is():
    assert escaped("<b>|a`*_[x](y)\n# z") == "&lt;b&gt;\\|a\\`\\*\\_\\[x\\]\\(y\\) \\# z"


def test_it_says_what_came_and_what_went():
    before = parsed("earlier[0]", json.dumps(told(NOW - datetime.timedelta(days=1), a={"findings": [FIELD]})))
    now = told(a={"findings": [{**FIELD, "name": "two"}]})
    lines = markdown(now, [before]).splitlines()
    assert "## Since 2026-11-27T12:00:00Z" in lines
    assert "* new: a: mgw\\_rule two\\.enabled: false \\-&gt; true" in lines
    assert "* gone: a: mgw\\_rule one\\.enabled: false \\-&gt; true" in lines
    assert "Nothing came, and nothing went." in markdown(told(a={"findings": [FIELD]}), [before])
