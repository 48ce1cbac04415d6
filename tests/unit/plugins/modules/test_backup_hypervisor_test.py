# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.vmc.aws_backup.plugins.module_utils.resources.hypervisor import ConnectionTest
from ansible_collections.vmc.aws_backup.plugins.modules import backup_hypervisor_test

from ..module_utils.resources.aws_api import Api
from .documentation import documented, returned, specified

OPTIONS = {"gateway": "g", "host": "vc.example.com", "username": "backup@example.com", "password": "hush"}
LISTED = {"Gateways": [{"GatewayArn": "arn:1", "GatewayDisplayName": "g"}]}


def test_its_documentation_is_its_specification():
    assert documented(backup_hypervisor_test) == specified(backup_hypervisor_test)


def test_its_result_is_documented_and_holds_no_credentials():
    action = ConnectionTest(Api(list_gateways=LISTED), OPTIONS)
    result = action.view(action.done(action.start(), 0))
    assert set(returned(backup_hypervisor_test)) == set(result) == {"gateway", "host"}
