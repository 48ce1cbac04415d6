# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.vmc.aws_backup.plugins.module_utils.checks.readiness import CHECKS
from ansible_collections.vmc.aws_backup.plugins.module_utils.engine.findings import finding, ok
from ansible_collections.vmc.aws_backup.plugins.modules import backup_readiness_info

from .documentation import documented, returned, specified


def test_its_documentation_is_its_specification():
    assert documented(backup_readiness_info) == specified(backup_readiness_info)


def test_a_finding_is_documented():
    assert set(returned(backup_readiness_info)["findings"]["contains"]) == set(finding("readiness", CHECKS[0], ok("-")))
