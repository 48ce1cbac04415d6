# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import types

from ansible_collections.vmc.aws_backup.plugins.module_utils.resources import recovery_point
from ansible_collections.vmc.aws_backup.plugins.modules import backup_recovery_point_info

from ..module_utils.resources.aws_api import Api, params
from .documentation import documented, returned, specified


def test_its_documentation_is_its_specification():
    assert documented(backup_recovery_point_info) == specified(backup_recovery_point_info)


def test_its_result_is_documented():
    assert set(returned(backup_recovery_point_info)["recovery_points"]["contains"]) == set(
        recovery_point.view({"RecoveryPointArn": "1"})
    )


def test_what_is_asked_for_is_listed(monkeypatch):
    client = Api(list_recovery_points_by_resource={"RecoveryPoints": [{"RecoveryPointArn": "p"}]})
    monkeypatch.setattr(backup_recovery_point_info, "Aws", lambda module, service: client)
    module = types.SimpleNamespace(params=params(backup_recovery_point_info, resource_arn="vm"))
    assert [each["recovery_point_arn"] for each in backup_recovery_point_info.fetch(module)] == ["p"]
