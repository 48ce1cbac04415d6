# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils import findings as verdicts


@pytest.mark.parametrize("name", ["ok", "broken", "unknown", "skipped", "costly"])
def test_each_verdict_has_the_same_keys(name):
    rest = ["do this"] if name in ("broken", "costly") else []
    found = getattr(verdicts, name)("seen", *rest)
    assert found == {"verdict": name, "evidence": "seen", "change": "".join(rest)}


def test_what_was_not_told_reads_as_its_reason():
    assert f"why: {verdicts.Untold('403')}" == "why: 403"
