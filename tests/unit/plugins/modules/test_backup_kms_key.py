# Copyright (c) 2026 the vmc.aws_backup contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.vmc.aws_backup.plugins.module_utils.engine.reconcile import reconcile
from ansible_collections.vmc.aws_backup.plugins.module_utils.errors import Invalid
from ansible_collections.vmc.aws_backup.plugins.module_utils.resources.kms_key import view
from ansible_collections.vmc.aws_backup.plugins.modules import backup_kms_key

from ..module_utils.resources.test_kms_key import RAW, MemoryKms, key
from .documentation import documented, returned, specified


def test_its_documentation_is_its_specification():
    documentation = documented(backup_kms_key)
    assert documentation == specified(backup_kms_key)


def test_its_result_is_documented():
    assert set(returned(backup_kms_key)["kms_key"]["contains"]) == set(view(RAW))


@pytest.mark.parametrize(
    ("option", "given"),
    [
        ("alias", {"alias": ""}),
        ("alias", {"alias": "alias/"}),
        ("alias", {"alias": "a b"}),
        ("alias", {"alias": "a:b"}),
        ("alias", {"alias": "alias/aws/backup"}),
        ("alias", {"alias": "a" * 251}),
        ("policy", {"policy": {}}),
        ("rotation_period_in_days", {"enable_key_rotation": True, "rotation_period_in_days": 89}),
        ("rotation_period_in_days", {"enable_key_rotation": True, "rotation_period_in_days": 2561}),
        ("rotation_period_in_days", {"enable_key_rotation": False, "rotation_period_in_days": 90}),
        ("rotation_period_in_days", {"rotation_period_in_days": 90}),
        ("pending_window_in_days", {"state": "absent"}),
        ("pending_window_in_days", {"state": "absent", "pending_window_in_days": 6}),
        ("pending_window_in_days", {"state": "absent", "pending_window_in_days": 31}),
    ],
)
def test_what_cannot_be_right_is_refused_by_name(option, given):
    kms = MemoryKms()
    with pytest.raises(Invalid) as caught:
        reconcile(key(kms, **given), state=given.get("state", "present"))
    assert caught.value.option == option
    assert kms.writes == []


def test_the_rotation_of_a_disabled_key_is_refused():
    kms = MemoryKms()
    kms.ours("k1", state="Disabled")
    with pytest.raises(Invalid) as caught:
        reconcile(key(kms, enabled=False, enable_key_rotation=True))
    assert caught.value.option == "enabled"
