# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.vmc.aws_backup.plugins.modules import backup_gateway_update

from ..module_utils.resources.test_software_update import HOUR, Service, run
from .documentation import documented, returned, specified


def test_its_documentation_is_its_specification():
    assert documented(backup_gateway_update) == specified(backup_gateway_update)


def test_its_result_is_as_documented():
    _changed, result = run(Service(due=HOUR))
    told = returned(backup_gateway_update)
    assert set(told) == set(result)
